//! What the Pods of a workload are to be kept away from: labels that were copied with the file of another workload.

use super::pods::{Pods, labels_of};
use crate::checks::kubernetes::is_filled_in;
use crate::checks::objects::effective;
use crate::checks::positions::place_of_value;
use crate::checks::workloads::labels::{labels_of_pods, texts};
use crate::checks::workloads::pods;
use crate::diagnostics::{Warning, WarningKind};
use crate::resource::Resource;
use crate::yaml::{Entry, Node};

/// The fields with rules, and the way from each rule to its term.
const RULES: &[(&str, &[&str])] = &[
    ("requiredDuringSchedulingIgnoredDuringExecution", &[]),
    ("preferredDuringSchedulingIgnoredDuringExecution", &["podAffinityTerm"]),
];

fn anti_affinity(by: &Resource) -> Option<&Node> {
    pods::template(by)?.get_path(&["spec", "affinity", "podAntiAffinity"])
}

/// Returns `true` if Pods are to be kept away from others.
pub(super) fn has_affinity(by: &Resource) -> bool {
    anti_affinity(by).is_some()
}

/// Looks at what the Pods of a workload are to be kept away from: labels of Pods of another namespace were copied
/// with their file.
pub(super) fn check(pods: &Pods<'_>, by: &Resource, found: &mut Vec<Warning>) {
    let Some(rules) = anti_affinity(by) else { return };
    let own = effective(by.namespace());
    let labels = labels_of_pods(by).flatten();
    for (field, path) in RULES {
        let terms = rules.get(field).and_then(Node::as_seq).into_iter().flatten();
        for term in terms.filter_map(|term| term.get_path(path)) {
            let is_wide = ["namespaces", "namespaceSelector"].iter().any(|f| term.get(f).is_some());
            let Some(selector) = labels_of(term.get("labelSelector")).filter(|_| !is_wide) else {
                continue;
            };
            let Some(all) = pods.selected(selector).filter(|all| !all.is_empty()) else { continue };
            if by.namespace().is_empty() || all.iter().any(|of| effective(of.namespace()) == own) {
                continue;
            }
            let differs = |pair: &&Entry| {
                let own = pair.key.text().and_then(|key| labels?.get(key)).and_then(Node::text);
                own.is_some_and(|own| Some(own) != pair.value.text() && !is_filled_in(own))
            };
            let Some(pair) = selector.iter().find(differs) else { continue };
            let (Some((key, value)), Some(other)) = (texts(pair), all.first()) else { continue };
            let own_value = labels.and_then(|labels| labels.get(key)).and_then(Node::text);
            let text = format!(
                "{} {}: `podAntiAffinity` goes by the label `{key}: {value}`, which no Pods of its namespace `{own}` have: \
                 those of {} {} are in `{}`, and its own have `{key}: {}`",
                by.kind(),
                by.name(),
                other.kind(),
                other.name(),
                effective(other.namespace()),
                own_value.unwrap_or_default()
            );
            found.push(
                Warning::new(
                    WarningKind::SelectsNothing,
                    text,
                    place_of_value(Some(&pair.value), by),
                )
                .related("the other Pods are at", other.node.pos())
                .hint(format!(
                    "to spread its own Pods write `{key}: {}`",
                    own_value.unwrap_or_default()
                )),
            );
        }
    }
}
