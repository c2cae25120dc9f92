//! Strict JSON, read into the JSON form with its spelling (docs/spec/json-patch.md, section 1).

use std::borrow::Cow;

use ecow::EcoVec;

use super::bridge;
use crate::diagnostics::{Detail, Error, ErrorKind, Result};
use crate::limits::Limit;
use crate::yaml::{Entry, Kind, Limits, Mapping, Node, Pos, Style, Tag};

/// Parses a text.
pub(super) fn parse(text: &str, at: Pos, limits: &Limits) -> Result<Node> {
    let mut parser = Parser { text, i: 0, at, deepest: limits.depth };
    let value = parser.document()?;
    parser.skip_blanks();
    if parser.i < text.len() {
        return Err(parser.unexpected("after top-level value"));
    }
    Ok(value)
}

/// Returns the JSON form of a string that is spelled as `raw`, quotes included, and means `text`.
fn string(text: &str, raw: &str, pos: Pos) -> Node {
    let mut usual = String::with_capacity(raw.len());
    bridge::write_string(text, &mut usual);
    if usual == raw {
        Node::scalar(text, Style::Plain, Tag::Str, pos)
    } else {
        Node::scalar(raw, Style::DoubleQuoted, Tag::Str, pos)
    }
}

/// Returns what a string literal means, quotes included in `raw`; lone surrogates become U+FFFD.
pub(super) fn unquote(raw: &str) -> Cow<'_, str> {
    let inner = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')).unwrap_or(raw);
    if !inner.contains('\\') {
        return inner.into();
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let escaped = after.chars().next().unwrap_or_default();
        rest = after.get(escaped.len_utf8()..).unwrap_or_default();
        text.push(match escaped {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (unit, after) = unit(rest);
                rest = after;
                let low = rest.strip_prefix("\\u").map(self::unit);
                match (unit, low) {
                    (0xd800..=0xdbff, Some((low @ 0xdc00..=0xdfff, after))) => {
                        rest = after;
                        let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
                    }
                    _ => char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER),
                }
            }
            itself => itself,
        });
    }
    text.push_str(rest);
    text.into()
}

/// Splits off four hexadecimal digits.
fn unit(text: &str) -> (u32, &str) {
    let (digits, rest) = text.split_at_checked(4).unwrap_or((text, ""));
    (u32::from_str_radix(digits, 16).unwrap_or(0xfffd), rest)
}

struct Parser<'t> {
    text: &'t str,
    i: usize,
    at: Pos,
    /// How deep the text may nest.
    deepest: usize,
}

/// A collection that is being read.
enum Open {
    Map(Pos, Vec<Entry>, Node),
    Seq(Pos, EcoVec<Node>),
}

impl Parser<'_> {
    /// Reads one value with all that is in it, without recursion: the depth is not known before.
    fn document(&mut self) -> Result<Node> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            self.skip_blanks();
            let pos = self.pos();
            let opening = self.peek();
            let mut value = if matches!(opening, Some(b'{' | b'[')) {
                self.i += 1;
                self.skip_blanks();
                match (opening, self.peek()) {
                    (Some(b'{'), Some(b'}')) => {
                        self.i += 1;
                        Node::map(Mapping::new()).at(pos)
                    }
                    (_, Some(b']')) if opening == Some(b'[') => {
                        self.i += 1;
                        Node::seq(EcoVec::new()).at(pos)
                    }
                    _ if open.len() >= self.deepest => {
                        let error = Error::new(ErrorKind::Limit, "exceeded max depth").at(pos);
                        return Err(error.of_limit(Limit::Nesting));
                    }
                    (Some(b'{'), _) => {
                        let name = self.name()?;
                        open.push(Open::Map(pos, Vec::new(), name));
                        continue;
                    }
                    _ => {
                        open.push(Open::Seq(pos, EcoVec::new()));
                        continue;
                    }
                }
            } else {
                self.scalar()?
            };
            // Puts the value into what is open, and closes what ends here.
            loop {
                let Some(innermost) = open.pop() else {
                    return Ok(value);
                };
                self.skip_blanks();
                let next = self.peek();
                match innermost {
                    Open::Map(pos, mut entries, key) => {
                        entries.push(Entry { key, value });
                        match next {
                            Some(b',') => {
                                self.i += 1;
                                self.skip_blanks();
                                let name = self.name()?;
                                open.push(Open::Map(pos, entries, name));
                                break;
                            }
                            Some(b'}') => value = members(entries).at(pos),
                            _ => return Err(self.unexpected("after object key:value pair")),
                        }
                    }
                    Open::Seq(pos, mut items) => {
                        items.push(value);
                        match next {
                            Some(b',') => {
                                self.i += 1;
                                open.push(Open::Seq(pos, items));
                                break;
                            }
                            Some(b']') => value = Node::seq(items).at(pos),
                            _ => return Err(self.unexpected("after array element")),
                        }
                    }
                }
                self.i += 1;
            }
        }
    }

    fn name(&mut self) -> Result<Node> {
        let pos = self.pos();
        if self.peek() != Some(b'"') {
            return Err(self.unexpected_end(b'}', Kind::Map, "object key string"));
        }
        let name = unquote(self.quoted()?).into_owned();
        self.skip_blanks();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("after object key"));
        }
        self.i += 1;
        Ok(Node::str(name).at(pos))
    }

    fn scalar(&mut self) -> Result<Node> {
        let pos = self.pos();
        match self.peek() {
            Some(b'"') => {
                let raw = self.quoted()?;
                Ok(string(&unquote(raw), raw, pos))
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                for (word, node) in [
                    ("null", Node::null()),
                    ("true", Node::bool(true)),
                    ("false", Node::bool(false)),
                ] {
                    if self.text[self.i..].starts_with(word) {
                        self.i += word.len();
                        return Ok(node.at(pos));
                    }
                }
                Err(self.unexpected_end(b']', Kind::Seq, "value"))
            }
        }
    }

    fn number(&mut self) -> Result<Node> {
        let (pos, start) = (self.pos(), self.i);
        self.i += usize::from(self.peek() == Some(b'-'));
        match self.peek() {
            Some(b'0') => self.i += 1,
            _ => self.digits()?,
        }
        let mut tag = Tag::Int;
        if self.peek() == Some(b'.') {
            self.i += 1;
            tag = Tag::Float;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.i += 1;
            tag = Tag::Float;
            self.i += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(Node::scalar(&self.text[start..self.i], Style::Plain, tag, pos))
    }

    fn digits(&mut self) -> Result<()> {
        if !self.peek().is_some_and(|b| b.is_ascii_digit()) {
            return Err(self.unexpected("in numeric literal"));
        }
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.i += 1;
        }
        Ok(())
    }

    /// Returns a string literal with its quotes.
    fn quoted(&mut self) -> Result<&str> {
        let start = self.i;
        self.i += 1;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.i += 1;
                    match self.peek() {
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.i += 1,
                        Some(b'u') => {
                            self.i += 1;
                            for _ in 0..4 {
                                if !self.peek().is_some_and(|b| b.is_ascii_hexdigit()) {
                                    return Err(
                                        self.unexpected("in \\u hexadecimal character escape")
                                    );
                                }
                                self.i += 1;
                            }
                        }
                        _ => return Err(self.unexpected("in string escape code")),
                    }
                }
                Some(0x20..) => self.i += 1,
                _ => return Err(self.unexpected("in string literal")),
            }
        }
        self.i += 1;
        Ok(&self.text[start..self.i])
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.i += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.i).copied()
    }

    fn pos(&self) -> Pos {
        self.at.offset(self.i)
    }

    /// Returns the error for a place where something should begin; `closing` would end the collection.
    fn unexpected_end(&self, closing: u8, kind: Kind, wanted: &str) -> Error {
        let error = self.unexpected(&format!("looking for beginning of {wanted}"));
        match self.peek() == Some(closing) {
            true => error.of_detail(Detail::UnexpectedEnd(kind)),
            false => error,
        }
    }

    fn unexpected(&self, place: &str) -> Error {
        let message = match self.text.get(self.i..).and_then(|rest| rest.chars().next()) {
            Some(c) => format!("invalid character {c:?} {place}"),
            None => "unexpected end of JSON input".into(),
        };
        Error::new(ErrorKind::Syntax, message).at(self.pos())
    }
}

/// Returns a map with sorted members; of equal names the last one counts.
fn members(mut entries: Vec<Entry>) -> Node {
    entries.reverse();
    entries.sort_by(|a, b| a.key.text().cmp(&b.key.text()));
    entries.dedup_by(|later, kept| later.key.text() == kept.key.text());
    Node::map(entries.into_iter().collect())
}
