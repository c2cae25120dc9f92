//! The short way for what Kubernetes files mostly are.
//!
//! Goes from bytes to the tree line by line, without tokens and events. It knows block collections,
//! scalars and flow collections that stand on one line, plain ones that go on, and block scalars.
//! Anything else, errors included, it leaves to the scanner: whatever it accepts must come out the
//! same there.

use ecow::{EcoString, EcoVec};

use self::FrameKind::{Indentless, Mapping, Sequence};
use super::fast_scalar::{Read, Text};
use crate::yaml::{Entry, Node, Pos, Style, Tag};

/// Reads the first document of a text that has no odd line breaks, or gives up.
///
/// `Some(None)` is a text without a document.
pub(super) fn read(text: Text<'_>, max_depth: usize) -> Option<Option<Node>> {
    let mut reader = Reader {
        text,
        max_depth,
        open: Vec::new(),
        keys: Vec::new(),
        entries: Vec::new(),
        items: Vec::new(),
        pending: None,
        room: EcoString::new(),
    };
    reader.document()
}

/// From so many elements on it is faster to move all at once, through a vector, than one by one.
const MANY: usize = 8;

struct Reader<'t> {
    text: Text<'t>,
    max_depth: usize,
    open: Vec<Frame>,
    /// The keys of the open mappings whose values are not complete.
    keys: Vec<Node>,
    /// The entries of all open mappings, and the items of all open sequences.
    entries: Vec<Entry>,
    items: Vec<Node>,
    /// Set if the innermost collection waits for a value: its place, should there be none.
    pending: Option<Pos>,
    /// Where the lines of a scalar come together.
    room: EcoString,
}

/// An open block collection.
struct Frame {
    column: usize,
    kind: FrameKind,
    pos: Pos,
    /// Where its part of the entries or items starts.
    base: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum FrameKind {
    Mapping,
    Sequence,
    /// A sequence at the column of its key.
    Indentless,
}

impl Reader<'_> {
    fn document(&mut self) -> Option<Option<Node>> {
        let size = self.text.len();
        let start = match self.text.rest(0).starts_with(b"---") {
            true => self.text.line_rest(3)?,
            false => 0,
        };
        let (mut content, mut column) = self.text.next_content(start)?;
        if content >= size {
            // After a `---` it is a null.
            return (start == 0).then_some(None);
        }
        while content < size {
            let next = self.line(content, column)?;
            (content, column) = self.text.next_content(next)?;
        }
        while self.open.len() > 1 {
            self.close();
        }
        let frame = self.open.pop()?;
        Some(Some(self.finish(&frame)))
    }

    /// Reads what starts on the line whose first character that is no space stands at `start`.
    fn line(&mut self, start: usize, column: usize) -> Option<usize> {
        if column == 0 && self.text.is_document_indicator(start) {
            return None;
        }
        while self.open.last().is_some_and(|frame| frame.column > column) {
            self.close_inner()?;
        }
        let is_entry = self.text.is_entry(start);
        let Some(frame) = self.open.last() else {
            return self.node(start, column);
        };
        if frame.column < column {
            self.pending?;
            return self.node(start, column);
        }
        match (frame.kind, is_entry) {
            (Mapping, true) => {
                self.pending?;
                self.node(start, column)
            }
            (Mapping, false) => {
                self.end_awaited();
                self.entry(start)
            }
            (Sequence | Indentless, true) => {
                self.end_awaited();
                self.item(start, column)
            }
            (Indentless, false) => {
                self.close_inner()?;
                self.entry(start)
            }
            (Sequence, false) => None,
        }
    }

    /// Reads the node that starts on this line, where it may be a block collection.
    fn node(&mut self, mut start: usize, mut column: usize) -> Option<usize> {
        while self.text.is_entry(start) {
            let is_indentless = self.open.last().is_some_and(|frame| frame.column == column);
            self.open(if is_indentless { Indentless } else { Sequence }, start, column)?;
            match self.dash(start) {
                Ok(next) => return Some(next),
                Err(content) => (start, column) = (content, column + content - start),
            }
        }
        match self.text.key(start)? {
            Some(key) => {
                self.open(Mapping, start, column)?;
                self.value(key)
            }
            // The root is left to the scanner unless it is a block collection.
            None if self.open.is_empty() => None,
            None => self.scalar(start),
        }
    }

    /// Reads an item of the innermost sequence.
    fn item(&mut self, start: usize, column: usize) -> Option<usize> {
        match self.dash(start) {
            Ok(next) => Some(next),
            Err(content) => self.node(content, column + content - start),
        }
    }

    /// Passes a `-`; answers with the next line, or else with what follows on this one.
    fn dash(&mut self, start: usize) -> Result<usize, usize> {
        let end = start + 1;
        self.pending = Some(self.text.pos(end));
        self.text.line_rest(end).ok_or_else(|| self.text.skip_spaces(end))
    }

    /// Reads a key of the innermost mapping and what follows it on the line.
    fn entry(&mut self, start: usize) -> Option<usize> {
        let key = self.text.key(start)??;
        self.value(key)
    }

    fn value(&mut self, key: Read) -> Option<usize> {
        self.keys.push(key.node);
        self.pending = Some(self.text.pos(key.end));
        let content = self.text.skip_spaces(key.end);
        match self.text.line_rest(key.end) {
            Some(next) => Some(next),
            None => self.scalar(content),
        }
    }

    /// Reads a value that is no block collection.
    fn scalar(&mut self, start: usize) -> Option<usize> {
        let parent = self.open.last()?.column;
        let Read { node, end } = self.text.value(start, parent, &mut self.room)?;
        self.attach(node);
        Some(end)
    }

    fn open(&mut self, kind: FrameKind, start: usize, column: usize) -> Option<()> {
        if self.open.len() >= self.max_depth {
            return None;
        }
        let base = match kind {
            Mapping => self.entries.len(),
            Sequence | Indentless => self.items.len(),
        };
        self.pending = None;
        self.open.push(Frame { column, kind, pos: self.text.pos(start), base });
        Some(())
    }

    /// Closes the innermost collection, which must have another around it.
    fn close_inner(&mut self) -> Option<()> {
        (self.open.len() > 1).then(|| self.close())
    }

    fn close(&mut self) {
        if let Some(frame) = self.open.pop() {
            let node = self.finish(&frame);
            self.attach(node);
        }
    }

    /// Returns the collection that is complete.
    fn finish(&mut self, frame: &Frame) -> Node {
        let pos = frame.pos;
        if let Some(place) = self.pending.take() {
            self.attach_to(frame.kind, Node::scalar("", Style::Plain, Tag::None, place));
        }
        match frame.kind {
            Mapping => {
                let map: EcoVec<Entry> = taken(&mut self.entries, frame.base);
                Node::Map { flow: false, pos, map: map.into() }
            }
            Sequence | Indentless => {
                Node::Seq { flow: false, pos, items: taken(&mut self.items, frame.base) }
            }
        }
    }

    /// Gives the innermost collection the null that it waits for, if it does.
    fn end_awaited(&mut self) {
        if let Some(place) = self.pending {
            self.attach(Node::scalar("", Style::Plain, Tag::None, place));
        }
    }

    /// Gives the innermost collection the value that it waits for.
    fn attach(&mut self, node: Node) {
        self.pending = None;
        if let Some(frame) = self.open.last() {
            self.attach_to(frame.kind, node);
        }
    }

    fn attach_to(&mut self, kind: FrameKind, node: Node) {
        match kind {
            Mapping => {
                let key = self.keys.pop().unwrap_or_default();
                self.entries.push(Entry { key, value: node });
            }
            Sequence | Indentless => self.items.push(node),
        }
    }
}

/// Takes the last elements of a stack.
fn taken<T: Clone>(stack: &mut Vec<T>, base: usize) -> EcoVec<T> {
    if stack.len() - base > MANY {
        return stack.split_off(base).into();
    }
    let mut taken = EcoVec::with_capacity(stack.len() - base);
    taken.extend(stack.drain(base..));
    taken
}
