//! What a comment is about.

use std::ops::Range;

use super::lines;
use crate::yaml::span_tree::{Form, Span};

/// An item of a sequence or an entry of a mapping, and where it ends: where the next one begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct About {
    pub(super) bytes: Range<usize>,
    pub(super) is_item: bool,
    /// Whether the comment stands before all that it holds.
    pub(super) is_head: bool,
}

/// Returns what the comment at `at` is about, from the outermost value that it stands in to the innermost.
///
/// One behind a value is about that, one on a line of its own about what follows it, unless it stands deeper than
/// that or nothing follows; then about what precedes it.
pub(super) fn about(text: &str, span: &Span, at: usize) -> Vec<About> {
    let mut found = Vec::new();
    collect(text, span, at, text.len(), &mut found);
    found
}

fn collect(text: &str, span: &Span, at: usize, end: usize, found: &mut Vec<About>) {
    let start = |item: &Span| item.dash.unwrap_or(item.first);
    let (is_item, flow, following) = match &span.form {
        Form::Seq { items, flow } => (true, *flow, items.partition_point(|it| start(it) <= at)),
        Form::Map { entries, flow } => {
            (false, *flow, entries.partition_point(|(key, _)| key.first <= at))
        }
        _ => return,
    };
    if flow && at >= span.end {
        return;
    }
    let get = |i: usize| match &span.form {
        Form::Seq { items, .. } => items.get(i).map(|item| (start(item), item)),
        Form::Map { entries, .. } => entries.get(i).map(|(key, value)| (key.first, value)),
        _ => None,
    };
    let child = |i: usize| {
        let (start, value) = get(i)?;
        let bytes = start..get(i + 1).map_or(end, |(next, _)| next);
        Some((About { bytes, is_item, is_head: false }, value))
    };
    let preceding = following.checked_sub(1).and_then(child);
    let following = child(following).filter(|_| lines::is_first(text, at));
    let is_deeper = |of: usize| !flow && lines::column(text, at) > lines::column(text, of);
    match (preceding, following) {
        (Some((about, value)), following)
            if following.is_none() || at < value.end || is_deeper(about.bytes.start) =>
        {
            let end = about.bytes.end;
            found.push(about);
            collect(text, value, at, end, found);
        }
        (_, Some((about, _))) => found.push(about),
        (None, None) => found.last_mut().into_iter().for_each(|about| about.is_head = true),
        _ => {}
    }
}
