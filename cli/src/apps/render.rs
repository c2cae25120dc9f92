//! `kustom apps render`

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use kustom::text::visible_line;
use kustom_apps::{Application, Rendered};

use super::inputs::{self, Inputs};
use crate::flags::How;
use crate::output;
use crate::report::ErrorFormat;
use crate::waiting;
use crate::write;

#[derive(Debug, Args)]
pub(crate) struct RenderArgs {
    #[command(flatten)]
    pub(super) inputs: Inputs,

    /// Only the Application of this name; may be repeated
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,

    /// Write one file per Application into this directory: CLUSTER/NAME.yaml, or CLUSTER/NAMESPACE_NAME.yaml
    /// where two would share a file
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,

    #[command(flatten)]
    pub(super) how: How,
}

/// Renders the Applications; what fails is told and does not take the others with it.
pub(super) fn run(args: &RenderArgs, format: ErrorFormat) -> ExitCode {
    match rendered(args, format) {
        Ok((failed, written)) => {
            let written = format.done(written);
            if failed { ExitCode::FAILURE } else { written }
        }
        Err(message) => format.fail(&message),
    }
}

fn rendered(args: &RenderArgs, format: ErrorFormat) -> Result<(bool, Result<(), String>), String> {
    let builder = args.how.builder()?;
    let repository = args.inputs.repository(format)?;
    let mut preview = args.inputs.preview(&repository, &builder)?;
    let mut others = Vec::new();
    if !args.only.is_empty() {
        let is_wanted = |app: &Application| args.only.iter().any(|name| name == app.name());
        let all = std::mem::take(&mut preview.applications);
        (preview.applications, others) = all.into_iter().partition(is_wanted);
        if preview.applications.is_empty() {
            return Err(format!("there is no Application {}", args.only.join(", ")));
        }
        // What is said of the others is not asked for.
        let titles = |applications: &[Application]| -> BTreeSet<String> {
            applications.iter().map(Application::title).collect()
        };
        let (wanted, others) = (titles(&preview.applications), titles(&others));
        preview.problems.retain(|problem| {
            let is_of = |titles: &BTreeSet<String>| {
                problem.about.as_ref().is_some_and(|about| titles.contains(about))
            };
            is_of(&wanted) || !is_of(&others)
        });
    }
    // Argo CD makes none that has the name of another, which is told among the problems.
    let all = std::mem::take(&mut preview.applications);
    let is_refused = |app: &Application| preview.refusal(app).is_some();
    let (refused, applications): (Vec<_>, Vec<_>) = all.into_iter().partition(is_refused);
    preview.applications = applications;
    others.extend(refused);
    let applications = preview.applications.len();
    let working = waiting::working(|| format!("rendering {applications} Applications"));
    let all = kustom_apps::render_some(&preview.applications, &others, &repository, &builder);
    drop(working);
    let mut failed = inputs::tell(&preview.problems, format);
    failed |= inputs::tell(inputs::of_rendered(&all, &preview), format);
    let written = match &args.output {
        None => {
            let pairs = preview.applications.iter().zip(&all);
            let pairs = pairs.filter(|(_, rendered)| !rendered.failed());
            output::print_stream(pairs.map(|(app, rendered)| headed(app, rendered)))
        }
        Some(directory) => {
            let files = files(directory, &preview.applications)?;
            let written = files.iter().zip(&all).filter(|(_, rendered)| !rendered.failed());
            let texts = written.map(|(path, rendered)| {
                (rendered.to_yaml(), path.strip_prefix(directory).unwrap_or(path))
            });
            write::all_below(texts, directory)
        }
    };
    Ok((failed, written))
}

/// Returns the documents of an Application, with its name in a comment above.
fn headed(application: &Application, rendered: &Rendered) -> String {
    if rendered.manifests.is_empty() {
        return String::new();
    }
    let line = format!("# Application {}, cluster {}", application.name(), application.cluster());
    // A name may hold anything; a comment is one line.
    format!("{}\n{}", line.replace(['\n', '\r'], " "), rendered.to_yaml())
}

/// Returns the file of each Application; one for each, and none that leaves the directory.
///
/// # Errors
/// If two would have the same: neither is written over the other.
fn files(directory: &Path, applications: &[Application]) -> Result<Vec<PathBuf>, String> {
    let short: Vec<PathBuf> =
        applications.iter().map(|app| file(directory, app, false)).collect::<Result<_, _>>()?;
    let mut users: BTreeMap<String, usize> = BTreeMap::new();
    for path in &short {
        *users.entry(folded(path)).or_default() += 1;
    }
    let mut taken: BTreeMap<String, &Application> = BTreeMap::new();
    let mut all = Vec::new();
    for (path, application) in short.into_iter().zip(applications) {
        let is_shared = users.get(&folded(&path)).is_some_and(|users| *users > 1);
        let path = if is_shared { file(directory, application, true)? } else { path };
        if let Some(other) = taken.insert(folded(&path), application) {
            let place = |app: &Application| match app.origin().place() {
                (file, Some(line)) => format!("{}:{line}", file.display()),
                (file, None) => file.display().to_string(),
            };
            return Err(format!(
                "two Applications would be written to {}: {} of {} and {} of {}; choose one with --only, or render them apart",
                path.display(),
                other.title(),
                place(other),
                application.title(),
                place(application),
            ));
        }
        all.push(path);
    }
    Ok(all)
}

/// Returns a path without case, which some file systems do not tell apart.
fn folded(path: &Path) -> String {
    path.to_string_lossy().to_lowercase()
}

/// The longest name that leaves room for what is put behind it.
const LONGEST: usize = 240;

/// Returns the file of an Application: `CLUSTER/NAME.yaml`, or `CLUSTER/NAMESPACE_NAME.yaml`.
fn file(
    directory: &Path,
    application: &Application,
    with_namespace: bool,
) -> Result<PathBuf, String> {
    let cluster = application.cluster().rsplit("//").next().unwrap_or_default();
    // Dots in front would hide the directory, or lead out of it.
    let after_dots = cluster.trim_start_matches('.');
    let is_plain = |c: &char| c.is_alphanumeric() || "-._".contains(*c);
    let plain = after_dots.chars().map(|c| if is_plain(&c) { c } else { '_' });
    let cluster: String =
        "_".repeat(cluster.len() - after_dots.len()).chars().chain(plain).collect();
    let name = match (with_namespace, application.namespace()) {
        (false, _) | (true, "") => application.name().to_owned(),
        (true, namespace) => format!("{namespace}_{}", application.name()),
    };
    let why = match &*name {
        "" => Some("has no name"),
        name if name.starts_with('.') => Some("has a name that begins with a dot"),
        name if name.contains(['/', '\\']) => Some("has a slash in its name"),
        name if is_command(name) => Some("has a name that the runner of a CI takes for a command"),
        name if visible_line(name) != name => {
            Some("has a character in its name that cannot be seen")
        }
        name if name.len() > LONGEST => Some("has too long a name"),
        _ if cluster.is_empty() => {
            Some("has neither name nor server of a cluster in spec.destination")
        }
        _ => None,
    };
    if let Some(why) = why {
        return Err(format!(
            "there is no file CLUSTER/NAME.yaml for {}, for it {why}: mend it, choose others with --only, or leave \
             --output out",
            application.title()
        ));
    }
    Ok(directory.join(cluster).join(format!("{name}.yaml")))
}

/// Returns `true` for what is escaped where it is shown, although each of its characters can be seen.
fn is_command(name: &str) -> bool {
    let without_marks = name.replace([':', '#'], "_");
    visible_line(name) != name && visible_line(&without_marks) == without_marks
}
