//! Keys, scalars and flow collections of the short way.

use ecow::EcoString;
use memchr::{memchr, memchr2, memchr3};

use super::block_scalar;
use super::cursor::Cursor;
use super::quoted;
use crate::yaml::{Node, Pos, Style, Tag};

/// Keys near the length limit are left to the scanner.
pub(super) const MAX_KEY: usize = 1000;

/// A text and its place in the numbering of all texts.
#[derive(Clone, Copy)]
pub(super) struct Text<'t> {
    pub(super) text: &'t str,
    pub(super) at: Pos,
    pub(super) has_tabs: bool,
}

/// A node, and where the text goes on: after its `:` for a key, else on the next line.
pub(super) struct Read {
    pub(super) node: Node,
    pub(super) end: usize,
}

impl<'t> Text<'t> {
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Returns the byte at `place`; 0, which no text contains, stands for the end.
    pub(super) fn byte(&self, place: usize) -> u8 {
        self.text.as_bytes().get(place).copied().unwrap_or(0)
    }

    pub(super) fn rest(&self, place: usize) -> &'t [u8] {
        self.text.as_bytes().get(place..).unwrap_or(&[])
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or("")
    }

    pub(super) fn pos(&self, place: usize) -> Pos {
        self.at.offset(place)
    }

    /// Passes spaces, eight at a time: more than half of a custom resource definition is indentation.
    pub(super) fn skip_spaces(&self, place: usize) -> usize {
        let mut end = place;
        while let Some(word) = self.rest(end).first_chunk() {
            let others = u64::from_le_bytes(*word) ^ u64::from_le_bytes(*b"        ");
            if others != 0 {
                return end + others.trailing_zeros() as usize / 8;
            }
            end += size_of::<u64>();
        }
        while self.byte(end) == b' ' {
            end += 1;
        }
        end
    }

    /// Returns the start of the next line if only spaces or a comment follow on this one.
    pub(super) fn line_rest(&self, place: usize) -> Option<usize> {
        let content = self.skip_spaces(place);
        match self.byte(content) {
            b'\n' => Some(content + 1),
            0 => Some(content),
            b'#' if content > place => Some(self.next_line(content)),
            _ => None,
        }
    }

    /// Returns the next character that is not in a comment, and its column; `place` starts a line.
    pub(super) fn next_content(&self, mut place: usize) -> Option<(usize, usize)> {
        loop {
            let content = self.skip_spaces(place);
            place = match self.byte(content) {
                b'\n' => content + 1,
                b'#' => self.next_line(content),
                b'\t' => return None,
                _ => return Some((content, content - place)),
            };
        }
    }

    /// Returns `true` if a `-` of a sequence stands here.
    pub(super) fn is_entry(&self, place: usize) -> bool {
        self.byte(place) == b'-' && self.is_space(place + 1)
    }

    /// Returns `true` if `---` or `...` stands here on its own.
    pub(super) fn is_document_indicator(&self, place: usize) -> bool {
        let rest = self.rest(place);
        (rest.starts_with(b"---") || rest.starts_with(b"...")) && self.is_space(place + 3)
    }

    fn is_space(&self, place: usize) -> bool {
        matches!(self.byte(place), b' ' | b'\t' | b'\n' | 0)
    }

    fn next_line(&self, place: usize) -> usize {
        memchr(b'\n', self.rest(place)).map_or(self.len(), |n| place + n + 1)
    }

    /// Reads a key with its `:`. `None` gives up, `Some(None)` means that something else stands here.
    pub(super) fn key(&self, start: usize) -> Option<Option<Read>> {
        let (node, colon) = match self.byte(start) {
            b'"' | b'\'' => {
                let (node, end) = self.short_quoted(start)?;
                let end = self.skip_spaces(end);
                if self.byte(end) != b':' {
                    return Some(None);
                }
                (node, end)
            }
            b'[' | b'{' | b'|' | b'>' => return Some(None),
            _ if !self.may_start_plain(start) => return None,
            _ => {
                let mut end = start;
                loop {
                    let is_stop = |byte: &u8| matches!(byte, b':' | b'#' | b'\n' | b'\t');
                    let Some(n) = self.rest(end).iter().position(is_stop) else {
                        return Some(None);
                    };
                    end += n;
                    match self.byte(end) {
                        b':' if self.is_space(end + 1) => break,
                        b'#' if self.byte(end - 1) == b' ' => return Some(None),
                        b'\n' => return Some(None),
                        b'\t' => return None,
                        _ => end += 1,
                    }
                }
                let text = self.slice(start, end).trim_end_matches(' ');
                (self.scalar(text, Style::Plain, start), end)
            }
        };
        if !matches!(self.byte(colon + 1), b' ' | b'\n' | 0) || colon - start > MAX_KEY {
            return None;
        }
        is_ordinary_key(&node).then_some(Some(Read { node, end: colon + 1 }))
    }

    /// Reads a value inside a block collection at column `parent`; lines come together in `room`.
    pub(super) fn value(&self, start: usize, parent: usize, room: &mut EcoString) -> Option<Read> {
        let (node, end) = match self.byte(start) {
            b'"' | b'\'' => self.short_quoted(start).or_else(|| self.long_quoted(start))?,
            b'[' | b'{' => self.flow(start)?,
            b'|' => {
                return self.literal(start, parent, room).or_else(|| self.block(start, parent));
            }
            b'>' => return self.block(start, parent),
            _ if self.may_start_plain(start) => return self.plain(start, parent, room),
            _ => return None,
        };
        Some(Read { node, end: self.line_rest(end)? })
    }

    pub(super) fn scalar(&self, text: impl Into<EcoString>, style: Style, start: usize) -> Node {
        Node::scalar(text, style, Tag::None, self.pos(start))
    }

    pub(super) fn may_start_plain(&self, place: usize) -> bool {
        match self.byte(place) {
            b'-' | b'?' | b':' => !self.is_space(place + 1),
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' => false,
            b'\'' | b'"' | b'%' | b'@' | b'`' | b' ' | b'\t' | b'\n' | 0 => false,
            _ => true,
        }
    }

    /// Reads a plain scalar with the lines on which it goes on.
    fn plain(&self, start: usize, parent: usize, folded: &mut EcoString) -> Option<Read> {
        let mut line = self.plain_line(start)?;
        folded.clear();
        let mut text = self.slice(start, line.end);
        while !line.has_comment {
            let mut next = line.next;
            let mut breaks = 0;
            let mut content = self.skip_spaces(next);
            while self.byte(content) == b'\n' {
                breaks += 1;
                next = content + 1;
                content = self.skip_spaces(next);
            }
            match self.byte(content) {
                b'#' | 0 => break,
                b'\t' => return None,
                _ if content - next <= parent => break,
                _ => {}
            }
            folded.push_str(text);
            match breaks {
                0 => folded.push(' '),
                _ => (0..breaks).for_each(|_| folded.push('\n')),
            }
            line = self.plain_line(content)?;
            text = self.slice(content, line.end);
        }
        if !folded.is_empty() {
            folded.push_str(text);
            text = folded;
        }
        Some(Read { node: self.scalar(text, Style::Plain, start), end: line.next })
    }

    /// Finds the end of a line of a plain scalar; gives up if it contains a `: `.
    fn plain_line(&self, start: usize) -> Option<PlainLine> {
        let mut place = start;
        let (end, has_comment) = loop {
            let Some(n) = memchr3(b'\n', b':', b'#', self.rest(place)) else {
                break (self.len(), false);
            };
            place += n;
            match self.byte(place) {
                b'\n' => break (place, false),
                b':' if self.is_space(place + 1) => return None,
                b'#' if self.byte(place - 1) == b' ' => break (place, true),
                _ => place += 1,
            }
        };
        let text = self.slice(start, end);
        if self.has_tabs && text.contains('\t') {
            return None;
        }
        let next = if has_comment { self.next_line(end) } else { self.len().min(end + 1) };
        Some(PlainLine { end: start + text.trim_end_matches(' ').len(), next, has_comment })
    }

    /// Reads a quoted scalar on one line and without escapes; returns where it ends.
    pub(super) fn short_quoted(&self, start: usize) -> Option<(Node, usize)> {
        let from = start + 1;
        let (style, length) = match self.byte(start) {
            b'"' => (Style::DoubleQuoted, memchr3(b'"', b'\\', b'\n', self.rest(from))?),
            _ => (Style::SingleQuoted, memchr2(b'\'', b'\n', self.rest(from))?),
        };
        let quote = from + length;
        if self.byte(quote) != self.byte(start) || self.byte(quote + 1) == b'\'' {
            return None;
        }
        Some((self.scalar(self.slice(from, quote), style, start), quote + 1))
    }

    /// Reads any quoted scalar as the scanner does; returns where it ends.
    fn long_quoted(&self, start: usize) -> Option<(Node, usize)> {
        let style = match self.byte(start) {
            b'"' => Style::DoubleQuoted,
            _ => Style::SingleQuoted,
        };
        let mut cursor = Cursor::inside(self.text, start);
        let text = quoted::scan(&mut cursor, style).ok()?;
        Some((self.scalar(text, style, start), cursor.mark.offset))
    }

    /// Reads a literal with a simple header and without odd indentation.
    fn literal(&self, start: usize, parent: usize, text: &mut EcoString) -> Option<Read> {
        let mut header = start + 1;
        let chomping = self.byte(header);
        if matches!(chomping, b'+' | b'-') {
            header += 1;
        }
        let first = self.line_rest(header)?;
        let mut place = first;
        text.clear();
        let mut breaks = 0;
        let mut indent = None;
        loop {
            let content = self.skip_spaces(place);
            let column = content - place;
            match (self.byte(content), indent) {
                // An empty line; its spaces count where they are deeper than the text.
                (b'\n', Some(n)) if column <= n => breaks += 1,
                (b'\n', None) if column <= parent + 1 => breaks += 1,
                (b'\n', None) => return None,
                (0, Some(n)) if column <= n => {
                    place = content;
                    break;
                }
                (0 | b'\t', None) => return None,
                (b'\t', Some(n)) if column < n => return None,
                (_, Some(n)) if column < n => break,
                (_, None) if column <= parent => return None,
                (_, known) => {
                    let indent = *indent.insert(known.unwrap_or(column));
                    (0..breaks).for_each(|_| text.push('\n'));
                    let line = place + indent;
                    place = self.next_line(content);
                    let has_break = self.byte(place - 1) == b'\n';
                    text.push_str(self.slice(line, place - usize::from(has_break)));
                    breaks = usize::from(has_break);
                    continue;
                }
            }
            place = content + 1;
        }
        match chomping {
            b'-' => {}
            b'+' => (0..breaks).for_each(|_| text.push('\n')),
            _ if breaks > 0 => text.push('\n'),
            _ => {}
        }
        // Of a large text there should be no copy, not even for a moment.
        let text = if text.len() < LARGE { text.as_str().into() } else { std::mem::take(text) };
        Some(Read { node: self.scalar(text, Style::Literal, start), end: place })
    }

    /// Reads any block scalar as the scanner does.
    fn block(&self, start: usize, parent: usize) -> Option<Read> {
        let style = match self.byte(start) {
            b'|' => Style::Literal,
            _ => Style::Folded,
        };
        let mut cursor = Cursor::inside(self.text, start);
        let parent = isize::try_from(parent).ok()?;
        let (text, _) = block_scalar::scan(&mut cursor, style, parent).ok()?;
        // It has passed the indentation of the next line.
        let end = match cursor.at_end() {
            true => self.len(),
            false => cursor.mark.offset.checked_sub(usize::try_from(cursor.mark.column).ok()?)?,
        };
        Some(Read { node: self.scalar(text, style, start), end })
    }
}

/// From this size on a text may have more memory than it needs.
const LARGE: usize = 1 << 20;

/// Where a line of a plain scalar ends, and the next one starts.
struct PlainLine {
    end: usize,
    next: usize,
    has_comment: bool,
}

/// Returns `true` if a key takes no part in the merging of keys.
pub(super) fn is_ordinary_key(key: &Node) -> bool {
    let text = key.text().unwrap_or("");
    text != "<<" && (text.is_empty() || !key.is_null())
}
