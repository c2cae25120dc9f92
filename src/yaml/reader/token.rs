//! The words of a YAML text.

use std::borrow::Cow;

use crate::yaml::Style;

/// A place in the text; everything counts from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Mark {
    /// In bytes.
    pub(super) offset: usize,
    /// In characters.
    pub(super) index: usize,
    pub(super) line: usize,
    /// In characters; signed because the indentation outside of every block is -1.
    pub(super) column: isize,
}

/// One token and where it stands.
#[derive(Debug)]
pub(super) struct Token<'t> {
    pub(super) kind: TokenKind<'t>,
    pub(super) start: Mark,
    pub(super) end: Mark,
}

/// What a token is.
#[derive(Debug)]
pub(super) enum TokenKind<'t> {
    StreamEnd,
    /// `%YAML`, major and minor version.
    Version(u8, u8),
    /// `%TAG`
    TagDirective {
        handle: &'t str,
        prefix: Vec<u8>,
    },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    /// `-`
    BlockEntry,
    /// `,`
    FlowEntry,
    /// `?`, or before a key that turned out to be one.
    Key,
    /// `:`
    Value,
    /// `*name`
    Alias(&'t str),
    /// `&name`
    Anchor(&'t str),
    /// A tag; the handle is empty for a verbatim one.
    Tag {
        handle: &'t str,
        suffix: Vec<u8>,
    },
    Scalar {
        text: Cow<'t, str>,
        style: Style,
    },
}
