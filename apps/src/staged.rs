//! A file system with folders that are there twice: as they are, and with other files at their top.
//!
//! What an Application says over a kustomization is put into a twin of its directory, beside it. So all
//! Applications are built in one go, those that change the same directory too, and what they share is read
//! and built once.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustom::{FileKind, FileSystem};

/// What is in the name of every twin, and in no other name.
const MARK: &str = "~application-";

/// A file system with twins of some directories.
#[derive(Debug)]
pub(crate) struct Staged {
    below: Arc<dyn FileSystem>,
    twins: BTreeMap<PathBuf, Twin>,
}

/// A directory that stands for another.
#[derive(Debug)]
struct Twin {
    of: PathBuf,
    /// What it has at its top; nothing for a file that is not there.
    files: BTreeMap<String, Option<Vec<u8>>>,
}

impl Staged {
    pub(crate) fn new(below: Arc<dyn FileSystem>) -> Staged {
        Staged { below, twins: BTreeMap::new() }
    }

    /// Adds a twin of a directory with other files at its top, and returns its path.
    pub(crate) fn add(
        &mut self,
        directory: &Path,
        files: BTreeMap<String, Option<Vec<u8>>>,
    ) -> PathBuf {
        let mut path = directory.as_os_str().to_owned();
        path.push(format!("{MARK}{}~", self.twins.len()));
        let path = PathBuf::from(path);
        self.twins.insert(path.clone(), Twin { of: directory.to_path_buf(), files });
        path
    }

    /// Returns a text in which twins have the names of what they stand for.
    pub(crate) fn reworded(text: &str) -> String {
        let mut parts = text.split(MARK);
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            out.push_str(part.split_once('~').map_or(part, |(_, rest)| rest));
        }
        out
    }

    /// Returns `true` if a path is that of a twin or below one.
    pub(crate) fn is_twin(path: &Path) -> bool {
        path.to_string_lossy().contains(MARK)
    }

    /// Returns the twin that a path is below, and the rest of the path.
    fn twin<'a, 'p>(&'a self, path: &'p Path) -> Option<(&'a Path, &'a Twin, &'p Path)> {
        if self.twins.is_empty() || !Staged::is_twin(path) {
            return None;
        }
        path.ancestors().find_map(|above| {
            let (alias, twin) = self.twins.get_key_value(above)?;
            Some((alias.as_path(), twin, path.strip_prefix(above).ok()?))
        })
    }

    /// Returns what a path has in a twin, or else its path in the file system below.
    fn find(&self, path: &Path) -> io::Result<Found<'_>> {
        let Some((_, twin, rest)) = self.twin(path) else {
            return Ok(Found::Below(path.to_path_buf()));
        };
        match rest.to_str().and_then(|name| twin.files.get(name)) {
            Some(Some(content)) => Ok(Found::File(content)),
            Some(None) => Err(io::ErrorKind::NotFound.into()),
            None if rest.as_os_str().is_empty() => Ok(Found::Below(twin.of.clone())),
            None => Ok(Found::Below(twin.of.join(rest))),
        }
    }
}

enum Found<'a> {
    File(&'a [u8]),
    Below(PathBuf),
}

impl FileSystem for Staged {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        match self.find(path)? {
            Found::File(_) => Ok(FileKind::File),
            Found::Below(path) => self.below.kind(&path),
        }
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        let Found::Below(below) = self.find(path)? else { return Ok(path.to_path_buf()) };
        let found = self.below.canonicalize(&below)?;
        // What a link leads to elsewhere is there once.
        let twin = self.twin(path);
        Ok(
            match twin
                .and_then(|(alias, twin, _)| Some((alias, found.strip_prefix(&twin.of).ok()?)))
            {
                Some((alias, rest)) if rest.as_os_str().is_empty() => alias.to_path_buf(),
                Some((alias, rest)) => alias.join(rest),
                None => found,
            },
        )
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.find(path)? {
            Found::File(content) => Ok(content.to_vec()),
            Found::Below(path) => self.below.read(&path),
        }
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        match self.find(path)? {
            Found::File(content) => Ok(content.to_vec()),
            Found::Below(path) => self.below.read_at_most(&path, most),
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let Found::Below(below) = self.find(path)? else {
            return Err(io::ErrorKind::NotADirectory.into());
        };
        let mut names = self.below.list(&below)?;
        if let Some((_, twin, rest)) = self.twin(path)
            && rest.as_os_str().is_empty()
        {
            names.retain(|name| !twin.files.contains_key(name));
            let there = twin.files.iter().filter(|(_, content)| content.is_some());
            names.extend(there.map(|(name, _)| name.clone()));
        }
        Ok(names)
    }

    fn is_executable(&self, path: &Path) -> Option<bool> {
        match self.find(path).ok()? {
            Found::File(_) => Some(false),
            Found::Below(path) => self.below.is_executable(&path),
        }
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        match self.find(path)? {
            Found::File(_) => Err(io::ErrorKind::InvalidInput.into()),
            Found::Below(path) => self.below.read_link(&path),
        }
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.below.absolute(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twin_is_its_directory_but_for_its_own_files() {
        let mut files = kustom::MemoryFs::new();
        for (path, text) in [("/r/a/k.yaml", "old"), ("/r/a/k.yml", "old"), ("/r/a/b/c.yaml", "c")]
        {
            files.insert(path, text);
        }
        let mut fs = Staged::new(Arc::new(files));
        let own = [("k.yaml", Some(b"new".to_vec())), ("k.yml", None)];
        let own = own.map(|(name, content)| (name.to_owned(), content)).into();
        let twin = fs.add("/r/a".as_ref(), own);
        assert_eq!(fs.kind(&twin).unwrap(), FileKind::Directory);
        assert_eq!(fs.canonicalize(&twin.join("b")).unwrap(), twin.join("b"));
        assert_eq!(fs.read(&twin.join("k.yaml")).unwrap(), b"new");
        assert_eq!(fs.read("/r/a/k.yaml".as_ref()).unwrap(), b"old");
        assert!(fs.read(&twin.join("k.yml")).is_err());
        assert_eq!(fs.read(&twin.join("b/c.yaml")).unwrap(), b"c");
        let mut names = fs.list(&twin).unwrap();
        names.sort();
        assert_eq!(names, ["b", "k.yaml"]);
        assert_eq!(Staged::reworded(&format!("in {}: no", twin.display())), "in /r/a: no");
    }
}
