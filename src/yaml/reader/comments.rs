//! Finds the comments of a document and what each belongs to.
//!
//! A comment at the end of a line belongs to what stands before it. One on lines of its own belongs to
//! what follows; but if it follows directly on something and an empty line or something less indented
//! comes next, it belongs to what stands before it.

use ecow::EcoString;
use rustc_hash::{FxHashMap, FxHashSet};

use super::scanner::{Dialect, Scanner};
use super::token::{Mark, Token, TokenKind};
use crate::yaml::Style;

/// The comments of a document, by the offset of the token they belong to.
#[derive(Debug, Default)]
pub(super) struct Comments {
    /// At the end of the line of a scalar, an alias, or the end of a flow collection.
    pub(super) line: FxHashMap<usize, EcoString>,
    /// The scalars whose comment stands behind an anchor or tag of the collection around them.
    pub(super) inner_lines: FxHashSet<usize>,
    /// On the lines after one of these.
    pub(super) foot: FxHashMap<usize, EcoString>,
    /// On the lines before any token.
    pub(super) head: FxHashMap<usize, EcoString>,
    /// Before any token, less indented than what stands before them.
    pub(super) tails: Vec<Tail>,
    /// Before everything, with an empty line behind it.
    pub(super) start: EcoString,
    /// After everything.
    pub(super) end: EcoString,
}

/// A comment that belongs to the last entry of a collection that ends there, or goes on.
#[derive(Debug)]
pub(super) struct Tail {
    /// The offset of the next token.
    pub(super) before: usize,
    /// The column of the comment, which says what collection it belongs to; -1 if that is open.
    pub(super) column: isize,
    pub(super) text: EcoString,
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

/// A gap with comments between two tokens.
struct Gap<'g, 't> {
    /// What stands behind it.
    token: &'g Token<'t>,
    block: Lines,
    /// The line on which a comment directly follows on what stands before.
    foot_line: usize,
    /// Whether what stands before can have a comment below.
    may_follow: bool,
    /// Whether there was no empty line yet.
    unbroken: bool,
    /// Whether no block was complete yet.
    is_first: bool,
}

/// Comment lines that belong together.
#[derive(Default)]
struct Lines {
    text: EcoString,
    line: usize,
    column: isize,
}

impl Finder<'_> {
    /// Notes the comments before a token; returns `true` if it is the last one of the document.
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
        self.note(token);
        let at = token.start.offset;
        self.indent = self.indents.last().copied().unwrap_or_default();
        self.end = token.end;
        if self.last == Last::Block {
            self.end.offset = self.block_end(at);
            self.end.column = 0;
        }
        false
    }

    /// Takes note of a token, and gives it the comments that waited for it.
    fn note(&mut self, token: &Token<'_>) {
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
            self.comments.inner_lines.insert(at);
        }
        if self.last == Last::Block {
            // The comment behind `|` or `>` is part of the token.
            let header = self.text.get(at..).and_then(|t| t.split(['\n', '\r']).next());
            if let Some((_, comment)) = header.and_then(|header| header.split_once('#')) {
                self.comments.line.insert(at, ecow::eco_format!("#{comment}"));
            }
        }
    }

    /// Returns where the last line with text of the block scalar at `at` ends.
    ///
    /// The scanner's mark is of no use here: it may be that of the header.
    fn block_end(&self, at: usize) -> usize {
        let text = self.text.get(at..).unwrap_or_default();
        let mut lines = text.split_inclusive('\n');
        let header = lines.next().unwrap_or_default();
        let given = header.chars().take_while(|c| *c != '#').find_map(|c| c.to_digit(10));
        let mut indent = given.map(|n| n as usize + usize::try_from(self.indent).unwrap_or(0));
        let (mut end, mut at) = (at + header.len(), at + header.len());
        for line in lines {
            at += line.len();
            let text = line.trim_end_matches(['\n', '\r']);
            let column = text.len() - text.trim_start_matches(' ').len();
            if column == text.len() {
                continue;
            }
            let least = *indent.get_or_insert(column.max(1));
            if column < least {
                break;
            }
            end = at;
        }
        end
    }

    /// Notes the comments in the gap before a token.
    fn gap(&mut self, token: &Token<'_>, is_end: bool) {
        let text = self.text.get(self.end.offset..token.start.offset).unwrap_or_default();
        if !text.contains('#') {
            return;
        }
        let starts_line = self.end.column == 0;
        let mut gap = Gap {
            token,
            block: Lines::default(),
            foot_line: usize::from(!starts_line),
            may_follow: !matches!(
                self.last,
                Last::Value | Last::Start | Last::Property | Last::Entry
            ),
            unbroken: true,
            is_first: true,
        };
        let mut lines = text.split('\n').enumerate().peekable();
        if !starts_line && let Some((_, line)) = lines.next() {
            // Odd: what has a comment on its line has none below, if that is the first line
            // (case replacements/inside-yaml-text-comments).
            gap.may_follow &= self.end.line > 0 || !line.contains('#');
            self.rest_of_line(line, token);
        }
        while let Some((number, line)) = lines.next() {
            let is_last = lines.peek().is_none();
            let Some(at) = line.find('#') else {
                // The last line is that of the token, unless the text ends there.
                if !is_last || matches!(token.kind, TokenKind::StreamEnd) {
                    self.empty_line(&mut gap);
                }
                continue;
            };
            let column = isize::try_from(at).unwrap_or(isize::MAX);
            if column < self.indent && column != gap.block.column {
                let of_node = gap.is_first;
                self.foot(&mut gap, of_node);
            }
            if gap.block.text.is_empty() {
                (gap.block.line, gap.block.column) = (number, column);
            } else {
                gap.block.text.push('\n');
            }
            gap.block.text.push_str(line[at..].trim_end_matches('\r'));
            if is_last {
                self.empty_line(&mut gap);
            }
        }
        let column = match token.kind {
            TokenKind::StreamEnd => gap.block.column,
            _ if is_end => 0,
            _ => token.start.column,
        };
        let closes = matches!(token.kind, TokenKind::FlowSequenceEnd | TokenKind::FlowMappingEnd);
        let dedents = column < self.indent && column != gap.block.column;
        if closes || dedents {
            let of_node = gap.is_first;
            self.foot(&mut gap, of_node);
        } else {
            self.head(&gap.block, token, is_end);
        }
    }

    /// Ends the part of a block that an empty line follows.
    fn empty_line(&mut self, gap: &mut Gap<'_, '_>) {
        let block = &mut gap.block;
        if !block.text.is_empty() && !block.text.ends_with('\n') {
            let follows = block.line == gap.foot_line && gap.may_follow;
            let dedented = block.column < self.indent;
            if gap.unbroken && (follows || dedented) {
                let of_node = gap.is_first && !dedented;
                self.foot(gap, of_node);
            } else {
                block.text.push('\n');
            }
        }
        gap.unbroken = false;
    }

    /// Notes a block as belonging to what stands before it: the last node, or else the last entry at
    /// the level of the next one.
    fn foot(&mut self, gap: &mut Gap<'_, '_>, of_node: bool) {
        let Lines { text, column, .. } = std::mem::take(&mut gap.block);
        if text.is_empty() {
            return;
        }
        gap.is_first = false;
        match self.node {
            Some(node) if of_node => append(&mut self.comments.foot, node, &text),
            _ => {
                let column = match column < self.indent {
                    // Odd: without a line end, it belongs to the innermost collection
                    // (case replacements/inside-yaml-text-comments).
                    true if self.is_cut(gap.token) => self.indent,
                    true => column,
                    false => -1,
                };
                let before = gap.token.start.offset;
                self.comments.tails.push(Tail { before, column, text });
            }
        }
    }

    /// Notes a comment on the line of the last token.
    fn rest_of_line(&mut self, line: &str, token: &Token<'_>) {
        let Some((_, comment)) = line.trim_end_matches('\r').split_once('#') else { return };
        let comment = ecow::eco_format!("#{comment}");
        match (self.last, self.node) {
            // Odd: it is lost (case replacements/inside-yaml-text-comments).
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

    /// Returns `true` if the text ends before this token, without a line end.
    fn is_cut(&self, token: &Token<'_>) -> bool {
        matches!(token.kind, TokenKind::StreamEnd) && !self.text.ends_with('\n')
    }

    /// Notes a block as belonging to what follows.
    fn head(&mut self, block: &Lines, token: &Token<'_>, is_end: bool) {
        let text = block.text.trim_end_matches('\n');
        if text.is_empty() {
            return;
        }
        if is_end {
            self.at_end(text);
        } else if self.last != Last::Start {
            append(&mut self.comments.head, token.start.offset, &block.text);
        } else if block.text.ends_with('\n') {
            append_to(&mut self.comments.start, text);
        } else {
            let (start, text) = text.rsplit_once("\n\n").unwrap_or(("", text));
            if !start.is_empty() {
                append_to(&mut self.comments.start, start);
            }
            append_to(&mut self.waiting_head, text);
        }
    }

    /// Notes comments, and the empty lines between them, as the last of all.
    fn at_end(&mut self, text: &str) {
        let mut lines = EcoString::new();
        for line in text.lines() {
            match line.split_once('#') {
                Some((_, comment)) => append_to(&mut lines, &ecow::eco_format!("#{comment}")),
                None if lines.is_empty() || lines.ends_with('\n') => {}
                None => lines.push('\n'),
            }
        }
        append_to(&mut self.comments.end, lines.trim_end_matches('\n'));
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
