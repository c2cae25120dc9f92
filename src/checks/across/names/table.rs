//! The table of references that other roots may resolve: which field of which kind names what.

use crate::checks::workloads::pods;
use crate::resource::Resource;
use crate::yaml::Node;

/// What has the field.
#[derive(Clone, Copy)]
enum By {
    /// Objects of a kind.
    Kind(&'static str),
    /// The Pods of objects of any kind.
    Pods,
}

/// What is at the end of the path.
#[derive(Clone, Copy)]
enum To {
    /// The name of an object of a kind.
    Name(&'static str),
    /// As before, with the namespace before it and a slash if it is another one.
    Path(&'static str),
    /// The registry and the rest of an image, without its tag.
    Image,
    /// An identity of a mesh, such as `cluster.local/ns/shop/sa/web`.
    Principal,
    /// A mapping with a name, and perhaps a kind and a namespace; the kind is this one if it says none.
    Object(&'static str),
}

/// A field that refers to something.
struct Field {
    by: By,
    /// The way to it; `[]` stands for all elements of a list.
    path: &'static [&'static str],
    to: To,
}

use By::{Kind, Pods};
use To::{Image, Name, Object, Path, Principal};

const fn field(by: By, path: &'static [&'static str], to: To) -> Field {
    Field { by, path, to }
}

const ANNOTATIONS: &str = "annotations";
const GATEWAY: &str = "Gateway";
/// Gateways of Istio, which are others than those of Kubernetes.
const ISTIO_GATEWAY: &str = "Gateway of Istio";

static FIELDS: &[Field] = &[
    field(Kind("Ingress"), &["spec", "ingressClassName"], Name("IngressClass")),
    field(
        Kind("Ingress"),
        &["metadata", ANNOTATIONS, "kubernetes.io/ingress.class"],
        Name("IngressClass"),
    ),
    field(
        Kind("Ingress"),
        &["metadata", ANNOTATIONS, "cert-manager.io/cluster-issuer"],
        Name("ClusterIssuer"),
    ),
    field(Kind("Ingress"), &["metadata", ANNOTATIONS, "cert-manager.io/issuer"], Name("Issuer")),
    field(
        Kind(GATEWAY),
        &["metadata", ANNOTATIONS, "cert-manager.io/cluster-issuer"],
        Name("ClusterIssuer"),
    ),
    field(Kind(GATEWAY), &["metadata", ANNOTATIONS, "cert-manager.io/issuer"], Name("Issuer")),
    field(Kind(GATEWAY), &["spec", "gatewayClassName"], Name("GatewayClass")),
    field(Kind("Certificate"), &["spec", "issuerRef"], Object("Issuer")),
    field(
        Kind("ClusterIssuer"),
        &["spec", "acme", "solvers", "[]", "http01", "ingress", "ingressClassName"],
        Name("IngressClass"),
    ),
    field(
        Kind("ClusterIssuer"),
        &["spec", "acme", "solvers", "[]", "http01", "ingress", "class"],
        Name("IngressClass"),
    ),
    field(
        Kind("Issuer"),
        &["spec", "acme", "solvers", "[]", "http01", "ingress", "ingressClassName"],
        Name("IngressClass"),
    ),
    field(Kind("ExternalSecret"), &["spec", "secretStoreRef"], Object("SecretStore")),
    field(Kind("PushSecret"), &["spec", "secretStoreRefs", "[]"], Object("SecretStore")),
    field(
        Kind("ClusterExternalSecret"),
        &["spec", "externalSecretSpec", "secretStoreRef"],
        Object("SecretStore"),
    ),
    field(Kind("PersistentVolumeClaim"), &["spec", "storageClassName"], Name("StorageClass")),
    field(
        Kind("StatefulSet"),
        &["spec", "volumeClaimTemplates", "[]", "spec", "storageClassName"],
        Name("StorageClass"),
    ),
    field(Pods, &["spec", "priorityClassName"], Name("PriorityClass")),
    field(Pods, &["spec", "runtimeClassName"], Name("RuntimeClass")),
    field(Kind("HTTPRoute"), &["spec", "parentRefs", "[]"], Object(GATEWAY)),
    field(Kind("GRPCRoute"), &["spec", "parentRefs", "[]"], Object(GATEWAY)),
    field(Kind("TLSRoute"), &["spec", "parentRefs", "[]"], Object(GATEWAY)),
    field(Kind("TCPRoute"), &["spec", "parentRefs", "[]"], Object(GATEWAY)),
    field(Kind("VirtualService"), &["spec", "gateways", "[]"], Path(ISTIO_GATEWAY)),
    field(Kind("RoleBinding"), &["subjects", "[]"], Object("")),
    field(Kind("ClusterRoleBinding"), &["subjects", "[]"], Object("")),
    field(
        Kind("ScaledObject"),
        &["spec", "triggers", "[]", "authenticationRef"],
        Object("TriggerAuthentication"),
    ),
    field(Kind("Application"), &["spec", "project"], Name("AppProject")),
    field(Kind("ApplicationSet"), &["spec", "template", "spec", "project"], Name("AppProject")),
    field(Kind("Application"), &["spec", "destination", "namespace"], Name("Namespace")),
    field(
        Kind("ApplicationSet"),
        &["spec", "template", "spec", "destination", "namespace"],
        Name("Namespace"),
    ),
    field(Kind("AppProject"), &["spec", "destinations", "[]", "namespace"], Name("Namespace")),
    field(
        Kind("ServiceMonitor"),
        &["spec", "namespaceSelector", "matchNames", "[]"],
        Name("Namespace"),
    ),
    field(
        Kind("PodMonitor"),
        &["spec", "namespaceSelector", "matchNames", "[]"],
        Name("Namespace"),
    ),
    field(
        Kind("NetworkPolicy"),
        &["spec", "ingress", "[]", "from", "[]", "namespaceSelector", "matchLabels", NAME_LABEL],
        Name("Namespace"),
    ),
    field(
        Kind("NetworkPolicy"),
        &["spec", "egress", "[]", "to", "[]", "namespaceSelector", "matchLabels", NAME_LABEL],
        Name("Namespace"),
    ),
    field(Kind("Kustomization"), &["spec", "sourceRef"], Object("GitRepository")),
    field(Kind("Kustomization"), &["spec", "dependsOn", "[]"], Object("Kustomization")),
    field(Kind("HelmRelease"), &["spec", "chart", "spec", "sourceRef"], Object("HelmRepository")),
    field(Kind("HelmRelease"), &["spec", "chartRef"], Object("OCIRepository")),
    field(Kind("HelmRelease"), &["spec", "dependsOn", "[]"], Object("HelmRelease")),
    field(Kind("HelmRelease"), &["spec", "valuesFrom", "[]"], Object("")),
    field(
        Kind("AuthorizationPolicy"),
        &["spec", "rules", "[]", "from", "[]", "source", "principals", "[]"],
        Principal,
    ),
    field(
        Kind("AuthorizationPolicy"),
        &["spec", "rules", "[]", "from", "[]", "source", "namespaces", "[]"],
        Name("Namespace"),
    ),
    field(Pods, &["spec", "imagePullSecrets", "[]", "name"], Name(PULL_SECRET)),
    field(Kind("ServiceAccount"), &["imagePullSecrets", "[]", "name"], Name(PULL_SECRET)),
    field(Pods, &["spec", "containers", "[]", "image"], Image),
    field(Pods, &["spec", "initContainers", "[]", "image"], Image),
    field(Kind("Application"), &["spec", "destination", "name"], Name(CLUSTER)),
    field(
        Kind("ApplicationSet"),
        &["spec", "template", "spec", "destination", "name"],
        Name(CLUSTER),
    ),
    field(Kind("Application"), &["spec", "source", "repoURL"], Name(REPOSITORY)),
    field(Kind("Application"), &["spec", "sources", "[]", "repoURL"], Name(REPOSITORY)),
    field(
        Kind("ApplicationSet"),
        &["spec", "template", "spec", "source", "repoURL"],
        Name(REPOSITORY),
    ),
    field(
        Kind("ApplicationSet"),
        &["spec", "generators", "[]", "git", "repoURL"],
        Name(REPOSITORY),
    ),
];

/// What no object of a repository stands for, and what many name in the same way.
pub(in crate::checks) const CLUSTER: &str = "cluster";
pub(in crate::checks) const IMAGE: &str = "image";
pub(in crate::checks) const PULL_SECRET: &str = "Secret for images";
pub(in crate::checks) const REGISTRY: &str = "registry";
const REPOSITORY: &str = "repository";

const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The kinds that fields of the table name; ConfigMaps and the like are looked at with their own build.
const NAMED: &[&str] = &[
    "AppProject",
    "ClusterIssuer",
    "ClusterSecretStore",
    "ClusterTriggerAuthentication",
    "ConfigMap",
    GATEWAY,
    ISTIO_GATEWAY,
    "GatewayClass",
    "GitRepository",
    "HelmChart",
    "HelmRelease",
    "HelmRepository",
    "Bucket",
    "IngressClass",
    "Issuer",
    "Kustomization",
    "ListenerSet",
    "Namespace",
    "OCIRepository",
    "PriorityClass",
    "RuntimeClass",
    "Secret",
    "SecretStore",
    "ServiceAccount",
    "StorageClass",
    "TriggerAuthentication",
];

/// A reference.
pub(in crate::checks) struct Reference<'a> {
    pub(in crate::checks) by: &'a Resource,
    /// The kind that it names.
    pub(in crate::checks) kind: &'a str,
    pub(in crate::checks) name: &'a str,
    /// Where the name is written.
    pub(in crate::checks) node: &'a Node,
    /// The namespace that it says.
    pub(in crate::checks) namespace: Option<&'a str>,
    pub(in crate::checks) path: &'static [&'static str],
}

impl Reference<'_> {
    /// Returns the field as people write it.
    pub(in crate::checks) fn shown(&self) -> String {
        let mut path = String::new();
        for step in self.path {
            match *step {
                "[]" => path.push_str("[]"),
                _ if path.is_empty() => path.push_str(step),
                _ if step.contains('.') => path.push_str(&format!("[{step}]")),
                _ => path.push_str(&format!(".{step}")),
            }
        }
        path
    }
}

/// Returns the kind of an object as the table has it.
pub(in crate::checks) fn kind_of(resource: &Resource) -> &str {
    match resource.kind() {
        GATEWAY if resource.gvk_ref().group.ends_with("istio.io") => ISTIO_GATEWAY,
        kind => kind,
    }
}

/// Returns `true` for kinds that fields of the table name.
pub(in crate::checks) fn is_named(kind: &str) -> bool {
    NAMED.contains(&kind)
}

/// Returns `true` for kinds whose objects are in no namespace.
pub(in crate::checks) fn is_of_cluster(kind: &str) -> bool {
    kind.starts_with("Cluster")
        || kind.ends_with("Class")
        || matches!(kind, "AppProject" | "Namespace")
}

/// Hands out all references of an object.
pub(in crate::checks) fn references<'a>(
    resource: &'a Resource,
    each: &mut dyn FnMut(Reference<'a>),
) {
    let kind = kind_of(resource);
    let mut pod = None;
    for field in FIELDS {
        let top = match field.by {
            Kind(of) if of == kind => Some(&resource.node),
            Kind(_) => None,
            Pods => *pod.get_or_insert_with(|| pods::template(resource)),
        };
        if let Some(top) = top {
            follow(top, field.path, &mut |node| {
                if matches!(field.to, Image) {
                    of_image(resource, field, node, each);
                } else if let Some(found) = reference(resource, field, node) {
                    each(found);
                }
            });
        }
    }
}

/// Hands out what is at the end of a path.
pub(in crate::checks) fn follow<'n>(node: &'n Node, path: &[&str], each: &mut dyn FnMut(&'n Node)) {
    match path {
        [] => each(node),
        ["[]", rest @ ..] => {
            node.as_seq().into_iter().flatten().for_each(|node| follow(node, rest, each));
        }
        [key, rest @ ..] => {
            if let Some(node) = node.get(key) {
                follow(node, rest, each);
            }
        }
    }
}

/// Hands out the registry and the name of an image.
fn of_image<'a>(
    by: &'a Resource,
    field: &Field,
    node: &'a Node,
    each: &mut dyn FnMut(Reference<'a>),
) {
    let Some(text) = node.text() else { return };
    let name = text.split('@').next().unwrap_or_default();
    // A colon before the last slash is that of a port.
    let name = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    };
    let path = field.path;
    let mut found = |kind, name| each(Reference { by, kind, name, node, namespace: None, path });
    match name.split_once('/') {
        // Those of all are called nearly the same: `gcr.io` and `ghcr.io`.
        Some((registry, _)) if registry.matches('.').count() > 1 => found(REGISTRY, registry),
        _ => {}
    }
    found(IMAGE, name);
}

/// Returns `true` for what no object stands for.
pub(in crate::checks) fn is_said_only(kind: &str) -> bool {
    matches!(kind, CLUSTER | IMAGE | PULL_SECRET | REGISTRY | REPOSITORY)
}

fn reference<'a>(by: &'a Resource, field: &Field, node: &'a Node) -> Option<Reference<'a>> {
    let path = field.path;
    match field.to {
        Image => None,
        Principal => {
            let (_, rest) = node.text()?.split_once("/ns/")?;
            let (namespace, name) = rest.split_once("/sa/")?;
            let (kind, namespace) = ("ServiceAccount", Some(namespace));
            (!name.contains('*')).then_some(Reference { by, kind, name, node, namespace, path })
        }
        Name(kind) => {
            let name = node.text().filter(|_| !node.is_null())?;
            Some(Reference { by, kind, name, node, namespace: None, path })
        }
        Path(kind) => {
            let (namespace, name) = match node.text()?.split_once('/') {
                Some((namespace, name)) => (Some(namespace), name),
                None => (None, node.text()?),
            };
            Some(Reference { by, kind, name, node, namespace, path })
        }
        Object(kind) => {
            let says = |key| node.get(key).and_then(Node::text).filter(|text| !text.is_empty());
            // Issuers of others have a group of their own.
            let is_other = path.contains(&"issuerRef")
                && says("group").is_some_and(|group| group != "cert-manager.io");
            let kind = says("kind").unwrap_or(kind);
            let name = node.get("name")?;
            let is_optional = says("optional") == Some("true");
            if is_other || is_optional || !is_named(kind) || name.is_null() {
                return None;
            }
            let namespace = says("namespace");
            Some(Reference { by, kind, name: name.text()?, node: name, namespace, path })
        }
    }
}
