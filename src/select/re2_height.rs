//! The height of the tree that RE2 makes of a pattern, which upstream limits.
//!
//! Plain letters in a row are one node, and so are neighbouring alternatives of one character. A
//! group without a capture adds no node; a sequence within a sequence, and alternatives within
//! alternatives, are joined. Common beginnings of alternatives, which upstream takes out, are
//! not looked for: they add a level or two at most.

/// The greatest height that upstream accepts.
pub(super) const MAX_HEIGHT: usize = 1000;

/// What a node is, as far as its neighbours and parents treat it differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Characters in a row, so many of them.
    Literal(usize),
    /// One character of several.
    Class,
    Concat,
    Alternate,
    Other,
}

/// A node of the tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) kind: Kind,
    pub(super) height: usize,
}

impl Part {
    pub(super) fn leaf(kind: Kind) -> Part {
        Part { kind, height: 1 }
    }

    /// Returns a node with this one as its only child.
    pub(super) fn wrapped(self) -> Part {
        Part { kind: Kind::Other, height: self.height + 1 }
    }

    fn is_one_character(self) -> bool {
        matches!(self.kind, Kind::Literal(1) | Kind::Class)
    }
}

/// The children of a node, joined to a part once all are known.
#[derive(Clone, Copy, Debug, Default)]
struct Children {
    count: usize,
    tallest: usize,
    last: Option<Part>,
}

impl Children {
    fn push(&mut self, part: Part, parent: Kind) {
        self.count += 1;
        // A child of the parent's own kind gives its children up to the parent.
        let height = part.height - usize::from(part.kind == parent);
        self.tallest = self.tallest.max(height);
        self.last = Some(part);
    }

    fn join(self, parent: Kind) -> Part {
        match self.last {
            Some(only) if self.count == 1 => only,
            Some(_) => Part { kind: parent, height: self.tallest + 1 },
            None => Part::leaf(Kind::Other),
        }
    }
}

/// What stands in a group, as far as it was read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Heights {
    alternatives: Children,
    sequence: Children,
    /// The part read last, which a repetition would apply to.
    last: Option<Part>,
}

impl Heights {
    /// Adds a part to the sequence.
    pub(super) fn push(&mut self, part: Part) {
        if let (Some(Part { kind: Kind::Literal(before), .. }), Kind::Literal(more)) =
            (self.last, part.kind)
        {
            self.last = Some(Part::leaf(Kind::Literal(before + more)));
            return;
        }
        self.settle();
        self.last = Some(part);
    }

    /// Repeats the part read last; of characters in a row only the last one. Returns the height.
    pub(super) fn repeat(&mut self) -> usize {
        let Some(operand) = self.last.take() else { return 0 };
        let operand = match operand.kind {
            Kind::Literal(characters) if characters > 1 => {
                let before = Part::leaf(Kind::Literal(characters - 1));
                self.sequence.push(before, Kind::Concat);
                Part::leaf(Kind::Literal(1))
            }
            _ => operand,
        };
        let repeated = operand.wrapped();
        self.last = Some(repeated);
        repeated.height
    }

    /// Ends an alternative.
    pub(super) fn alternate(&mut self) {
        self.settle();
        let part = std::mem::take(&mut self.sequence).join(Kind::Concat);
        match self.alternatives.last {
            Some(before) if before.is_one_character() && part.is_one_character() => {
                self.alternatives.last = Some(Part::leaf(Kind::Class));
            }
            _ => self.alternatives.push(part, Kind::Alternate),
        }
    }

    /// Ends the group and returns what it comes to.
    pub(super) fn finish(mut self) -> Part {
        self.alternate();
        self.alternatives.join(Kind::Alternate)
    }

    fn settle(&mut self) {
        if let Some(part) = self.last.take() {
            self.sequence.push(part, Kind::Concat);
        }
    }
}
