//! A value together with where it was read.

use std::ops::Deref;

use super::pos::Pos;

/// A value read from a file, with its place. Dereferences to the value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub pos: Pos,
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Spanned<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The tree's own deserializer answers this name with the position as well.
        T::deserialize(deserializer).map(|value| Spanned {
            value,
            pos: Pos::NONE,
        })
    }
}

impl<'de> serde::Deserialize<'de> for super::node::Node {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(serde::de::Error::custom("not yet"))
    }
}
