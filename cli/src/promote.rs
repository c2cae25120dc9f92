//! `kustom promote`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kustom::DiskFs;
use kustom::edit::{Edit, ImageArg, KeptImage, nearest_name};
use serde_json::{Value, json};

use crate::config::Config;
use crate::exclude::Excluded;
use crate::images::{Cell, Failure, Layout, Matrix, Table, Use, short};
use crate::report::ErrorFormat;
use crate::write;

/// The arguments of `promote`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    kustom promote dev staging\n  \
    kustom promote dev staging --write --format markdown\n  \
    kustom promote staging prod --only payments-api --write\n\n\
    Lists the images that are in FROM and not in TO, and with --write copies their tags and digests into\n\
    the `images` entries of TO, changing nothing else. What cannot be copied is refused with a reason, and\n\
    then nothing is written unless --keep-going is given.\n\n\
    Exit codes: 0 done, or nothing to promote; 1 with --check, something to promote; 2 refused or failed.")]
pub(crate) struct PromoteArgs {
    /// The environment to copy from
    from: String,

    /// The environment to copy to
    to: String,

    /// The directories to search
    #[arg(value_name = "DIR", default_value = ".")]
    dirs: Vec<PathBuf>,

    /// Only this app; may be repeated
    #[arg(long, value_name = "APP")]
    only: Vec<String>,

    /// Where apps and environments are, such as `apps/{app}/overlays/{env}`; guessed from the tree by
    /// default; may be repeated
    #[arg(long, value_name = "PATTERN")]
    by: Vec<Layout>,

    /// Change the files
    #[arg(long)]
    write: bool,

    /// Exit with 1 if there is something to promote
    #[arg(long, conflicts_with = "write")]
    check: bool,

    /// Skip what cannot be copied, and go on with the rest
    #[arg(long)]
    keep_going: bool,

    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: PromoteFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum PromoteFormat {
    /// A table for people
    #[default]
    Text,
    /// The text of a pull request
    Markdown,
    /// One line for a commit message
    Message,
    /// For bots
    Json,
}

/// An image that is in one environment and not in the other.
struct Step<'m> {
    app: &'m str,
    name: &'m str,
    from: &'m Use,
    to: Option<&'m Use>,
    /// The directory to change.
    dir: &'m Path,
    /// Why it cannot be promoted.
    refused: Option<String>,
}

/// A fault has this code, for 1 means that there is something to promote.
const FAULT: u8 = 2;

/// Promotes images.
pub(crate) fn run(args: &PromoteArgs, config: &Config, format: ErrorFormat) -> ExitCode {
    match promote(args, &Excluded::new(&config.search.exclude), format) {
        Ok(code) => code,
        Err(failures) => {
            Failure::report(&failures, format);
            ExitCode::from(FAULT)
        }
    }
}

fn promote(
    args: &PromoteArgs,
    excluded: &Excluded,
    format: ErrorFormat,
) -> Result<ExitCode, Vec<Failure>> {
    let matrix = Matrix::read(&args.dirs, &args.by, excluded, format)?;
    check_names(args, &matrix).map_err(|message| vec![Failure::Other(message)])?;
    let mut steps = Vec::new();
    for (app, cells) in &matrix.cells {
        if !args.only.is_empty() && !args.only.contains(app) {
            continue;
        }
        if let (Some(from), Some(to)) = (cells.get(&args.from), cells.get(&args.to)) {
            steps.extend(compare(app, from, to));
        }
    }
    let texts = rewrite(&mut steps)?;
    let refused = steps.iter().filter(|step| step.refused.is_some()).count();
    let writes = args.write && (refused == 0 || args.keep_going);
    if writes {
        for (file, text) in &texts {
            write::edited(file, text).map_err(|e| vec![Failure::Other(e)])?;
        }
    }
    let code = match args.format {
        PromoteFormat::Text => {
            let wrote = match texts.len() {
                _ if !writes => String::new(),
                1 => "wrote 1 file\n".to_owned(),
                files => format!("wrote {files} files\n"),
            };
            let wrote = if steps.is_empty() { "" } else { &wrote };
            format.print(&(text_of(&steps, args) + wrote))
        }
        PromoteFormat::Markdown => format.print(&markdown_of(&steps, args)),
        PromoteFormat::Message => format.print(&message_of(&steps, args)),
        PromoteFormat::Json => format.print_json(&json_of(&steps, args)),
    };
    if refused > 0 && !args.keep_going {
        let rest = if args.write { "; nothing was written" } else { "" };
        let hint = "--keep-going leaves out what is refused";
        format.note("refused", &format!("{refused} cannot be promoted{rest}; {hint}"));
        return Ok(ExitCode::from(FAULT));
    }
    Ok(if args.check && steps.len() > refused { ExitCode::FAILURE } else { code })
}

/// Refuses names of apps and environments that there are none of.
fn check_names(args: &PromoteArgs, matrix: &Matrix) -> Result<(), String> {
    let environments = matrix.environments();
    for env in [&args.from, &args.to] {
        if !environments.contains(&env.as_str()) {
            let all = environments.join(", ");
            return Err(format!("there is no environment {env:?}; there are {all}"));
        }
    }
    for app in &args.only {
        if !matrix.cells.contains_key(app) {
            let near = nearest_name(matrix.cells.keys().map(String::as_str), app);
            let meant = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
            return Err(format!("there is no app {app:?}{meant}"));
        }
    }
    Ok(())
}

/// Returns the images of an app that differ.
fn compare<'m>(app: &'m str, from: &'m Cell, to: &'m Cell) -> Vec<Step<'m>> {
    let mut steps = Vec::new();
    for (name, uses) in &from.images {
        let Some(there) = to.images.get(name) else { continue };
        let same = |a: &[Use], b: &[Use]| {
            let versions = |uses: &[Use]| -> Vec<String> {
                let mut all: Vec<String> = uses.iter().map(|image| image.version.clone()).collect();
                all.sort();
                all.dedup();
                all
            };
            versions(a) == versions(b)
        };
        if same(uses, there) {
            continue;
        }
        let Some(image) = uses.first() else { continue };
        let mut step =
            Step { app, name, from: image, to: there.first(), dir: &to.dir, refused: None };
        if uses.iter().any(|other| other.version != image.version) {
            step.refused = Some("it is there in several versions at once".to_owned());
        } else if !is_own_entry(image, &from.dir) {
            let decided = &image.decided;
            let entry = if decided.entry.is_empty() { "no images entry" } else { &decided.entry };
            step.refused = Some(format!("its version comes from {} ({entry})", decided.place()));
        }
        steps.push(step);
    }
    steps
}

/// Returns `true` if the version comes from `images` of the kustomization in that directory.
fn is_own_entry(image: &Use, dir: &Path) -> bool {
    let resolve = |path: &Path| path.canonicalize().ok();
    let file = image.decided.file.as_deref();
    image.decided.entry.starts_with("images")
        && file.and_then(Path::parent).and_then(|parent| {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            resolve(parent)
        }) == resolve(dir)
}

/// Returns the new texts of the files; what has no entry to be changed is refused.
fn rewrite(steps: &mut [Step<'_>]) -> Result<BTreeMap<PathBuf, String>, Vec<Failure>> {
    let mut texts = BTreeMap::new();
    for group in steps.chunk_by_mut(|a, b| a.dir == b.dir) {
        let Some(dir) = group.first().map(|step| step.dir) else { continue };
        let mut edit = Edit::open(DiskFs, dir).map_err(|e| vec![Failure::Build(e)])?;
        for step in group.iter_mut().filter(|step| step.refused.is_none()) {
            let mut image = ImageArg::default();
            step.name.clone_into(&mut image.name);
            image.tag = Some(step.from.tag.clone()).filter(|tag| !tag.is_empty());
            image.digest = Some(step.from.digest.clone()).filter(|digest| !digest.is_empty());
            if !matches!(edit.keep_image(&image), KeptImage::Entries(_)) {
                let file = edit.file().display();
                step.refused = Some(format!("{file} has no images entry of that name"));
            }
        }
        let rewritten = edit.finish().map_err(|e| vec![Failure::Build(e)])?;
        if !rewritten.is_unchanged() {
            texts.insert(edit.file().to_path_buf(), rewritten.text);
        }
    }
    Ok(texts)
}

impl Step<'_> {
    fn old(&self) -> String {
        self.to.map_or_else(String::new, |image| short(&image.version))
    }

    fn wanted(&self) -> String {
        short(&self.from.version)
    }
}

fn table(steps: &[Step], args: &PromoteArgs) -> Table {
    let mut table = Table::new(["app", "image", &args.to, &args.from]);
    for step in steps.iter().filter(|step| step.refused.is_none()) {
        table.row([step.app.to_owned(), step.name.to_owned(), step.old(), step.wanted()]);
    }
    table
}

fn refusals(steps: &[Step]) -> Vec<String> {
    let line = |step: &Step| {
        let reason = step.refused.as_ref()?;
        let (app, name, old, new) = (step.app, step.name, step.old(), step.wanted());
        Some(format!("{app}: {name} {old} -> {new}: {reason}"))
    };
    steps.iter().filter_map(line).collect()
}

fn text_of(steps: &[Step], args: &PromoteArgs) -> String {
    if steps.is_empty() {
        return format!("nothing to promote: {} has what {} has\n", args.to, args.from);
    }
    let mut out = String::new();
    if steps.iter().any(|step| step.refused.is_none()) {
        out += &table(steps, args).text();
    }
    let refused = refusals(steps);
    if !refused.is_empty() {
        out += if out.is_empty() { "" } else { "\n" };
        out += "refused:\n";
        refused.iter().for_each(|line| out += &format!("  {line}\n"));
    }
    out
}

fn markdown_of(steps: &[Step], args: &PromoteArgs) -> String {
    let (from, to) = (&args.from, &args.to);
    if steps.is_empty() {
        return format!("Nothing to promote: {to} has what {from} has.\n");
    }
    let mut out = format!("### Promote {from} to {to}\n\n");
    if steps.iter().any(|step| step.refused.is_none()) {
        out += &table(steps, args).markdown();
    }
    let refused = refusals(steps);
    if !refused.is_empty() {
        out += "\nNot promoted:\n\n";
        refused.iter().for_each(|line| out += &format!("- {line}\n"));
    }
    out
}

fn message_of(steps: &[Step], args: &PromoteArgs) -> String {
    let one = |step: &Step| format!("{} {}", step.app, step.wanted());
    let mut all: Vec<String> =
        steps.iter().filter(|step| step.refused.is_none()).map(one).collect();
    all.dedup();
    let (from, to) = (&args.from, &args.to);
    match all.as_slice() {
        [] => format!("Nothing to promote from {from} to {to}\n"),
        all => format!("Promote {from} to {to}: {}\n", all.join(", ")),
    }
}

fn json_of(steps: &[Step], args: &PromoteArgs) -> Value {
    let side = |image: Option<&Use>, env: &str| match image {
        None => Value::Null,
        Some(image) => json!({
            "env": env,
            "tag": image.tag,
            "digest": image.digest,
            "file": image.decided.file.as_ref().map(|file| file.display().to_string()),
            "line": Some(image.decided.line).filter(|line| *line > 0),
            "entry": image.decided.entry,
        }),
    };
    let step = |step: &Step| {
        json!({
            "app": step.app,
            "image": step.name,
            "from": side(Some(step.from), &args.from),
            "to": side(step.to, &args.to),
            "refused": step.refused,
        })
    };
    json!({
        "from": args.from,
        "to": args.to,
        "images": steps.iter().map(step).collect::<Vec<_>>(),
    })
}
