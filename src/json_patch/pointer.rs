//! JSON pointers, and list indexes as upstream counts them.

use std::borrow::Cow;

use crate::yaml::Pos;

/// Where an operation works: a member or element of a map or list.
#[derive(Clone, Debug)]
pub(super) struct Pointer {
    /// As written.
    pub(super) text: String,
    /// Where it is written.
    pub(super) pos: Pos,
    /// Nothing if the text has no `/`, which has no parent.
    tokens: Option<Vec<String>>,
}

impl Pointer {
    /// Splits a pointer that is written at a place.
    pub(super) fn parse(text: &str, pos: Pos) -> Pointer {
        // Odd: what stands before the first slash is ignored, so `x/spec` is `/spec`
        // (case json-patch/path-text-before-slash-ignored).
        let tokens = text.split_once('/').map(|(_, rest)| rest.split('/').map(unescape).collect());
        Pointer { text: text.into(), pos, tokens }
    }

    /// Returns how many steps there are.
    pub(super) fn len(&self) -> usize {
        self.tokens().len()
    }

    /// Returns the parts of the path.
    pub(super) fn tokens(&self) -> &[String] {
        self.tokens.as_deref().unwrap_or_default()
    }

    /// Returns the last token.
    pub(super) fn key(&self) -> &str {
        self.tokens.as_ref().and_then(|tokens| tokens.last()).map_or("", String::as_str)
    }

    /// Returns the steps to the parent, if there is one.
    pub(super) fn way(&self) -> Option<&[String]> {
        self.tokens.as_ref()?.split_last().map(|(_, way)| way)
    }
}

/// Returns the index of an element that exists.
pub(super) fn existing(key: &str, len: usize) -> Result<usize, String> {
    within(atoi(key)?, len)
}

/// Returns an index below `len`; a negative one counts from there.
pub(super) fn within(index: i64, len: usize) -> Result<usize, String> {
    let from_end = usize::try_from(index.unsigned_abs()).ok().and_then(|i| len.checked_sub(i));
    let found = if index < 0 { from_end } else { usize::try_from(index).ok() };
    found
        .filter(|&i| i < len)
        .ok_or_else(|| format!("Unable to access invalid index: {index}: invalid index referenced"))
}

/// Reads an index as Go does.
pub(super) fn atoi(key: &str) -> Result<i64, String> {
    key.parse().map_err(|error: std::num::ParseIntError| {
        let problem = match error.kind() {
            std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow => {
                "value out of range"
            }
            _ => "invalid syntax",
        };
        format!("strconv.Atoi: parsing {key:?}: {problem}")
    })
}

fn unescape(token: &str) -> String {
    let token: Cow<'_, str> = if token.contains('~') {
        token.replace("~1", "/").replace("~0", "~").into()
    } else {
        token.into()
    };
    token.into_owned()
}
