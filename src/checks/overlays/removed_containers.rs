//! Containers that patches take out, and ports that they rename, for what else needs them.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::kubernetes::{containers, element_name, list};
use crate::diagnostics::{Lint, Removed};
use crate::resource::Resource;
use crate::yaml::{Node, Pos};

/// Ways to the Pod that an object makes.
const PODS: &[&[&str]] =
    &[&["spec", "template", "spec"], &["spec", "jobTemplate", "spec", "template", "spec"]];

/// Notes the containers that `after` does not have and its former tree has; `at` says where the patch says so, of a
/// container by name.
pub(in crate::checks) fn note(
    lint: &Lint,
    before: &Node,
    after: &Resource,
    at: impl Fn(&str) -> Pos,
) {
    if after.kind() == "Service"
        && let (Some(old), Some(new)) = (before.get("spec"), after.node.get("spec"))
    {
        note_ports(lint, after, after.name(), (old, new));
    }
    for path in PODS {
        let (Some(old), Some(new)) = (before.get_path(path), after.node.get_path(path)) else {
            continue;
        };
        let mut left: FxHashMap<&str, &Node> = FxHashMap::default();
        for container in containers(new) {
            if let Some(name) = element_name(container) {
                left.entry(name).or_insert(container);
            }
        }
        for container in containers(old) {
            let Some(name) = element_name(container) else { continue };
            let Some(other) = left.get(name).filter(|other| !other.is_identical(container)) else {
                continue;
            };
            note_ports(lint, after, name, (container, other));
        }
        if containers(old).count() == containers(new).count() {
            continue;
        }
        for container in containers(old) {
            let Some(name) = element_name(container).filter(|name| !left.contains_key(name)) else {
                continue;
            };
            let ports = list(container, "ports").filter_map(element_name);
            let removed = Removed {
                name: name.to_owned(),
                image: container.get("image").and_then(Node::text).unwrap_or_default().to_owned(),
                ports: ports.map(str::to_owned).collect(),
                renamed_to: None,
                at: at(name),
            };
            lint.note_removed(after.node.pos(), removed);
        }
    }
}

/// Notes the names of ports that a container, or the specification of a Service, has no more, where it has others.
fn note_ports(lint: &Lint, after: &Resource, name: &str, (old, new): (&Node, &Node)) {
    let names = |node| list(node, "ports").filter_map(element_name);
    let (former, now): (FxHashSet<&str>, FxHashSet<&str>) =
        (names(old).collect(), names(new).collect());
    let gone: Vec<&str> = names(old).filter(|name| !now.contains(name)).collect();
    let is_new = |port: &&Node| element_name(port).is_some_and(|name| !former.contains(name));
    let Some(port) = list(new, "ports").find(is_new).filter(|_| !gone.is_empty()) else { return };
    let removed = Removed {
        name: name.to_owned(),
        image: String::new(),
        ports: gone.into_iter().map(str::to_owned).collect(),
        renamed_to: element_name(port).map(str::to_owned),
        at: port.get("name").map_or(Pos::NONE, Node::pos),
    };
    lint.note_removed(after.node.pos(), removed);
}

/// Returns where a strategic merge patch names a container.
pub(in crate::checks) fn in_patch(patch: &Node, name: &str) -> Pos {
    let lists = PODS.iter().filter_map(|path| patch.get_path(path)).flat_map(containers);
    let mut named = lists.filter(|container| element_name(container) == Some(name));
    named.next().map_or(patch.pos(), Node::pos)
}
