//! Changes of a text.

use std::ops::Range;

use rustc_hash::FxHashSet;

/// One change: these bytes become that text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Splice {
    /// The bytes of the text as it was read, a byte order mark included; empty for an insertion.
    pub range: Range<usize>,
    /// What stands there afterwards.
    pub text: String,
}

/// Applies changes that do not overlap; of those at the same place the first comes first.
///
/// Returns `None` if they overlap.
pub(super) fn apply(text: &str, splices: &mut [Splice]) -> Option<String> {
    splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
    let mut out = String::with_capacity(text.len() + 64);
    let mut done = 0;
    for splice in splices {
        out.push_str(text.get(done..splice.range.start)?);
        out.push_str(&splice.text);
        done = splice.range.end;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

/// Lets removed lines take the line break before them in the place of their own, where something is
/// inserted behind the last of them.
pub(super) fn make_room(text: &str, splices: &mut [Splice]) {
    let inserted: FxHashSet<usize> =
        splices.iter().filter(|it| it.range.is_empty()).map(|it| it.range.start).collect();
    let mut removed: Vec<usize> = (0..splices.len())
        .filter(|i| splices[*i].text.is_empty() && is_whole_lines(text, &splices[*i].range))
        .collect();
    removed.sort_by_key(|i| splices[*i].range.start);
    // From the last one on: those right before one that has moved have to move as well.
    let mut moved = None;
    for i in removed.into_iter().rev() {
        let Range { start, end } = splices[i].range;
        let line_end = end - line_break(&text[..end]);
        if moved == Some(end) || (line_end > start && inserted.contains(&line_end)) {
            splices[i].range = start - line_break(&text[..start])..line_end;
            moved = Some(start);
        }
    }
}

/// Returns `true` for lines with the line break behind them, if there is one, that are not the first ones.
fn is_whole_lines(text: &str, range: &Range<usize>) -> bool {
    text[..range.start].ends_with('\n')
        && (range.end == text.len() || text[..range.end].ends_with('\n'))
}

/// Returns how many bytes the line break at the end of a text has.
fn line_break(text: &str) -> usize {
    match text.strip_suffix('\n') {
        Some(line) => 1 + usize::from(line.ends_with('\r')),
        None => 0,
    }
}
