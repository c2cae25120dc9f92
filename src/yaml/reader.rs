//! Reading: a stand-in for small texts until the real reader is merged.

use std::borrow::Cow;

use ecow::EcoVec;

use super::node::{Mapping, Node, Style, Tag};
use super::pos::Pos;

/// Whether merge keys are applied as for resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merges {
    /// As in kustomization files.
    Plain,
}

/// Limits of the reader.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits;

/// Text that is not YAML.
#[derive(Clone, Debug)]
pub struct SyntaxError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub offset: usize,
    /// Whether a limit was reached.
    pub limit: bool,
}

/// Decodes a text.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, SyntaxError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(e) => Err(SyntaxError {
            message: "yaml: invalid leading UTF-8 octet".into(),
            offset: e.valid_up_to(),
            limit: false,
        }),
    }
}

/// Reads the first document.
pub fn read_document(
    text: &str,
    at: Pos,
    _: Merges,
    _: &Limits,
) -> Result<Option<Node>, SyntaxError> {
    let mut cursor = Cursor { text, i: 0, at };
    cursor.blank();
    if cursor.i == text.len() {
        return Ok(None);
    }
    let root = if text.starts_with(['{', '[']) || !text.contains(':') {
        cursor.value()
    } else {
        cursor.entries(None)
    };
    root.map(Some).ok_or(SyntaxError {
        message: "yaml: not read".into(),
        offset: cursor.i,
        limit: false,
    })
}

struct Cursor<'a> {
    text: &'a str,
    i: usize,
    at: Pos,
}

impl Cursor<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.i..).unwrap_or("")
    }

    fn blank(&mut self) {
        self.i += self.rest().len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.rest().starts_with(c);
        self.i += if found { c.len_utf8() } else { 0 };
        found
    }

    fn entries(&mut self, end: Option<char>) -> Option<Node> {
        let pos = self.at.offset(self.i);
        let mut map = Mapping::new();
        loop {
            self.blank();
            match end {
                Some(end) if self.eat(end) => break,
                None if self.rest().is_empty() => break,
                _ => {}
            }
            let key = self.value()?;
            self.eat(':').then_some(())?;
            self.i += self.rest().len() - self.rest().trim_start_matches(' ').len();
            let value = if self.rest().starts_with(['\n', ',', '}']) {
                Node::plain("").at(self.at.offset(self.i))
            } else {
                self.value()?
            };
            map.push(key, value);
            self.blank();
            self.eat(',');
        }
        Some(Node::map(map).at(pos))
    }

    fn value(&mut self) -> Option<Node> {
        self.blank();
        let pos = self.at.offset(self.i);
        if self.eat('{') {
            return Some(self.entries(Some('}'))?.at(pos));
        }
        if self.eat('[') {
            let mut items = EcoVec::new();
            loop {
                self.blank();
                if self.eat(']') {
                    return Some(Node::seq(items).at(pos));
                }
                items.push(self.value()?);
                self.blank();
                self.eat(',');
            }
        }
        let mut tag = Tag::None;
        if self.rest().starts_with("!!") {
            let (name, _) = self.rest().split_once(' ')?;
            tag = match name {
                "!!int" => Tag::Int,
                _ => Tag::Str,
            };
            self.i += name.len() + 1;
        }
        if self.eat('"') {
            let (text, _) = self.rest().split_once('"')?;
            let node = Node::scalar(text, Style::DoubleQuoted, tag, pos);
            self.i += text.len() + 1;
            return Some(node);
        }
        let end = self
            .rest()
            .char_indices()
            .find(|(i, c)| match c {
                ':' => {
                    matches!(self.rest().as_bytes().get(i + 1), None | Some(b' ' | b'\n' | b'}'))
                }
                c => ",]}\n".contains(*c),
            })
            .map_or(self.rest().len(), |(i, _)| i);
        let text = self.rest().get(..end)?.trim_end();
        (!text.is_empty()).then_some(())?;
        let node = Node::scalar(text, Style::Plain, tag, pos);
        self.i += end;
        Some(node)
    }
}
