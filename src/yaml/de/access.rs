//! What a visitor is handed of a mapping, a list, or a value with its place.

use std::borrow::Cow;

use serde::de::value::{BorrowedStrDeserializer, CowStrDeserializer};
use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess};

use super::Value;
use super::error::{Fault, Step};

/// A key and its value, or why it is refused.
pub(super) type Field<'a> = Result<(Cow<'a, str>, Value<'a>), Fault>;

/// The fields or entries that are left.
pub(super) struct Fields<'a> {
    left: std::vec::IntoIter<Field<'a>>,
    current: Option<(Cow<'a, str>, Value<'a>)>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(fields: Vec<Field<'a>>) -> Self {
        Fields { left: fields.into_iter(), current: None }
    }
}

impl<'a> MapAccess<'a> for Fields<'a> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'a>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some(field) = self.left.next() else {
            return Ok(None);
        };
        let (key, _) = self.current.insert(field?);
        match key {
            Cow::Borrowed(key) => seed.deserialize(BorrowedStrDeserializer::new(key)),
            Cow::Owned(key) => seed.deserialize(CowStrDeserializer::new(Cow::Borrowed(&**key))),
        }
        .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some((key, value)) = self.current.take() else {
            return Err(Fault::other("a value was asked for before its key"));
        };
        let pos = value.node.pos();
        seed.deserialize(value).map_err(|fault| fault.at(pos).inside(Step::Key(key.into_owned())))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left.len())
    }
}

/// The elements that are left.
pub(super) struct Elements<'a> {
    left: std::iter::Enumerate<std::vec::IntoIter<Value<'a>>>,
}

impl<'a> Elements<'a> {
    pub(super) fn new(elements: Vec<Value<'a>>) -> Self {
        Elements { left: elements.into_iter().enumerate() }
    }
}

impl<'a> SeqAccess<'a> for Elements<'a> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'a>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some((i, value)) = self.left.next() else {
            return Ok(None);
        };
        let pos = value.node.pos();
        seed.deserialize(value).map(Some).map_err(|fault| fault.at(pos).inside(Step::Index(i)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left.len())
    }
}

/// A position, then the value: what [`Located`](super::super::Located) asks for.
pub(super) struct Located<'a> {
    pub(super) pos: Option<u32>,
    pub(super) value: Option<Value<'a>>,
}

impl<'a> SeqAccess<'a> for Located<'a> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'a>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        if let Some(pos) = self.pos.take() {
            return seed.deserialize(pos.into_deserializer()).map(Some);
        }
        self.value.take().map(|value| seed.deserialize(value)).transpose()
    }
}
