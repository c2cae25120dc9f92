//! Flow collections of the short way.

use ecow::EcoVec;

use super::fast_scalar::{MAX_KEY, Text, is_ordinary_key};
use crate::yaml::{Mapping, Node, Style};

/// Deeper ones are left to the scanner.
const MAX_DEPTH: usize = 64;

/// An open flow collection.
struct Frame {
    start: usize,
    content: Content,
}

enum Content {
    Mapping(Mapping, Option<Node>),
    Sequence(EcoVec<Node>),
}

impl Text<'_> {
    /// Reads a flow collection on one line; returns where it ends.
    pub(super) fn flow(&self, start: usize) -> Option<(Node, usize)> {
        let mut open: Vec<Frame> = Vec::new();
        let mut place = start;
        loop {
            place = self.skip_spaces(place);
            let mut node = match self.byte(place) {
                bracket @ (b'[' | b'{') => {
                    if open.len() >= MAX_DEPTH {
                        return None;
                    }
                    let (content, close) = match bracket {
                        b'[' => (Content::Sequence(EcoVec::new()), b']'),
                        _ => (Content::Mapping(Mapping::new(), None), b'}'),
                    };
                    open.push(Frame { start: place, content });
                    place = self.skip_spaces(place + 1);
                    if self.byte(place) != close {
                        continue;
                    }
                    place += 1;
                    self.flow_end(open.pop()?)
                }
                _ => {
                    let (node, end) = self.flow_scalar(place)?;
                    place = end;
                    node
                }
            };
            // The node is complete, and so may be those around it.
            loop {
                let Some(frame) = open.last_mut() else {
                    return Some((node, place));
                };
                let close = match &mut frame.content {
                    Content::Mapping(_, key @ None) => {
                        let ends_well = self.byte(place) == b':' && self.byte(place + 1) == b' ';
                        if !ends_well || node.text().is_none() || !is_ordinary_key(&node) {
                            return None;
                        }
                        *key = Some(node);
                        place += 2;
                        break;
                    }
                    Content::Mapping(map, key) => {
                        map.push(key.take()?, node);
                        b'}'
                    }
                    Content::Sequence(items) => {
                        items.push(node);
                        b']'
                    }
                };
                place = self.skip_spaces(place);
                match self.byte(place) {
                    b',' => {
                        place += 1;
                        break;
                    }
                    byte if byte == close => place += 1,
                    _ => return None,
                }
                node = self.flow_end(open.pop()?);
            }
        }
    }

    fn flow_end(&self, frame: Frame) -> Node {
        let (flow, pos) = (true, self.pos(frame.start));
        match frame.content {
            Content::Mapping(map, _) => Node::Map { flow, pos, map },
            Content::Sequence(items) => Node::Seq { flow, pos, items },
        }
    }

    fn flow_scalar(&self, start: usize) -> Option<(Node, usize)> {
        match self.byte(start) {
            b'"' | b'\'' => return self.short_quoted(start),
            b'-' if self.byte(start + 1).is_ascii_alphanumeric() => {}
            b'-' | b'?' | b':' => return None,
            _ if !self.may_start_plain(start) => return None,
            _ => {}
        }
        let mut end = start;
        loop {
            match self.byte(end) {
                b',' | b']' | b'}' => break,
                b':' if self.byte(end + 1) == b' ' => break,
                b'#' if self.byte(end - 1) == b' ' => return None,
                b'?' | b'[' | b'{' | b'\t' | b'\n' | 0 => return None,
                _ => end += 1,
            }
        }
        let text = self.slice(start, end).trim_end_matches(' ');
        // A key that ends in spaces is left to the scanner, as one near the length limit is.
        if self.byte(end) == b':' && (text.len() < end - start || text.len() > MAX_KEY) {
            return None;
        }
        Some((self.scalar(text, Style::Plain, start), end))
    }
}
