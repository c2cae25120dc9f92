//! What the build knows of kinds: their scope, and which lists merge by key (spec page openapi).

/// The schema in force for one build; immutable, cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema {}

impl Schema {
    /// Returns the built-in schema.
    pub(crate) fn builtin() -> Schema {
        Schema {}
    }

    /// Tells whether a kind is known to be cluster-scoped; everything unknown is namespaced.
    pub(crate) fn is_cluster_scoped(&self, _api_version: &str, _kind: &str) -> bool {
        false
    }
}
