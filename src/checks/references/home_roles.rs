//! Roles and RoleBindings of the namespaces of Kubernetes itself, which `namespace` moves away from there.

use rustc_hash::FxHashSet;

use crate::checks::objects::effective;
use crate::checks::positions::place_of_value;
use crate::checks::workloads::pods;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::work;
use crate::yaml::Node;

const REMEDY: &str = "list the object in a kustomization of its own without `namespace`, or leave out `namespace` and set \
                      it with a NamespaceTransformer that has `unsetOnly: true`";

/// Looks at all Roles and RoleBindings that were in such a namespace where they were written.
pub(in crate::checks) fn check(lint: &Lint, set: &ResourceSet) {
    let mut all = ["Role", "RoleBinding"].into_iter().flat_map(|kind| set.of_kind(kind));
    if !all.any(|resource| home(resource).is_some()) {
        return;
    }
    let roles = set.of_kind("Role");
    let roles: FxHashSet<(&str, &str)> =
        roles.map(|role| (effective(role.namespace()), role.name())).collect();
    // What is at home there itself goes with its Roles.
    let has_pods_there = set.iter().any(|resource| {
        pods::template(resource).is_some() && first_namespace(resource).is_some_and(is_system)
    });
    for resource in set.iter() {
        let Some(home) = home(resource) else { continue };
        work::check();
        let (kind, name, now) = (resource.kind(), resource.name(), resource.namespace());
        let namespace = resource.node.get_path(&["metadata", "namespace"]);
        let text = match kind {
            "RoleBinding" => {
                let reference =
                    |field| resource.node.get_path(&["roleRef", field]).and_then(Node::text);
                let Some(role) = reference("name").filter(|_| reference("kind") == Some("Role"))
                else {
                    continue;
                };
                if roles.contains(&(now, role)) {
                    continue;
                }
                format!(
                    "RoleBinding {name} is for the Role `{role}` of `{home}`, and `namespace` moves it to `{now}`, where \
                     no such Role is: it allows nothing"
                )
            }
            _ if has_pods_there => continue,
            _ => format!(
                "Role {name} is for the namespace `{home}`, and `namespace` moves it to `{now}`: what it allows is not \
                 allowed in `{home}` any more"
            ),
        };
        lint.add(
            Warning::new(WarningKind::DanglingReference, text, place_of_value(namespace, resource))
                .hint(REMEDY),
        );
    }
}

/// Returns the namespace of Kubernetes itself that a Role or RoleBinding was written for, if it is in another one now.
fn home(resource: &Resource) -> Option<&str> {
    let is_one = matches!(resource.kind(), "Role" | "RoleBinding");
    let first = is_one.then(|| first_namespace(resource)).flatten()?;
    (is_system(first) && !resource.namespace().is_empty() && resource.namespace() != first)
        .then_some(first)
}

fn first_namespace(resource: &Resource) -> Option<&str> {
    resource.history.previous.first().map(|first| first.namespace.as_str())
}

fn is_system(namespace: &str) -> bool {
    matches!(namespace, "kube-system" | "kube-public" | "kube-node-lease")
}
