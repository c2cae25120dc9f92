//! The files of a repository, as a generator and a build see them.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use kustom::{FileKind, FileSystem};

use crate::globs::Globs;
use crate::listed::{Listed, unlisted};
use crate::path_pattern::Pathspec;
use crate::pattern_work::PatternWork;

/// The most files and directories of a repository.
const MOST: usize = 1_000_000;
/// How deep directories may be nested.
const DEEPEST: usize = 200;

/// What becomes of ignored files.
const IN_NO_CLONE: &str = "so no clone has it";

/// A repository: a directory of a file system.
#[derive(Debug)]
pub struct Repository {
    /// What git has, or would add, if that is known.
    fs: Arc<dyn FileSystem>,
    /// All that is there.
    whole: Arc<dyn FileSystem>,
    root: PathBuf,
    /// Group and kind of what is said to be cluster-scoped.
    cluster_scoped: BTreeSet<(String, String)>,
    tree: OnceCell<Result<Tree, String>>,
    /// The patterns of paths, and what they may still do.
    globs: Globs,
    /// The files that each pattern of git takes.
    taken: RefCell<BTreeMap<String, Rc<[usize]>>>,
}

/// What lies in a repository, as paths below its root.
#[derive(Debug, Default)]
struct Tree {
    /// As a walk meets them: the names of a directory sorted, children directly after their directory.
    directories: Vec<String>,
    files: Vec<String>,
    /// What each path is, so that nobody has to ask the file system again.
    kinds: BTreeMap<String, FileKind>,
}

impl Tree {
    /// Returns what a path is; none if a link is on the way, so that the file system has to say.
    fn kind(&self, path: &str) -> Option<Option<FileKind>> {
        if path.is_empty() {
            return Some(Some(FileKind::Directory));
        }
        let known = self.kinds.get(path).filter(|kind| **kind != FileKind::Link);
        if let Some(kind) = known {
            return Some(Some(*kind));
        }
        // What is not below a link, and was not met, is not there.
        let ends = path.match_indices('/').map(|(i, _)| i).chain([path.len()]);
        for end in ends {
            match self.kinds.get(&path[..end]) {
                Some(FileKind::Directory) => {}
                Some(FileKind::Link) => return None,
                // The walk leaves out what is git's own.
                _ if path.split('/').any(|name| name == ".git") => return None,
                _ => return Some(None),
            }
        }
        None
    }
}

impl Repository {
    /// Returns the repository whose root is the directory `root`, without looking at it yet.
    ///
    /// # Errors
    /// If there is no such directory.
    pub fn new(fs: impl FileSystem + 'static, root: &Path) -> io::Result<Repository> {
        let fs: Arc<dyn FileSystem> = Arc::new(fs);
        let root = fs.canonicalize(&fs.absolute(root)?)?;
        if fs.kind(&root)? != FileKind::Directory {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let cluster_scoped = BTreeSet::new();
        let whole = Arc::clone(&fs);
        let (tree, globs, taken) = Default::default();
        Ok(Repository { fs, whole, root, cluster_scoped, tree, globs, taken })
    }

    /// Lets whoever reads the repository see these files only, as paths below its root, and all below those that are
    /// directories: the others are not in git. What `kustom vendor` has copied stays.
    #[must_use]
    pub fn only(self, files: BTreeSet<String>) -> Repository {
        let fs = Arc::new(Listed::new(Arc::clone(&self.whole), &self.root, files));
        Repository { fs, ..self }
    }

    /// Says of kinds, such as `Widget.example.com`, that they have no namespace.
    #[must_use]
    pub fn with_cluster_scoped<'k>(self, kinds: impl IntoIterator<Item = &'k str>) -> Repository {
        let split = |name: &'k str| {
            let (kind, group) = name.split_once('.').unwrap_or((name, ""));
            (group.to_owned(), kind.to_owned())
        };
        Repository { cluster_scoped: kinds.into_iter().map(split).collect(), ..self }
    }

    /// Returns group and kind of what is said to have no namespace.
    pub(crate) fn cluster_scoped(&self) -> &BTreeSet<(String, String)> {
        &self.cluster_scoped
    }

    /// Returns the root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the file system.
    pub fn file_system(&self) -> &Arc<dyn FileSystem> {
        &self.fs
    }

    /// Returns the file system with what is not in git too.
    pub fn whole_file_system(&self) -> &Arc<dyn FileSystem> {
        &self.whole
    }

    /// Returns what to do about an error, if it says that something is not there which git ignores.
    pub(crate) fn advice(&self, error: &(dyn std::error::Error + 'static)) -> Option<String> {
        let path = unlisted(error).filter(|path| self.whole.kind(path).is_ok())?;
        let said = self.said_unlisted(path);
        let path = path.strip_prefix(&self.root).unwrap_or(path).display();
        Some(format!("{path} is there, but {said}"))
    }

    /// Returns what is to say of a path that is not there, if it is and git ignores it.
    fn ignored(&self, path: &Path) -> Option<String> {
        let is_there = self.whole.kind(path).is_ok() && self.fs.kind(path).is_err();
        is_there.then(|| self.said_unlisted(path))
    }

    /// Says why git has nothing of a path that is there.
    fn said_unlisted(&self, path: &Path) -> String {
        let mut above = path.ancestors().take_while(|above| *above != self.root);
        match above.find(|above| self.whole.kind(&above.join(".git")).is_ok()) {
            Some(own) => {
                let own = own.strip_prefix(&self.root).unwrap_or(own).display();
                format!("{own} is a repository of its own, whose files this one does not have")
            }
            None => format!("git ignores it, {IN_NO_CLONE}"),
        }
    }

    /// Returns a path of the repository as one of the file system; none if it leads out of it.
    pub(crate) fn path(&self, path: &str) -> Option<PathBuf> {
        let mut parts = Vec::new();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                part => parts.push(part),
            }
        }
        Some(parts.into_iter().fold(self.root.clone(), |path, part| path.join(part)))
    }

    /// Says of a path which leads to no directory what is wrong with it.
    pub(crate) fn missing(&self, path: &str) -> String {
        let Some(there) = self.path(path) else {
            return format!("the path {path} leads out of the repository");
        };
        if let Some(ignored) = self.ignored(&there) {
            return format!("the directory {path} is there, but {ignored}");
        }
        if path.split('/').any(|part| part == "..") {
            let there = there.strip_prefix(&self.root).unwrap_or(&there).display();
            return format!("there is no directory {there}, to which the path {path} leads");
        }
        format!("there is no directory {path}")
    }

    /// Returns what a path names, links followed.
    pub(crate) fn kind(&self, path: &str) -> Option<FileKind> {
        let path = self.path(path)?;
        if let Some(Ok(tree)) = self.tree.get()
            && let Ok(below) = path.strip_prefix(&self.root)
            && let Some(parts) = below.iter().map(|part| part.to_str()).collect::<Option<Vec<_>>>()
            && let Some(kind) = tree.kind(&parts.join("/"))
        {
            return kind;
        }
        let path = self.fs.canonicalize(&path).ok()?;
        if !path.starts_with(&self.root) {
            return None;
        }
        self.fs.kind(&path).ok()
    }

    /// Returns the content of a file.
    pub(crate) fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        // The walk met it behind no link.
        let tree = self.tree.get().and_then(|tree| tree.as_ref().ok());
        if tree.is_some_and(|tree| tree.kinds.get(path) == Some(&FileKind::File)) {
            return self.fs.read(&self.root.join(path));
        }
        let path = self.path(path).ok_or(io::ErrorKind::NotFound)?;
        let path = self.fs.canonicalize(&path).map_err(|e| match self.ignored(&path) {
            Some(ignored) => io::Error::new(e.kind(), ignored),
            None => e,
        })?;
        if !path.starts_with(&self.root) {
            return Err(io::Error::other("the link leads out of the repository"));
        }
        self.fs.read(&path)
    }

    /// Returns all directories but those with a dot in front, and below such.
    pub(crate) fn directories(&self) -> Result<impl Iterator<Item = &str>, String> {
        let hidden = |path: &&str| path.split('/').any(|name| name.starts_with('.'));
        Ok(self.tree()?.directories.iter().map(String::as_str).filter(move |path| !hidden(path)))
    }

    /// Returns all files, sorted by their whole path.
    pub(crate) fn files(&self) -> Result<&[String], String> {
        Ok(&self.tree()?.files)
    }

    /// Returns what patterns of paths may still do.
    pub(crate) fn work(&self) -> &PatternWork {
        self.globs.work()
    }

    /// Returns the patterns of texts, which are paid for as those of paths.
    pub(crate) fn globs(&self) -> &Globs {
        &self.globs
    }

    /// Returns the numbers of the files that a pattern of git takes, in their order; each pattern is matched once.
    ///
    /// # Errors
    /// If the files cannot be listed, or patterns take too much work.
    pub(crate) fn taken(&self, pattern: &str) -> Result<Rc<[usize]>, String> {
        if let Some(known) = self.taken.borrow().get(pattern) {
            return Ok(Rc::clone(known));
        }
        let spec = Pathspec::new(pattern);
        let files = self.files()?.iter().enumerate();
        let taken = files.filter(|(_, file)| spec.takes(file, self.work())).map(|(i, _)| i);
        let taken: Rc<[usize]> = taken.collect();
        // What is kept of it.
        self.work().spend(taken.len().saturating_mul(16));
        if self.work().is_spent() {
            return Err(PatternWork::told());
        }
        self.taken.borrow_mut().insert(pattern.to_owned(), Rc::clone(&taken));
        Ok(taken)
    }

    fn tree(&self) -> Result<&Tree, String> {
        let tree = self.tree.get_or_init(|| {
            let mut tree = Tree::default();
            self.walk(&self.root, "", &mut tree, 0)?;
            tree.files.sort();
            Ok(tree)
        });
        tree.as_ref().map_err(Clone::clone)
    }

    fn walk(
        &self,
        directory: &Path,
        below: &str,
        tree: &mut Tree,
        depth: usize,
    ) -> Result<(), String> {
        let mut names =
            self.fs.list(directory).map_err(|e| format!("{}: {e}", directory.display()))?;
        names.sort();
        for name in names {
            let path = directory.join(&name);
            let shown = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
            // It is in a list, so nothing else than the disk has to be asked.
            let kind = self.whole.kind(&path);
            if let Ok(kind) = &kind {
                tree.kinds.insert(shown.clone(), *kind);
            }
            match kind {
                Ok(FileKind::Directory) if name == ".git" => {}
                Ok(FileKind::Directory) => {
                    if depth >= DEEPEST {
                        return Err(format!("{shown}: nested deeper than {DEEPEST} directories"));
                    }
                    let before = (tree.directories.len(), tree.files.len());
                    tree.directories.push(shown.clone());
                    self.walk(&path, &shown, tree, depth + 1)?;
                    // Git has no directories, only files in such.
                    if tree.files.len() == before.1 {
                        tree.directories.truncate(before.0);
                    }
                }
                Ok(_) => tree.files.push(shown),
                Err(_) => {}
            }
            if tree.directories.len() + tree.files.len() > MOST {
                return Err(format!("the repository has more than {MOST} files"));
            }
        }
        Ok(())
    }
}
