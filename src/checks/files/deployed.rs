//! The namespaces that objects of Flux and Argo CD give to what has none: a build alone does not show them.

use std::path::{Component, Path};

use super::path_parts::{matches, parts_of};
use crate::checks::workloads::pods::may_make_pods;
use crate::resource::Resource;
use crate::yaml::Node;

/// What the objects of a repository say of the folders that they deploy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deployed {
    all: Vec<Place>,
    /// Whether Flux patches the sources that the objects name.
    has_patched_sources: bool,
}

/// What one object says of a folder.
#[derive(Clone, Debug)]
struct Place {
    /// The parts of the path.
    path: Vec<String>,
    /// The namespace, if one is said.
    namespace: Option<String>,
    /// Whether Flux builds it.
    is_of_flux: bool,
    /// Whether more components are added to it.
    has_components: bool,
}

/// The namespaces that a folder is deployed to, if its objects say none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Home {
    namespaces: Vec<String>,
    /// Whether it may be any other as well.
    is_open: bool,
}

impl Home {
    /// Returns `true` if objects without a namespace may be in this one.
    pub(crate) fn may_be(&self, namespace: &str) -> bool {
        self.is_open || self.namespaces.iter().any(|own| own == namespace)
    }

    /// Returns `true` if they may be anywhere.
    pub(in crate::checks) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Returns the namespaces that an object with the namespace `own` may be in, `default` if nobody gives it one.
    pub(in crate::checks) fn of<'n>(&'n self, own: &'n str) -> impl Iterator<Item = &'n str> {
        let given = self.namespaces.iter().filter(|_| own.is_empty()).map(String::as_str);
        let alone = match own {
            "" => Some("default").filter(|_| self.namespaces.is_empty() && !self.is_open),
            own => Some(own),
        };
        given.chain(alone)
    }
}

impl Deployed {
    /// Adds what a Flux Kustomization says.
    pub(super) fn add_flux(&mut self, object: &Node) {
        let text = |field| object.get_path(&["spec", field]).and_then(Node::text);
        let components = object.get_path(&["spec", "components"]).and_then(Node::as_seq);
        let has_components = components.is_some_and(|all| !all.is_empty());
        let patches = object.get_path(&["spec", "patches"]).and_then(Node::as_seq);
        let mut patches = patches.into_iter().flatten().filter_map(|it| it.get("patch")?.text());
        self.has_patched_sources |= patches.any(|patch| patch.contains("sourceRef"));
        if let Some(path) = text("path") {
            self.add(path, text("targetNamespace"), (true, has_components));
        }
    }

    /// Adds what an Application says, or the template of an ApplicationSet.
    pub(super) fn add_application(&mut self, spec: &Node) {
        let namespace = spec.get_path(&["destination", "namespace"]).and_then(Node::text);
        let several = spec.get("sources").and_then(Node::as_seq);
        for source in spec.get("source").into_iter().chain(several.into_iter().flatten()) {
            let own = source.get_path(&["kustomize", "namespace"]).and_then(Node::text);
            if let Some(path) = source.get("path").and_then(Node::text) {
                let components = source.get_path(&["kustomize", "components"]);
                self.add(path, own.or(namespace), (false, components.is_some()));
            }
        }
    }

    fn add(
        &mut self,
        path: &str,
        namespace: Option<&str>,
        (is_of_flux, has_components): (bool, bool),
    ) {
        let is_fixed = |namespace: &&str| !namespace.contains(['{', '$', '*']);
        if let Some(path) = parts_of(path) {
            let namespace = namespace.filter(is_fixed).map(str::to_owned);
            self.all.push(Place { path, namespace, is_of_flux, has_components });
        }
    }

    /// Adds all that another set has.
    pub(crate) fn merge(&mut self, other: &Deployed) {
        self.all.extend(other.all.iter().cloned());
        self.has_patched_sources |= other.has_patched_sources;
    }

    /// Returns `true` for a base that nobody deploys as it is, in a repository that says what it deploys: whoever uses it,
    /// or its files, is to be judged.
    pub(crate) fn is_mere_base(&self, folder: &Path) -> bool {
        let is_base = |name: &&str| matches!(*name, "base" | "bases");
        let parts = parts(folder);
        let names = |path: &[String]| {
            let mut ways = parts.windows(path.len());
            ways.any(|way| way.iter().zip(path).all(|(part, pattern)| matches(part, pattern)))
        };
        !self.all.is_empty()
            && parts.iter().any(is_base)
            && !self.all.iter().any(|place| names(&place.path))
    }

    /// Returns `true` if Flux gives a folder its namespace, which it does as `namespace` of a kustomization.
    pub(crate) fn has_target_namespace(&self, folder: &Path) -> bool {
        self.of(folder).any(|place| place.is_of_flux && place.namespace.is_some())
    }

    /// Returns `true` if Flux patches the sources that objects name, mostly all of a cluster at once.
    pub(crate) fn has_patched_sources(&self) -> bool {
        self.has_patched_sources
    }

    /// Returns `true` if components are added to a folder where it is deployed: steps of it may be for what they bring.
    pub(crate) fn adds_components(&self, folder: &Path) -> bool {
        self.of(folder).any(|place| place.has_components)
    }

    /// Returns what is said of a folder.
    fn of(&self, folder: &Path) -> impl Iterator<Item = &Place> {
        let parts = parts(folder);
        self.all.iter().filter(move |Place { path, .. }| {
            let from = parts.len().checked_sub(path.len());
            let own = from.into_iter().flat_map(|from| parts.iter().skip(from));
            from.is_some() && own.zip(path).all(|(part, pattern)| matches(part, pattern))
        })
    }

    /// Returns where a folder is deployed to; paths are compared from their end, as they begin at the root of some
    /// repository.
    pub(crate) fn home(&self, folder: &Path) -> Home {
        let mut home = Home::default();
        for place in self.of(folder) {
            match &place.namespace {
                Some(namespace) if home.namespaces.contains(namespace) => {}
                Some(namespace) => home.namespaces.push(namespace.clone()),
                None => home.is_open = true,
            }
        }
        home
    }
}

fn parts(folder: &Path) -> Vec<&str> {
    let names = folder.components().filter_map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    names.collect()
}

/// Returns `true` for what has Pods or leads to them, and no namespace yet.
pub(crate) fn is_homeless(resource: &Resource) -> bool {
    resource.namespace().is_empty()
        && (resource.kind() == "Service" || may_make_pods(resource.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn homes() -> Deployed {
        let mut deployed = Deployed::default();
        deployed.add("./apps/web", Some("web"), (true, true));
        deployed.add("apps/web", Some("web-eu"), (false, false));
        deployed.add("apps/{{name}}/app", Some("{{name}}"), (false, false));
        deployed
    }

    #[test]
    fn all_that_deploy_a_folder_count() {
        let home = homes().home(Path::new("/repo/apps/web"));
        assert_eq!(home.of("").collect::<Vec<_>>(), ["web", "web-eu"]);
        assert_eq!(home.of("own").collect::<Vec<_>>(), ["own"]);
        assert!(home.may_be("web") && !home.may_be("default"));
        let web = Path::new("/repo/apps/web");
        assert!(homes().has_target_namespace(web) && homes().adds_components(web));
        assert!(!homes().adds_components(Path::new("/repo/apps/shop/app")));
    }

    #[test]
    fn a_namespace_in_a_template_may_be_any() {
        let home = homes().home(Path::new("/repo/apps/shop/app"));
        assert!(home.is_open() && home.may_be("anything") && home.of("").next().is_none());
    }

    #[test]
    fn bases_are_mere_if_nobody_deploys_them() {
        let mere = |folder: &str| homes().is_mere_base(Path::new(folder));
        assert!(mere("/repo/apps/base/api") && !mere("/repo/apps/api"));
        assert!(!mere("/repo/apps/web/base"));
        assert!(!Deployed::default().is_mere_base(Path::new("/repo/apps/base/api")));
    }

    #[test]
    fn what_nobody_deploys_is_in_default() {
        let home = homes().home(Path::new("/repo/apps"));
        assert_eq!(home.of("").collect::<Vec<_>>(), ["default"]);
    }
}
