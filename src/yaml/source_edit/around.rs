//! The comments and blank lines above items and entries, and behind scalars, which these take along when they move.

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
}

impl<'t> Around<'t> {
    pub(super) fn of(text: &'t str, root: Option<&'t Span>) -> Around<'t> {
        Around { text, root, found: OnceCell::new() }
    }

    fn found(&self) -> &Found {
        self.found.get_or_init(|| {
            let mut found = Found::default();
            if let Some(root) = self.root {
                found.collect(root, 0);
                root.walk(&mut |span| {
                    if matches!(span.form, Form::Scalar) && !span.is_absent() {
                        found.ends.insert(span.start, span.end);
                    }
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
        let rest = &self.text[end..lines::end(self.text, end)];
        let rest = rest.strip_prefix(',').unwrap_or(rest);
        let is_comment = rest.starts_with([' ', '\t']) && rest.trim_start().starts_with('#');
        is_comment.then(|| rest.trim_end())
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
    /// Collects the places in a value that stands behind what ends at `before`.
    fn collect(&mut self, span: &Span, before: usize) {
        let mut place = Place { before, at: 0, is_first: true };
        match &span.form {
            Form::Seq { items, flow: false } => {
                for item in items {
                    place.at = item.dash.unwrap_or(item.first);
                    self.places.insert(Start::Item(item.start), place);
                    self.collect(item, place.at);
                    place = Place { before: item.end.max(place.at), at: 0, is_first: false };
                }
            }
            Form::Map { entries, flow: false } => {
                for (key, value) in entries {
                    place.at = key.first;
                    self.places.insert(Start::Key(key.start), place);
                    self.collect(value, key.end);
                    place = Place { before: value.end.max(key.end), at: 0, is_first: false };
                }
            }
            _ => {}
        }
    }
}
