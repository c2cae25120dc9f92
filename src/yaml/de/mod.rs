//! A serde deserializer over the tree.
//!
//! Typed files go through it as upstream takes them through JSON: names of fields match without
//! regard to case, null is the zero value of every type, and what does not fit is an error with the
//! place of the value. Callers' own types are read by serde's usual rules instead.

// Circle: access, mod: collections hold values, and values are collections.
mod access;
mod error;
pub(super) mod keys;
mod probe;
pub(super) mod scalar;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IntoDeserializer, Visitor};

use super::located::{EMBEDDED, SPANNED};
use super::nearest::nearest;
use super::node::Node;
use super::round_trip::without_next_lines;
use super::scalar::Rules;
use access::{Elements, Field, Fields, Located};
use error::Fault;
pub use error::{DecodeError, Slip};
use keys::{by_key, find_field, key_text};
use probe::Probe;
use scalar::{Typed, short_float, typed};

/// Up to this many fields are listed for one that is unknown.
const MOST_NAMES: usize = 12;

/// How a tree is read into a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeMode {
    /// As a kustomization file: YAML 1.1 scalars, unknown fields are refused.
    Strict,
    /// As [`Strict`](Self::Strict), but a number or boolean is taken for a string where one is wanted.
    StrictText,
    /// As the files it names: YAML 1.1 scalars, unknown fields are ignored, and a number or boolean
    /// is taken for a string where one is wanted.
    Lenient,
    /// As [`Lenient`](Self::Lenient), with the scalars of resources.
    LenientResource,
    /// By serde's own rules, with the scalars of resources: names are exact, null is no value.
    Exact,
}

impl DecodeMode {
    fn rules(self) -> Rules {
        match self {
            DecodeMode::Strict | DecodeMode::StrictText | DecodeMode::Lenient => Rules::V2,
            DecodeMode::LenientResource | DecodeMode::Exact => Rules::V3,
        }
    }
}

/// Reads `node` into a `T`, which messages call `type_name`.
///
/// # Errors
/// If the tree does not fit the type.
pub fn from_node<'a, T: Deserialize<'a>>(
    node: &'a Node,
    mode: DecodeMode,
    type_name: &str,
) -> Result<T, DecodeError> {
    T::deserialize(Value::new(node, mode)).map_err(|fault| fault.at(node.pos()).finish(type_name))
}

/// A value to read.
struct Value<'a> {
    pub(super) node: &'a Node,
    /// Values of the same field under earlier spellings, which `node` is laid over.
    earlier: Vec<&'a Node>,
    mode: DecodeMode,
    /// Whether this is below an embedded field.
    embedded: bool,
}

impl<'a> Value<'a> {
    fn new(node: &'a Node, mode: DecodeMode) -> Self {
        Value { node, earlier: Vec::new(), mode, embedded: false }
    }

    /// Starts a value below this one.
    fn below(&self, node: &'a Node) -> Self {
        Value { embedded: self.embedded, ..Value::new(node, self.mode) }
    }

    /// Returns `true` if a number or boolean is taken for a string.
    fn converts(&self) -> bool {
        (self.is_lenient() || self.mode == DecodeMode::StrictText) && !self.embedded
    }

    fn is_exact(&self) -> bool {
        self.mode == DecodeMode::Exact
    }

    fn is_lenient(&self) -> bool {
        matches!(self.mode, DecodeMode::Lenient | DecodeMode::LenientResource)
    }

    /// Lays another value of the same field over this.
    fn lay_over(&mut self, node: &'a Node) {
        self.earlier.push(std::mem::replace(&mut self.node, node));
    }

    fn typed(&self) -> Result<Typed<'a>, Fault> {
        let value = typed(self.node, self.mode.rules())?;
        match value {
            Typed::Float(float) if !float.is_finite() && !self.is_exact() => {
                let message = format!("json: unsupported value: {}", short_float(float));
                Err(Fault::other(message).at(self.node.pos()))
            }
            _ => Ok(value),
        }
    }

    /// Forgets earlier spellings that a null stands for nothing over.
    fn skip_nulls(&mut self) {
        while self.node.is_null()
            && let Some(node) = self.earlier.pop()
        {
            self.node = node;
        }
    }

    /// Returns all spellings since the last null, the first first.
    fn since_null(&self) -> impl Iterator<Item = &'a Node> {
        let start = self.earlier.iter().rposition(|n| n.is_null()).map_or(0, |i| i + 1);
        self.earlier[start..].iter().copied().chain([self.node])
    }

    fn mismatch<T>(&self, found: &Typed<'_>, wanted: &str) -> Result<T, Fault> {
        let mut name = Cow::Borrowed(found.name());
        let mut hint = None;
        match (found, wanted) {
            (Typed::Int(_), "int64" | "int") => {}
            (Typed::Uint(n), "int64" | "int") => name = format!("number {n}").into(),
            (Typed::Float(n), "int64" | "int") => name = format!("number {n}").into(),
            (Typed::Map(map), "string") => {
                let only = map.iter().next().filter(|_| map.len() == 1);
                let text = |node: &Node| node.text().map(str::to_owned);
                let texts = only.and_then(|e| Some((text(&e.key)?, text(&e.value)?)));
                hint = Some((
                    Slip::Shape,
                    match texts {
                        Some((key, value)) => {
                            format!(
                                "text is wanted: `{key}={value}`, or in quotes \"{key}: {value}\""
                            )
                        }
                        None => "text is wanted, not a mapping".to_owned(),
                    },
                ));
            }
            (Typed::Map(_), wanted) if wanted.starts_with("[]") => {
                hint = Some((
                    Slip::Shape,
                    "a list is wanted: put `- ` before each element".to_owned(),
                ));
            }
            (Typed::Map(_) | Typed::Seq, _) => {}
            (Typed::Str(text), "int64" | "int") if text.parse::<i64>().is_ok() => {
                hint = Some((Slip::Quoted, "write it without quotes".to_owned()));
            }
            (Typed::Str(text), "bool") if matches!(&**text, "true" | "false") => {
                hint = Some((Slip::Quoted, "write it without quotes".to_owned()));
            }
            (_, "string") => {
                let text = self.node.text().unwrap_or_default();
                hint = Some((Slip::Unquoted, format!("write it in quotes: {text:?}")));
            }
            (_, wanted) if wanted.starts_with("[]") => {
                hint = Some((
                    Slip::Shape,
                    "a list is wanted: put `- ` before each element".to_owned(),
                ));
            }
            _ => {}
        }
        Err(Fault::mismatch(name, wanted).at(self.node.pos()).hint(hint))
    }

    /// Reads a whole number; `wanted` is the name of its type.
    fn integer<'de, V: Visitor<'de>>(
        mut self,
        visitor: V,
        wanted: &str,
    ) -> Result<V::Value, Fault> {
        self.skip_nulls();
        let value = self.typed()?;
        match value {
            Typed::Null => visitor.visit_u64(0),
            Typed::Int(n) => visitor.visit_i64(n),
            Typed::Float(n) => match whole(n) {
                Some(n) => visitor.visit_i64(n),
                None => self.mismatch(&value, wanted),
            },
            _ => self.mismatch(&value, wanted),
        }
    }

    /// Returns the fields of a struct, each with all its spellings, in the order of the bytes of
    /// their keys; ends at an unknown one if that is refused.
    fn fields(self, names: &'static [&'static str]) -> Result<Vec<Field<'a>>, Fault> {
        let mut found: Vec<Field<'a>> = Vec::new();
        for map in self.earlier.iter().chain([&self.node]).filter_map(|n| n.as_map()) {
            found.reserve(map.len());
            for (key, entry) in by_key([map], self.mode.rules())? {
                let Some(name) = find_field(names, &key) else {
                    if self.is_lenient() {
                        continue;
                    }
                    let fault = Fault::unknown(&*key).at(entry.key.pos());
                    let hint = match nearest(names.iter().copied(), &key) {
                        Some(field) => Some(format!("did you mean `{field}`?")),
                        None if names.len() <= MOST_NAMES => {
                            Some(format!("the fields here are {}", names.join(", ")))
                        }
                        None => None,
                    };
                    found.push(Err(fault.hint(hint.map(|hint| (Slip::Field, hint)))));
                    return Ok(found);
                };
                match found.iter_mut().flatten().find(|(known, _)| known == name) {
                    Some((_, value)) => value.lay_over(&entry.value),
                    None => found.push(Ok((name.into(), self.below(&entry.value)))),
                }
            }
        }
        Ok(found)
    }

    /// Returns the entries of a mapping.
    fn entries(self) -> Result<Vec<Field<'a>>, Fault> {
        let rules = self.mode.rules();
        let value = |node| self.below(node);
        if self.is_exact() {
            let entries = self.node.as_map().into_iter().flatten();
            return entries.map(|e| Ok(Ok((key_text(e, rules)?, value(&e.value))))).collect();
        }
        let all = by_key(self.since_null().filter_map(Node::as_map), rules)?;
        Ok(all.into_iter().map(|(key, entry)| Ok((key, value(&entry.value)))).collect())
    }

    /// Returns the elements of a list, laid over those of earlier spellings.
    ///
    /// Odd: `Patches: [{path: a}]` and `patches: [{patch: b}]` together give one patch with both
    /// (case kustomization/case-variants-merge-lists).
    fn elements(self) -> Vec<Value<'a>> {
        let mut elements: Vec<Value<'a>> = Vec::new();
        let mut last = 0;
        for items in self.since_null().filter_map(Node::as_seq) {
            last = items.len();
            elements.reserve(last.saturating_sub(elements.len()));
            for (i, item) in items.iter().enumerate() {
                match elements.get_mut(i) {
                    Some(element) => element.lay_over(item),
                    None => elements.push(self.below(item)),
                }
            }
        }
        elements.truncate(last);
        elements
    }
}

/// Returns `n` as an integer if it is a whole number that fits.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn whole(n: f64) -> Option<i64> {
    (n.fract() == 0.0 && n >= i64::MIN as f64 && n < i64::MAX as f64).then_some(n as i64)
}

/// Hands a string on, borrowed from the tree if it can be.
fn visit_text<'a, V: Visitor<'a>>(text: Cow<'a, str>, visitor: V) -> Result<V::Value, Fault> {
    match text {
        Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
        Cow::Owned(text) => visitor.visit_string(text),
    }
}

macro_rules! integers {
    ($($method:ident => $name:literal,)*) => {$(
        fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
            if self.is_exact() { self.deserialize_any(visitor) } else { self.integer(visitor, $name) }
        }
    )*};
}

impl<'a> Deserializer<'a> for Value<'a> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.typed()? {
            Typed::Null => visitor.visit_unit(),
            Typed::Bool(value) => visitor.visit_bool(value),
            Typed::Int(value) => visitor.visit_i64(value),
            Typed::Uint(value) => visitor.visit_u64(value),
            Typed::Float(value) => visitor.visit_f64(value),
            Typed::Str(text) => visit_text(text, visitor),
            Typed::Seq => visitor.visit_seq(Elements::new(self.elements())),
            Typed::Map(_) => visitor.visit_map(Fields::new(self.entries()?)),
        }
    }

    integers! {
        deserialize_i8 => "int8",
        deserialize_i16 => "int16",
        deserialize_i32 => "int",
        deserialize_i64 => "int64",
        deserialize_u8 => "uint8",
        deserialize_u16 => "uint16",
        deserialize_u32 => "uint32",
        deserialize_u64 => "uint64",
    }

    fn deserialize_bool<V: Visitor<'a>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        self.skip_nulls();
        match self.typed()? {
            Typed::Null if !self.is_exact() => visitor.visit_bool(false),
            Typed::Bool(value) => visitor.visit_bool(value),
            _ if self.is_exact() => self.deserialize_any(visitor),
            other => self.mismatch(&other, "bool"),
        }
    }

    fn deserialize_str<V: Visitor<'a>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        if self.is_exact() {
            return self.deserialize_any(visitor);
        }
        self.skip_nulls();
        match self.typed()? {
            Typed::Null => visitor.visit_borrowed_str(""),
            // Odd: upstream takes these values through JSON that is read as YAML
            // (case generator/literal-with-next-line).
            Typed::Str(text)
                if self.mode != DecodeMode::Lenient
                    && !text.is_ascii()
                    && text.contains('\u{85}') =>
            {
                let text = without_next_lines(&text);
                let text = text.map_err(|e| Fault::other(e.message).at(self.node.pos()))?;
                visitor.visit_string(text)
            }
            Typed::Str(text) => visit_text(text, visitor),
            Typed::Bool(value) if self.converts() => {
                visitor.visit_borrowed_str(if value { "true" } else { "false" })
            }
            Typed::Int(value) if self.converts() => visitor.visit_string(value.to_string()),
            Typed::Uint(value) if self.converts() => visitor.visit_string(value.to_string()),
            Typed::Float(value) if self.converts() => visitor.visit_string(short_float(value)),
            other => self.mismatch(&other, "string"),
        }
    }

    fn deserialize_string<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.is_null().then(|| self.typed()).transpose()? {
            Some(Typed::Null) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match name {
            SPANNED => {
                visitor.visit_seq(Located { pos: Some(self.node.pos().0), value: Some(self) })
            }
            EMBEDDED => visitor.visit_newtype_struct(Value { embedded: true, ..self }),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.typed()? {
            Typed::Null if !self.is_exact() => visitor.visit_seq(Elements::new(Vec::new())),
            Typed::Seq => visitor.visit_seq(Elements::new(self.elements())),
            _ if self.is_exact() => self.deserialize_any(visitor),
            other => match Probe.deserialize_seq(visitor) {
                Err(fault) => self.mismatch(&other, &fault.wanted()),
                Ok(_) => self.mismatch(&other, "[]"),
            },
        }
    }

    fn deserialize_map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.typed()? {
            Typed::Null if !self.is_exact() => visitor.visit_map(Fields::new(Vec::new())),
            Typed::Map(_) => visitor.visit_map(Fields::new(self.entries()?)),
            _ if self.is_exact() => self.deserialize_any(visitor),
            other => match Probe.deserialize_map(visitor) {
                Err(fault) => self.mismatch(&other, &fault.wanted()),
                Ok(_) => self.mismatch(&other, "map"),
            },
        }
    }

    fn deserialize_struct<V: Visitor<'a>>(
        mut self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if self.is_exact() {
            return self.deserialize_any(visitor);
        }
        self.skip_nulls();
        match self.typed()? {
            Typed::Null => visitor.visit_map(Fields::new(Vec::new())),
            Typed::Map(_) => visitor.visit_map(Fields::new(self.fields(fields)?)),
            other => self.mismatch(&other, &format!("types.{name}")),
        }
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.typed()? {
            Typed::Str(text) => visitor.visit_enum(text.into_deserializer()),
            Typed::Map(map) if map.len() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(Fields::new(self.entries()?)))
            }
            other => self.mismatch(&other, &format!("types.{name}")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'a>>
        i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}
