//! A temporary directory for fetches and programs.

mod stale;

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use kustom::outside::{Failure, FailureKind};
use tempfile::TempDir;

/// A temporary folder that is made when it is first needed, and goes with the last that needs it.
#[derive(Clone, Default)]
pub struct Scratch(Arc<Mutex<State>>);

#[derive(Default)]
enum State {
    #[default]
    Unused,
    There(TempDir),
    Gone,
}

impl Scratch {
    /// Returns one that has no folder yet.
    pub fn new() -> Scratch {
        Scratch::default()
    }

    /// Returns what removes the folder with all that is in it, for a program that is about to be ended;
    /// afterwards no other one is made. It does not keep the folder.
    pub fn remover(&self) -> impl Fn() + Send + 'static {
        let state: Weak<Mutex<State>> = Arc::downgrade(&self.0);
        move || {
            if let Some(state) = state.upgrade()
                && let State::There(folder) = std::mem::replace(&mut *lock(&state), State::Gone)
            {
                // A process that is being stopped may still write into it.
                let path = folder.path().to_path_buf();
                drop(folder);
                let _ = fs::remove_dir_all(path);
            }
        }
    }

    /// Returns a new folder in it, whose name begins with `prefix`.
    ///
    /// # Errors
    /// If none can be made.
    pub fn folder(&self, prefix: &str) -> Result<Folder, Failure> {
        let new = self.make(|top| tempfile::Builder::new().prefix(prefix).tempdir_in(top))?;
        Ok(Folder { folder: new, _scratch: self.clone() })
    }

    /// Has something made in the folder.
    pub(crate) fn make<T>(&self, make: impl FnOnce(&Path) -> io::Result<T>) -> Result<T, Failure> {
        let mut state = lock(&self.0);
        let made = match &mut *state {
            State::There(folder) => make(folder.path()),
            State::Gone => Err(io::Error::other("it is being removed")),
            State::Unused => {
                stale::sweep(&std::env::temp_dir());
                tempfile::Builder::new().prefix(&stale::prefix()).tempdir().and_then(|new| {
                    let made = make(new.path());
                    *state = State::There(new);
                    made
                })
            }
        };
        made.map_err(|e| {
            let place = std::env::temp_dir();
            let message = format!("a temporary folder in {}: {e}", place.display());
            Failure::new(FailureKind::Failed, message)
        })
    }
}

/// A folder in it, which goes when it is dropped.
#[derive(Debug)]
pub struct Folder {
    // It goes before what it is in.
    folder: TempDir,
    _scratch: Scratch,
}

impl Folder {
    /// Returns its path.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scratch")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_with_the_last_that_needs_it() {
        let scratch = Scratch::new();
        let other = scratch.clone();
        let folder = scratch.folder("a-").unwrap();
        let top = folder.path().parent().unwrap().to_path_buf();
        assert_eq!(other.folder("b-").unwrap().path().parent(), Some(&*top));
        let _remover = scratch.remover();
        drop((scratch, folder));
        assert!(top.exists());
        drop(other);
        assert!(!top.exists());
    }

    #[test]
    fn is_there_as_long_as_a_folder_in_it() {
        let folder = Scratch::new().folder("a-").unwrap();
        assert!(folder.path().exists());
        let top = folder.path().parent().unwrap().to_path_buf();
        drop(folder);
        assert!(!top.exists());
    }

    #[test]
    fn can_be_removed_before() {
        let scratch = Scratch::new();
        let folder = scratch.folder("a-").unwrap();
        scratch.remover()();
        assert!(!folder.path().exists());
        assert!(scratch.folder("b-").is_err());
    }
}
