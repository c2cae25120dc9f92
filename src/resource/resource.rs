//! One Kubernetes object in the build.

use ecow::EcoString;
use serde::Deserialize;

use super::history::{History, PreviousId};
use super::id::{DEFAULT_NAMESPACE, Gvk, GvkRef, IdRef, NO_NAMESPACE, ResId, split_api_version};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::document::NodeView;
use crate::schema::Schema;
use crate::yaml::{self, DecodeMode, Mapping, Node, Pos};

/// One Kubernetes object: its tree and what the build remembers of it.
///
/// The id is always read from the tree and never stored beside it.
#[derive(Clone, Debug)]
pub struct Resource {
    pub(crate) node: Node,
    pub(crate) history: History,
    /// Whether the tree is too deep for recursion on the stack of a caller.
    pub(super) deep: bool,
}

impl Resource {
    /// Returns a resource without history.
    pub(crate) fn new(node: Node) -> Resource {
        Resource { node, history: History::default(), deep: false }
    }

    /// Returns the text of a top-level scalar, empty if there is none or it is null.
    fn top(&self, key: &str) -> &str {
        scalar_text(self.node.get(key))
    }

    /// Returns `apiVersion`, empty if missing.
    pub fn api_version(&self) -> &str {
        self.top("apiVersion")
    }

    /// Returns `kind`, empty if missing.
    pub fn kind(&self) -> &str {
        self.top("kind")
    }

    /// Returns group, version and kind.
    pub fn gvk(&self) -> Gvk {
        Gvk::parse(self.api_version(), self.kind())
    }

    /// Returns group, version and kind without owning their texts.
    pub(crate) fn gvk_ref(&self) -> GvkRef<'_> {
        GvkRef::parse(self.api_version(), self.kind())
    }

    /// Returns `metadata.name`, empty if missing.
    pub fn name(&self) -> &str {
        scalar_text(self.node.get_path(&["metadata", "name"]))
    }

    /// Returns `metadata.namespace` as written, empty if missing.
    pub fn namespace(&self) -> &str {
        scalar_text(self.node.get_path(&["metadata", "namespace"]))
    }

    /// Returns `metadata.namespace` and `metadata.name`, as the two alone do.
    pub(crate) fn namespace_and_name(&self) -> (&str, &str) {
        let metadata = self.node.get("metadata");
        let text = |key| scalar_text(metadata.and_then(|metadata| metadata.get(key)));
        (text("namespace"), text("name"))
    }

    /// Returns the object as JSON, typed as in the output.
    ///
    /// ```
    /// let build = kustom::build("testdata/infra-config/apps/payments-api/overlays/prod")?;
    /// let value = build.resources()[0].to_value()?;
    /// assert_eq!(value["kind"], build.resources()[0].kind());
    /// # Ok::<(), kustom::Error>(())
    /// ```
    ///
    /// # Errors
    /// If it has a value that JSON does not have (no resource of a [`Build`](crate::Build) has), or
    /// nests deeper than 500.
    pub fn to_value(&self) -> Result<serde_json::Value> {
        self.check_depth()?;
        Ok(yaml::to_value(&self.node)?)
    }

    /// Reads the object into a type of your own, or of a crate with the types of Kubernetes.
    ///
    /// ```
    /// #[derive(serde::Deserialize)]
    /// struct Object {
    ///     kind: String,
    /// }
    ///
    /// let build = kustom::build("testdata/infra-config/apps/payments-api/overlays/prod")?;
    /// let object: Object = build.resources()[0].deserialize()?;
    /// assert_eq!(object.kind, build.resources()[0].kind());
    /// # Ok::<(), kustom::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the object does not fit the type: the message names the object, and the error's
    /// [`field`](Error::field) is the path of the value that does not fit. Which file that value came from,
    /// [`Builder::explain`](crate::Builder::explain) tells. If the object nests deeper than 500, too.
    pub fn deserialize<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        self.check_depth()?;
        yaml::from_node(&self.node, DecodeMode::Exact, "Resource").map_err(|e| {
            let slash = if self.namespace().is_empty() { "" } else { "/" };
            let path = path_at(&self.node, e.pos);
            let field = if path.is_empty() { String::new() } else { format!(": {path}") };
            let (kind, namespace, name) = (self.kind(), self.namespace(), self.name());
            let message = format!("{kind} {namespace}{slash}{name}{field}: {}", e.message);
            let error = Error::new(ErrorKind::Resource, message);
            if path.is_empty() { error } else { error.in_field(path) }
        })
    }

    /// Returns the object as the YAML document that the output has of it.
    ///
    /// # Errors
    /// If it cannot be printed; all resources of a [`Build`](crate::Build) can.
    pub fn to_yaml(&self) -> Result<String> {
        self.printed()
    }

    /// Appends the document of [`to_yaml`](Self::to_yaml) to a text, for the benches of this package.
    ///
    /// # Errors
    /// As there.
    #[cfg(feature = "work")]
    #[doc(hidden)]
    pub fn print(&self, out: &mut String) -> Result<()> {
        Ok(yaml::print(&self.node, out).map(drop)?)
    }

    /// Returns the tree.
    pub fn node(&self) -> NodeView {
        NodeView::of(&self.node)
    }

    /// Returns `true` if nothing is left of the object.
    pub(crate) fn is_empty(&self) -> bool {
        match &self.node {
            Node::Map { map, .. } => map.is_empty(),
            node => node.is_null(),
        }
    }

    /// Returns the current id.
    pub(crate) fn id(&self, schema: &Schema) -> ResId {
        let (api_version, kind) = (self.api_version(), self.kind());
        let (namespace, name) = self.namespace_and_name();
        ResId {
            gvk: Gvk::parse(api_version, kind),
            name: name.into(),
            namespace: namespace.into(),
            cluster_scoped: schema.is_cluster_scoped(api_version, kind),
        }
    }

    /// Returns what counts of the current id, without making texts.
    pub(crate) fn id_ref<'a>(&'a self, schema: &Schema) -> IdRef<'a> {
        let (api_version, kind) = (self.api_version(), self.kind());
        let (namespace, name) = self.namespace_and_name();
        let namespace = if schema.is_cluster_scoped(api_version, kind) {
            NO_NAMESPACE
        } else {
            match namespace {
                "" => DEFAULT_NAMESPACE,
                namespace => namespace,
            }
        };
        let (group, version) = split_api_version(api_version);
        IdRef { group, version, kind, name, namespace }
    }

    /// Returns what counts of all previous ids, oldest first, without making texts.
    pub(crate) fn previous_id_refs<'a>(
        &'a self,
        schema: &'a Schema,
    ) -> impl Iterator<Item = IdRef<'a>> + 'a {
        let api_version = self.api_version();
        let (group, version) = split_api_version(api_version);
        // Kinds hardly ever change, so mostly one look at the schema is enough.
        let mut scope = None;
        self.history.previous.iter().map(move |previous| {
            let kind = previous.kind.as_str();
            let cluster_scoped = match scope {
                Some((known, cluster_scoped)) if known == kind => cluster_scoped,
                _ => schema.is_cluster_scoped(api_version, kind),
            };
            scope = Some((kind, cluster_scoped));
            let namespace = if cluster_scoped {
                NO_NAMESPACE
            } else {
                match previous.namespace.as_str() {
                    "" => DEFAULT_NAMESPACE,
                    namespace => namespace,
                }
            };
            IdRef { group, version, kind, name: &previous.name, namespace }
        })
    }

    /// Returns the kind that the resource had first.
    pub(crate) fn original_kind(&self) -> &str {
        self.history.previous.first().map_or(self.kind(), |previous| &previous.kind)
    }

    /// Returns the name that the resource had first, before any step changed it.
    pub(crate) fn original_name(&self) -> &str {
        self.history.previous.first().map_or(self.name(), |previous| &previous.name)
    }

    /// Returns a previous id as an id: recorded name, namespace and kind, current group and version.
    pub(crate) fn previous_id(&self, previous: &PreviousId, schema: &Schema) -> ResId {
        let mut gvk = Gvk::parse(self.api_version(), &previous.kind);
        gvk.kind = previous.kind.clone();
        ResId {
            cluster_scoped: schema.is_cluster_scoped(self.api_version(), &previous.kind),
            gvk,
            name: previous.name.clone(),
            namespace: previous.namespace.clone(),
        }
    }

    /// Returns all previous ids, oldest first.
    pub(crate) fn previous_ids<'a>(
        &'a self,
        schema: &'a Schema,
    ) -> impl Iterator<Item = ResId> + 'a {
        self.history.previous.iter().map(|p| self.previous_id(p, schema))
    }

    /// Returns a label or annotation map if it is one.
    pub(crate) fn metadata_map(&self, key: &str) -> Option<&Mapping> {
        self.node.get_path(&["metadata", key])?.as_map()
    }

    /// Odd: makes an empty map of missing annotations, for upstream keeps its history there, so that a
    /// field spec finds a map (case replacements/null-annotations). What stays empty is not printed.
    pub(crate) fn show_annotations(&mut self) {
        let Some(metadata) = self.node.get_mut("metadata").and_then(Node::as_map_mut) else {
            return;
        };
        if metadata.get("annotations").is_none_or(Node::is_null) {
            metadata.set("annotations", Node::map(Mapping::new()));
        }
    }

    /// Sets `metadata.name`, keeping the style of the old one.
    pub(crate) fn set_name(&mut self, name: impl Into<EcoString>) {
        let name = name.into();
        let Some(metadata) = self.node.get_mut("metadata").and_then(Node::as_map_mut) else {
            return;
        };
        match metadata.get_mut("name") {
            Some(old @ Node::Scalar { .. }) => old.set_text(name),
            _ => metadata.set("name", Node::str(name)),
        }
    }
}

/// Returns the text of a scalar, empty if there is none or it is null.
pub(super) fn scalar_text(node: Option<&Node>) -> &str {
    match node {
        Some(node) if !node.is_null() => node.text().unwrap_or_default(),
        _ => "",
    }
}

/// Returns the path of the value that was read at a position, as people write it; empty if it is the
/// object itself, or was made by a step.
fn path_at(root: &Node, pos: Pos) -> String {
    let mut waiting = vec![(root, String::new())];
    while let Some((node, path)) = waiting.pop() {
        if node.pos() == pos && pos.is_some() {
            return path;
        }
        match node {
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => {
                waiting.extend(
                    items.iter().enumerate().map(|(i, item)| (item, format!("{path}[{i}]"))),
                );
            }
            Node::Map { map, .. } => waiting.extend(map.iter().map(|entry| {
                let key = entry.key.text().unwrap_or_default();
                let dot = if path.is_empty() { "" } else { "." };
                (&entry.value, format!("{path}{dot}{key}"))
            })),
        }
    }
    String::new()
}
