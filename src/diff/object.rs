//! An object of a difference.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::as_json::as_json;
use super::hidden::Hidden;
use super::mask::{self, Secrets};
use super::redact::SecretValues;
use crate::yaml::Node;

/// An object that was added or removed, as JSON in which the values of Secrets are masked.
///
/// One of many or large objects is kept as it was rendered, sharing what it has in common with others, and becomes JSON
/// when somebody [asks](Object::value).
#[derive(Clone)]
pub struct Object(pub(super) Kept);

/// How an object is kept.
#[derive(Clone)]
pub(super) enum Kept {
    /// As JSON, with what tells apart what is masked in it.
    Value(Value, Hidden),
    /// As a tree.
    Tree(Box<Tree>),
}

/// A tree that can be told as JSON, and what is hidden in it.
#[derive(Clone)]
pub(super) struct Tree {
    pub(super) node: Node,
    /// What the Secrets of both sides have.
    pub(super) own: Option<Arc<Secrets>>,
    /// What those of others have.
    pub(super) others: Option<Arc<SecretValues>>,
}

impl Kept {
    /// Returns the object as JSON, typed as printed; null if that cannot be expressed.
    pub(super) fn value(&self) -> Cow<'_, Value> {
        self.value_and_hidden().0
    }

    /// As [`value`](Self::value), with what tells apart what is masked in it.
    pub(super) fn value_and_hidden(&self) -> (Cow<'_, Value>, Hidden) {
        let tree = match self {
            Kept::Value(value, hidden) => return (Cow::Borrowed(value), hidden.clone()),
            Kept::Tree(tree) => tree,
        };
        let mut value = as_json(&tree.node).unwrap_or_default();
        let mut hidden = Hidden::default();
        if let Some(own) = &tree.own {
            own.hide(&mut value);
            hidden = Hidden::of_value(&value);
            mask::strip(&mut value);
        }
        if let Some(others) = &tree.others {
            hidden = hidden.and(others.hide(&mut value));
        }
        (Cow::Owned(value), hidden)
    }

    /// Hides what the Secrets of others have.
    pub(super) fn hide(&mut self, values: &Arc<SecretValues>) {
        match self {
            Kept::Value(value, hidden) => *hidden = hidden.and(values.hide(value)),
            Kept::Tree(tree) => tree.others = Some(Arc::clone(values)),
        }
    }
}

impl Object {
    /// Returns the object as JSON, typed as printed.
    pub fn value(&self) -> Cow<'_, Value> {
        self.0.value()
    }
}

impl From<Value> for Object {
    fn from(value: Value) -> Object {
        Object(Kept::Value(value, Hidden::default()))
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Object) -> bool {
        self.value() == other.value()
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object, D::Error> {
        Value::deserialize(deserializer).map(Object::from)
    }
}
