//! Reads a document into the tree that keeps its looks.

use ecow::EcoString;
use rustc_hash::FxHashSet;

use super::comments::{self, Comments, Tail};
use super::error::{Fault, LineRule, Scan, SyntaxError};
use super::event::{Event, EventKind};
use super::input::Input;
use super::parser::{Parser, YAML_TAG};
use super::scanner::Dialect;
use super::token::Mark;
use crate::limits::Limit;
use crate::yaml::source_tree::{Document, Node, Start, Value, kind_of};
use crate::yaml::{Style, Tag};

/// Reads the first document of a text with everything that is to be seen in it.
pub(in crate::yaml) fn read_styles(text: &str, max_depth: usize) -> Result<Document, SyntaxError> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    read_input(&Input::of_text(text), max_depth)
}

/// Reads the first document of what was decoded.
pub(super) fn read_input(input: &Input<'_>, max_depth: usize) -> Result<Document, SyntaxError> {
    if let Some(first_invalid) = &input.first_invalid {
        return Err(first_invalid.error.clone());
    }
    let comments = comments::find(&input.text, max_depth);
    let mut parser = Parser::new(&input.text, Dialect::Comments, max_depth);
    compose(&mut parser, comments, max_depth)
        .map_err(|fault| fault.into_error(LineRule::ContextFirst))
}

fn compose(parser: &mut Parser<'_>, comments: Comments, max_depth: usize) -> Scan<Document> {
    let mut composer = Composer {
        comments,
        anchors: FxHashSet::default(),
        open: Vec::new(),
        root: None,
        max_depth,
        head: None,
    };
    if parser.has_document()? {
        loop {
            let event = parser.next()?;
            if matches!(event.kind, EventKind::DocumentEnd) {
                break;
            }
            composer.accept(event)?;
        }
    }
    let Composer { mut comments, root, .. } = composer;
    for tail in std::mem::take(&mut comments.tails) {
        if !comments.end.is_empty() {
            comments.end.push('\n');
        }
        comments.end.push_str(&tail.text);
    }
    Ok(Document { head: comments.start, root, foot: comments.end })
}

impl Start {
    fn of(start: Mark, first: Mark) -> Start {
        let number = |n: usize| u32::try_from(n).unwrap_or_default().saturating_add(1);
        let column = number(first.column.try_into().unwrap_or_default());
        Start { offset: start.offset, line: number(first.line), column }
    }
}

struct Composer<'t> {
    comments: Comments,
    anchors: FxHashSet<&'t str>,
    open: Vec<Frame>,
    root: Option<Node>,
    max_depth: usize,
    /// A comment that belongs before the next node.
    head: Option<EcoString>,
}

/// A collection that is not complete.
struct Frame {
    node: Node,
    key: Option<Node>,
    column: isize,
}

impl<'t> Composer<'t> {
    fn accept(&mut self, event: Event<'t>) -> Scan<()> {
        let Event { kind, anchor, tag_name, start, first, indicator, .. } = event;
        let lead = indicator.unwrap_or(first);
        if !matches!(kind, EventKind::SequenceEnd | EventKind::MappingEnd) {
            self.tail(lead.offset);
        }
        let value = match kind {
            EventKind::DocumentEnd => return Ok(()),
            EventKind::SequenceEnd | EventKind::MappingEnd => {
                self.close(start.offset);
                return Ok(());
            }
            EventKind::Alias(name) if !self.anchors.contains(name) => {
                return Err(Fault::compose(start, format!("unknown anchor '{name}' referenced")));
            }
            EventKind::Alias(name) => Value::Alias(name.into()),
            EventKind::Scalar { text, style, tag } => {
                let kind = if tag == Tag::None { kind_of(&text, style) } else { tag };
                Value::Scalar { text: text.as_ref().into(), style, kind: Some(kind) }
            }
            EventKind::SequenceStart { flow } => Value::Seq { flow, items: Vec::new() },
            EventKind::MappingStart { flow } => Value::Map { flow, entries: Vec::new() },
        };
        let mut node = Node::new(value);
        node.place = Start::of(start, first);
        if let Some(name) = anchor {
            self.anchors.insert(name);
            node.anchor = name.into();
        }
        if let Some(name) = tag_name {
            node.tag = shown_tag(&name).into();
        }
        let is_block =
            matches!(node.value, Value::Seq { flow: false, .. } | Value::Map { flow: false, .. });
        // What stands before a block collection belongs to its first entry.
        if !is_block || lead.offset < start.offset {
            let head = self.comments.head.remove(&lead.offset);
            let head = match (self.head.take(), head) {
                (Some(before), Some(head)) => Some(ecow::eco_format!("{before}\n{head}")),
                (before, head) => before.or(head),
            };
            // Odd: what is not there leaves it to what follows (case replacements/inside-yaml-text-comments).
            if is_absent(&node) {
                self.head = head;
            } else if let Some(head) = head {
                node.comments_mut().head = head;
            }
        }
        if matches!(node.value, Value::Scalar { .. } | Value::Alias(_)) {
            let tails = self.comments.tails.extract_if(.., |tail| tail.before == lead.offset);
            // Odd: before an element, such a comment comes behind it
            // (case replacements/inside-yaml-text-comments).
            if let Some(tail) = tails.last() {
                node.comments_mut().foot = tail.text;
            }
            self.attach(node, start.offset);
            return Ok(());
        }
        if matches!(
            self.open.last(),
            Some(Frame { node: Node { value: Value::Seq { .. }, .. }, .. })
        ) {
            if is_block {
                // Odd: before an element it comes behind the first scalar in that
                // (case replacements/inside-yaml-text-comments).
                let tails = self.comments.tails.iter_mut();
                tails.filter(|t| t.before == lead.offset).for_each(|t| t.before = start.offset);
            } else {
                // Odd: it is lost (case replacements/inside-yaml-text-comments).
                self.comments.tails.retain(|tail| tail.before != lead.offset);
            }
        }
        if self.open.len() >= self.max_depth {
            return Err(Fault::compose(start, "exceeded max depth").of_limit(Limit::Nesting));
        }
        self.open.push(Frame { node, key: None, column: start.column });
        Ok(())
    }

    /// Gives a comment before the entry that begins at `offset` to the entry before it.
    fn tail(&mut self, offset: usize) {
        let Some(Frame { node, key: None, .. }) = self.open.last_mut() else { return };
        let Value::Map { flow: false, entries } = &mut node.value else { return };
        let Some((previous, _)) = entries.last_mut() else { return };
        for tail in self.comments.tails.extract_if(.., |tail| tail.before == offset) {
            // Odd: the last one counts (case replacements/inside-yaml-text-comments).
            previous.comments_mut().foot = tail.text;
        }
    }

    /// Gives a comment before `offset`, where a collection ends, to its last entry, if it stands at
    /// the column of the collection.
    fn end_tail(&mut self, frame: &mut Frame, offset: usize) {
        let column = frame.column;
        let is_root = self.open.is_empty();
        let is_indented = self.open.last().is_none_or(|outer| outer.column != column);
        // That of a sequence becomes that of its key.
        let last = match &mut frame.node.value {
            Value::Seq { flow: false, .. } if is_indented => &mut frame.node,
            Value::Map { flow: false, entries } => match entries.last_mut() {
                Some((key, _)) => key,
                None => return,
            },
            _ => return,
        };
        let ends = |tail: &mut Tail| tail.before == offset && (is_root || tail.column == column);
        for tail in self.comments.tails.extract_if(.., ends) {
            last.comments_mut().foot = tail.text;
        }
    }

    fn close(&mut self, end: usize) {
        let Some(mut frame) = self.open.pop() else { return };
        self.end_tail(&mut frame, end);
        self.attach(frame.node, end);
    }

    /// Puts a complete node into the innermost open collection; its last token is at `at`.
    fn attach(&mut self, mut node: Node, at: usize) {
        let is_block =
            matches!(node.value, Value::Seq { flow: false, .. } | Value::Map { flow: false, .. });
        if !is_block {
            if let Some(line) = self.comments.line.remove(&at) {
                node.comments_mut().line = line;
            }
            if let Some(foot) = self.comments.foot.remove(&at) {
                node.comments_mut().foot = foot;
            }
        }
        let Some(frame) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut frame.node.value {
            Value::Seq { items, .. } => items.push(node),
            Value::Map { entries, .. } => match frame.key.take() {
                None => frame.key = Some(node),
                Some(mut key) => {
                    if let Some(comments) = &mut key.comments
                        && !is_block
                        && !is_absent(&node)
                        && !self.comments.inner_lines.contains(&key.place.offset)
                        && node.comments.as_ref().is_none_or(|c| c.line.is_empty())
                    {
                        node.comments_mut().line = std::mem::take(&mut comments.line);
                    }
                    if let Some(comments) = &mut node.comments
                        && !comments.foot.is_empty()
                    {
                        key.comments_mut().foot = std::mem::take(&mut comments.foot);
                    }
                    entries.push((key, node));
                }
            },
            _ => {}
        }
    }
}

/// Returns `true` if a value is a null that is written as nothing.
fn is_absent(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar { text, style: Style::Plain, .. } if text.is_empty())
}

/// Returns a tag as it is written.
fn shown_tag(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    if let Some(short) = name.strip_prefix(YAML_TAG) {
        return format!("!!{}", String::from_utf8_lossy(short));
    }
    match text.as_ref() {
        "!" | "" => String::new(),
        local if local.starts_with('!') => local.to_owned(),
        full => format!("!<{full}>"),
    }
}
