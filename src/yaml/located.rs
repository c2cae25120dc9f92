//! A value together with where it was read.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::node::{Entry, Mapping, Node};
use super::pos::Pos;
use super::style::{Style, Tag};

/// The newtype name that asks the tree's own deserializer for the position too.
pub(super) const SPANNED: &str = "$kustom::Located";

/// The newtype name that asks the tree's own deserializer to take no scalar for a string.
pub(super) const EMBEDDED: &str = "$kustom::Embedded";

/// Reads a field that upstream's type has from a type embedded in it: there, lenient reading
/// takes no number or boolean for a string, however deep.
///
/// # Errors
/// If the value does not fit.
pub(crate) fn embedded<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_newtype_struct(EMBEDDED, EmbeddedVisitor(PhantomData))
}

struct EmbeddedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for EmbeddedVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<T, D::Error> {
        T::deserialize(inner)
    }
}

/// A value of a type that upstream embeds in another one; see [`embedded`].
pub(crate) struct Embedded<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Embedded<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Embedded<T>, D::Error> {
        embedded(deserializer).map(Embedded)
    }
}

/// A value read from a file, with its place. Dereferences to the value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its place; none if it was read by another deserializer than this library's.
    pub pos: Pos,
}

impl<T> Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Display> fmt::Display for Located<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(SPANNED, SpannedVisitor(PhantomData))
    }
}

struct SpannedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for SpannedVisitor<T> {
    type Value = Located<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Located<T>, D::Error> {
        Ok(Located { value: T::deserialize(inner)?, pos: Pos::NONE })
    }

    /// Takes what the tree's deserializer answers: the position, then the value.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Located<T>, A::Error> {
        let missing = || A::Error::custom("a position and a value are expected");
        let pos = Pos(seq.next_element()?.ok_or_else(missing)?);
        let value = seq.next_element()?.ok_or_else(missing)?;
        Ok(Located { value, pos })
    }
}

/// Reads any value: keys as strings, scalars by the rules of the deserializer, positions kept.
impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Located { value: Untyped(node), pos } = Located::deserialize(deserializer)?;
        Ok(node.at(pos))
    }
}

struct Untyped(Node);

impl<'de> Deserialize<'de> for Untyped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor).map(Untyped)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::null())
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::scalar(ecow::eco_format!("{value}"), Style::Plain, Tag::Int, Pos::NONE))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::scalar(ecow::eco_format!("{value:?}"), Style::Plain, Tag::Float, Pos::NONE))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::str(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = ecow::EcoVec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Node::seq(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut entries = ecow::EcoVec::new();
        while let Some((Untyped(key), value)) = access.next_entry()? {
            entries.push(Entry { key, value });
        }
        Ok(Node::map(Mapping::from(entries)))
    }
}
