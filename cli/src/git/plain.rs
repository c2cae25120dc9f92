//! What is read of a repository's own folder, wherever it leads: nothing there is waited for.

use std::collections::BTreeSet;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use gix::bstr::ByteSlice;
use gix::config::file::Metadata;
use gix::config::path::interpolate::{Context, home_for_user};
use gix::config::{File, Path as ConfigPath};

use crate::git_paths::{bytes_to_path, unquoted};

/// The folders in which git looks for more than files that it knows by name.
const FOLDERS: [&str; 6] = ["info", "logs", "objects", "refs", "reftable", "worktrees"];

/// How many entries are looked at.
const MOST: usize = 2_000_000;

/// How large a file may be that names others.
const MOST_BYTES: u64 = 4 << 20;

/// How deep configuration may be included.
const MOST_DEPTH: usize = 10;

/// What of a repository is read.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// What names another place, or leads there as a link, and that place, links resolved.
    pub(super) leads: Vec<(PathBuf, PathBuf)>,
    /// The folders at which it was begun to look at all, or to which a link has led, links resolved.
    seen: BTreeSet<PathBuf>,
    /// Configuration that was looked at.
    configs: BTreeSet<PathBuf>,
    count: usize,
    /// Whether folders of single objects are left out, of which there may be hundreds, and thousands of objects.
    is_brief: bool,
}

/// Refuses what would be waited for, or never ends, in the place of a file that is read of a repository.
///
/// `own` is its `.git`, or itself; where there is none, nothing is read. Objects that have files of their own are not
/// looked at, which would cost more than most commands do, and a command looks at a repository once.
///
/// # Errors
/// If there is such a file, or it cannot be told what is read.
pub(super) fn check(own: &Path) -> Result<(), String> {
    static CHECKED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let checked = || CHECKED.lock().unwrap_or_else(PoisonError::into_inner);
    if checked().contains(own) {
        return Ok(());
    }
    Read { is_brief: true, ..Read::default() }.look_at(own)?;
    checked().insert(own.to_path_buf());
    Ok(())
}

/// Refuses a file that would be waited for, or never ends.
///
/// # Errors
/// If it is one.
pub(super) fn check_file(file: &Path) -> Result<(), String> {
    match fs::metadata(file) {
        Ok(there) if is_waited_for(there.file_type()) => Err(odd(file)),
        _ => Ok(()),
    }
}

fn odd(file: &Path) -> String {
    format!("{} is no regular file", file.display())
}

impl Read {
    /// Looks at all that is read of a repository, whose `.git` is `own`.
    ///
    /// # Errors
    /// As [`check`].
    pub(super) fn of(own: &Path) -> Result<Read, String> {
        Read::default().look_at(own)
    }

    fn look_at(mut self, own: &Path) -> Result<Read, String> {
        let Ok(link) = fs::symlink_metadata(own) else { return Ok(self) };
        if link.is_symlink() {
            self.lead(own, own);
        }
        match fs::metadata(own) {
            Ok(there) if there.is_dir() => self.repository(own)?,
            Ok(_) => {
                let text = text_of(own)?;
                let named = text.strip_prefix(b"gitdir:").map(<[u8]>::trim).map(bytes_to_path);
                if let (Some(named), Some(folder)) = (named, own.parent()) {
                    let named = folder.join(named);
                    self.lead(own, &named);
                    self.repository(&named)?;
                }
            }
            Err(_) => {}
        }
        Ok(self)
    }

    /// Notes that a file names a place, or leads there.
    fn lead(&mut self, by: &Path, place: &Path) {
        if let Ok(place) = place.canonicalize() {
            self.leads.push((by.to_path_buf(), place));
        }
    }

    /// Looks at a folder of git, and the one that it shares with others.
    fn repository(&mut self, folder: &Path) -> Result<(), String> {
        self.folder(folder)?;
        let shared = folder.join("commondir");
        if shared.symlink_metadata().is_ok() {
            let text = text_of(&shared)?;
            let common = folder.join(bytes_to_path(text.trim()));
            self.lead(&shared, &common);
            self.folder(&common)?;
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Path) -> Result<(), String> {
        // Not even git takes it for a repository.
        if folder.join("HEAD").symlink_metadata().is_err() {
            return Ok(());
        }
        let walked = FOLDERS.iter().map(|name| folder.join(name));
        let mut inner = Vec::new();
        for (entry, kind) in entries(folder)? {
            let is_folder = self.entry(&entry, kind)?;
            inner.extend(is_folder.then_some(entry));
        }
        for folder in walked.filter(|walked| inner.contains(walked)) {
            self.walk(&folder)?;
        }
        for config in ["config", "config.worktree"] {
            self.config(&folder.join(config), 0)?;
        }
        self.alternates(folder.join("objects"))
    }

    /// Looks at an entry of a folder; returns `true` for a folder, and a link to one.
    fn entry(&mut self, entry: &Path, kind: FileType) -> Result<bool, String> {
        self.count += 1;
        if self.count > MOST {
            return Err(format!("{}: git has more than {MOST} files here", entry.display()));
        }
        if !kind.is_symlink() {
            return if is_waited_for(kind) { Err(odd(entry)) } else { Ok(kind.is_dir()) };
        }
        self.lead(entry, entry);
        match fs::metadata(entry) {
            Ok(there) if is_waited_for(there.file_type()) => Err(odd(entry)),
            Ok(there) => Ok(there.is_dir()),
            Err(_) => Ok(false),
        }
    }

    /// Looks at all in a folder, and at what links lead to.
    fn walk(&mut self, top: &Path) -> Result<(), String> {
        // Only a link can lead in a circle.
        let mut waiting = vec![(top.to_path_buf(), true)];
        while let Some((folder, may_be_known)) = waiting.pop() {
            if may_be_known && !folder.canonicalize().is_ok_and(|real| self.seen.insert(real)) {
                continue;
            }
            for (entry, kind) in entries(&folder)? {
                let is_left_out =
                    self.is_brief && kind.is_dir() && folder == top && has_objects(&entry);
                if self.entry(&entry, kind)? && !is_left_out {
                    waiting.push((entry, kind.is_symlink()));
                }
            }
        }
        Ok(())
    }

    /// Looks at the folders of objects that one borrows from, and so on.
    fn alternates(&mut self, objects: PathBuf) -> Result<(), String> {
        let mut waiting = vec![objects];
        let mut known = BTreeSet::new();
        while let Some(objects) = waiting.pop() {
            let list = objects.join("info/alternates");
            let is_new = objects.canonicalize().is_ok_and(|real| known.insert(real));
            if !is_new || list.symlink_metadata().is_err() {
                continue;
            }
            let text = text_of(&list)?;
            let lines = text.lines().map(<[u8]>::trim);
            for line in lines.filter(|line| !line.is_empty() && !line.starts_with(b"#")) {
                let borrowed = objects.join(bytes_to_path(&unquoted(line)));
                self.lead(&list, &borrowed);
                self.walk(&borrowed)?;
                waiting.push(borrowed);
            }
        }
        Ok(())
    }

    /// Looks at the files that one with configuration includes, whatever the condition.
    fn config(&mut self, file: &Path, depth: usize) -> Result<(), String> {
        let Ok(real) = file.canonicalize() else { return Ok(()) };
        if depth > MOST_DEPTH || !self.configs.insert(real.clone()) {
            return Ok(());
        }
        let text = text_of(file)?;
        if !text.to_ascii_lowercase().contains_str("include") {
            return Ok(());
        }
        let failed = |e: &dyn std::fmt::Display| format!("{}: {e}", file.display());
        let parsed = File::from_bytes_no_includes(&text, Metadata::api(), Default::default());
        let parsed = parsed.map_err(|e| failed(&e))?;
        let home = std::env::var_os("HOME").map(PathBuf::from);
        for name in ["include", "includeIf"] {
            let sections = parsed.sections_by_name(name).into_iter().flatten();
            for path in sections.flat_map(|section| section.values("path")) {
                let shown = path.to_string();
                let context = Context {
                    git_install_dir: None,
                    home_dir: home.as_deref(),
                    home_for_user: Some(home_for_user),
                };
                let path = ConfigPath::from(path).interpolate(context);
                let path = path.map_err(|e| failed(&format!("include of '{shown}': {e}")))?;
                for above in [file.parent(), real.parent()].into_iter().flatten() {
                    let included = above.join(&path);
                    check_file(&included)?;
                    self.config(&included, depth + 1)?;
                }
            }
        }
        Ok(())
    }
}

/// Returns `true` for a folder in which git puts objects that have files of their own: of two digits.
fn has_objects(folder: &Path) -> bool {
    let name = folder.file_name().map(std::ffi::OsStr::as_encoded_bytes).unwrap_or_default();
    name.len() == 2 && name.iter().all(u8::is_ascii_hexdigit)
}

/// Returns the entries of a folder; none if it cannot be read.
fn entries(folder: &Path) -> Result<Vec<(PathBuf, FileType)>, String> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for entry in entries {
        match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
            Ok(entry) => found.push(entry),
            // Git has just removed it.
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(format!("{}: {e}", folder.display())),
        }
    }
    Ok(found)
}

/// Reads a file that names others.
fn text_of(file: &Path) -> Result<Vec<u8>, String> {
    let failed = |e: io::Error| format!("{}: {e}", file.display());
    let there = fs::metadata(file).map_err(failed)?;
    if !there.is_file() {
        return Err(odd(file));
    }
    if there.len() > MOST_BYTES {
        return Err(format!("{} has more than {MOST_BYTES} bytes", file.display()));
    }
    fs::read(file).map_err(failed)
}

/// Returns `true` for a pipe or a device; a socket, as that of git's own watcher, cannot be opened.
#[cfg(unix)]
fn is_waited_for(kind: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt;
    kind.is_fifo() || kind.is_char_device() || kind.is_block_device()
}

#[cfg(not(unix))]
fn is_waited_for(kind: FileType) -> bool {
    !kind.is_file() && !kind.is_dir() && !kind.is_symlink()
}
