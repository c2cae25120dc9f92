//! Lists directories and expands path patterns, on disk or in a revision.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

use kustom::text::clean_path;
use kustom::{DiskFs, FileKind, FileSystem};

use crate::exclude::matches_name;
use crate::others::Others;
use crate::paths::FILE_NAMES;

/// Lists a folder, named as the user named it: names in order and what they are; nothing if it cannot
/// be read.
pub(crate) fn entries(files: &dyn FileSystem, folder: &Path) -> Vec<(OsString, FileKind)> {
    real(files, folder).map(|folder| entries_of(files, &folder)).unwrap_or_default()
}

/// As [`entries`], of a folder of which the real path is known.
pub(crate) fn entries_of(files: &dyn FileSystem, folder: &Path) -> Vec<(OsString, FileKind)> {
    let mut entries = files.entries(folder).unwrap_or_default();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    entries
}

/// Returns the real path of a folder.
pub(crate) fn real(files: &dyn FileSystem, folder: &Path) -> io::Result<PathBuf> {
    files.canonicalize(&absolute(files, folder)?)
}

/// Returns a path as an absolute one; the empty one is that of the working directory.
pub(crate) fn absolute(files: &dyn FileSystem, path: &Path) -> io::Result<PathBuf> {
    files.absolute(if path.as_os_str().is_empty() { Path::new(".") } else { path })
}

/// Returns `true` if a text has something in it that stands for others; the question mark of an address does not.
pub(crate) fn is_pattern(text: &str) -> bool {
    let is_query = || text.ends_with('?') || text.contains("?ref=");
    text.contains(['*', '?']) && !(is_query() && is_address(Path::new(text)))
}

/// Returns `true` for what is written as an address of a repository or of a file.
pub(crate) fn is_address(path: &Path) -> bool {
    let text = path.to_string_lossy();
    text.contains("://")
        || ["git@", "git::", "github.com/"].iter().any(|start| text.starts_with(start))
}

/// Returns the directories that a pattern matches; a path that is none stands for itself.
pub(crate) fn directories(files: &dyn FileSystem, argument: &Path) -> BTreeSet<PathBuf> {
    let mut matched = expand(files, argument, &|kind| kind == FileKind::Directory);
    if is_pattern(&argument.to_string_lossy()) {
        let mut others = Others::default();
        // Copies of what others wrote are no roots, unless what comes before the pattern says so.
        if !others.has_folder(files, &named_part(argument)) {
            matched.retain(|folder| !others.has_folder(files, folder));
        }
    }
    matched
}

/// Returns what comes before the first pattern of a path.
pub(crate) fn named_part(argument: &Path) -> PathBuf {
    let is_named = |part: &Component| !is_pattern(&part.as_os_str().to_string_lossy());
    argument.components().take_while(is_named).collect()
}

/// Directories of kustomizations that are named, and patterns of such.
pub(crate) struct Named<'a>(&'a [PathBuf]);

impl<'a> Named<'a> {
    pub(crate) fn new(arguments: &'a [PathBuf]) -> Named<'a> {
        Named(arguments)
    }

    /// Returns the arguments that are patterns; addresses with a question mark, as `https://…?ref=v1`, are none.
    fn patterns(&self) -> impl Iterator<Item = &'a PathBuf> {
        self.0.iter().filter(|argument| is_of_directories(argument))
    }

    pub(crate) fn has_patterns(&self) -> bool {
        self.patterns().next().is_some()
    }

    /// Returns the directories that are meant now; a pattern stands for the kustomizations that it matches,
    /// components excepted.
    ///
    /// # Errors
    /// If a pattern matches none.
    pub(crate) fn directories(&self) -> Result<Vec<PathBuf>, String> {
        match self.patterns().find(|pattern| kustomizations(pattern).is_empty()) {
            Some(pattern) => Err(format!("no kustomization matches {}", pattern.display())),
            None => Ok(self.present()),
        }
    }

    /// As [`directories`](Self::directories); of a pattern that matches none there is none.
    pub(crate) fn present(&self) -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> = Vec::new();
        let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
        for argument in self.0 {
            if !is_of_directories(argument) {
                seen.insert(clean_path(argument));
                all.push(argument.clone());
                continue;
            }
            let mut matched = kustomizations(argument);
            matched.retain(|dir| {
                !kustom::roots::is_component(&DiskFs, dir) && seen.insert(clean_path(dir))
            });
            all.extend(matched);
        }
        all
    }

    /// Returns the folders that decide what the patterns match.
    pub(crate) fn folders(&self) -> BTreeSet<PathBuf> {
        let mut folders = BTreeSet::new();
        for pattern in self.patterns() {
            let mut start = PathBuf::new();
            for part in pattern.components() {
                if is_pattern(&start.join(part).to_string_lossy()) {
                    folders.extend(directories(&DiskFs, &start));
                }
                start.push(part);
            }
            folders.extend(directories(&DiskFs, pattern));
        }
        folders
    }
}

/// Returns `true` for a pattern, unless there is a directory of that name or it is the address of one elsewhere.
pub(crate) fn is_of_directories(argument: &Path) -> bool {
    let text = argument.to_string_lossy();
    is_pattern(&text) && !text.contains("://") && !text.contains('=') && !argument.is_dir()
}

/// Returns the directories that a pattern matches and that have a kustomization.
pub(crate) fn kustomizations(pattern: &Path) -> BTreeSet<PathBuf> {
    let mut matched = directories(&DiskFs, pattern);
    matched.retain(|dir| FILE_NAMES.iter().any(|name| dir.join(name).exists()));
    matched
}

/// Returns the files that a path or a pattern stands for, as far as they are there.
pub(crate) fn files(files: &dyn FileSystem, argument: &Path) -> BTreeSet<PathBuf> {
    let exists =
        |path: &PathBuf| absolute(files, path).and_then(|path| files.canonicalize(&path)).is_ok();
    // A file may have such a name.
    let itself = argument.to_path_buf();
    if exists(&itself) {
        return BTreeSet::from([itself]);
    }
    let mut found = match is_pattern(&argument.to_string_lossy()) {
        true => expand(files, argument, &|kind| kind != FileKind::Directory),
        false => return BTreeSet::new(),
    };
    // A link to a directory is no file either.
    found.retain(|path| {
        let real = absolute(files, path).and_then(|path| files.canonicalize(&path));
        real.is_ok_and(|real| !matches!(files.kind(&real), Ok(FileKind::Directory)))
    });
    found
}

/// Returns what a pattern matches; its last part is of a kind that is wanted, and those before are directories.
fn expand(
    files: &dyn FileSystem,
    argument: &Path,
    wanted: &dyn Fn(FileKind) -> bool,
) -> BTreeSet<PathBuf> {
    if !is_pattern(&argument.to_string_lossy()) {
        return BTreeSet::from([clean_path(argument)]);
    }
    let is_directory = |kind: FileKind| kind == FileKind::Directory;
    let mut matched = BTreeSet::from([PathBuf::new()]);
    let mut parts = argument.components().peekable();
    // What stands before the first pattern is named.
    let mut is_named = true;
    while let Some(part) = parts.next() {
        let text = part.as_os_str().to_string_lossy();
        let is_last = parts.peek().is_none();
        is_named &= !is_pattern(&text);
        let mut next = BTreeSet::new();
        for folder in &matched {
            let below = |folder: &Path, is_wanted: &dyn Fn(FileKind) -> bool| {
                let entries = entries(files, folder).into_iter();
                let wanted = entries.filter(|(name, kind)| is_wanted(*kind) && name != ".git");
                wanted.map(|(name, _)| name).collect::<Vec<_>>()
            };
            if text == "**" {
                let mut waiting = vec![folder.clone()];
                while let Some(folder) = waiting.pop() {
                    let folders = below(&folder, &is_directory);
                    waiting.extend(folders.into_iter().map(|name| folder.join(name)));
                    next.insert(folder);
                }
            } else if matches!(part, Component::Normal(_)) && is_pattern(&text) {
                let is_wanted: &dyn Fn(FileKind) -> bool =
                    if is_last { wanted } else { &is_directory };
                let mut names = below(folder, is_wanted);
                names.retain(|name| matches_name(&text, &name.to_string_lossy()));
                next.extend(names.into_iter().map(|name| folder.join(name)));
            } else if is_named
                || !matches!(part, Component::Normal(_))
                || entries(files, folder).iter().any(|(name, _)| name == part.as_os_str())
            {
                next.insert(folder.join(part));
            }
        }
        matched = next;
    }
    matched
}
