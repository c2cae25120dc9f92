//! Comments that a change would take along, each on a line of its own instead.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::lines;
use super::splice::Splice;
use crate::yaml::span_tree::{Form, Span};

/// Which comments stay of what goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Those on a line of their own, which may be about more than what goes. What stands behind a value is about that.
    OwnLines,
    /// All of them, for what goes says the same in another place then.
    All,
}

/// Returns the insertions after which no comment that is to stay is lost by `splices`, which are in the order of the
/// text.
pub(super) fn kept(
    text: &str,
    spans: Option<&Span>,
    splices: &[Splice],
    kept: Kept,
) -> Vec<Splice> {
    let mut scalars = Vec::new();
    if let Some(spans) = spans {
        spans.walk(&mut |span| {
            if matches!(span.form, Form::Scalar) {
                scalars.push(span.first..span.end);
            }
        });
        scalars.sort_by_key(|range| range.start);
    }
    let mut written: FxHashMap<&str, usize> = FxHashMap::default();
    let mut insertions = Vec::new();
    for splice in splices.iter().filter(|splice| !splice.range.is_empty()) {
        for (at, comment) in comments(text, &splice.range, &scalars) {
            if kept == Kept::OwnLines && !lines::is_first(text, at) {
                continue;
            }
            let left = written.entry(comment).or_insert_with(|| {
                splices.iter().map(|splice| splice.text.matches(comment).count()).sum()
            });
            match left.checked_sub(1) {
                Some(fewer) => *left = fewer,
                None => insertions.push(own_line(text, splice.range.start, comment)),
            }
        }
    }
    insertions
}

/// Returns the comments that begin in a range, and where.
fn comments<'t>(
    text: &'t str,
    range: &Range<usize>,
    scalars: &[Range<usize>],
) -> impl Iterator<Item = (usize, &'t str)> {
    let is_comment = move |at: &usize| {
        let is_apart = text[..*at].ends_with([' ', '\t', '\n', '\r']) || *at == 0;
        let before = scalars.partition_point(|scalar| scalar.start <= *at);
        let inside = before.checked_sub(1).and_then(|i| scalars.get(i));
        is_apart && inside.is_none_or(|scalar| scalar.end <= *at)
    };
    let mut from = range.start;
    let end = range.end;
    std::iter::from_fn(move || {
        loop {
            let at = from + text.get(from..end)?.find('#')?;
            from = at + 1;
            if is_comment(&at) {
                from = lines::end(text, at).min(end).max(from);
                return Some((at, text[at..lines::end(text, at)].trim_end()));
            }
        }
    })
}

/// Gives a comment a line before that of `at`, or behind it if `at` is its end.
fn own_line(text: &str, at: usize, comment: &str) -> Splice {
    let start = lines::start(text, at);
    if at == lines::end(text, at) && at > start {
        let next = lines::next(text, at);
        return Splice { range: at..at, text: format!("\n{}{comment}", indentation(text, next)) };
    }
    Splice { range: start..start, text: format!("{}{comment}\n", indentation(text, start)) }
}

/// Returns the blanks that a line starts with.
fn indentation(text: &str, start: usize) -> &str {
    let line = &text[start..];
    &line[..line.len() - line.trim_start_matches(' ').len()]
}
