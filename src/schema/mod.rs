//! What the build knows of kinds: their scope, and which lists merge by key (spec page openapi).
//!
//! Nothing else of OpenAPI is used: no validation, no defaults, no types. The built-in facts are two
//! sorted texts (see [`builtin`]) that are searched where they lie; a custom schema stays the tree
//! it was read into and is followed as far as a merge goes.

mod builtin;
mod custom;
mod type_ref;

use std::sync::Arc;

use crate::error::Result;
use crate::yaml::Node;

use builtin::Scope;
use custom::Custom;
pub(crate) use type_ref::TypeRef;

/// The schema in force for one build; immutable, cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema {
    custom: Option<Arc<Custom>>,
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
    /// table was asked. The caller knows what was done so far and says so by `keep_builtin`.
    ///
    /// # Errors
    /// If the file is no OpenAPI document, or names a kind without `kind` or `version`.
    pub(crate) fn with_custom(node: &Node, keep_builtin: bool) -> Result<Schema> {
        Ok(Schema { custom: Some(Arc::new(Custom::read(node, keep_builtin)?)) })
    }

    /// Tells whether a kind is known to be cluster-scoped; everything unknown is namespaced.
    pub(crate) fn is_cluster_scoped(&self, api_version: &str, kind: &str) -> bool {
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

    /// Tells whether the scope of a kind is in the built-in table, which no custom schema overrules.
    pub(crate) fn has_builtin_scope(api_version: &str, kind: &str) -> bool {
        builtin::scope(api_version, kind) != Scope::Unknown
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

    fn keeps_builtin(&self) -> bool {
        self.custom.as_ref().is_none_or(|custom| custom.keep_builtin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(metadata.field("finalizers").and_then(|t| t.merge_keys()), Some(vec![""]));
        assert!(metadata.field("labels").is_some_and(|t| t.field("any").is_some()));
    }
}
