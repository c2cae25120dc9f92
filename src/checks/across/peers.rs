//! Pods that a NetworkPolicy lets in or out, in any namespace of the roots: a label with a slip, or under another key.

use rustc_hash::FxHashMap;

use super::roots::{Root, Suspect};
use super::slips::meant;
use super::table::follow;
use crate::checks::kubernetes::{is_filled_in, is_label_of_names};
use crate::checks::labels::{has_all, labels_of_pods};
use crate::checks::references::effective;
use crate::checks::values::place_or;
use crate::diagnostics::{Warning, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::{Entry, Mapping, Node};

/// How many workloads of a namespace are compared; if there are more, nothing is said of it.
const MOST: usize = 500;

/// The label that each Namespace has for its name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// A workload and the labels of its Pods.
type Pods<'a> = (&'a Resource, &'a Mapping);

/// Looks at all roots.
pub(super) fn check<'a>(roots: &'a [Root<'a>], suspects: &mut Vec<Suspect<'a>>) {
    let is_policy = |by: &Resource| by.kind() == "NetworkPolicy";
    if !roots.iter().flat_map(|root| root.resources).any(is_policy) {
        return;
    }
    let mut there: FxHashMap<&str, Vec<Pods<'_>>> = FxHashMap::default();
    for workload in roots.iter().flat_map(|root| root.resources) {
        if let Some(labels) = labels_of_pods(workload).flatten() {
            there.entry(effective(workload.namespace())).or_default().push((workload, labels));
        }
    }
    for root in roots {
        for by in root.resources.iter().filter(|by| is_policy(by)) {
            for (list, peers) in [("ingress", "from"), ("egress", "to")] {
                follow(&by.node, &["spec", list, "[]", peers, "[]"], &mut |peer| {
                    work::check();
                    if let Some(warning) = of_peer(by, peer, &there) {
                        suspects.push(Suspect { root: root.number, warning, missing: None });
                    }
                });
            }
        }
    }
}

fn of_peer(by: &Resource, peer: &Node, there: &FxHashMap<&str, Vec<Pods<'_>>>) -> Option<Warning> {
    let selector = peer.get("podSelector")?;
    let labels = selector.get("matchLabels")?.as_map()?;
    if selector.get("matchExpressions").is_some() || labels.is_empty() {
        return None;
    }
    let namespace = match peer.get("namespaceSelector") {
        None => effective(by.namespace()),
        Some(selector) => selector.get("matchLabels")?.get(NAME_LABEL)?.text()?,
    };
    let pods = there.get(namespace).filter(|pods| pods.len() <= MOST)?;
    if pods.iter().any(|(_, own)| has_all(Some(own), labels)) {
        return None;
    }
    let (key, value, node) = labels.iter().find_map(|pair| {
        let (key, value) = (pair.key.text()?, pair.value.text()?);
        let has = |(_, own): &Pods<'_>| own.get(key).and_then(Node::text) == Some(value);
        (!is_filled_in(value) && !pods.iter().any(has)).then_some((key, value, &pair.value))
    })?;
    let values = || pods.iter().filter_map(|(_, own)| own.get(key)?.text());
    let hint = match meant(values(), value) {
        Some(near) => format!("did you mean `{key}: {near}`?"),
        // The value is right, and it is under another key; what operators make has keys of its own.
        None if is_label_of_names(key) => {
            let has_value = |pair: &Entry| {
                pair.key.text().is_some_and(is_label_of_names) && pair.value.text() == Some(value)
            };
            let (_, own) = pods.iter().find(|(workload, own)| {
                workload.name() == value && own.get(key).is_none() || own.iter().any(has_value)
            })?;
            let pair = own.iter().find(|pair| pair.key.text().is_some_and(is_label_of_names))?;
            format!("its Pods have `{}: {}`", pair.key.text()?, pair.value.text()?)
        }
        None => return None,
    };
    let at = pods.iter().find(|(workload, own)| {
        workload.name() == value
            || own.iter().any(|pair| hint.contains(pair.value.text().unwrap_or("\0")))
    });
    let text = format!(
        "NetworkPolicy {}: no Pods in the namespace `{namespace}` have the label `{key}: {value}`, so this lets \
         nobody through",
        by.name()
    );
    let place = place_or(node.pos(), by);
    let warning = Warning::new(WarningKind::SelectsNothing, text, place).hint(hint);
    Some(match at {
        Some((workload, _)) => warning.related("the Pods are made at", workload.node.pos()),
        None => warning,
    })
}
