//! What the system says of folders that it watches.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

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
    /// Each with the number of the folder that it was: one that was removed and made again is another one, which is
    /// not watched yet.
    folders: BTreeMap<PathBuf, u64>,
}

impl System {
    pub(super) fn new() -> Option<System> {
        let (say, words) = channel();
        // That nobody listens any more is no failure.
        let tell = move |event: notify::Result<notify::Event>| {
            let paths = event.ok().filter(|event| !event.need_rescan()).map(|event| event.paths);
            let _ = say.send(paths.filter(|paths| !paths.is_empty()));
        };
        let watcher = notify::recommended_watcher(tell).ok()?;
        Some(System { watcher, words, folders: BTreeMap::new() })
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

    /// Waits for a word, takes all that are there, or gives up after a while.
    pub(super) fn wait(&self) -> Word {
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
    pub(super) fn said(&self) -> Option<Word> {
        self.words.try_iter().reduce(both)
    }
}

fn both(one: Word, other: Word) -> Word {
    let (mut one, other) = (one?, other?);
    one.extend(other);
    Some(one)
}
