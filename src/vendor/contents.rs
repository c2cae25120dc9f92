//! What of a tree is copied.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use crate::diagnostics::{Error, ErrorKind, Result};
use crate::load::remote::{Content, Kept, hash_contents, read_directory};
use crate::load::{FileKind, FileSystem, Input, InputKind};

/// How many links a path may lead through.
const MOST_LINKS: usize = 40;

/// Files that say how git treats others. In a copy they would say it of the repository that the copy is in.
const OF_GIT: [&str; 4] = [".git", ".gitattributes", ".gitignore", ".gitmodules"];

/// What of a tree is copied.
#[derive(Debug)]
pub(super) struct Contents {
    /// The files and links, by their paths in the tree.
    pub(super) entries: BTreeMap<PathBuf, Content>,
    /// Those that are programs.
    programs: BTreeSet<PathBuf>,
    is_whole: bool,
}

impl Contents {
    /// Takes what builds have looked at, and of `more` what is there; all of the tree if functions run in it.
    ///
    /// # Errors
    /// If all of it is too much.
    pub(super) fn of(
        files: &dyn FileSystem,
        root: &Path,
        looked_at: &[Input],
        more: Option<&Kept>,
    ) -> Result<Contents> {
        let is_root = |input: &Input| input.kind == InputKind::Tree && input.path == root;
        let mut contents = match more {
            Some(Kept::Whole(_)) => Contents::whole(files, root)?,
            _ if looked_at.iter().any(is_root) => Contents::whole(files, root)?,
            _ => Contents::empty(),
        };
        let is_copied = |input: &&Input| {
            matches!(input.kind, InputKind::File | InputKind::Unread | InputKind::Link)
        };
        let paths = looked_at.iter().filter(is_copied);
        for path in paths.filter_map(|input| input.path.strip_prefix(root).ok()) {
            contents.add(files, root, path);
        }
        if let Some(Kept::Files(more)) = more {
            more.iter().for_each(|path| contents.add(files, root, path));
        }
        contents.drop_ways_out();
        Ok(contents)
    }

    fn empty() -> Contents {
        Contents { entries: BTreeMap::new(), programs: BTreeSet::new(), is_whole: false }
    }

    fn whole(files: &dyn FileSystem, root: &Path) -> Result<Contents> {
        let mut entries = read_directory(files, root).map_err(|e| {
            let message = format!("copying a whole tree, for functions run in it: {e}");
            Error::new(ErrorKind::Limit, message)
        })?;
        let is_gits = |path: &Path| path.iter().any(|part| OF_GIT.iter().any(|name| part == *name));
        entries.retain(|path, _| !is_gits(path));
        let is_program =
            |path: &&PathBuf| files.is_executable(&root.join(path)).unwrap_or_default();
        let programs = entries.keys().filter(is_program).cloned().collect();
        Ok(Contents { entries, programs, is_whole: true })
    }

    fn add(&mut self, files: &dyn FileSystem, root: &Path, path: &Path) {
        if self.entries.contains_key(path) {
            return;
        }
        let absolute = root.join(path);
        let content = match files.kind(&absolute) {
            Ok(FileKind::File) => files.read(&absolute).map(Content::File),
            Ok(FileKind::Link) => files.read_link(&absolute).map(Content::Link),
            _ => return,
        };
        self.entries.extend(content.ok().map(|content| (path.to_path_buf(), content)));
    }

    /// Drops links that lead out of the tree, also by way of others.
    fn drop_ways_out(&mut self) {
        let link = |(path, content): (&PathBuf, &Content)| match content {
            Content::Link(target) => Some((path.clone(), target.clone())),
            Content::File(_) => None,
        };
        let links: BTreeMap<PathBuf, PathBuf> = self.entries.iter().filter_map(link).collect();
        self.entries.retain(|path, _| !links.contains_key(path) || stays_inside(path, &links));
    }

    /// Returns the hash.
    pub(super) fn hash(&self) -> String {
        hash_contents(&self.entries)
    }

    /// Returns `true` if a file is a program.
    pub(super) fn is_program(&self, path: &Path) -> bool {
        self.programs.contains(path)
    }

    /// Returns what a lock file says of it.
    pub(super) fn kept(&self) -> Kept {
        match self.is_whole {
            true => Kept::Whole(self.programs.clone()),
            false => Kept::Files(self.entries.keys().cloned().collect()),
        }
    }
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
