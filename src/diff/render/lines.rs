//! Differences between texts, line by line.

use std::fmt::Write;

use crate::diff::align::align;
use crate::diff::budget::Budget;
use crate::visible::visible_line;

/// A line and the sides that have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line<'t> {
    Both(&'t str),
    Before(&'t str),
    After(&'t str),
}

/// A run of lines that belong together.
pub(super) struct Hunk<'t> {
    /// The number of its first line on each side, from 1.
    pub(super) start: (usize, usize),
    pub(super) lines: Vec<Line<'t>>,
}

/// How many equal lines are shown around different ones.
const CONTEXT: usize = 3;

/// Returns the parts of two texts that differ, with the lines around them.
pub(super) fn hunks<'t>(before: &'t str, after: &'t str, budget: &Budget) -> Vec<Hunk<'t>> {
    let all = lines(before, after, budget);
    let changed: Vec<usize> =
        (0..all.len()).filter(|&i| !matches!(all[i], Line::Both(_))).collect();
    let mut hunks: Vec<Hunk<'t>> = Vec::new();
    let (mut at, mut position) = (0, (1, 1));
    let mut next = changed.iter().copied().peekable();
    while let Some(first) = next.next() {
        let mut last = first;
        while let Some(further) = next.next_if(|further| further - last <= 2 * CONTEXT + 1) {
            last = further;
        }
        let start = first.saturating_sub(CONTEXT).max(at);
        let end = (last + CONTEXT + 1).min(all.len());
        advance(&mut position, &all[at..start]);
        let begin = position;
        advance(&mut position, &all[start..end]);
        hunks.push(Hunk { start: begin, lines: all[start..end].to_vec() });
        at = end;
    }
    hunks
}

/// Appends hunks in the unified format.
pub(super) fn write_unified(hunks: &[Hunk<'_>], out: &mut impl Write) {
    for hunk in hunks {
        let count = |side: fn(&Line<'_>) -> bool| hunk.lines.iter().filter(|l| side(l)).count();
        let old = count(|line| !matches!(line, Line::After(_)));
        let new = count(|line| !matches!(line, Line::Before(_)));
        let (a, b) = hunk.start;
        // The line before an empty range is named, as diff does it.
        let (a, b) = (a - usize::from(old == 0), b - usize::from(new == 0));
        let _ = writeln!(out, "@@ -{a},{old} +{b},{new} @@");
        for line in &hunk.lines {
            let (sign, text) = match line {
                Line::Both(text) => (' ', text),
                Line::Before(text) => ('-', text),
                Line::After(text) => ('+', text),
            };
            let _ = writeln!(out, "{sign}{}", visible_line(text));
        }
    }
}

/// Returns the lines of a message that quotes others: only the first begins where a line of ours does.
pub(super) fn message_lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().enumerate().map(|(i, line)| {
        let is_ours = i == 0 || line.starts_with("  ");
        format!("{}{}", if is_ours { "" } else { "  " }, visible_line(line))
    })
}

/// Returns all lines of two texts.
pub(super) fn lines<'t>(before: &'t str, after: &'t str, budget: &Budget) -> Vec<Line<'t>> {
    let split = |text: &'t str| text.lines().collect::<Vec<_>>();
    let (a, b) = (split(before), split(after));
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::with_capacity(a.len().max(b.len()));
    for (next_i, next_j) in align(&a, &b, budget).into_iter().chain([(a.len(), b.len())]) {
        lines.extend(a[i..next_i].iter().map(|line| Line::Before(line)));
        lines.extend(b[j..next_j].iter().map(|line| Line::After(line)));
        lines.extend(a.get(next_i).map(|line| Line::Both(line)));
        (i, j) = (next_i + 1, next_j + 1);
    }
    lines
}

fn advance(position: &mut (usize, usize), lines: &[Line<'_>]) {
    for line in lines {
        position.0 += usize::from(!matches!(line, Line::After(_)));
        position.1 += usize::from(!matches!(line, Line::Before(_)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn hunks_have_context_and_line_numbers() {
        let budget = Budget::new(&Limits::default());
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n";
        let after = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12\n13\n14\nend\n";
        let mut out = String::new();
        write_unified(&hunks(before, after, &budget), &mut out);
        assert_eq!(
            out,
            "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n\
             @@ -12,3 +12,4 @@\n 12\n 13\n 14\n+end\n"
        );
        let mut out = String::new();
        write_unified(&hunks("", "a\n", &budget), &mut out);
        assert_eq!(out, "@@ -0,0 +1,1 @@\n+a\n");
        assert!(hunks(before, before, &budget).is_empty());
    }
}
