//! Group, version and kind; the id of a resource.

use std::fmt;

use ecow::EcoString;

/// Group, version and kind. In a selector or field spec an empty part means "any".
///
/// ```
/// use kustom::Gvk;
///
/// let build = kustom::build("testdata/infra-config/apps/payments-api/overlays/prod")?;
/// let workloads = Gvk::new("apps", "", "Deployment");
/// let found = build.resources().iter().filter(|r| r.gvk().is_selected_by(&workloads));
/// assert_eq!(found.count(), 1);
/// # Ok::<(), kustom::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gvk {
    pub(crate) group: EcoString,
    pub(crate) version: EcoString,
    pub(crate) kind: EcoString,
}

/// A [`Gvk`] without owning its texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct GvkRef<'a> {
    pub(crate) group: &'a str,
    pub(crate) version: &'a str,
    pub(crate) kind: &'a str,
}

impl Gvk {
    /// Returns the gvk of three texts, each of which may be empty.
    pub fn new(group: &str, version: &str, kind: &str) -> Gvk {
        GvkRef { group, version, kind }.into()
    }

    /// Returns the gvk of an `apiVersion` and a `kind`; the version is what follows the first `/`.
    pub fn parse(api_version: &str, kind: &str) -> Gvk {
        GvkRef::parse(api_version, kind).into()
    }

    /// Returns the API group; empty for the core group.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// Returns the version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the kind.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Returns the `apiVersion`.
    pub fn api_version(&self) -> String {
        match self.group() {
            "" => self.version.to_string(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// Returns `true` if every non-empty part of `selector` equals this one's.
    pub fn is_selected_by(&self, selector: &Gvk) -> bool {
        self.borrowed().is_selected_by(selector.borrowed())
    }

    /// Returns the gvk without owning its texts.
    pub(crate) fn borrowed(&self) -> GvkRef<'_> {
        GvkRef { group: &self.group, version: &self.version, kind: &self.kind }
    }
}

impl<'a> GvkRef<'a> {
    /// Returns the gvk of an `apiVersion` and a `kind`, as [`Gvk::parse`] does.
    pub(crate) fn parse(api_version: &'a str, kind: &'a str) -> GvkRef<'a> {
        let (group, version) = split_api_version(api_version);
        GvkRef { group, version, kind }
    }

    /// Returns `true` if every non-empty part of `selector` equals this one's.
    pub(crate) fn is_selected_by(self, selector: GvkRef<'_>) -> bool {
        (selector.kind.is_empty() || selector.kind == self.kind)
            && (selector.version.is_empty() || selector.version == self.version)
            && (selector.group.is_empty() || selector.group == self.group)
    }

    /// Returns `true` if the group is one of Kubernetes' own.
    pub(crate) fn is_kubernetes(self) -> bool {
        Self::is_kubernetes_group(self.group)
    }

    /// Returns `true` for the API groups of Kubernetes itself: those without a dot, such as `apps` and the
    /// empty core group, and those below `k8s.io`. All others, `x-k8s.io` too, belong to custom kinds.
    pub(crate) fn is_kubernetes_group(group: &str) -> bool {
        !group.contains('.') || group.ends_with(".k8s.io")
    }
}

impl From<GvkRef<'_>> for Gvk {
    fn from(GvkRef { group, version, kind }: GvkRef<'_>) -> Self {
        Gvk { group: group.into(), version: version.into(), kind: kind.into() }
    }
}

/// Splits an `apiVersion` into group and version; the version is what follows the first `/`.
pub(crate) fn split_api_version(api_version: &str) -> (&str, &str) {
    // Faster than `split_once` for texts as short as these, and every step asks.
    match api_version.bytes().position(|byte| byte == b'/') {
        Some(slash) => (&api_version[..slash], &api_version[slash + 1..]),
        None => ("", api_version),
    }
}

impl fmt::Display for Gvk {
    /// Writes `Kind.version.group`, with `[noKind]` and the like for empty parts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or = |s: &EcoString, none| {
            if s.is_empty() { EcoString::from(none) } else { s.clone() }
        };
        write!(
            f,
            "{}.{}.{}",
            or(&self.kind, "[noKind]"),
            or(&self.version, "[noVer]"),
            or(&self.group, "[noGrp]")
        )
    }
}

/// The identity of a resource: what it is, its name, and its namespace as written.
///
/// Two ids are equal (see [`ResId::equals`]) if gvk and name are, and the *effective* namespaces:
/// none and `default` are one, and so are all namespaces of a cluster-scoped kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct ResId {
    /// Group, version, kind.
    pub(crate) gvk: Gvk,
    /// The name.
    pub(crate) name: EcoString,
    /// The namespace as written; empty for none.
    pub(crate) namespace: EcoString,
    /// Whether the schema knows the kind as cluster-scoped.
    pub(crate) cluster_scoped: bool,
}

/// The effective namespace of everything that has none.
pub(crate) const DEFAULT_NAMESPACE: &str = "default";
/// The effective namespace of cluster-scoped resources.
pub(crate) const NO_NAMESPACE: &str = "_non_namespaceable_";

impl ResId {
    /// Returns the namespace that counts when ids are compared.
    pub(crate) fn effective_namespace(&self) -> &str {
        if self.cluster_scoped {
            NO_NAMESPACE
        } else if self.namespace.is_empty() {
            DEFAULT_NAMESPACE
        } else {
            &self.namespace
        }
    }

    /// Returns `true` if both name the same object.
    pub(crate) fn equals(&self, other: &ResId) -> bool {
        self.borrowed() == other.borrowed()
    }

    /// Returns the id without owning its texts.
    pub(crate) fn borrowed(&self) -> IdRef<'_> {
        IdRef {
            group: &self.gvk.group,
            version: &self.gvk.version,
            kind: &self.gvk.kind,
            name: &self.name,
            namespace: self.effective_namespace(),
        }
    }
}

/// What of an id counts when ids are compared, borrowed: look-ups need no more, and every step does
/// many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IdRef<'a> {
    pub(crate) group: &'a str,
    pub(crate) version: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) name: &'a str,
    /// The effective namespace.
    pub(crate) namespace: &'a str,
}

impl fmt::Display for ResId {
    /// Writes `Kind.version.group/name.namespace`, with `[noNs]` and the like for empty parts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.name.is_empty() { "[noName]" } else { &self.name };
        let namespace = if self.namespace.is_empty() { "[noNs]" } else { &self.namespace };
        write!(f, "{}/{name}.{namespace}", self.gvk)
    }
}

#[cfg(test)]
mod tests {
    use super::GvkRef;

    #[test]
    fn groups_of_kubernetes() {
        let is_kubernetes = |version| GvkRef::parse(version, "Thing").is_kubernetes();
        for own in ["v1", "apps/v1", "networking.k8s.io/v1", "gateway.networking.k8s.io/v1"] {
            assert!(is_kubernetes(own), "{own}");
        }
        for custom in ["example.com/v1", "cluster.x-k8s.io/v1beta1", "k8s.io.example.com/v1"] {
            assert!(!is_kubernetes(custom), "{custom}");
        }
    }
}
