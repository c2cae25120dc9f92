//! The order of keys: letters by code point after all else, numbers by value (docs/spec/yaml.md,
//! section 4.6).

use std::cmp::Ordering;

use super::node::Entry;
use super::unicode::{is_digit, is_letter};

/// Below this many keys, moving each to its place beats merging.
const RUN: usize = 24;

/// The order of two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyOrder {
    /// Which comes first.
    pub(super) ordering: Ordering,
    /// Whether a digit decided it; only then the order of three keys may be a circle.
    pub(super) numeric: bool,
}

/// Sorts entries as they are printed, by the text of their keys.
pub(crate) fn sort_as_printed(entries: &mut Vec<Entry>) {
    let mut order: Vec<u32> = (0..).take(entries.len()).collect();
    let text = |i: u32| entries.get(i as usize).and_then(|entry| entry.key.text());
    sort(&mut order, &mut |a, b| {
        let (a, b) = (text(a).unwrap_or_default(), text(b).unwrap_or_default());
        compare(a, b).ordering == Ordering::Less
    });
    *entries = order.iter().filter_map(|&i| entries.get(i as usize).cloned()).collect();
}

/// Compares two keys.
pub(super) fn compare(a: &str, b: &str) -> KeyOrder {
    let letters = |ordering| KeyOrder { ordering, numeric: false };
    let (left, right) = (a.as_bytes(), b.as_bytes());
    let Some(mut i) = left.iter().zip(right).position(|(x, y)| x != y) else {
        return letters(left.len().cmp(&right.len()));
    };
    if left[i].is_ascii_alphabetic() && right[i].is_ascii_alphabetic() {
        return letters(left[i].cmp(&right[i]));
    }
    while !a.is_char_boundary(i) {
        i -= 1;
    }
    let (Some(x), Some(y)) = (a[i..].chars().next(), b[i..].chars().next()) else {
        return letters(left.len().cmp(&right.len()));
    };
    match (is_letter(x), is_letter(y)) {
        (true, true) => letters(x.cmp(&y)),
        (true, false) => letters(Ordering::Greater),
        (false, true) => letters(Ordering::Less),
        (false, false) => {
            // A zero behind the digits of a number is one of its digits, not a leading one.
            let inside = (x == '0' || y == '0')
                && a[..i].chars().rev().take_while(|&c| is_digit(c)).any(|c| c != '0');
            let (x_value, x_digits) = number_at(&a[i..], inside);
            let (y_value, y_digits) = number_at(&b[i..], inside);
            let by_number = x_value.cmp(&y_value).then(x_digits.cmp(&y_digits));
            KeyOrder { ordering: by_number.then(x.cmp(&y)), numeric: x_digits + y_digits > 0 }
        }
    }
}

/// Reads the number at the start of `text`, which may follow other digits, and counts its digits.
fn number_at(text: &str, inside: bool) -> (i64, usize) {
    let digits = text.chars().take_while(|&c| is_digit(c));
    digits.fold((i64::from(inside), 0), |(value, count), c| {
        // Odd: digits of other scripts count by their code point (case yaml/print-key-order-other-digits).
        let digit = i64::from(u32::from(c)) - i64::from(u32::from('0'));
        (value.wrapping_mul(10).wrapping_add(digit), count + 1)
    })
}

/// Sorts `order` by `less`, keeping the order of equals.
///
/// The standard sorts may panic when `less` is not transitive, as the order of keys is not: `2a`,
/// `10` and `1z` go round in a circle.
pub(super) fn sort(order: &mut [u32], less: &mut impl FnMut(u32, u32) -> bool) {
    for run in order.chunks_mut(RUN) {
        insertion_sort(run, less);
    }
    let mut width = RUN;
    let mut left = Vec::new();
    while width < order.len() {
        for pair in order.chunks_mut(2 * width) {
            if pair.len() > width {
                merge(pair, width, &mut left, less);
            }
        }
        width = width.saturating_mul(2);
    }
}

fn insertion_sort(run: &mut [u32], less: &mut impl FnMut(u32, u32) -> bool) {
    for i in 1..run.len() {
        let item = run[i];
        let mut j = i;
        while j > 0 && less(item, run[j - 1]) {
            run[j] = run[j - 1];
            j -= 1;
        }
        run[j] = item;
    }
}

/// Merges the sorted halves `pair[..mid]` and `pair[mid..]`.
fn merge(
    pair: &mut [u32],
    mid: usize,
    left: &mut Vec<u32>,
    less: &mut impl FnMut(u32, u32) -> bool,
) {
    if !less(pair[mid], pair[mid - 1]) {
        return;
    }
    left.clear();
    left.extend_from_slice(&pair[..mid]);
    let (mut l, mut r) = (0, mid);
    // The next place to fill never overtakes `r` while something is left on the left.
    for to in 0..pair.len() {
        if l == left.len() {
            break;
        }
        if r < pair.len() && less(pair[r], left[l]) {
            pair[to] = pair[r];
            r += 1;
        } else {
            pair[to] = left[l];
            l += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_sorted(expected: &str) {
        let keys: Vec<&str> = expected.split(' ').collect();
        for (i, a) in keys.iter().enumerate() {
            for (j, b) in keys.iter().enumerate() {
                assert_eq!(compare(a, b).ordering, i.cmp(&j), "{a} {b}");
            }
        }
    }

    #[test]
    fn numbers_symbols_letters() {
        assert_sorted("a1 a01 a001 a2 a10 a010 a20 a100");
        assert_sorted("foo foo-1 foo.bar foo/bar foo1 fooa");
        assert_sorted("1.2 1.10 v1.2 v1.10");
        assert_sorted("A1 A2 A10 AA Aa a1 a10 aA");
        assert_sorted("DB DB_1 DB_2 DB_10 DB_HOST DBX");
        assert_sorted("0 a z é 漢");
    }

    #[test]
    fn sorting_is_stable_and_survives_circles() {
        let keys = ["2a", "10", "1z"];
        let mut order: Vec<u32> = (0..1000).collect();
        let mut less = |a: u32, b: u32| {
            compare(keys[a as usize % 3], keys[b as usize % 3]).ordering == Ordering::Less
        };
        sort(&mut order, &mut less);
        order.sort_unstable();
        assert_eq!(order, (0..1000).collect::<Vec<_>>());

        let mut order: Vec<u32> = (0..1000).rev().collect();
        sort(&mut order, &mut |a, b| a / 10 < b / 10);
        let mut expected: Vec<u32> = (0..1000).rev().collect();
        expected.sort_by_key(|i| i / 10);
        assert_eq!(order, expected);
    }
}
