//! Writes `argocd.argoproj.io/manifest-generate-paths` where Applications and their sets are written down.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kustom::{Builder, document};
use serde_json::Value as Json;

use super::decider;
use super::manifest_paths::{ANNOTATION, Reads};
use crate::application::{Application, Origin};
use crate::preview::Preview;
use crate::problem::{Problem, Severity};
use crate::render::Rendered;
use crate::repository::Repository;

/// The annotation of one Application, or of the template of an ApplicationSet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GeneratePaths {
    /// Where the Application or the set is written down.
    pub origin: Origin,
    /// What it is, for people.
    pub title: String,
    /// The files and folders that it renders from, as seen from the path of the source; after what it has already.
    pub value: String,
    /// What of that is new.
    added: String,
}

/// What the Applications of one place need together.
struct Needed {
    origin: Origin,
    title: String,
    /// What the annotation has already.
    given: String,
    /// What it lacks.
    missed: BTreeSet<String>,
}

/// Returns the annotations that are missing, or leave out what is rendered.
///
/// All Applications of a set have one annotation: the folders of all of them, each seen from the
/// Application's own path. A set of which an Application cannot be rendered, or a generator fails, is left out, for
/// what is missing would be taken for all there is; that is told among the problems.
pub fn generate_paths(
    preview: &Preview,
    rendered: &[Rendered],
    repository: &Repository,
    builder: &Builder,
    problems: &mut Vec<Problem>,
) -> Vec<GeneratePaths> {
    let mut incomplete = BTreeSet::new();
    let mut needed: BTreeMap<(PathBuf, Option<usize>, String), Needed> = BTreeMap::new();
    for (application, rendered) in preview.applications.iter().zip(rendered) {
        let origin = application.origin();
        let (file, line) = origin.place();
        // Of one place a build may have made several.
        let key = (file.to_path_buf(), line, title(application));
        if rendered.failed() || has_failed(preview, application) {
            if application.set().is_some() && incomplete.insert(key) {
                let message = "not every Application of it can be generated and rendered, so \
                               manifest-generate-paths is not written";
                let problem = Problem::error("incomplete-set", message);
                problems.push(problem.at(file, line).about(title(application)));
            }
            continue;
        }
        if application.flux().is_some() {
            continue;
        }
        let reads = Reads::of(application, repository, builder);
        if reads.is_empty() {
            continue;
        }
        let given = application.annotation(ANNOTATION);
        let needed = needed.entry(key).or_insert_with(|| Needed {
            origin: origin.clone(),
            title: title(application),
            given: given.to_owned(),
            missed: BTreeSet::new(),
        });
        for reads in &reads {
            needed.missed.extend(match given.is_empty() {
                true => reads.all(),
                false => reads.relative(&reads.missed()),
            });
        }
    }
    needed.retain(|key, needed| !incomplete.contains(key) && !needed.missed.is_empty());
    let needed = needed.into_values();
    needed
        .map(|Needed { origin, title, given, missed }| {
            // Its own folder comes first, as people write it.
            let own = missed.contains(".").then(|| ".".to_owned());
            let others = missed.into_iter().filter(|path| path != ".");
            let added = own.into_iter().chain(others).collect::<Vec<_>>().join(";");
            GeneratePaths { origin, title, value: joined(&given, &added), added }
        })
        .collect()
}

/// Returns `true` if there is an error about the ApplicationSet of an Application.
fn has_failed(preview: &Preview, application: &Application) -> bool {
    let origin @ Origin { set: Some(_), .. } = application.origin() else { return false };
    let title = title(application);
    preview.problems.iter().any(|problem| {
        problem.severity == Severity::Error
            && problem.file.as_deref() == Some(origin.place().0)
            && problem.about.as_ref() == Some(&title)
    })
}

/// Returns the entries of two values as one, each new one once.
fn joined(given: &str, added: &str) -> String {
    let has = |path: &&str| given.split(';').any(|own| own == *path);
    let new: Vec<&str> = added.split(';').filter(|path| !has(path)).collect();
    match given.trim().trim_end_matches(';') {
        "" => added.to_owned(),
        _ if new.is_empty() => given.to_owned(),
        given => format!("{given};{}", new.join(";")),
    }
}

fn title(application: &Application) -> String {
    match &application.origin().set {
        Some(set) => format!("ApplicationSet {set}"),
        None => application.title(),
    }
}

impl GeneratePaths {
    /// Says why it cannot be written, if it comes out of a build.
    pub fn refusal(&self) -> Option<String> {
        self.origin.is_built().then(|| {
            let (kustomization, value) = (self.origin.file.display(), &self.value);
            format!(
                "nothing is written, for it comes out of the build of {kustomization}, where other files may change it: \
                 write there {ANNOTATION}: {value}"
            )
        })
    }

    /// Returns the text of the file with the annotation in it; everything else stays byte for byte.
    ///
    /// It is written where it counts: of an ApplicationSet, also into the templates of generators that have it.
    ///
    /// # Errors
    /// If the object is not a document of the file, cannot be changed alone, or comes out of a build.
    pub fn write(&self, text: &str) -> Result<String, String> {
        if let Some(why) = self.refusal() {
            return Err(why);
        }
        let line = self.origin.line.unwrap_or(1);
        let start = document_start(text, line);
        let (before, rest) = text.split_at(start);
        let told = |e: kustom::Error| e.message().to_owned();
        let object = document::from_yaml(rest.as_bytes()).map_err(told)?;
        let kind = if self.origin.set.is_some() { "ApplicationSet" } else { "Application" };
        if object.get("kind").and_then(Json::as_str) != Some(kind) {
            return Err(format!(
                "line {line} is not the start of an {kind}; one of a list is not changed"
            ));
        }
        let places = match self.origin.set {
            Some(_) => decider::places(&object),
            None => vec![Vec::new()],
        };
        let mut changed = rest.to_owned();
        for mut path in places {
            path.extend(["metadata", "annotations", ANNOTATION].map(str::to_owned));
            let pointer: String = path.iter().map(|key| format!("/{}", escaped(key))).collect();
            // What is there stays as it is written, also if it is filled in by an ApplicationSet.
            let given = object.pointer(&pointer).and_then(Json::as_str).unwrap_or_default();
            let value = joined(given, &self.added);
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            changed = document::set_text(&changed, &path, &value).map_err(told)?;
        }
        Ok(format!("{before}{changed}"))
    }

    /// Checks that what [`write`](Self::write) has made of the text of a file reaches the Applications.
    ///
    /// # Errors
    /// If something else decides, which is named with its line.
    pub fn check(
        &self,
        text: &str,
        preview: &Preview,
        repository: &Repository,
    ) -> Result<(), String> {
        let start = document_start(text, self.origin.line.unwrap_or(1));
        let rest = text.get(start..).unwrap_or_default();
        let document = rest.get(..document_end(rest)).unwrap_or_default();
        let mut after = Preview::default();
        after.add_file(&self.origin.file, document.as_bytes(), repository, &preview.clusters);
        let lacks = |application: &&Application| {
            let given: Vec<&str> = application.annotation(ANNOTATION).split(';').collect();
            self.added.split(';').any(|path| !given.contains(&path))
        };
        let Some(application) = after.applications.iter().find(lacks) else { return Ok(()) };
        let lines = text.get(..start).unwrap_or_default().matches('\n').count();
        let decides = decider::said(document, lines);
        let (name, added) = (application.name(), &self.added);
        Err(format!(
            "nothing is written, for {decides} decides the annotation of {name}; it has to say as well: {added}"
        ))
    }
}

/// Returns a key as it stands in a JSON pointer.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Returns where the document begins that a line, from 1, is in.
fn document_start(text: &str, line: usize) -> usize {
    let (mut start, mut offset) = (0, 0);
    for (i, content) in text.split_inclusive('\n').enumerate() {
        if i + 1 > line {
            break;
        }
        if content.starts_with("---") {
            start = offset;
        }
        offset += content.len();
    }
    start
}

/// Returns where the first document of a text ends.
fn document_end(text: &str) -> usize {
    let mut offset = 0;
    for (i, content) in text.split_inclusive('\n').enumerate() {
        if i > 0 && content.starts_with("---") {
            return offset;
        }
        offset += content.len();
    }
    text.len()
}

/// Returns a folder as seen from another.
pub(super) fn relative(folder: &Path, from: &Path) -> String {
    let (folder, from): (Vec<_>, Vec<_>) = (folder.iter().collect(), from.iter().collect());
    let common = folder.iter().zip(&from).take_while(|(a, b)| a == b).count();
    let up = from[common..].iter().map(|_| "..".to_owned());
    let down = folder[common..].iter().map(|part| part.to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}
