//! The files of the disk as whoever searches them for kustomizations wants to see them.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use gix::bstr::BStr;
use gix::index::entry::Mode;
use gix::worktree::stack::state::ignore::Source;
use kustom::{DiskFs, FileKind, FileSystem};
use rustc_hash::FxHashMap;

use super::{open, plain};

/// The files of the disk, without what a search in a work tree goes past: folders that git ignores and has
/// nothing of, and work trees within another, such as submodules.
///
/// Only the lists of [`entries`](FileSystem::entries) leave these out, so a search that begins in one goes
/// on there: whoever names a folder means it. Where git cannot tell, nothing is left out.
pub(crate) struct WorkTree {
    files: Box<dyn FileSystem>,
    /// The work tree that each folder belongs to.
    known: Mutex<HashMap<PathBuf, Option<Arc<Mutex<Ignored>>>>>,
}

impl Default for WorkTree {
    fn default() -> WorkTree {
        WorkTree::over(DiskFs)
    }
}

impl WorkTree {
    /// Returns the files of the disk as others know them.
    pub(crate) fn over(files: impl FileSystem + 'static) -> WorkTree {
        WorkTree { files: Box::new(files), known: Mutex::default() }
    }

    /// Returns `true` if git ignores a file, and does not have it; or all or something of a folder, as deep as it may
    /// lie there: git has no folders, only files in them.
    pub(crate) fn ignores(&self, path: &Path) -> bool {
        if !path.symlink_metadata().is_ok_and(|it| it.is_dir()) {
            let ignored = path.parent().and_then(|folder| self.of(folder));
            let locked = |it: Arc<Mutex<Ignored>>| {
                it.lock().unwrap_or_else(PoisonError::into_inner).has_file(path)
            };
            return ignored.is_some_and(locked);
        }
        self.ignores_all(path) || Self::searched(path).any(|inner| self.ignores(&inner))
    }

    /// Returns `true` if git ignores a folder, and has nothing of it.
    pub(crate) fn ignores_all(&self, folder: &Path) -> bool {
        let ignored = folder.parent().and_then(|above| self.of(above));
        ignored.is_some_and(|it| it.lock().unwrap_or_else(PoisonError::into_inner).has(folder))
    }

    /// Returns the files, and the folders with all that is in them, that git ignores at or below a folder.
    pub(crate) fn ignored_below(&self, folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut waiting = vec![folder.to_path_buf()];
        while let Some(folder) = waiting.pop() {
            for path in Self::searched(&folder) {
                match path.symlink_metadata().is_ok_and(|it| it.is_dir()) {
                    true if self.ignores_all(&path) => found.push(path),
                    true => waiting.push(path),
                    false if self.ignores(&path) => found.push(path),
                    false => {}
                }
            }
        }
        found
    }

    /// Returns what a folder holds, without git's own files and other work trees.
    fn searched(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
        let folder = folder.to_path_buf();
        let entries = DiskFs.entries(&folder).unwrap_or_default().into_iter();
        entries.filter_map(move |(name, kind)| {
            let path = folder.join(&name);
            let is_other = name == ".git" || kind == FileKind::Directory && is_top(&path);
            (!is_other).then_some(path)
        })
    }

    /// Returns the work tree that a folder belongs to.
    fn of(&self, folder: &Path) -> Option<Arc<Mutex<Ignored>>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known_above =
            folder.ancestors().find_map(|above| Some((above, known.get(above)?.clone())));
        let until = known_above.as_ref().map(|(above, _)| *above);
        let below = folder.ancestors().take_while(|above| Some(*above) != until);
        let found = match below.into_iter().find(|above| is_top(above)) {
            Some(top) => Ignored::of(top).map(|ignored| Arc::new(Mutex::new(ignored))),
            None => known_above.and_then(|(_, found)| found),
        };
        known.insert(folder.to_path_buf(), found.clone());
        found
    }
}

/// The files of the disk without those that git ignores, as far as they are listed: these can be in a commit.
#[derive(Debug)]
pub(crate) struct Unignored<'w>(pub(crate) &'w WorkTree);

impl FileSystem for Unignored<'_> {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        self.0.kind(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.canonicalize(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.read(path)
    }

    fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, FileKind)>> {
        let mut entries = self.0.entries(path)?;
        entries.retain(|(name, kind)| match kind {
            // Git has no folders in which there is nothing.
            FileKind::Directory => self.entries(&path.join(name)).is_ok_and(|it| !it.is_empty()),
            _ => !self.0.ignores(&path.join(name)),
        });
        Ok(entries)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.read_link(path)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.absolute(path)
    }
}

/// Returns `true` if a folder is the top of a work tree.
fn is_top(folder: &Path) -> bool {
    folder.join(".git").symlink_metadata().is_ok()
}

/// What git ignores in one work tree.
struct Ignored {
    top: PathBuf,
    repository: gix::Repository,
    index: gix::worktree::Index,
    rules: gix::worktree::Stack,
    /// The folders whose rules can be read, as all above them.
    readable: FxHashMap<OsString, bool>,
}

impl Ignored {
    fn of(top: &Path) -> Option<Ignored> {
        let repository = open::open(top).ok()?;
        let index = repository.index_or_empty().ok()?;
        let source = Source::WorktreeThenIdMappingIfNotSkipped;
        let rules = repository.excludes(&index, None, source).ok()?.detach();
        let readable = FxHashMap::default();
        Some(Ignored { top: top.to_path_buf(), repository, index, rules, readable })
    }

    /// Returns `true` if there is nothing to wait for in the place of rules that are for a path.
    fn has_readable_rules(&mut self, path: &Path) -> bool {
        let mut unknown = Vec::new();
        let mut is_readable = true;
        for above in path.ancestors().skip(1).take_while(|above| above.starts_with(&self.top)) {
            if let Some(known) = self.readable.get(above.as_os_str()) {
                is_readable = *known;
                break;
            }
            unknown.push(above);
        }
        for folder in unknown.into_iter().rev() {
            is_readable &= open::is_readable(&folder.join(".gitignore"));
            self.readable.insert(folder.as_os_str().to_owned(), is_readable);
        }
        is_readable
    }

    /// Returns `true` if git ignores a file, or a folder above it, and does not have it.
    fn has_file(&mut self, file: &Path) -> bool {
        let Ok(below) = file.strip_prefix(&self.top) else { return false };
        if !self.has_readable_rules(file) {
            return false;
        }
        let found = self.rules.at_path(below, Some(Mode::FILE), &self.repository.objects);
        if !found.is_ok_and(|found| found.is_excluded()) {
            return false;
        }
        let Ok(path) = gix::path::into_bstr(below) else { return false };
        let path = gix::path::to_unix_separators_on_windows(path);
        self.index.entry_by_path(&path).is_none()
    }

    /// Returns `true` if git ignores a folder, or one above it, and has nothing of it.
    fn has(&mut self, folder: &Path) -> bool {
        let Ok(below) = folder.strip_prefix(&self.top) else { return false };
        if below.as_os_str().is_empty() || !self.has_readable_rules(folder) {
            return false;
        }
        let found = self.rules.at_path(below, Some(Mode::DIR), &self.repository.objects);
        if !found.is_ok_and(|found| found.is_excluded()) {
            return false;
        }
        let Ok(path) = gix::path::into_bstr(below) else { return false };
        let mut prefix = gix::path::to_unix_separators_on_windows(path).into_owned();
        prefix.push(b'/');
        self.index.prefixed_entries_range(BStr::new(&prefix)).is_none_or(|range| range.is_empty())
    }
}

/// Refuses rules for git, in a folder and those above it in the work tree, for which it would wait, or that never end;
/// so too other files of the repository's own.
///
/// # Errors
/// If there are such.
pub(crate) fn check_rules(folder: &Path) -> Result<(), String> {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    let top = folder.ancestors().find(|above| is_top(above)).unwrap_or(&folder);
    plain::check(&top.join(".git"))?;
    // Git reads what it says of submodules through links too.
    plain::check_file(&top.join(".gitmodules"))?;
    folder.ancestors().take_while(|above| above.starts_with(top)).try_for_each(check_folder)
}

/// Refuses such rules in the folders below one that are not ignored, and such objects of the repository with its top there.
///
/// # Errors
/// If there are such.
pub(crate) fn check_rules_below(folder: &Path) -> Result<(), String> {
    plain::Read::of(&folder.join(".git"))?;
    let files = WorkTree::default();
    let mut waiting = vec![folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf())];
    while let Some(folder) = waiting.pop() {
        check_folder(&folder)?;
        let entries = files.entries(&folder).unwrap_or_default().into_iter();
        let folders = entries.filter(|(name, kind)| *kind == FileKind::Directory && name != ".git");
        waiting.extend(folders.map(|(name, _)| folder.join(name)));
    }
    Ok(())
}

fn check_folder(folder: &Path) -> Result<(), String> {
    let rules = [".gitignore", ".gitattributes"].map(|name| folder.join(name));
    match rules.iter().find(|rules| !open::is_readable(rules)) {
        Some(odd) => Err(format!("{}: git would not come to its end", odd.display())),
        None => Ok(()),
    }
}

impl FileSystem for WorkTree {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        self.files.kind(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.files.canonicalize(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.read(path)
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.files.read_at_most(path, most)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.files.list(path)
    }

    fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, FileKind)>> {
        let mut entries = self.files.entries(path)?;
        let Some(ignored) = self.of(path) else { return Ok(entries) };
        let mut ignored = ignored.lock().unwrap_or_else(PoisonError::into_inner);
        // Who came as far as here has named it.
        let is_within = ignored.has(path);
        entries.retain(|(name, kind)| {
            if *kind != FileKind::Directory || name == ".git" {
                return true;
            }
            let folder = path.join(name);
            !is_top(&folder) && (is_within || !ignored.has(&folder))
        });
        Ok(entries)
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

impl fmt::Debug for WorkTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WorkTree")
    }
}
