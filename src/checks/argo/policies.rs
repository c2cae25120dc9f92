//! Roles that the policy of Argo CD gives to somebody, and that it does not describe.

use rustc_hash::FxHashSet;

use crate::checks::positions::place_or;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::load::Files;
use crate::resource::Resource;
use crate::yaml::{Mapping, nearest};

/// The ConfigMap that Argo CD reads.
const NAME: &str = "argocd-rbac-cm";

/// The roles that Argo CD has by itself.
const BUILT_IN: &[&str] = &["role:admin", "role:readonly"];

/// Looks at the data of a ConfigMap.
pub(in crate::checks) fn check(lint: &Lint, files: &Files, resource: &Resource, data: &Mapping) {
    if resource.name() != NAME {
        return;
    }
    let texts = || data.iter().filter_map(|entry| Some((entry.key.text()?, &entry.value)));
    // Argo CD puts `policy.csv` and all `policy.NAME.csv` together.
    let policies =
        || texts().filter(|(key, _)| key.starts_with("policy.") && key.ends_with(".csv"));
    let mut described: FxHashSet<&str> = BUILT_IN.iter().copied().collect();
    let mut given = Vec::new();
    for (key, node) in policies() {
        let place = place_or(node.pos(), resource);
        // The text of a file is as it was read.
        let is_file =
            files.locate(place).is_some_and(|of| of.file.extension() == Some("csv".as_ref()));
        let mut start = 0;
        for line in node.text().unwrap_or_default().split_inclusive('\n') {
            let place = if is_file { place.offset(start) } else { place };
            start += line.len();
            let parts: Vec<&str> = line.split(',').map(str::trim).collect();
            match parts.as_slice() {
                ["p", role, ..] => {
                    described.insert(role);
                }
                ["g", who, role, ..] => {
                    described.insert(who);
                    given.push((key, place, format!("gives `{who}` the role `{role}`"), *role));
                }
                _ => {}
            }
        }
    }
    // Without a policy nothing is known of what else there is.
    if policies().next().is_none() {
        return;
    }
    let default = texts().find(|(key, _)| *key == "policy.default");
    if let Some((key, node)) = default
        && let Some(role) = node.text()
    {
        let place = place_or(node.pos(), resource);
        given.push((key, place, format!("gives everybody the role `{role}`"), role));
    }
    for (key, place, what, role) in given {
        if !role.starts_with("role:") || described.contains(role) {
            continue;
        }
        let mut roles: Vec<&str> =
            described.iter().copied().filter(|name| name.starts_with("role:")).collect();
        roles.sort_unstable();
        let text = format!(
            "ConfigMap {}: `{key}` {what}, of which no `p` line says what it may",
            resource.name()
        );
        let hint = match nearest(roles.iter().copied(), role) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add lines such as `p, {role}, applications, get, */*, allow`"),
        };
        lint.add(Warning::new(WarningKind::DanglingReference, text, place).hint(hint));
    }
}
