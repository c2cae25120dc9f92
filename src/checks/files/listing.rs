//! Lists folders, for checks of files that no build reads.

use std::path::Path;

use crate::load::Files;
use crate::yaml::{Node, Pos};

/// Returns what a folder holds, sorted, without what is hidden.
pub(in crate::checks) fn list(files: &Files, folder: &Path) -> Vec<String> {
    let mut names = files.fs().list(folder).unwrap_or_default();
    names.retain(|name| !name.starts_with('.'));
    names.sort_unstable();
    names
}

/// Returns what a folder of a repository holds, sorted, with what is hidden but the data of git.
pub(in crate::checks) fn list_with_hidden(files: &Files, folder: &Path) -> Vec<String> {
    let mut names = files.fs().list(folder).unwrap_or_default();
    names.retain(|name| name != ".git" && name != "node_modules");
    names.sort_unstable();
    names
}

/// Reads the documents of a file that no build reads, and leaves no trace of it. One whose aliases stand for
/// too much has none.
pub(in crate::checks) fn peek(files: &Files, path: &Path) -> Vec<Node> {
    let text = files.text(path).unwrap_or_default();
    let depth = files.limits().depth;
    files.aliases().read_stream(text.as_bytes(), Pos::NONE, depth).unwrap_or_default()
}
