//! What an Application would sync: its sources rendered, with its own overrides.
//!
//! ```text
//! source ── work: kustomization (with `overrides` put in) | chart | directory | refused
//!        ── build, all at once ── namespace of the destination ── manifests
//! ```

mod artifact;
mod chart;
mod chart_values;
pub(crate) mod directory;
mod environment;
mod envsubst;
mod flux;
mod kept;
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
use kept::Kept;
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
    let kept = Kept::new(builder.get_limits());
    let mut all = built(applications, repository, builder, &kept);
    let others = || built(others, repository, builder, &kept);
    namespaces::fill(applications, &mut all, (repository, &kept), others);
    all
}

/// Returns what the sources of Applications make.
fn built(
    applications: &[Application],
    repository: &Repository,
    builder: &Builder,
    kept: &Kept,
) -> Vec<Rendered> {
    let mut plan = Plan::new(repository, kept);
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
                // Each Application has its own list of them.
                let keep = |outcome: &Outcome| match outcome {
                    Ok((manifests, _)) => kept.keep_list(manifests.len()),
                    Err(_) => Ok(()),
                };
                let outcome = match step {
                    Step::Built(i) => built.get(*i).map_or_else(
                        || Ok(Default::default()),
                        |outcome| keep(outcome).and_then(|()| outcome.clone()),
                    ),
                    Step::Done(outcome) => keep(outcome).and_then(|()| outcome.clone()),
                };
                let outcome = outcome.and_then(|(manifests, warnings)| {
                    let manifests = flux::finished(application, manifests, kept)?;
                    if application.is_flux() {
                        manifests.iter().try_for_each(|it| kept.keep_manifest(it, None))?;
                    }
                    Ok((manifests, warnings))
                });
                match outcome {
                    Ok((manifests, warnings)) => {
                        rendered.manifests.extend(manifests);
                        let problems = warnings.into_iter().map(|w| Problem::warning("build", w));
                        rendered.problems.extend(problems);
                    }
                    Err(message) => {
                        // What is said of a limit names no value.
                        let is_limit = kept.go_on().is_err_and(|limit| limit == message);
                        let secrets = match is_limit {
                            true => Vec::new(),
                            false => application.substituted_secrets(),
                        };
                        let secrets = secrets.iter().map(|secret| ("secret.yaml", secret));
                        let message = kustom::diff::redact(&message, secrets);
                        rendered.problems.push(Problem::error("render", message));
                        if is_limit {
                            break;
                        }
                    }
                }
            }
            let (file, line) = application.origin().place();
            let about = application.title();
            let place = |problem: Problem| problem.at(file, line).about(&about);
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
    /// The folders of the repository whose files an artifact has; nothing if it is the repository.
    within: Vec<String>,
}

/// Returns what is to be done for the sources of an Application.
///
/// # Errors
/// What is of a wrong type in them, for Kubernetes refuses the whole Application.
fn works(
    application: &Application,
    repository: &Repository,
) -> Result<Vec<(Work, How)>, Vec<Problem>> {
    let errors = types::errors_of_object(application);
    if !errors.is_empty() {
        return Err(errors);
    }
    if let Some(flux) = application.flux() {
        let within = flux.copied_folders().to_vec();
        let how = How { is_free: true, within, ..How::default() };
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
struct Plan<'k> {
    kept: &'k Kept,
    fs: Staged,
    /// The root of the repository, from where paths are shown.
    root: String,
    /// What to build, and how.
    builds: Vec<(PathBuf, How)>,
    /// The number of each build that is as it is in the repository.
    known: BTreeMap<(PathBuf, How), usize>,
    /// The number of each build with other files at the top of a directory.
    staged: BTreeMap<(PathBuf, Files, How), usize>,
    /// What each twin is of, and what that is called in messages.
    twins: BTreeMap<PathBuf, (PathBuf, String)>,
}

/// Files at the top of a directory; nothing for one that is not there.
type Files = BTreeMap<String, Option<Vec<u8>>>;

/// What becomes of one source.
enum Step {
    /// It is built, as this number.
    Built(usize),
    Done(Outcome),
}

impl<'k> Plan<'k> {
    fn new(repository: &Repository, kept: &'k Kept) -> Plan<'k> {
        let fs = Staged::new(Arc::clone(repository.file_system()));
        let root = format!("{}/", repository.root().display());
        let (builds, known, staged, twins) = Default::default();
        Plan { kept, fs, root, builds, known, staged, twins }
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
                let how = How { is_chart: stage.is_chart, ..how };
                let key = (stage.directory, stage.files, how);
                if let Some(number) = self.staged.get(&key) {
                    return Step::Built(*number);
                }
                // They are kept here and in the file system.
                let bytes = key.1.values().flatten().map(|content| 2 * content.len() as u64).sum();
                if let Err(e) = self.kept.keep(bytes) {
                    return Step::Done(Err(e));
                }
                let twin = self.fs.add(&key.0, key.1.clone());
                self.twins.insert(twin.clone(), (key.0.clone(), stage.title));
                self.builds.push((twin, key.2.clone()));
                let number = self.builds.len() - 1;
                self.staged.insert(key, number);
                Step::Built(number)
            }
            Work::Objects(nodes, warnings) => {
                let made = |node| {
                    self.kept.go_on()?;
                    let manifest = Manifest::new(node)?;
                    self.kept.keep_manifest(&manifest, None).map(|()| manifest)
                };
                let manifests = nodes.into_iter().map(made).collect::<Result<_, _>>();
                Step::Done(manifests.map(|manifests| (manifests, warnings)))
            }
            Work::Refused(message) => Step::Done(Err(message)),
        }
    }

    /// Builds all, and returns what came out in the order of the numbers.
    fn build(mut self, builder: &Builder, repository: &Repository) -> Vec<Outcome> {
        let nothing = Staged::new(Arc::new(kustom::MemoryFs::new()));
        let builder = builder.clone().file_system(std::mem::replace(&mut self.fs, nothing));
        let mut built: Vec<Outcome> = vec![Ok(Default::default()); self.builds.len()];
        let mut first = BTreeMap::new();
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
            let at_once = if builder.is_offline() { AT_ONCE } else { directories.len().max(1) };
            for (numbers, directories) in numbers.chunks(at_once).zip(directories.chunks(at_once)) {
                for (number, build) in numbers.iter().zip(some(&builder, directories, self.kept)) {
                    let told = |build| self.told(*number, build, &mut first, repository);
                    let outcome = build.and_then(told).and_then(|outcome| {
                        let directory = self.builds.get(*number).map(|(directory, _)| directory);
                        let check =
                            |it: &PathBuf| artifact::check(it, &how.within, &builder, repository);
                        directory.map_or(Ok(()), check).map(|()| outcome)
                    });
                    if let Some(place) = built.get_mut(*number) {
                        *place = outcome;
                    }
                }
            }
        }
        built
    }

    /// Returns the objects of a build and its warnings, or why there are none.
    fn told(
        &self,
        number: usize,
        build: kustom::Result<Build>,
        first: &mut BTreeMap<PathBuf, Vec<Manifest>>,
        repository: &Repository,
    ) -> Outcome {
        let twin = self.builds.get(number).and_then(|(directory, _)| self.twins.get(directory));
        let outcome = told(build, twin.map(|(_, title)| title.as_str()), &self.root, repository)?;
        let Some((of, _)) = twin else {
            outcome.0.iter().try_for_each(|manifest| self.kept.keep_manifest(manifest, None))?;
            return Ok(outcome);
        };
        // Twins of one directory mostly share what their builds do not change.
        let like = first.entry(of.clone()).or_insert_with(|| outcome.0.clone());
        for (i, manifest) in outcome.0.iter().enumerate() {
            self.kept.keep_manifest(manifest, like.get(i))?;
        }
        Ok(outcome)
    }
}

/// How many kustomizations are built at once: what they take is there until all of them are done.
const AT_ONCE: usize = 64;

/// Builds some kustomizations, of which all together may take what one may; one for which that is too little is built
/// alone.
fn some(
    builder: &Builder,
    directories: &[&PathBuf],
    kept: &Kept,
) -> Vec<Result<kustom::Result<Build>, String>> {
    if let Err(e) = kept.go_on() {
        return directories.iter().map(|_| Err(e.clone())).collect();
    }
    if directories.len() < 2 || !builder.is_offline() {
        return builder.build_all(directories).into_iter().map(Ok).collect();
    }
    let part = |of: u64| if of == u64::MAX { of } else { of / directories.len() as u64 };
    let mut limits = *builder.get_limits();
    for limit in [
        &mut limits.nodes,
        &mut limits.tree_bytes,
        &mut limits.made_bytes,
        &mut limits.output_bytes,
    ] {
        *limit = part(*limit);
    }
    let results = builder.clone().limits(limits).build_all(directories);
    let again = |(directory, result): (&&PathBuf, kustom::Result<Build>)| match result {
        Err(error) if error.limit().is_some() => Ok(builder.build(directory)),
        result => Ok(result),
    };
    directories.iter().zip(results).map(again).collect()
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
