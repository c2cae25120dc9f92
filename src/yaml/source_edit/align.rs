//! Which entries of a collection stay.

use rustc_hash::FxHashMap;

use crate::yaml::pos::Pos;

/// What becomes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The old entry is the new one, changed or not.
    Keep(usize, usize),
    /// The old entry goes.
    Remove(usize),
    /// The new entry comes.
    Insert(usize),
}

/// Tells what happens to the entries of a collection, in the order of the new ones; entries with the same
/// position are the same.
///
/// One that has moved to an earlier place is taken out and put in again.
pub(super) fn align(old: &[Pos], new: &[Pos]) -> Vec<Step> {
    let mut places: FxHashMap<Pos, Vec<usize>> = FxHashMap::default();
    for (i, pos) in old.iter().enumerate().rev().filter(|(_, pos)| pos.is_some()) {
        places.entry(*pos).or_default().push(i);
    }
    let mut steps = Vec::with_capacity(old.len() + new.len());
    let mut next = 0;
    for (j, pos) in new.iter().enumerate() {
        let found = places.get_mut(pos).and_then(|places| {
            // What was passed is no longer there to be kept.
            while places.last().is_some_and(|i| *i < next) {
                places.pop();
            }
            places.pop()
        });
        match found {
            Some(i) => {
                steps.extend((next..i).map(Step::Remove));
                steps.push(Step::Keep(i, j));
                next = i + 1;
            }
            None => steps.push(Step::Insert(j)),
        }
    }
    steps.extend((next..old.len()).map(Step::Remove));
    // A new entry comes behind the old ones that stood before the next that stays.
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_stay_where_they_were() {
        let pos = |numbers: &[u32]| numbers.iter().map(|n| Pos(*n)).collect::<Vec<_>>();
        let steps = align(&pos(&[1, 2, 3]), &pos(&[1, 0, 3, 0]));
        assert_eq!(
            steps,
            [Step::Keep(0, 0), Step::Insert(1), Step::Remove(1), Step::Keep(2, 2), Step::Insert(3)]
        );
        assert_eq!(
            align(&pos(&[1, 2]), &pos(&[2, 1])),
            [Step::Remove(0), Step::Keep(1, 0), Step::Insert(1)]
        );
    }
}
