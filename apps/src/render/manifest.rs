//! An object as it would be applied.

use std::sync::Arc;

use kustom::document::NodeView;
use serde_json::Value as Json;

/// An object, as it would be applied; cheap to clone.
#[derive(Clone, Debug)]
pub struct Manifest {
    node: NodeView,
    text: Arc<str>,
}

impl Manifest {
    /// Prints an object.
    pub(crate) fn new(node: NodeView) -> Result<Manifest, String> {
        let text = node.to_yaml().map_err(|e| e.message().to_owned())?;
        Ok(Manifest { node, text: text.into() })
    }

    /// Takes an object that has been printed.
    pub(crate) fn printed(node: NodeView, text: &str) -> Manifest {
        Manifest { node, text: text.into() }
    }

    /// Returns its YAML document.
    pub fn as_yaml(&self) -> &str {
        &self.text
    }

    /// Returns where the document is, the same for all that share it.
    pub(super) fn place(&self) -> usize {
        self.text.as_ptr().addr()
    }

    /// Returns `true` if others share the document.
    pub(super) fn is_shared(&self) -> bool {
        Arc::strong_count(&self.text) > 1
    }

    /// Returns what a path of keys leads to, if that is a text.
    pub(crate) fn text(&self, path: &[&str]) -> &str {
        self.node.text_at(path).unwrap_or_default()
    }

    pub(crate) fn node(&self) -> &NodeView {
        &self.node
    }

    /// Returns the object with other metadata; nothing if it has none.
    pub(crate) fn with_metadata(
        &self,
        change: impl FnOnce(&mut serde_json::Map<String, Json>),
    ) -> Option<Result<Manifest, String>> {
        let mut object = self.node.to_value().ok()?;
        change(object.get_mut("metadata")?.as_object_mut()?);
        let changed = NodeView::from_value(&object);
        let metadata = changed.get("metadata")?;
        // What did not change is there once.
        let made = Manifest::new(changed)
            .map(|manifest| Manifest { node: self.node.with("metadata", &metadata), ..manifest });
        Some(made)
    }

    /// Returns `true` if Flux is told by a label or annotation not to delete the object, or not to look at it.
    pub(crate) fn is_kept_by_flux(&self) -> bool {
        let is = |key: &str, value: &str| {
            let key = format!("kustomize.toolkit.fluxcd.io/{key}");
            let says = |field| self.text(&["metadata", field, &key]).eq_ignore_ascii_case(value);
            says("labels") || says("annotations")
        };
        is("prune", "disabled") || is("reconcile", "disabled") || is("ssa", "ignore")
    }

    /// Returns `KIND NAMESPACE/NAME`, for people.
    pub fn title(&self) -> String {
        let (kind, name) = (self.text(&["kind"]), self.text(&["metadata", "name"]));
        match self.text(&["metadata", "namespace"]) {
            "" => format!("{kind} {name}"),
            namespace => format!("{kind} {namespace}/{name}"),
        }
    }
}
