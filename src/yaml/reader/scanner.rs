//! Cuts a text into tokens.
//!
//! A key is only known as one when its `:` is met, which may be many tokens later. So the tokens wait
//! in a queue, the places where a key may have started are remembered, and the token that says so is
//! put in between afterwards.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::cursor::Cursor;
use super::error::{Fault, Scan};
use super::token::{Mark, Token, TokenKind};
use crate::limits::Limit;
use crate::yaml::Style;

/// The longest distance in characters between the start of a key without `?` and its `:`.
const MAX_KEY: usize = 1024;

/// How far the look-ahead for a comment goes, in bytes.
const MAX_COMMENT_LOOKAHEAD: usize = 512;

/// Turns a text into tokens, on demand.
pub(super) struct Scanner<'t> {
    pub(super) cursor: Cursor<'t>,
    /// The column of the innermost block collection; -1 outside of all.
    pub(super) indent: isize,
    /// How many flow collections are open.
    pub(super) flow_level: usize,
    /// Whether a key may start here.
    pub(super) key_allowed: bool,
    dialect: Dialect,
    max_depth: usize,
    indents: Vec<isize>,
    /// Where a key may have started: one for each flow level, and one for the blocks around.
    keys: Vec<PossibleKey>,
    /// The levels of the keys whose first tokens, by their numbers, wait until it is decided whether
    /// they start a key.
    undecided: FxHashMap<usize, usize>,
    queue: VecDeque<Token<'t>>,
    /// How many tokens left the queue.
    taken: usize,
    /// Whether the first token in the queue is known to be the next one.
    ready: bool,
}

/// Which of upstream's two readers is followed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Dialect {
    /// The reader of resources, which keeps comments and so looks ahead for them.
    Comments,
    /// The older one.
    NoComments,
}

#[derive(Clone, Copy)]
struct PossibleKey {
    possible: bool,
    /// Whether nothing but a key can stand there.
    required: bool,
    /// The number of the token it starts with.
    token: usize,
    mark: Mark,
}

impl PossibleKey {
    /// Returns the state in which no key has started.
    fn none(token: usize, mark: Mark) -> Self {
        PossibleKey { possible: false, required: false, token, mark }
    }
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str, dialect: Dialect, max_depth: usize) -> Self {
        Scanner {
            cursor: Cursor::new(text),
            indent: -1,
            flow_level: 0,
            key_allowed: true,
            dialect,
            max_depth,
            indents: Vec::new(),
            keys: vec![PossibleKey::none(0, Mark::default())],
            undecided: FxHashMap::default(),
            queue: VecDeque::new(),
            taken: 0,
            ready: false,
        }
    }

    /// Returns the next token without taking it.
    pub(super) fn peek(&mut self) -> Scan<&Token<'t>> {
        if !self.ready {
            self.fill()?;
            self.ready = true;
        }
        self.queue.front().ok_or_else(|| {
            Fault::parse(Mark::default(), self.cursor.mark, "did not find expected token")
        })
    }

    /// Takes the token that was last peeked at.
    pub(super) fn take(&mut self) -> Option<Token<'t>> {
        self.ready = false;
        self.undecided.remove(&self.taken);
        self.taken += 1;
        self.queue.pop_front()
    }

    /// Scans until the first token in the queue is certain.
    fn fill(&mut self) -> Scan<()> {
        // Odd: the reader that keeps comments scans two tokens more, and fails on what it meets there
        // (case yaml/error-soon-after-the-document).
        let wanted = match self.dialect {
            Dialect::Comments => 3,
            Dialect::NoComments => 1,
        };
        while self.queue.len() < wanted || self.first_may_be_key()? {
            self.fetch()?;
        }
        Ok(())
    }

    fn first_may_be_key(&mut self) -> Scan<bool> {
        match self.undecided.get(&self.taken) {
            Some(&level) => self.is_key_valid(level),
            None => Ok(false),
        }
    }

    /// Scans one token.
    fn fetch(&mut self) -> Scan<()> {
        self.skip_to_token();
        self.unroll_indent(self.cursor.mark.column);
        self.cursor.need(4);
        if self.cursor.at_end() {
            return self.fetch_stream_end();
        }
        if self.cursor.mark.column == 0 && self.cursor.byte(0) == b'%' {
            self.end_block_context()?;
            let directive = self.scan_directive()?;
            self.queue.push_back(directive);
            return Ok(());
        }
        if self.cursor.at_document_indicator() {
            let kind = match self.cursor.byte(0) {
                b'-' => TokenKind::DocumentStart,
                _ => TokenKind::DocumentEnd,
            };
            self.end_block_context()?;
            self.push_indicator(kind, 3);
            return Ok(());
        }
        self.fetch_content()?;
        let is_entry = self.queue.back().is_some_and(|t| matches!(t.kind, TokenKind::BlockEntry));
        if self.dialect == Dialect::Comments && !is_entry {
            self.skip_line_comment();
        }
        Ok(())
    }

    fn fetch_content(&mut self) -> Scan<()> {
        let in_flow = self.flow_level > 0;
        let next_is_space = self.cursor.is_space(1);
        match self.cursor.byte(0) {
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => {
                self.drop_key()?;
                self.key_allowed = true;
                self.push_indicator(TokenKind::FlowEntry, 1);
                Ok(())
            }
            b'-' if next_is_space => self.fetch_block_entry(),
            b'?' if in_flow || next_is_space => self.fetch_key(),
            b':' if in_flow || next_is_space => self.fetch_value(),
            b'*' | b'&' => self.fetch_key_part(Self::scan_anchor),
            b'!' => self.fetch_key_part(Self::scan_tag),
            b'|' if !in_flow => self.fetch_block_scalar(Style::Literal),
            b'>' if !in_flow => self.fetch_block_scalar(Style::Folded),
            b'\'' => self.fetch_key_part(|s| s.scan_quoted(Style::SingleQuoted)),
            b'"' => self.fetch_key_part(|s| s.scan_quoted(Style::DoubleQuoted)),
            b' ' | b'\t' | b'#' | b'|' | b'>' | b'%' | b'@' | b'`' => Err(self.no_token()),
            b'?' | b':' if in_flow => Err(self.no_token()),
            _ => self.fetch_key_part(Self::scan_plain),
        }
    }

    fn no_token(&self) -> Box<Fault> {
        let here = self.cursor.mark;
        Fault::scan(here, here, "found character that cannot start any token")
    }

    /// Passes blanks, comments and line breaks.
    fn skip_to_token(&mut self) {
        loop {
            // A tab is no indentation: not where a block may start.
            let tab_allowed = self.flow_level > 0 || !self.key_allowed;
            while self.cursor.byte(0) == b' ' || (tab_allowed && self.cursor.byte(0) == b'\t') {
                self.cursor.skip();
            }
            if self.cursor.byte(0) == b'#' {
                self.skip_comments();
            }
            if !self.cursor.is_break(0) {
                return;
            }
            self.cursor.skip_break();
            if self.flow_level == 0 {
                self.key_allowed = true;
            }
        }
    }

    /// Passes a comment and the comments on the lines that follow.
    fn skip_comments(&mut self) {
        self.cursor.skip_line();
        while self.dialect == Dialect::Comments {
            // Odd: a comment that follows on a comment may be indented by tabs
            // (case yaml/comment-indented-by-tabs).
            let is_white = |b| matches!(b, b' ' | b'\t' | b'\n' | b'\r');
            let next =
                (1..MAX_COMMENT_LOOKAHEAD).find(|&n| !is_white(self.cursor.byte(n))).unwrap_or(0);
            if self.cursor.byte(next) != b'#' {
                return;
            }
            let comment = self.cursor.mark.offset + next;
            while self.cursor.mark.offset < comment {
                match self.cursor.is_break(0) {
                    true => self.cursor.skip_break(),
                    false => self.cursor.skip(),
                }
            }
            self.cursor.skip_line();
        }
    }

    /// Passes the comment that follows a token on its line.
    pub(super) fn skip_line_comment(&mut self) {
        if self.cursor.breaks > 0 {
            return;
        }
        // As libyaml does it: unlike elsewhere a tab in front of it is never an error.
        let next = (0..MAX_COMMENT_LOOKAHEAD).find(|&n| !self.cursor.is_blank(n));
        if let Some(n) = next
            && self.cursor.byte(n) == b'#'
        {
            self.cursor.skip_line();
        }
    }

    fn fetch_stream_end(&mut self) -> Scan<()> {
        // An unfinished last line counts as finished.
        if self.cursor.mark.column != 0 {
            self.cursor.mark.column = 0;
            self.cursor.mark.line += 1;
        }
        self.end_block_context()?;
        self.push_indicator(TokenKind::StreamEnd, 0);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind<'t>) -> Scan<()> {
        self.save_key()?;
        let here = self.cursor.mark;
        let token = self.taken + self.queue.len();
        self.keys.push(PossibleKey::none(token, here));
        self.flow_level += 1;
        if self.flow_level > self.max_depth {
            return Err(self.too_deep(here));
        }
        self.key_allowed = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind<'t>) -> Scan<()> {
        self.drop_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            // As libyaml does it: if no key started inside, this is the bracket itself, which no longer waits.
            if let Some(key) = self.keys.pop() {
                self.undecided.remove(&key.token);
            }
        }
        self.key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Scan<()> {
        if self.flow_level == 0 {
            let message = "block sequence entries are not allowed in this context";
            self.start_block(TokenKind::BlockSequenceStart, message)?;
        }
        // Inside a flow collection the parser refuses it.
        self.drop_key()?;
        self.key_allowed = true;
        self.push_indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Scan<()> {
        if self.flow_level == 0 {
            let message = "mapping keys are not allowed in this context";
            self.start_block(TokenKind::BlockMappingStart, message)?;
        }
        self.drop_key()?;
        self.key_allowed = self.flow_level == 0;
        self.push_indicator(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Scan<()> {
        let level = self.keys.len().saturating_sub(1);
        if self.is_key_valid(level)? {
            let PossibleKey { token, mark, .. } = self.keys[level];
            // As libyaml does it: what is gone from the queue gets its mark at the end of it.
            let place = token.checked_sub(self.taken);
            self.insert(place, Token { kind: TokenKind::Key, start: mark, end: mark });
            self.roll_indent(mark, place, TokenKind::BlockMappingStart)?;
            self.keys[level].possible = false;
            self.undecided.remove(&token);
            self.key_allowed = false;
        } else {
            if self.flow_level == 0 {
                let message = "mapping values are not allowed in this context";
                self.start_block(TokenKind::BlockMappingStart, message)?;
            }
            self.key_allowed = self.flow_level == 0;
        }
        self.push_indicator(TokenKind::Value, 1);
        Ok(())
    }

    /// Scans a token that a key can start with.
    fn fetch_key_part(&mut self, scan: fn(&mut Self) -> Scan<Token<'t>>) -> Scan<()> {
        self.save_key()?;
        self.key_allowed = false;
        let token = scan(self)?;
        self.queue.push_back(token);
        Ok(())
    }

    fn fetch_block_scalar(&mut self, style: Style) -> Scan<()> {
        self.drop_key()?;
        self.key_allowed = true;
        let token = self.scan_block_scalar(style)?;
        self.queue.push_back(token);
        Ok(())
    }

    fn push_indicator(&mut self, kind: TokenKind<'t>, chars: usize) {
        let start = self.cursor.mark;
        self.cursor.skip_n(chars);
        self.queue.push_back(Token { kind, start, end: self.cursor.mark });
    }

    /// Starts a block collection here unless it is already open.
    fn start_block(&mut self, kind: TokenKind<'t>, refusal: &'static str) -> Scan<()> {
        let here = self.cursor.mark;
        match self.key_allowed {
            true => self.roll_indent(here, None, kind),
            false => Err(Fault::scan(Mark::default(), here, refusal)),
        }
    }

    /// Opens a block collection if `mark` is indented deeper than the innermost one.
    fn roll_indent(&mut self, mark: Mark, place: Option<usize>, kind: TokenKind<'t>) -> Scan<()> {
        if self.flow_level > 0 || self.indent >= mark.column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = mark.column;
        if self.indents.len() > self.max_depth {
            let context = self.keys.last().map_or(mark, |key| key.mark);
            return Err(self.too_deep(context));
        }
        self.insert(place, Token { kind, start: mark, end: mark });
        Ok(())
    }

    /// Puts a token into the queue, by default at the end.
    fn insert(&mut self, place: Option<usize>, token: Token<'t>) {
        match place {
            Some(place) if place < self.queue.len() => self.queue.insert(place, token),
            _ => self.queue.push_back(token),
        }
    }

    /// Closes the block collections that are indented deeper than `column`.
    fn unroll_indent(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.push_indicator(TokenKind::BlockEnd, 0);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn end_block_context(&mut self) -> Scan<()> {
        self.unroll_indent(-1);
        self.drop_key()?;
        self.key_allowed = false;
        Ok(())
    }

    fn too_deep(&self, context: Mark) -> Box<Fault> {
        let message = format!("exceeded max depth of {}", self.max_depth);
        Fault::scan(context, self.cursor.mark, message).of_limit(Limit::Nesting)
    }

    /// Remembers that a key may start here.
    fn save_key(&mut self) -> Scan<()> {
        if !self.key_allowed {
            return Ok(());
        }
        let mark = self.cursor.mark;
        let required = self.flow_level == 0 && self.indent == mark.column;
        let token = self.taken + self.queue.len();
        self.drop_key()?;
        let level = self.keys.len().saturating_sub(1);
        if let Some(key) = self.keys.last_mut() {
            self.undecided.insert(token, level);
            *key = PossibleKey { possible: true, required, token, mark };
        }
        Ok(())
    }

    /// Gives up the key that may have started on this level.
    fn drop_key(&mut self) -> Scan<()> {
        if let Some(key) = self.keys.last_mut()
            && key.possible
        {
            if key.required {
                let message = "could not find expected ':'";
                return Err(Fault::scan(key.mark, self.cursor.mark, message));
            }
            key.possible = false;
            self.undecided.remove(&key.token);
        }
        Ok(())
    }

    /// Returns `true` if what started on this level can still become a key.
    fn is_key_valid(&mut self, level: usize) -> Scan<bool> {
        let here = self.cursor.mark;
        let Some(key) = self.keys.get_mut(level) else {
            return Ok(false);
        };
        if !key.possible {
            return Ok(false);
        }
        if key.mark.line == here.line && key.mark.index + MAX_KEY >= here.index {
            return Ok(true);
        }
        if key.required {
            return Err(Fault::scan(key.mark, here, "could not find expected ':'"));
        }
        // As libyaml does it: its token goes on to wait, now for whatever key comes next on this level.
        key.possible = false;
        Ok(false)
    }
}
