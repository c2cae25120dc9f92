//! What the system says of folders that it watches.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::stamp::number;

/// How long without a word of the system until the files are looked at all the same.
const SILENCE: Duration = Duration::from_secs(1);
/// How often files are looked at that the system cannot watch.
pub(super) const PAUSE: Duration = Duration::from_millis(20);

/// The paths of which the system says that something happened; nothing if it may be any.
pub(super) type Word = Option<Vec<PathBuf>>;

/// What the system watches.
pub(super) struct System {
    watcher: RecommendedWatcher,
    words: Receiver<Word>,
    /// When all files were last to be looked at.
    looked: Cell<Instant>,
    /// Each with the number of the folder that it was: one that was removed and made again is another one, which is
    /// not watched yet.
    folders: BTreeMap<PathBuf, u64>,
}

impl System {
    pub(super) fn new() -> Option<System> {
        let (say, words) = channel();
        // That nobody listens any more is no failure.
        let tell = move |event: notify::Result<notify::Event>| {
            if event.as_ref().is_ok_and(|event| only_looks(event.kind)) {
                return;
            }
            let paths = event.ok().filter(|event| !event.need_rescan()).map(|event| event.paths);
            let _ = say.send(paths.filter(|paths| !paths.is_empty()));
        };
        let watcher = notify::recommended_watcher(tell).ok()?;
        Some(System { watcher, words, looked: Cell::new(Instant::now()), folders: BTreeMap::new() })
    }

    /// Watches these folders and no others; returns `false` if the system cannot.
    pub(super) fn watch(&mut self, folders: &BTreeSet<PathBuf>) -> bool {
        let number = |folder: &Path| fs::metadata(folder).ok().map(|there| number(&there));
        let mut known = std::mem::take(&mut self.folders);
        for folder in folders {
            // One that has gone meanwhile is missed by those who look.
            let Some(number) = number(folder) else { continue };
            if known.get(folder) != Some(&number)
                && self.watcher.watch(folder, RecursiveMode::NonRecursive).is_err()
                && folder.is_dir()
            {
                return false;
            }
            known.remove(folder);
            self.folders.insert(folder.clone(), number);
        }
        for gone in known.keys() {
            // It may not be there any more.
            let _ = self.watcher.unwatch(gone);
        }
        true
    }

    /// Waits for a word, takes all that are there, or gives up after a while. Where words go on and on, all files are
    /// looked at now and then too: a folder may have lost its watch.
    pub(super) fn wait(&self) -> Word {
        let word = match self.words.recv_timeout(SILENCE) {
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
        };
        let word = word.filter(|_| self.looked.get().elapsed() < 2 * SILENCE);
        if word.is_none() {
            self.looked.set(Instant::now());
        }
        word
    }

    /// Returns all that has been said and not been heard, as one word.
    pub(super) fn said(&self) -> Option<Word> {
        self.words.try_iter().reduce(both)
    }
}

/// Returns `true` if somebody has only looked at what is there, as whoever compares it with what was does.
fn only_looks(kind: EventKind) -> bool {
    matches!(kind, EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write))
}

fn both(one: Word, other: Word) -> Word {
    let (mut one, other) = (one?, other?);
    one.extend(other);
    Some(one)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used)] // a test

    use super::*;

    #[test]
    fn whoever_looks_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let (old, new) = (folder.join("old"), folder.join("new"));
        fs::write(&old, "a").unwrap();
        let Some(mut system) = System::new() else { return };
        assert!(system.watch(&[folder.clone()].into()));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::read(&old).unwrap();
        fs::write(&new, "b").unwrap();
        let said = system.wait().unwrap();
        assert!(said.iter().all(|path| *path == new), "{said:?}");
    }
}
