//! Which bytes have to change for a text to say what it should.

use rustc_hash::{FxHashMap, FxHashSet};

use super::aliases::Changed;
use super::comments::{Move, Place};
use super::habits::Habits;
use super::items::Items;
use super::lines;
use super::same::{same, typed};
use super::scalar::{self, Site, Written};
use super::splice::Splice;
use crate::yaml::pos::Pos;
use crate::yaml::scalar::Value;
use crate::yaml::span_tree::{Form, Span};
use crate::yaml::{Node, Style};

/// Why a change cannot be made without rewriting more than it concerns.
pub(super) type Refused = &'static str;

/// Compares what a text says with what it should say, and notes the changes.
pub(super) struct Planner<'t> {
    pub(super) text: &'t str,
    pub(super) habits: Habits<'t>,
    /// The anchored values that say something else afterwards, by where they start.
    pub(super) touched: FxHashSet<usize>,
    /// The anchored values that aliases must not refer to any longer.
    pub(super) expanded: &'t FxHashSet<usize>,
    /// What the anchored values say.
    pub(super) anchored: &'t FxHashMap<usize, Node>,
    /// The anchored values that all their aliases go on to stand for.
    pub(super) followed: &'t FxHashSet<usize>,
    /// What the anchored scalars say afterwards that say something else, and what aliases are to stand for then.
    pub(super) changed: Changed,
    /// What goes and leaves its comments to another.
    pub(super) heirs: FxHashSet<Pos>,
    /// The items that may move.
    pub(super) items: Items<'t>,
    pub(super) splices: Vec<Splice>,
    /// What is written in other places than before.
    pub(super) moves: Vec<Move>,
    /// Where the entries of mappings begin that go, while others of the mapping stay.
    pub(super) fields: Vec<usize>,
}

/// What stands around a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Slot {
    /// The whole document.
    Root,
    /// Behind the colon of an entry of a block mapping at the column.
    Value { colon: usize, column: usize },
    /// Behind a dash of a block sequence.
    Item { dash: usize },
    /// Between brackets.
    Flow,
}

impl<'t> Planner<'t> {
    /// Notes the changes after which the value `span`, which says `old`, says `new`.
    pub(super) fn value(
        &mut self,
        span: &'t Span,
        old: &Node,
        new: &Node,
        slot: Slot,
    ) -> Result<(), Refused> {
        if same(old, new) {
            return self.expand(span);
        }
        self.changed.note(span, new);
        match &span.form {
            // It says it as soon as its anchored value does.
            Form::Alias(of) if self.followed.contains(of) => return Ok(()),
            _ if span.anchored && !self.followed.contains(&span.first) => {
                self.touched.insert(span.first);
            }
            _ => {}
        }
        match (&span.form, old, new) {
            (Form::Scalar, _, Node::Scalar { .. }) => self.scalar(span, new, slot),
            (
                Form::Seq { items, .. },
                Node::Seq { items: old, .. },
                Node::Seq { items: new, .. },
            ) if !new.is_empty() && old.len() == items.len() => {
                if span.is_bracketed(self.text) {
                    if !matches!(slot, Slot::Flow)
                        && !self.text[span.first..span.end].contains('#')
                        && new.iter().any(|item| self.has_comments(item))
                    {
                        // Between brackets there is no place for them.
                        return self.replace(span, &Node::seq(new.clone()), slot);
                    }
                    if old.is_empty() && new.iter().any(has_lines) && !matches!(slot, Slot::Flow) {
                        return self.replace(span, &Node::seq(new.clone()), slot);
                    }
                    self.flow_seq(span, items, old, new)
                } else {
                    self.block_seq(items, old, new)
                }
            }
            (Form::Map { entries, .. }, Node::Map { map: old, .. }, Node::Map { map: new, .. })
                if !new.is_empty() || matches!(slot, Slot::Root) =>
            {
                if !span.is_bracketed(self.text) && matches!(slot, Slot::Flow) {
                    return self.replace(span, &Node::map(new.clone()), slot);
                }
                if span.is_bracketed(self.text) {
                    self.flow_map(span, entries, old, new)
                } else {
                    self.block_map(entries, old, new, matches!(slot, Slot::Root))
                }
            }
            _ => self.replace(span, new, slot),
        }
    }

    /// Writes out the aliases in here that have to be.
    pub(super) fn expand(&mut self, span: &'t Span) -> Result<(), Refused> {
        if self.expanded.is_empty() {
            return Ok(());
        }
        let mut aliases = Vec::new();
        span.walk(&mut |inner| {
            if let Form::Alias(of) = inner.form
                && self.expanded.contains(&of)
            {
                aliases.push((inner, of));
            }
        });
        for (alias, of) in aliases {
            let Some(meant) = self.anchored.get(&of) else {
                return Err("what an alias stands for is not known");
            };
            let written = self.habits.flow_value(meant);
            self.splice(alias.first..alias.end, written);
        }
        Ok(())
    }

    /// Replaces the text of a scalar; its quotes, anchor and comments stay.
    fn scalar(&mut self, span: &Span, new: &Node, slot: Slot) -> Result<(), Refused> {
        if span.is_absent() {
            return self.replace(span, new, slot);
        }
        let written = &self.text[span.start..span.end];
        let style = match written.as_bytes().first() {
            _ if self.would_swallow(span, new, slot).is_some() => Style::DoubleQuoted,
            Some(b'\'') => Style::SingleQuoted,
            Some(b'"') => Style::DoubleQuoted,
            Some(b'|' | b'>') => Style::Literal,
            _ => new_style(new),
        };
        // A tag says what the old text was.
        let tagged = self.text[span.first..span.start].contains('!');
        let from = if tagged && !span.anchored { span.first } else { span.start };
        let Written { head, tail } = self.written(new, style, slot);
        self.lay_over(from, span, head, tail);
        Ok(())
    }

    /// Returns where the comments end that stand deeper below `span`, if there are some and what takes its place has a
    /// text of several lines: written as such at the end, it would take them for its own.
    fn would_swallow(&self, span: &Span, new: &Node, slot: Slot) -> Option<usize> {
        let column = match slot {
            Slot::Value { column, .. } => column,
            Slot::Item { dash } => lines::column(self.text, dash),
            Slot::Root | Slot::Flow => return None,
        };
        let end = lines::end_of_deeper_comments(self.text, span.end, column + 1);
        (has_lines(new) && end > lines::end(self.text, span.end)).then_some(end)
    }

    fn written(&self, new: &Node, style: Style, slot: Slot) -> Written {
        let column = match slot {
            Slot::Value { column, .. } => Some(column),
            Slot::Item { dash } => Some(lines::column(self.text, dash)),
            Slot::Root | Slot::Flow => None,
        };
        let flow = matches!(slot, Slot::Flow);
        let site = Site { flow, json: flow && self.habits.json, column };
        scalar::write(new, style, site, self.habits.indent)
    }

    /// Replaces a scalar from `from` on: `head` on its line, and `tail` below. A comment on the line of a
    /// block scalar's header stays.
    fn lay_over(&mut self, from: usize, span: &Span, head: String, tail: String) {
        match lines::block_header(self.text, span.start) {
            Some((kept, Some(_))) => {
                self.splice(from..kept, head);
                self.splice(lines::end(self.text, span.start)..span.end, tail);
            }
            _ => {
                self.splice(from..span.end, head);
                if !tail.is_empty() {
                    let line_end = lines::end(self.text, span.end);
                    self.splice(line_end..line_end, tail);
                }
            }
        }
    }

    /// Writes a value anew.
    pub(super) fn replace(&mut self, span: &Span, new: &Node, slot: Slot) -> Result<(), Refused> {
        self.forget(span);
        let below = self.would_swallow(span, new, slot);
        let mut quoted = new.clone();
        let new = match &mut quoted {
            Node::Scalar { style, .. } if below.is_some() => {
                *style = Style::DoubleQuoted;
                &quoted
            }
            _ => new,
        };
        let below = below.unwrap_or_else(|| lines::end(self.text, span.end));
        let mut place = Place::Above(span.first);
        match slot {
            Slot::Flow => {
                let written = self.habits.flow_value(new);
                let written = match self.text[..span.first].ends_with(':') && span.is_absent() {
                    true => format!(" {written}"),
                    false => written,
                };
                self.splice(span.first..span.end, written);
            }
            Slot::Value { colon, column } => {
                if let Some(items) = new.as_seq().filter(|items| !items.is_empty()) {
                    self.replace_by_items(colon, column, span, items, below);
                    return Ok(());
                }
                let written = self.habits.block_value(new, column, false);
                self.replace_block(colon, span, &written, below);
                if !written.tail.is_empty() {
                    place = Place::Splice(self.last_splice());
                }
            }
            Slot::Item { dash } => {
                let column = lines::column(self.text, dash);
                let written = self.habits.block_value(new, column, true);
                self.replace_block(dash + 1, span, &written, below);
            }
            Slot::Root => return Err("the whole document would have to be written anew"),
        }
        self.note_moves(new, place, Some(span));
        Ok(())
    }

    /// Replaces what stands behind a colon by a sequence.
    fn replace_by_items(
        &mut self,
        colon: usize,
        column: usize,
        span: &Span,
        items: &[Node],
        below: usize,
    ) {
        let column = column + self.habits.seq_indent;
        let line = |item| {
            let moved = self.moved_item(item, &[], column, 2);
            moved.unwrap_or_else(|| self.habits.block_item(item, column, 2))
        };
        let lines: Vec<String> = items.iter().map(line).collect();
        let written = Written { head: String::new(), tail: lines.concat() };
        self.replace_block(colon, span, &written, below);
        // Each has its own splice, for comments that go with it.
        let at = self.splices.pop().map_or(span.end, |splice| splice.range.end);
        for (item, line) in items.iter().zip(lines) {
            self.splice(at..at, line);
            self.note_moves(item, Place::Splice(self.last_splice()), Some(span));
        }
    }

    /// Replaces what stands behind a colon or a dash; new lines come behind the one that ends at `below`.
    fn replace_block(&mut self, behind: usize, span: &Span, written: &Written, below: usize) {
        let is_collection = matches!(span.form, Form::Seq { .. } | Form::Map { .. });
        let on_its_line = lines::end(self.text, behind) >= span.first;
        if on_its_line && !written.head.is_empty() {
            let before = if span.is_absent() { " " } else { "" };
            self.splice(span.first..span.end, format!("{before}{}", written.head));
        } else {
            // What is removed takes the blanks before it along, and its lines.
            let from = match on_its_line || !is_collection {
                true => behind,
                false => lines::end(self.text, behind),
            };
            let from = if span.is_absent() { span.end } else { from.min(span.first) };
            self.splice(from..span.end, String::new());
            if !written.head.is_empty() {
                self.splice(behind..behind, format!(" {}", written.head));
            }
        }
        if !written.tail.is_empty() {
            let line_end = lines::end(self.text, span.end);
            // A comment that has gone along is not to stay.
            let rest = &self.text[span.end..line_end];
            if is_collection
                && rest.trim_start().starts_with('#')
                && written.tail.contains(rest.trim())
            {
                self.splice(span.end..line_end, String::new());
            }
            if matches!(span.form, Form::Map { flow: false, .. }) {
                let column = lines::column(self.text, span.start);
                let deeper = lines::end_of_deeper_comments(self.text, span.end, column);
                let mut comments = self.text[line_end..deeper].lines().map(str::trim);
                if comments.all(|comment| written.tail.contains(comment)) {
                    self.splice(line_end..deeper, String::new());
                }
            }
            self.splice(below..below, written.tail.clone());
        }
    }

    /// Notes that nothing may refer to what is defined in here any longer.
    pub(super) fn forget(&mut self, span: &Span) {
        let mut anchors = Vec::new();
        span.walk(&mut |inner| {
            if inner.anchored {
                anchors.push(inner.first);
            }
        });
        self.touched.extend(anchors);
    }

    pub(super) fn splice(&mut self, range: std::ops::Range<usize>, text: String) {
        if !range.is_empty() || !text.is_empty() {
            self.splices.push(Splice { range, text });
        }
    }
}

/// Returns how a value that replaces a plain one is quoted if need be.
fn new_style(new: &Node) -> Style {
    match new {
        // A text that somebody quoted on purpose.
        Node::Scalar { style, .. } => *style,
        _ => Style::Plain,
    }
}

/// Returns `true` for a value with a text of several lines in it.
fn has_lines(node: &Node) -> bool {
    match node {
        Node::Scalar { .. } => {
            matches!(typed(node), Some(Value::Str(text)) if text.contains('\n'))
        }
        Node::Seq { items, .. } => items.iter().any(has_lines),
        Node::Map { map, .. } => map.iter().any(|entry| has_lines(&entry.value)),
    }
}
