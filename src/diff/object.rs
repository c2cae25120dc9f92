//! An object of a difference.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::as_json::as_json;
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
    /// As JSON.
    Value(Value),
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
        let tree = match self {
            Kept::Value(value) => return Cow::Borrowed(value),
            Kept::Tree(tree) => tree,
        };
        let mut value = as_json(&tree.node).unwrap_or_default();
        if let Some(own) = &tree.own {
            own.hide(&mut value);
            mask::strip(&mut value);
        }
        if let Some(others) = &tree.others {
            others.hide(&mut value);
        }
        Cow::Owned(value)
    }

    /// Hides what the Secrets of others have.
    pub(super) fn hide(&mut self, values: &Arc<SecretValues>) {
        match self {
            Kept::Value(value) => values.hide(value),
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
        Object(Kept::Value(value))
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
