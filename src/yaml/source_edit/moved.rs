//! Items that move to another list: their lines go along as they are, and their comments.

use std::fmt::Write;

use super::items::Item;
use super::lines;
use super::plan::Planner;
use super::same::same;
use crate::yaml::Node;
use crate::yaml::span_tree::{Form, Span};

impl Planner<'_> {
    /// Writes an item of a block sequence that stands elsewhere so far, with a line feed before it; `None` if it
    /// is none, or one of `present`.
    pub(super) fn moved_item(
        &self,
        item: &Node,
        present: &[Span],
        column: usize,
        width: usize,
    ) -> Option<String> {
        let found = self.items.get(item.pos())?;
        if present.iter().any(|span| std::ptr::eq(span, found.span)) {
            return None;
        }
        let text = self.text;
        let mut comments = self.habits.comments_above(found.dash, found.is_first);
        let is_simple = !refers(found.span);
        let body = if is_simple && same(found.node, item) {
            lines_of(text, found, column)
        } else {
            let mut body = self.habits.block_item(item, column, width);
            let line_end = lines::end(text, found.span.first);
            // Of a text of several lines, the comment stands behind its header.
            let from = found.span.end.min(line_end);
            let rest = &text[from..line_end];
            let header = &text[found.span.first..from];
            let comment = match rest.find('#') {
                Some(at) => Some(&rest[at..]),
                None if header.starts_with(['|', '>']) => {
                    header.find(" #").map(|at| &header[at + 1..])
                }
                None => None,
            };
            match comment {
                Some(comment) if body.contains(comment) => {}
                Some(comment) if body.matches('\n').count() == 1 => {
                    body.push(' ');
                    body.push_str(comment);
                }
                Some(comment) => comments.push(comment),
                None => {}
            }
            body
        };
        let mut out = String::new();
        for comment in comments {
            let _ = write!(out, "\n{}{comment}", lines::blanks(column));
        }
        Some(out + &body)
    }

    /// Returns `true` if an item that stands elsewhere so far has comments that it takes along.
    pub(super) fn has_comments(&self, item: &Node) -> bool {
        self.moved_item(item, &[], 0, 2).is_some_and(|written| written.contains('#'))
    }
}

/// Returns the lines of an item as they are, its dash at another column.
fn lines_of(text: &str, item: Item<'_>, column: usize) -> String {
    let old = lines::column(text, item.dash);
    let mut out = String::new();
    for (i, line) in text[item.dash..lines::end(text, item.span.end)].split('\n').enumerate() {
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
