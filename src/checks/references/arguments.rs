//! Arguments and variables of containers that name an object which the build has renamed: no step follows what stands
//! inside of a text.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::finished::{Finished, Workload};
use crate::checks::kubernetes::{containers, element_name, is_filled_in, list};
use crate::checks::objects::{current_name, effective};
use crate::checks::positions::place_or;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::Node;

/// What is looked for.
const KINDS: [&str; 3] = ["ConfigMap", "Secret", "Service"];

/// By kind and a former name.
type Former<'a> = FxHashMap<(&'a str, &'a str), &'a Resource>;

/// Looks at the containers of a build.
pub(in crate::checks) fn check<'a>(lint: &Lint, set: &Finished<'a>) {
    let all = || KINDS.into_iter().flat_map(|kind| set.set().of_kind(kind));
    let mut former = Former::default();
    for resource in all() {
        for id in resource.history.previous.iter().filter(|id| id.name != resource.name()) {
            former.insert((resource.kind(), &id.name), resource);
        }
    }
    if former.is_empty() {
        return;
    }
    let place = |it: &'a Resource| (it.kind(), effective(it.namespace()), it.name());
    let there: FxHashSet<_> = all().map(place).collect();
    for Workload { by, spec, .. } in &set.workloads {
        let Some(pod) = spec else { continue };
        for container in containers(pod) {
            for (flag, value, node) in arguments(container).chain(variables(container)) {
                work::check();
                let (namespace, name) = match value.rsplit_once('/') {
                    Some((namespace, name)) => (Some(namespace), name),
                    None => (None, value),
                };
                let kinds = KINDS.into_iter().filter(|kind| is_about(&flag, kind, namespace));
                let meant = kinds.filter_map(|kind| former.get(&(kind, name))).next();
                let Some(meant) = meant.filter(|meant| is_in(meant, by, namespace)) else {
                    continue;
                };
                if !there.contains(&(meant.kind(), effective(meant.namespace()), name)) {
                    remark(lint, by, container, node, (value, name), meant);
                }
            }
        }
    }
}

/// Returns the flags of a container, each with its value.
fn arguments(container: &Node) -> impl Iterator<Item = (String, &str, &Node)> {
    let lists = ["command", "args"].into_iter().flat_map(|field| list(container, field));
    let mut last: Option<String> = None;
    lists.filter_map(move |node| {
        let text = node.text()?;
        let flag = last.take();
        let Some(long) = text.strip_prefix("--") else {
            return Some((flag?, text, node));
        };
        match long.split_once('=') {
            Some((flag, value)) => Some((plain(flag), value, node)),
            None => {
                last = Some(plain(long));
                None
            }
        }
    })
}

/// Returns the variables of a container, each with its value.
fn variables(container: &Node) -> impl Iterator<Item = (String, &str, &Node)> {
    list(container, "env").filter_map(|variable| {
        let value = variable.get("value")?;
        Some((plain(element_name(variable)?), value.text()?, value))
    })
}

/// Returns a name in small letters, without what stands between its words.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Returns `true` if a flag is for the name of an object of a kind. That of a Service is also a name in traces, so it
/// needs a namespace before it.
fn is_about(flag: &str, kind: &str, namespace: Option<&str>) -> bool {
    match kind {
        "ConfigMap" => flag.contains("configmap"),
        "Secret" => {
            flag.ends_with("secret")
                || flag.ends_with("secretname")
                || (flag.ends_with("certificate") && namespace.is_some())
        }
        _ => flag.ends_with("service") && namespace.is_some(),
    }
}

/// Returns `true` if an object is in the namespace that is said, or in that of the container.
fn is_in(meant: &Resource, by: &Resource, said: Option<&str>) -> bool {
    let own = effective(meant.namespace());
    match said {
        Some(said) if !is_filled_in(said) => {
            let former = meant.history.previous.iter().map(|id| effective(&id.namespace));
            former.chain([own]).any(|namespace| namespace == said)
        }
        _ => own == effective(by.namespace()),
    }
}

fn remark(
    lint: &Lint,
    by: &Resource,
    container: &Node,
    node: &Node,
    (value, name): (&str, &str),
    meant: &Resource,
) {
    let text = format!(
        "{} {}: the container `{}` is started with the name `{value}`, but the {} `{name}` is called `{}` now",
        by.kind(),
        by.name(),
        element_name(container).unwrap_or_default(),
        meant.kind(),
        meant.name()
    );
    let is_hashed = meant.history.needs_hash && current_name(meant) == name;
    let hint = match is_hashed {
        true => "kustomize follows no name inside of a text: keep the name, with `options: {disableNameSuffixHash: \
                 true}` in the entry of the generator"
            .to_owned(),
        false => format!(
            "kustomize follows no name inside of a text: write `{}` there in this overlay, or let a replacement copy it",
            meant.name()
        ),
    };
    lint.add(
        Warning::new(WarningKind::DanglingReference, text, place_or(node.pos(), by))
            .related("the renamed object is at", meant.node.pos())
            .hint(hint),
    );
}
