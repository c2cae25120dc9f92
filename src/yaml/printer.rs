//! Prints a tree as upstream prints a resource (docs/spec/yaml.md, section 4).

use std::borrow::Cow;
use std::ops::Range;

use super::chars::SIMPLE_KEY_LIMIT;
use super::entries::{Entries, Sort};
use super::node::{Mapping, Node};
use super::number;
use super::quoting::{self, Content};
use super::render_error::RenderError;
use super::round_trip::{self, Surroundings};
use super::scalar::Value;
use super::text_writer::TextWriter;
use crate::work;

/// The longest key, in the characters of its JSON form, that can be printed.
const KEY_LIMIT: usize = 1024;

/// Appends `node` to `out` as one document that ends in a line feed.
///
/// # Errors
/// If the tree has a value or key that upstream refuses to print; `out` is then as before.
pub fn print(node: &Node, out: &mut String) -> Result<(), RenderError> {
    print_at_most(node, out, usize::MAX)
}

/// As [`print`], if `out` has at most so many bytes then; this is known before they are written.
///
/// # Errors
/// As [`print`], and if there are more.
pub(crate) fn print_at_most(node: &Node, out: &mut String, most: usize) -> Result<(), RenderError> {
    let start = out.len();
    let result = Documents::new(out, most).print(node);
    if result.is_err() {
        out.truncate(start);
    }
    result.map(drop)
}

/// As [`print`], with no line broken.
///
/// # Errors
/// As [`print`].
pub(crate) fn print_unbroken(node: &Node, out: &mut String) -> Result<(), RenderError> {
    let start = out.len();
    let result = Documents::new(out, usize::MAX).unbroken().print(node).map(drop);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

/// What stands between two documents.
const SEPARATOR: &str = "---";

/// Prints documents one after the other.
pub(crate) struct Documents<'o, 'a>(Printer<'o, 'a>);

impl<'o, 'a> Documents<'o, 'a> {
    /// Goes on behind what is in `out`, which may get `most` bytes.
    pub(crate) fn new(out: &'o mut String, most: usize) -> Self {
        let (out, entries) = (TextWriter::new(out), Entries::with_room());
        Documents(Printer { out, entries, bracketed: false, most })
    }

    /// Breaks no lines.
    fn unbroken(self) -> Self {
        Documents(Printer { out: self.0.out.unbroken(), ..self.0 })
    }

    /// Prints a document as [`print`] does; returns where it starts and ends.
    ///
    /// # Errors
    /// As [`print`]; part of the document may have been written, and no other can follow.
    pub(crate) fn print(&mut self, node: &'a Node) -> Result<Range<usize>, RenderError> {
        let start = self.0.out.len();
        self.0.inline(node, 0, Surroundings::ROOT)?;
        Ok(start..self.0.out.len())
    }

    /// Returns `true` if, since this was asked last, a collection was printed that was in block style and is
    /// empty or in one in flow style: upstream writes it between brackets.
    pub(crate) fn take_bracketed(&mut self) -> bool {
        std::mem::take(&mut self.0.bracketed)
    }

    /// Separates the documents before from the next one.
    pub(crate) fn separate(&mut self) {
        self.0.out.raw(SEPARATOR);
        self.0.out.end_line();
    }
}

struct Printer<'o, 'a> {
    out: TextWriter<'o>,
    entries: Entries<'a>,
    /// Whether there was a collection that upstream writes between brackets, which it was not.
    bracketed: bool,
    /// How many bytes there may be.
    most: usize,
}

impl<'a> Printer<'_, 'a> {
    /// Prints a value behind `- ` or `: `, or a whole document; its own column is `column`.
    fn inline(
        &mut self,
        node: &'a Node,
        column: usize,
        place: Surroundings,
    ) -> Result<(), RenderError> {
        match node {
            Node::Map { map, flow, .. } if !map.is_empty() => {
                self.bracketed |= place.flow && !flow;
                self.mapping(map, column, place, *flow, true)
            }
            Node::Seq { items, flow, .. } if !items.is_empty() => {
                self.bracketed |= place.flow && !flow;
                self.sequence(items, column, place.inside(*flow), true)
            }
            _ => self.leaf(node, column, place),
        }
    }

    /// Prints the value of a key that stands at `column` and ends in `:`.
    fn value(
        &mut self,
        node: &'a Node,
        column: usize,
        place: Surroundings,
    ) -> Result<(), RenderError> {
        match node {
            Node::Map { map, flow, .. } if !map.is_empty() => {
                self.bracketed |= place.flow && !flow;
                self.out.end_line();
                self.mapping(map, column + 2, place, *flow, false)
            }
            Node::Seq { items, flow, .. } if !items.is_empty() => {
                self.bracketed |= place.flow && !flow;
                self.out.end_line();
                self.sequence(items, column, place.inside(*flow), false)
            }
            _ => {
                self.out.raw(" ");
                self.leaf(node, column + 2, place)
            }
        }
    }

    /// Prints the entries of a mapping at `column`, the first without indentation if `inline`.
    fn mapping(
        &mut self,
        map: &'a Mapping,
        column: usize,
        place: Surroundings,
        flow: bool,
        inline: bool,
    ) -> Result<(), RenderError> {
        let frame = self.entries.push(map, place.keys(flow), Sort::Printed)?;
        for i in 0..frame.len {
            let Some(keyed) = self.entries.get(frame, i) else {
                break;
            };
            let entry = keyed.entry;
            if i > 0 || !inline {
                self.out.indent(column);
            }
            self.room(keyed.key.len())?;
            let content = quoting::scan(&keyed.key);
            check_key(&keyed.key, content).map_err(|e| e.at(entry.key.pos()))?;
            let form = content.form(&keyed.key);
            let inside = place.inside(flow);
            if !content.breaks && keyed.key.len() <= SIMPLE_KEY_LIMIT {
                self.out.text(&keyed.key, form, None);
                self.out.raw(":");
                self.value(&entry.value, column, inside)?;
            } else {
                self.out.raw("? ");
                self.out.line(&keyed.key, form, column + 2);
                self.out.indent(column);
                self.out.raw(": ");
                self.inline(&entry.value, column + 2, inside)?;
            }
        }
        self.entries.pop(frame);
        Ok(())
    }

    /// Prints the elements of a sequence, their dashes at `column`.
    fn sequence(
        &mut self,
        items: &'a [Node],
        column: usize,
        place: Surroundings,
        inline: bool,
    ) -> Result<(), RenderError> {
        for (i, item) in items.iter().enumerate() {
            if i > 0 || !inline {
                self.out.indent(column);
            }
            self.out.raw("- ");
            self.inline(item, column + 2, place)?;
        }
        Ok(())
    }

    /// Prints a scalar or an empty collection and ends the line; what does not fit the line goes on
    /// at `column`.
    fn leaf(
        &mut self,
        node: &'a Node,
        column: usize,
        place: Surroundings,
    ) -> Result<(), RenderError> {
        work::node();
        let (style, tag, pos, text) = match node {
            Node::Map { flow, .. } => {
                self.bracketed |= !flow;
                return self.word("{}");
            }
            Node::Seq { flow, .. } => {
                self.bracketed |= !flow;
                return self.word("[]");
            }
            Node::Scalar { style, pos, text, .. } => {
                (*style, node.printed_tag(), *pos, text.as_str())
            }
        };
        self.room(text.len()).map_err(|e| e.at(pos))?;
        match round_trip::value(text, style, tag, pos, place.flow)? {
            Value::Str(text) => self.string(text, column).map_err(|e| e.at(pos)),
            Value::Null => self.word("null"),
            Value::Bool(true) => self.word("true"),
            Value::Bool(false) => self.word("false"),
            Value::Int(value) => {
                self.out.display(value);
                Ok(())
            }
            Value::Uint(value) => {
                self.out.display(value);
                Ok(())
            }
            Value::Float(value) => self.word(&number::format_printed(value)),
            // A moment looks like one, so it is quoted.
            Value::Timestamp(text) => self.string(text.into(), column),
        }
    }

    /// Refuses a text that is about to be written if there is no room for it.
    fn room(&self, bytes: usize) -> Result<(), RenderError> {
        if self.out.len().saturating_add(bytes) <= self.most {
            return Ok(());
        }
        Err(RenderError::too_long(self.most))
    }

    fn word(&mut self, word: &str) -> Result<(), RenderError> {
        self.out.raw(word);
        self.out.end_line();
        Ok(())
    }

    fn string(&mut self, text: Cow<'_, str>, column: usize) -> Result<(), RenderError> {
        let mut content = quoting::scan(&text);
        let mut text = text;
        if content.refused {
            return Err(refused());
        }
        if content.next_line {
            text = round_trip::without_next_lines(&text)?.into();
            content = quoting::scan(&text);
        }
        self.out.line(&text, content.form(&text), column);
        Ok(())
    }
}

fn refused() -> RenderError {
    RenderError::new("yaml: control characters are not allowed")
}

/// Refuses a key that upstream cannot read back from JSON.
fn check_key(key: &str, content: Content) -> Result<(), RenderError> {
    if content.refused {
        return Err(refused());
    }
    // No character takes more than six in JSON.
    let short = key.len() < KEY_LIMIT / 6 - 2;
    if content.next_line || (!short && json_width(key) > KEY_LIMIT) {
        return Err(RenderError::new("yaml: did not find expected ',' or '}'"));
    }
    Ok(())
}

/// Counts the characters of a key in JSON, quotes included.
fn json_width(key: &str) -> usize {
    let width = |c| match c {
        '"' | '\\' | '\u{8}' | '\u{c}' | '\n' | '\r' | '\t' => 2,
        '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => 6,
        _ => 1,
    };
    key.chars().map(width).sum::<usize>() + 2
}
