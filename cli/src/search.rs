//! Which kustomizations there are to compare below the directories and patterns given.

use std::collections::BTreeSet;
use std::io;
use std::path::{Component, Path, PathBuf};

use kustom::roots::is_kustomization;
use kustom::{FileKind, FileSystem, VENDOR_MARKER, clean_path, document};
use serde_json::Value;

use crate::exclude::{Excluded, matches_name};
use crate::roots::FILE_NAMES;

/// Lists a folder, named as the user named it: names in order and what they are; nothing if it cannot
/// be read.
pub(crate) fn entries(files: &dyn FileSystem, folder: &Path) -> Vec<(String, FileKind)> {
    let list = || {
        let folder = files.canonicalize(&absolute(files, folder)?)?;
        let mut names = files.list(&folder)?;
        names.sort();
        let entry = |name: String| files.kind(&folder.join(&name)).ok().map(|kind| (name, kind));
        Ok::<_, io::Error>(names.into_iter().filter_map(entry).collect())
    };
    list().unwrap_or_default()
}

fn absolute(files: &dyn FileSystem, path: &Path) -> io::Result<PathBuf> {
    files.absolute(if path.as_os_str().is_empty() { Path::new(".") } else { path })
}

/// Returns the text that a field of the kustomization in a folder has.
pub(crate) fn field(files: &dyn FileSystem, folder: &Path, field: &str) -> Option<String> {
    let document = FILE_NAMES.iter().find_map(|name| {
        let bytes = files.read(&absolute(files, &folder.join(name)).ok()?).ok()?;
        document::from_yaml(&bytes).ok()
    })?;
    Some(document.get(field)?.as_str()?.to_owned())
}

/// Returns an absolute path as seen from a folder, if it lies below that.
pub(crate) fn relative(path: &Path, from: Option<&Path>) -> PathBuf {
    match from.and_then(|from| path.strip_prefix(from).ok()) {
        Some(below) if below.as_os_str().is_empty() => PathBuf::from("."),
        Some(below) => below.to_path_buf(),
        None => path.to_path_buf(),
    }
}

/// Returns the roots that some arguments stand for on any of these sides, sorted.
///
/// An argument is a directory or a pattern of them, with `*`, `?` and `**`. A directory without a
/// kustomization file stands for the roots below it: the kustomizations that no other one there
/// refers to, but for components.
///
/// # Errors
/// If an argument stands for nothing.
pub(crate) fn find(
    sides: &[&dyn FileSystem],
    arguments: &[PathBuf],
    excluded: &Excluded,
) -> Result<Vec<PathBuf>, String> {
    let mut roots = BTreeSet::new();
    for argument in arguments {
        let mut below = Kustomizations::default();
        for side in sides {
            for folder in expand(*side, argument) {
                if is_kustomization(*side, &folder) {
                    below.asked.insert(folder);
                } else {
                    below.collect(*side, &folder);
                }
            }
        }
        let mut found = below.roots();
        let named: Vec<PathBuf> = vec![clean_path(argument)];
        found.retain(|root| named.contains(root) || !excluded.matches(root));
        if found.is_empty() {
            return Err(format!("no kustomization at or below '{}'", argument.display()));
        }
        roots.extend(found);
    }
    Ok(roots.into_iter().collect())
}

/// Returns all roots at or below some directories: the kustomizations that no other one there refers to,
/// but for components, and those of the directories themselves.
///
/// # Errors
/// If there is none.
pub(crate) fn find_all(
    files: &dyn FileSystem,
    directories: &[PathBuf],
) -> Result<Vec<PathBuf>, String> {
    let mut below = Kustomizations::default();
    for directory in directories {
        let directory = clean_path(directory);
        if is_kustomization(files, &directory) {
            below.asked.insert(directory.clone());
        }
        below.collect(files, &directory);
    }
    match below.roots() {
        roots if roots.is_empty() => Err("no kustomization found".to_owned()),
        roots => Ok(roots.into_iter().collect()),
    }
}

#[derive(Default)]
struct Kustomizations {
    /// Those that were named.
    asked: BTreeSet<PathBuf>,
    /// Those that were found.
    found: BTreeSet<PathBuf>,
    /// Those that others refer to, and components.
    inner: BTreeSet<PathBuf>,
}

impl Kustomizations {
    fn collect(&mut self, files: &dyn FileSystem, top: &Path) {
        let mut waiting = vec![top.to_path_buf()];
        while let Some(folder) = waiting.pop() {
            let entries = entries(files, &folder);
            // Copies of what others wrote are no roots.
            if entries.iter().any(|(name, _)| name == VENDOR_MARKER) {
                continue;
            }
            let inside = |name: &str| match folder.as_os_str() == "." {
                true => PathBuf::from(name),
                false => folder.join(name),
            };
            let kustomization =
                entries.iter().find(|(name, _)| FILE_NAMES.contains(&name.as_str()));
            if let Some((name, _)) = kustomization {
                self.found.insert(folder.clone());
                self.read(files, &folder, &inside(name));
            }
            let folders = entries.iter().filter(|(_, kind)| *kind == FileKind::Directory);
            waiting
                .extend(folders.filter(|(name, _)| name != ".git").map(|(name, _)| inside(name)));
        }
    }

    /// Notes what a kustomization refers to. One that cannot be read refers to nothing; rendering
    /// it will tell.
    fn read(&mut self, files: &dyn FileSystem, folder: &Path, file: &Path) {
        let bytes = absolute(files, file).and_then(|file| files.read(&file));
        let Ok(bytes) = bytes else { return };
        let Ok(document) = document::from_yaml(&bytes) else { return };
        if document.get("kind").and_then(Value::as_str) == Some("Component") {
            self.inner.insert(folder.to_path_buf());
        }
        for field in ["resources", "bases", "components"] {
            let entries = document.get(field).and_then(Value::as_array);
            for entry in entries.into_iter().flatten().filter_map(Value::as_str) {
                self.inner.insert(clean_path(&folder.join(entry)));
            }
        }
    }

    fn roots(self) -> BTreeSet<PathBuf> {
        let Kustomizations { mut asked, found, inner } = self;
        asked.extend(found.into_iter().filter(|folder| !inner.contains(folder)));
        asked
    }
}

/// Returns the directories that a pattern matches; a path that is none stands for itself.
fn expand(files: &dyn FileSystem, argument: &Path) -> BTreeSet<PathBuf> {
    let is_pattern = |text: &str| text.contains(['*', '?']);
    if !is_pattern(&argument.to_string_lossy()) {
        return BTreeSet::from([clean_path(argument)]);
    }
    let mut matched = BTreeSet::from([PathBuf::new()]);
    for part in argument.components() {
        let text = part.as_os_str().to_string_lossy();
        let mut next = BTreeSet::new();
        for folder in &matched {
            let folders = |folder: &Path| {
                let entries = entries(files, folder).into_iter();
                entries.filter(|(name, kind)| *kind == FileKind::Directory && name != ".git")
            };
            if text == "**" {
                let mut waiting = vec![folder.clone()];
                while let Some(folder) = waiting.pop() {
                    waiting.extend(folders(&folder).map(|(name, _)| folder.join(name)));
                    next.insert(folder);
                }
            } else if matches!(part, Component::Normal(_)) && is_pattern(&text) {
                let names = folders(folder).filter(|(name, _)| matches_name(&text, name));
                next.extend(names.map(|(name, _)| folder.join(name)));
            } else {
                next.insert(folder.join(part));
            }
        }
        matched = next;
    }
    // `**` matches all folders; only kustomizations and what stands for them are meant.
    let deep = argument.components().next_back().is_some_and(|part| part.as_os_str() == "**");
    matched.retain(|folder| !deep || is_kustomization(files, folder));
    matched
}
