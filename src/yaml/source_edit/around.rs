//! The comments and blank lines around items and entries, which these take along when they move: above and below
//! them, and behind their values.

use std::cell::OnceCell;

use rustc_hash::FxHashMap;

use super::lines;
use crate::yaml::span_tree::{Form, Span};

/// What stands around the values of a text.
#[derive(Debug)]
pub(super) struct Around<'t> {
    text: &'t str,
    root: Option<&'t Span>,
    found: OnceCell<Found>,
}

#[derive(Debug, Default)]
struct Found {
    places: FxHashMap<Start, Place>,
    /// Where the scalar that starts there ends.
    ends: FxHashMap<usize, usize>,
    /// What stands behind the keys that start there.
    values: FxHashMap<usize, Behind>,
}

/// What stands behind a key.
#[derive(Clone, Copy, Debug)]
struct Behind {
    /// From where on the comment about the value may stand on the line.
    end: usize,
    is_alias: bool,
}

/// Where an item or a key begins, without its dash: the first key of an item begins where that does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Start {
    Item(usize),
    Key(usize),
}

/// The place of an item or a key.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Where what precedes it ends: the one before it, or for the first one what the collection stands behind.
    before: usize,
    /// Where it begins, with its dash.
    at: usize,
    is_first: bool,
    /// Where the lines of all that it holds end, those of comments below that included.
    inner_end: usize,
    /// Where its own lines end, those of comments below it included.
    end: usize,
}

impl<'t> Around<'t> {
    pub(super) fn of(text: &'t str, root: Option<&'t Span>) -> Around<'t> {
        Around { text, root, found: OnceCell::new() }
    }

    fn found(&self) -> &Found {
        self.found.get_or_init(|| {
            let mut found = Found::default();
            if let Some(root) = self.root {
                found.collect(self.text, root, 0, None);
                root.walk(&mut |span| match &span.form {
                    Form::Scalar if !span.is_absent() => {
                        found.ends.extend([(span.start, span.end)]);
                    }
                    Form::Map { entries, .. } => {
                        let values = entries
                            .iter()
                            .map(|(key, value)| (key.start, behind(self.text, key, value)));
                        found.values.extend(values);
                    }
                    _ => {}
                });
            }
            found
        })
    }

    fn place(&self, start: Start) -> Option<Place> {
        self.found().places.get(&start).copied()
    }

    /// Returns the comment on the line where the scalar ends that starts there, or on that of its header, with the
    /// blanks before it.
    pub(super) fn comment_behind(&self, start: usize) -> Option<&'t str> {
        let end = *self.found().ends.get(&start)?;
        let end = lines::block_header(self.text, start).map_or(end, |(end, _)| end);
        comment_from(self.text, end)
    }

    /// Returns the comment about the value of the key that starts there, with the blanks before it: on the line where
    /// the value ends, or on that of the key if the value has lines of its own.
    pub(super) fn comment_of_key(&self, start: usize) -> Option<&'t str> {
        comment_from(self.text, self.found().values.get(&start)?.end)
    }

    /// Returns `true` if an alias is the value of the key that starts there.
    pub(super) fn is_alias(&self, start: usize) -> bool {
        self.found().values.get(&start).is_some_and(|behind| behind.is_alias)
    }

    /// Returns the comments, and an empty text for each blank line, above what starts there. For the first one,
    /// blank lines before them are left out; `with_head` adds the comment behind the key of its collection.
    pub(super) fn lines_above(&self, start: Start, with_head: bool) -> Vec<&'t str> {
        let Some(place) = self.place(start) else { return Vec::new() };
        let (text, own) = (self.text, self.first_line(place));
        let head = self.head(place).filter(|_| with_head && place.is_first);
        let lines = text[own..lines::start(text, place.at).max(own)].lines().map(str::trim);
        head.into_iter().chain(lines).collect()
    }

    /// Returns the comments and blank lines below what starts there, each with how much deeper than that it stands;
    /// those below the last that it holds are about that.
    pub(super) fn lines_below(&self, start: Start) -> Vec<(usize, &'t str)> {
        let Some(place) = self.place(start).filter(|it| it.inner_end < it.end) else {
            return Vec::new();
        };
        let column = lines::column(self.text, place.at);
        let lines = self.text[lines::next(self.text, place.inner_end)..place.end].lines();
        let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
        lines.map(|line| (blanks(line).saturating_sub(column), line.trim())).collect()
    }

    /// Returns where the lines of what starts there end, those below it included.
    pub(super) fn end_of_lines(&self, start: Start) -> Option<usize> {
        self.place(start).map(|place| place.end)
    }

    /// Returns where the lines of what starts there begin, those above it included.
    pub(super) fn start_of_lines(&self, start: Start) -> Option<usize> {
        self.place(start).map(|place| self.first_line(place))
    }

    /// Returns the start of the first line that belongs to a place.
    fn first_line(&self, place: Place) -> usize {
        let (text, own) = (self.text, lines::start(self.text, place.at));
        let is_above = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
        let mut at = lines::next(text, place.before);
        if !lines::is_first(text, place.at) || at >= own {
            return own;
        }
        if !text[at..own].lines().all(|line| is_above(&line)) {
            return own;
        }
        while place.is_first && at < own && text[at..lines::end(text, at)].trim().is_empty() {
            at = lines::next(text, at);
        }
        at
    }

    /// Returns the comment on the line of what a collection stands behind.
    fn head(&self, place: Place) -> Option<&'t str> {
        let end = lines::end(self.text, place.before);
        let rest = self.text.get(place.before..end.min(place.at))?;
        lines::comment_in(rest).map(|at| rest[at..].trim_end())
    }
}

impl Found {
    /// Collects the places in a value that stands behind what ends at `before`, in lines deeper than a column, and
    /// returns where its lines end.
    fn collect<'s>(
        &mut self,
        text: &str,
        span: &'s Span,
        before: usize,
        outer: Option<usize>,
    ) -> usize {
        let children: Vec<(Start, usize, usize, &'s Span)> = match &span.form {
            Form::Seq { items, flow: false } => {
                let at = |item: &Span| item.dash.unwrap_or(item.first);
                let child = |item: &'s Span| (Start::Item(item.start), at(item), at(item), item);
                items.iter().map(child).collect()
            }
            Form::Map { entries, flow: false } => {
                let child = |(key, value): &'s (Span, Span)| {
                    (Start::Key(key.start), key.first, key.end, value)
                };
                entries.iter().map(child).collect()
            }
            _ => return span.end.max(before),
        };
        let last = children.len().saturating_sub(1);
        let mut place = Place { before, at: 0, is_first: true, inner_end: before, end: before };
        for (i, (start, at, head, value)) in children.into_iter().enumerate() {
            let column = lines::column(text, at);
            // Comments that stand deeper are about it; behind the last one, all those of the collection.
            let least = match i == last {
                true => column.max(outer.map_or(0, |outer| outer + 1)),
                false => column + 1,
            };
            place.at = at;
            place.inner_end = lines::end(text, self.collect(text, value, head, Some(column)));
            place.end = lines::end_of_deeper_comments(text, place.inner_end, least);
            self.places.insert(start, place);
            place = Place { before: place.end, is_first: false, ..place };
        }
        place.end
    }
}

fn behind(text: &str, key: &Span, value: &Span) -> Behind {
    let has_lines = match value.form {
        Form::Seq { flow, .. } | Form::Map { flow, .. } => !flow,
        _ => value.is_absent(),
    };
    let end = match has_lines {
        // Before them, there may be an anchor and a tag.
        true => {
            let rest = &text[key.end..lines::end(text, key.end)];
            let until = lines::comment_in(rest).unwrap_or(rest.len());
            key.end + rest[..until].trim_end().len()
        }
        false => lines::block_header(text, value.start).map_or(value.end, |(end, _)| end),
    };
    Behind { end, is_alias: matches!(value.form, Form::Alias(_)) }
}

/// Returns the comment that stands next behind a value, or the comma that follows it, with the blanks before it.
fn comment_from(text: &str, end: usize) -> Option<&str> {
    let rest = &text[end..lines::end(text, end)];
    let rest = rest.strip_prefix(',').unwrap_or(rest);
    let is_comment = rest.starts_with([' ', '\t']) && rest.trim_start().starts_with('#');
    is_comment.then(|| rest.trim_end())
}
