//! `kustom edit fix`

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use kustom::edit::Edit;
use kustom::{Build, Builder, DiskFs, LoadRestriction};

use super::overlay::OverlayFs;
use super::{Switch, plain};
use crate::report::ErrorFormat;
use crate::write;

/// The arguments of `edit fix`.
#[derive(Debug, Args)]
pub(super) struct FixArgs {
    /// Also turn vars into replacements; changes the files of resources, and only if the build says the
    /// same afterwards
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "false", hide_default_value = true)]
    vars: Switch,

    /// Upstream ignores other arguments
    #[arg(hide = true)]
    ignored: Vec<String>,
}

/// Replaces deprecated fields.
pub(super) fn run(args: &FixArgs, format: ErrorFormat) -> ExitCode {
    match fix(args.vars.0) {
        Ok(fix) => fix.write(format),
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
    fn write(self, format: ErrorFormat) -> ExitCode {
        let file = plain(self.edit.file());
        if self.text.is_none() && self.others.is_empty() {
            return format.print(&format!("{file}: nothing to fix\n"));
        }
        // Whether charts and functions would be allowed is not known here, so a build that fails before
        // proves nothing either way.
        let before = build(OverlayFs::default());
        let after = build(self.overlay());
        let warning = match (before, after) {
            (Ok(before), Ok(after)) if before.as_yaml() == after.as_yaml() => None,
            (Ok(_), Ok(_)) => {
                let text = "the fixed kustomization builds something else than before";
                Some(format!("{text}; `kustom diff HEAD` shows what"))
            }
            (Ok(_), Err(error)) => {
                Some(format!("the fixed kustomization cannot be built: {error}"))
            }
            (Err(_), _) => None,
        };
        if let (Some(warning), true) = (&warning, self.vars) {
            return format.fail(&format!("{warning}\nnothing was written"));
        }
        for (path, text) in &self.others {
            if let Err(message) = write::edited(path, text) {
                return format.fail(&message);
            }
        }
        if let Some(text) = &self.text
            && let Err(message) = write::edited(self.edit.file(), text)
        {
            return format.fail(&message);
        }
        if let Some(warning) = warning {
            format.note("fix-changed-build", &format!("Warning: {warning}"));
        }
        let mut said = format!("{file}:");
        match self.done.as_slice() {
            [] => said.push_str(" added apiVersion and kind"),
            done => said.extend(done.iter().map(|line| format!("\n  {line}"))),
        }
        format.print(&format!("{said}\n"))
    }

    fn overlay(&self) -> OverlayFs {
        let mut files = OverlayFs::default();
        if let Some(text) = &self.text {
            files.insert(self.edit.file(), text.as_str());
        }
        for (path, text) in &self.others {
            files.insert(path, text.as_str());
        }
        files
    }
}

fn build(files: OverlayFs) -> kustom::Result<Build> {
    Builder::new().file_system(files).load_restriction(LoadRestriction::None).build(".")
}
