//! Files that are watched: the system says that something happened, their stamps say what.
//!
//! The system's word alone is not enough: it reports too much (a file that was read), too little (network
//! mounts, containers), and while a file is half written. So each word only has the files looked at that it
//! is about, and each second without one all of them. Where the system cannot watch, they are looked at all
//! the time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, SystemTime};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

/// How long without a word of the system until the files are looked at all the same.
const SILENCE: Duration = Duration::from_secs(1);
/// How often files are looked at that the system cannot watch.
const PAUSE: Duration = Duration::from_millis(20);
/// How long files must be at rest, for who writes one empties it first.
const REST: Duration = Duration::from_millis(3);
/// How often that is waited for while a file is empty that was not.
const EMPTY_RESTS: usize = 10;
/// How often that is waited for before files are taken that do not come to rest.
const MOST_RESTS: usize = 160;

/// What tells one content of a file from another; nothing if there is no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    is_directory: bool,
    modified: Option<SystemTime>,
    bytes: u64,
}

/// Some paths, and what is known of them.
pub(crate) struct Watched {
    stamps: BTreeMap<PathBuf, Option<Stamp>>,
    system: Option<System>,
}

/// The paths of which the system says that something happened; nothing if it may be any.
type Word = Option<Vec<PathBuf>>;

/// What the system watches.
struct System {
    watcher: RecommendedWatcher,
    words: Receiver<Word>,
    folders: BTreeSet<PathBuf>,
}

impl Watched {
    /// Watches some paths, which need not exist.
    pub(crate) fn new(paths: impl IntoIterator<Item = PathBuf>) -> Watched {
        let mut watched = Watched { stamps: BTreeMap::new(), system: System::new() };
        watched.set(paths);
        watched
    }

    /// Watches these paths from now on. Of those that were watched already the last state counts that was
    /// waited for, so that nothing which happened meanwhile is missed.
    pub(crate) fn set(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        let known = std::mem::take(&mut self.stamps);
        let stamp = |path: PathBuf| {
            let stamp = known.get(&path).copied().unwrap_or_else(|| stamp(&path));
            (path, stamp)
        };
        self.stamps = paths.into_iter().map(stamp).collect();
        let folders: BTreeSet<PathBuf> =
            self.stamps.keys().filter_map(|path| folder(path)).collect();
        if let Some(system) = &mut self.system
            && !system.watch(folders)
        {
            self.system = None;
        }
    }

    /// Waits until some of the files have changed and are at rest, and returns which.
    pub(crate) fn wait(&mut self) -> Vec<PathBuf> {
        loop {
            let word = match &self.system {
                Some(system) => system.wait(),
                None => {
                    std::thread::sleep(PAUSE);
                    None
                }
            };
            let meant = self.meant(word);
            if meant.iter().all(|path| self.stamps.get(path) == Some(&stamp(path))) {
                continue;
            }
            let now = self.settled(meant);
            let differs = |(path, new): &(&PathBuf, &Option<Stamp>)| self.stamps[*path] != **new;
            let changed: Vec<PathBuf> =
                now.iter().filter(differs).map(|(path, _)| path.clone()).collect();
            self.stamps.extend(now);
            if !changed.is_empty() {
                return changed;
            }
        }
    }

    /// Returns the watched paths that a word is about: those that it names, and what lies below them.
    fn meant(&self, word: Word) -> BTreeSet<PathBuf> {
        let Some(named) = word else { return self.stamps.keys().cloned().collect() };
        let below = |top: PathBuf| {
            let from = self.stamps.range(top.clone()..).map(|(path, _)| path);
            from.take_while(move |path| path.starts_with(&top))
        };
        named.into_iter().flat_map(below).cloned().collect()
    }

    /// Waits until these files are at rest, and others of which the system speaks meanwhile.
    fn settled(&self, mut meant: BTreeSet<PathBuf>) -> BTreeMap<PathBuf, Option<Stamp>> {
        let look = |paths: &BTreeSet<PathBuf>| -> BTreeMap<PathBuf, Option<Stamp>> {
            paths.iter().map(|path| (path.clone(), stamp(path))).collect()
        };
        let mut before = look(&meant);
        for round in 0..MOST_RESTS {
            std::thread::sleep(REST);
            if let Some(word) = self.system.as_ref().and_then(System::said) {
                meant.extend(self.meant(word));
            }
            let now = look(&meant);
            let is_emptied = || now.iter().any(|(path, new)| self.is_emptied(path, *new));
            if now == before && (round >= EMPTY_RESTS || !is_emptied()) {
                break;
            }
            before = now;
        }
        before
    }
}

impl Watched {
    /// Returns `true` if a file has been emptied, as who writes it anew does first.
    fn is_emptied(&self, path: &Path, new: Option<Stamp>) -> bool {
        let is_empty =
            |stamp: Option<Stamp>| stamp.is_some_and(|it| !it.is_directory && it.bytes == 0);
        let old = self.stamps.get(path).copied().flatten();
        is_empty(new) && old.is_some() && !is_empty(old)
    }
}

impl System {
    fn new() -> Option<System> {
        let (say, words) = channel();
        // That nobody listens any more is no failure.
        let tell = move |event: notify::Result<notify::Event>| {
            let paths = event.ok().filter(|event| !event.need_rescan()).map(|event| event.paths);
            let _ = say.send(paths.filter(|paths| !paths.is_empty()));
        };
        let watcher = notify::recommended_watcher(tell).ok()?;
        Some(System { watcher, words, folders: BTreeSet::new() })
    }

    /// Watches these folders and no others; returns `false` if the system cannot.
    fn watch(&mut self, folders: BTreeSet<PathBuf>) -> bool {
        for gone in self.folders.difference(&folders) {
            // It may not be there any more.
            let _ = self.watcher.unwatch(gone);
        }
        for new in folders.difference(&self.folders) {
            if self.watcher.watch(new, RecursiveMode::NonRecursive).is_err() {
                return false;
            }
        }
        self.folders = folders;
        true
    }

    /// Waits for a word, takes all that are there, or gives up after a while.
    fn wait(&self) -> Word {
        match self.words.recv_timeout(SILENCE) {
            Ok(first) => match self.said() {
                Some(more) => both(first, more),
                None => first,
            },
            Err(RecvTimeoutError::Timeout) => None,
            // Without a watcher the files are looked at as often as where there never was one.
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(PAUSE);
                None
            }
        }
    }

    /// Returns all that has been said and not been heard, as one word.
    fn said(&self) -> Option<Word> {
        self.words.try_iter().reduce(both)
    }
}

fn both(one: Word, other: Word) -> Word {
    let (mut one, other) = (one?, other?);
    one.extend(other);
    Some(one)
}

/// Returns the nearest folder that exists above a path.
fn folder(path: &Path) -> Option<PathBuf> {
    path.ancestors().skip(1).find(|above| above.is_dir()).map(Path::to_path_buf)
}

fn stamp(path: &Path) -> Option<Stamp> {
    let there = fs::symlink_metadata(path).ok()?;
    // What changes in a directory shows in the files that are looked at.
    let is_directory = there.is_dir();
    Some(Stamp {
        is_directory,
        modified: there.modified().ok().filter(|_| !is_directory),
        bytes: if is_directory { 0 } else { there.len() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_found_with_and_without_the_system() {
        for blind in [false, true] {
            let dir = tempfile::tempdir().expect("a directory");
            let (old, new) = (dir.path().join("old"), dir.path().join("new"));
            fs::write(&old, "1").expect("a file");
            let mut watched = Watched::new([old.clone(), new.clone()]);
            if blind {
                watched.system = None;
            }
            fs::write(&new, "2").expect("a file");
            assert_eq!(watched.wait(), std::slice::from_ref(&new));
            fs::remove_file(&new).expect("it is there");
            fs::write(&old, "3 is longer").expect("a file");
            assert_eq!(watched.wait(), [new, old]);
        }
    }
}
