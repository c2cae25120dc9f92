//! Writes the tree of a text in the layout of upstream: two columns per level, sequences at the
//! column of their key, lines as long as they get.

use super::super::chars::SIMPLE_KEY_LIMIT;
use super::super::quoting::Form;
use super::super::source_tree::{Document, Node, Value};
use super::super::style::Style;
use super::super::text_writer::TextWriter;
use super::scalar::{self, Context};

/// How many columns a level is indented by.
pub(super) const STEP: usize = 2;

impl Document {
    /// Returns the text, without white space around it.
    pub(crate) fn to_yaml(&self) -> String {
        let mut printer = Printer::default();
        if !self.head.is_empty() {
            printer.lines(&self.head, 0);
            printer.out.push('\n');
        }
        if let Some(root) = &self.root {
            printer.root(root);
        }
        if !self.foot.is_empty() {
            printer.out.push_str("\n\n");
            printer.fresh = true;
            printer.lines(&self.foot, 0);
        }
        printer.out.trim().to_owned()
    }
}

impl Node {
    /// Returns the text of this as a document, without white space around it.
    pub(crate) fn to_yaml(&self) -> String {
        let mut printer = Printer::default();
        printer.root(self);
        printer.out.trim().to_owned()
    }
}

#[derive(Debug, Default)]
pub(super) struct Printer {
    pub(super) out: String,
    /// Whether the current line has nothing but its indentation, `- ` and `? `.
    pub(super) fresh: bool,
    /// The column of the comment that was written last, if it belongs to what stands before it.
    pub(super) foot: Option<usize>,
}

impl Printer {
    fn root(&mut self, node: &Node) {
        self.fresh |= self.out.is_empty();
        self.head(node, 0);
        match &node.value {
            Value::Map { flow: false, entries } if !entries.is_empty() => {
                self.properties(node);
                self.map(entries, 0);
            }
            Value::Seq { flow: false, items } if !items.is_empty() => {
                self.properties(node);
                self.seq(items, 0);
            }
            _ => {
                self.inline(node, STEP, false);
                self.line_comment(node);
                self.block_body(node, STEP);
            }
        }
        self.foot(node, 0);
    }

    fn map(&mut self, entries: &[(Node, Node)], indent: usize) {
        for (key, value) in entries {
            self.start_line(indent);
            self.head(key, indent);
            self.entry(key, value, indent);
            self.foot(key, indent);
        }
    }

    fn entry(&mut self, key: &Node, value: &Node, indent: usize) {
        if is_simple_key(key) {
            self.inline_key(key, false);
            self.out.push(':');
            self.fresh = false;
            self.value(key, value, indent);
            return;
        }
        self.out.push_str("? ");
        self.fresh = true;
        self.element(key, indent);
        self.start_line(indent);
        self.out.push_str(": ");
        self.fresh = true;
        self.element(value, indent);
        self.trim_blank();
    }

    /// Writes the value behind the `:` of a key.
    fn value(&mut self, key: &Node, value: &Node, indent: usize) {
        let comment = line_of(key);
        match &value.value {
            Value::Map { flow: false, entries } if !entries.is_empty() => {
                self.spaced_properties(value);
                self.comment(comment);
                self.head(value, indent + STEP);
                self.map(entries, indent + STEP);
            }
            Value::Seq { flow: false, items } if !items.is_empty() => {
                self.spaced_properties(value);
                self.comment(comment);
                self.seq(items, indent);
            }
            _ => {
                self.out.push(' ');
                self.inline(value, indent + STEP, false);
                self.trim_blank();
                self.comment(if line_of(value).is_empty() { comment } else { line_of(value) });
                self.block_body(value, indent + STEP);
            }
        }
    }

    fn seq(&mut self, items: &[Node], indent: usize) {
        for item in items {
            self.start_line(indent);
            self.head(item, indent);
            self.out.push_str("- ");
            self.fresh = true;
            self.element(item, indent);
            self.trim_blank();
            self.foot(item, indent);
        }
    }

    /// Writes a node behind `- `, `? ` or `: ` at the column `indent`.
    fn element(&mut self, node: &Node, indent: usize) {
        let inner = indent + STEP;
        let bare = node.anchor.is_empty() && node.tag.is_empty();
        match &node.value {
            Value::Map { flow: false, entries } if !entries.is_empty() => {
                if !bare {
                    self.properties(node);
                }
                self.map(entries, inner);
            }
            Value::Seq { flow: false, items } if !items.is_empty() => {
                if !bare {
                    self.properties(node);
                }
                self.seq(items, inner);
            }
            _ => {
                self.inline(node, inner, false);
                self.trim_blank();
                self.line_comment(node);
                self.block_body(node, inner);
            }
        }
    }

    /// Writes a node that needs no lines of its own; of a block, the header only.
    pub(super) fn inline(&mut self, node: &Node, indent: usize, flow: bool) {
        self.fresh = false;
        match &node.value {
            Value::Alias(name) => {
                self.out.push('*');
                self.out.push_str(name);
            }
            Value::Scalar { .. } => self.scalar(node, indent, Context { flow, key: false }),
            Value::Seq { items, .. } => self.flow_seq(node, items, indent),
            Value::Map { entries, .. } => self.flow_map(node, entries, indent),
        }
    }

    pub(super) fn inline_key(&mut self, key: &Node, flow: bool) {
        self.fresh = false;
        match &key.value {
            Value::Scalar { .. } => self.scalar(key, 0, Context { flow, key: true }),
            _ => self.inline(key, 0, true),
        }
    }

    fn scalar(&mut self, node: &Node, indent: usize, context: Context) {
        let Value::Scalar { text, style, kind } = &node.value else { return };
        let (form, tag) = scalar::form(text, *style, *kind, !node.tag.is_empty(), context);
        self.properties(node);
        if !tag.is_empty() {
            self.out.push_str(tag);
            self.out.push(' ');
        }
        match form {
            Style::Plain => self.out.push_str(text),
            Style::SingleQuoted => scalar::write_single(&mut self.out, text, indent),
            Style::DoubleQuoted => TextWriter::new(&mut self.out).text(text, Form::Double, None),
            Style::Literal | Style::Folded => {
                scalar::write_block_header(&mut self.out, text, form);
            }
        }
    }

    /// Writes the lines of a scalar whose block header was written.
    fn block_body(&mut self, node: &Node, indent: usize) {
        let Value::Scalar { text, style, kind } = &node.value else { return };
        let context = Context { flow: false, key: false };
        let (form, _) = scalar::form(text, *style, *kind, !node.tag.is_empty(), context);
        if matches!(form, Style::Literal | Style::Folded) {
            scalar::write_block(&mut self.out, text, form, indent);
        }
    }

    /// Writes anchor and tag, each with a space behind it.
    pub(super) fn properties(&mut self, node: &Node) {
        if !node.anchor.is_empty() {
            self.out.push('&');
            self.out.push_str(&node.anchor);
            self.out.push(' ');
        }
        if !node.tag.is_empty() {
            self.out.push_str(&node.tag);
            self.out.push(' ');
        }
        if !(node.anchor.is_empty() && node.tag.is_empty()) {
            self.fresh = false;
        }
    }

    /// Writes anchor and tag, each with a space before it.
    fn spaced_properties(&mut self, node: &Node) {
        self.out.push(' ');
        self.properties(node);
        self.trim_blank();
    }

    pub(super) fn head(&mut self, node: &Node, indent: usize) {
        if !head_of(node).is_empty() {
            self.lines(head_of(node), indent);
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', indent));
            self.fresh = true;
        }
    }

    pub(super) fn foot(&mut self, node: &Node, indent: usize) {
        if !foot_of(node).is_empty() {
            self.start_line(indent);
            self.lines(foot_of(node), indent);
            self.foot = Some(indent);
        }
    }

    pub(super) fn line_comment(&mut self, node: &Node) {
        self.comment(line_of(node));
    }

    fn comment(&mut self, text: &str) {
        if !text.is_empty() {
            self.out.push(' ');
            self.out.push_str(text);
        }
    }

    /// Writes the lines of a comment; the first one goes on the current line.
    fn lines(&mut self, text: &str, indent: usize) {
        for (i, line) in text.split('\n').enumerate() {
            if i > 0 {
                self.out.push('\n');
                if !line.is_empty() {
                    self.out.extend(std::iter::repeat_n(' ', indent));
                }
            }
            self.out.push_str(line);
        }
        self.fresh = false;
    }

    /// Goes to the next line, unless this one is still fresh.
    pub(super) fn start_line(&mut self, indent: usize) {
        if std::mem::take(&mut self.fresh) {
            return;
        }
        self.trim_blank();
        self.out.push('\n');
        // What belongs to the part before is set off from what follows at the same column.
        if self.foot.take() == Some(indent) {
            self.out.push('\n');
        }
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// Takes back the space behind something that nothing follows.
    fn trim_blank(&mut self) {
        if self.out.ends_with(' ') && !self.fresh {
            self.out.pop();
        }
    }
}

pub(super) fn head_of(node: &Node) -> &str {
    node.comments.as_deref().map_or("", |comments| comments.head.trim_end_matches('\n'))
}

pub(super) fn line_of(node: &Node) -> &str {
    node.comments.as_deref().map_or("", |comments| &comments.line)
}

pub(super) fn foot_of(node: &Node) -> &str {
    node.comments.as_deref().map_or("", |comments| comments.foot.trim_end_matches('\n'))
}

/// Returns `true` if a key is written without `?`.
pub(super) fn is_simple_key(key: &Node) -> bool {
    let properties = key.anchor.len() + key.tag.len();
    match &key.value {
        Value::Alias(name) => name.len() <= SIMPLE_KEY_LIMIT,
        Value::Scalar { text, .. } => {
            scalar::is_one_line(text) && properties + text.len() <= SIMPLE_KEY_LIMIT
        }
        Value::Seq { items, .. } => items.is_empty(),
        Value::Map { entries, .. } => entries.is_empty(),
    }
}
