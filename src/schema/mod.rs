//! What the build knows of kinds: their scope, and which lists merge by key (docs/spec/openapi.md).
//!
//! Nothing else of OpenAPI is used: no validation, no defaults, no types. The built-in facts are two
//! sorted texts (see [`builtin`]) that are searched where they lie; a custom schema stays the tree
//! it was read into and is followed as far as a merge goes.

mod builtin;
mod comments;
mod custom;
mod type_ref;

use std::sync::Arc;

use crate::diagnostics::Result;
use crate::yaml::Node;

use builtin::Scope;
pub(crate) use comments::{CommentSchemas, collect, may_have_any};
use custom::Custom;
pub(crate) use custom::misshapen;
pub(crate) use type_ref::{BuiltinType, TypeRef};

/// The schema in force for one build; immutable, cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema {
    custom: Option<Arc<Custom>>,
    /// What comments say, if any says something.
    comments: Option<Arc<CommentSchemas>>,
}

impl Schema {
    /// Returns the built-in schema: Kubernetes v1.21.2, as upstream embeds it.
    pub(crate) fn builtin() -> Schema {
        Schema::default()
    }

    /// Returns a schema with the definitions of an OpenAPI file.
    ///
    /// Odd: a custom schema replaces the built-in definitions, so that even a Deployment's containers
    /// become an atomic list, unless upstream happened to load the built-in ones before it met the
    /// setting: because a strategic merge was done, or because the scope of a kind outside the
    /// table was asked (cases openapi/custom-replaces-built-in and
    /// openapi/built-in-stays-after-a-custom-resource). The caller knows what was done so far and says so by `keep_builtin`.
    ///
    /// # Errors
    /// If the file is no OpenAPI document, or names a kind without `kind` or `version`.
    pub(crate) fn with_custom(node: &Node, keep_builtin: bool) -> Result<Schema> {
        Ok(Schema { custom: Some(Arc::new(Custom::read(node, keep_builtin)?)), comments: None })
    }

    /// Returns `true` if a kind is known to be cluster-scoped; everything unknown is namespaced.
    pub(crate) fn is_cluster_scoped(&self, api_version: &str, kind: &str) -> bool {
        if self.custom.is_none() && !builtin::may_be_cluster_scoped(kind) {
            return false;
        }
        match builtin::scope(api_version, kind) {
            Scope::Cluster => true,
            Scope::Namespaced => false,
            Scope::Unknown => self
                .custom
                .as_ref()
                .and_then(|custom| custom.is_namespaced(api_version, kind))
                .is_some_and(|namespaced| !namespaced),
        }
    }

    /// Returns `true` if the scope of a kind is in the built-in table, which no custom schema overrules.
    pub(crate) fn has_builtin_scope(api_version: &str, kind: &str) -> bool {
        builtin::scope(api_version, kind) != Scope::Unknown
    }

    /// Returns version and name of a built-in kind as the schema has them.
    pub(crate) fn builtin_names(
        api_version: &str,
        kind: &str,
    ) -> Option<(&'static str, &'static str)> {
        builtin::names(api_version, kind)
    }

    /// Returns a version that has a built-in kind, the newest that is no trial.
    pub(crate) fn builtin_version(kind: &str) -> Option<&'static str> {
        builtin::versions(kind)
            .min_by_key(|version| (version.contains("alpha"), version.contains("beta")))
    }

    /// Returns the type of a kind.
    pub(crate) fn resource(&self, api_version: &str, kind: &str) -> Option<TypeRef<'_>> {
        if let Some(node) = self.custom.as_ref().and_then(|c| c.resource(api_version, kind)) {
            return Some(TypeRef::custom(self, node));
        }
        if self.keeps_builtin() {
            return Some(TypeRef::definition(self, builtin::resource(api_version, kind)?));
        }
        None
    }

    /// Returns the type that a custom schema gives a kind, and its definition.
    pub(crate) fn custom_resource(
        &self,
        api_version: &str,
        kind: &str,
    ) -> Option<(TypeRef<'_>, &Node)> {
        let node = self.custom.as_ref()?.resource(api_version, kind)?;
        Some((TypeRef::custom(self, node), node))
    }

    /// Takes over what the comments of the files read so far say.
    pub(crate) fn set_comments(&mut self, comments: Option<Arc<CommentSchemas>>) {
        self.comments = comments;
    }

    /// Returns the type that a comment at one of these nodes gives, the first that has one.
    pub(crate) fn in_comment<const N: usize>(&self, nodes: [&Node; N]) -> Option<TypeRef<'_>> {
        let comments = self.comments.as_deref()?;
        let schema = |node: &Node| comments.get(&(node.pos(), node.kind()));
        Some(TypeRef::in_comment(self, nodes.into_iter().find_map(schema)?))
    }

    /// Returns `true` if neither a file nor a comment adds to what is built in.
    pub(crate) fn is_builtin(&self) -> bool {
        self.custom.is_none() && self.comments.is_none()
    }

    fn keeps_builtin(&self) -> bool {
        self.custom.as_ref().is_none_or(|custom| custom.keep_builtin)
    }
}

/// Returns `true` if a kind is known to be cluster-scoped; everything unknown is namespaced.
///
/// What is known is Kubernetes v1.21.2, as kustomize embeds it.
///
/// ```
/// assert!(kustom::is_cluster_scoped("rbac.authorization.k8s.io/v1", "ClusterRole"));
/// assert!(!kustom::is_cluster_scoped("apps/v1", "Deployment"));
/// ```
pub fn is_cluster_scoped(api_version: &str, kind: &str) -> bool {
    Schema::builtin().is_cluster_scoped(api_version, kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Entry;

    const GVK: &str = "x-kubernetes-group-version-kind";

    #[test]
    fn scope_comes_from_the_table_and_is_namespaced_otherwise() {
        let schema = Schema::builtin();
        assert!(schema.is_cluster_scoped("v1", "Namespace"));
        assert!(schema.is_cluster_scoped("rbac.authorization.k8s.io/v1", "ClusterRole"));
        assert!(!schema.is_cluster_scoped("apps/v1", "Deployment"));
        assert!(!schema.is_cluster_scoped("cert-manager.io/v1", "ClusterIssuer"));
        assert!(!schema.is_cluster_scoped("apps/v1beta1", "Namespace"));
    }

    #[test]
    fn builtin_types_tell_keys_leaves_and_the_unknown_apart() {
        let schema = Schema::builtin();
        let spec = schema.resource("v1", "Pod").and_then(|t| t.field("spec")).expect("PodSpec");
        let containers = spec.field("containers").expect("containers");
        assert_eq!(containers.merge_keys(), Some(vec!["name"]));
        let ports = containers.element().and_then(|t| t.field("ports")).expect("ports");
        assert_eq!(ports.merge_keys(), Some(vec!["containerPort", "protocol"]));
        assert!(spec.field("nodeName").is_some_and(|t| t.field("x").is_none()));
        assert!(spec.field("tolerations").is_some_and(|t| t.merge_keys().is_none()));
        assert!(spec.field("nothing").is_none());
        let metadata =
            schema.resource("v1", "Pod").and_then(|t| t.field("metadata")).expect("meta");
        assert_eq!(metadata.field("finalizers").and_then(TypeRef::merge_keys), Some(vec![""]));
        assert!(metadata.field("labels").is_some_and(|t| t.field("any").is_some()));
    }

    fn map(entries: &[(&str, Node)]) -> Node {
        let entry =
            |(key, value): &(&str, Node)| Entry { key: Node::plain(*key), value: value.clone() };
        Node::map(entries.iter().map(entry).collect())
    }

    /// Two kinds: `Foo`, whose `spec` is described elsewhere, and `Bar`, which refers to itself.
    fn custom(keep_builtin: bool) -> Schema {
        let kind = |kind| (GVK, Node::seq([map(&gvk(kind))].into()));
        let refers = |to: &str| map(&[("$ref", Node::plain(format!("#/definitions/{to}")))]);
        let list = map(&[
            ("type", Node::plain("array")),
            ("items", refers("io.k8s.api.core.v1.Container")),
            ("x-kubernetes-patch-strategy", Node::plain("retainKeys,merge")),
            ("x-kubernetes-list-map-keys", Node::seq([Node::plain("id")].into())),
        ]);
        let definitions = map(&[
            ("foo", map(&[kind("Foo"), ("properties", map(&[("spec", refers("a~1b"))]))])),
            ("a/b", map(&[("properties", map(&[("l", list)]))])),
            ("bar", map(&[kind("Bar"), ("additionalProperties", refers("circle"))])),
            ("circle", refers("circle")),
        ]);
        let get = |name| map(&[("get", map(&[(GVK, map(&gvk(name)))]))]);
        let paths = map(&[
            ("/apis/example.com/v1/foos", get("Foo")),
            ("/apis/example.com/v1/bars", get("Bar")),
            ("/apis/example.com/v1/namespaces/{namespace}/bars", get("Bar")),
        ]);
        let file = map(&[("definitions", definitions), ("paths", paths)]);
        Schema::with_custom(&file, keep_builtin).expect("a schema")
    }

    fn gvk(kind: &str) -> [(&'static str, Node); 3] {
        let text = |text: &str| Node::plain(text);
        [("group", text("example.com")), ("version", text("v1")), ("kind", text(kind))]
    }

    #[test]
    fn custom_types_follow_references() {
        for keep_builtin in [false, true] {
            let schema = custom(keep_builtin);
            let list = schema
                .resource("example.com/v1", "Foo")
                .and_then(|t| t.field("spec")?.field("l"))
                .expect("a list");
            assert_eq!(list.merge_keys(), Some(vec!["id"]));
            assert_eq!(list.element().is_some_and(|t| t.field("env").is_some()), keep_builtin);
            assert_eq!(schema.resource("v1", "Pod").is_some(), keep_builtin);
            let bar = schema.resource("example.com/v1", "Bar").expect("a type");
            assert!(bar.field("circle").is_none());
        }
    }

    #[test]
    fn custom_paths_tell_the_scope_of_what_the_table_does_not_know() {
        let schema = custom(false);
        assert!(schema.is_cluster_scoped("example.com/v1", "Foo"));
        assert!(!schema.is_cluster_scoped("example.com/v1", "Bar"));
        assert!(schema.is_cluster_scoped("v1", "Namespace"));
    }
}
