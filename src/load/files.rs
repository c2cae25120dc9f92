//! Reads every file once and parses it once, for one build or for many that share it.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::{self, ThreadId};

use ecow::{EcoString, EcoVec};
use rustc_hash::{FxHashMap, FxHashSet};

use super::fs::{FileKind, FileSystem};
use super::lines::Lines;
use super::named::{Named, NamedEntries};
use super::outside_root;
use super::recorder::{Record, Recorder};
use super::remote::{Mode, Mounts, RemoteSource, Remotes};
use super::sources::{Origin, SourceMap};
use crate::diagnostics::{Error, ErrorKind, Location, Result};
use crate::limits::{Account, Limit, Stop};
use crate::parallel::Threads;
use crate::schema::{self, CommentSchemas};
use crate::yaml::{self, Limits, Merges, Node, Pos, SourceStyles};

/// Reads a file that a kustomization names; answers its bytes and the position of the first.
pub(crate) type ReadFile<'a> = dyn FnMut(&str) -> Result<(Vec<u8>, Pos)> + 'a;

/// How many files tell how large the others may be.
const SAMPLE: usize = 4;

/// How many bytes are worth a thread.
const MUCH: usize = 2 << 20;

/// The files of a build, with what has been read of them.
#[derive(Debug)]
pub(crate) struct Files {
    fs: Arc<dyn FileSystem>,
    remotes: Arc<Remotes>,
    account: Arc<Account>,
    /// What kustomizations name, if somebody wants to know.
    named: Option<Arc<NamedEntries>>,
    state: RwLock<State>,
    /// The files in which places were looked up.
    lines: Mutex<FxHashMap<OsString, Arc<Lines>>>,
}

#[derive(Debug, Default)]
struct State {
    /// What paths lead to, and whether that is a directory.
    resolved: FxHashMap<OsString, (Arc<Path>, bool)>,
    /// The documents of resource files.
    documents: FxHashMap<OsString, EcoVec<Node>>,
    /// How often documents will be asked for; what is not here is kept.
    uses: FxHashMap<OsString, u32>,
    sources: SourceMap,
    /// The first positions of resource files and patch files.
    streams: FxHashSet<Pos>,
    /// The schemas in comments of resource files and patches.
    schemas: Option<Arc<CommentSchemas>>,
    /// The directories of which everything counts.
    trees: Vec<PathBuf>,
    /// The memory of the largest resource file so far, and the thread that read it.
    room: Option<(ThreadId, String)>,
}

impl Files {
    /// Returns files of which nothing has been read, with nothing outside of them.
    pub(crate) fn new(fs: Arc<dyn FileSystem>, account: Account) -> Files {
        Files::with_source(fs, None, Mode::Build, account)
    }

    /// Returns files of which nothing has been read, and from where others come.
    pub(crate) fn with_source(
        fs: Arc<dyn FileSystem>,
        source: Option<Arc<dyn RemoteSource>>,
        mode: Mode,
        account: Account,
    ) -> Files {
        let mounts = Arc::new(Mounts::new(fs));
        let fs: Arc<dyn FileSystem> = Arc::<Mounts>::clone(&mounts);
        let remotes = Arc::new(Remotes::new(mounts, source, mode, Limits::of(&account)));
        Files {
            fs,
            remotes,
            account: Arc::new(account),
            named: None,
            state: RwLock::default(),
            lines: Mutex::default(),
        }
    }

    /// Returns the same files, and a list that is filled with what kustomizations name.
    pub(crate) fn listing_names(self) -> (Files, Arc<NamedEntries>) {
        let named = Arc::<NamedEntries>::default();
        (Files { named: Some(Arc::clone(&named)), ..self }, named)
    }

    /// Returns `true` if it matters what is named, and not what is made of it.
    pub(crate) fn lists_names(&self) -> bool {
        self.named.is_some()
    }

    /// Notes what an entry of the kustomization in a directory leads to.
    pub(crate) fn note_named(&self, from: &Path, entry: &str, named: impl FnOnce() -> Named) {
        if let Some(entries) = &self.named {
            entries.note(from, entry, named());
        }
    }

    /// Returns the same files with a record of what will be looked at.
    pub(crate) fn recorded(self) -> (Files, Record) {
        let (recorder, record) = Recorder::new(self.fs);
        (Files { fs: Arc::new(recorder), ..self }, record)
    }

    /// Returns files of the same file system of which nothing has been read.
    pub(crate) fn anew(&self, account: Account) -> Files {
        let (fs, remotes) = (Arc::clone(&self.fs), Arc::clone(&self.remotes));
        Files {
            fs,
            remotes,
            account: Arc::new(account),
            named: self.named.clone(),
            state: RwLock::default(),
            lines: Mutex::default(),
        }
    }

    /// Returns what is outside.
    pub(crate) fn remotes(&self) -> &Arc<Remotes> {
        &self.remotes
    }

    /// Returns the limits for reading one more text in YAML.
    pub(crate) fn limits(&self) -> Limits {
        Limits::of(&self.account)
    }

    /// Returns what reading may take and has taken.
    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// As [`account`](Self::account), to be kept.
    pub(crate) fn shared_account(&self) -> Arc<Account> {
        Arc::clone(&self.account)
    }

    /// Returns the file system.
    pub(crate) fn fs(&self) -> &dyn FileSystem {
        &*self.fs
    }

    /// Returns `path` with links resolved, and whether it is a directory.
    ///
    /// # Errors
    /// If it does not exist, in upstream's words.
    pub(crate) fn resolve(&self, path: &Path) -> Result<(Arc<Path>, bool)> {
        if let Some(found) = self.known().resolved.get(path.as_os_str()) {
            return Ok(found.clone());
        }
        self.look_up(path).map_err(|e| self.unresolved(path, e))
    }

    fn look_up(&self, path: &Path) -> io::Result<(Arc<Path>, bool)> {
        let (resolved, kind) = match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => {
                let resolved = self.directory(parent)?.join(name);
                match self.fs.kind(&resolved)? {
                    FileKind::Link => {
                        let target = self.fs.canonicalize(&resolved)?;
                        let kind = self.fs.kind(&target)?;
                        (target, kind)
                    }
                    kind => (resolved, kind),
                }
            }
            _ => (self.fs.canonicalize(path)?, FileKind::Directory),
        };
        let found = (Arc::from(resolved), kind == FileKind::Directory);
        self.state().resolved.insert(path.into(), found.clone());
        Ok(found)
    }

    fn directory(&self, path: &Path) -> io::Result<Arc<Path>> {
        if let Some((found, true)) = self.known().resolved.get(path.as_os_str()) {
            return Ok(Arc::clone(found));
        }
        let resolved: Arc<Path> = self.fs.canonicalize(path)?.into();
        self.state().resolved.insert(path.into(), (resolved.clone(), true));
        Ok(resolved)
    }

    /// Says which component is missing, as upstream does.
    fn unresolved(&self, path: &Path, error: io::Error) -> Error {
        if let Some(outside) = outside_root::of(&error) {
            let message = format!("evalsymlink failure on '{}' : {outside}", path.display());
            return Error::new(ErrorKind::Restricted, message);
        }
        // Below what is not there, nothing is.
        let above: Vec<&Path> = path.ancestors().collect();
        let missing = above.partition_point(|path| self.fs.kind(path).is_err());
        let missing = missing.checked_sub(1).and_then(|i| above.get(i).copied()).unwrap_or(path);
        let near = self.near(missing);
        let missing = missing.display();
        let cause = match error.kind() {
            io::ErrorKind::NotFound => format!("lstat {missing}: no such file or directory"),
            io::ErrorKind::NotADirectory => format!("lstat {missing}: not a directory"),
            io::ErrorKind::PermissionDenied => format!("lstat {missing}: permission denied"),
            _ => format!("lstat {missing}: {error}"),
        };
        let error = Error::new(
            ErrorKind::Load,
            format!("evalsymlink failure on '{}' : {cause}", path.display()),
        )
        .caused_by(error);
        match near {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error,
        }
    }

    /// Returns the name that may have been meant by that of a path that is not there.
    fn near(&self, missing: &Path) -> Option<String> {
        let name = missing.file_name().unwrap_or_default().to_string_lossy();
        let names = missing.parent().and_then(|folder| self.fs.list(folder).ok());
        let names = names.unwrap_or_default();
        yaml::nearest(names.iter().map(String::as_str), &name).map(str::to_owned)
    }

    /// Reads a file and returns its bytes and the position of the first.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn read(&self, path: &Path) -> Result<(Vec<u8>, Pos)> {
        self.account.check()?;
        let in_file = |stop: Stop| Error::from(stop).located_in(path);
        self.account.charge(Limit::Files, 1).map_err(in_file)?;
        let most = self.account.limits().file_bytes;
        let left = self.account.left(Limit::ReadBytes);
        let bytes = self.fs.read_at_most(path, most.min(left)).map_err(|e| match e.kind() {
            io::ErrorKind::FileTooLarge if left < most => {
                in_file(Stop::Exceeded(Limit::ReadBytes, self.account.limits().read_bytes))
            }
            io::ErrorKind::FileTooLarge => in_file(Stop::Exceeded(Limit::FileBytes, most)),
            _ => unreadable(path, e),
        })?;
        self.account.charge(Limit::ReadBytes, bytes.len() as u64).map_err(in_file)?;
        let pos = self.state().sources.add(Origin::File(path.to_path_buf()), bytes.len());
        Ok((bytes, pos))
    }

    /// As [`read`](Self::read), for resources or patches, of which [`styles`](Self::styles) can be asked for.
    pub(crate) fn read_as_stream(&self, path: &Path) -> Result<(Vec<u8>, Pos)> {
        let (bytes, pos) = self.read(path)?;
        self.state().streams.insert(pos);
        Ok((bytes, pos))
    }

    /// Returns the files that have been read, links resolved.
    pub(crate) fn read_so_far(&self) -> FxHashSet<PathBuf> {
        self.known().sources.files().map(Path::to_path_buf).collect()
    }

    /// Returns `true` if two positions lie in the same file or inline text, as far as is known.
    pub(crate) fn are_in_one_text(&self, one: Pos, other: Pos) -> bool {
        let known = self.known();
        let base = |pos| known.sources.origin(pos).map(|(base, _)| base);
        match (base(one), base(other)) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        }
    }

    /// Notes that everything in a directory counts, also what is not there yet.
    pub(crate) fn note_tree(&self, directory: &Path) {
        self.state().trees.push(directory.to_path_buf());
    }

    /// Returns the directories of which everything counts.
    pub(crate) fn trees(&self) -> Vec<PathBuf> {
        self.known().trees.clone()
    }

    /// Gives the text of a scalar, without the `skipped` bytes at its start, positions of its own, so
    /// that faults inside it can be located.
    pub(crate) fn inline(&self, scalar: Pos, skipped: usize, text: &str) -> Pos {
        self.state().sources.add(Origin::Scalar(scalar, skipped), text.len())
    }

    /// Reads resource files before they are asked for, if they are many or large; what is wrong with
    /// one is told when it is.
    pub(crate) fn read_ahead(&self, paths: &[Arc<Path>], threads: Threads) {
        let Some((first, others)) = paths.split_at_checked(SAMPLE) else { return };
        let read = |path: &Arc<Path>| -> Result<usize> {
            if self.known().documents.contains_key(path.as_os_str()) {
                return Ok(0);
            }
            let (documents, size) = self.parse(path)?;
            self.state().documents.insert(path.as_os_str().to_owned(), documents);
            Ok(size)
        };
        let sample: usize = first.iter().filter_map(|path| read(path).ok()).sum();
        // What one thread allocates another is slow to change, so little is read sooner by one.
        if sample / SAMPLE * paths.len() >= MUCH && !threads.is_one() {
            threads.map(others, 4, |path| read(path).ok());
        }
    }

    /// Says how often documents will be asked for.
    pub(crate) fn expect(&self, uses: FxHashMap<OsString, u32>) {
        self.state().uses = uses;
    }

    /// Returns the documents of a resource file; it is read and parsed once.
    ///
    /// # Errors
    /// If it cannot be read or is not YAML.
    pub(crate) fn documents(&self, path: &Path) -> Result<EcoVec<Node>> {
        let mut state = self.state();
        let is_last = state.uses.get_mut(path.as_os_str()).is_some_and(|left| {
            *left = left.saturating_sub(1);
            *left == 0
        });
        let found = if is_last {
            state.documents.remove(path.as_os_str())
        } else {
            state.documents.get(path.as_os_str()).cloned()
        };
        drop(state);
        if let Some(found) = found {
            return Ok(found);
        }
        let (documents, _) = self.parse(path)?;
        if !is_last {
            self.state().documents.insert(path.into(), documents.clone());
        }
        Ok(documents)
    }

    /// Reads a resource file; answers its documents and its size.
    fn parse(&self, path: &Path) -> Result<(EcoVec<Node>, usize)> {
        let (mut bytes, pos) = self.read_as_stream(path)?;
        let documents = self.read_stream(&bytes, pos)?.into();
        let size = bytes.len();
        let mut state = self.state();
        if state.room.as_ref().is_none_or(|(_, room)| size > room.capacity()) {
            bytes.clear();
            let room = String::from_utf8(bytes).unwrap_or_default();
            state.room = Some((thread::current().id(), room));
        }
        Ok((documents, size))
    }

    /// Returns an empty text, in the memory of the largest resource file that was read so far if this
    /// thread read it: fresh memory is slow to write to, and that of another thread slow to get more of.
    pub(crate) fn take_buffer(&self) -> String {
        let is_ours = |(thread, _): &mut (ThreadId, String)| *thread == thread::current().id();
        self.state().room.take_if(is_ours).map(|(_, room)| room).unwrap_or_default()
    }

    /// Reads the documents of a text whose first byte is at `pos`, and notes the schemas in its
    /// comments.
    ///
    /// # Errors
    /// If it is not YAML.
    pub(crate) fn read_stream(&self, bytes: &[u8], pos: Pos) -> Result<Vec<Node>> {
        let limits = self.limits();
        let documents = yaml::read_stream(bytes, pos, &limits);
        let documents = documents.map_err(|e| Error::syntax(&e, pos))?;
        self.account.charge(Limit::Documents, documents.len() as u64)?;
        yaml::charge_copies(bytes, &documents, &self.account)?;
        if schema::may_have_any(bytes) {
            let mut state = self.state();
            let schemas = Arc::make_mut(state.schemas.get_or_insert_default());
            schema::collect(bytes, pos, &limits, schemas);
        }
        Ok(documents)
    }

    /// Returns the schemas in the comments of what was read so far, if there are any.
    pub(crate) fn comment_schemas(&self) -> Option<Arc<CommentSchemas>> {
        self.known().schemas.clone()
    }

    /// Returns file, line and column of a position.
    pub(crate) fn locate(&self, pos: Pos) -> Option<Location> {
        self.known().sources.locate(pos, &|path| self.lines(path))
    }

    /// Returns the bytes of a file that was read before.
    pub(crate) fn read_again(&self, path: &Path) -> Option<Vec<u8>> {
        self.fs.read_at_most(path, self.account.limits().file_bytes).ok()
    }

    /// Returns the text of a file, read again.
    pub(crate) fn text(&self, path: &Path) -> Option<String> {
        let bytes = self.read_again(path)?;
        // What is before the first byte that cannot be decoded can be counted all the same.
        let text = yaml::decode(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes));
        Some(if text.contains('\r') { text.replace("\r\n", "\n") } else { text.into_owned() })
    }

    /// Returns the lines of a file; it is read again, but only once.
    pub(crate) fn lines(&self, path: &Path) -> Option<Arc<Lines>> {
        let mut known = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lines) = known.get(path.as_os_str()) {
            return Some(Arc::clone(lines));
        }
        let lines = Arc::new(Lines::new(self.text(path)?));
        known.insert(path.into(), Arc::clone(&lines));
        Some(lines)
    }

    /// Returns how the document that `pos` lies in is written, with the position from which its
    /// offsets count; nothing if it is no document of resources or patches.
    pub(crate) fn styles(&self, pos: Pos) -> Option<(Pos, SourceStyles)> {
        let (base, origin) = self.known().sources.origin(pos)?;
        let bytes = match &origin {
            Origin::File(path) if self.known().streams.contains(&base) => self.read_again(path)?,
            Origin::File(_) => return None,
            Origin::Scalar(scalar, skipped) => {
                let text = self.scalar(*scalar)?;
                text.get(*skipped..)?.trim_end().into()
            }
        };
        Some((base, SourceStyles::read(&bytes, pos.since(base), &self.limits())))
    }

    /// Returns the text of the scalar that was read at `pos`.
    fn scalar(&self, pos: Pos) -> Option<EcoString> {
        let (base, origin) = self.known().sources.origin(pos)?;
        let roots = match origin {
            Origin::Scalar(outer, skipped) => {
                let text = self.scalar(outer)?;
                let text = text.get(skipped..)?;
                yaml::read_stream(text.as_bytes(), base, &self.limits()).ok()?
            }
            Origin::File(path) => {
                let bytes = self.read_again(&path)?;
                if self.known().streams.contains(&base) {
                    yaml::read_stream(&bytes, base, &self.limits()).ok()?
                } else {
                    let text = yaml::decode(&bytes).ok()?;
                    let root = yaml::read_document(&text, base, Merges::Plain, &self.limits());
                    root.ok()?.into_iter().collect()
                }
            }
        };
        roots.iter().find_map(|root| scalar_at(root, pos))
    }

    fn known(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the text of the scalar at `pos` in a tree.
fn scalar_at(root: &Node, pos: Pos) -> Option<EcoString> {
    let mut waiting = vec![root];
    while let Some(node) = waiting.pop() {
        match node {
            Node::Scalar { pos: at, text, .. } if *at == pos => return Some(text.clone()),
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => waiting.extend(items),
            Node::Map { map, .. } => waiting.extend(map.iter().map(|entry| &entry.value)),
        }
    }
    None
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    let path = path.display();
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!("open {path}: no such file or directory"),
        io::ErrorKind::IsADirectory => format!("read {path}: is a directory"),
        io::ErrorKind::PermissionDenied => format!("open {path}: permission denied"),
        _ => format!("read {path}: {error}"),
    };
    Error::new(ErrorKind::Load, message).caused_by(error)
}
