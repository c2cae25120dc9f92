//! Lexical work on paths, as Go's `filepath` does it.

use std::path::{Component, Path, PathBuf};

/// Removes `.`, empty parts and `x/..` without looking at the disk; an empty path becomes `.`.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => out.push(".."),
            },
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() {
        out.push(".");
    }
    out
}

/// Joins an entry of a kustomization to the directory it counts from and cleans the result.
///
/// Like Go's `Join`, a leading `/` of the entry does not make it absolute: callers that accept
/// absolute entries look for them first.
pub(crate) fn join(directory: &Path, entry: &str) -> PathBuf {
    clean(&directory.join(entry.trim_start_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleans_like_go() {
        for (path, cleaned) in [
            ("a/../b", "b"),
            ("../b/", "../b"),
            ("/..", "/"),
            ("./", "."),
            ("a//b/.", "a/b"),
            ("../../x/..", "../.."),
        ] {
            assert_eq!(clean(Path::new(path)), Path::new(cleaned), "{path}");
        }
    }
}
