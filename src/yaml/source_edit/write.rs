//! Text for values that were not there before.

use std::fmt::Write;

use super::around::Start;
use super::habits::Habits;
use super::items::AT;
use super::lines;
use super::scalar::{self, Site, Written, double_quoted};
use crate::yaml::node::{Entry, Mapping, Node, Style};
use crate::yaml::pos::Pos;

impl<'t> Habits<'t> {
    /// Writes a value as it stands behind `key:` or `- `; `column` is that of the key or the dash.
    pub(super) fn block_value(self, node: &Node, column: usize, in_sequence: bool) -> Written {
        let head = |head: &str| Written { head: head.to_owned(), tail: String::new() };
        match node {
            Node::Scalar { style, .. } => {
                let site = Site { flow: false, json: false, column: Some(column) };
                let mut written = scalar::write(node, *style, site, self.indent);
                written.head.push_str(self.comment_of(node));
                written
            }
            Node::Seq { items, .. } if items.is_empty() => head("[]"),
            Node::Map { map, .. } if map.is_empty() => head("{}"),
            Node::Seq { .. } | Node::Map { .. } if in_sequence => {
                // The first entry stands on the line of the dash.
                let lines = self.block_lines(node, column + 2);
                Written { head: lines.trim_start().to_owned(), tail: String::new() }
            }
            Node::Seq { .. } => {
                let lines = self.block_lines(node, column + self.seq_indent);
                Written { head: String::new(), tail: lines }
            }
            Node::Map { .. } => {
                let lines = self.block_lines(node, column + self.indent);
                Written { head: String::new(), tail: lines }
            }
        }
    }

    /// Returns the comment behind a scalar where it was read, with the blanks before it: what moves takes it along.
    fn comment_of(self, node: &Node) -> &'t str {
        let start = Some(node.pos()).filter(|pos| pos.is_some()).map(|pos| pos.since(AT));
        start.and_then(|start| self.around.comment_behind(start)).unwrap_or_default()
    }

    /// Returns the comment about the value of a key where it was read, with the blanks before it.
    fn comment_of_key(self, key: &Node) -> Option<&'t str> {
        let start = Some(key.pos()).filter(|pos| pos.is_some())?.since(AT);
        self.around.comment_of_key(start)
    }

    /// Returns `true` if there are comments beside the scalars of a value.
    pub(super) fn has_comments(self, node: &Node) -> bool {
        match node {
            Node::Scalar { .. } => !self.comment_of(node).is_empty(),
            Node::Seq { items, .. } => items.iter().any(|item| self.has_comments(item)),
            Node::Map { map, .. } => map.iter().any(|entry| {
                self.comment_of_key(&entry.key).is_some() || self.has_comments(&entry.value)
            }),
        }
    }

    /// Writes the comments and blank lines above what starts there, each with a line feed before it.
    pub(super) fn lines_above(self, start: Start, with_head: bool, column: usize) -> String {
        let mut out = String::new();
        for line in self.around.lines_above(start, with_head) {
            out.push('\n');
            if !line.is_empty() {
                let _ = write!(out, "{}{line}", lines::blanks(column));
            }
        }
        out
    }

    /// Writes the comments and blank lines below what starts there, each with a line feed before it.
    pub(super) fn lines_below(self, start: Start, column: usize) -> String {
        let mut out = String::new();
        for (deeper, line) in self.around.lines_below(start) {
            out.push('\n');
            if !line.is_empty() {
                let _ = write!(out, "{}{line}", lines::blanks(column + deeper));
            }
        }
        out
    }

    /// Writes the entries or items of a collection at the column, each line with a line feed before it.
    pub(super) fn block_lines(self, node: &Node, column: usize) -> String {
        let mut out = String::new();
        match node {
            Node::Map { map, .. } => {
                map.iter().for_each(|entry| out += &self.block_entry(entry, column));
            }
            Node::Seq { items, .. } => {
                for item in items {
                    let start = Some(item.pos()).filter(|pos| pos.is_some());
                    let start = start.map(|pos| Start::Item(pos.since(AT)));
                    out +=
                        &start.map_or_else(String::new, |it| self.lines_above(it, false, column));
                    out += &self.block_item(item, column, 2);
                    out += &start.map_or_else(String::new, |it| self.lines_below(it, column));
                }
            }
            Node::Scalar { .. } => {}
        }
        out
    }

    /// Writes an entry of a mapping, with a line feed before it.
    pub(super) fn block_entry(self, entry: &Entry, column: usize) -> String {
        let mut out = String::new();
        let start = Some(entry.key.pos()).filter(|pos| pos.is_some()).map(|pos| pos.since(AT));
        if let Some(start) = start {
            out += &self.lines_above(Start::Key(start), false, column);
        }
        let _ = write!(out, "\n{}{}:", lines::blanks(column), self.key(&entry.key, false));
        let mut written = match start.is_some_and(|start| self.around.is_alias(start)) {
            true => self.block_value(&without_positions(&entry.value), column, false),
            false => self.block_value(&entry.value, column, false),
        };
        match self.comment_of_key(&entry.key) {
            Some(comment) if written.head.is_empty() => {
                comment.trim_start().clone_into(&mut written.head);
            }
            Some(comment) if !written.head.ends_with(comment) => written.head.push_str(comment),
            _ => {}
        }
        push_written(&mut out, &written);
        if let Some(start) = start {
            out += &self.lines_below(Start::Key(start), column);
        }
        out
    }

    /// Writes an item of a sequence, with a line feed before it; it begins `width` after its dash.
    pub(super) fn block_item(self, item: &Node, column: usize, width: usize) -> String {
        let inner = column + width - 2;
        let mut written = self.block_value(item, inner, true);
        let mut out = String::new();
        // What stands above the first entry stands above the dash then.
        while written.head.starts_with('#') {
            let (comment, rest) = written.head.split_once('\n').unwrap_or((&written.head, ""));
            let _ = write!(out, "\n{}{comment}", lines::blanks(column));
            written.head = rest.trim_start().to_owned();
        }
        let _ = write!(out, "\n{}-{}", lines::blanks(column), lines::blanks(width - 2));
        push_written(&mut out, &written);
        out
    }

    /// Writes a value between brackets.
    pub(super) fn flow_value(self, node: &Node) -> String {
        match node {
            Node::Scalar { style, .. } => {
                let site = Site { flow: true, json: self.json, column: None };
                scalar::write(node, *style, site, self.indent).head
            }
            Node::Seq { items, .. } => {
                let items: Vec<String> = items.iter().map(|item| self.flow_value(item)).collect();
                format!("[{}]", items.join(self.comma()))
            }
            Node::Map { map, .. } => self.flow_map(map),
        }
    }

    fn flow_map(self, map: &Mapping) -> String {
        let entries: Vec<String> = map.iter().map(|entry| self.flow_entry(entry)).collect();
        format!("{{{}}}", entries.join(self.comma()))
    }

    /// Writes an entry of a mapping between brackets.
    pub(super) fn flow_entry(self, entry: &Entry) -> String {
        // Without a blank, a colon belongs to the key in front of it, unless that is quoted.
        let colon = if self.airy || !self.json { ": " } else { ":" };
        format!("{}{colon}{}", self.key(&entry.key, true), self.flow_value(&entry.value))
    }

    /// Returns what separates two entries between brackets.
    pub(super) fn comma(self) -> &'static str {
        if self.airy { ", " } else { "," }
    }

    /// Writes a key.
    pub(super) fn key(self, key: &Node, flow: bool) -> String {
        let text = key.text().unwrap_or_default();
        if flow && self.json {
            return double_quoted(text);
        }
        let site = Site { flow, json: false, column: None };
        let key = Node::str(text);
        scalar::write(&key, Style::Plain, site, self.indent).head
    }
}

/// Appends a value to what it stands behind.
pub(super) fn push_written(out: &mut String, written: &Written) {
    if !written.head.is_empty() {
        let _ = write!(out, " {}", written.head);
    }
    out.push_str(&written.tail);
}

/// Returns a value as if it were new: of one that an alias stands for, the comments are about another place.
pub(super) fn without_positions(node: &Node) -> Node {
    match node {
        Node::Scalar { .. } => node.clone().at(Pos::NONE),
        Node::Seq { items, .. } => Node::seq(items.iter().map(without_positions).collect()),
        Node::Map { map, .. } => {
            let entry = |entry: &Entry| Entry {
                key: entry.key.clone().at(Pos::NONE),
                value: without_positions(&entry.value),
            };
            Node::map(map.iter().map(entry).collect())
        }
    }
}
