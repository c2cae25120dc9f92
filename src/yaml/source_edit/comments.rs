//! Comments that a change would take along: they go with what they are about, or get a line of their own.

use std::collections::BTreeMap;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::about::{About, about};
use super::items::AT;
use super::lines;
use super::splice::{self, Splice};
use crate::yaml::Pos;
use crate::yaml::span_tree::{Form, Span};

/// Which comments stay of what goes for good; of what moves, all do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kept {
    /// Those on a line of their own, which may be about more than what goes. What stands behind a value is about that.
    OwnLines,
    /// Those behind entries of mappings as well, while other entries stay.
    Fields,
    /// All of them, for what goes says the same in another place then.
    All,
}

/// What becomes of the comments of what goes.
#[derive(Clone, Copy, Debug)]
pub struct Keeping<'a> {
    /// Which of them stay.
    pub kept: Kept,
    /// Keys and items that go, in their order, and for each the key or item to which its comments belong then, if
    /// nothing of it moves.
    pub heirs: &'a [(Pos, Pos)],
}

/// A value that is written in another place than that where it was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    /// Where it was read.
    pub(super) from: usize,
    pub(super) to: Place,
}

/// A place for the comments about what moves.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// In front of the lines that the splice of this number inserts.
    Splice(usize),
    /// Above the line of this byte, which stays.
    Above(usize),
}

/// What a text is going to lose and to get.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) splices: Vec<Splice>,
    /// What is written in other places than before, in the order of those.
    pub(super) moves: Vec<Move>,
    /// Where the entries of mappings begin that go, while others of the mapping stay, in their order.
    pub(super) fields: Vec<usize>,
    /// How lines end.
    pub(super) line_end: &'static str,
}

/// Comments that get a line: in front of those that a splice inserts, by its number, or anywhere.
#[derive(Debug, Default)]
pub(super) struct Lines<'t> {
    pub(super) of_splices: BTreeMap<usize, InFront<'t>>,
    pub(super) others: Vec<Splice>,
}

/// Comments that a splice gets in front of its lines: those about what precedes these, and those about them.
#[derive(Debug, Default)]
pub(super) struct InFront<'t> {
    others: Vec<&'t str>,
    own: Vec<&'t str>,
}

/// A comment in bytes that go.
struct Going<'t> {
    at: usize,
    comment: &'t str,
    with: &'t Range<usize>,
}

impl Plan {
    /// Returns the lines after which no comment is lost that is to stay; `changes` are other changes of comments.
    pub(super) fn comment_lines<'t>(
        &'t self,
        text: &'t str,
        spans: Option<&Span>,
        changes: &[Splice],
        keeping: Keeping<'_>,
        read: impl Fn(&str) -> Option<Option<Span>>,
    ) -> Option<Lines<'t>> {
        let scalars = scalars(text, spans);
        let (staying, lost) = self.going(text, &scalars, changes, keeping);
        let mut lines = Lines::default();
        if staying.is_empty() {
            return Some(lines);
        }
        let mut missing = count(text, &scalars);
        for comment in lost {
            missing.entry(comment).and_modify(|n| *n -= 1);
        }
        let new = splice::apply(text, &mut self.splices.clone())?;
        let new_spans = read(&new)?;
        for (comment, n) in count(&new, &self::scalars(&new, new_spans.as_ref())) {
            missing.entry(comment).and_modify(|all| *all -= n);
        }
        for going in staying {
            match missing.get_mut(going.comment) {
                Some(n) if *n > 0 => *n -= 1,
                _ => continue,
            }
            match self.place(text, spans, &going, keeping.heirs) {
                Some((Place::Splice(number), is_own)) => {
                    let in_front = lines.of_splices.entry(number).or_default();
                    let comments = if is_own { &mut in_front.own } else { &mut in_front.others };
                    comments.push(going.comment);
                }
                Some((Place::Above(at), _)) => {
                    lines.others.push(line_above(text, at, going.comment));
                }
                None => lines.others.push(own_line(text, going.with.start, going.comment)),
            }
        }
        Some(lines)
    }

    /// Returns the comments that go, in the order of the text: those that are to stay, and the others.
    fn going<'t>(
        &'t self,
        text: &'t str,
        scalars: &[Range<usize>],
        changes: &[Splice],
        keeping: Keeping<'_>,
    ) -> (Vec<Going<'t>>, Vec<&'t str>) {
        let mut removed: Vec<&Range<usize>> =
            self.splices.iter().map(|splice| &splice.range).filter(|it| !it.is_empty()).collect();
        removed.sort_by_key(|range| range.start);
        let (mut staying, mut lost) = (Vec::new(), Vec::new());
        for with in removed {
            let field = self.fields.partition_point(|at| *at < with.start);
            let has_field = || self.fields.get(field).is_some_and(|at| with.contains(at));
            let stay = match keeping.kept {
                Kept::All => true,
                kept => {
                    !self.moves_from(with).is_empty()
                        || heir(with, keeping.heirs).is_some()
                        || kept == Kept::Fields && has_field()
                }
            };
            for (at, comment) in comments(text, with, scalars) {
                let is_changed = changes.iter().any(|it| it.range.start <= at && at < it.range.end);
                if !is_changed && (stay || lines::is_first(text, at)) {
                    staying.push(Going { at, comment, with });
                } else {
                    lost.push(comment);
                }
            }
        }
        (staying, lost)
    }

    /// Returns where a comment goes, and whether what it is about goes there: with the innermost value that it is about
    /// and of which something moves. One about an item of which nothing is left goes with what moves next, or
    /// last.
    fn place(
        &self,
        text: &str,
        spans: Option<&Span>,
        going: &Going<'_>,
        heirs: &[(Pos, Pos)],
    ) -> Option<(Place, bool)> {
        let with = About { bytes: going.with.clone(), is_item: false, is_head: false };
        let values = spans.map(|spans| about(text, spans, going.at)).unwrap_or_default();
        let mut is_own = true;
        for About { bytes, is_item, is_head } in values.iter().rev().chain([&with]) {
            let bytes = bytes.start.max(going.with.start)..bytes.end.min(going.with.end);
            let moves = self.moves_from(&bytes);
            let next = || moves.get(moves.partition_point(|it| it.from < going.at));
            if let Some(next) = if is_own { moves.first() } else { next() } {
                return Some((next.to, is_own && !is_head));
            }
            if let Some(last) = moves.last() {
                return Some((last.to, true));
            }
            if let Some(heir) = heir(&bytes, heirs) {
                let moved = self.moves_from(&(heir..heir + 1)).first();
                return Some((moved.map_or(Place::Above(heir), |it| it.to), true));
            }
            is_own &= !is_item;
        }
        None
    }

    /// Returns what moves out of these bytes.
    fn moves_from(&self, range: &Range<usize>) -> &[Move] {
        let place = |at| self.moves.partition_point(|it| it.from < at);
        self.moves.get(place(range.start)..place(range.end)).unwrap_or_default()
    }
}

/// Returns where the key or item stands that the comments of one in these bytes belong to.
fn heir(with: &Range<usize>, heirs: &[(Pos, Pos)]) -> Option<usize> {
    let is_before = |(from, _): &(Pos, Pos)| !from.is_some() || from.since(AT) < with.start;
    let (from, to) = heirs.get(heirs.partition_point(is_before))?;
    (with.contains(&from.since(AT)) && to.is_some()).then(|| to.since(AT))
}

/// Returns the bytes of all scalars, in which no comment is; behind the header of a block scalar there may be one.
fn scalars(text: &str, spans: Option<&Span>) -> Vec<Range<usize>> {
    let mut scalars = Vec::new();
    if let Some(spans) = spans {
        spans.walk(&mut |span| {
            if matches!(span.form, Form::Scalar) {
                let start = match lines::block_header(text, span.start) {
                    Some(_) => lines::end(text, span.start),
                    None => span.start,
                };
                scalars.push(start..span.end);
            }
        });
        scalars.sort_by_key(|range| range.start);
    }
    scalars
}

/// Counts the comments of a text.
fn count<'t>(text: &'t str, scalars: &[Range<usize>]) -> FxHashMap<&'t str, isize> {
    let mut counts = FxHashMap::default();
    for (_, comment) in comments(text, &(0..text.len()), scalars) {
        *counts.entry(comment).or_default() += 1;
    }
    counts
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
    if at == lines::end(text, at) && at > lines::start(text, at) {
        let next = lines::next(text, at);
        return Splice { range: at..at, text: format!("\n{}{comment}", indentation(text, next)) };
    }
    line_above(text, at, comment)
}

/// Gives a comment a line before that of `at`.
fn line_above(text: &str, at: usize, comment: &str) -> Splice {
    let start = lines::start(text, at);
    Splice { range: start..start, text: format!("{}{comment}\n", indentation(text, start)) }
}

/// Puts comments on lines in front of those that a splice inserts, its own ones below the comments that these begin
/// with.
pub(super) fn put_in_front(splice: &mut Splice, comments: &InFront<'_>) {
    let is_above = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let lines = splice.text.split_inclusive('\n');
    let above: usize = lines.take_while(|line| is_above(line)).map(str::len).sum();
    let (above, own) = splice.text.split_at(above);
    let indentation = indentation(own, 0);
    let lines = |comments: &[&str]| -> String {
        comments.iter().map(|comment| format!("{indentation}{comment}\n")).collect()
    };
    // The line feed before the lines comes first.
    let (feed, above) = above.split_at(usize::from(above.starts_with('\n')));
    splice.text = format!("{feed}{}{above}{}{own}", lines(&comments.others), lines(&comments.own));
}

/// Returns the blanks that a line starts with.
fn indentation(text: &str, start: usize) -> &str {
    let line = &text[start..];
    &line[..line.len() - line.trim_start_matches(' ').len()]
}
