//! What a source asks for: a kustomization, one with other files at its top, objects, or a refusal.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kustom::FileKind;
use kustom::document::NodeView;

use crate::preview::KUSTOMIZATIONS;
use crate::repository::Repository;

/// What is to be done for one source.
pub(crate) enum Work {
    /// A kustomization is built.
    Kustomization(PathBuf),
    /// A kustomization is built in a twin of a directory, which has other files at its top.
    Staged(Stage),
    /// The objects were read already, with warnings.
    Objects(Vec<NodeView>, Vec<String>),
    /// It cannot be rendered.
    Refused(String),
}

/// A twin of a directory to build in.
pub(crate) struct Stage {
    pub(crate) directory: PathBuf,
    /// What it has at its top; nothing for a file that is not there.
    pub(crate) files: BTreeMap<String, Option<Vec<u8>>>,
    /// What it is, for messages.
    pub(super) title: String,
    /// Whether it is a chart of Argo CD itself, and none of a kustomization.
    pub(super) is_chart: bool,
}

impl Stage {
    /// Returns a twin whose kustomization is this one, and no other.
    pub(super) fn new(directory: PathBuf, kustomization: Vec<u8>, title: String) -> Stage {
        let mut files: BTreeMap<String, Option<Vec<u8>>> =
            KUSTOMIZATIONS.iter().map(|name| ((*name).to_owned(), None)).collect();
        files.insert(KUSTOMIZATIONS[0].to_owned(), Some(kustomization));
        Stage { directory, files, title, is_chart: false }
    }
}

/// Returns the path of a directory of the repository.
pub(super) fn existing(path: &str, repository: &Repository) -> Result<PathBuf, String> {
    let directory = repository.path(path).ok_or_else(|| repository.missing(path))?;
    match repository.kind(path) {
        Some(FileKind::Directory) => Ok(directory),
        _ => Err(repository.missing(path)),
    }
}
