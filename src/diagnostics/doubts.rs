//! What decides whether a warning is said once all roots of a call are looked at together.

use std::path::{Path, PathBuf};

use crate::diagnostics::Sources;
use crate::yaml::Pos;

/// The doubts about a warning; without any it is said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doubts {
    /// Whether it is mostly on purpose in a repository of many roots.
    pub(crate) is_minor: bool,
    /// A namespace that an object of another root may be in, which is then known.
    pub(crate) namespace: Option<String>,
    /// A namespace that what has none in the build may be deployed to: then there is nothing wrong.
    pub(crate) home: Option<String>,
    /// Whether Flux may fill in what is missing, as it gives objects their namespace.
    pub(crate) is_filled_in: bool,
    /// Whether it is about a source, which a patch of Flux may name otherwise.
    pub(crate) is_of_source: bool,
    /// The namespace that a kustomization says of itself: nothing is lost if its objects have it.
    pub(crate) said: Option<String>,
    /// What a patch sets that changes nothing.
    pub(crate) patch: Option<NoChange>,
}

/// What is known of a patch that changes nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct NoChange {
    /// The texts that it sets.
    pub(crate) values: Vec<String>,
    /// Where the first object is that has them already.
    pub(crate) object: Pos,
    /// The file of that object.
    pub(crate) object_file: Option<PathBuf>,
    /// The file of the patch.
    pub(crate) file: Option<PathBuf>,
}

impl Doubts {
    /// Turns positions into files, given that of the warning itself.
    pub(super) fn resolve(&mut self, sources: &dyn Sources, place: Option<&Path>) {
        if let Some(patch) = &mut self.patch {
            patch.file = place.map(Path::to_path_buf);
            patch.object_file = sources.locate(patch.object).map(|place| place.file);
        }
    }
}
