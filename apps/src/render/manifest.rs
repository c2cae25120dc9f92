//! An object as it would be applied.

use std::sync::Arc;

use kustom::yaml::Node;

/// An object, as it would be applied; cheap to clone.
#[derive(Clone, Debug)]
pub struct Manifest {
    node: Node,
    text: Arc<str>,
}

impl Manifest {
    /// Prints an object.
    pub(crate) fn new(node: Node) -> Result<Manifest, String> {
        let mut text = String::new();
        kustom::yaml::print(&node, &mut text).map_err(|e| e.to_string())?;
        Ok(Manifest { node, text: text.into() })
    }

    /// Takes an object that has been printed.
    pub(crate) fn printed(node: Node, text: &str) -> Manifest {
        Manifest { node, text: text.into() }
    }

    /// Returns its YAML document.
    pub fn as_yaml(&self) -> &str {
        &self.text
    }

    /// Returns what a path of keys leads to, if that is a text.
    pub(crate) fn text(&self, path: &[&str]) -> &str {
        self.node.get_path(path).and_then(Node::text).unwrap_or_default()
    }

    pub(crate) fn node(&self) -> &Node {
        &self.node
    }

    /// Returns `KIND NAMESPACE/NAME`, for people.
    pub(crate) fn title(&self) -> String {
        let (kind, name) = (self.text(&["kind"]), self.text(&["metadata", "name"]));
        match self.text(&["metadata", "namespace"]) {
            "" => format!("{kind} {name}"),
            namespace => format!("{kind} {namespace}/{name}"),
        }
    }
}
