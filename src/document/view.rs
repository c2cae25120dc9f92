//! A tree as programs outside of this crate see it.

use std::fmt;

use crate::diagnostics::Result;
use crate::yaml::{self, Node};

/// A value of a resource: a scalar, a sequence or a mapping, read-only and cheap to clone.
///
/// ```
/// let build = kustom::build("testdata/infra-config/apps/payments-api/overlays/prod")?;
/// let metadata = build.resources()[0].node().get("metadata").unwrap();
/// assert_eq!(metadata.get("name").unwrap().text(), Some(build.resources()[0].name()));
/// # Ok::<(), kustom::Error>(())
/// ```
#[derive(Clone)]
pub struct NodeView(Node);

/// What a [`NodeView`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NodeKind {
    /// A text, number, boolean or null.
    Scalar,
    /// A list.
    Sequence,
    /// A map.
    Mapping,
}

impl NodeView {
    pub(crate) fn of(node: &Node) -> NodeView {
        NodeView(node.clone())
    }

    /// Returns the tree of a JSON value.
    pub fn from_value(value: &serde_json::Value) -> NodeView {
        NodeView(yaml::from_value(value))
    }

    /// Returns what it is.
    pub fn kind(&self) -> NodeKind {
        match &self.0 {
            Node::Scalar { .. } => NodeKind::Scalar,
            Node::Seq { .. } => NodeKind::Sequence,
            Node::Map { .. } => NodeKind::Mapping,
        }
    }

    /// Returns the text of a scalar, as it was written.
    pub fn text(&self) -> Option<&str> {
        self.0.text()
    }

    /// Returns how many elements or entries there are; none in a scalar.
    pub fn len(&self) -> usize {
        match &self.0 {
            Node::Scalar { .. } => 0,
            Node::Seq { items, .. } => items.len(),
            Node::Map { map, .. } => map.len(),
        }
    }

    /// Returns the same map with another value of a key, and all else shared; anything but a map as it is.
    #[must_use]
    pub fn with(&self, key: &str, value: &NodeView) -> NodeView {
        let mut node = self.0.clone();
        if let Some(map) = node.as_map_mut() {
            map.set(key, value.0.clone());
        }
        NodeView(node)
    }

    /// Returns about how many bytes it takes in memory beside another that it was made from by a few changes, without
    /// its texts: what did not change is there once.
    pub fn held_beside(&self, other: &NodeView) -> u64 {
        yaml::held_beside(&self.0, &other.0)
    }

    /// Returns `true` if there are no elements and no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the value of a key of a mapping.
    pub fn get(&self, key: &str) -> Option<NodeView> {
        self.0.get(key).map(NodeView::of)
    }

    /// Returns what a path of keys leads to.
    pub fn get_path(&self, path: &[&str]) -> Option<NodeView> {
        self.0.get_path(path).map(NodeView::of)
    }

    /// Returns the text of the scalar that a path of keys leads to.
    pub fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.0.get_path(path).and_then(Node::text)
    }

    /// Returns the elements of a sequence, in order.
    pub fn items(&self) -> impl ExactSizeIterator<Item = NodeView> {
        self.0.as_seq().map_or(&[][..], |items| items.as_slice()).iter().map(NodeView::of)
    }

    /// Returns the keys and values of a mapping, in order.
    pub fn entries(&self) -> impl Iterator<Item = (NodeView, NodeView)> {
        let entries = self.0.as_map().into_iter().flatten();
        entries.map(|entry| (NodeView::of(&entry.key), NodeView::of(&entry.value)))
    }

    /// Returns it as JSON, typed as in the output.
    ///
    /// # Errors
    /// If it has a value or a key that JSON does not have.
    pub fn to_value(&self) -> Result<serde_json::Value> {
        Ok(yaml::to_value(&self.0)?)
    }

    /// Returns it as compact JSON, spelled as Go spells it.
    ///
    /// # Errors
    /// As [`to_value`](Self::to_value).
    pub fn to_json(&self) -> Result<String> {
        Ok(yaml::to_json(&self.0)?)
    }

    /// Returns it as the output would have it as a document of its own.
    ///
    /// # Errors
    /// As [`to_value`](Self::to_value).
    pub fn to_yaml(&self) -> Result<String> {
        let mut text = String::new();
        yaml::print(&self.0, &mut text)?;
        Ok(text)
    }
}

/// Writes it as JSON.
impl fmt::Debug for NodeView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&yaml::to_json(&self.0).unwrap_or_else(|e| e.message))
    }
}
