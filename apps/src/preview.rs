//! The Applications of files: those that ApplicationSets make, and those that are written down.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;

use kustom::FileKind;

use crate::application::{Application, Origin, Written, remark_on};
use crate::application_set;
use crate::boolean_keys;
use crate::clusters::{self, Cluster, IN_CLUSTER_NAME};
use crate::document::{self, Document};
use crate::flux::Flux;
use crate::generators;
use crate::patterns;
use crate::problem::{Problem, Severity};
use crate::repository::Repository;
use crate::same_name::Refusals;
use crate::sets::Set;
use crate::types;
use crate::unmade::Unmade;

/// The names of a kustomization file.
pub(crate) const KUSTOMIZATIONS: [&str; 3] =
    ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The Applications that files make, and what is to say of them.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Preview {
    /// The Applications, in the order of the files and of their generators.
    pub applications: Vec<Application>,
    /// Errors and warnings. An error does not take the Applications of others with it.
    pub problems: Vec<Problem>,
    /// The clusters that are known; none if nobody said which there are.
    pub(crate) clusters: Vec<Cluster>,
    /// The AppProjects of the files.
    pub(crate) projects: Vec<(Json, Origin)>,
    /// The ApplicationSets of the files.
    pub(crate) sets: Vec<Set>,
    /// What could not be read or generated.
    pub(crate) unmade: Vec<Unmade>,
    /// The Applications that have the name of another.
    refusals: Refusals,
    /// The Kustomizations of Flux, which become Applications once all files are there.
    kustomizations: Vec<(Json, Origin)>,
    /// The ConfigMaps and Secrets of the files.
    values: Vec<(PathBuf, Json)>,
}

impl Preview {
    /// Returns `true` if there is an error among the problems.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Adds the Applications of a file with ApplicationSets, Applications and Kustomizations of Flux in it;
    /// AppProjects and values for variables are kept, other objects are left alone.
    pub fn add_file(
        &mut self,
        file: &Path,
        bytes: &[u8],
        repository: &Repository,
        clusters: &[Cluster],
    ) {
        if self.clusters.is_empty() {
            self.clusters = clusters.to_vec();
        }
        let documents = match document::documents(bytes) {
            Ok(documents) => documents.into_iter().map(Arc::new).collect::<Vec<_>>(),
            Err(e) => {
                let line = document::line_of_fault(&e);
                let problem = Problem::error("unreadable", e).at(file, line);
                self.unmade.push(Unmade::file(problem.clone(), file));
                self.problems.push(problem);
                return;
            }
        };
        let before = self.applications.len() + self.problems.len();
        let mut found = false;
        let has_booleans = boolean_keys::may_be_in(&String::from_utf8_lossy(bytes));
        for document in &documents {
            let had_others = std::mem::take(&mut found);
            let items =
                match (document.value().get("kind").and_then(Json::as_str), document.value()) {
                    (Some("List" | "ApplicationSetList" | "ApplicationList"), list) => {
                        let items = list.get("items").and_then(Json::as_array);
                        let items = items.into_iter().flatten().enumerate();
                        items.map(|(i, item)| (format!("items.{i}"), item)).collect()
                    }
                    (_, object) => vec![(String::new(), object)],
                };
            for (path, object) in items {
                let place = Place { file, document, path };
                found |= self.add_object(object, &place, repository, clusters);
            }
            if found && has_booleans {
                let remarks = boolean_keys::check(document).into_iter();
                self.problems.extend(remarks.map(|(line, problem)| problem.at(file, line)));
            }
            found |= had_others;
        }
        if !found && before == self.applications.len() + self.problems.len() {
            let problem =
                Problem::error("nothing-found", "no ApplicationSet, Application or Kustomization");
            self.problems.push(problem.at(file, None));
        }
    }

    /// Makes Applications of the Kustomizations of Flux, which may take values from any of the files, and finds names
    /// that are there twice: to be called once all files are there, unless [`check`](Self::check) is.
    pub fn finish(&mut self) {
        let values = Arc::new(std::mem::take(&mut self.values));
        for (object, origin) in std::mem::take(&mut self.kustomizations) {
            let flux = Flux::new(object, origin.file.clone(), Arc::clone(&values));
            self.applications.push(Application::of_flux(flux, origin));
        }
        let (refusals, problems) = Refusals::of(&self.applications);
        self.refusals = refusals;
        self.problems.extend(problems);
    }

    /// Says why Argo CD does not make an Application of these files, or of another revision of them: it has the name of
    /// another.
    pub fn refusal(&self, application: &Application) -> Option<&Problem> {
        self.refusals.why(application)
    }

    /// Returns the cluster that an Application goes to by the name that it has, whether the Application names it or
    /// gives its address; by its address if no name is known.
    pub fn cluster<'a>(&'a self, application: &'a Application) -> &'a str {
        let mut clusters = self.clusters.iter();
        match clusters.find(|cluster| cluster.is_that_of(application)) {
            Some(cluster) => &cluster.name,
            None if clusters::is_own(application) => IN_CLUSTER_NAME,
            None => application.cluster(),
        }
    }

    fn add_object(
        &mut self,
        object: &Json,
        place: &Place<'_>,
        repository: &Repository,
        clusters: &[Cluster],
    ) -> bool {
        let name = object.pointer("/metadata/name").and_then(Json::as_str).unwrap_or_default();
        let origin = Origin { file: place.file.to_path_buf(), line: place.line(""), set: None };
        let api = object.get("apiVersion").and_then(Json::as_str).unwrap_or_default();
        if Flux::is(object) {
            self.kustomizations.push((object.clone(), origin));
            return true;
        }
        if api == "v1" {
            let is_named = ["ConfigMap", "Secret"].map(Json::from).contains(&object["kind"]);
            self.values.extend(is_named.then(|| (place.file.to_path_buf(), object.clone())));
            return is_named;
        }
        if !api.starts_with("argoproj.io/") {
            return false;
        }
        match object.get("kind").and_then(Json::as_str) {
            Some("Application") => {
                let written = Written::new(place.document, place.path.clone());
                let application = Application::new(object.clone(), origin);
                self.applications.push(application.written(written));
                true
            }
            Some("ApplicationSet") => {
                let origin = Origin { set: Some(name.to_owned()), ..origin };
                let about = format!("ApplicationSet {name}");
                let (applications, problems) =
                    application_set::generate(object, &origin, repository, clusters);
                let has_failed =
                    problems.iter().any(|(_, problem)| problem.severity == Severity::Error);
                let remarks = patterns::check(object, repository);
                let problems = problems
                    .into_iter()
                    .chain(remarks)
                    .map(|(path, problem)| problem.at(place.file, place.line(&path)).about(&about));
                let problems: Vec<Problem> = problems.collect();
                let set = Arc::new(object.clone());
                self.unmade.extend(Unmade::set(&set, &problems, place.file));
                self.problems.extend(problems);
                if applications.is_empty() && !has_failed {
                    let problem = Problem::warning("no-applications", "makes no Applications");
                    let asks = |own: &Json| generators::unseen(own, !clusters.is_empty()).is_some();
                    let generators = object.pointer("/spec/generators").and_then(Json::as_array);
                    let problem = match generators.is_some_and(|all| all.iter().any(asks)) {
                        true => {
                            problem.hint("--clusters names a file with the clusters that there are")
                        }
                        false => problem,
                    };
                    self.problems
                        .push(problem.at(place.file, place.line("spec.generators")).about(about));
                }
                let path = format!("{}.spec.template", place.path);
                let written = Written::new(place.document, path);
                let made = applications.into_iter();
                let made = made.map(|it| it.made_by(&set).written(written.clone()));
                self.applications.extend(made);
                self.sets.push(Set::new(set, place.file, clusters));
                true
            }
            Some("AppProject") => {
                self.projects.push((object.clone(), origin));
                true
            }
            _ => false,
        }
    }

    /// Adds warnings about the Applications: names that are there twice, paths that do not exist, directories
    /// without a kustomization.
    pub fn check(&mut self, repository: &Repository) {
        self.finish();
        let mut problems: Vec<Problem> = Vec::new();
        for application in &self.applications {
            problems.extend(unfilled(application));
            problems.extend(types::check(application));
            for (i, source) in application.sources().into_iter().enumerate() {
                let field = format!("{}.path", application.field_of_source(i));
                let problem = check_source((&field, source), application, repository);
                problems.extend(problem.filter(|problem| !problems.contains(problem)));
            }
        }
        self.problems.extend(problems);
        self.problems.extend(self.nothing_found());
    }

    /// Returns what is to say if the files, of which each holds something, have no Applications among them. AppProjects
    /// alone may be checked.
    pub fn nothing_found(&self) -> Option<Problem> {
        let has_some = !self.applications.is_empty() || !self.sets.is_empty();
        if has_some || self.has_errors() || !self.projects.is_empty() {
            return None;
        }
        let problem =
            Problem::error("nothing-found", "no ApplicationSet, Application or Kustomization");
        Some(problem.hint("name the files that have some"))
    }
}

struct Place<'a> {
    file: &'a Path,
    document: &'a Arc<Document>,
    /// Where the object is in its document.
    path: String,
}

impl Place<'_> {
    fn line(&self, path: &str) -> Option<usize> {
        document::line(self.document, &format!("{}.{path}", self.path))
    }
}

/// Returns `true` if two Applications are for one Argo CD, as far as can be known: their files lie in one
/// folder, or they go to the same cluster. Each cluster may have an Argo CD of its own, and files of its own.
pub(crate) fn meet(one: &Application, other: &Application) -> bool {
    let folder =
        |application: &Application| application.origin().file.parent().map(Path::to_path_buf);
    let is_own = one.cluster().is_empty() || clusters::is_own(one);
    folder(one) == folder(other) || (!is_own && one.cluster() == other.cluster())
}

/// Returns a warning about an Application of an ApplicationSet in which a parameter is still to be filled in, where no
/// other program would do that.
fn unfilled(application: &Application) -> Option<Problem> {
    application.set()?;
    let sources = application.sources().into_iter().enumerate();
    let of_sources = sources.flat_map(|(i, source)| {
        let texts = ["path", "repoURL", "targetRevision", "chart"].into_iter();
        let texts = texts.filter_map(|key| Some((key, source.get(key)?.as_str()?)));
        texts.map(move |(key, text)| (format!("{}.{key}", application.field_of_source(i)), text))
    });
    let texts = [
        ("metadata.name", application.name()),
        ("spec.project", application.project()),
        ("spec.destination.server", application.server()),
        ("spec.destination.name", application.cluster_name()),
        ("spec.destination.namespace", application.destination_namespace()),
    ];
    let texts = texts.into_iter().map(|(field, text)| (field.to_owned(), text));
    let (field, left) = texts.chain(of_sources).find_map(|(field, text)| {
        let start = text.find("{{")?;
        Some((field, &text[start..start + text[start..].find("}}")? + 2]))
    })?;
    let message = format!("{left} is left as it is: the generators have no parameter of that name");
    Some(remark_on(&field, "unfilled-parameter", message, application))
}

fn check_source(
    (field, source): (&str, &Json),
    application: &Application,
    repository: &Repository,
) -> Option<Problem> {
    let text = |key: &str| source.get(key).and_then(Json::as_str).unwrap_or_default();
    if !text("chart").is_empty() || source.get("path").is_none() {
        return None;
    }
    let path = text("path");
    if path.starts_with('/') && application.flux().is_none() {
        let message = format!("the path {path} is absolute, which Argo CD refuses");
        let hint =
            format!("write {}, as seen from the root of the repository", path.trim_matches('/'));
        return Some(remark_on(field, "no-such-path", message, application).hint(hint));
    }
    match repository.kind(path) {
        Some(FileKind::Directory) => {}
        Some(_) => {
            let message = format!("{path} is not a directory");
            return Some(remark_on(field, "no-such-path", message, application));
        }
        None => {
            let message = format!("there is no directory {path}");
            return Some(remark_on(field, "no-such-path", message, application));
        }
    }
    let has = |name: &str| repository.kind(&format!("{path}/{name}")).is_some();
    let other = ["directory", "helm", "plugin"].iter().any(|tool| source.get(*tool).is_some());
    if other
        || application.flux().is_some()
        || has("Chart.yaml")
        || KUSTOMIZATIONS.iter().any(|name| has(name))
    {
        return None;
    }
    let shown = match path.trim_matches(['.', '/']) {
        "" => "the root of the repository",
        _ => path,
    };
    let message = format!("{shown} has no kustomization: its manifests are taken as they are");
    Some(remark_on(field, "no-kustomization", message, application))
}
