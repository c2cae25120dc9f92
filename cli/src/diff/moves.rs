//! Finds the roots that moved.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::PathBuf;

use kustom::diff::ObjectId;
use kustom::{Build, Resource, roots};

use super::set::Set;
use super::side::Side;
use crate::git::Unignored;
use crate::paths::FILE_NAMES;

/// The roots that moved.
pub(super) struct Moved {
    /// Which are gone, and which new ones they are now.
    pub(super) pairs: Vec<(usize, usize)>,
    /// Whether all were looked at.
    pub(super) is_all: bool,
}

/// What is said where not all roots were looked at.
pub(super) const NOT_ALL: &str = "so many roots are gone and new that not all that moved were looked for: some may be \
                                  told as removed here and added there";

/// Returns which roots are gone and which are new that come to much the same: those have moved.
pub(super) fn moved(
    sides: [Side<'_>; 2],
    [before, after]: [&[Set]; 2],
    roots: &[PathBuf],
) -> Moved {
    /// More are not looked at.
    const MOST: usize = 100;
    let mut is_all = true;
    let mut only = |here: &[Set], there: &[Set]| -> Vec<(usize, HashMap<String, String>)> {
        let pairs = here.iter().zip(there).enumerate();
        let only = pairs.filter_map(|(i, pair)| match pair {
            (Set::Built(build), Set::Nothing) => Some((i, objects(build))),
            _ => None,
        });
        let mut found: Vec<_> = only.take(MOST + 1).collect();
        is_all &= found.len() <= MOST;
        found.truncate(MOST);
        found
    };
    let (gone, new) = (only(before, after), only(after, before));
    let mut likely = Vec::new();
    for (from, old) in &gone {
        for (to, objects) in &new {
            let same = old.iter().filter(|(id, text)| objects.get(*id) == Some(text)).count();
            let named = old.keys().filter(|id| objects.contains_key(*id)).count();
            // All but a few names are the same, and some objects are.
            if same > 0 && 3 * named >= 2 * old.len().max(objects.len()) {
                likely.push((Reverse((same, named)), *from, *to));
            }
        }
    }
    likely.sort();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (_, from, to) in likely {
        if !pairs.iter().any(|pair| pair.0 == from || pair.1 == to) {
            pairs.push((from, to));
        }
    }
    // Where nothing is gone, or nothing new, nothing has moved.
    is_all |= gone.is_empty() || new.is_empty();
    let refused = refused(sides, [before, after], roots);
    pairs.extend(refused.pairs);
    Moved { pairs, is_all: is_all && refused.is_all }
}

/// Returns which roots are gone and which are new that could not be rendered, and whose folders have the same files:
/// those have moved as well. That both fail in the same way says nothing: all do that need helm while it is off.
fn refused(sides: [Side<'_>; 2], [before, after]: [&[Set]; 2], roots: &[PathBuf]) -> Moved {
    /// How many folders are compared at most.
    const MOST: usize = 1_000;
    let only = |here: &[Set], there: &[Set]| -> Vec<usize> {
        let pairs = here.iter().zip(there).enumerate();
        let only = pairs.filter(|(_, pair)| matches!(pair, (Set::Refused(_), Set::Nothing)));
        only.map(|(i, _)| i).collect()
    };
    let gone = only(before, after);
    if gone.is_empty() {
        return Moved { pairs: Vec::new(), is_all: true };
    }
    let said = |side: Side<'_>, i: usize| {
        let folder = side.files.absolute(roots.get(i)?).ok()?;
        let mut files = FILE_NAMES.iter().map(|name| folder.join(name));
        files.find_map(|file| side.files.read(&file).ok())
    };
    let mut new: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
    for i in only(after, before) {
        if let Some(said) = said(sides[1], i) {
            new.entry(said).or_default().push(i);
        }
    }
    // Those that git ignores have not moved with the others.
    let unignored = sides[1].ignored.map(Unignored);
    let files = unignored.as_ref().map_or(sides[1].files, |files| files);
    let (mut pairs, mut left, mut is_all) = (Vec::new(), MOST, true);
    for from in gone {
        let Some(likely) = said(sides[0], from).and_then(|said| new.get_mut(&said)) else {
            continue;
        };
        let is_it = |to: &usize| {
            let folders = roots.get(from).zip(roots.get(*to));
            is_all &= left > 0;
            left = left.saturating_sub(1);
            is_all
                && folders.is_some_and(|(from, to)| {
                    roots::has_same_files([sides[0].files, files], [from, to])
                })
        };
        if let Some(at) = likely.iter().position(is_it) {
            pairs.push((from, likely.remove(at)));
        }
    }
    Moved { pairs, is_all }
}

/// Returns the text of each object by what names it.
fn objects(build: &Build) -> HashMap<String, String> {
    let object =
        |(resource, text): (&Resource, &str)| (ObjectId::of(resource).to_string(), text.to_owned());
    build.documents().map(object).collect()
}
