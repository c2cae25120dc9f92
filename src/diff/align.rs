//! Which elements of two sequences are the same: the shortest edit script by Myers.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use super::budget::Budget;

/// How many differences are looked for before everything in between counts as different.
const MOST_EDITS: usize = 1_500;

/// Returns the pairs of equal elements, in order; a longest such list if the sequences do not differ
/// too much and the budget suffices to find it; else only what begins and ends them.
pub(super) fn align<T: Eq + Hash>(a: &[T], b: &[T], budget: &Budget) -> Vec<(usize, usize)> {
    let mut numbers = FxHashMap::default();
    let a = number(a, &mut numbers);
    let b = number(b, &mut numbers);
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (&a[start..], &b[start..]);
    let end = rest_a.iter().rev().zip(rest_b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (mid_a, mid_b) = (&rest_a[..rest_a.len() - end], &rest_b[..rest_b.len() - end]);
    let mut pairs: Vec<_> = (0..start).map(|i| (i, i)).collect();
    pairs.extend(shortest(mid_a, mid_b, budget).into_iter().map(|(i, j)| (start + i, start + j)));
    pairs.extend((0..end).rev().map(|k| (a.len() - 1 - k, b.len() - 1 - k)));
    pairs
}

/// Replaces elements by numbers, the same for equal ones.
fn number<'a, T: Eq + Hash>(items: &'a [T], numbers: &mut FxHashMap<&'a T, usize>) -> Vec<usize> {
    let mut one = |item| {
        let next = numbers.len();
        *numbers.entry(item).or_insert(next)
    };
    items.iter().map(&mut one).collect()
}

fn shortest(a: &[usize], b: &[usize], budget: &Budget) -> Vec<(usize, usize)> {
    if a.is_empty() || b.is_empty() {
        return Vec::new();
    }
    let most = (a.len() + b.len()).min(MOST_EDITS);
    // `furthest[d + k]` is how far in `a` one comes on the diagonal k with the edits so far.
    let mut furthest = vec![0_usize; 2 * most + 2];
    let mut steps: Vec<Vec<usize>> = Vec::new();
    let mut walked = 0;
    let at = |k: isize| (k + most as isize) as usize;
    for edits in 0..=most as isize {
        let from = (most as isize - edits) as usize;
        if !budget.work(edits as u64 + 1 + std::mem::take(&mut walked)) {
            return Vec::new();
        }
        let mut k = -edits;
        while k <= edits {
            let down = k == -edits || (k != edits && furthest[at(k - 1)] < furthest[at(k + 1)]);
            let mut x = if down { furthest[at(k + 1)] } else { furthest[at(k - 1)] + 1 };
            let mut y = (x as isize - k) as usize;
            while x < a.len() && y < b.len() && a[x] == b[y] {
                x += 1;
                y += 1;
                walked += 1;
            }
            furthest[at(k)] = x;
            if x >= a.len() && y >= b.len() {
                return trace(&steps, edits, (a.len(), b.len()));
            }
            k += 2;
        }
        steps.push(furthest[from..=from + 2 * edits as usize].to_vec());
    }
    Vec::new()
}

/// Goes back from the end and collects the diagonal moves.
fn trace(
    steps: &[Vec<usize>],
    edits: isize,
    (mut x, mut y): (usize, usize),
) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for edits in (0..edits).rev() {
        // What was reached with one edit less: diagonals -edits..=edits.
        let reached = &steps[edits as usize];
        let get = |k: isize| -> Option<usize> {
            usize::try_from(k + edits).ok().and_then(|i| reached.get(i)).copied()
        };
        let k = x as isize - y as isize;
        let (left, right) = (get(k - 1), get(k + 1));
        let down = k == -(edits + 1) || (k != edits + 1 && left < right);
        let (from_x, from_k) =
            if down { (right.unwrap_or(0), k + 1) } else { (left.unwrap_or(0), k - 1) };
        let from_y = (from_x as isize - from_k) as usize;
        let (start_x, start_y) = if down { (from_x, from_y + 1) } else { (from_x + 1, from_y) };
        while x > start_x && y > start_y {
            x -= 1;
            y -= 1;
            pairs.push((x, y));
        }
        (x, y) = (from_x, from_y);
    }
    while x > 0 && y > 0 {
        x -= 1;
        y -= 1;
        pairs.push((x, y));
    }
    pairs.reverse();
    pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limits::Limits;

    /// The length of a longest common subsequence, the slow and obvious way.
    fn longest(a: &[u8], b: &[u8]) -> usize {
        let mut best = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..a.len() {
            for j in 0..b.len() {
                best[i + 1][j + 1] =
                    if a[i] == b[j] { best[i][j] + 1 } else { best[i][j + 1].max(best[i + 1][j]) };
            }
        }
        best[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn finds_a_longest_common_subsequence(
            a in proptest::collection::vec(0_u8..4, 0..12),
            b in proptest::collection::vec(0_u8..4, 0..12),
        ) {
            let pairs = align(&a, &b, &Budget::new(&Limits::default()));
            prop_assert_eq!(pairs.len(), longest(&a, &b));
            prop_assert!(pairs.iter().all(|&(i, j)| a[i] == b[j]));
            prop_assert!(pairs.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 < w[1].1));
        }
    }
}
