//! Whether a root that lies in another folder now is what it was, where it can be built on neither side.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{References, Sameness, is_kustomization};
use crate::builder::Builder;
use crate::load::{FileKind, FileSystem, InputKind, Inputs};
use crate::vendor::{LockChange, lock_places, read_past};

/// Folders with more files, or more bytes in them, are not compared.
const MOST: (usize, u64) = (10_000, 64 << 20);

/// Returns `true` if two folders, one of each side, have the same files with the same content; `false` too where that
/// cannot be told.
pub fn has_same_files([before, after]: [&dyn FileSystem; 2], [from, to]: [&Path; 2]) -> bool {
    let list = |files: &dyn FileSystem, folder: &Path| -> Option<_> {
        let entries = files.entries(folder).ok()?;
        Some(entries.into_iter().collect::<BTreeMap<_, _>>())
    };
    let (Ok(from), Ok(to)) = (before.absolute(from), after.absolute(to)) else { return false };
    let (mut files, mut bytes) = MOST;
    let mut waiting = vec![(from, to)];
    while let Some((from, to)) = waiting.pop() {
        let (Some(old), Some(new)) = (list(before, &from), list(after, &to)) else { return false };
        if old != new || old.len() > files {
            return false;
        }
        files -= old.len();
        for (name, kind) in old {
            let (from, to) = (from.join(&name), to.join(&name));
            let is_same = match kind {
                FileKind::Directory => {
                    waiting.push((from, to));
                    true
                }
                FileKind::File => match (before.read(&from), after.read(&to)) {
                    (Ok(old), Ok(new)) => {
                        bytes = bytes.saturating_sub(old.len() as u64);
                        old == new && bytes > 0
                    }
                    _ => false,
                },
                FileKind::Link => match (before.read_link(&from), after.read_link(&to)) {
                    (Ok(old), Ok(new)) => old == new,
                    _ => false,
                },
                _ => false,
            };
            if !is_same {
                return false;
            }
        }
    }
    true
}

/// Returns `true` if what a root looks at may differ between two sides on which it lies in different folders, which
/// [have the same files](has_same_files): what lies elsewhere must be in one and the same place, and the same there.
///
/// What `is_left_out` on the side after, or holds such, has not been compared with those. As with
/// [`may_differ`](super::may_differ), it need not be possible to build it.
pub fn moved_may_differ(
    [before, after]: [&Builder; 2],
    [from, to]: [&Path; 2],
    same: &dyn Sameness,
    is_left_out: &dyn Fn(&Path) -> bool,
) -> bool {
    let (Some(old), Some(new)) = (Looked::at(before, from), Looked::at(after, to)) else {
        return true;
    };
    (&old.inside, &old.outside) != (&new.inside, &new.outside)
        || old.outside.iter().any(|path| !same.is_same(path))
        || new.inside.iter().any(|(path, _)| is_left_out(&new.root.join(path)))
}

/// What a root looks at.
struct Looked {
    root: PathBuf,
    /// In its own folder: paths as seen from there.
    inside: BTreeSet<(PathBuf, &'static str)>,
    /// Elsewhere, with the lock files that are there.
    outside: BTreeSet<PathBuf>,
}

impl Looked {
    fn at(builder: &Builder, root: &Path) -> Option<Looked> {
        let files = builder.get_file_system();
        let real = files.canonicalize(&files.absolute(root).ok()?).ok()?;
        let past = read_past(builder, root);
        let (inside, outside) = (BTreeSet::new(), BTreeSet::new());
        let mut looked = Looked { root: real.clone(), inside, outside };
        looked.note_inputs(&past.inputs, &real);
        // Functions may read all of it, and some may not be read here, such as charts in another folder.
        for path in References::new(files).closure(&real).0 {
            if past.has_functions || !is_kustomization(files, &path) {
                looked.note(&path, "folder", &real);
            }
        }
        let locks = lock_places(files, &real).into_iter().map(|place| LockChange::path_in(&place));
        for lock in locks.filter(|lock| files.kind(lock).is_ok()) {
            looked.note(&lock, "lock", &real);
        }
        Some(looked)
    }

    fn note_inputs(&mut self, inputs: &Inputs, root: &Path) {
        let counts = |(path, kind): &(&Path, InputKind)| {
            *kind != InputKind::Directory && !LockChange::is_about(path)
        };
        for (path, kind) in inputs.paths().filter(counts) {
            self.note(path, kind.as_str(), root);
        }
    }

    fn note(&mut self, path: &Path, kind: &'static str, root: &Path) {
        match path.strip_prefix(root) {
            Ok(below) => self.inside.insert((below.to_path_buf(), kind)),
            Err(_) => self.outside.insert(path.to_path_buf()),
        };
    }
}
