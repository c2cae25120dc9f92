//! Files by which a copy would say how git treats it: what git then changes is not what the lock file says.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::digest::{Content, hash_contents, read_directory};
use super::errors::{changed, changed_by_git};
use crate::load::fs::FileSystem;

/// The file that says how git treats others.
const ATTRIBUTES: &str = ".gitattributes";

/// The files of which git takes those in each directory.
const IN_EACH_DIRECTORY: [&str; 2] = [ATTRIBUTES, ".gitignore"];

/// What is appended to the name of such a file in the copy of a chart.
const KEPT: &str = ".kept";

/// The attributes by which git changes what it stores or writes.
const CHANGING: [&str; 6] = ["crlf", "eol", "filter", "ident", "text", "working-tree-encoding"];

/// Those of them by which it does so according to what each user has set.
const BY_USER: [&str; 3] = ["crlf", "filter", "text"];

/// Returns the path that a file of a chart has in its copy: one for git has a name that git does not know.
pub(crate) fn path_in_copy(path: &Path) -> PathBuf {
    match path.file_name().filter(|name| is_for_git(name)) {
        Some(name) => {
            let mut kept = name.to_owned();
            kept.push(KEPT);
            path.with_file_name(kept)
        }
        None => path.to_path_buf(),
    }
}

/// Returns the files of a chart from those of its copy, or `None` if two of them would be one.
pub(super) fn of_chart(copy: BTreeMap<PathBuf, Content>) -> Option<BTreeMap<PathBuf, Content>> {
    let count = copy.len();
    let chart: BTreeMap<PathBuf, Content> =
        copy.into_iter().map(|(path, content)| (path_in_chart(&path), content)).collect();
    (chart.len() == count).then_some(chart)
}

/// Returns the path that a file of the copy of a chart has in the chart.
fn path_in_chart(path: &Path) -> PathBuf {
    let name = path.file_name().filter(|name| is_for_git(name)).and_then(OsStr::to_str);
    match name.and_then(|name| name.strip_suffix(KEPT)) {
        Some(name) => path.with_file_name(name),
        None => path.to_path_buf(),
    }
}

/// Returns `true` for the name of a file for git on any file system, also if it is kept under another one.
fn is_for_git(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_ascii_lowercase();
    IN_EACH_DIRECTORY.iter().any(|of_git| {
        let Some(mut rest) = name.strip_prefix(of_git) else { return false };
        while let Some(shorter) = rest.strip_suffix(KEPT) {
            rest = shorter;
        }
        rest.is_empty()
    })
}

/// Returns `true` if a file has git change others, for one user so and for another otherwise. What it does for all was
/// done when the tree was fetched, and comes to the same when it is done again.
pub(crate) fn changes_by_user(path: &Path, content: &[u8]) -> bool {
    let has = |line: &str, name: &str| {
        line.split_ascii_whitespace().skip(1).any(|attribute| is_of(attribute, name))
    };
    let is_by_user = |line: &str| {
        has(line, "filter") || BY_USER.iter().any(|name| has(line, name)) && !has(line, "eol")
    };
    lines(path, content).iter().any(|line| is_by_user(line))
}

/// Returns `true` if a file has git change others.
fn changes_others(path: &Path, content: &[u8]) -> bool {
    let is_changing = |attribute: &str| CHANGING.iter().any(|name| is_of(attribute, name));
    let mut lines = lines(path, content).into_iter();
    lines.any(|line| line.split_ascii_whitespace().skip(1).any(is_changing))
}

/// Returns the lines of a file that gives attributes to others; of another one there are none.
fn lines(path: &Path, content: &[u8]) -> Vec<String> {
    if !path.file_name().is_some_and(|name| name.eq_ignore_ascii_case(ATTRIBUTES)) {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(content);
    let lines = text.lines().map(str::trim_start).filter(|line| !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

/// Returns `true` if an attribute of a line has this name and is not off, as behind `-`; behind `!` it is as if
/// nothing had been said above.
fn is_of(attribute: &str, name: &str) -> bool {
    let attribute = attribute.strip_prefix('!').unwrap_or(attribute);
    attribute.split('=').next() == Some(name)
}

/// Returns the error for the copy in the directory `root` that is not as the lock file says, with what git has to
/// do with it; `fetch` is the command that restores it.
pub(super) fn changed_copy(
    files: &dyn FileSystem,
    root: &Path,
    (what, path, hash): (&str, &Path, &str),
    fetch: &str,
) -> crate::diagnostics::Error {
    let Ok(contents) = read_directory(files, root) else { return changed(what, path, fetch) };
    let attributes = contents.iter().find(|(path, content)| match content {
        Content::File(bytes) => changes_others(path, bytes),
        Content::Link(_) => false,
    });
    let attributes = attributes.map(|(below, _)| path.join(below));
    let with_line_ends = contents.into_iter().map(|(path, content)| match content {
        Content::File(bytes) => (path_in_chart(&path), Content::File(with_unix_ends(&bytes))),
        link => (path, link),
    });
    let is_by_git = hash_contents(&with_line_ends.collect()) == hash;
    match (is_by_git, attributes) {
        (false, None) => changed(what, path, fetch),
        (is_by_git, attributes) => {
            changed_by_git(what, path, (is_by_git, attributes.as_deref()), fetch)
        }
    }
}

/// Returns a text whose lines end as on Unix.
pub(super) fn with_unix_ends(bytes: &[u8]) -> Vec<u8> {
    let mut unix = Vec::with_capacity(bytes.len());
    for (i, byte) in bytes.iter().enumerate() {
        if *byte != b'\r' || bytes.get(i + 1) != Some(&b'\n') {
            unix.push(*byte);
        }
    }
    unix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_for_git_have_other_names_and_get_theirs_back() {
        for (path, kept) in [
            (".gitattributes", ".gitattributes.kept"),
            ("a/.gitignore", "a/.gitignore.kept"),
            ("a/.GitIgnore", "a/.GitIgnore.kept"),
            (".gitattributes.kept", ".gitattributes.kept.kept"),
            ("a/.gitkeep", "a/.gitkeep"),
            (".gitignored", ".gitignored"),
            (".gitattributes/a", ".gitattributes/a"),
        ] {
            assert_eq!(path_in_copy(Path::new(path)), Path::new(kept), "{path}");
            assert_eq!(path_in_chart(Path::new(kept)), Path::new(path), "{kept}");
        }
        // One of an older copy, which has its own name.
        assert_eq!(path_in_chart(Path::new(".gitattributes")), Path::new(".gitattributes"));
    }

    #[test]
    fn attributes_that_change_nothing_are_none() {
        let path = Path::new("a/.gitattributes");
        for (text, changes, by_user) in [
            ("* text=auto\n", true, true),
            ("a !text", true, true),
            (" * filter=lfs -text", true, true),
            ("*.md -diff eol=crlf", true, false),
            ("*.sh text eol=lf", true, false),
            ("x\tident", true, false),
            ("", false, false),
            ("# * text", false, false),
            ("text", false, false),
            ("* -text -filter", false, false),
            ("* binary", false, false),
            ("*.go diff=golang linguist-generated export-ignore", false, false),
        ] {
            assert_eq!(changes_others(path, text.as_bytes()), changes, "{text}");
            assert_eq!(changes_by_user(path, text.as_bytes()), by_user, "{text}");
        }
        assert!(!changes_others(Path::new("gitattributes"), b"* text"));
    }
}
