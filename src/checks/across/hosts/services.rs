//! The Services of all roots, and the namespaces in which others make some.

use std::collections::BTreeSet;
use std::iter;
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::across::names::table::follow;
use crate::checks::across::roots::Root;
use crate::checks::files::deployed::Home;
use crate::checks::objects::{effective, is_custom, makes_nothing};
use crate::checks::workloads::pods;
use crate::resource::Resource;
use crate::yaml::Node;

/// The way to the namespaces of an AppProject.
const DESTINATIONS: &[&str] = &["spec", "destinations", "[]", "namespace"];

/// More custom resources that make no Services.
const MAKE_NO_SERVICES: &[&str] = &[
    "AppProject",
    "AuthorizationPolicy",
    "CiliumNetworkPolicy",
    "ClusterPolicy",
    "ClusterSecretStore",
    "EnvoyFilter",
    "Gateway",
    "IngressRoute",
    "Middleware",
    "Policy",
    "RequestAuthentication",
    "ScaledJob",
    "ScaledObject",
    "SecretProviderClass",
    "SecretStore",
    "ServiceEntry",
    "Sidecar",
    "Telemetry",
    "TriggerAuthentication",
];

/// The Services of all roots.
#[derive(Default)]
pub(super) struct Services<'a> {
    /// By namespace and name; the same in several clusters may have other ports.
    pub(super) there: FxHashMap<&'a str, FxHashMap<&'a str, Vec<&'a Resource>>>,
    /// The namespaces of each name.
    pub(super) of_name: FxHashMap<&'a str, BTreeSet<&'a str>>,
    /// Former names, with what an address has of them.
    pub(super) former: FxHashSet<&'a str>,
    /// Namespaces in which others than the roots make Services.
    pub(super) open: FxHashSet<&'a str>,
    /// All namespaces that the roots have.
    pub(super) namespaces: FxHashSet<&'a str>,
    /// Whether no root was refused, which may have more.
    pub(super) all_are_there: bool,
}

impl<'a> Services<'a> {
    /// Collects what all roots have.
    pub(super) fn new(roots: &'a [Root<'a>]) -> Services<'a> {
        let mut services = Services::default();
        let folders: Folders<'_> = roots.iter().flat_map(|root| ends(&root.folder)).collect();
        for root in roots {
            for resource in root.resources {
                services.add(resource, &root.home, &folders);
            }
        }
        services
    }

    fn add(&mut self, resource: &'a Resource, home: &'a Home, folders: &Folders<'_>) {
        let namespace = effective(resource.namespace());
        let is_cluster_wide = resource.namespace().is_empty();
        if !is_cluster_wide {
            self.namespaces.insert(namespace);
        }
        match resource.kind() {
            "Namespace" => {
                self.namespaces.insert(resource.name());
            }
            "Service" if resource.gvk_ref().group.is_empty() => {
                let name = resource.name();
                for namespace in home.of(resource.namespace()) {
                    let there = self.there.entry(namespace).or_default();
                    there.entry(name).or_default().push(resource);
                    self.of_name.entry(name).or_default().insert(namespace);
                }
                if is_cluster_wide && home.is_open() {
                    self.of_name.entry(name).or_default().insert("default");
                }
                let previous = resource.history.previous.iter().map(|id| id.name.as_str());
                self.former.extend(previous.filter(|former| *former != name));
            }
            "Application" | "ApplicationSet" => self.open.extend(filled_by(resource, folders)),
            // What may be put there need not be of this repository.
            "AppProject" => follow(&resource.node, DESTINATIONS, &mut |node| {
                self.open.extend(node.text());
            }),
            "HelmRelease" => {
                let target = resource.node.get_path(&["spec", "targetNamespace"]);
                self.open.extend(target.and_then(Node::text).or(Some(namespace)));
            }
            // Their objects may well be made of what is elsewhere.
            _ if is_custom(resource)
                && !makes_nothing(resource)
                && !MAKE_NO_SERVICES.contains(&resource.kind())
                && pods::template(resource).is_none() =>
            {
                self.open.insert(namespace);
            }
            _ => {}
        }
    }

    /// Returns the one namespace that has a Service of the name.
    pub(super) fn only_namespace(&self, name: &str) -> Option<&'a str> {
        let mut namespaces = self.of_name.get(name)?.iter().copied();
        namespaces.next().filter(|_| namespaces.next().is_none())
    }

    /// Returns `true` if a Service of the name gets its namespace later.
    pub(super) fn in_no_namespace(&self, name: &str) -> bool {
        self.of_name.get(name).is_some_and(|namespaces| namespaces.contains("default"))
    }
}

/// All ends of the folders of roots, each from a part of the path on.
type Folders<'a> = FxHashSet<&'a Path>;

/// Returns all ends of a path, the empty one too.
fn ends(path: &Path) -> impl Iterator<Item = &Path> {
    let mut parts = path.components();
    let ends = iter::from_fn(move || {
        let rest = parts.as_path();
        parts.next().map(|_| rest)
    });
    ends.chain([Path::new("")])
}

/// Returns the namespace that an Application fills with something else than a root.
fn filled_by<'a>(application: &'a Resource, folders: &Folders<'_>) -> Option<&'a str> {
    let spec = match application.kind() {
        "Application" => application.node.get("spec")?,
        _ => application.node.get_path(&["spec", "template", "spec"])?,
    };
    let several = spec.get("sources").and_then(Node::as_seq);
    let mut sources = spec.get("source").into_iter().chain(several.into_iter().flatten());
    let is_root = |source: &Node| {
        let path = source.get("path").and_then(Node::text);
        path.is_some_and(|path| folders.contains(Path::new(path)))
    };
    if sources.all(is_root) {
        return None;
    }
    spec.get_path(&["destination", "namespace"])?.text()
}
