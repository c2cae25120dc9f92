//! Finds the comments of a document and what each belongs to.
//!
//! A comment at the end of a line belongs to what stands before it. One on lines of its own belongs to
//! what follows; but if it follows directly on something and an empty line or something less indented
//! comes next, it belongs to what stands before it.

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

/// Finds the comments of the first document of `text`, as far as it can be scanned.
pub(super) fn find(text: &str, max_depth: usize) -> Comments {
    if !text.contains('#') {
        return Comments::default();
    }
    let mut scanner = Scanner::new(text, Dialect::Comments, max_depth);
    let mut finder = Finder {
        text,
        comments: Comments::default(),
        indents: Vec::new(),
        indent: 0,
        end: Mark::default(),
        last: Last::Start,
        node: None,
        waiting_line: EcoString::new(),
        waiting_head: EcoString::new(),
    };
    while let Ok(token) = scanner.peek() {
        if finder.take(token) {
            break;
        }
        scanner.take();
    }
    finder.comments
}

struct Finder<'t> {
    text: &'t str,
    comments: Comments,
    /// The columns of the open block collections.
    indents: Vec<isize>,
    /// The innermost one when the last token was taken: in the gap before the next token, the
    /// collections that are closed there are still open.
    indent: isize,
    /// Where the last token ends.
    end: Mark,
    last: Last,
    /// The last scalar, alias or end of a flow collection.
    node: Option<usize>,
    /// A comment that belongs to the end of the line of the next scalar.
    waiting_line: EcoString,
    /// A comment that belongs before the first content.
    waiting_head: EcoString,
}

/// What the last token was, as far as that decides where a comment behind it goes.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    /// Nothing but directives and the start of the document.
    Start,
    /// A scalar on one line, an alias, the end of a flow collection, or a comma.
    Node,
    /// A block scalar, which ends at the start of a line.
    Block,
    /// `:`
    Value,
    /// An anchor, a tag or `?`.
    Property,
    /// `[` or `{`
    FlowStart,
    /// `-`
    Entry,
}

/// Comment lines that belong together.
#[derive(Default)]
struct Lines {
    text: EcoString,
    line: usize,
    column: isize,
}

impl Finder<'_> {
    /// Notes the comments before a token; tells whether it is the last one of the document.
    fn take(&mut self, token: &Token<'_>) -> bool {
        let is_end = match token.kind {
            TokenKind::BlockSequenceStart | TokenKind::BlockMappingStart => {
                self.indents.push(token.start.column);
                return false;
            }
            TokenKind::BlockEnd => {
                self.indents.pop();
                return false;
            }
            TokenKind::StreamEnd | TokenKind::DocumentEnd => true,
            TokenKind::DocumentStart => self.last != Last::Start,
            _ => false,
        };
        self.gap(token, is_end);
        if is_end {
            if matches!(token.kind, TokenKind::DocumentEnd) {
                let rest = self.text.get(token.end.offset..).unwrap_or_default();
                self.at_end(rest);
            }
            return true;
        }
        self.settle(token);
        self.indent = self.indents.last().copied().unwrap_or_default();
        self.end = token.end;
        false
    }

    /// Takes note of a token, and gives it the comments that waited for it.
    fn settle(&mut self, token: &Token<'_>) {
        let at = token.start.offset;
        self.last = match token.kind {
            TokenKind::Version(..) | TokenKind::TagDirective { .. } | TokenKind::DocumentStart => {
                return;
            }
            TokenKind::Scalar { style: Style::Literal | Style::Folded, .. } => Last::Block,
            TokenKind::Scalar { .. }
            | TokenKind::Alias(_)
            | TokenKind::FlowSequenceEnd
            | TokenKind::FlowMappingEnd
            | TokenKind::FlowEntry => Last::Node,
            TokenKind::Value => Last::Value,
            TokenKind::FlowSequenceStart | TokenKind::FlowMappingStart => Last::FlowStart,
            TokenKind::BlockEntry => Last::Entry,
            _ => Last::Property,
        };
        if !self.waiting_head.is_empty() {
            let head = std::mem::take(&mut self.waiting_head);
            let after = self.comments.head.remove(&at).unwrap_or_default();
            append(&mut self.comments.head, at, &head);
            if !after.is_empty() {
                append(&mut self.comments.head, at, &after);
            }
        }
        let is_node = matches!(self.last, Last::Node | Last::Block);
        if is_node && !matches!(token.kind, TokenKind::FlowEntry) {
            self.node = Some(at);
        }
        if matches!(token.kind, TokenKind::Scalar { .. }) && !self.waiting_line.is_empty() {
            let line = std::mem::take(&mut self.waiting_line);
            self.comments.line.insert(at, line);
        }
        if self.last == Last::Block {
            // The comment behind `|` or `>` is part of the token.
            let header = self.text.get(at..).and_then(|t| t.split(['\n', '\r']).next());
            if let Some((_, comment)) = header.and_then(|header| header.split_once('#')) {
                self.comments.line.insert(at, ecow::eco_format!("#{comment}"));
            }
        }
    }

    /// Notes the comments in the gap before a token.
    fn gap(&mut self, token: &Token<'_>, is_end: bool) {
        let gap = self.text.get(self.end.offset..token.start.offset).unwrap_or_default();
        if !gap.contains('#') {
            return;
        }
        let starts_line = self.end.column == 0;
        let mut lines = gap.split('\n').enumerate().peekable();
        if !starts_line && let Some((_, line)) = lines.next() {
            self.rest_of_line(line, token);
        }
        // Only directly behind what stands before does a comment belong to it.
        let foot_line = usize::from(!starts_line);
        let may_follow = !matches!(self.last, Last::Value | Last::Start);
        let mut unbroken = true;
        let mut is_first = true;
        let mut block = Lines::default();
        while let Some((number, line)) = lines.next() {
            let is_last = lines.peek().is_none();
            let Some(at) = line.find('#') else {
                // The last line is that of the token, unless the text ends there.
                if is_last && !matches!(token.kind, TokenKind::StreamEnd) {
                    break;
                }
                self.empty_line(
                    &mut block,
                    unbroken,
                    may_follow,
                    foot_line,
                    &mut is_first,
                    token,
                    is_end,
                );
                unbroken = false;
                continue;
            };
            let column = isize::try_from(at).unwrap_or(isize::MAX);
            let dedents = column < self.indent && column != block.column;
            if !block.text.is_empty() && dedents {
                self.foot(&mut block, is_first, token, is_end);
                is_first = false;
            }
            if block.text.is_empty() {
                (block.line, block.column) = (number, column);
            } else {
                block.text.push('\n');
            }
            block.text.push_str(line[at..].trim_end_matches('\r'));
            if is_last {
                // The text ends in a comment.
                self.empty_line(
                    &mut block,
                    unbroken,
                    may_follow,
                    foot_line,
                    &mut is_first,
                    token,
                    is_end,
                );
            }
        }
        if block.text.is_empty() {
            return;
        }
        let column = if is_end { 0 } else { token.start.column };
        let closes = matches!(token.kind, TokenKind::FlowSequenceEnd | TokenKind::FlowMappingEnd);
        if closes || (column < self.indent && column != block.column) {
            self.foot(&mut block, is_first, token, is_end);
        } else {
            self.head(&block, token, is_end);
        }
    }

    /// Notes a comment on the line of the last token.
    fn rest_of_line(&mut self, line: &str, token: &Token<'_>) {
        let Some((_, comment)) = line.trim_end_matches('\r').split_once('#') else { return };
        let comment = ecow::eco_format!("#{comment}");
        match (self.last, self.node) {
            // Odd: it is lost.
            (Last::FlowStart, _) => {}
            (Last::Node | Last::Value, Some(node)) => {
                self.comments.line.insert(node, comment);
            }
            (Last::Property, _) if matches!(token.kind, TokenKind::Scalar { .. }) => {
                self.comments.line.insert(token.start.offset, comment);
            }
            (Last::Property, _) => self.waiting_line = comment,
            (Last::Start, _) => append_to(&mut self.waiting_head, &comment),
            _ => append(&mut self.comments.head, token.start.offset, &comment),
        }
    }

    /// Ends the part of a block that an empty line follows.
    #[expect(clippy::too_many_arguments, reason = "the state of one loop")]
    fn empty_line(
        &mut self,
        block: &mut Lines,
        unbroken: bool,
        may_follow: bool,
        foot_line: usize,
        is_first: &mut bool,
        token: &Token<'_>,
        is_end: bool,
    ) {
        if block.text.is_empty() || block.text.ends_with('\n') {
            return;
        }
        let dedented = block.column < self.indent;
        if unbroken && ((block.line == foot_line && may_follow) || dedented) {
            self.foot(block, *is_first && !dedented, token, is_end);
            *is_first = false;
        } else {
            block.text.push('\n');
        }
    }

    /// Notes a block as belonging to what stands before it: the last node, or else the last entry at
    /// the level of the next one.
    fn foot(&mut self, block: &mut Lines, of_node: bool, token: &Token<'_>, is_end: bool) {
        let text = std::mem::take(block).text;
        let text = text.trim_end_matches('\n');
        match self.node {
            Some(node) if of_node => append(&mut self.comments.foot, node, text),
            _ if is_end => self.at_end(text),
            _ => append(&mut self.comments.tail, token.start.offset, text),
        }
    }

    fn head(&mut self, block: &Lines, token: &Token<'_>, is_end: bool) {
        let text = block.text.trim_end_matches('\n');
        if is_end {
            self.at_end(text);
        } else if self.last != Last::Start {
            append(&mut self.comments.head, token.start.offset, text);
        } else if block.text.ends_with('\n') {
            append_to(&mut self.comments.start, text);
        } else {
            append_to(&mut self.waiting_head, text);
        }
    }

    fn at_end(&mut self, text: &str) {
        for line in text.lines() {
            if let Some((_, comment)) = line.split_once('#') {
                append_to(&mut self.comments.end, &ecow::eco_format!("#{comment}"));
            }
        }
    }
}

fn append(comments: &mut FxHashMap<usize, EcoString>, at: usize, lines: &str) {
    append_to(comments.entry(at).or_default(), lines);
}

fn append_to(comment: &mut EcoString, lines: &str) {
    if !comment.is_empty() {
        comment.push('\n');
    }
    comment.push_str(lines);
}
