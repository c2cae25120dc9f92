//! Which of what was kept a change touches.

use std::ffi::{OsStr, OsString};
use std::path::{Path, is_separator};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::input_kind::InputKind;
use super::log::{Look, Part};

/// Files and links that were added, changed or removed; a directory stands for all below it.
#[derive(Debug)]
pub(crate) struct Change {
    paths: FxHashSet<OsString>,
    /// How long the paths are, each length once.
    lengths: Vec<usize>,
    /// The directories above the paths.
    above: FxHashSet<OsString>,
    /// What is known of parts that other parts have in common.
    known: FxHashMap<usize, bool>,
}

impl Change {
    /// Takes absolute paths, with the links of their directories resolved.
    pub(crate) fn new<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Change {
        let mut change = Change {
            paths: FxHashSet::default(),
            lengths: Vec::new(),
            above: FxHashSet::default(),
            known: FxHashMap::default(),
        };
        for path in paths {
            let path = path.as_ref();
            change.paths.insert(path.into());
            change.lengths.push(path.as_os_str().len());
            change.above.extend(path.ancestors().skip(1).map(OsString::from));
        }
        change.lengths.sort_unstable();
        change.lengths.dedup();
        change
    }

    /// Returns `true` if nothing has changed.
    pub(crate) fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Returns `true` if what was made by looking at a part may not be what would be made now. This says of
    /// a part what [`Inputs::touched_by`](crate::Inputs::touched_by) says of all inputs.
    ///
    /// All parts that are asked about are there until the last of them was.
    pub(crate) fn touches(&mut self, part: &Part) -> bool {
        let looks = match part {
            Part::Nothing => return false,
            Part::Path(path, kind) => return self.touches_path(path, *kind),
            Part::Several(looks) => looks,
        };
        if let Some(known) = self.known.get(&number(looks)) {
            return *known;
        }
        // Parts lie in parts as deep as bases lie below bases.
        let mut left = vec![(looks.iter(), number(looks))];
        while let Some((looks, own)) = left.last_mut() {
            let inner = match looks.next() {
                None => {
                    self.known.insert(*own, false);
                    left.pop();
                    continue;
                }
                Some(Look::Part(Part::Several(inner))) => inner,
                Some(look) if self.touches_look(look) => break,
                Some(_) => continue,
            };
            match self.known.get(&number(inner)) {
                Some(true) => break,
                Some(false) => {}
                None => left.push((inner.iter(), number(inner))),
            }
        }
        // What is left has come upon something.
        let touched = !left.is_empty();
        self.known.extend(left.iter().map(|(_, number)| (*number, true)));
        touched
    }

    /// Returns `true` if something has changed below a directory.
    pub(super) fn is_below(&self, directory: &Path) -> bool {
        self.above.contains(directory.as_os_str())
    }

    fn touches_look(&self, look: &Look) -> bool {
        match look {
            Look::Path(path, kind) | Look::Part(Part::Path(path, kind)) => {
                self.touches_path(path, *kind)
            }
            Look::Tree(path) => self.has_at_or_above(path) || self.is_below(path),
            Look::Url(_) | Look::Part(_) => false,
        }
    }

    fn touches_path(&self, path: &Path, kind: InputKind) -> bool {
        self.has_at_or_above(path) || kind == InputKind::Missing && self.is_below(path)
    }

    /// Returns `true` if a path has changed, or one above it took the place of its directory.
    fn has_at_or_above(&self, path: &Path) -> bool {
        let bytes = path.as_os_str().as_encoded_bytes();
        self.lengths.iter().any(|&length| match bytes.get(length) {
            None => bytes.len() == length && self.paths.contains(path.as_os_str()),
            Some(next) if is_separator(char::from(*next)) => {
                // Of few paths some part is as long.
                let start = path.ancestors().find(|above| above.as_os_str().len() == length);
                start.is_some_and(|start| self.paths.contains::<OsStr>(start.as_os_str()))
            }
            Some(_) => false,
        })
    }
}

/// Returns what tells looks from others while both are there.
fn number(looks: &Arc<[Look]>) -> usize {
    looks.as_ptr() as usize
}

#[cfg(test)]
mod tests {
    use super::super::log::Log;
    use super::*;

    #[test]
    fn changes_touch_what_was_looked_at_and_what_lies_around_it() {
        let log = Log::new();
        let (_, inner) = log.part(|| log.path(Path::new("/a/b/file"), InputKind::File));
        log.path(Path::new("/a/c"), InputKind::Missing);
        log.tree(Path::new("/a/tree"));
        let all = log.since(0);
        for (path, in_inner, in_all) in [
            ("/a/b/file", true, true),
            ("/a/b", true, true),
            ("/a/b/file/below", false, false),
            ("/a/b/fil", false, false),
            ("/a/bb", false, false),
            ("/a/c", false, true),
            ("/a/c/d/e", false, true),
            ("/a/cc", false, false),
            ("/a/tree/x", false, true),
            ("/a/other", false, false),
        ] {
            let mut change = Change::new([path]);
            assert_eq!(change.touches(&all), in_all, "{path}");
            assert_eq!(change.touches(&inner), in_inner, "{path}");
            let mut change = Change::new([path, "/somewhere/else"]);
            assert_eq!(change.touches(&inner), in_inner, "{path}");
            assert_eq!(change.touches(&all), in_all, "{path}");
        }
    }
}
