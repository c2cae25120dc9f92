//! What a copy of a tree holds, as its hash counts it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::digest::{Content, hash_contents, hash_directory, read_directory};
use super::lock::{Kept, LockedTree};
use crate::load::fs::{FileKind, FileSystem};

/// How many links a path may lead through.
const MOST_LINKS: usize = 40;

/// Files that say how git treats others. In a copy they would say it of the repository that the copy is in.
const OF_GIT: [&str; 4] = [".git", ".gitattributes", ".gitignore", ".gitmodules"];

impl LockedTree {
    /// Returns `true` if a tree that was fetched has what the lock file says.
    pub(super) fn is_of(&self, files: &dyn FileSystem, root: &Path) -> bool {
        let contents = match &self.kept {
            Kept::Whole(_) => whole_tree(files, root).map(|mut contents| {
                drop_ways_out(&mut contents);
                contents
            }),
            Kept::Files(listed) => {
                let there = listed.iter();
                Ok(there
                    .filter_map(|path| Some((path.clone(), content(files, root, path)?)))
                    .collect())
            }
        };
        contents.is_ok_and(|contents| hash_contents(&contents) == self.hash)
    }

    /// Returns `true` if a tree that was fetched has another content than the lock file says, for certain.
    pub(crate) fn is_another(&self, files: &dyn FileSystem, root: &Path) -> bool {
        let is_listed =
            self.is_whole() || !matches!(&self.kept, Kept::Files(listed) if listed.is_empty());
        is_listed && !self.is_of(files, root)
    }

    /// As [`is_of`](Self::is_of), with the copy in a directory in place of the list: if it has the hash, the
    /// list alone is wrong.
    pub(super) fn is_of_copy(
        &self,
        (files, root): (&dyn FileSystem, &Path),
        (copies, copy): (&dyn FileSystem, &Path),
    ) -> bool {
        let Ok((hash, listed)) = hash_directory(copies, copy) else { return false };
        let tree = LockedTree { kept: Kept::Files(listed), ..self.clone() };
        hash == self.hash && tree.is_of(files, root)
    }
}

/// Returns all that a copy of a whole tree has, links out of it among it.
///
/// # Errors
/// If it cannot be read, or is too much.
pub(crate) fn whole_tree(
    files: &dyn FileSystem,
    root: &Path,
) -> io::Result<BTreeMap<PathBuf, Content>> {
    let mut entries = read_directory(files, root)?;
    let is_gits = |path: &Path| path.iter().any(|part| OF_GIT.iter().any(|name| part == *name));
    entries.retain(|path, _| !is_gits(path));
    Ok(entries)
}

/// Returns the file or link at a path of a tree.
pub(crate) fn content(files: &dyn FileSystem, root: &Path, path: &Path) -> Option<Content> {
    let absolute = root.join(path);
    match files.kind(&absolute) {
        Ok(FileKind::File) => files.read(&absolute).map(Content::File).ok(),
        Ok(FileKind::Link) => files.read_link(&absolute).map(Content::Link).ok(),
        _ => None,
    }
}

/// Drops links that lead out of the tree, also by way of others.
pub(crate) fn drop_ways_out(entries: &mut BTreeMap<PathBuf, Content>) {
    let link = |(path, content): (&PathBuf, &Content)| match content {
        Content::Link(target) => Some((path.clone(), target.clone())),
        Content::File(_) => None,
    };
    let links: BTreeMap<PathBuf, PathBuf> = entries.iter().filter_map(link).collect();
    entries.retain(|path, _| !links.contains_key(path) || stays_inside(path, &links));
}

/// Returns `true` if a link of a tree does not lead out of it.
fn stays_inside(link: &Path, links: &BTreeMap<PathBuf, PathBuf>) -> bool {
    let (mut real, mut count) = (PathBuf::new(), 0);
    let mut left = parts(link).unwrap_or_default();
    while let Some(part) = left.pop() {
        if part == ".." {
            if !real.pop() {
                return false;
            }
            continue;
        }
        real.push(&part);
        let Some(target) = links.get(&real) else { continue };
        count += 1;
        let Some(target) = parts(target).filter(|_| count <= MOST_LINKS) else { return false };
        real.pop();
        left.extend(target);
    }
    true
}

/// Returns the parts of a relative path, the first one last.
fn parts(path: &Path) -> Option<Vec<OsString>> {
    let part = |part: Component<'_>| match part {
        Component::RootDir | Component::Prefix(_) => None,
        part => Some(part.as_os_str().to_owned()),
    };
    let parts = path.components().filter(|part| *part != Component::CurDir);
    let mut parts = parts.map(part).collect::<Option<Vec<_>>>()?;
    parts.reverse();
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_inside() {
        let inside = |links: &[(&str, &str)]| {
            let links = links.iter().map(|(path, target)| (path.into(), target.into())).collect();
            stays_inside(Path::new("a/link"), &links)
        };
        for target in ["../c", "./b/../..", ".."] {
            assert!(inside(&[("a/link", target)]), "{target}");
        }
        for target in ["../../c", "/etc", "../c/../../d"] {
            assert!(!inside(&[("a/link", target)]), "{target}");
        }
        // Each by itself does.
        assert!(!inside(&[("a/link", "b/up/../../x"), ("a/b/up", "..")]));
        assert!(inside(&[("a/link", "b/up/../x"), ("a/b/up", "..")]));
        assert!(!inside(&[("a/link", "../c/d"), ("c", "/etc")]));
        assert!(!inside(&[("a/link", "other"), ("a/other", "link")]));
    }
}
