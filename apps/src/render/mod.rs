//! What an Application would sync: its sources rendered, with its own overrides.
//!
//! ```text
//! source ── work: kustomization (with `overrides` put in) | chart | directory | refused
//!        ── build, all at once ── namespace of the destination ── manifests
//! ```

mod chart;
mod chart_values;
pub(crate) mod directory;
mod environment;
mod envsubst;
mod flux;
mod lenient;
mod manifest;
mod namespaces;
mod overrides;
mod rendered;
pub(crate) mod scope;
pub(crate) mod source;
pub(crate) mod source_files;
mod source_ignore;
mod versions;
pub(crate) mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use kustom::{Build, Builder, LoadRestriction, WarningKind};

use crate::application::Application;
use crate::problem::Problem;
use crate::repository::Repository;
use crate::staged::Staged;
use crate::types;
pub use manifest::Manifest;
pub use rendered::Rendered;
use versions::Versions;
use work::Work;

/// The objects of a source and warnings about it, or why there are none.
type Outcome = Result<(Vec<Manifest>, Vec<String>), String>;

/// Renders what Applications would sync; what they share is read and built once.
///
/// `builder` says how kustomizations are built; its file system is replaced by that of `repository`.
pub fn render(
    applications: &[Application],
    repository: &Repository,
    builder: &Builder,
) -> Vec<Rendered> {
    render_some(applications, &[], repository, builder)
}

/// Renders some Applications of several; `others` are rendered only if they may define kinds of which nothing else says
/// whether they have a namespace.
pub fn render_some(
    applications: &[Application],
    others: &[Application],
    repository: &Repository,
    builder: &Builder,
) -> Vec<Rendered> {
    let mut all = built(applications, repository, builder);
    let others = || built(others, repository, builder);
    namespaces::fill(applications, &mut all, repository, others);
    all
}

/// Returns what the sources of Applications make.
fn built(
    applications: &[Application],
    repository: &Repository,
    builder: &Builder,
) -> Vec<Rendered> {
    let mut plan = Plan::new(repository);
    let steps: Vec<Result<Vec<Step>, Vec<Problem>>> = applications
        .iter()
        .map(|application| {
            let work = works(application, repository)?.into_iter();
            Ok(work.map(|(work, how)| plan.add(work, how)).collect())
        })
        .collect();
    let built = plan.build(builder, repository);
    applications
        .iter()
        .zip(&steps)
        .map(|(application, steps)| {
            let mut rendered = Rendered::default();
            let steps = match steps {
                Ok(steps) => steps,
                Err(problems) => {
                    rendered.problems.clone_from(problems);
                    return rendered;
                }
            };
            for step in steps {
                let outcome = match step {
                    Step::Built(i) => {
                        built.get(*i).cloned().unwrap_or_else(|| Ok(Default::default()))
                    }
                    Step::Done(outcome) => outcome.clone(),
                };
                let outcome = outcome.and_then(|(manifests, warnings)| {
                    Ok((flux::finished(application, manifests)?, warnings))
                });
                match outcome {
                    Ok((manifests, warnings)) => {
                        rendered.manifests.extend(manifests);
                        let problems = warnings.into_iter().map(|w| Problem::warning("build", w));
                        rendered.problems.extend(problems);
                    }
                    Err(message) => rendered.problems.push(Problem::error("render", message)),
                }
            }
            let origin = application.origin();
            let about = application.title();
            let place = |problem: Problem| problem.at(&origin.file, origin.line).about(&about);
            rendered.problems = rendered.problems.into_iter().map(place).collect();
            rendered
        })
        .collect()
}

/// How a source is built.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct How {
    /// Whether files of elsewhere may be loaded, as Flux does.
    is_free: bool,
    /// Whether Argo CD itself reads what a chart prints.
    is_chart: bool,
    /// What charts are told of the cluster.
    versions: Versions,
}

/// Returns what is to be done for the sources of an Application.
///
/// # Errors
/// What is of a wrong type in them, for Kubernetes refuses the whole Application.
fn works(
    application: &Application,
    repository: &Repository,
) -> Result<Vec<(Work, How)>, Vec<Problem>> {
    if application.flux().is_some() {
        let how = How { is_free: true, ..How::default() };
        return Ok(vec![(flux::work(application, repository), how)]);
    }
    let mut works = Vec::new();
    let mut wrong = Vec::new();
    for (i, source) in application.sources().into_iter().enumerate() {
        let source = match source_files::effective(application, source, repository) {
            Ok(source) => source,
            Err(e) => {
                works.push((Work::Refused(e), How::default()));
                continue;
            }
        };
        wrong.extend(types::errors_of(application, i, &source));
        if let Some(work) = source::work(application, &source, repository) {
            works.push((work, How { versions: Versions::of(&source), ..How::default() }));
        }
    }
    if wrong.is_empty() { Ok(works) } else { Err(wrong) }
}

/// All that is to be built, each once.
struct Plan {
    fs: Staged,
    /// The root of the repository, from where paths are shown.
    root: String,
    /// What to build, and how.
    builds: Vec<(PathBuf, How)>,
    /// The number of each build that is as it is in the repository.
    known: BTreeMap<(PathBuf, How), usize>,
    /// What each twin is, for messages.
    titles: BTreeMap<PathBuf, String>,
}

/// What becomes of one source.
enum Step {
    /// It is built, as this number.
    Built(usize),
    Done(Outcome),
}

impl Plan {
    fn new(repository: &Repository) -> Plan {
        let fs = Staged::new(Arc::clone(repository.file_system()));
        let root = format!("{}/", repository.root().display());
        Plan { fs, root, builds: Vec::new(), known: BTreeMap::new(), titles: BTreeMap::new() }
    }

    fn add(&mut self, work: Work, how: How) -> Step {
        match work {
            Work::Kustomization(directory) => {
                let next = self.builds.len();
                let key = (directory.clone(), how.clone());
                let number = *self.known.entry(key).or_insert(next);
                if number == next {
                    self.builds.push((directory, how));
                }
                Step::Built(number)
            }
            Work::Staged(stage) => {
                let twin = self.fs.add(&stage.directory, stage.files);
                self.titles.insert(twin.clone(), stage.title);
                let how = How { is_chart: stage.is_chart, ..how };
                self.builds.push((twin, how));
                Step::Built(self.builds.len() - 1)
            }
            Work::Objects(nodes) => {
                let manifests = nodes.into_iter().map(Manifest::new).collect::<Result<_, _>>();
                Step::Done(manifests.map(|manifests| (manifests, Vec::new())))
            }
            Work::Refused(message) => Step::Done(Err(message)),
        }
    }

    /// Builds all, and returns what came out in the order of the numbers.
    fn build(self, builder: &Builder, repository: &Repository) -> Vec<Outcome> {
        let builder = builder.clone().file_system(self.fs);
        let mut built: Vec<Outcome> = vec![Ok(Default::default()); self.builds.len()];
        let hows: BTreeSet<&How> = self.builds.iter().map(|(_, how)| how).collect();
        for how in hows {
            let (numbers, directories): (Vec<usize>, Vec<&PathBuf>) = self
                .builds
                .iter()
                .enumerate()
                .filter(|(_, (_, own))| own == how)
                .map(|(i, (directory, _))| (i, directory))
                .unzip();
            let builder = how.versions.apply(builder.clone());
            let builder = if how.is_chart { lenient::charts(builder) } else { builder };
            let builder = match how.is_free {
                false => builder,
                true => builder.load_restriction(LoadRestriction::None),
            };
            for (number, build) in numbers.into_iter().zip(builder.build_all(&directories)) {
                let title = self.titles.get(&self.builds[number].0);
                built[number] = told(build, title.map(String::as_str), &self.root, repository);
            }
        }
        built
    }
}

/// Returns the objects of a build and its warnings, or why there are none.
fn told(
    result: kustom::Result<Build>,
    title: Option<&str>,
    root: &str,
    repository: &Repository,
) -> Outcome {
    let shown = |text: &str| Staged::reworded(text).replace(root, "");
    let build = result.map_err(|e| {
        let said = failure(&e, title);
        match (repository.advice(&e), e.hint_text()) {
            (None, _) => shown(&said),
            // Nothing else is to be done about it.
            (Some(advice), Some(hint)) => shown(&said.replacen(hint, &advice, 1)),
            (Some(advice), None) => format!("{}\nhint: {advice}", shown(&said)),
        }
    })?;
    let manifests = build
        .documents()
        .map(|(resource, text)| Manifest::printed(resource.node(), text))
        .collect();
    // Argo CD itself writes deprecated fields, which nobody can mend in the repository.
    let warnings = build.warnings().iter().filter(|w| w.kind() != WarningKind::DeprecatedField);
    Ok((manifests, warnings.map(|w| shown(&w.to_string())).collect()))
}

/// Says why a build failed. A place in a kustomization that was made up leads nowhere, so it is left out.
fn failure(error: &kustom::Error, title: Option<&str>) -> String {
    let is_made_up = error.location().is_some_and(|place| Staged::is_twin(&place.file));
    match title {
        Some(title) if is_made_up || error.location().is_none() => {
            let hint = error.hint_text().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
            format!("{title}: {}{hint}", error.message())
        }
        _ => error.to_string(),
    }
}
