//! What builds that share their files have looked at, each in its own log.
//!
//! What is read once has looked at something only for the build that came first. So each thing that is kept
//! for others is kept with its [`Part`] of that log, and whoever is handed the thing takes over the part.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashSet;

use super::fs::FileSystem;
use super::input_kind::InputKind;
use super::physical::{Paths, Physical};
use crate::once_map::OnceMap;

/// One thing that a build looked at.
#[derive(Debug)]
pub(crate) enum Look {
    /// What was found at a path.
    Path(Arc<Path>, InputKind),
    /// A directory of which everything counts.
    Tree(Arc<Path>),
    /// A URL behind which something was found.
    Url(Arc<str>),
    /// What was looked at to make something that others use as well.
    Part(Part),
}

/// What was looked at to make one thing, or nothing where nobody wants to know.
#[derive(Clone, Debug, Default)]
pub(crate) enum Part {
    #[default]
    Nothing,
    /// One path.
    Path(Arc<Path>, InputKind),
    Several(Arc<[Look]>),
}

/// What one build has looked at, in order; it is written by one thread at a time. Nothing is noted if nobody
/// wants to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Option<Arc<Notes>>);

#[derive(Debug, Default)]
struct Notes {
    noted: Mutex<Noted>,
    /// The parts of what all logs keep for as long as they last.
    lasting: Arc<Mutex<Vec<Part>>>,
}

#[derive(Debug, Default)]
struct Noted {
    looks: Vec<Look>,
    /// How many belong to what was noted before a mark, and stay as they are.
    sealed: usize,
}

/// All that a log has, each path once.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) paths: Paths,
    pub(super) trees: Vec<Arc<Path>>,
    pub(super) urls: FxHashSet<Arc<str>>,
}

/// Files, and where it is noted what was looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Looks<'a> {
    pub(crate) fs: &'a dyn FileSystem,
    pub(crate) log: &'a Log,
}

impl Log {
    /// Returns a log that notes nothing.
    pub(super) const fn none() -> Log {
        Log(None)
    }

    /// Returns a log that notes what it is told.
    pub(super) fn new() -> Log {
        Log(Some(Arc::default()))
    }

    /// Returns another log of the same files.
    pub(super) fn another(&self) -> Log {
        let another = |notes: &Arc<Notes>| {
            Arc::new(Notes { noted: Mutex::default(), lasting: Arc::clone(&notes.lasting) })
        };
        Log(self.0.as_ref().map(another))
    }

    fn noted(&self) -> Option<MutexGuard<'_, Noted>> {
        Some(self.0.as_ref()?.noted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes what was found at a path.
    pub(super) fn path(&self, path: &Path, kind: InputKind) {
        let Some(mut noted) = self.noted() else { return };
        let sealed = noted.sealed;
        match noted.looks.get_mut(sealed..).and_then(<[Look]>::last_mut) {
            // First one sees that a file is there, then it is read.
            Some(Look::Path(last, noted)) if last.as_os_str() == path.as_os_str() => {
                if kind == InputKind::File {
                    *noted = kind;
                }
            }
            _ => noted.looks.push(Look::Path(path.into(), kind)),
        }
    }

    /// As [`path`](Self::path), for a path that others have.
    pub(super) fn shared_path(&self, path: &Arc<Path>, kind: InputKind) {
        if let Some(mut noted) = self.noted() {
            noted.looks.push(Look::Path(Arc::clone(path), kind));
        }
    }

    /// Notes that everything in a directory counts.
    pub(super) fn tree(&self, directory: &Path) {
        if let Some(mut noted) = self.noted() {
            noted.looks.push(Look::Tree(directory.into()));
        }
    }

    /// Notes that something was found behind a URL.
    pub(super) fn url(&self, url: &str) {
        if let Some(mut noted) = self.noted() {
            noted.looks.push(Look::Url(url.into()));
        }
    }

    /// Takes over what was looked at to make something.
    pub(crate) fn take_over(&self, part: &Part) {
        let look = match part {
            Part::Nothing => return,
            Part::Path(path, kind) => Look::Path(Arc::clone(path), *kind),
            Part::Several(_) => Look::Part(part.clone()),
        };
        if let Some(mut noted) = self.noted() {
            noted.looks.push(look);
        }
    }

    /// Returns how much has been noted, for [`since`](Self::since).
    pub(crate) fn mark(&self) -> usize {
        self.noted().map_or(0, |mut noted| {
            noted.sealed = noted.looks.len();
            noted.sealed
        })
    }

    /// Makes a part of what was noted since a mark.
    pub(crate) fn since(&self, mark: usize) -> Part {
        let Some(mut noted) = self.noted() else { return Part::Nothing };
        let part = match noted.looks.get(mark..) {
            None | Some([]) => Part::Nothing,
            Some([Look::Path(path, kind)]) => Part::Path(Arc::clone(path), *kind),
            Some([Look::Part(part)]) => part.clone(),
            Some(_) => {
                let part = Part::Several(noted.looks.drain(mark..).collect());
                noted.looks.push(Look::Part(part.clone()));
                part
            }
        };
        noted.sealed = noted.looks.len();
        part
    }

    /// Makes something, and a part of what is looked at meanwhile.
    pub(crate) fn part<T>(&self, make: impl FnOnce() -> T) -> (T, Part) {
        let mark = self.mark();
        let made = make();
        (made, self.since(mark))
    }

    /// Makes something that no result depends on, and notes nothing of what is looked at meanwhile.
    pub(crate) fn aside<T>(&self, make: impl FnOnce() -> T) -> T {
        let mark = self.mark();
        let made = make();
        if let Some(mut noted) = self.noted() {
            noted.looks.truncate(mark);
        }
        made
    }

    /// Returns the part of looking at one directory that leads through no links.
    pub(super) fn part_of_directory(&self, path: &Arc<Path>) -> Part {
        match self.0 {
            Some(_) => Part::Path(Arc::clone(path), InputKind::Directory),
            None => Part::Nothing,
        }
    }

    /// Returns all that was noted.
    pub(crate) fn all(&self) -> Part {
        self.since(0)
    }

    /// Returns `true` if a condition holds of the part of something that lasts.
    pub(super) fn lasting_any(&self, is: impl FnMut(&Part) -> bool) -> bool {
        let Some(notes) = &self.0 else { return false };
        notes.lasting.lock().unwrap_or_else(PoisonError::into_inner).iter().any(is)
    }
}

impl Looks<'_> {
    /// Returns the value of a key, and takes over what was looked at to make it.
    pub(crate) fn once<K: Ord, V: Clone>(
        self,
        map: &OnceMap<K, (V, Part)>,
        key: K,
        make: impl FnOnce() -> V,
    ) -> V {
        let (value, part) = map.get(key, || {
            let (value, part) = self.log.part(make);
            if let Some(notes) = &self.log.0 {
                let mut lasting = notes.lasting.lock().unwrap_or_else(PoisonError::into_inner);
                lasting.push(part.clone());
            }
            (value, part)
        });
        self.log.take_over(&part);
        value
    }
}

impl Part {
    /// Returns all that the part has.
    pub(super) fn seen(&self) -> Seen {
        let mut seen = Seen::default();
        match self {
            Part::Nothing => {}
            Part::Path(path, kind) => seen.path(path, *kind),
            Part::Several(looks) => seen.add(looks),
        }
        seen
    }
}

/// Drops parts in parts of any depth without recursion.
impl Drop for Part {
    fn drop(&mut self) {
        let Part::Several(looks) = self else { return };
        let mut left: Vec<Part> = Vec::new();
        take_parts(looks, &mut left);
        while let Some(mut part) = left.pop() {
            if let Part::Several(looks) = &mut part {
                take_parts(looks, &mut left);
            }
        }
    }
}

/// Takes the parts out of looks that nobody else has.
fn take_parts(looks: &mut Arc<[Look]>, taken: &mut Vec<Part>) {
    for look in Arc::get_mut(looks).unwrap_or_default() {
        if let Look::Part(part) = look {
            taken.push(std::mem::take(part));
        }
    }
}

impl Seen {
    /// Adds looks in order, what is in a part once.
    fn add(&mut self, looks: &[Look]) {
        let mut entered = FxHashSet::default();
        self.paths.reserve(4 * looks.len());
        let mut left = vec![looks.iter()];
        while let Some(looks) = left.last_mut() {
            match looks.next() {
                None => _ = left.pop(),
                Some(Look::Path(path, kind)) => self.path(path, *kind),
                Some(Look::Tree(directory)) => self.trees.push(Arc::clone(directory)),
                Some(Look::Url(url)) => _ = self.urls.insert(Arc::clone(url)),
                Some(Look::Part(Part::Nothing)) => {}
                Some(Look::Part(Part::Path(path, kind))) => self.path(path, *kind),
                Some(Look::Part(Part::Several(looks))) => {
                    if entered.insert(looks.as_ptr()) {
                        left.push(looks.iter());
                    }
                }
            }
        }
    }

    fn path(&mut self, path: &Arc<Path>, kind: InputKind) {
        let known = self.paths.entry(Physical(Arc::clone(path))).or_insert(kind);
        if kind == InputKind::File {
            *known = kind;
        }
    }
}
