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
/// inserted behind the last of them; what is inserted before them stays there.
pub(super) fn make_room(text: &str, splices: &mut [Splice]) {
    let mut removed: Vec<usize> = (0..splices.len())
        .filter(|i| splices[*i].text.is_empty() && is_whole_lines(text, &splices[*i].range))
        .collect();
    removed.sort_by_key(|i| splices[*i].range.start);
    let ranges: Vec<Range<usize>> = removed.iter().map(|i| splices[*i].range.clone()).collect();
    let inserted: FxHashSet<usize> = splices
        .iter_mut()
        .filter(|it| it.range.is_empty())
        .map(|it| {
            // Behind a value is behind the comments that go with it, too.
            let before = ranges.partition_point(|range| range.start < it.range.start);
            let around = before.checked_sub(1).and_then(|i| ranges.get(i));
            if let Some(range) = around.filter(|range| it.range.start < range.end) {
                let line_end = range.end - line_break(&text[..range.end]);
                it.range = line_end..line_end;
            }
            it.range.start
        })
        .collect();
    // From the last one on: those right before one that has moved have to move as well.
    let mut moved = None;
    let mut starts: FxHashSet<usize> = FxHashSet::default();
    for i in removed.into_iter().rev() {
        let Range { start, end } = splices[i].range;
        let line_end = end - line_break(&text[..end]);
        if moved == Some(end) || (line_end > start && inserted.contains(&line_end)) {
            splices[i].range = start - line_break(&text[..start])..line_end;
            moved = Some(start);
            starts.insert(start);
        }
    }
    for splice in splices.iter_mut().filter(|it| it.range.is_empty()) {
        let start = splice.range.start;
        if starts.contains(&start)
            && let Some(lines) = splice.text.strip_suffix('\n')
        {
            let line_end = start - line_break(&text[..start]);
            splice.text = format!("\n{lines}");
            splice.range = line_end..line_end;
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
