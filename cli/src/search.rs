//! Finds the kustomizations to compare below the given directories and patterns.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kustom::document::NodeView;
use kustom::roots::{Sameness, is_kustomization};
use kustom::text::clean_path;
use kustom::vendor::{Copies, VENDOR_MARKER};
use kustom::{FileKind, FileSystem};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::exclude::Excluded;
use crate::git::WorkTree;
use crate::parsed::Parsed;
use crate::path_patterns::{self, absolute, entries, entries_of, is_address, real};
use crate::paths::FILE_NAMES;
use crate::roots::{MOST_FOLDERS, no_directory, too_many_folders};

/// Returns the text that a field of the kustomization in a folder has.
pub(crate) fn field(files: &dyn FileSystem, folder: &Path, field: &str) -> Option<String> {
    let document = FILE_NAMES.iter().find_map(|name| {
        let bytes = files.read(&absolute(files, &folder.join(name)).ok()?).ok()?;
        NodeView::read(&bytes).ok()
    })?;
    Some(document.get(field)?.to_value().ok()?.as_str()?.to_owned())
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
/// refers to, but for components. What is such a root on one side is one, whatever becomes of it on the other.
///
/// # Errors
/// If an argument stands for nothing.
pub(crate) fn find(
    sides: &[&dyn FileSystem],
    arguments: &[PathBuf],
    excluded: &Excluded,
) -> Result<Vec<PathBuf>, String> {
    find_with(sides, arguments, excluded, &Known { parsed: &Parsed::default(), same: None })
}

/// As [`find`], with what is known before.
pub(crate) fn find_with(
    sides: &[&dyn FileSystem],
    arguments: &[PathBuf],
    excluded: &Excluded,
    known: &Known<'_>,
) -> Result<Vec<PathBuf>, String> {
    let mut roots = BTreeSet::new();
    for argument in arguments {
        let (mut found, mut below) = (BTreeSet::new(), Vec::new());
        for (i, side) in sides.iter().enumerate() {
            let mut here = Kustomizations::default();
            for folder in expand(*side, argument) {
                if is_kustomization(*side, &folder) {
                    found.insert(folder);
                } else {
                    let same = known.same.filter(|_| i > 0);
                    here.collect(*side, &folder, known.parsed, same);
                }
            }
            if here.folders > MOST_FOLDERS {
                return Err(too_many_folders(argument));
            }
            below.push(here);
        }
        let named = clean_path(argument);
        let is_left_out = |root: &Path| named != root && excluded.matches(root);
        found.extend(roots_of(&below, &is_left_out));
        found.retain(|root| !is_left_out(root));
        if found.is_empty() {
            return Err(nothing_at(argument));
        }
        roots.extend(found);
    }
    Ok(roots.into_iter().collect())
}

/// Returns the directories on the disk that arguments name or match.
///
/// # Errors
/// If one is no directory, or a pattern matches none.
pub(crate) fn directories(arguments: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let (mut all, files) = (Vec::new(), WorkTree::default());
    for argument in arguments {
        if argument.is_dir() {
            all.push(argument.clone());
            continue;
        }
        let shown = argument.display();
        let found = expand(&files, argument);
        let before = all.len();
        all.extend(found.into_iter().filter(|folder| folder.is_dir()));
        if all.len() == before {
            let near = expand(&files, &Path::new("**").join(argument));
            let near = near.into_iter().find(|folder| folder.is_dir());
            return Err(match near {
                Some(near) => {
                    format!("{shown} is not a directory (did you mean {}?)", near.display())
                }
                None if is_address(argument) => no_directory(argument),
                None => format!("{shown} is not a directory, and matches none"),
            });
        }
    }
    Ok(all)
}

/// Checks that each argument of [`find`] stands for something.
///
/// # Errors
/// If one does not.
pub(crate) fn expect(files: &dyn FileSystem, arguments: &[PathBuf]) -> Result<(), String> {
    for argument in arguments {
        let mut waiting: Vec<PathBuf> = expand(files, argument).into_iter().collect();
        loop {
            let Some(folder) = waiting.pop() else { return Err(nothing_at(argument)) };
            let entries = entries(files, &folder);
            if entries.iter().any(|(name, _)| FILE_NAMES.iter().any(|file| name == *file)) {
                break;
            }
            let folders = entries.into_iter().filter(|(_, kind)| *kind == FileKind::Directory);
            waiting.extend(folders.map(|(name, _)| folder.join(name)));
        }
    }
    Ok(())
}

fn nothing_at(argument: &Path) -> String {
    match is_address(argument) {
        true => no_directory(argument),
        false => format!("no kustomization at or below '{}'", argument.display()),
    }
}

/// Returns all roots at or below some directories: the kustomizations that no other one there refers to,
/// and those of the directories themselves. A component is one too, for it can be built; so is what only
/// refers to itself and what is left out.
///
/// # Errors
/// If there is none.
pub(crate) fn find_all(
    files: &dyn FileSystem,
    directories: &[PathBuf],
    is_excluded: &dyn Fn(&Path) -> bool,
) -> Result<Vec<PathBuf>, String> {
    match find_all_with(files, directories, is_excluded, "").0 {
        roots if roots.is_empty() => Err(NO_KUSTOMIZATION.to_owned()),
        roots => Ok(roots),
    }
}

/// What is said where there is none.
pub(crate) const NO_KUSTOMIZATION: &str = "no kustomization found";

/// As [`find_all`], with the directories that have a file of this name; there may be none of both.
pub(crate) fn find_all_with(
    files: &dyn FileSystem,
    directories: &[PathBuf],
    is_excluded: &dyn Fn(&Path) -> bool,
    name: &str,
) -> (Vec<PathBuf>, BTreeSet<PathBuf>) {
    let (mut below, parsed) = (Kustomizations::default(), Parsed::default());
    below.named = name.to_owned();
    for directory in directories {
        let directory = clean_path(directory);
        if is_kustomization(files, &directory) {
            below.asked.insert(directory.clone());
        }
        below.collect(files, &directory, &parsed, None);
    }
    if let (true, Some(first)) = (below.folders > MOST_FOLDERS, directories.first()) {
        crate::output::note(&crate::output::indented(&format!(
            "Warning: {}",
            too_many_folders(first)
        )));
    }
    let with_name = std::mem::take(&mut below.with_name);
    (below.all_roots(is_excluded).into_iter().collect(), with_name)
}

/// What a search may know before.
pub(crate) struct Known<'k> {
    /// The files that were read.
    pub(crate) parsed: &'k Parsed,
    /// What the sides have in common.
    pub(crate) same: Option<&'k dyn Sameness>,
}

#[derive(Default)]
struct Kustomizations {
    /// How many folders were searched.
    folders: usize,
    /// Those that were named.
    asked: BTreeSet<PathBuf>,
    /// Those that were found.
    found: BTreeSet<PathBuf>,
    /// What each refers to.
    refers: BTreeMap<PathBuf, Vec<PathBuf>>,
    components: BTreeSet<PathBuf>,
    /// The folders that were left out, for they are the same on the side that was collected before.
    same: FxHashSet<PathBuf>,
    /// The name of another file that is looked for.
    named: String,
    /// The folders that have it.
    with_name: BTreeSet<PathBuf>,
}

impl Kustomizations {
    /// Collects what lies at or below a folder, but for what is the `same` on the side that was collected
    /// before.
    fn collect(
        &mut self,
        files: &dyn FileSystem,
        top: &Path,
        parsed: &Parsed,
        same: Option<&dyn Sameness>,
    ) {
        let Ok(real) = real(files, top) else { return };
        // Folders as the user would name them, and their real paths.
        let mut waiting = vec![(top.to_path_buf(), real)];
        let mut copies = Copies::default();
        while let Some((folder, real)) = waiting.pop() {
            if same.is_some_and(|same| same.is_same(&real)) {
                // Every relative path lies below the empty one.
                let is_here = folder.as_os_str() == ".";
                self.same.insert(if is_here { PathBuf::new() } else { folder });
                continue;
            }
            self.folders += 1;
            if self.folders > MOST_FOLDERS {
                return;
            }
            let entries = entries_of(files, &real);
            // Copies of what others wrote are no roots.
            if copies.has(files, &real, entries.iter().any(|(name, _)| name == VENDOR_MARKER)) {
                continue;
            }
            if entries.iter().any(|(name, _)| **name == *self.named) {
                self.with_name.insert(folder.clone());
            }
            // Of several, which a build refuses, all look at the same one.
            let mut names = FILE_NAMES.iter();
            let kustomization =
                names.find_map(|file| entries.iter().find(|(name, _)| name == *file));
            if let Some((name, _)) = kustomization {
                self.found.insert(folder.clone());
                if let Some(document) = parsed.read(files, &real.join(name)) {
                    self.note(&folder, &document);
                }
            }
            let folders = entries.iter().filter(|(_, kind)| *kind == FileKind::Directory);
            waiting.extend(folders.filter(|(name, _)| name != ".git").map(|(name, _)| {
                let shown = match folder.as_os_str() == "." {
                    true => PathBuf::from(name),
                    false => folder.join(name),
                };
                (shown, real.join(name))
            }));
        }
    }

    /// Notes what a kustomization refers to. One that cannot be read refers to nothing; rendering
    /// it will tell.
    fn note(&mut self, folder: &Path, document: &NodeView) {
        if document.text_at(&["kind"]) == Some("Component") {
            self.components.insert(folder.to_path_buf());
        }
        let entries = ["resources", "bases", "components"].into_iter();
        let entries = entries.filter_map(|field| document.get(field));
        let entries = entries.flat_map(|list| list.items().collect::<Vec<_>>());
        let paths = entries.filter_map(|entry| Some(clean_path(&folder.join(entry.text()?))));
        self.refers.insert(folder.to_path_buf(), paths.collect());
    }

    /// Returns `true` if a folder was left out, for it is the same on the side before.
    fn is_same(&self, folder: &Path) -> bool {
        !self.same.is_empty() && folder.ancestors().any(|above| self.same.contains(above))
    }

    /// As [`roots_of`] this side alone, with those that were named and with components; none is left out
    /// that no root leads to.
    fn all_roots(self, is_excluded: &dyn Fn(&Path) -> bool) -> BTreeSet<PathBuf> {
        let Kustomizations { asked, mut found, mut refers, .. } = self;
        let is_in = |folder: &PathBuf| asked.contains(folder) || !is_excluded(folder);
        found.retain(is_in);
        refers.retain(|folder, _| is_in(folder));
        let inner: BTreeSet<&PathBuf> = refers.values().flatten().collect();
        let mut roots: BTreeSet<&PathBuf> = asked.iter().collect();
        roots.extend(found.iter().filter(|folder| !inner.contains(folder)));
        let mut reached = BTreeSet::new();
        let mut waiting: Vec<&PathBuf> = roots.iter().copied().collect();
        let mut left = found.iter();
        // Those of a circle have no root.
        while let Some(folder) = waiting.pop().or_else(|| {
            let circle = left.find(|folder| !reached.contains(folder))?;
            roots.insert(circle);
            Some(circle)
        }) {
            if reached.insert(folder) {
                waiting.extend(refers.get(folder).into_iter().flatten());
            }
        }
        roots.into_iter().cloned().collect()
    }
}

/// Returns the roots of some sides, each collected without what is the same on the one before it.
///
/// What was a root before stays one, though another kustomization refers to it now or it has become a component:
/// whoever applied it would not see else what becomes of its objects. A base that is gone was no root while it was
/// there, though nothing refers to it any more. What no root leads to is one too: what only something refers to that is
/// left out, or a component that nobody uses, and one of a circle.
fn roots_of(sides: &[Kustomizations], is_left_out: &dyn Fn(&Path) -> bool) -> BTreeSet<PathBuf> {
    let mut roots = BTreeSet::new();
    for (i, side) in sides.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|before| sides.get(before));
        let before = before.filter(|_| !side.same.is_empty());
        let kept = |folder: &&PathBuf| side.is_same(folder);
        let mut found: Vec<&PathBuf> = side.found.iter().collect();
        let mut components: FxHashSet<&Path> =
            side.components.iter().map(PathBuf::as_path).collect();
        let mut refers: FxHashMap<&Path, &[PathBuf]> =
            side.refers.iter().map(|(folder, to)| (folder.as_path(), to.as_slice())).collect();
        if let Some(before) = before {
            let kept_refers = before.refers.iter().filter(|(folder, _)| kept(folder));
            refers.extend(kept_refers.map(|(folder, to)| (folder.as_path(), to.as_slice())));
            components.extend(before.components.iter().filter(kept).map(PathBuf::as_path));
            found.extend(before.found.iter().filter(kept));
        }
        refers.retain(|folder, _| !is_left_out(folder));
        let inner: FxHashSet<&Path> =
            refers.values().flat_map(|to| to.iter()).map(PathBuf::as_path).collect();
        let counts = |folder: &&Path| !components.contains(folder) && !is_left_out(folder);
        let (inside, own): (Vec<&Path>, Vec<&Path>) = found
            .into_iter()
            .map(PathBuf::as_path)
            .filter(counts)
            .partition(|folder| inner.contains(folder));
        roots.extend(own.iter().map(|root| root.to_path_buf()));
        let mut reached: FxHashSet<&Path> = FxHashSet::default();
        let mut waiting = own;
        let mut left = inside.into_iter();
        while let Some(folder) = waiting.pop().or_else(|| {
            let unreached = left.find(|folder| !reached.contains(folder))?;
            roots.insert(unreached.to_path_buf());
            Some(unreached)
        }) {
            if reached.insert(folder) {
                let to = refers.get(folder).copied().unwrap_or_default();
                waiting.extend(to.iter().map(PathBuf::as_path));
            }
        }
    }
    roots
}

/// Returns the directories that a pattern matches; a path that is none stands for itself.
fn expand(files: &dyn FileSystem, argument: &Path) -> BTreeSet<PathBuf> {
    let mut matched = path_patterns::directories(files, argument);
    // `**` matches all folders; only kustomizations and what stands for them are meant.
    let deep = argument.components().next_back().is_some_and(|part| part.as_os_str() == "**");
    matched.retain(|folder| !deep || is_kustomization(files, folder));
    matched
}
