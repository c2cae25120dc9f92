//! The files of a revision, read from git's objects; the work tree is never touched.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gix::ObjectId;
use gix::bstr::{BStr, ByteSlice};
use gix::objs::tree::EntryKind;
use kustom::{FileKind, FileSystem};

/// How many links a path may lead through.
const MOST_LINKS: usize = 40;

/// The most bytes that a link may have.
const LONGEST_LINK: u64 = 64 << 10;

/// The most bytes that the list of a folder may have.
const LARGEST_TREE: u64 = 64 << 20;

/// A repository.
pub(crate) struct Repository {
    repository: gix::Repository,
    /// The work tree, links resolved; `/` if there is none.
    root: PathBuf,
}

/// The files of one revision, at the paths that they have in the work tree.
#[derive(Clone)]
pub(crate) struct Revision(Arc<Shared>);

struct Shared {
    root: PathBuf,
    top: ObjectId,
    /// Whether there is a work tree; if not, paths count from the top of the revision.
    has_work_tree: bool,
    state: Mutex<State>,
}

struct State {
    repository: gix::Repository,
    /// The paths that have been looked up, to begin with the top.
    places: HashMap<PathBuf, (EntryKind, ObjectId)>,
    trees: HashMap<ObjectId, Arc<Tree>>,
    /// What has been read; a base is read once for all roots that use it.
    blobs: HashMap<ObjectId, Arc<Vec<u8>>>,
}

type Tree = BTreeMap<Vec<u8>, (EntryKind, ObjectId)>;

impl Repository {
    /// Finds the repository that a path belongs to; the path itself need not exist.
    pub(crate) fn discover(path: &Path) -> Result<Repository, String> {
        let absolute = std::path::absolute(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let existing = absolute.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/"));
        let mut repository = gix::discover(existing)
            .map_err(|e| format!("no git repository at {}: {e}", path.display()))?;
        repository.object_cache_size_if_unset(16 << 20);
        let root = match repository.workdir() {
            Some(root) => root.canonicalize().map_err(|e| format!("{}: {e}", root.display()))?,
            None => PathBuf::from("/"),
        };
        Ok(Repository { repository, root })
    }

    /// Returns the files of a revision, in any spelling that git understands.
    pub(crate) fn revision(&self, name: &str) -> Result<Revision, String> {
        let hint = match self.repository.is_shallow() {
            Ok(true) => " (the clone is shallow: fetch more of its history)",
            _ => "",
        };
        let wrong = |e: &dyn fmt::Display| format!("revision '{name}': {e}{hint}");
        let missing = |_| wrong(&"there is none in this repository");
        let id = self.repository.rev_parse_single(name).map_err(missing)?;
        let tree = id.object().map_err(|e| wrong(&e))?;
        let tree = tree.peel_to_tree().map_err(|e| wrong(&e))?;
        Ok(Revision(Arc::new(Shared {
            root: self.root.clone(),
            top: tree.id,
            has_work_tree: self.repository.workdir().is_some(),
            state: Mutex::new(State {
                repository: self.repository.clone(),
                places: HashMap::from([(self.root.clone(), (EntryKind::Tree, tree.id))]),
                trees: HashMap::new(),
                blobs: HashMap::new(),
            }),
        })))
    }

    /// Returns the commit where `tip` left the default branch.
    pub(crate) fn merge_base(&self, tip: &str) -> Result<String, String> {
        const HINT: &str = "name the revision to compare with by --from";
        let branches = [
            "refs/remotes/origin/HEAD",
            "refs/remotes/origin/main",
            "refs/remotes/origin/master",
            "refs/heads/main",
            "refs/heads/master",
        ];
        let parse = |name: &str| self.repository.rev_parse_single(name);
        let branch = branches.iter().find(|name| parse(name).is_ok());
        let branch = branch.ok_or_else(|| format!("no default branch is known; {HINT}"))?;
        let of = |name: &str| {
            let commit = format!("{name}^{{commit}}");
            parse(commit.as_str())
                .map_err(|_| format!("revision '{name}': there is none in this repository"))
        };
        let base = self
            .repository
            .merge_base(of(tip)?, of(branch)?)
            .map_err(|e| format!("merge base of {tip} and {branch}: {e}"))?;
        base.map(|id| id.to_string()).ok_or_else(|| {
            format!("{tip} and {branch} have no commit in common (a shallow clone?); {HINT}")
        })
    }
}

/// What a path leads to.
enum Found {
    Entry(EntryKind, ObjectId),
    /// A directory above the repository.
    Above,
}

impl Revision {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what a path without links in it names.
    fn entry(&self, path: &Path) -> io::Result<Found> {
        if !path.starts_with(&self.0.root) {
            return match self.0.root.starts_with(path) {
                true => Ok(Found::Above),
                false => Err(io::ErrorKind::NotFound.into()),
            };
        }
        let (kind, id) = self.state().entry(path)?;
        Ok(Found::Entry(kind, id))
    }

    /// Follows the links of a path, that of its last part only if `last`.
    fn follow(&self, path: &Path, last: bool) -> io::Result<PathBuf> {
        let parts = |path: &Path| -> VecDeque<OsString> {
            let normal = path.components().filter_map(|part| match part {
                Component::Normal(name) => Some(name.to_owned()),
                Component::ParentDir => Some("..".into()),
                _ => None,
            });
            normal.collect()
        };
        let Ok(below) = path.strip_prefix(&self.0.root) else {
            return self.entry(path).map(|_| path.to_path_buf());
        };
        let mut waiting = parts(below);
        let mut resolved = self.0.root.clone();
        let mut links = 0;
        while let Some(part) = waiting.pop_front() {
            if part == ".." {
                resolved.pop();
                if !resolved.starts_with(&self.0.root) {
                    return Err(io::ErrorKind::NotFound.into());
                }
                continue;
            }
            let next = resolved.join(&part);
            let Found::Entry(kind, id) = self.entry(&next)? else {
                return Err(io::ErrorKind::NotFound.into());
            };
            if kind != EntryKind::Link || (waiting.is_empty() && !last) {
                resolved = next;
                continue;
            }
            links += 1;
            if links > MOST_LINKS {
                return Err(io::Error::other("too many levels of symbolic links"));
            }
            let target = self.state().link(id)?;
            let target = if target.is_absolute() {
                // Only what lies in the repository is part of a revision.
                let below = target.strip_prefix(&self.0.root);
                let below = below.map_err(|_| io::Error::from(io::ErrorKind::NotFound))?;
                resolved.clone_from(&self.0.root);
                below.to_path_buf()
            } else {
                target
            };
            for part in parts(&target).into_iter().rev() {
                waiting.push_front(part);
            }
        }
        Ok(resolved)
    }
}

impl State {
    /// Returns what a path names. Paths are followed part by part, so what is above is known already.
    fn entry(&mut self, path: &Path) -> io::Result<(EntryKind, ObjectId)> {
        let mut unknown = Vec::new();
        let mut above = path;
        let mut found = loop {
            if let Some(found) = self.places.get(above) {
                break *found;
            }
            unknown.push(above);
            above = above.parent().ok_or(io::ErrorKind::NotFound)?;
        };
        while let Some(path) = unknown.pop() {
            found = self.entry_in(found, path)?;
        }
        Ok(found)
    }

    /// Returns what a path names whose parent is known.
    fn entry_in(
        &mut self,
        parent: (EntryKind, ObjectId),
        path: &Path,
    ) -> io::Result<(EntryKind, ObjectId)> {
        let name = path.file_name().ok_or(io::ErrorKind::NotFound)?;
        let id = match parent {
            (EntryKind::Tree, id) => id,
            (EntryKind::Commit, _) => {
                return Err(io::Error::other(
                    "in a submodule, whose files are not in this repository",
                ));
            }
            _ => return Err(io::ErrorKind::NotADirectory.into()),
        };
        let name = gix::path::os_str_into_bstr(name).map_err(io::Error::other)?;
        let found = *self.tree(id)?.get(name.as_bytes()).ok_or(io::ErrorKind::NotFound)?;
        self.places.insert(path.to_path_buf(), found);
        Ok(found)
    }

    fn tree(&mut self, id: ObjectId) -> io::Result<Arc<Tree>> {
        if let Some(tree) = self.trees.get(&id) {
            return Ok(Arc::clone(tree));
        }
        if self.repository.find_header(id).map_err(io::Error::other)?.size() > LARGEST_TREE {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let tree = self.repository.find_tree(id).map_err(io::Error::other)?;
        let mut entries = Tree::new();
        for entry in tree.iter() {
            let entry = entry.map_err(io::Error::other)?;
            entries.insert(entry.filename().to_vec(), (entry.mode().kind(), entry.object_id()));
        }
        let entries = Arc::new(entries);
        drop(tree);
        self.trees.insert(id, Arc::clone(&entries));
        Ok(entries)
    }

    /// Returns what a link says.
    fn link(&mut self, id: ObjectId) -> io::Result<PathBuf> {
        let content = self.blob(id, LONGEST_LINK)?;
        let target = gix::path::from_bstr(BStr::new(content.as_slice()));
        Ok(target.map_err(io::Error::other)?.into_owned())
    }

    fn blob(&mut self, id: ObjectId, most: u64) -> io::Result<Arc<Vec<u8>>> {
        let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
        if let Some(blob) = self.blobs.get(&id) {
            let fits = blob.len() as u64 <= most;
            return if fits { Ok(Arc::clone(blob)) } else { Err(too_large()) };
        }
        // The size stands in front: a small object may be large when it is unpacked.
        if self.repository.find_header(id).map_err(io::Error::other)?.size() > most {
            return Err(too_large());
        }
        let mut blob = self.repository.find_blob(id).map_err(io::Error::other)?;
        let content = Arc::new(blob.take_data());
        drop(blob);
        self.blobs.insert(id, Arc::clone(&content));
        Ok(content)
    }
}

impl FileSystem for Revision {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        Ok(match self.entry(&self.follow(path, false)?)? {
            Found::Above => FileKind::Directory,
            Found::Entry(kind, _) => match kind {
                EntryKind::Tree => FileKind::Directory,
                EntryKind::Blob | EntryKind::BlobExecutable => FileKind::File,
                EntryKind::Link => FileKind::Link,
                EntryKind::Commit => FileKind::Other,
            },
        })
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.follow(path, true)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read_at_most(path, u64::MAX)
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        match self.entry(&self.follow(path, true)?)? {
            Found::Entry(EntryKind::Blob | EntryKind::BlobExecutable, id) => {
                self.state().blob(id, most).map(|content| content.to_vec())
            }
            _ => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let Found::Entry(EntryKind::Tree, id) = self.entry(&self.follow(path, true)?)? else {
            return Err(io::ErrorKind::NotADirectory.into());
        };
        let tree = self.state().tree(id)?;
        Ok(tree.keys().map(|name| String::from_utf8_lossy(name).into_owned()).collect())
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        match self.entry(&self.follow(path, false)?)? {
            Found::Entry(EntryKind::Link, id) => self.state().link(id),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        if !self.0.has_work_tree {
            return Ok(clean(&Path::new("/").join(path)));
        }
        let absolute = clean(&std::path::absolute(path)?);
        // The way to the repository may lead through links, which no revision knows of.
        for above in absolute.ancestors() {
            if let (Ok(real), Ok(below)) = (above.canonicalize(), absolute.strip_prefix(above))
                && (self.0.root.starts_with(&real) || real == self.0.root)
            {
                return Ok(real.join(below));
            }
        }
        Ok(absolute)
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Revision").field(&self.0.top).finish()
    }
}

/// Removes `.` and `x/..` from an absolute path.
fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(out.pop()),
            other => out.push(other),
        }
    }
    out
}
