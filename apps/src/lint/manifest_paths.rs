//! `argocd.argoproj.io/manifest-generate-paths`: which changes make Argo CD render anew.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;

use kustom::Builder;

use super::Subject;
use super::generate_paths::relative;
use crate::application::Application;
use crate::preview::remark;
use crate::problem::{Problem, few};
use crate::render::work::Work;
use crate::render::{source, source_files};
use crate::repository::Repository;
use crate::staged::Staged;

/// The annotation.
pub(super) const ANNOTATION: &str = "argocd.argoproj.io/manifest-generate-paths";

/// What a source of an Application reads, and what its annotation watches.
pub(super) struct Reads {
    /// The directory of the source, from the root of the repository.
    path: PathBuf,
    /// The folders that something is read from, from the root of the repository; of those above the source,
    /// the files.
    folders: BTreeSet<PathBuf>,
    /// The folders that are watched, from the root of the repository.
    watched: Vec<PathBuf>,
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
            let mut fs = Staged::new(Arc::clone(repository.file_system()));
            let Ok(source) = source_files::effective(application, source, repository) else {
                continue;
            };
            let target = match source::work(application, &source, repository) {
                Some(Work::Kustomization(target)) => Some(target),
                Some(Work::Staged(stage)) => Some(fs.add(&stage.directory, stage.files)),
                Some(Work::Objects(_)) => None,
                Some(Work::Refused(_)) | None => continue,
            };
            let folders: BTreeSet<PathBuf> = match target {
                None => below_root(&directory).into_iter().collect(),
                Some(target) => {
                    let (_, inputs) = builder.clone().file_system(fs).build_with_inputs(&target);
                    let read = inputs.files().filter(|file| {
                        // What was made up for a chart stands above it.
                        let is_own =
                            Path::new(&Staged::reworded(&target.to_string_lossy())) == directory;
                        is_own || file.parent() != Some(&target)
                    });
                    read.filter_map(|file| {
                        let file = PathBuf::from(Staged::reworded(&file.to_string_lossy()));
                        let folder = file.parent()?;
                        // A folder above that of the source holds all else, too.
                        let is_above = folder != directory && directory.starts_with(folder);
                        below_root(if is_above { &file } else { folder })
                    })
                    .collect()
                }
            };
            if folders.is_empty() {
                continue;
            }
            let watched = given.split(';').map(str::trim).filter(|given| !given.is_empty());
            let watched = watched.filter_map(|given| match given.strip_prefix('/') {
                Some(absolute) => repository.path(absolute),
                None => repository.path(&format!("{path}/{given}")),
            });
            all.push(Reads {
                path: below_root(&directory).unwrap_or_default(),
                folders,
                watched: watched.filter_map(|path| below_root(&path)).collect(),
            });
        }
        all
    }

    /// Returns the folders that are read from and not watched.
    pub(super) fn missed(&self) -> Vec<String> {
        let is_watched =
            |folder: &&PathBuf| self.watched.iter().any(|watched| folder.starts_with(watched));
        let missed = self.folders.iter().filter(|folder| !is_watched(folder));
        missed.map(|folder| folder.to_string_lossy().into_owned()).collect()
    }

    /// Returns the folders that are read from, without those inside of others.
    fn tops(&self) -> impl Iterator<Item = &Path> {
        let inside =
            |folder: &Path| folder.ancestors().skip(1).any(|above| self.folders.contains(above));
        self.folders.iter().map(PathBuf::as_path).filter(move |folder| !inside(folder))
    }

    /// Returns these folders as seen from the path of the source.
    pub(super) fn relative(&self) -> Vec<String> {
        self.tops().map(|folder| relative(folder, &self.path)).collect()
    }
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
        let message = format!("a change at or below {} is not noticed", few(&missed));
        let exact: Vec<String> =
            reads.tops().map(|folder| format!("/{}", folder.display())).collect();
        problems.push(
            remark("manifest-generate-paths", message, application)
                .hint(format!("{ANNOTATION}: {}\n--write writes it", exact.join(";"))),
        );
    }
}
