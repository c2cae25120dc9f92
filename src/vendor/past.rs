//! What a kustomization that cannot be built looks at: nothing that is wrong hides the rest.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::no_fetch::NoFetch;
use super::read_on::read_on;
use crate::build::cache::Cache;
use crate::builder::Builder;
use crate::load::Inputs;
use crate::load::remote::Mode;

/// What is known of a kustomization that cannot be built.
pub(crate) struct ReadPast {
    /// What was looked at.
    pub(crate) inputs: Inputs,
    /// Whether that is all that can come from elsewhere.
    pub(crate) is_all: bool,
    /// Whether there are functions, which may read more.
    pub(crate) has_functions: bool,
    /// Whether something could not be read, so that nobody knows what it names.
    pub(crate) has_unread: bool,
    /// What the configurations of built-in steps name, whether it may be read or not.
    pub(crate) named: Vec<PathBuf>,
}

/// Returns a builder for which charts come to nothing if it has no renderer.
pub(crate) fn past_charts(builder: &Builder) -> Builder {
    match builder.get_charts().cloned() {
        Some(_) => builder.clone(),
        None => builder.clone().charts(Arc::new(NoFetch::without_helm())),
    }
}

/// Reads a kustomization to the end, as far as that goes without what is not allowed.
pub(crate) fn read_past(builder: &Builder, root: &Path) -> ReadPast {
    let read = read_with(&past_charts(builder), root);
    // Where helm is wanted and not there, no chart has been looked at.
    match builder.get_charts() {
        Some(renderer) if !read.is_all && renderer.version().is_err() => {
            read_with(&builder.clone().charts(Arc::new(NoFetch::without_helm())), root)
        }
        _ => read,
    }
}

fn read_with(builder: &Builder, root: &Path) -> ReadPast {
    let cache = Cache::new(builder.files(Mode::Build).recorded(), builder.renderings());
    let read = read_on(&cache, root, builder.restriction());
    ReadPast {
        inputs: cache.files.log().all().inputs(cache.files.remotes()),
        is_all: read.missing.is_empty() && read.unread.is_empty(),
        has_functions: read.has_functions,
        has_unread: !read.unread.is_empty(),
        named: read.named,
    }
}
