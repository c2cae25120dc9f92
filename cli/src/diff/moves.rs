//! Finds the roots that moved.

use std::cmp::Reverse;
use std::collections::HashMap;

use kustom::diff::ObjectId;
use kustom::{Build, Resource};

use super::set::Set;

/// Returns which roots are gone and which are new that come to much the same: those have moved.
pub(crate) fn moved(before: &[Set], after: &[Set]) -> Vec<(usize, usize)> {
    /// More are not looked at.
    const MOST: usize = 100;
    let only = |here: &[Set], there: &[Set]| -> Vec<(usize, HashMap<String, String>)> {
        let pairs = here.iter().zip(there).enumerate();
        let only = pairs.filter_map(|(i, pair)| match pair {
            (Set::Built(build), Set::Nothing) => Some((i, objects(build))),
            _ => None,
        });
        only.take(MOST).collect()
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
    pairs.extend(refused(before, after));
    pairs
}

/// Returns which roots are gone and which are new that could not be rendered for the same reason: those have
/// moved as well.
fn refused(before: &[Set], after: &[Set]) -> Vec<(usize, usize)> {
    let only = |here: &[Set], there: &[Set]| -> Vec<(usize, String)> {
        let pairs = here.iter().zip(there).enumerate();
        let only = pairs.filter_map(|(i, pair)| match pair {
            (Set::Refused(refusal), Set::Nothing) => {
                Some((i, format!("{}: {}", refusal.error.kind(), refusal.error.message())))
            }
            _ => None,
        });
        only.collect()
    };
    let mut new = only(after, before);
    let mut pairs = Vec::new();
    for (from, cause) in only(before, after) {
        if let Some(at) = new.iter().position(|(_, other)| *other == cause) {
            pairs.push((from, new.remove(at).0));
        }
    }
    pairs
}

/// Returns the text of each object by what names it.
fn objects(build: &Build) -> HashMap<String, String> {
    let object =
        |(resource, text): (&Resource, &str)| (ObjectId::of(resource).to_string(), text.to_owned());
    build.documents().map(object).collect()
}
