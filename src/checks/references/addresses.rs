//! Hosts in texts that have the former name or namespace of a Service: no step follows what stands inside of a
//! text.

use rustc_hash::FxHashMap;

use crate::checks::objects::effective;
use crate::checks::path::{Path, Step};
use crate::checks::positions::place_or;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::yaml::Node;

/// Words in the name of a variable or key whose value is a host.
const HOST_WORDS: &[&str] = &["HOST", "ADDR", "ENDPOINT", "URL", "SERVER"];

/// Services that were renamed or moved to another namespace.
pub(in crate::checks) struct Addresses<'a> {
    /// By a former name that no Service has now.
    renamed: FxHashMap<&'a str, &'a Resource>,
    /// By their name and a former namespace in which no Service has it now.
    moved: FxHashMap<(&'a str, &'a str), &'a Resource>,
}

impl<'a> Addresses<'a> {
    pub(in crate::checks) fn new(set: &'a ResourceSet) -> Addresses<'a> {
        let services = || set.of_kind("Service");
        let (mut renamed, mut moved) = (FxHashMap::default(), FxHashMap::default());
        for service in services() {
            for id in &service.history.previous {
                if id.name != service.name() {
                    renamed.insert(id.name.as_str(), service);
                }
                let former = effective(&id.namespace);
                if former != effective(service.namespace()) {
                    moved.insert((service.name(), former), service);
                }
            }
        }
        if !renamed.is_empty() || !moved.is_empty() {
            services().for_each(|service| {
                renamed.remove(service.name());
                moved.remove(&(service.name(), effective(service.namespace())));
            });
        }
        Addresses { renamed, moved }
    }

    /// Returns `true` if nothing was renamed or moved.
    pub(in crate::checks) fn is_empty(&self) -> bool {
        self.renamed.is_empty() && self.moved.is_empty()
    }

    /// Looks at a text, of an object and at a path.
    pub(in crate::checks) fn check(
        &self,
        lint: &Lint,
        resource: &Resource,
        value: &Node,
        path: &Path<'_>,
    ) {
        let Some(text) = value.text() else { return };
        if self.renamed.is_empty() && memchr::memchr2(b'/', b'.', text.as_bytes()).is_none() {
            return;
        }
        let found = match text.contains("://") || text.contains(".svc") {
            true => {
                text.split(|c: char| c.is_whitespace() || "\"'`,;()=<>".contains(c)).find_map(host)
            }
            false if is_of_host(path) => bare(text),
            false if is_of_mesh(resource, path) => in_mesh(text),
            false => None,
        };
        let Some((name, namespace)) = found else { return };
        let Some(service) = self.renamed.get(name) else {
            if let Some(namespace) = namespace
                && let Some(service) = self.moved.get(&(name, namespace))
            {
                moved(lint, resource, value, path, service, namespace);
            }
            return;
        };
        let own = effective(service.namespace());
        let is_meant = match namespace {
            Some(namespace) => {
                let former = service.history.previous.iter().map(|id| effective(&id.namespace));
                former.chain([own]).any(|former| former == namespace)
            }
            None => own == effective(resource.namespace()),
        };
        if !is_meant {
            return;
        }
        let now = service.name();
        let place = path.shown();
        let text = format!(
            "{} {}: `{place}` names the host `{name}`, but the Service is called `{now}` now",
            resource.kind(),
            resource.name()
        );
        lint.add(
            Warning::new(WarningKind::DanglingReference, text, place_or(value.pos(), resource))
                .related("the renamed object is at", service.node.pos())
                .hint(format!(
                    "kustomize renames no host inside of a text: write `{now}` there in this overlay, or let a \
                     replacement copy the name of the Service"
                )),
        );
    }
}

/// Warns about a host in a namespace that the Service is not in any more.
fn moved(
    lint: &Lint,
    resource: &Resource,
    value: &Node,
    path: &Path<'_>,
    service: &Resource,
    namespace: &str,
) {
    let (name, now) = (service.name(), service.namespace());
    let text = format!(
        "{} {}: `{}` names the host `{name}.{namespace}`, but the Service `{name}` is in `{now}` now",
        resource.kind(),
        resource.name(),
        path.shown()
    );
    let hint = match effective(resource.namespace()) == now {
        true => format!(
            "kustomize changes no namespace inside of a text: write `{name}` alone, which is the Service beside it \
             in every namespace, or `{name}.{now}`"
        ),
        false => format!(
            "kustomize changes no namespace inside of a text: write `{name}.{now}` there in this overlay, or let a \
             replacement copy it"
        ),
    };
    lint.add(
        Warning::new(WarningKind::DanglingReference, text, place_or(value.pos(), resource))
            .related("now in another namespace", service.node.pos())
            .hint(hint),
    );
}

/// Returns the name and namespace of the Service that a URL or a name in the cluster is of.
fn host(word: &str) -> Option<(&str, Option<&str>)> {
    let has_scheme = word.contains("://");
    let rest = word.split_once("://").map_or(word, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let host = rest.split(['/', ':', '?']).next()?;
    let mut labels = host.split('.');
    let (name, namespace, svc) = (labels.next()?, labels.next(), labels.next());
    match (namespace, svc) {
        (None, None) if has_scheme => Some((name, None)),
        (Some(namespace), None) if has_scheme => Some((name, Some(namespace))),
        (Some(namespace), Some("svc")) => Some((name, Some(namespace))),
        _ => None,
    }
}

/// Returns the name that is a host alone, with or without a port.
fn bare(text: &str) -> Option<(&str, Option<&str>)> {
    let (name, port) = text.split_once(':').unwrap_or((text, "80"));
    port.parse::<u16>().is_ok().then_some((name, None))
}

/// Returns the name and namespace in a host of Istio, which are short names of Services too.
fn in_mesh(text: &str) -> Option<(&str, Option<&str>)> {
    let mut labels = text.split('.');
    let (name, namespace) = (labels.next()?, labels.next());
    labels.next().is_none().then_some((name, namespace))
}

/// Returns `true` if a path leads to the host of a Service as Istio has it.
fn is_of_mesh(resource: &Resource, path: &Path<'_>) -> bool {
    let is_host = matches!(
        path.steps(),
        [.., Step::Key("destination" | "mirror"), Step::Key("host")]
            | [Step::Key("spec"), Step::Key("host" | "hosts")]
    );
    let group = resource.gvk_ref().group;
    is_host && group == "networking.istio.io" && resource.kind() != "ServiceEntry"
}

/// Returns `true` if a path leads to a variable or key whose name says that it is a host.
fn is_of_host(path: &Path<'_>) -> bool {
    let name = match path.steps() {
        [.., Step::Element(element, _), Step::Key("value")] => {
            element.get("name").and_then(Node::text)
        }
        [Step::Key("data"), Step::Key(key)] => Some(*key),
        _ => None,
    };
    name.is_some_and(|name| {
        let name = name.to_ascii_uppercase();
        HOST_WORDS.iter().any(|word| name.contains(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_those_of_the_cluster() {
        assert_eq!(host("http://api:8080/x"), Some(("api", None)));
        assert_eq!(host("postgres://user:pw@db/main"), Some(("db", None)));
        assert_eq!(host("api.shop.svc.cluster.local:80"), Some(("api", Some("shop"))));
        assert_eq!(host("http://api.shop:80/"), Some(("api", Some("shop"))));
        assert_eq!(host("https://api.example.com"), None);
        assert_eq!(host("api"), None);
        assert_eq!(bare("api:80"), Some(("api", None)));
        assert_eq!(bare("api:x"), None);
    }
}
