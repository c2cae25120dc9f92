//! `argocd.argoproj.io/manifest-generate-paths`: which changes make Argo CD render anew.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;

use kustom::Builder;

use super::Subject;
use super::generate_paths::relative;
use crate::application::{Application, remark_on};
use crate::path_pattern;
use crate::problem::{Problem, few};
use crate::render::work::Work;
use crate::render::{directory, source, source_files};
use crate::repository::Repository;
use crate::staged::Staged;

/// The annotation.
pub(super) const ANNOTATION: &str = "argocd.argoproj.io/manifest-generate-paths";

/// What a source of an Application reads, and what its annotation watches.
pub(super) struct Reads {
    /// The directory of the source, from the root of the repository.
    path: PathBuf,
    /// What is read, from the root of the repository.
    files: BTreeSet<PathBuf>,
    /// Whether a new file in the directory is read as well.
    takes_new: bool,
    /// What is watched, from the root of the repository: files, folders and patterns.
    watched: Vec<String>,
}

impl Reads {
    /// Returns what the sources of an Application read that are directories of the repository.
    pub(super) fn of(
        application: &Application,
        repository: &Repository,
        builder: &Builder,
    ) -> Vec<Reads> {
        let given = application.annotation(ANNOTATION);
        let root = repository.root();
        let below_root = |path: &Path| Some(path.strip_prefix(root).ok()?.to_path_buf());
        let mut all = Vec::new();
        for source in application.sources() {
            let path = source.get("path").and_then(Json::as_str).unwrap_or_default();
            let Some(directory) = repository.path(path).filter(|_| !path.is_empty()) else {
                continue;
            };
            let Ok(source) = source_files::effective(application, source, repository) else {
                continue;
            };
            let mut fs = Staged::new(Arc::clone(repository.file_system()));
            let target = match source::work(application, &source, repository) {
                Some(Work::Kustomization(target)) => Some(target),
                Some(Work::Staged(stage)) => Some(fs.add(&stage.directory, stage.files)),
                Some(Work::Objects(..)) => None,
                Some(Work::Refused(_)) | None => continue,
            };
            let takes_new = target.is_none();
            let files: BTreeSet<PathBuf> = match target {
                None => {
                    let files = directory::files(path, &source, repository).unwrap_or_default();
                    files.into_iter().map(PathBuf::from).collect()
                }
                Some(target) => {
                    let mut looked = builder.clone().file_system(fs).inputs_of_all([&target]);
                    let Some((_, inputs)) = looked.pop() else { continue };
                    let read = inputs.files().filter(|file| {
                        // What was made up for a chart stands above it.
                        let is_own =
                            Path::new(&Staged::reworded(&target.to_string_lossy())) == directory;
                        is_own || file.parent() != Some(&target)
                    });
                    let files = read.filter_map(|file| {
                        below_root(Path::new(&Staged::reworded(&file.to_string_lossy())))
                    });
                    files.collect()
                }
            };
            if files.is_empty() && !takes_new {
                continue;
            }
            // Argo CD takes what stands between two semicolons as it is, also blanks.
            let watched = given.split(';').filter(|given| !given.is_empty());
            let watched = watched.filter_map(|given| match given.strip_prefix('/') {
                Some(absolute) => repository.path(absolute),
                None => repository.path(&format!("{path}/{given}")),
            });
            let text = |path: PathBuf| below_root(&path)?.to_str().map(str::to_owned);
            let watched = watched.filter_map(text).collect();
            let path = below_root(&directory).unwrap_or_default();
            all.push(Reads { path, files, takes_new, watched });
        }
        all
    }

    /// Returns `true` if a change of a file is noticed: it is named, lies in a folder that is, or a pattern of
    /// Go's `path.Match` is its whole path.
    fn is_watched(&self, file: &Path) -> bool {
        self.watched.iter().any(|watched| {
            let is_it = |file: &str| path_pattern::matches(watched, file) == Ok(true);
            file.starts_with(watched) || file.to_str().is_some_and(is_it)
        })
    }

    /// Returns what is read and not watched: folders of which nothing is watched, and files.
    pub(super) fn missed(&self) -> BTreeSet<PathBuf> {
        let folder = |file: &Path| file.parent().map(Path::to_path_buf).unwrap_or_default();
        let mut watched_folders = BTreeSet::new();
        let mut missed = BTreeSet::new();
        for file in &self.files {
            match self.is_watched(file) {
                true => watched_folders.insert(folder(file)),
                false => missed.insert(file.clone()),
            };
        }
        let is_new_missed = self.takes_new && !self.is_watched(&self.path.join("new.yaml"));
        let missed = missed.into_iter().map(|file| {
            let folder = folder(&file);
            // A folder above that of the source holds all else, too.
            let is_above = folder != self.path && self.path.starts_with(&folder);
            if is_above || watched_folders.contains(&folder) { file } else { folder }
        });
        missed.chain(is_new_missed.then(|| self.path.clone())).collect()
    }

    /// Returns what has to be watched of all that is read: folders, and of those above the source, files.
    fn tops(&self) -> BTreeSet<PathBuf> {
        let all = Reads {
            watched: Vec::new(),
            files: self.files.clone(),
            path: self.path.clone(),
            ..*self
        };
        all.missed()
    }

    /// Returns these, without those inside of others, as seen from the path of the source.
    pub(super) fn relative(&self, paths: &BTreeSet<PathBuf>) -> Vec<String> {
        outermost(paths).map(|path| relative(path, &self.path)).collect()
    }

    /// Returns all that has to be watched, as seen from the path of the source.
    pub(super) fn all(&self) -> Vec<String> {
        self.relative(&self.tops())
    }
}

/// Returns the paths that are inside of no other.
fn outermost(paths: &BTreeSet<PathBuf>) -> impl Iterator<Item = &Path> {
    let inside = |path: &Path| path.ancestors().skip(1).any(|above| paths.contains(above));
    paths.iter().map(PathBuf::as_path).filter(move |path| !inside(path))
}

/// Finds files that a build reads and the annotation does not name.
pub(super) fn check(
    subject: &Subject<'_>,
    repository: &Repository,
    builder: &Builder,
    problems: &mut Vec<Problem>,
) {
    let application = subject.application;
    if application.annotation(ANNOTATION).is_empty() || subject.rendered.failed() {
        return;
    }
    for reads in Reads::of(application, repository, builder) {
        let missed = reads.missed();
        if missed.is_empty() {
            continue;
        }
        let shown = outermost(&missed).map(|path| match path.to_str() {
            Some("") => "the root".to_owned(),
            _ => path.display().to_string(),
        });
        let given = application.annotation(ANNOTATION);
        let blank = match given.split(';').find(|path| path.trim() != *path) {
            Some(path) => format!("; the blank in {path:?} is part of the path"),
            None => String::new(),
        };
        let remedy = match application.origin().is_built() {
            true => "",
            false => "\n--write adds what is missing",
        };
        let missed = few(&shown.collect::<Vec<_>>());
        let message = format!("a change at or below {missed} is not noticed{blank}");
        let tops = reads.tops();
        let exact: Vec<String> =
            outermost(&tops).map(|folder| format!("/{}", folder.display())).collect();
        problems.push(
            remark_on("metadata.annotations", "manifest-generate-paths", message, application)
                .hint(format!("{ANNOTATION}: {}{remedy}", exact.join(";"))),
        );
    }
}
