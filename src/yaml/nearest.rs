//! The name that a misspelt word was meant to be.

use std::array;

/// The longest word that is looked for.
const LONGEST: usize = 64;
/// The most edits between a word and the name that it is taken for.
const MOST: usize = 3;
/// Room for the distances to all beginnings of a name.
const ROOM: usize = LONGEST + MOST + 2;
/// A distance that is too large in any case.
const FAR: usize = ROOM;

/// Returns the one of some names that `word` may have been meant to be: the one to which the fewest edits
/// lead, at most one for every three letters, and of several the first in order. Case does not count.
///
/// What a name costs that is not near is little, because others may ask for many words among many names.
pub(crate) fn nearest<'a>(names: impl Iterator<Item = &'a str>, word: &str) -> Option<&'a str> {
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let letters = letters_of(word);
    let mut best: Option<(usize, &str)> = None;
    let mut most = (word.len() / 3).clamp(1, MOST).min(word.len() - 1);
    for name in names {
        // An edit changes the length by one, and at most two of the letters.
        if name.len().abs_diff(word.len()) > most
            || (letters_of(name) ^ letters).count_ones() as usize > 2 * most
        {
            continue;
        }
        let Some(distance) = edit_distance(word.as_bytes(), name.as_bytes(), most) else {
            continue;
        };
        if best.is_none_or(|best| (distance, name) < best) {
            (best, most) = (Some((distance, name)), distance);
        }
    }
    best.map(|(_, name)| name)
}

/// Returns which letters a text has, as bits.
fn letters_of(text: &str) -> u128 {
    text.bytes().fold(0, |letters, byte| letters | 1 << (byte.to_ascii_lowercase() & 127))
}

/// Counts the bytes to insert, remove, replace or swap with their neighbour to get from `a` to `b`, at most
/// [`LONGEST`] and [`MOST`] more; `None` if it is more than `most`.
fn edit_distance(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    let differ = |(a, b): (&u8, &u8)| !a.eq_ignore_ascii_case(b);
    let shorter = a.len().min(b.len());
    let start = a.iter().zip(b).position(differ).unwrap_or(shorter);
    let (a, b) = (&a[start..], &b[start..]);
    let mut rows = [[FAR; ROOM]; 3];
    rows[2] = array::from_fn(|j| j);
    for i in 0..a.len() {
        // Further from the diagonal it is more in any case.
        let (from, to) = (i.saturating_sub(most), b.len().min(i + most + 1));
        let (row, above, before) = (i % 3, (i + 2) % 3, (i + 1) % 3);
        rows[row][from] = if from == 0 { i + 1 } else { FAR };
        rows[row][to + 1] = FAR;
        let mut least = rows[row][from];
        for j in from..to {
            let is_same = |i: usize, j: usize| a[i].eq_ignore_ascii_case(&b[j]);
            let mut best = rows[above][j] + usize::from(!is_same(i, j));
            best = best.min(rows[above][j + 1] + 1).min(rows[row][j] + 1);
            if i > 0 && j > 0 && is_same(i, j - 1) && is_same(i - 1, j) {
                best = best.min(rows[before][j - 1] + 1);
            }
            rows[row][j + 1] = best;
            least = least.min(best);
        }
        if least > most {
            return None;
        }
    }
    let distance = rows[(a.len() + 2) % 3][b.len()];
    (distance <= most).then_some(distance)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Fills the whole table.
    fn slow_distance(a: &[u8], b: &[u8]) -> usize {
        let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
        for i in 0..a.len() {
            let mut row = vec![i + 1];
            for j in 0..b.len() {
                let mut best = (rows[i][j] + usize::from(a[i] != b[j])).min(rows[i][j + 1] + 1);
                best = best.min(row[j] + 1);
                if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                    best = best.min(rows[i - 1][j - 1] + 1);
                }
                row.push(best);
            }
            rows.push(row);
        }
        rows[a.len()][b.len()]
    }

    fn slow_nearest<'a>(names: &'a [String], word: &str) -> Option<&'a str> {
        let most = (word.len() / 3).clamp(1, MOST);
        let distance = |name: &String| {
            slow_distance(
                word.to_ascii_lowercase().as_bytes(),
                name.to_ascii_lowercase().as_bytes(),
            )
        };
        let (distance, name) = names.iter().map(|name| (distance(name), name.as_str())).min()?;
        (distance <= most && distance < word.len()).then_some(name)
    }

    #[test]
    fn finds_what_was_meant() {
        let near = |word| nearest(["containers", "volumes", "initContainers"].into_iter(), word);
        assert_eq!(near("contianers"), Some("containers"));
        assert_eq!(near("Containres"), Some("containers"));
        assert_eq!(near("initcontainer"), Some("initContainers"));
        assert_eq!(near("ports"), None);
        assert_eq!(nearest(["a"].into_iter(), "b"), None);
        assert_eq!(nearest(["x"].into_iter(), ""), None);
        assert_eq!(nearest([&*"x".repeat(64)].into_iter(), &"x".repeat(65)), None);
    }

    proptest! {
        #[test]
        fn finds_what_the_whole_table_finds(
            names in prop::collection::vec("[abAB-]{0,9}", 0..8),
            word in "[abAB-]{0,9}",
        ) {
            prop_assert_eq!(nearest(names.iter().map(String::as_str), &word), slow_nearest(&names, &word));
        }

        #[test]
        fn finds_long_names(name in "[a-e]{60,67}", at in 0_usize..56, cut in 0_usize..4) {
            let mut word = name.clone();
            word.replace_range(at..at + cut, "");
            let names = [name];
            prop_assert_eq!(
                nearest(names.iter().map(String::as_str), &word),
                (word.len() <= LONGEST).then(|| slow_nearest(&names, &word)).flatten()
            );
        }
    }
}
