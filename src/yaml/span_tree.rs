//! Where the values of a text stand in its bytes.

/// A value and the bytes it is written with.
#[derive(Debug)]
pub(in crate::yaml) struct Span {
    /// Where it starts with its anchor and its tag.
    pub(in crate::yaml) first: usize,
    /// Where it starts without them; the position of the same value in the typed tree.
    pub(in crate::yaml) start: usize,
    /// Where it ends; of a block scalar, before the line break after its last line.
    pub(in crate::yaml) end: usize,
    /// Where the `-` before it stands, if it is an item of a block sequence.
    pub(in crate::yaml) dash: Option<usize>,
    /// Whether it has an anchor.
    pub(in crate::yaml) anchored: bool,
    /// What it is.
    pub(in crate::yaml) form: Form,
}

/// How a value is written.
#[derive(Debug)]
pub(in crate::yaml) enum Form {
    /// `*name`; and where the value with that anchor starts ([`Span::first`]).
    Alias(usize),
    /// A scalar, or nothing at all where a null is meant.
    Scalar,
    /// A sequence.
    Seq { flow: bool, items: Vec<Span> },
    /// A mapping.
    Map { flow: bool, entries: Vec<(Span, Span)> },
}

impl Span {
    /// Returns `true` if nothing is written where the value would stand.
    pub(in crate::yaml) fn is_absent(&self) -> bool {
        matches!(self.form, Form::Scalar) && self.first == self.end
    }

    /// Returns `true` if `text` writes this between brackets.
    ///
    /// The pair in `[a: b]` is a mapping, too, but has no brackets of its own.
    pub(in crate::yaml) fn is_bracketed(&self, text: &str) -> bool {
        match self.form {
            Form::Seq { flow, .. } => flow,
            Form::Map { flow, .. } => flow && text[self.start..].starts_with('{'),
            _ => false,
        }
    }

    /// Calls `visit` for this and everything inside, keys included.
    pub(in crate::yaml) fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Span)) {
        visit(self);
        match &self.form {
            Form::Seq { items, .. } => items.iter().for_each(|item| item.walk(visit)),
            Form::Map { entries, .. } => {
                for (key, value) in entries {
                    key.walk(visit);
                    value.walk(visit);
                }
            }
            Form::Alias(_) | Form::Scalar => {}
        }
    }
}
