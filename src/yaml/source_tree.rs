//! The tree of a text with its looks.

use ecow::EcoString;

use super::node::{self, Kind};
use super::scalar::{self, Rules};
use super::style::{Style, Tag};

/// A document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Document {
    /// The comments before everything, if a blank line follows them.
    pub(crate) head: EcoString,
    /// The root, if there is anything but comments.
    pub(crate) root: Option<Node>,
    /// The comments after everything.
    pub(crate) foot: EcoString,
}

/// A value and its looks.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// The value.
    pub(crate) value: Value,
    /// The name after `&`.
    pub(crate) anchor: EcoString,
    /// The explicit tag as it is written, such as `!!str`.
    pub(crate) tag: EcoString,
    /// The comments around it.
    pub(crate) comments: Option<Box<Comments>>,
    /// Where it was read.
    pub(crate) place: Start,
}

/// The place of a value in its text; all zero for one that was made.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Start {
    /// Where it starts, in bytes, without anchor and tag.
    pub(crate) offset: usize,
    /// The line on which it starts with anchor and tag, from 1.
    pub(crate) line: u32,
    /// The column there in characters, from 1.
    pub(crate) column: u32,
}

/// The comments around a key or an element. Each may have several lines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Comments {
    /// On the lines before.
    pub(crate) head: EcoString,
    /// On the same line.
    pub(crate) line: EcoString,
    /// On the lines after.
    pub(crate) foot: EcoString,
}

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A scalar.
    Scalar {
        /// The text.
        text: EcoString,
        /// How it is quoted.
        style: Style,
        /// The type it had when it was read, which it keeps; `None` if it was made here.
        kind: Option<Tag>,
    },
    /// A sequence.
    Seq {
        /// Whether it is written as `[…]`.
        flow: bool,
        /// The elements.
        items: Vec<Node>,
    },
    /// A mapping.
    Map {
        /// Whether it is written as `{…}`.
        flow: bool,
        /// Keys and values.
        entries: Vec<(Node, Node)>,
    },
    /// `*name`
    Alias(EcoString),
}

impl Node {
    /// Returns a node without properties and comments.
    pub(crate) fn new(value: Value) -> Node {
        Node {
            value,
            anchor: EcoString::new(),
            tag: EcoString::new(),
            comments: None,
            place: Start::default(),
        }
    }

    /// Returns a plain scalar without a type.
    pub(crate) fn plain(text: impl Into<EcoString>) -> Node {
        Node::new(Value::Scalar { text: text.into(), style: Style::Plain, kind: None })
    }

    /// Returns the kind, or `None` for an alias.
    pub(crate) fn kind(&self) -> Option<Kind> {
        match &self.value {
            Value::Scalar { .. } => Some(Kind::Scalar),
            Value::Seq { .. } => Some(Kind::Seq),
            Value::Map { .. } => Some(Kind::Map),
            Value::Alias(_) => None,
        }
    }

    /// Returns the text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Returns the value of the first entry with this key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map { entries, .. } => {
                entries.iter().find(|(k, _)| k.text() == Some(key)).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Returns the value of the first entry with this key, for changing.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        match &mut self.value {
            Value::Map { entries, .. } => {
                entries.iter_mut().find(|(k, _)| k.text() == Some(key)).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Returns one kind of comment for changing.
    pub(crate) fn comments_mut(&mut self) -> &mut Comments {
        self.comments.get_or_insert_default()
    }
}

impl From<&node::Node> for Node {
    fn from(node: &node::Node) -> Node {
        match node {
            node::Node::Scalar { style, tag, text, .. } => {
                let kind = match tag {
                    Tag::None | Tag::Cleared if *style == Style::Plain => None,
                    Tag::None | Tag::Cleared => Some(Tag::Str),
                    tag => Some(*tag),
                };
                Node::new(Value::Scalar { text: text.clone(), style: *style, kind })
            }
            node::Node::Seq { flow, items, .. } => {
                Node::new(Value::Seq { flow: *flow, items: items.iter().map(Node::from).collect() })
            }
            node::Node::Map { flow, map, .. } => {
                let entries = map.iter().map(|e| (Node::from(&e.key), Node::from(&e.value)));
                Node::new(Value::Map { flow: *flow, entries: entries.collect() })
            }
        }
    }
}

/// Returns the type of an untagged scalar.
pub(crate) fn kind_of(text: &str, style: Style) -> Tag {
    if style != Style::Plain {
        return Tag::Str;
    }
    if text == "<<" {
        return Tag::Merge;
    }
    match scalar::resolve(text, style, Tag::None, Rules::V3) {
        Ok(scalar::Value::Null) => Tag::Null,
        Ok(scalar::Value::Bool(_)) => Tag::Bool,
        Ok(scalar::Value::Int(_) | scalar::Value::Uint(_)) => Tag::Int,
        Ok(scalar::Value::Float(_)) => Tag::Float,
        Ok(scalar::Value::Timestamp(_)) => Tag::Timestamp,
        Ok(scalar::Value::Str(_)) | Err(_) => Tag::Str,
    }
}
