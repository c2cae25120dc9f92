//! `kustom edit fix`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use kustom::edit::Edit;
use kustom::{Builder, DiskFs, Error, ErrorKind, LoadRestriction};

use super::same_builds::{Proof, prove};
use super::{Switch, plain, why_not};
use crate::exclude::Excluded;
use crate::outside::OutsideArgs;
use crate::overlay::OverlayFs;
use crate::report::ErrorFormat;
use crate::{turn, write};

/// The arguments of `edit fix`.
#[derive(Debug, Args)]
pub(super) struct FixArgs {
    /// Also turn vars into replacements; changes the files of resources, and only if all kustomizations of
    /// the repository that use them build the same afterwards
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "false", hide_default_value = true)]
    vars: Switch,

    /// Turn vars into replacements also if other kustomizations of the repository build something else afterwards; they
    /// are named
    #[arg(long)]
    force: bool,

    /// Upstream ignores other arguments
    #[arg(hide = true)]
    ignored: Vec<String>,

    #[command(flatten)]
    outside: OutsideArgs,
}

/// Replaces deprecated fields.
pub(super) fn run(args: &FixArgs, excluded: &Excluded, format: ErrorFormat) -> ExitCode {
    args.outside.bounds.start(1, format);
    let builder = Builder::new().load_restriction(LoadRestriction::None);
    let builder = match args.outside.apply(builder) {
        Ok(builder) => builder,
        Err(message) => return format.misused(&message),
    };
    if let Some(message) = why_not(Path::new(".")) {
        return format.refused(&message);
    }
    let _turn = turn::take([Path::new(".")].into_iter(), format);
    match fix(args.vars.0) {
        Ok(fix) => fix.write(args.force, &builder, excluded, format),
        Err(error) => format.error(&error),
    }
}

/// What is to be written.
struct Fix {
    edit: Edit,
    text: Option<String>,
    /// The files that change besides.
    others: BTreeMap<PathBuf, String>,
    done: Vec<String>,
    vars: bool,
}

fn fix(vars: bool) -> kustom::Result<Fix> {
    let mut edit = Edit::open(DiskFs, ".")?;
    let has_vars = edit.has_field("vars");
    let mut done: Vec<String> =
        edit.fix()?.iter().map(|fixed| format!("{} -> {}", fixed.old, fixed.new)).collect();
    let mut others = BTreeMap::new();
    if vars && has_vars {
        others = edit.fix_vars()?;
        done.push("vars -> replacements".to_owned());
    }
    let rewritten = edit.finish()?;
    let text = (!rewritten.is_unchanged()).then_some(rewritten.text);
    Ok(Fix { edit, text, others, done, vars: vars && has_vars })
}

impl Fix {
    fn write(
        self,
        force: bool,
        builder: &Builder,
        excluded: &Excluded,
        format: ErrorFormat,
    ) -> ExitCode {
        let file = plain(self.edit.file());
        if self.text.is_none() && self.others.is_empty() {
            return format.print(&format!("{file}: nothing to fix\n"));
        }
        let changed: Vec<PathBuf> = self
            .others
            .keys()
            .map(PathBuf::as_path)
            .chain([self.edit.file()])
            .map(crate::paths::physical)
            .collect();
        // Other fields come to the same for whoever uses the kustomization, if they do for itself.
        let excluded = self.vars.then_some(excluded);
        let proof = prove(&changed, self.overlay(builder), builder, excluded);
        let warning = warning(&proof);
        // Files of others are not changed on trust. What is wrong in another kustomization is not for this one to mend,
        // but what a switch would show is to be seen.
        let is_needed =
            |(root, error): &&(String, Error)| root == "." || error.kind() == ErrorKind::External;
        if self.vars
            && let Some((_, error)) = proof.unproven.iter().find(is_needed)
        {
            format.error(error);
            return format.fail(
                "vars become replacements only if the kustomization and what uses it can be built, which proves that \
                 the builds stay the same: give what is lacking\nnothing was written",
            );
        }
        let is_of_others = proof.fail.is_empty() && !proof.differ.iter().any(|root| root == ".");
        if let (Some(warning), true) = (&warning, self.vars && !(force && is_of_others)) {
            let hint = if is_of_others { "; --force writes all the same" } else { "" };
            return format.fail(&format!("{warning}\nnothing was written{hint}"));
        }
        // The kustomization comes first: its replacements take `$(NAME)` for what it is, as they take what stands there
        // afterwards, so that what builds in between says the same.
        let own = self.text.as_deref().map(|text| (self.edit.file(), text));
        let others = self.others.iter().map(|(path, text)| (path.as_path(), text.as_str()));
        if let Err(message) = write::edited_in_order(own.into_iter().chain(others)) {
            return format.fail(&message);
        }
        for note in self.edit.notes() {
            format.note("note", &format!("{file}: {note}"));
        }
        if let Some(warning) = warning {
            format.note("fix-changed-build", &format!("Warning: {warning}"));
        }
        for doubt in self.vars.then(|| doubts(&proof)).into_iter().flatten() {
            format.note("fix-not-proven", &format!("Warning: {doubt}"));
        }
        let mut said = format!("{file}:");
        match self.done.as_slice() {
            [] => said.push_str(" added apiVersion and kind"),
            done => said.extend(done.iter().map(|line| format!("\n  {line}"))),
        }
        format.print(&format!("{said}\n"))
    }

    fn overlay(&self, builder: &Builder) -> OverlayFs {
        let mut files = OverlayFs::over(builder);
        if let Some(text) = &self.text {
            files.insert(self.edit.file(), text.as_str());
        }
        for (path, text) in &self.others {
            files.insert(path, text.as_str());
        }
        files
    }
}

/// Says what the change would do to builds.
fn warning(proof: &Proof) -> Option<String> {
    if let Some((root, error)) = proof.fail.first() {
        return Some(match root.as_str() {
            "." => format!("the fixed kustomization cannot be built: {error}"),
            root => format!("{root}, which uses it, could not be built any more: {error}"),
        });
    }
    let others: Vec<&str> =
        proof.differ.iter().map(String::as_str).filter(|root| *root != ".").collect();
    match (proof.differ.is_empty(), others.as_slice()) {
        (true, _) => None,
        (false, []) => Some(
            "the fixed kustomization builds something else than before; `kustom diff HEAD` shows what"
                .to_owned(),
        ),
        (false, others) => {
            let is_part = |root: &&&str| proof.parts.contains(**root);
            let (parts, users): (Vec<&str>, Vec<&str>) = others.iter().partition(|it| is_part(it));
            let said = |what: &str, all: &[&str]| {
                let all = Some(all.join(", ")).filter(|all| !all.is_empty())?;
                Some(format!("{what} would build something else: {all}"))
            };
            let users = said("what uses the fixed kustomization, or parts of it,", &users);
            let parts = said("what is used by the fixed kustomization", &parts);
            Some(users.into_iter().chain(parts).collect::<Vec<_>>().join("; "))
        }
    }
}

/// Says what is not known of builds.
fn doubts(proof: &Proof) -> Vec<String> {
    let mut doubts = Vec::new();
    if !proof.unfilled.is_empty() {
        let all = proof.unfilled.join(", ");
        doubts.push(format!(
            "these show NAME_PLACEHOLDER instead of $(NAME) if they are built alone, where nothing fills that in: {all}"
        ));
    }
    if !proof.unproven.is_empty() {
        let all: Vec<&str> = proof.unproven.iter().map(|(root, _)| root.as_str()).collect();
        let all = all.join(", ");
        doubts.push(format!(
            "these cannot be built, so that they stay the same is not proven: {all}"
        ));
    }
    if !proof.is_whole {
        let text = "there is no git repository here, so that nothing outside of this directory uses it is not known";
        doubts.push(text.to_owned());
    }
    doubts
}
