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
    /// On the lines after one of these.
    pub(super) foot: FxHashMap<usize, EcoString>,
    /// On the lines before any token.
    pub(super) head: FxHashMap<usize, EcoString>,
    /// Before any token, but belonging to the entry before the one that starts with it.
    pub(super) tail: FxHashMap<usize, EcoString>,
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
    // The columns of the open block collections.
    let mut indents: Vec<isize> = Vec::new();
    // A collection that is closed before the next token still counts in the gap before it.
    let mut indent = 0;
    let mut before = Before {
        node: None,
        end: Mark::default(),
        takes_line: false,
        is_value: false,
        is_start: true,
        is_block_scalar: false,
    };
    let mut has_content = false;
    while let Ok(token) = scanner.peek() {
        match token.kind {
            TokenKind::BlockSequenceStart | TokenKind::BlockMappingStart => {
                indents.push(token.start.column);
            }
            TokenKind::BlockEnd => drop(indents.pop()),
            _ => {
                let is_end = match token.kind {
                    TokenKind::StreamEnd | TokenKind::DocumentEnd => true,
                    TokenKind::DocumentStart => has_content,
                    _ => false,
                };
                let gap = text.get(before.end.offset..token.start.offset).unwrap_or_default();
                Gap { comments: &mut comments, before, indent, token, is_end }.read(gap);
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
                indent = indents.last().copied().unwrap_or_default();
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
    /// The column of the innermost block around the gap.
    indent: isize,
    /// What stands behind the gap.
    token: &'c Token<'t>,
    is_end: bool,
}

/// Comment lines that belong together.
#[derive(Default)]
struct Block {
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
        let starts_line = before.is_start || (before.is_block_scalar && before.end.column == 0);
        if !starts_line
            && let Some((_, first)) = lines.next()
            && let Some(at) = first.find('#')
        {
            let comment = first[at..].trim_end_matches('\r');
            match before.node {
                Some(node) if before.takes_line => {
                    self.comments.line.insert(node, comment.into());
                }
                _ => push_line(&mut self.comments.head, self.token.start.offset, comment),
            }
        }
        // Directly behind what stands before, a comment may belong to it.
        let foot_line = if starts_line { 0 } else { 1 };
        let mut may_be_foot = true;
        let mut is_first = true;
        let mut block = Block::default();
        for (number, line) in lines {
            let Some(at) = line.find('#') else {
                let is_last = number == gap.matches('\n').count();
                if is_last {
                    break;
                }
                if !block.text.is_empty() && !block.is_open {
                    let directly = block.line == foot_line && !before.is_value && !before.is_start;
                    if may_be_foot && (directly || block.column < self.indent) {
                        let dedented = block.column < self.indent;
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
            if !block.text.is_empty() && column < self.indent && column != block.column {
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
        let column = if self.is_end { 0 } else { self.token.start.column };
        let closes_flow =
            matches!(self.token.kind, TokenKind::FlowSequenceEnd | TokenKind::FlowMappingEnd);
        let at_end = self.is_end
            && may_be_foot
            && matches!(self.token.kind, TokenKind::StreamEnd)
            && ((block.line == foot_line && !before.is_value && !before.is_start)
                || block.column < self.indent);
        if closes_flow || at_end || (column < self.indent && column != block.column) {
            let dedented = at_end && block.column < self.indent;
            self.foot(&mut block, is_first && !dedented);
        } else {
            self.head(block);
        }
    }

    /// Notes a block as belonging to what stands before it: the last node, or the last entry at the
    /// level of the next one.
    fn foot(&mut self, block: &mut Block, of_node: bool) {
        let text = std::mem::take(block).text;
        match self.before.node {
            Some(node) if of_node => push_lines(&mut self.comments.foot, node, &text),
            _ if self.is_end => self.comments.append_end(&text),
            _ => push_lines(&mut self.comments.tail, self.token.start.offset, &text),
        }
    }

    fn head(self, block: Block) {
        let text = block.text.trim_end_matches('\n');
        if self.is_end {
            self.comments.append_end(text);
        } else if self.before.is_start && block.is_open {
            self.comments.start = text.into();
        } else {
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
