//! A file system that notes what each file was when it was read.
//!
//! What is seen before and after a build does not tell what the build has seen: a folder may be moved away,
//! another one be read in its place, and the first one come back as it was.

use std::ffi::OsString;
use std::hash::Hasher;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kustom::{Builder, DiskFs, FileKind, FileSystem};
use rustc_hash::{FxHashMap, FxHasher};

use super::stamp::{Aspect, Stamp, is_fresh};

/// What files were when they were read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readings(Arc<Mutex<FxHashMap<PathBuf, Reading>>>);

/// What a file was when it was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) stamp: Stamp,
    /// What stands for its content if the stamp may be that of another: in one tick of the clock all look alike.
    pub(super) fresh: Option<u64>,
}

impl Readings {
    /// Returns a builder that notes what it reads, and where.
    pub(crate) fn of(builder: Builder) -> (Builder, Readings) {
        let readings = Readings::default();
        let files =
            Noting { files: Arc::clone(builder.get_file_system()), readings: readings.clone() };
        (builder.file_system(files), readings)
    }

    /// Forgets all of them.
    pub(super) fn clear(&self) {
        self.all().clear();
    }

    pub(super) fn get(&self, path: &Path) -> Option<Reading> {
        self.all().get(path).copied()
    }

    fn all(&self) -> MutexGuard<'_, FxHashMap<PathBuf, Reading>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns what stands for the present content of a file.
pub(super) fn content(path: &Path) -> Option<u64> {
    DiskFs.read(path).ok().map(|content| number(&content))
}

fn number(content: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(content);
    hasher.finish()
}

#[derive(Debug)]
struct Noting {
    files: Arc<dyn FileSystem>,
    readings: Readings,
}

impl Noting {
    /// Reads a file, and notes what it was before; of several times the first counts.
    fn noted(
        &self,
        path: &Path,
        read: impl FnOnce() -> io::Result<Vec<u8>>,
    ) -> io::Result<Vec<u8>> {
        let stamp = Stamp::of(path, Aspect::Content);
        let content = read()?;
        if let Some(stamp) = stamp {
            // Another one may have come between.
            let is_doubtful = is_fresh(path) || Stamp::of(path, Aspect::Content) != Some(stamp);
            let fresh = is_doubtful.then(|| number(&content));
            let reading = Reading { stamp, fresh };
            self.readings.all().entry(path.to_path_buf()).or_insert(reading);
        }
        Ok(content)
    }
}

impl FileSystem for Noting {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        self.files.kind(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.files.canonicalize(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.noted(path, || self.files.read(path))
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.noted(path, || self.files.read_at_most(path, most))
    }

    fn read_resolved(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.noted(path, || self.files.read_resolved(path, most))
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.files.list(path)
    }

    fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, FileKind)>> {
        self.files.entries(path)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.files.read_link(path)
    }

    fn is_executable(&self, path: &Path) -> Option<bool> {
        self.files.is_executable(path)
    }

    fn owner(&self, path: &Path) -> Option<u32> {
        self.files.owner(path)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.files.absolute(path)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::time::{Duration, SystemTime};

    use super::super::{Point, Watched};
    use super::*;

    /// Watches a file that was read, after something was done to it.
    fn changed_after(file: &Path, read_in_between: impl FnOnce(&dyn Fn())) -> Vec<PathBuf> {
        let (builder, readings) = Readings::of(Builder::new());
        read_in_between(&|| {
            builder.get_file_system().read(file).expect("a file");
        });
        let later = SystemTime::now() + Duration::from_secs(3600);
        let point = Point::new(file.to_path_buf(), Aspect::Content);
        Watched::new([point], later, readings).wait()
    }

    #[test]
    fn what_was_read_in_the_place_of_another_has_changed() {
        let dir = tempfile::tempdir().expect("a directory");
        let at = |name: &str| dir.path().join(name);
        for name in ["base", "other"] {
            fs::create_dir(at(name)).expect("a folder");
            fs::write(at(name).join("file"), name).expect("a file");
        }
        let rename = |from: &str, to: &str| fs::rename(at(from), at(to)).expect("it is there");
        let file = at("base").join("file");
        let changed = changed_after(&file, |read| {
            rename("base", "away");
            rename("other", "base");
            read();
            rename("base", "other");
            rename("away", "base");
        });
        assert_eq!(changed, [file]);
    }

    #[test]
    fn a_file_that_is_written_twice_in_one_tick_has_changed() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("file");
        let tick = SystemTime::now() + Duration::from_secs(60);
        let write = |text: &str| {
            fs::write(&file, text).expect("a file");
            let opened = File::options().write(true).open(&file).expect("a file");
            opened.set_modified(tick).expect("a time");
        };
        write("1");
        let changed = changed_after(&file, |read| {
            read();
            write("2");
        });
        assert_eq!(changed, std::slice::from_ref(&file));
    }
}
