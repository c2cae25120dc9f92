//! Items that move to another list: their lines go along as they are, and their comments.

use std::fmt::Write;

use super::around::Start;
use super::comments::{Move, Place};
use super::items::{AT, Item};
use super::lines;
use super::plan::Planner;
use super::same::same;
use super::write::without_positions;
use crate::yaml::Node;
use crate::yaml::pos::Pos;
use crate::yaml::span_tree::{Form, Span};

impl Planner<'_> {
    /// Notes that what was read of a new value, unless in the place of `own`, moves.
    pub(super) fn note_moves(&mut self, new: &Node, to: Place, own: Option<&Span>) {
        self.note_move(new.pos(), to, own);
        if let Some(item) = self.items.get(new.pos()) {
            self.note_move(AT.offset(item.span.start), to, own);
        }
        match new {
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => items.iter().for_each(|it| self.note_moves(it, to, own)),
            Node::Map { map, .. } => {
                for entry in map {
                    // Of an alias, only the key tells where it stood.
                    self.note_move(entry.key.pos(), to, own);
                    self.note_moves(&entry.value, to, own);
                }
            }
        }
    }

    fn note_move(&mut self, from: Pos, to: Place, own: Option<&Span>) {
        if from.is_some() {
            let from = from.since(AT);
            if own.is_none_or(|own| !(own.first..own.end).contains(&from)) {
                self.moves.push(Move { from, to });
            }
        }
    }

    /// Returns the number of the last splice that was noted.
    pub(super) fn last_splice(&self) -> usize {
        self.splices.len().saturating_sub(1)
    }

    /// Writes an item of a block sequence that stands elsewhere so far, with a line feed before it; `None` if it is
    /// none. What is behind the key of its list comes with the first item, unless the list is the one of `present`.
    pub(super) fn moved_item(
        &self,
        item: &Node,
        present: &[Span],
        column: usize,
        width: usize,
    ) -> Option<String> {
        let found = self.items.get(item.pos())?;
        let stays = present.iter().any(|span| std::ptr::eq(span, found.span));
        let text = self.text;
        let mut out = self.habits.lines_above(Start::Item(found.span.start), !stays, column);
        if !refers(found.span) && same(found.node, item) {
            let end = self.habits.around.end_of_lines(Start::Item(found.span.start));
            let end = end.unwrap_or_else(|| lines::end(text, found.span.end));
            return Some(out + &lines_of(text, found, end, column));
        }
        let mut body = match found.span.form {
            Form::Alias(_) => self.habits.block_item(&without_positions(item), column, width),
            _ => self.habits.block_item(item, column, width),
        };
        // Of a text of several lines, the comment stands behind its header.
        let comment = match lines::block_header(text, found.span.start) {
            Some((_, comment)) => comment,
            None => {
                let line_end = lines::end(text, found.span.first);
                let from = found.span.end.min(line_end);
                lines::comment_in(&text[from..line_end]).map(|at| from + at)
            }
        };
        let comment = comment.map(|at| text[at..lines::end(text, at)].trim_end());
        match comment {
            Some(comment) if body.contains(comment) => {}
            Some(comment) if body.matches('\n').count() == 1 => {
                body.push(' ');
                body.push_str(comment);
            }
            Some(comment) => {
                let _ = write!(out, "\n{}{comment}", lines::blanks(column));
            }
            None => {}
        }
        let below = self.habits.lines_below(Start::Item(found.span.start), column);
        Some(out + &body + &below)
    }

    /// Returns `true` if an item that stands elsewhere so far has comments that it takes along.
    pub(super) fn has_comments(&self, item: &Node) -> bool {
        match self.moved_item(item, &[], 0, 2) {
            Some(written) => written.contains('#'),
            None => self.habits.has_comments(item),
        }
    }
}

/// Returns the lines of an item up to `end` as they are, its dash at another column.
fn lines_of(text: &str, item: Item<'_>, end: usize, column: usize) -> String {
    let old = lines::column(text, item.dash);
    let mut out = String::new();
    for (i, line) in text[item.dash..end].split('\n').enumerate() {
        let line = line.trim_end_matches('\r');
        let blanks = line.len() - line.trim_start_matches(' ').len();
        let inner = if i == 0 { line } else { &line[blanks.min(old)..] };
        out.push('\n');
        if !inner.is_empty() {
            let _ = write!(out, "{}{inner}", lines::blanks(column));
        }
    }
    out
}

/// Returns `true` if there are anchors or aliases in here, whose order counts.
fn refers(span: &Span) -> bool {
    let mut refers = false;
    span.walk(&mut |inner| refers |= inner.anchored || matches!(inner.form, Form::Alias(_)));
    refers
}
