//! Files that are watched: the system says that something happened, their stamps say what.
//!
//! The system's word alone is not enough: it reports too much (a file that was read), too little (network
//! mounts, containers), and while a file is half written. So each word only has the files looked at that it
//! is about, and each second without one all of them. Where the system cannot watch, they are looked at all
//! the time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::readings::{self, Readings};
use super::stamp::{Aspect, Point, Stamp, TICK};
use super::system::{PAUSE, System, Word};

/// How long files must be at rest, for who writes one empties it first.
const REST: Duration = Duration::from_millis(3);
/// How often that is waited for while a file is empty that was not, or gone.
const EMPTY_RESTS: usize = 10;
/// How often that is waited for before files are taken that do not come to rest.
const MOST_RESTS: usize = 160;

/// A path, and what of it is watched.
type Key = (PathBuf, Aspect);

/// What is watched, and what is known of it.
pub(crate) struct Watched {
    stamps: BTreeMap<Key, Option<Stamp>>,
    /// What may have changed between the moments when it was read and when it was first watched.
    doubts: BTreeSet<Key>,
    /// What has been read since it was last waited for.
    readings: Readings,
    /// The files that were read while they were fresh, and what stands for their content.
    fresh: Vec<(PathBuf, u64)>,
    system: Option<System>,
}

impl Watched {
    /// Watches what was read since a moment.
    pub(crate) fn new(
        points: impl IntoIterator<Item = Point>,
        since: SystemTime,
        readings: Readings,
    ) -> Watched {
        let mut watched = Watched {
            stamps: BTreeMap::new(),
            doubts: BTreeSet::new(),
            readings,
            fresh: Vec::new(),
            system: System::new(),
        };
        watched.set(points, since);
        watched
    }

    /// Watches these from now on, which were read since a moment. Of files the state counts in which they were read,
    /// else of what was watched already the last one that was waited for, so that nothing which happened meanwhile is
    /// missed; and what is new and was changed since that moment counts as changed. So does a file that was read again,
    /// and is another one, while a result is kept for which it was read before.
    ///
    /// Returns what is watched no more: whoever keeps something of it does not learn any more that it changes.
    pub(crate) fn set(
        &mut self,
        points: impl IntoIterator<Item = Point>,
        since: SystemTime,
    ) -> Vec<PathBuf> {
        let known = std::mem::take(&mut self.stamps);
        let mut added = Vec::new();
        for point in points {
            let key = (point.path.clone(), point.aspect);
            let is_content = point.aspect == Aspect::Content;
            let reading = is_content.then(|| self.readings.get(&key.0)).flatten();
            let stamp = match (reading, known.get(&key)) {
                (Some(reading), _) => Some(reading.stamp),
                (None, Some(stamp)) => *stamp,
                (None, None) => Stamp::of(&key.0, key.1),
            };
            // It may have gone and come again: the last state is not the one that was read.
            let is_other = point.is_other_than(stamp);
            let is_read_new = reading.is_some() && known.get(&key) != Some(&stamp);
            if is_other || is_read_new && (point.kept || Stamp::of(&key.0, key.1) != stamp) {
                self.doubts.insert(key.clone());
            }
            self.fresh.extend(reading.and_then(|it| Some((key.0.clone(), it.fresh?))));
            if reading.is_none() && !known.contains_key(&key) {
                added.push(point);
            }
            self.stamps.insert(key, stamp);
        }
        let folders: BTreeSet<PathBuf> = self.stamps.keys().filter_map(folder).collect();
        if let Some(system) = &mut self.system
            && !system.watch(&folders)
        {
            self.system = None;
        }
        let doubtful = added.into_iter().filter(|point| point.is_newer_than(since));
        self.doubts.extend(doubtful.map(|point| (point.path, point.aspect)));
        let mut left: Vec<PathBuf> = known.into_keys().map(|(path, _)| path).collect();
        left.dedup();
        // A folder stands for all below it, some of which may be watched.
        left.retain(|path| !self.watches_at_or_below(path));
        left
    }

    /// Takes it that what was read and was changed since a moment may be another one than what was looked at before
    /// it was read, without reading it.
    pub(crate) fn doubt_newer(&mut self, since: SystemTime) {
        let is_content =
            |key: &&Key| key.1 == Aspect::Content && self.readings.get(&key.0).is_some();
        let read = self.stamps.keys().filter(is_content);
        let newer: Vec<Key> = read
            .filter(|key| Point::new(key.0.clone(), key.1).is_newer_than(since))
            .cloned()
            .collect();
        self.doubts.extend(newer);
    }

    /// Takes it that these may have changed.
    pub(crate) fn doubt(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        self.doubts.extend(paths.into_iter().map(|path| (path, Aspect::Kustomizations)));
    }

    fn watches_at_or_below(&self, path: &Path) -> bool {
        let next = self.stamps.range((path.to_path_buf(), Aspect::Content)..).next();
        next.is_some_and(|((next, _), _)| next.starts_with(path))
    }

    /// Waits until some of the files have changed and are at rest, and returns which.
    pub(crate) fn wait(&mut self) -> Vec<PathBuf> {
        self.look_at_fresh();
        loop {
            let mut doubts = std::mem::take(&mut self.doubts);
            doubts.retain(|key| self.stamps.contains_key(key));
            let meant = match (&self.system, doubts.is_empty()) {
                (_, false) => doubts.clone(),
                (Some(system), true) => self.meant(system.wait()),
                (None, true) => {
                    std::thread::sleep(PAUSE);
                    self.meant(None)
                }
            };
            let is_known = |key: &Key| self.stamps.get(key) == Some(&Stamp::of(&key.0, key.1));
            if doubts.is_empty() && meant.iter().all(is_known) {
                continue;
            }
            let now = self.settled(meant);
            let differs = |(key, new): &(&Key, &Option<Stamp>)| {
                doubts.contains(*key) || self.stamps.get(*key) != Some(*new)
            };
            let changed: BTreeSet<PathBuf> =
                now.iter().filter(differs).map(|(key, _)| key.0.clone()).collect();
            self.stamps.extend(now);
            if !changed.is_empty() {
                self.readings.clear();
                return changed.into_iter().collect();
            }
        }
    }

    /// Looks once more at what was read while it was fresh, when it no longer is.
    fn look_at_fresh(&mut self) {
        let fresh = std::mem::take(&mut self.fresh);
        if fresh.is_empty() {
            return;
        }
        std::thread::sleep(TICK);
        for (path, read) in fresh {
            if readings::content(&path) != Some(read) {
                self.doubts.insert((path, Aspect::Content));
            }
        }
    }

    /// Returns what a word is about: the paths that it names, what lies below them, and the folders that have them.
    fn meant(&self, word: Word) -> BTreeSet<Key> {
        let Some(named) = word else { return self.stamps.keys().cloned().collect() };
        let mut meant = BTreeSet::new();
        for top in named {
            let above = top.parent().unwrap_or(&top).to_path_buf();
            for aspect in [Aspect::Kustomizations, Aspect::Names] {
                let key = (above.clone(), aspect);
                meant.extend(self.stamps.contains_key(&key).then_some(key));
            }
            let from = self.stamps.range((top.clone(), Aspect::Content)..).map(|(key, _)| key);
            meant.extend(from.take_while(|(path, _)| path.starts_with(&top)).cloned());
        }
        meant
    }

    /// Waits until these are at rest, and others of which the system speaks meanwhile.
    fn settled(&self, mut meant: BTreeSet<Key>) -> BTreeMap<Key, Option<Stamp>> {
        let look = |keys: &BTreeSet<Key>| -> BTreeMap<Key, Option<Stamp>> {
            keys.iter().map(|key| (key.clone(), Stamp::of(&key.0, key.1))).collect()
        };
        let mut before = look(&meant);
        for round in 0..MOST_RESTS {
            std::thread::sleep(REST);
            if let Some(word) = self.system.as_ref().and_then(System::said) {
                meant.extend(self.meant(word));
            }
            let now = look(&meant);
            let is_emptied = || now.iter().any(|(key, new)| self.is_emptied(key, *new));
            if now == before && (round >= EMPTY_RESTS || !is_emptied()) {
                break;
            }
            before = now;
        }
        before
    }

    /// Returns `true` if a file has been emptied or removed, as who writes it anew does first.
    fn is_emptied(&self, key: &Key, new: Option<Stamp>) -> bool {
        let is_empty = |stamp: Stamp| !stamp.is_directory && stamp.bytes == 0;
        let old = self.stamps.get(key).copied().flatten();
        new.is_none_or(is_empty) && old.is_some_and(|old| !is_empty(old))
    }
}

/// Returns the folder to watch for something: that which it is in, or the nearest above that exists.
fn folder((path, aspect): &Key) -> Option<PathBuf> {
    let own = usize::from(*aspect == Aspect::Content);
    path.ancestors().skip(own).find(|above| above.is_dir()).map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use kustom::InputKind;

    use super::*;

    /// Long after all files were written.
    fn later() -> SystemTime {
        SystemTime::now() + Duration::from_secs(3600)
    }

    fn point(path: &Path, aspect: Aspect) -> Point {
        Point::new(path.to_path_buf(), aspect)
    }

    #[test]
    fn changes_are_found_with_and_without_the_system() {
        for blind in [false, true] {
            let dir = tempfile::tempdir().expect("a directory");
            let (old, new) = (dir.path().join("old"), dir.path().join("new"));
            fs::write(&old, "1").expect("a file");
            let both = [&old, &new].map(|path| point(path, Aspect::Content));
            let mut watched = Watched::new(both, later(), Readings::default());
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

    #[test]
    fn a_file_that_is_written_anew_is_waited_for() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("file");
        fs::write(&file, "1").expect("a file");
        let mut watched =
            Watched::new([point(&file, Aspect::Content)], later(), Readings::default());
        // As git does it.
        fs::remove_file(&file).expect("it is there");
        let write = {
            let file = file.clone();
            move || {
                std::thread::sleep(4 * REST);
                fs::write(&file, "2 is longer").expect("a file");
            }
        };
        let writing = std::thread::spawn(write);
        assert_eq!(watched.wait(), std::slice::from_ref(&file));
        assert!(file.exists());
        writing.join().expect("it ends");
        // One that stays away is gone.
        fs::remove_file(&file).expect("it is there");
        while file.exists() || watched.wait() != std::slice::from_ref(&file) {}
    }

    #[test]
    fn folders_are_watched_for_what_they_have() {
        let dir = tempfile::tempdir().expect("a directory");
        let top = dir.path().to_path_buf();
        let mut watched =
            Watched::new([point(&top, Aspect::Kustomizations)], later(), Readings::default());
        // What is neither a folder nor a kustomization does not count; what comes after it does.
        fs::write(top.join("notes"), "1").expect("a file");
        fs::create_dir(top.join("app")).expect("a folder");
        assert_eq!(watched.wait(), std::slice::from_ref(&top));
        let app = top.join("app");
        watched.set([point(&app, Aspect::Kustomizations), point(&app, Aspect::Names)], later());
        fs::write(app.join("kustomization.yaml"), "").expect("a file");
        assert_eq!(watched.wait(), std::slice::from_ref(&app));
        // One that was removed and made again is watched again.
        fs::remove_dir_all(&app).expect("it is there");
        assert_eq!(watched.wait(), std::slice::from_ref(&app));
        fs::create_dir(&app).expect("a folder");
        watched.set([point(&app, Aspect::Names)], later());
        fs::write(app.join("map.yaml"), "").expect("a file");
        assert_eq!(watched.wait(), std::slice::from_ref(&app));
        assert!(watched.system.is_some());
    }

    #[test]
    fn what_changes_between_reading_and_watching_is_not_missed() {
        let dir = tempfile::tempdir().expect("a directory");
        let (there, gone) = (dir.path().join("there"), dir.path().join("gone"));
        let since = SystemTime::now();
        fs::write(&there, "1").expect("a file");
        let read = |path: &Path, was_there| {
            let seen = Some(if was_there { InputKind::File } else { InputKind::Missing });
            Point { seen, ..point(path, Aspect::Content) }
        };
        let mut watched =
            Watched::new([read(&there, true), read(&gone, true)], since, Readings::default());
        assert_eq!(watched.wait(), [gone, there.clone()]);
        let mut watched = Watched::new([read(&there, false)], later(), Readings::default());
        assert_eq!(watched.wait(), std::slice::from_ref(&there));
        // Known as there, gone when it was read, and there again as it was.
        watched.set([read(&there, false)], later());
        assert_eq!(watched.wait(), [there]);
    }

    #[test]
    fn what_is_read_and_newer_than_a_comparison_may_have_changed() {
        let dir = tempfile::tempdir().expect("a directory");
        let (file, unread) = (dir.path().join("file"), dir.path().join("unread"));
        let (builder, readings) = Readings::of(kustom::Builder::new());
        let points = [point(&file, Aspect::Content), point(&unread, Aspect::Content)];
        let mut watched = Watched::new(points, later(), readings);
        let since = SystemTime::now();
        for path in [&file, &unread] {
            fs::write(path, "1").expect("a file");
        }
        builder.get_file_system().read(&file).expect("a file");
        watched.doubt_newer(later());
        assert!(watched.doubts.is_empty());
        watched.doubt_newer(since);
        assert_eq!(watched.doubts, BTreeSet::from([(file, Aspect::Content)]));
    }

    #[test]
    fn what_is_read_again_for_one_result_has_changed_for_a_kept_one() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("file");
        let key = (file.clone(), Aspect::Content);
        for kept in [true, false] {
            fs::write(&file, "1").expect("a file");
            let (builder, readings) = Readings::of(kustom::Builder::new());
            let point = point(&file, Aspect::Content);
            let mut watched = Watched::new([point.clone()], later(), readings);
            fs::write(&file, "2 is longer").expect("a file");
            builder.get_file_system().read(&file).expect("a file");
            watched.set([point.kept(kept)], later());
            assert_eq!(watched.doubts.contains(&key), kept);
        }
    }
}
