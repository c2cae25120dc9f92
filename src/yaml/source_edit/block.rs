//! Changes of mappings and sequences that have lines of their own.

use rustc_hash::FxHashSet;

use super::align::{Step, align};
use super::around::Start;
use super::comments::Place;
use super::items::position;
use super::lines;
use super::plan::{Planner, Refused, Slot};
use super::same::same;
use crate::yaml::node::{Entry, Mapping, Node};
use crate::yaml::pos::Pos;
use crate::yaml::span_tree::{Form, Span};

impl<'t> Planner<'t> {
    pub(super) fn block_seq(
        &mut self,
        items: &'t [Span],
        old: &[Node],
        new: &[Node],
    ) -> Result<(), Refused> {
        let Some(first_dash) = items.first().and_then(|item| item.dash) else {
            return Err("a sequence has no place for an item");
        };
        let column = lines::column(self.text, first_dash);
        let width = items
            .iter()
            .filter_map(|item| Some((item.dash?, item.first)))
            .find(|(dash, first)| first > dash && lines::end(self.text, *dash) > *first)
            .map_or(2, |(dash, first)| first - dash)
            .clamp(2, 9);
        let steps = align(
            &old.iter().map(Node::pos).collect::<Vec<_>>(),
            &new.iter().map(Node::pos).collect::<Vec<_>>(),
        );
        let is_written_anew = |i: usize, j: usize| {
            let dash = items[i].dash.unwrap_or(items[i].first);
            lines::is_first(self.text, dash) && has_other_keys(&items[i], &old[i], &new[j])
        };
        let steps: Vec<Step> = steps
            .into_iter()
            .flat_map(|step| match step {
                Step::Keep(i, j) if is_written_anew(i, j) => {
                    vec![Step::Remove(i), Step::Insert(j)]
                }
                step => vec![step],
            })
            .collect();
        let inserted = steps.iter().filter_map(|step| match step {
            Step::Insert(j) => Some(new[*j].pos()).filter(|pos| pos.is_some()),
            _ => None,
        });
        let inserted: FxHashSet<Pos> = inserted.collect();
        let takes_comments =
            |planner: &Self, pos: Pos| inserted.contains(&pos) || planner.heirs.contains(&pos);
        // What comes back in another place takes along what stands above it.
        let start_of = |planner: &Self, i: usize| {
            let dash = items[i].dash.unwrap_or(items[i].first);
            let around = planner.habits.around;
            let above = || around.start_of_lines(Start::Item(items[i].start));
            let above = takes_comments(planner, old[i].pos()).then(above).flatten();
            above.filter(|at| *at < lines::start(planner.text, dash)).unwrap_or(dash)
        };
        let front = match steps.contains(&Step::Remove(0)) {
            true => start_of(self, 0),
            false => first_dash,
        };
        let mut last: Option<&Span> = None;
        let mut removed = 0;
        let mut has_front = false;
        for (n, step) in steps.iter().enumerate() {
            match *step {
                Step::Keep(i, j) => {
                    let dash = items[i].dash.unwrap_or(items[i].first);
                    self.value(&items[i], &old[i], &new[j], Slot::Item { dash })?;
                    last = Some(&items[i]);
                }
                Step::Remove(i) => {
                    let next = steps[n + 1..].iter().find_map(|step| match step {
                        Step::Keep(i, _) => items[*i].dash,
                        _ => None,
                    });
                    self.forget(&items[i]);
                    let start = start_of(self, i);
                    let mut end = items[i].end.max(start);
                    if takes_comments(self, old[i].pos()) {
                        let below = self.habits.around.end_of_lines(Start::Item(items[i].start));
                        end = end.max(below.unwrap_or(end));
                    }
                    if start >= removed {
                        removed = self.remove_lines(start, end, next)?;
                    }
                }
                Step::Insert(j) => {
                    let line = self
                        .moved_item(&new[j], items, column, width)
                        .unwrap_or_else(|| self.habits.block_item(&new[j], column, width));
                    match last {
                        Some(before) => self.insert_after(before, line, column, false),
                        // Between two that come, there are blank lines as there were.
                        None if lines::is_first(self.text, front) => {
                            let line = match has_front {
                                true => line.strip_prefix('\n').unwrap_or(&line),
                                false => line.trim_start_matches('\n'),
                            };
                            self.insert_before(front, line);
                            has_front = true;
                        }
                        None => return Err("a sequence in a sequence has no place for an item"),
                    }
                    self.note_moves(&new[j], Place::Splice(self.last_splice()), None);
                }
            }
        }
        Ok(())
    }

    pub(super) fn block_map(
        &mut self,
        entries: &'t [(Span, Span)],
        old: &Mapping,
        new: &Mapping,
        is_root: bool,
    ) -> Result<(), Refused> {
        let Some((first, _)) = entries.first() else {
            return Err("a mapping has no place for an entry");
        };
        if !self.is_literal_map(entries, old) {
            let (old, new) = self.as_written(entries, old, new)?;
            return self.block_map(entries, &old, &new, is_root);
        }
        let first = self.entry_start(first);
        let column = lines::column(self.text, first);
        let steps = align(
            &old.iter().map(|entry| entry.key.pos()).collect::<Vec<_>>(),
            &new.iter().map(|entry| entry.key.pos()).collect::<Vec<_>>(),
        );
        let old: Vec<&Entry> = old.iter().collect();
        let new: Vec<&Entry> = new.iter().collect();
        if new.is_empty() {
            self.insert_before(first, "{}");
        }
        let mut last: Option<&Span> = None;
        let mut removed = 0;
        for (n, step) in steps.iter().enumerate() {
            match *step {
                Step::Keep(i, j) => {
                    let (key, value) = &entries[i];
                    self.block_entry(key, value, old[i], new[j], column)?;
                    last = Some(value);
                }
                Step::Remove(i) => {
                    let next = steps[n + 1..].iter().find_map(|step| match step {
                        Step::Keep(i, _) => Some(self.entry_start(&entries[*i].0)),
                        _ => None,
                    });
                    let (key, value) = &entries[i];
                    self.fields.push(key.first);
                    self.forget(value);
                    let start = self.entry_start(key);
                    let mut end = value.end.max(start);
                    if lines::is_first(self.text, start) {
                        // Comments that stand deeper are about it.
                        end = lines::end_of_deeper_comments(self.text, end, column + 1);
                    }
                    if start >= removed {
                        removed = self.remove_lines(start, end, next)?;
                    }
                }
                Step::Insert(j) => {
                    let line = self.habits.block_entry(new[j], column);
                    let kept = steps[n..].iter().find_map(|step| match step {
                        Step::Keep(i, _) => Some(&entries[*i].1),
                        _ => None,
                    });
                    match (last, kept) {
                        (Some(before), _) => {
                            let past_comments = is_root && kept.is_none();
                            self.insert_after(before, line, column, past_comments);
                        }
                        (None, _) if lines::is_first(self.text, first) => {
                            self.insert_before(first, line.trim_start_matches('\n'));
                        }
                        // A mapping has no order, and the first line is shared with a dash.
                        (None, Some(after)) => self.insert_after(after, line, column, false),
                        (None, None) => return Err("a mapping has no place for an entry"),
                    }
                    self.note_moves(&new[j].value, Place::Splice(self.last_splice()), None);
                }
            }
        }
        Ok(())
    }

    fn block_entry(
        &mut self,
        key: &'t Span,
        value: &'t Span,
        old: &Entry,
        new: &Entry,
        column: usize,
    ) -> Result<(), Refused> {
        if !same(&old.key, &new.key) {
            let written = self.habits.key(&new.key, false);
            self.splice(key.first..key.end, written);
        }
        if same(&old.value, &new.value) {
            return self.expand(value);
        }
        let colon = match lines::skip_blank(self.text, key.end) {
            colon if self.text[colon..].starts_with(':') => colon + 1,
            _ => return Err("a key has no colon"),
        };
        self.value(value, &old.value, &new.value, Slot::Value { colon, column })
    }

    /// Returns where an entry of a block mapping starts: at its key, or at the `?` before that.
    fn entry_start(&self, key: &Span) -> usize {
        let before = self.text[lines::start(self.text, key.first)..key.first].trim_end();
        match before.ends_with('?') && key.first > 0 {
            true => lines::start(self.text, key.first) + before.len() - 1,
            false => key.first,
        }
    }

    /// Returns `true` if each entry of a mapping stands in the text: it has no merge key.
    pub(super) fn is_literal_map(&self, entries: &[(Span, Span)], old: &Mapping) -> bool {
        entries.len() == old.len()
            && entries.iter().zip(old).all(|((key, _), entry)| {
                matches!(key.form, Form::Scalar) && entry.key.pos() == position(key)
            })
    }

    /// Removes the lines of an entry from `start` to `end`, and returns where what is removed ends; `next` is where the
    /// next one begins that stays.
    fn remove_lines(
        &mut self,
        start: usize,
        end: usize,
        next: Option<usize>,
    ) -> Result<usize, Refused> {
        let text = self.text;
        let range = if lines::is_first(text, start) {
            lines::start(text, start)..lines::next(text, end)
        } else {
            // It shares its line with a dash, which its successor gets, unless that has comments above it.
            let Some(next) = next else {
                return Err("an entry cannot be removed from its line");
            };
            let line_end = lines::end(text, end);
            match text[line_end..next].lines().any(|line| line.trim_start().starts_with('#')) {
                true => text[..start].trim_end().len()..line_end,
                false => start..next,
            }
        };
        self.splice(range.clone(), String::new());
        Ok(range.end)
    }

    /// Inserts whole lines, each with a line feed before it, after those of a value in a collection at a column: comments
    /// that stand deeper are about that value, and must not become part of a text at the end of these lines.
    pub(super) fn insert_after(
        &mut self,
        before: &Span,
        lines: String,
        column: usize,
        past_comments: bool,
    ) {
        let mut at = lines::end_of_deeper_comments(self.text, before.end, column + 1);
        if past_comments {
            at = at.max(lines::end_of_comments(self.text, at));
        }
        if at == self.text.len() {
            self.close_last_line(before);
        }
        self.splice(at..at, lines);
    }

    /// Inserts whole lines, with a line feed before each but the first, before the line of `at`.
    fn insert_before(&mut self, at: usize, lines: &str) {
        let at = lines::start(self.text, at);
        self.splice(at..at, format!("{lines}\n"));
    }

    /// Keeps the meaning of a block scalar that ends with the text, without a line break, when a line
    /// follows.
    fn close_last_line(&mut self, span: &Span) {
        let mut last = None;
        span.walk(&mut |inner| last = Some(inner));
        let Some(last) = last.filter(|last| last.end == self.text.len()) else { return };
        let Some((end, _)) = lines::block_header(self.text, last.start) else { return };
        let header = &self.text[last.start..end];
        // It goes, or is closed already, as lines come behind what contains it, too.
        let is_changed =
            || self.splices.iter().any(|it| it.range.start <= end && it.range.end > last.start);
        if header.contains('-') || is_changed() {
            return;
        }
        // Where nothing follows, there is no line break to be kept either.
        let at = last.start + header.find('+').unwrap_or(1);
        let end = if header.contains('+') { at + 1 } else { at };
        self.splice(at..end, "-".to_owned());
    }
}

/// Returns `true` if a mapping that has lines of its own becomes one that shares no key with it.
fn has_other_keys(span: &Span, old: &Node, new: &Node) -> bool {
    let (Some(old), Some(new)) = (old.as_map(), new.as_map()) else { return false };
    let stays = |entry: &Entry| {
        entry.key.pos().is_some() && new.iter().any(|it| it.key.pos() == entry.key.pos())
    };
    matches!(span.form, Form::Map { flow: false, .. }) && !new.is_empty() && !old.iter().any(stays)
}
