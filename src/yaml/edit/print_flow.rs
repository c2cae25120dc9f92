//! Writes collections in brackets and braces. They stay on one line, but for comments.

use super::super::source_tree::{Node, Value};
use super::print::{Printer, STEP, foot_of, head_of, is_simple_key, line_of};

impl Printer {
    /// Writes a sequence; its further lines begin at `indent`.
    pub(super) fn flow_seq(&mut self, node: &Node, items: &[Node], indent: usize) {
        self.properties(node);
        self.out.push('[');
        let mut previous = None;
        for item in items {
            self.next_in_flow(previous, item, indent);
            self.inline(item, indent + STEP, true);
            previous = Some((item, item));
        }
        self.end_flow(previous, indent, ']');
    }

    /// Writes a mapping; its further lines begin at `indent`.
    pub(super) fn flow_map(&mut self, node: &Node, entries: &[(Node, Node)], indent: usize) {
        self.properties(node);
        self.out.push('{');
        let mut previous = None;
        for (key, value) in entries {
            self.next_in_flow(previous, key, indent);
            if is_simple_key(key) {
                self.inline_key(key, true);
                self.out.push_str(": ");
            } else {
                self.out.push_str("? ");
                self.inline(key, indent + STEP, true);
                self.out.push_str(" : ");
            }
            self.inline(value, indent + STEP, true);
            previous = Some((key, value));
        }
        self.end_flow(previous, indent, '}');
    }

    /// Goes on to the next entry of a flow collection; `previous` is key and value of the one before.
    fn next_in_flow(&mut self, previous: Option<(&Node, &Node)>, next: &Node, indent: usize) {
        let mut on_new_line = false;
        if let Some((key, value)) = previous {
            on_new_line = self.close_entry(key, value, indent);
        }
        if !head_of(next).is_empty() {
            if !on_new_line {
                self.start_line(indent);
            }
            self.head(next, indent);
        } else if previous.is_some() && !on_new_line {
            self.out.push(' ');
        }
        self.fresh = false;
    }

    /// Ends a flow collection.
    fn end_flow(&mut self, last: Option<(&Node, &Node)>, indent: usize, end: char) {
        if let Some((key, value)) = last
            && !(line_of(value).is_empty() && foot_of(key).is_empty())
        {
            self.out.push(',');
            self.line_comment(value);
            self.foot(key, indent);
            self.foot = None;
            self.start_line(indent.saturating_sub(STEP));
        }
        self.out.push(end);
        self.fresh = false;
    }

    /// Writes the comma behind an entry of a flow collection, and its comments; returns `true` if they
    /// led to a new line.
    fn close_entry(&mut self, key: &Node, value: &Node, indent: usize) -> bool {
        let is_collection = matches!(value.value, Value::Seq { .. } | Value::Map { .. });
        if is_collection && !line_of(value).is_empty() {
            // Odd: here the comma goes to the next line (case replacements/inside-yaml-text-flow-comment).
            self.line_comment(value);
            self.start_line(indent.saturating_sub(STEP));
            self.out.push(',');
            return false;
        }
        self.out.push(',');
        self.line_comment(value);
        self.foot(key, indent);
        if line_of(value).is_empty() && foot_of(key).is_empty() {
            return false;
        }
        self.start_line(indent);
        true
    }
}
