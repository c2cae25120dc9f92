//! Reads every file once and parses it once, for one build or for many that share it.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::{self, ThreadId};

use ecow::EcoVec;
use rustc_hash::{FxHashMap, FxHashSet};

use super::added::{Added, WithCharts};
use super::change::Change;
use super::file_tree::Folder;
use super::fs::{FileKind, FileSystem};
use super::lines::Lines;
use super::log::{Log, Looks, Part};
use super::named::{Named, NamedEntries};
use super::path_set::PathSet;
use super::recording_fs::RecordingFs;
use super::remote::{Mode, Mounts, RemoteSource, Remotes};
use super::sources::{SourceMap, SourceOrigin};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::limits::{Account, Limit, Stop};
use crate::parallel::Threads;
use crate::schema::{self, CommentSchemas};
use crate::yaml::{self, AliasBudget, Limits, Node, Pos};

/// Reads a file that a kustomization names; answers its bytes and the position of the first.
pub(crate) type ReadFile<'a> = dyn FnMut(&str) -> Result<(Vec<u8>, Pos)> + 'a;

/// How many files tell how large the others may be.
const SAMPLE: usize = 4;

/// How much memory is kept to be written to once more; to have more of it at once costs more than it saves.
const MOST_ROOM: usize = 16 << 20;

/// How many bytes are worth a thread.
const MUCH: usize = 2 << 20;

/// The files of a build, with what has been read of them.
#[derive(Debug)]
pub(crate) struct Files {
    fs: Arc<WithCharts>,
    remotes: Arc<Remotes>,
    account: Arc<Account>,
    /// What the aliases of files may stand for that no build reads.
    aliases: Arc<AliasBudget>,
    /// What kustomizations name, if somebody wants to know.
    named: Option<Arc<NamedEntries>>,
    /// What notes all that is looked at, if somebody wants to know.
    pub(super) recorder: Option<RecordingFs>,
    state: Arc<RwLock<State>>,
    /// The files in which places were looked up.
    pub(super) lines: Arc<Mutex<FxHashMap<OsString, Arc<Lines>>>>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// What paths lead to, and whether that is a directory.
    pub(super) resolved: FxHashMap<OsString, ((Arc<Path>, bool), Part)>,
    /// What the paths lead to in which something was looked for, as if they were directories.
    pub(super) directories: FxHashMap<OsString, (Arc<Path>, Part)>,
    /// The documents of resource files.
    documents: FxHashMap<OsString, (EcoVec<Node>, Part)>,
    /// How often documents will be asked for; what is not here is kept.
    uses: FxHashMap<OsString, u32>,
    pub(super) sources: SourceMap,
    /// The first positions of resource files and patch files.
    pub(super) streams: FxHashSet<Pos>,
    /// The schemas in comments of resource files and patches.
    schemas: Option<Arc<CommentSchemas>>,
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
        let fs = with_no_charts(Arc::<Mounts>::clone(&mounts));
        let remotes = Arc::new(Remotes::new(mounts, source, mode, Limits::of(&account)));
        Files {
            fs,
            remotes,
            account: Arc::new(account),
            aliases: Arc::default(),
            named: None,
            recorder: None,
            state: Arc::default(),
            lines: Arc::default(),
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

    /// Returns the same files, which note what is looked at from now on; see [`Log`].
    pub(crate) fn recorded(self) -> Files {
        let recorder = RecordingFs::new(Arc::clone(&self.fs.files));
        Files { fs: with_no_charts(Arc::new(recorder.clone())), recorder: Some(recorder), ..self }
    }

    /// Returns the same files with a log of their own, if what is looked at is noted, for a build that has fetched no
    /// chart yet.
    pub(crate) fn view(&self) -> Files {
        let recorder = self.recorder.as_ref().map(RecordingFs::another);
        let fs: Arc<dyn FileSystem> = match &recorder {
            Some(recorder) => Arc::new(recorder.clone()),
            None => Arc::clone(&self.fs.files),
        };
        Files {
            fs: with_no_charts(fs),
            remotes: Arc::clone(&self.remotes),
            account: Arc::clone(&self.account),
            aliases: Arc::clone(&self.aliases),
            named: self.named.clone(),
            recorder,
            state: Arc::clone(&self.state),
            lines: Arc::clone(&self.lines),
        }
    }

    /// Returns files of the same file system of which nothing has been read, with the same log.
    pub(crate) fn anew(&self, account: Account) -> Files {
        Files {
            fs: with_no_charts(Arc::clone(&self.fs.files)),
            remotes: Arc::clone(&self.remotes),
            account: Arc::new(account),
            aliases: Arc::default(),
            named: self.named.clone(),
            recorder: self.recorder.clone(),
            state: Arc::default(),
            lines: Arc::default(),
        }
    }

    /// Returns what the aliases of files may still stand for that no build reads.
    pub(crate) fn aliases(&self) -> &AliasBudget {
        &self.aliases
    }

    /// Returns what notes the looks at these files.
    pub(crate) fn looks(&self) -> Looks<'_> {
        Looks { fs: &*self.fs, log: self.log() }
    }

    /// Returns where it is noted what these files were asked for.
    pub(crate) fn log(&self) -> &Log {
        static NONE: Log = Log::none();
        self.recorder.as_ref().map_or(&NONE, RecordingFs::log)
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

    /// Returns the charts that this build has fetched.
    pub(crate) fn added(&self) -> &Added {
        &self.fs.added
    }

    /// Puts a chart that this build has fetched into a folder.
    pub(crate) fn put_chart(&self, folder: &Path, chart: Folder) {
        self.fs.added.put(&*self.fs.files, folder, chart);
    }

    /// Returns `true` if there is nothing at a path, links resolved, but for charts that this build has fetched.
    pub(crate) fn is_added(&self, path: &Path) -> bool {
        self.fs.added.touches(path) && self.fs.files.kind(path).is_err()
    }

    /// Returns what a path names that is not there: what this build has fetched.
    pub(super) fn kind_of_added(&self, path: &Path, e: io::Error) -> io::Result<FileKind> {
        self.fs.kind_of_added(path, e)
    }

    /// Returns the file system.
    pub(crate) fn fs(&self) -> &dyn FileSystem {
        &*self.fs
    }

    /// Reads a file and returns its bytes and the position of the first.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn read(&self, path: &Path) -> Result<(Vec<u8>, Pos)> {
        self.read_by(path, &|most| self.fs.read_at_most(path, most))
    }

    /// As [`read`](Self::read), of what has been found to lie where it may, links resolved: no other file is read,
    /// whatever takes its place meanwhile.
    ///
    /// # Errors
    /// Also if a link has come into the path.
    pub(crate) fn read_resolved(&self, path: &Path) -> Result<(Vec<u8>, Pos)> {
        self.read_by(path, &|most| self.fs.read_resolved(path, most))
    }

    fn read_by(
        &self,
        path: &Path,
        read: &dyn Fn(u64) -> io::Result<Vec<u8>>,
    ) -> Result<(Vec<u8>, Pos)> {
        self.account.check()?;
        let in_file = |stop: Stop| Error::from(stop).located_in(path);
        self.account.charge(Limit::Files, 1).map_err(in_file)?;
        let most = self.account.limits().file_bytes;
        let left = self.account.left(Limit::ReadBytes);
        let bytes = read(most.min(left)).map_err(|e| match e.kind() {
            io::ErrorKind::FileTooLarge if left < most => {
                in_file(Stop::Exceeded(Limit::ReadBytes, self.account.limits().read_bytes))
            }
            io::ErrorKind::FileTooLarge => in_file(Stop::Exceeded(Limit::FileBytes, most)),
            _ => unreadable(path, e),
        })?;
        self.account.charge(Limit::ReadBytes, bytes.len() as u64).map_err(in_file)?;
        let pos = self.state().sources.add(SourceOrigin::File(path.to_path_buf()), bytes.len());
        Ok((bytes, pos))
    }

    /// As [`read_resolved`](Self::read_resolved), for resources or patches, of which [`styles`](Self::styles) can be asked for.
    pub(crate) fn read_as_stream(&self, path: &Path) -> Result<(Vec<u8>, Pos)> {
        let (bytes, pos) = self.read_resolved(path)?;
        self.state().streams.insert(pos);
        Ok((bytes, pos))
    }

    /// Returns the files that have been read, links resolved.
    pub(crate) fn read_so_far(&self) -> PathSet {
        let known = self.known();
        let mut files = PathSet::with_capacity(known.sources.files().count());
        files.extend(known.sources.files().map(Path::to_path_buf));
        files
    }

    /// Returns how many files have been read, those that were read twice counted twice.
    pub(crate) fn count_read(&self) -> usize {
        self.known().sources.files().count()
    }

    /// Returns `true` unless two positions are known to lie in different files or inline texts.
    pub(crate) fn are_in_one_text(&self, one: Pos, other: Pos) -> bool {
        let known = self.known();
        let base = |pos| known.sources.origin(pos).map(|(base, _)| base);
        match (base(one), base(other)) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        }
    }

    /// Returns how far a position is from the start of its file or inline text.
    pub(crate) fn offset_in_text(&self, pos: Pos) -> Option<usize> {
        self.known().sources.origin(pos).map(|(base, _)| pos.since(base))
    }

    /// Returns `true` if a position is among some bytes of a file, which may have been read twice.
    pub(crate) fn is_among(&self, pos: Pos, start: Pos, length: usize) -> bool {
        let known = self.known();
        let place = |pos: Pos| match known.sources.origin(pos)? {
            (base, SourceOrigin::File(path)) => Some((path, pos.since(base))),
            (_, SourceOrigin::Scalar(..)) => None,
        };
        match (place(pos), place(start)) {
            (Some((file, at)), Some((other, start))) => {
                file == other && (start..start.saturating_add(length)).contains(&at)
            }
            _ => false,
        }
    }

    /// Notes that everything in a directory counts, also what is not there yet.
    pub(crate) fn note_tree(&self, directory: &Path) {
        self.log().tree(directory);
    }

    /// Notes that a file counts, or everything in a directory, read by others than this build.
    pub(crate) fn note_all_of(&self, path: &Path) {
        if let Some(recorder) = &self.recorder {
            recorder.note_all_of(path);
        }
    }

    /// Forgets what a change touches; returns `false` if some of it cannot be forgotten.
    pub(crate) fn forget(&self, change: &mut Change) -> bool {
        let mut state = self.state();
        // With its last file a directory may have gone.
        state
            .resolved
            .retain(|_, ((found, _), part)| !change.is_below(found) && !change.touches(part));
        state
            .directories
            .retain(|_, (found, part)| !change.is_below(found) && !change.touches(part));
        state.documents.retain(|_, (_, part)| !change.touches(part));
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clear();
        if let Some(recorder) = &self.recorder {
            recorder.forget();
        }
        !state.sources.is_worn() && !self.log().lasting_any(|part| change.touches(part))
    }

    /// Gives the text of a scalar, without the `skipped` bytes at its start, positions of its own, so
    /// that faults inside it can be located.
    pub(crate) fn inline(&self, scalar: Pos, skipped: usize, text: &str) -> Pos {
        self.state().sources.add(SourceOrigin::Scalar(scalar, skipped), text.len())
    }

    /// Reads resource files before they are asked for, if they are many or large; what is wrong with
    /// one is told when it is.
    pub(crate) fn read_ahead(&self, paths: &[Arc<Path>], threads: Threads) {
        let Some((first, others)) = paths.split_at_checked(SAMPLE) else { return };
        let read = |path: &Arc<Path>| -> Result<usize> {
            if self.known().documents.contains_key(path.as_os_str()) {
                return Ok(0);
            }
            // Several threads read, and a log is written by one.
            let files = self.view();
            let (parsed, part) = files.log().part(|| files.parse(path));
            let (documents, size) = parsed?;
            self.log().take_over(&part);
            self.state().documents.insert(path.as_os_str().to_owned(), (documents, part));
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
        if let Some((found, part)) = found {
            self.log().take_over(&part);
            return Ok(found);
        }
        let answers = self.added().answers();
        let (parsed, part) = self.log().part(|| self.parse(path));
        let (documents, _) = parsed?;
        if !is_last && self.added().answers() == answers {
            self.state().documents.insert(path.into(), (documents.clone(), part));
        }
        Ok(documents)
    }

    /// Reads a resource file; answers its documents and its size.
    fn parse(&self, path: &Path) -> Result<(EcoVec<Node>, usize)> {
        let (mut bytes, pos) = self.read_as_stream(path)?;
        let documents = self.read_stream(&bytes, pos)?.into();
        let size = bytes.len();
        let mut state = self.state();
        let is_larger = state.room.as_ref().is_none_or(|(_, room)| size > room.capacity());
        if is_larger && size <= MOST_ROOM {
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

    pub(super) fn known(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn state(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn with_no_charts(files: Arc<dyn FileSystem>) -> Arc<WithCharts> {
    Arc::new(WithCharts { files, added: Arc::default() })
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    let path = path.display();
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!("open {path}: no such file or directory"),
        io::ErrorKind::IsADirectory => format!("read {path}: is a directory"),
        io::ErrorKind::PermissionDenied if error.get_ref().is_none() => {
            format!("open {path}: permission denied")
        }
        _ => format!("read {path}: {error}"),
    };
    Error::new(ErrorKind::Load, message).caused_by(error)
}
