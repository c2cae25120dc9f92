//! Finds the comments of a document and what each belongs to.
//!
//! A comment at the end of a line belongs to what stands before it. One on lines of its own belongs to
//! what follows, unless it follows directly on something, at its column or deeper, and an empty line or
//! something less indented follows: then it belongs to what stands before it.

use ecow::EcoString;
use rustc_hash::FxHashMap;

use super::scanner::{Dialect, Scanner};
use super::token::{Mark, Token, TokenKind};
use crate::yaml::Style;

/// The comments of a document, by the offset of the token they belong to.
#[derive(Debug, Default)]
pub(super) struct Comments {
    /// At the end of the line of a scalar, an alias, or the end of a flow collection.
    pub(super) line: FxHashMap<usize, EcoString>,
    /// On the lines after one of these, or after the value of a key.
    pub(super) foot: FxHashMap<usize, EcoString>,
    /// On the lines before any token.
    pub(super) head: FxHashMap<usize, EcoString>,
    /// Behind the anchor or tag of a block: on the line of the first scalar in it, which starts here.
    pub(super) inner_line: FxHashMap<usize, EcoString>,
    /// Before the `-` of an item, but less indented than the item before it. Odd: it belongs to the
    /// next scalar then, unless a flow collection comes before that.
    pub(super) stray: FxHashMap<usize, EcoString>,
    /// Before everything, with an empty line behind it.
    pub(super) start: EcoString,
    /// After everything.
    pub(super) end: EcoString,
}

/// What stands before the gap between two tokens.
#[derive(Clone, Copy)]
struct Before {
    /// The last scalar, alias or end of a flow collection.
    node: Option<usize>,
    end: Mark,
    /// Whether a comment on the same line belongs to that.
    takes_line: bool,
    is_property: bool,
    is_value: bool,
    is_start: bool,
    is_block_scalar: bool,
}

/// Finds the comments of the first document of `text`, as far as it can be scanned.
pub(super) fn find(text: &str, max_depth: usize) -> Comments {
    let mut comments = Comments::default();
    if !text.contains('#') {
        return comments;
    }
    let mut scanner = Scanner::new(text, Dialect::Comments, max_depth);
    let mut open: Vec<Block> = Vec::new();
    // What is closed before the next token still counts in the gap before it; innermost first.
    let mut closed: Vec<Block> = Vec::new();
    let mut indent = 0;
    let mut flows = 0usize;
    let mut before = Before {
        node: None,
        end: Mark::default(),
        takes_line: false,
        is_property: false,
        is_value: false,
        is_start: true,
        is_block_scalar: false,
    };
    let mut has_content = false;
    while let Ok(token) = scanner.peek() {
        match token.kind {
            TokenKind::BlockSequenceStart | TokenKind::BlockMappingStart => {
                let is_mapping = matches!(token.kind, TokenKind::BlockMappingStart);
                open.push(Block { column: token.start.column, is_mapping, key: Key::None });
            }
            TokenKind::BlockEnd => closed.extend(open.pop()),
            _ => {
                let is_end = match token.kind {
                    TokenKind::StreamEnd | TokenKind::DocumentEnd => true,
                    TokenKind::DocumentStart => has_content,
                    _ => false,
                };
                let gap = text.get(before.end.offset..token.start.offset).unwrap_or_default();
                let blocks = Blocks { indent, open: &open, closed: &closed };
                Gap { comments: &mut comments, before, blocks, token, is_end, matched: None }
                    .read(gap);
                closed.clear();
                if is_end {
                    let rest = text.get(token.end.offset..).unwrap_or_default();
                    if matches!(token.kind, TokenKind::DocumentEnd) {
                        comments.append_end(rest);
                    }
                    break;
                }
                has_content |= !matches!(
                    token.kind,
                    TokenKind::DocumentStart
                        | TokenKind::Version(..)
                        | TokenKind::TagDirective { .. }
                );
                block_header(text, token, &mut comments);
                before = after(token, before);
                match token.kind {
                    TokenKind::FlowSequenceStart | TokenKind::FlowMappingStart => flows += 1,
                    TokenKind::FlowSequenceEnd | TokenKind::FlowMappingEnd => {
                        flows = flows.saturating_sub(1);
                    }
                    _ => {}
                }
                if let Some(block) = open.last_mut().filter(|_| flows == 0) {
                    block.note_key(token);
                }
                indent = open.last().map_or(0, |block| block.column);
            }
        }
        scanner.take();
    }
    comments
}

fn after(token: &Token<'_>, before: Before) -> Before {
    let is_node = matches!(
        token.kind,
        TokenKind::Scalar { .. }
            | TokenKind::Alias(_)
            | TokenKind::FlowSequenceEnd
            | TokenKind::FlowMappingEnd
    );
    let is_block_scalar =
        matches!(token.kind, TokenKind::Scalar { style: Style::Literal | Style::Folded, .. });
    let takes_line = is_node || matches!(token.kind, TokenKind::Value | TokenKind::FlowEntry);
    Before {
        node: if is_node { Some(token.start.offset) } else { before.node },
        end: token.end,
        takes_line: takes_line && !is_block_scalar,
        is_property: matches!(token.kind, TokenKind::Anchor(..) | TokenKind::Tag { .. }),
        is_value: matches!(token.kind, TokenKind::Value),
        is_start: false,
        is_block_scalar,
    }
}

/// Notes the comment behind the `|` or `>` of a block.
fn block_header(text: &str, token: &Token<'_>, comments: &mut Comments) {
    if !matches!(token.kind, TokenKind::Scalar { style: Style::Literal | Style::Folded, .. }) {
        return;
    }
    let header = text.get(token.start.offset..).unwrap_or_default();
    let header = header.split(['\n', '\r']).next().unwrap_or_default();
    if let Some(at) = header.find('#') {
        comments.line.insert(token.start.offset, header[at..].into());
    }
}

struct Gap<'c, 't> {
    comments: &'c mut Comments,
    before: Before,
    blocks: Blocks<'c>,
    /// What stands behind the gap.
    token: &'c Token<'t>,
    is_end: bool,
    /// The column of the last lines that were given to what ends there.
    matched: Option<isize>,
}

/// The block collections around a gap.
#[derive(Clone, Copy)]
struct Blocks<'c> {
    /// The column of the innermost one that began before the gap.
    indent: isize,
    /// Those that stay open, outermost first.
    open: &'c [Block],
    /// Those that end there, innermost first.
    closed: &'c [Block],
}

impl Blocks<'_> {
    /// Returns the last key of the mapping that ends at this column, or that a sequence is the value in
    /// which ends there.
    fn key_ending_at(self, column: isize) -> Option<usize> {
        let mut outward = self.closed.iter().chain(self.open.last());
        let block = outward.by_ref().take(self.closed.len()).find(|b| b.column == column)?;
        if block.is_mapping { block.last_key() } else { outward.next()?.last_key() }
    }
}

/// An open block collection.
struct Block {
    column: isize,
    is_mapping: bool,
    key: Key,
}

/// The last key of a mapping.
#[derive(Clone, Copy, PartialEq)]
enum Key {
    None,
    /// It comes next.
    Awaited,
    /// It stands at this offset.
    At(usize),
}

impl Block {
    fn note_key(&mut self, token: &Token<'_>) {
        match token.kind {
            TokenKind::Key => self.key = Key::Awaited,
            TokenKind::Scalar { .. } | TokenKind::Alias(_) if self.key == Key::Awaited => {
                self.key = Key::At(token.start.offset);
            }
            _ => {}
        }
    }

    fn last_key(&self) -> Option<usize> {
        match self.key {
            Key::At(offset) if self.is_mapping => Some(offset),
            _ => None,
        }
    }
}

/// Comment lines that belong together.
#[derive(Default)]
struct Lines {
    text: EcoString,
    line: usize,
    column: isize,
    /// Whether the last line is empty.
    is_open: bool,
}

impl Gap<'_, '_> {
    fn read(mut self, gap: &str) {
        let mut lines = gap.split('\n').enumerate();
        let before = self.before;
        let indent = self.blocks.indent;
        let mut is_odd_line = false;
        let starts_line = before.is_start || (before.is_block_scalar && before.end.column == 0);
        if !starts_line
            && let Some((_, first)) = lines.next()
            && let Some(at) = first.find('#')
        {
            let comment = first[at..].trim_end_matches('\r');
            match before.node {
                Some(node) if before.takes_line => {
                    self.comments.line.insert(node, comment.into());
                    // Odd: on the very first line this keeps the next comment away.
                    is_odd_line = before.end.line == 0;
                }
                _ if before.is_property => {
                    self.comments.inner_line.insert(self.token.start.offset, comment.into());
                }
                _ => push_line(&mut self.comments.head, self.token.start.offset, comment),
            }
        }
        // Directly behind what stands before, a comment may belong to it.
        let foot_line = if starts_line { 0 } else { 1 };
        let mut may_be_foot = true;
        let mut is_first = true;
        let mut block = Lines::default();
        for (number, line) in lines {
            let Some(at) = line.find('#') else {
                let is_last = number == gap.matches('\n').count();
                if is_last {
                    break;
                }
                if !block.text.is_empty() && !block.is_open {
                    let directly = block.line == foot_line
                        && !before.is_value
                        && !before.is_start
                        && !is_odd_line;
                    if may_be_foot && (directly || block.column < indent) {
                        let dedented = block.column < indent;
                        self.foot(&mut block, is_first && !dedented);
                        is_first = false;
                    } else {
                        block.text.push('\n');
                        block.is_open = true;
                    }
                }
                may_be_foot = false;
                continue;
            };
            let column = isize::try_from(at).unwrap_or(isize::MAX);
            if !block.text.is_empty() && column < indent && column != block.column {
                self.foot(&mut block, is_first);
                is_first = false;
            }
            if block.text.is_empty() {
                (block.line, block.column) = (number, column);
            } else {
                block.text.push('\n');
            }
            block.text.push_str(line[at..].trim_end_matches('\r'));
            block.is_open = false;
        }
        if block.text.is_empty() {
            return;
        }
        let column = match self.token.kind {
            TokenKind::StreamEnd => block.column,
            _ if self.is_end => 0,
            _ => self.token.start.column,
        };
        let closes_flow =
            matches!(self.token.kind, TokenKind::FlowSequenceEnd | TokenKind::FlowMappingEnd);
        let at_end = self.is_end
            && may_be_foot
            && matches!(self.token.kind, TokenKind::StreamEnd)
            && ((block.line == foot_line && !before.is_value && !before.is_start)
                || block.column < indent);
        if closes_flow || at_end || (column < indent && column != block.column) {
            let dedented = at_end && block.column < indent;
            self.foot(&mut block, is_first && !dedented);
        } else {
            self.head(block);
        }
    }

    /// Notes lines as belonging to what stands before them: the last node, or the key of the last entry
    /// of the mapping that they are indented like.
    fn foot(&mut self, block: &mut Lines, of_node: bool) {
        let Lines { text, column, .. } = std::mem::take(block);
        if let Some(node) = self.before.node.filter(|_| of_node) {
            // Odd: between a key and its value they are lost.
            if !self.before.is_value {
                push_lines(&mut self.comments.foot, node, &text);
            }
            return;
        }
        // Odd: only the first lines of a level belong to it.
        let key = self.blocks.key_ending_at(column).filter(|_| self.matched != Some(column));
        self.matched = Some(column);
        let key = key.or_else(|| match self.token.kind {
            TokenKind::Key => self.blocks.open.last()?.last_key(),
            _ => None,
        });
        match key {
            Some(key) => push_lines(&mut self.comments.foot, key, &text),
            None if self.is_end => self.comments.append_end(&text),
            None => push_lines(&mut self.comments.stray, self.token.start.offset, &text),
        }
    }

    fn head(self, block: Lines) {
        let mut text = block.text.as_str();
        if self.is_end {
            return self.comments.append_end(text);
        }
        if self.before.is_start {
            let (start, rest) = match text.strip_suffix('\n') {
                Some(start) => (start, ""),
                None => text.rsplit_once("\n\n").unwrap_or(("", text)),
            };
            self.comments.start = start.into();
            text = rest;
        }
        if !text.is_empty() {
            push_lines(&mut self.comments.head, self.token.start.offset, text);
        }
    }
}

impl Comments {
    fn append_end(&mut self, text: &str) {
        for line in text.lines().filter_map(|line| line.find('#').map(|at| &line[at..])) {
            if !self.end.is_empty() {
                self.end.push('\n');
            }
            self.end.push_str(line);
        }
    }
}

fn push_line(comments: &mut FxHashMap<usize, EcoString>, at: usize, line: &str) {
    push_lines(comments, at, line);
}

fn push_lines(comments: &mut FxHashMap<usize, EcoString>, at: usize, lines: &str) {
    let comment = comments.entry(at).or_default();
    if !comment.is_empty() {
        comment.push('\n');
    }
    comment.push_str(lines);
}
