//! What values cost: how long they are, and how much memory one takes that was just made.

use std::rc::Rc;

use super::error::TemplateError;
use super::print::{DEEPEST, too_deep};
use super::value::Value;

/// What a text takes besides its bytes: its counters, and what the allocator rounds up.
const TEXT: usize = 32;
/// What a list or a map takes besides what is in it.
const LIST: usize = 80;
/// What a version takes besides its texts.
const VERSION: usize = 200;

/// Returns how many bytes a map of so many entries takes, without its keys and values.
pub(crate) fn map_bytes(entries: usize) -> usize {
    let entry = size_of::<Value>() + size_of::<Rc<str>>();
    LIST.saturating_add(map_places(entries).saturating_mul(entry))
}

/// Returns for how many entries a map has room that has so many: the nodes of its tree have room for eleven each, and
/// from two on they may be half empty.
pub(crate) fn map_places(entries: usize) -> usize {
    const OF_A_NODE: usize = 11;
    if entries <= OF_A_NODE { OF_A_NODE } else { entries.saturating_mul(2) }
}

/// Returns how many bytes a text takes that is so long.
pub(super) fn text_bytes(length: usize) -> usize {
    TEXT.saturating_add(length)
}

impl Value {
    /// Returns how much there is to go through: the bytes of a text, the elements of a list or a map.
    pub(super) fn length(&self) -> usize {
        match self {
            Value::Str(text) => text.len(),
            Value::List(list) => list.items().len(),
            Value::Map(map) => map.len(),
            Value::Version(version) => version.length(),
            _ => 0,
        }
    }

    /// Returns how many bytes a value takes that nothing else holds, with all in it that nothing else holds: of what a
    /// function returns, that is what it has made.
    ///
    /// # Errors
    /// If it is nested too deep.
    pub(crate) fn made(&self) -> Result<usize, TemplateError> {
        self.made_at(0)
    }

    fn made_at(&self, depth: usize) -> Result<usize, TemplateError> {
        if depth > DEEPEST {
            return Err(too_deep());
        }
        let mut bytes = 0usize;
        let mut add = |more: usize| bytes = bytes.saturating_add(more);
        match self {
            Value::Str(text) => add(own_text(text)),
            Value::Version(version) if Rc::strong_count(version) == 1 => {
                add(VERSION + version.length());
            }
            Value::List(list) if !list.is_shared() => {
                add(LIST + list.items().len().saturating_mul(size_of::<Value>()));
                for item in list.items() {
                    add(item.made_at(depth + 1)?);
                }
            }
            Value::Map(map) if !map.is_shared() => {
                add(map_bytes(map.len()));
                map.each(|key, value| {
                    add(own_text(key));
                    value.made_at(depth + 1).map(&mut add)
                })?;
            }
            _ => {}
        }
        Ok(bytes)
    }
}

/// Returns how many bytes a text takes that nothing else holds.
pub(crate) fn own_text(text: &Rc<str>) -> usize {
    if Rc::strong_count(text) == 1 { text_bytes(text.len()) } else { 0 }
}
