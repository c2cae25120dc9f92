//! The YAML tree: what a value is, and how it was written.

pub(crate) use super::style::{Marks, Style, Tag};
use ecow::{EcoString, EcoVec};

use super::pos::Pos;

/// One YAML value together with the way it was written.
///
/// A scalar keeps its source text, tag and style and is typed only on demand (see
/// [`resolve`](super::resolve())), because that is what decides the bytes that are printed: `1e6` prints
/// as `1000000` but becomes the annotation `"1e6"`.
///
/// Cloning is cheap: collections and long texts are shared until one of the owners changes them.
#[derive(Clone)]
pub enum Node {
    /// A scalar, aliases already replaced by what they stand for.
    Scalar {
        /// How it was quoted.
        style: Style,
        /// The explicit tag, if any.
        tag: Tag,
        /// What else is known of it.
        marks: Marks,
        /// Where it was read.
        pos: Pos,
        /// The text after unquoting and folding.
        text: EcoString,
    },
    /// A mapping, in source order.
    Map {
        /// Whether it was written as `{…}`.
        flow: bool,
        /// Where it was read.
        pos: Pos,
        /// The entries.
        map: Mapping,
    },
    /// A sequence.
    Seq {
        /// Whether it was written as `[…]`.
        flow: bool,
        /// Where it was read.
        pos: Pos,
        /// The elements.
        items: EcoVec<Node>,
    },
}

const _: () = assert!(size_of::<Node>() <= 24);

/// The three kinds of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A scalar, null included.
    Scalar,
    /// A mapping.
    Map,
    /// A sequence.
    Seq,
}

impl Kind {
    /// Returns the name that messages use, for example `MappingNode`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Scalar => "ScalarNode",
            Kind::Map => "MappingNode",
            Kind::Seq => "SequenceNode",
        }
    }
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key; almost always a scalar.
    pub key: Node,
    /// The value.
    pub value: Node,
}

/// The entries of a mapping, in source order; duplicate keys are kept (they are refused on
/// printing), and every look-up finds the first.
#[derive(Clone, Debug, Default)]
pub struct Mapping(EcoVec<Entry>);

impl Mapping {
    /// Returns an empty mapping.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns an empty mapping with room for `n` entries.
    pub fn with_capacity(n: usize) -> Self {
        Mapping(EcoVec::with_capacity(n))
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns `true` if there are no entries.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the entries in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.0.iter()
    }

    /// Returns the entries for changing; unshares them first.
    pub fn entries_mut(&mut self) -> &mut [Entry] {
        self.0.make_mut()
    }

    /// Returns the position of the first entry whose key is the scalar `key`.
    #[inline]
    pub fn index_of(&self, key: &str) -> Option<usize> {
        Mapping::index_among(&self.0, key)
    }

    /// As [`index_of`](Self::index_of), of the first entries.
    pub(crate) fn index_of_first(&self, first: usize, key: &str) -> Option<usize> {
        Mapping::index_among(self.0.get(..first)?, key)
    }

    #[inline]
    fn index_among(entries: &[Entry], key: &str) -> Option<usize> {
        let key = key.as_bytes();
        let is_key = |node: &Node| match node {
            Node::Scalar { text, .. } => {
                let text = text.as_bytes();
                // Keys of one length often begin alike.
                text.len() == key.len() && text.last() == key.last() && text == key
            }
            _ => false,
        };
        entries.iter().position(|entry| is_key(&entry.key))
    }

    /// Returns the value of `key`.
    #[inline]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.index_of(key).map(|i| &self.0[i].value)
    }

    /// Returns the value of `key` for changing; unshares the entries if it exists.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let i = self.index_of(key)?;
        Some(&mut self.0.make_mut()[i].value)
    }

    /// Returns `true` if `key` exists.
    #[inline]
    pub fn contains(&self, key: &str) -> bool {
        self.index_of(key).is_some()
    }

    /// Appends an entry without looking for an existing one.
    pub fn push(&mut self, key: Node, value: Node) {
        self.0.push(Entry { key, value });
    }

    /// Inserts an entry at position `i`, without looking for an existing one.
    ///
    /// # Panics
    /// If `i` is past the end.
    pub(crate) fn insert_at(&mut self, i: usize, entry: Entry) {
        self.0.insert(i, entry);
    }

    /// Sets the value of `key`, keeping an existing key node, else appending a plain untagged key.
    pub fn set(&mut self, key: &str, value: Node) {
        match self.index_of(key) {
            Some(i) => self.0.make_mut()[i].value = value,
            None => self.push(Node::plain(key), value),
        }
    }

    /// Removes the first entry with this key and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        let i = self.index_of(key)?;
        Some(self.remove_at(i).value)
    }

    /// Removes the entry at position `i`.
    ///
    /// # Panics
    /// If `i` is out of bounds.
    pub fn remove_at(&mut self, i: usize) -> Entry {
        self.0.remove(i)
    }

    /// Returns `true` if nobody else shares the entries.
    pub(crate) fn is_unique(&mut self) -> bool {
        self.0.is_unique()
    }

    /// Keeps the entries for which `keep` says so; unshares them.
    pub fn retain(&mut self, mut keep: impl FnMut(&Entry) -> bool) {
        self.0.retain(|e| keep(e));
    }
}

impl FromIterator<Entry> for Mapping {
    fn from_iter<T: IntoIterator<Item = Entry>>(iter: T) -> Self {
        Mapping(iter.into_iter().collect())
    }
}

impl From<EcoVec<Entry>> for Mapping {
    fn from(entries: EcoVec<Entry>) -> Self {
        Mapping(entries)
    }
}

impl IntoIterator for Mapping {
    type Item = Entry;
    type IntoIter = ecow::vec::IntoIter<Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Mapping {
    type Item = &'a Entry;
    type IntoIter = std::slice::Iter<'a, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Default for Node {
    /// Returns the null that is written as nothing.
    fn default() -> Self {
        Node::plain("")
    }
}

impl Node {
    /// Returns a scalar with everything given.
    pub fn scalar(text: impl Into<EcoString>, style: Style, tag: Tag, pos: Pos) -> Node {
        Node::Scalar { style, tag, marks: Marks::NONE, pos, text: text.into() }
    }

    /// Returns an untagged plain scalar, which is typed by its text.
    pub fn plain(text: impl Into<EcoString>) -> Node {
        Node::scalar(text, Style::Plain, Tag::None, Pos::NONE)
    }

    /// Returns a string, whatever its text looks like.
    pub fn str(text: impl Into<EcoString>) -> Node {
        Node::scalar(text, Style::Plain, Tag::Str, Pos::NONE)
    }

    /// Returns `null` with text.
    pub fn null() -> Node {
        Node::scalar("null", Style::Plain, Tag::Null, Pos::NONE)
    }

    /// Returns what stands for an alias that is not resolved (`Merges::Values`).
    pub(crate) fn unresolved_alias(pos: Pos) -> Node {
        Node::scalar("*", Style::Plain, Tag::Merge, pos)
    }

    /// Returns `true` if the node stands for an alias that is not resolved.
    pub(crate) fn is_unresolved_alias(&self) -> bool {
        matches!(self, Node::Scalar { tag: Tag::Merge, text, .. } if text == "*")
    }

    /// Returns a boolean.
    pub fn bool(value: bool) -> Node {
        Node::scalar(if value { "true" } else { "false" }, Style::Plain, Tag::Bool, Pos::NONE)
    }

    /// Returns an integer.
    pub fn int(value: i64) -> Node {
        Node::scalar(ecow::eco_format!("{value}"), Style::Plain, Tag::Int, Pos::NONE)
    }

    /// Returns a block mapping.
    pub fn map(map: Mapping) -> Node {
        Node::Map { flow: false, pos: Pos::NONE, map }
    }

    /// Returns a block sequence.
    pub fn seq(items: EcoVec<Node>) -> Node {
        Node::Seq { flow: false, pos: Pos::NONE, items }
    }

    /// Returns the kind.
    pub fn kind(&self) -> Kind {
        match self {
            Node::Scalar { .. } => Kind::Scalar,
            Node::Map { .. } => Kind::Map,
            Node::Seq { .. } => Kind::Seq,
        }
    }

    /// Returns where this was read, or [`Pos::NONE`] for what the build made.
    pub fn pos(&self) -> Pos {
        match self {
            Node::Scalar { pos, .. } | Node::Map { pos, .. } | Node::Seq { pos, .. } => *pos,
        }
    }

    /// Returns this with another position.
    #[must_use]
    pub fn at(mut self, new: Pos) -> Node {
        match &mut self {
            Node::Scalar { pos, .. } | Node::Map { pos, .. } | Node::Seq { pos, .. } => *pos = new,
        }
        self
    }

    /// Returns this as written by a step.
    #[must_use]
    pub(crate) fn written(mut self) -> Node {
        if let Node::Scalar { marks, .. } = &mut self {
            *marks = marks.and(Marks::WRITTEN);
        }
        self
    }

    /// Returns `true` if both are one collection in memory, or scalars that are alike in everything; two
    /// collections of equal content count as different.
    pub(crate) fn is_identical(&self, other: &Node) -> bool {
        match (self, other) {
            (
                Node::Scalar { style, tag, marks, pos, text },
                Node::Scalar {
                    style: style_b,
                    tag: tag_b,
                    marks: marks_b,
                    pos: pos_b,
                    text: text_b,
                },
            ) => {
                let marks = (marks.is_tagged(), marks_b.is_tagged());
                (style, tag, marks.0, pos, text) == (style_b, tag_b, marks.1, pos_b, text_b)
            }
            (Node::Map { flow, pos, map }, Node::Map { flow: flow_b, pos: pos_b, map: map_b }) => {
                (flow, pos) == (flow_b, pos_b) && std::ptr::eq::<[Entry]>(&*map.0, &*map_b.0)
            }
            (
                Node::Seq { flow, pos, items },
                Node::Seq { flow: flow_b, pos: pos_b, items: items_b },
            ) => (flow, pos) == (flow_b, pos_b) && std::ptr::eq::<[Node]>(&**items, &**items_b),
            _ => false,
        }
    }

    /// Returns `true` if two trees are alike in everything; what they share is not looked into.
    pub(crate) fn is_same(&self, other: &Node) -> bool {
        let are_same = || match (self, other) {
            (Node::Map { flow, pos, map }, Node::Map { flow: flow_b, pos: pos_b, map: map_b }) => {
                let is_same = |(a, b): (&Entry, &Entry)| {
                    a.key.is_identical(&b.key) && a.value.is_same(&b.value)
                };
                (flow, pos, map.len()) == (flow_b, pos_b, map_b.len())
                    && map.iter().zip(map_b).all(is_same)
            }
            (
                Node::Seq { flow, pos, items },
                Node::Seq { flow: flow_b, pos: pos_b, items: items_b },
            ) => {
                (flow, pos, items.len()) == (flow_b, pos_b, items_b.len())
                    && items.iter().zip(items_b).all(|(a, b)| a.is_same(b))
            }
            _ => false,
        };
        self.is_identical(other) || are_same()
    }

    /// Returns the text of a scalar, null included (`null`, `~` or empty).
    pub fn text(&self) -> Option<&str> {
        match self {
            Node::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Returns `true` if this is a null: tagged so, or plain, untagged and spelled like one.
    ///
    /// Odd: one that lost its tag in an earlier step is none for any later step, whatever its text
    /// (case generator/merge-untagged-null).
    #[inline]
    pub fn is_null(&self) -> bool {
        match self {
            Node::Scalar { tag: Tag::Null, .. } => true,
            Node::Scalar { tag: Tag::None, style: Style::Plain, text, .. } => {
                text.len() <= "null".len()
                    && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            _ => false,
        }
    }

    /// Returns the tag that counts when this is printed: none in quotes, unless it was written out or says
    /// what the text alone does not.
    ///
    /// Odd: a number that a merge puts into quotes is printed as a string, but for all steps until
    /// then it is a number, so a replacement cannot put a word there (case
    /// merge/number-in-quotes-is-one).
    pub(crate) fn printed_tag(&self) -> Tag {
        match self {
            Node::Scalar { style: Style::Plain, tag, .. }
            | Node::Scalar { tag: tag @ (Tag::None | Tag::Cleared), .. } => *tag,
            Node::Scalar { marks, tag, .. } if marks.is_tagged() => *tag,
            Node::Scalar { tag, text, .. } if !super::scalar::goes_without_saying(*tag, text) => {
                *tag
            }
            _ => Tag::None,
        }
    }

    /// Returns the mapping.
    #[inline]
    pub fn as_map(&self) -> Option<&Mapping> {
        match self {
            Node::Map { map, .. } => Some(map),
            _ => None,
        }
    }

    /// Returns the mapping for changing.
    pub fn as_map_mut(&mut self) -> Option<&mut Mapping> {
        match self {
            Node::Map { map, .. } => Some(map),
            _ => None,
        }
    }

    /// Returns the elements.
    pub fn as_seq(&self) -> Option<&EcoVec<Node>> {
        match self {
            Node::Seq { items, .. } => Some(items),
            _ => None,
        }
    }

    /// Returns the elements for changing.
    pub fn as_seq_mut(&mut self) -> Option<&mut EcoVec<Node>> {
        match self {
            Node::Seq { items, .. } => Some(items),
            _ => None,
        }
    }

    /// Returns the value of `key` if this is a mapping that has it.
    #[inline]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// Returns the value of `key` for changing.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.as_map_mut()?.get_mut(key)
    }

    /// Returns the value at the end of `path`, going through mappings only.
    #[inline]
    pub fn get_path(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Replaces the text of a scalar and keeps its style, tag and position; does nothing to a
    /// collection.
    pub fn set_text(&mut self, new: impl Into<EcoString>) {
        if let Node::Scalar { text, .. } = self {
            *text = new.into();
        }
    }
}
