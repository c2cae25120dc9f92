//! Turns tokens into the events of one document.

use std::borrow::Cow;

use super::error::{Fault, Scan};
use super::event::{Event, EventKind, empty, event};
use super::scanner::{Dialect, Scanner};
use super::token::{Mark, TokenKind};
use crate::yaml::{Style, Tag};

/// What the tags of YAML itself start with.
pub(super) const YAML_TAG: &[u8] = b"tag:yaml.org,2002:";

/// Reads the first document of a text.
///
/// What is open is kept on a list, not on the stack, so that no nesting can exhaust it.
pub(super) struct Parser<'t> {
    pub(super) scanner: Scanner<'t>,
    state: State,
    /// What to go on with when the current node is complete.
    waiting: Vec<State>,
    /// Where the open collections start.
    starts: Vec<Mark>,
    /// Where the `-` or `?` before the current node is, or the key without one.
    indicator: Option<Mark>,
    handles: Vec<(&'t str, Cow<'static, [u8]>)>,
}

#[derive(Clone, Copy)]
enum State {
    /// The root, with anything before it.
    Start,
    DocumentEnd,
    BlockEntry,
    /// An entry of a sequence at the column of its key.
    IndentlessEntry,
    BlockKey,
    BlockValue,
    FlowEntry {
        first: bool,
    },
    /// The key of a mapping with one entry in a flow sequence: `[a: b]`.
    PairKey,
    PairValue,
    PairEnd,
    FlowKey {
        first: bool,
    },
    FlowValue,
    /// The value of a key without `:`.
    FlowNoValue,
}

/// Where a node stands, which decides what it may be.
#[derive(Clone, Copy, PartialEq)]
enum NodeContext {
    Block,
    /// The key or value of a block mapping, where a sequence needs no indentation.
    BlockMapping,
    Flow,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, dialect: Dialect, max_depth: usize) -> Self {
        Parser {
            scanner: Scanner::new(text, dialect, max_depth),
            state: State::Start,
            waiting: Vec::new(),
            starts: Vec::new(),
            indicator: None,
            handles: Vec::new(),
        }
    }

    /// Returns `true` if there is a document.
    pub(super) fn has_document(&mut self) -> Scan<bool> {
        Ok(!matches!(self.peek()?, TokenKind::StreamEnd))
    }

    /// Returns the next event.
    pub(super) fn next(&mut self) -> Scan<Event<'t>> {
        self.indicator = None;
        let mut event = self.step()?;
        event.indicator = self.indicator;
        Ok(event)
    }

    fn step(&mut self) -> Scan<Event<'t>> {
        match self.state {
            State::Start => self.start_document(),
            State::DocumentEnd => self.end_document(),
            State::BlockEntry => self.block_entry(),
            State::IndentlessEntry => self.indentless_entry(),
            State::BlockKey => self.block_key(),
            State::BlockValue => self.block_value(),
            State::FlowEntry { first } => self.flow_entry(first),
            State::PairKey => self.pair_key(),
            State::PairValue => self.pair_value(),
            State::PairEnd => {
                self.state = State::FlowEntry { first: false };
                let start = self.mark()?;
                Ok(event(EventKind::MappingEnd, start))
            }
            State::FlowKey { first } => self.flow_key(first),
            State::FlowValue => self.flow_value(),
            State::FlowNoValue => {
                self.state = State::FlowKey { first: false };
                let start = self.mark()?;
                Ok(empty(start))
            }
        }
    }

    fn start_document(&mut self) -> Scan<Event<'t>> {
        self.state = State::DocumentEnd;
        self.waiting.push(State::DocumentEnd);
        match self.peek()? {
            TokenKind::Version(..) | TokenKind::TagDirective { .. } | TokenKind::DocumentStart => {
                self.directives()?;
                if !matches!(self.peek()?, TokenKind::DocumentStart) {
                    let message = "did not find expected <document start>";
                    return Err(Fault::parse(Mark::default(), self.mark()?, message));
                }
                self.scanner.take();
                self.root()
            }
            _ => {
                self.directives()?;
                self.node(NodeContext::Block)
            }
        }
    }

    /// Reads what follows an explicit `---`.
    fn root(&mut self) -> Scan<Event<'t>> {
        match self.peek()? {
            TokenKind::Version(..)
            | TokenKind::TagDirective { .. }
            | TokenKind::DocumentStart
            | TokenKind::DocumentEnd
            | TokenKind::StreamEnd => {
                self.state = self.waiting.pop().unwrap_or(State::DocumentEnd);
                Ok(empty(self.mark()?))
            }
            _ => self.node(NodeContext::Block),
        }
    }

    fn directives(&mut self) -> Scan<()> {
        let mut has_version = false;
        loop {
            let start = self.mark()?;
            let fault = |message| Err(Fault::parse(Mark::default(), start, message));
            match self.peek()? {
                TokenKind::Version(..) if has_version => {
                    return fault("found duplicate %YAML directive");
                }
                TokenKind::Version(1, 1) => has_version = true,
                TokenKind::Version(..) => return fault("found incompatible YAML document"),
                TokenKind::TagDirective { .. } => {}
                _ => break,
            }
            if let Some(TokenKind::TagDirective { handle, prefix }) =
                self.scanner.take().map(|token| token.kind)
            {
                if self.handles.iter().any(|(known, _)| *known == handle) {
                    return fault("found duplicate %TAG directive");
                }
                self.handles.push((handle, prefix.into()));
            }
        }
        // The first one that fits counts.
        self.handles.push(("!", Cow::Borrowed(b"!")));
        self.handles.push(("!!", Cow::Borrowed(YAML_TAG)));
        Ok(())
    }

    fn end_document(&mut self) -> Scan<Event<'t>> {
        let start = self.mark()?;
        Ok(event(EventKind::DocumentEnd, start))
    }

    fn node(&mut self, place: NodeContext) -> Scan<Event<'t>> {
        let start = self.mark()?;
        let mut anchor = None;
        let mut tag = None;
        let mut end = start;
        loop {
            match self.peek()? {
                TokenKind::Alias(_) if anchor.is_none() && tag.is_none() => {
                    let end = self.token_end()?;
                    let Some(TokenKind::Alias(name)) = self.take() else {
                        continue;
                    };
                    self.state = self.waiting.pop().unwrap_or(State::DocumentEnd);
                    return Ok(Event { end, ..event(EventKind::Alias(name), start) });
                }
                TokenKind::Anchor(_) if anchor.is_none() => {
                    end = self.token_end()?;
                    if let Some(TokenKind::Anchor(name)) = self.take() {
                        anchor = Some(name);
                    }
                }
                TokenKind::Tag { .. } if tag.is_none() => {
                    let at = self.mark()?;
                    end = self.token_end()?;
                    if let Some(TokenKind::Tag { handle, suffix }) = self.take() {
                        tag = Some((handle, suffix, at));
                    }
                }
                _ => break,
            }
        }
        let tag_name = match tag {
            Some((handle, suffix, at)) => Some(self.resolve_tag(handle, suffix, start, at)?),
            None => None,
        };
        let tag = tag_name.as_deref().map_or(Tag::None, tag_of);
        let at = self.mark()?;
        let kind = match self.peek()? {
            TokenKind::BlockEntry if place == NodeContext::BlockMapping => {
                self.state = State::IndentlessEntry;
                let kind = EventKind::SequenceStart { flow: false };
                let (first, indicator) = (start, None);
                return Ok(Event { kind, anchor, tag_name, start: at, first, indicator, end: at });
            }
            TokenKind::Scalar { .. } => {
                end = self.token_end()?;
                let Some(TokenKind::Scalar { text, style }) = self.take() else {
                    return Err(Fault::parse(start, at, "did not find expected node content"));
                };
                self.state = self.waiting.pop().unwrap_or(State::DocumentEnd);
                EventKind::Scalar { text, style, tag }
            }
            TokenKind::FlowSequenceStart => {
                self.open(State::FlowEntry { first: true }, at);
                EventKind::SequenceStart { flow: true }
            }
            TokenKind::FlowMappingStart => {
                self.open(State::FlowKey { first: true }, at);
                EventKind::MappingStart { flow: true }
            }
            TokenKind::BlockSequenceStart if place != NodeContext::Flow => {
                self.open(State::BlockEntry, at);
                EventKind::SequenceStart { flow: false }
            }
            TokenKind::BlockMappingStart if place != NodeContext::Flow => {
                self.open(State::BlockKey, at);
                EventKind::MappingStart { flow: false }
            }
            _ if anchor.is_some() || tag_name.is_some() => {
                self.state = self.waiting.pop().unwrap_or(State::DocumentEnd);
                let kind = EventKind::Scalar { text: Cow::Borrowed(""), style: Style::Plain, tag };
                let (first, indicator) = (start, None);
                return Ok(Event { kind, anchor, tag_name, start, first, indicator, end });
            }
            _ => {
                return Err(Fault::parse(start, at, "did not find expected node content"));
            }
        };
        let end = if matches!(kind, EventKind::Scalar { .. }) { end } else { at };
        Ok(Event { kind, anchor, tag_name, start: at, first: start, indicator: None, end })
    }

    fn resolve_tag(&self, handle: &str, suffix: Vec<u8>, start: Mark, at: Mark) -> Scan<Vec<u8>> {
        if handle.is_empty() {
            return Ok(suffix);
        }
        match self.handles.iter().find(|(known, _)| *known == handle) {
            Some((_, prefix)) => Ok([prefix, suffix.as_slice()].concat()),
            None => Err(Fault::parse(start, at, "found undefined tag handle")),
        }
    }

    fn block_entry(&mut self) -> Scan<Event<'t>> {
        match self.peek()? {
            TokenKind::BlockEntry => {
                let end = self.take_indicator()?;
                match self.peek()? {
                    TokenKind::BlockEntry | TokenKind::BlockEnd => Ok(empty(end)),
                    _ => self.inner(State::BlockEntry, NodeContext::Block),
                }
            }
            TokenKind::BlockEnd => self.close(EventKind::SequenceEnd),
            _ => Err(self.unexpected("did not find expected '-' indicator")),
        }
    }

    fn indentless_entry(&mut self) -> Scan<Event<'t>> {
        if !matches!(self.peek()?, TokenKind::BlockEntry) {
            let start = self.mark()?;
            self.state = self.waiting.pop().unwrap_or(State::DocumentEnd);
            return Ok(event(EventKind::SequenceEnd, start));
        }
        let end = self.take_indicator()?;
        match self.peek()? {
            TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                Ok(empty(end))
            }
            _ => self.inner(State::IndentlessEntry, NodeContext::Block),
        }
    }

    fn block_key(&mut self) -> Scan<Event<'t>> {
        match self.peek()? {
            TokenKind::Key => {
                let end = self.take_indicator()?;
                self.state = State::BlockValue;
                match self.peek()? {
                    TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => Ok(empty(end)),
                    _ => self.inner(State::BlockValue, NodeContext::BlockMapping),
                }
            }
            TokenKind::BlockEnd => self.close(EventKind::MappingEnd),
            _ => Err(self.unexpected("did not find expected key")),
        }
    }

    fn block_value(&mut self) -> Scan<Event<'t>> {
        self.state = State::BlockKey;
        if !matches!(self.peek()?, TokenKind::Value) {
            return Ok(empty(self.mark()?));
        }
        let end = self.take_indicator()?;
        match self.peek()? {
            TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => Ok(empty(end)),
            _ => self.inner(State::BlockKey, NodeContext::BlockMapping),
        }
    }

    fn flow_entry(&mut self, first: bool) -> Scan<Event<'t>> {
        if !first && !matches!(self.peek()?, TokenKind::FlowSequenceEnd) {
            match self.peek()? {
                TokenKind::FlowEntry => drop(self.take()),
                _ => return Err(self.unexpected("did not find expected ',' or ']'")),
            }
        }
        match self.peek()? {
            TokenKind::FlowSequenceEnd => self.close(EventKind::SequenceEnd),
            TokenKind::Key => {
                let start = self.mark()?;
                self.scanner.take();
                self.state = State::PairKey;
                Ok(event(EventKind::MappingStart { flow: true }, start))
            }
            _ => self.inner(State::FlowEntry { first: false }, NodeContext::Flow),
        }
    }

    fn pair_key(&mut self) -> Scan<Event<'t>> {
        match self.peek()? {
            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd => {
                // Odd: this takes the `:` as well, so that `[? : a]` fails
                // (case yaml/flow-question-mark-without-key).
                let end = self.take_indicator()?;
                self.state = State::PairValue;
                Ok(empty(end))
            }
            _ => self.inner(State::PairValue, NodeContext::Flow),
        }
    }

    fn pair_value(&mut self) -> Scan<Event<'t>> {
        self.state = State::PairEnd;
        if matches!(self.peek()?, TokenKind::Value) {
            self.scanner.take();
            if !matches!(self.peek()?, TokenKind::FlowEntry | TokenKind::FlowSequenceEnd) {
                return self.inner(State::PairEnd, NodeContext::Flow);
            }
        }
        Ok(empty(self.mark()?))
    }

    fn flow_key(&mut self, first: bool) -> Scan<Event<'t>> {
        if !first && !matches!(self.peek()?, TokenKind::FlowMappingEnd) {
            match self.peek()? {
                TokenKind::FlowEntry => drop(self.take()),
                _ => return Err(self.unexpected("did not find expected ',' or '}'")),
            }
        }
        match self.peek()? {
            TokenKind::FlowMappingEnd => self.close(EventKind::MappingEnd),
            TokenKind::Key => {
                self.scanner.take();
                match self.peek()? {
                    TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd => {
                        self.state = State::FlowValue;
                        Ok(empty(self.mark()?))
                    }
                    _ => self.inner(State::FlowValue, NodeContext::Flow),
                }
            }
            _ => self.inner(State::FlowNoValue, NodeContext::Flow),
        }
    }

    fn flow_value(&mut self) -> Scan<Event<'t>> {
        self.state = State::FlowKey { first: false };
        if matches!(self.peek()?, TokenKind::Value) {
            self.scanner.take();
            if !matches!(self.peek()?, TokenKind::FlowEntry | TokenKind::FlowMappingEnd) {
                return self.inner(State::FlowKey { first: false }, NodeContext::Flow);
            }
        }
        Ok(empty(self.mark()?))
    }

    /// Reads a node and goes on with `then` after it.
    fn inner(&mut self, then: State, place: NodeContext) -> Scan<Event<'t>> {
        self.waiting.push(then);
        self.node(place)
    }

    fn open(&mut self, state: State, start: Mark) {
        self.scanner.take();
        self.starts.push(start);
        self.state = state;
    }

    fn close(&mut self, kind: EventKind<'t>) -> Scan<Event<'t>> {
        let (start, end) = (self.mark()?, self.token_end()?);
        self.scanner.take();
        self.starts.pop();
        self.state = self.waiting.pop().unwrap_or(State::DocumentEnd);
        Ok(Event { end, ..event(kind, start) })
    }

    /// Returns an error of the innermost collection at the next token.
    fn unexpected(&mut self, message: &'static str) -> Box<Fault> {
        let context = self.starts.last().copied().unwrap_or_default();
        match self.mark() {
            Ok(problem) => Fault::parse(context, problem, message),
            Err(fault) => fault,
        }
    }

    fn peek(&mut self) -> Scan<&TokenKind<'t>> {
        self.scanner.peek().map(|token| &token.kind)
    }

    /// Returns where the next token starts.
    fn mark(&mut self) -> Scan<Mark> {
        self.scanner.peek().map(|token| token.start)
    }

    /// Returns where the next token ends.
    fn token_end(&mut self) -> Scan<Mark> {
        self.scanner.peek().map(|token| token.end)
    }

    fn take(&mut self) -> Option<TokenKind<'t>> {
        self.scanner.take().map(|token| token.kind)
    }

    /// Takes the next token and returns where it ends.
    fn take_indicator(&mut self) -> Scan<Mark> {
        let token = self.scanner.peek()?;
        let (start, end) = (token.start, token.end);
        if matches!(token.kind, TokenKind::BlockEntry | TokenKind::Key) {
            self.indicator = Some(start);
        }
        self.scanner.take();
        Ok(end)
    }
}

fn tag_of(tag: &[u8]) -> Tag {
    let name = match (tag.strip_prefix(YAML_TAG), tag.strip_prefix(b"!!")) {
        (Some(name), _) | (None, Some(name)) => name,
        (None, None) if tag == b"!" || tag.is_empty() => return Tag::None,
        (None, None) => return Tag::Other,
    };
    match name {
        b"str" => Tag::Str,
        b"int" => Tag::Int,
        b"float" => Tag::Float,
        b"bool" => Tag::Bool,
        b"null" => Tag::Null,
        b"timestamp" => Tag::Timestamp,
        b"binary" => Tag::Binary,
        b"merge" => Tag::Merge,
        _ => Tag::Other,
    }
}
