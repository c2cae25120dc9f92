//! The only file here that knows the library's API.

use std::path::Path;

use kustom::{Builder, LoadRestriction, MemoryFs, Reorder};

/// What `case.toml` may ask of a build.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) unrestricted: bool,
    pub(crate) reorder: Option<Order>,
    pub(crate) managed_by_label: bool,
}

/// The values of `--reorder`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    Legacy,
    None,
}

/// Builds a directory on disk; returns the output, or the message of the error.
pub(crate) fn build_from_disk(directory: &Path, options: &Options) -> Result<String, String> {
    finish(builder(options), directory)
}

/// Builds a directory of a tree that is held in memory.
///
/// `files` are paths from `/` with their contents.
pub(crate) fn build_from_memory(
    files: Vec<(String, Vec<u8>)>,
    directory: &Path,
    options: &Options,
) -> Result<String, String> {
    let mut fs = MemoryFs::new();
    for (path, content) in files {
        fs.insert(path, content);
    }
    finish(builder(options).file_system(fs), directory)
}

fn builder(options: &Options) -> Builder {
    let mut builder = Builder::new().managed_by_label(options.managed_by_label);
    if options.unrestricted {
        builder = builder.load_restriction(LoadRestriction::None);
    }
    match options.reorder {
        Some(Order::Legacy) => builder.reorder(Reorder::Legacy),
        Some(Order::None) => builder.reorder(Reorder::None),
        None => builder,
    }
}

fn finish(builder: Builder, directory: &Path) -> Result<String, String> {
    builder.build(directory).map(|build| build.to_string()).map_err(|error| error.to_string())
}
