//! The steps of a document, as the parser finds them.

use std::borrow::Cow;

use super::token::Mark;
use crate::yaml::{Style, Tag};

/// One step of a document.
#[derive(Debug)]
pub(super) struct Event<'t> {
    pub(super) kind: EventKind<'t>,
    /// The anchor of what starts here.
    pub(super) anchor: Option<&'t str>,
    /// The tag of what starts here, in full.
    pub(super) tag_name: Option<Vec<u8>>,
    pub(super) start: Mark,
    /// Where it starts with its anchor and its tag.
    pub(super) first: Mark,
    /// Where the `-` or `?` before it stands.
    pub(super) indicator: Option<Mark>,
    /// Where the last token of it ends; of a start, of a block collection's end, and of what is not
    /// written at all, the same as `start`.
    pub(super) end: Mark,
}

#[derive(Debug)]
pub(super) enum EventKind<'t> {
    Alias(&'t str),
    Scalar { text: Cow<'t, str>, style: Style, tag: Tag },
    SequenceStart { flow: bool },
    SequenceEnd,
    MappingStart { flow: bool },
    MappingEnd,
    DocumentEnd,
}

/// Returns an event without anchor and tag.
pub(super) fn event(kind: EventKind<'_>, start: Mark) -> Event<'_> {
    Event { kind, anchor: None, tag_name: None, start, first: start, indicator: None, end: start }
}

/// Returns the scalar that is there where nothing is written.
pub(super) fn empty<'t>(start: Mark) -> Event<'t> {
    event(EventKind::Scalar { text: Cow::Borrowed(""), style: Style::Plain, tag: Tag::None }, start)
}
