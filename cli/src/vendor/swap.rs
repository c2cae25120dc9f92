//! Copies change places all together, or not at all.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::disk::{remove, remove_empty, said};
use super::recover::{self, ASIDE, Move};

/// What has been moved.
pub(super) struct Swap<'d> {
    /// The directory that all paths count from.
    directory: &'d Path,
    /// The text of the lock file once all is done.
    lock: &'d str,
    /// The directories that were made for it.
    aside: BTreeSet<PathBuf>,
    /// From where to where, in order.
    moved: Vec<(PathBuf, PathBuf)>,
    /// How many names were given.
    count: usize,
}

impl<'d> Swap<'d> {
    pub(super) fn new(directory: &'d Path, lock: &'d str) -> Swap<'d> {
        crate::output::begin();
        Swap { directory, lock, aside: BTreeSet::new(), moved: Vec::new(), count: 0 }
    }

    pub(super) fn directory(&self) -> &'d Path {
        self.directory
    }

    /// Returns a free path beside the copies in `top`, on the same disk.
    pub(super) fn beside(&mut self, top: &Path) -> Result<PathBuf, String> {
        let aside = self.directory.join(top).join(ASIDE);
        if !self.aside.contains(&aside) {
            remove(&aside)?;
            self.aside.insert(aside.clone());
            fs::create_dir_all(&aside).map_err(|e| said("mkdir", &aside, &e))?;
            let ignore = aside.join(".gitignore");
            fs::write(&ignore, "*\n").map_err(|e| said("write", &ignore, &e))?;
            recover::begin(&aside, self.lock)?;
        }
        self.count += 1;
        Ok(aside.join(self.count.to_string()))
    }

    /// Moves away what lies at a place, if anything does.
    pub(super) fn take_away(&mut self, top: &Path, place: &Path) -> Result<(), String> {
        let from = self.directory.join(place);
        match fs::symlink_metadata(&from) {
            Err(e) if is_nothing(&e) => return Ok(()),
            Err(e) => return Err(said("look at", &from, &e)),
            Ok(_) => {}
        }
        let to = self.beside(top)?;
        let name = self.count.to_string();
        recover::note(&self.directory.join(top).join(ASIDE), &Move::Away(place, &name))?;
        self.rename(from, to)?;
        remove_empty(self.directory, place);
        Ok(())
    }

    /// Moves what was written to its place among the copies in `top`.
    pub(super) fn put(&mut self, top: &Path, written: &Path, place: &Path) -> Result<(), String> {
        recover::note(&self.directory.join(top).join(ASIDE), &Move::Put(place))?;
        let to = self.directory.join(place);
        let parent = to.parent().unwrap_or(self.directory);
        fs::create_dir_all(parent).map_err(|e| said("mkdir", parent, &e))?;
        self.rename(written.to_path_buf(), to)
    }

    fn rename(&mut self, from: PathBuf, to: PathBuf) -> Result<(), String> {
        fs::rename(&from, &to).map_err(|e| said("move", &from, &e))?;
        self.moved.push((from, to));
        Ok(())
    }

    /// Moves everything back, and says what is not where it was.
    pub(super) fn undo(&mut self) -> Vec<String> {
        let mut failed = Vec::new();
        for (from, to) in std::mem::take(&mut self.moved).into_iter().rev() {
            let parent = from.parent().unwrap_or(self.directory);
            let moved = fs::create_dir_all(parent).and_then(|()| fs::rename(&to, &from));
            if let Err(e) = moved {
                failed.push(format!("{} is now {} ({e})", from.display(), to.display()));
                continue;
            }
            if let Ok(place) = to.strip_prefix(self.directory) {
                remove_empty(self.directory, place);
            }
        }
        if !failed.is_empty() {
            // What waits there is all that there is.
            self.aside.clear();
        }
        failed
    }

    /// Removes what is not needed any more, and says what could not be removed.
    pub(super) fn clean(&mut self) -> Vec<String> {
        std::mem::take(&mut self.aside).iter().filter_map(|aside| remove(aside).err()).collect()
    }
}

fn is_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Returns the files below a folder with what they hold.
    fn contents(top: &Path) -> BTreeMap<PathBuf, String> {
        let (mut found, mut waiting) = (BTreeMap::new(), vec![top.to_path_buf()]);
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(folder).expect("a folder").flatten() {
                match entry.file_type().expect("a kind").is_dir() {
                    true => waiting.push(entry.path()),
                    false => {
                        let text = fs::read_to_string(entry.path()).expect("a text");
                        found.insert(entry.path(), text);
                    }
                }
            }
        }
        found
    }

    #[test]
    fn whatever_was_done_is_undone_or_was_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().canonicalize().unwrap();
        let (top, lock) = (Path::new("v"), directory.join("kustom.lock"));
        let put = |path: &str, text: &str| {
            let path = directory.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        // What is replaced, what goes, and what is new.
        for (path, text) in [("v/a/x", "old a"), ("v/b/x", "old b"), ("kustom.lock", "old")] {
            put(path, text);
        }
        let before = contents(&directory);
        for steps in 0..=6 {
            let mut swap = Swap::new(&directory, "new");
            let mut left = steps;
            let mut step = |action: &mut dyn FnMut()| {
                if left > 0 {
                    left -= 1;
                    action();
                }
            };
            let new: Vec<PathBuf> = ["a", "c"]
                .map(|name| {
                    let beside = swap.beside(top).unwrap();
                    fs::create_dir_all(&beside).unwrap();
                    fs::write(beside.join("x"), format!("new {name}")).unwrap();
                    beside
                })
                .to_vec();
            step(&mut || swap.take_away(top, Path::new("v/b")).unwrap());
            step(&mut || swap.take_away(top, Path::new("v/a")).unwrap());
            step(&mut || swap.put(top, &new[0], Path::new("v/a")).unwrap());
            step(&mut || swap.put(top, &new[1], Path::new("v/c/d")).unwrap());
            step(&mut || {
                recover::note(&directory.join("v").join(ASIDE), &Move::Put(Path::new("v/e")))
                    .unwrap();
            });
            step(&mut || fs::write(&lock, "new").unwrap());
            // It is killed here.
            drop(swap);
            assert!(recover::recover(&directory, top, &lock).unwrap());
            if steps < 6 {
                assert_eq!(contents(&directory), before, "{steps}");
            } else {
                let after = contents(&directory);
                let texts: Vec<&str> = after.values().map(String::as_str).collect();
                assert_eq!(texts, ["new", "new a", "new c"]);
            }
            assert!(!recover::recover(&directory, top, &lock).unwrap());
        }
    }
}
