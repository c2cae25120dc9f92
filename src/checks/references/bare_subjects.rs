//! ServiceAccounts without a namespace that a ClusterRoleBinding is for; a RoleBinding takes its own.

use rustc_hash::FxHashMap;

use crate::checks::positions::place_or;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::work;
use crate::yaml::Node;

/// Looks at all ClusterRoleBindings, if the build says in which namespace its objects are: what has none anywhere gets
/// one in another build.
pub(in crate::checks) fn check(lint: &Lint, set: &ResourceSet) {
    let is_one = |resource: &&Resource| resource.kind() == "ClusterRoleBinding";
    if !set.iter().any(|resource| is_one(&resource)) {
        return;
    }
    let accounts = set.iter().filter(|resource| resource.kind() == "ServiceAccount");
    let accounts: FxHashMap<&str, &str> =
        accounts.map(|account| (account.name(), account.namespace())).collect();
    let mut namespaces = set.iter().map(Resource::namespace).filter(|it| !it.is_empty());
    let Some(some) = namespaces.next() else { return };
    for resource in set.iter().filter(is_one) {
        let subjects = resource.node.get("subjects").and_then(Node::as_seq);
        for (i, subject) in subjects.into_iter().flatten().enumerate() {
            work::check();
            let text = |field| subject.get(field).and_then(Node::text).unwrap_or_default();
            let name = text("name");
            if text("kind") != "ServiceAccount" || name.is_empty() || !text("namespace").is_empty()
            {
                continue;
            }
            let namespace = accounts.get(name).copied().unwrap_or(some);
            if namespace.is_empty() {
                continue;
            }
            let text = format!(
                "ClusterRoleBinding {} has no `namespace` in `subjects[{i}]`, and the API server refuses it without",
                resource.name()
            );
            let pos = place_or(subject.pos(), resource);
            lint.add(
                Warning::new(WarningKind::MissingField, text, pos)
                    .unless_given_a_namespace(true)
                    .hint(format!("write it, as in `namespace: {namespace}`")),
            );
        }
    }
}
