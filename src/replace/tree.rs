//! What finding and writing fields needs of a tree: that of a resource, or that of a text with its
//! looks.

use std::borrow::Cow;

use ecow::EcoVec;

use crate::build_context::Context;
use crate::yaml::{Kind, Mapping, Node, Pos, Style, Tag, edit, tag_of};

/// A tree whose fields can be found and changed.
pub(super) trait Tree: Sized {
    /// Returns the kind; nothing for what stands for another node or for no node at all.
    fn kind(&self) -> Option<Kind>;

    /// Returns the name of the kind for messages.
    fn kind_name(&self) -> &'static str;

    /// Returns `true` if this is a null scalar.
    fn is_null(&self) -> bool;

    /// Returns the text of a scalar.
    fn text(&self) -> Option<&str>;

    /// Returns the YAML of this, as upstream would write it.
    fn source(&self) -> Cow<'_, str>;

    /// Returns the number of elements of a sequence.
    fn len(&self) -> usize;

    /// Returns an element for changing.
    fn item(&mut self, index: usize) -> Option<&mut Self>;

    /// Returns the value of a key.
    fn field(&self, key: &str) -> Option<&Self>;

    /// Returns the value of a key for changing.
    fn field_mut(&mut self, key: &str) -> Option<&mut Self>;

    /// Returns a new empty node; a scalar has no type.
    fn empty(kind: Kind) -> Self;

    /// Appends an element to a sequence.
    fn push(&mut self, item: Self);

    /// Appends an entry to a mapping.
    fn insert(&mut self, key: &str, value: Self);

    /// Replaces the text of a scalar, keeping its style and its type, or leaving it without one.
    fn set_text(&mut self, text: &str, typed: bool);

    /// Gives a scalar that is about to keep its text the place of the step; a text within a text has none.
    fn mark_again(&mut self, _cx: &Context, _text: &str) {}

    /// Becomes a copy of a node of a resource.
    fn become_copy(&mut self, node: &Node);
}

impl Tree for Node {
    fn kind(&self) -> Option<Kind> {
        Some(Node::kind(self))
    }

    fn kind_name(&self) -> &'static str {
        Node::kind(self).name()
    }

    fn is_null(&self) -> bool {
        Node::is_null(self)
    }

    fn text(&self) -> Option<&str> {
        Node::text(self)
    }

    fn source(&self) -> Cow<'_, str> {
        match self {
            Node::Scalar { style: Style::Plain, tag: Tag::None | Tag::Cleared, text, .. }
                if is_plain(text) =>
            {
                Cow::Borrowed(text)
            }
            node => Cow::Owned(edit::Node::from(node).to_yaml()),
        }
    }

    fn len(&self) -> usize {
        self.as_seq().map_or(0, EcoVec::len)
    }

    fn item(&mut self, index: usize) -> Option<&mut Node> {
        self.as_seq_mut()?.make_mut().get_mut(index)
    }

    fn field(&self, key: &str) -> Option<&Node> {
        self.get(key)
    }

    fn field_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.get_mut(key)
    }

    fn empty(kind: Kind) -> Node {
        match kind {
            Kind::Scalar => Node::scalar("", Style::Plain, Tag::Cleared, Pos::NONE),
            Kind::Map => Node::map(Mapping::new()),
            Kind::Seq => Node::seq(EcoVec::new()),
        }
    }

    fn push(&mut self, item: Node) {
        if let Some(items) = self.as_seq_mut() {
            items.push(item);
        }
    }

    fn insert(&mut self, key: &str, value: Node) {
        if let Some(map) = self.as_map_mut() {
            map.push(Node::plain(key), value);
        }
    }

    fn mark_again(&mut self, cx: &Context, text: &str) {
        cx.mark_again(self, text);
    }

    fn set_text(&mut self, new: &str, typed: bool) {
        retype(self, typed);
        Node::set_text(self, new);
    }

    fn become_copy(&mut self, node: &Node) {
        *self = node.clone();
    }
}

/// Makes the type that a plain scalar has by its text explicit, so that it stays when the text
/// changes.
pub(super) fn retype(node: &mut Node, typed: bool) {
    if let Node::Scalar { style: Style::Plain, tag: tag @ Tag::None, text, .. } = node
        && typed
    {
        *tag = tag_of(text, Style::Plain);
    }
}

/// Returns `true` if a text is surely written as it is.
fn is_plain(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b))
}

impl Tree for edit::Node {
    fn kind(&self) -> Option<Kind> {
        edit::Node::kind(self)
    }

    fn kind_name(&self) -> &'static str {
        edit::Node::kind(self).map_or("AliasNode", Kind::name)
    }

    fn is_null(&self) -> bool {
        matches!(&self.value, edit::Value::Scalar { kind: Some(Tag::Null), .. })
    }

    fn text(&self) -> Option<&str> {
        edit::Node::text(self)
    }

    fn source(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_yaml())
    }

    fn len(&self) -> usize {
        match &self.value {
            edit::Value::Seq { items, .. } => items.len(),
            _ => 0,
        }
    }

    fn item(&mut self, index: usize) -> Option<&mut edit::Node> {
        match &mut self.value {
            edit::Value::Seq { items, .. } => items.get_mut(index),
            _ => None,
        }
    }

    fn field(&self, key: &str) -> Option<&edit::Node> {
        self.get(key)
    }

    fn field_mut(&mut self, key: &str) -> Option<&mut edit::Node> {
        self.get_mut(key)
    }

    fn empty(kind: Kind) -> edit::Node {
        edit::Node::new(match kind {
            Kind::Scalar => return edit::Node::plain(""),
            Kind::Map => edit::Value::Map { flow: false, entries: Vec::new() },
            Kind::Seq => edit::Value::Seq { flow: false, items: Vec::new() },
        })
    }

    fn push(&mut self, item: edit::Node) {
        if let edit::Value::Seq { items, .. } = &mut self.value {
            items.push(item);
        }
    }

    fn insert(&mut self, key: &str, value: edit::Node) {
        if let edit::Value::Map { entries, .. } = &mut self.value {
            entries.push((edit::Node::plain(key), value));
        }
    }

    fn set_text(&mut self, new: &str, _typed: bool) {
        // What was read has its type, what was created has none.
        if let edit::Value::Scalar { text, .. } = &mut self.value {
            *text = new.into();
        }
    }

    fn become_copy(&mut self, node: &Node) {
        *self = edit::Node::from(node);
    }
}
