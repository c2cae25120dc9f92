//! Peers of NetworkPolicies that are no Pods of any root: a label with a slip, or under another key.

use super::pods::{Labelled, Pods, labels_of};
use crate::checks::across::names::table::follow;
use crate::checks::across::roots::Root;
use crate::checks::kubernetes::{is_filled_in, is_label_of_names};
use crate::checks::objects::effective;
use crate::checks::positions::{place_of_value, place_or};
use crate::checks::slips::meant;
use crate::checks::workloads::labels::{has_all, texts};
use crate::diagnostics::{Warning, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::{Entry, Node};

/// How many workloads of a namespace are compared; if there are more, nothing is said of it.
const MOST: usize = 500;

/// The label that each Namespace has for its name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// Calls `each` with the peers of a NetworkPolicy, each with the fields that it stands in.
fn each_peer(by: &Resource, each: &mut dyn FnMut(&Node, &str, &str)) {
    for (list, peers) in [("ingress", "from"), ("egress", "to")] {
        follow(&by.node, &["spec", list, "[]", peers, "[]"], &mut |peer| {
            work::check();
            each(peer, list, peers);
        });
    }
}

/// Looks for peers with a slip in one label, whose Pods may be in any namespace if the peer says so.
pub(super) fn near(pods: &Pods<'_>, by: &Resource, found: &mut Vec<Warning>) {
    let own = effective(by.namespace());
    let mut look = |selector: Option<&Node>, field: &str, is_anywhere: bool| {
        let Some(labels) = labels_of(selector) else { return };
        if pods.selected(labels).is_none_or(|all| !all.is_empty()) {
            return;
        }
        let is_there = |of: &Resource| is_anywhere || effective(of.namespace()) == own;
        let Some((workload, key, value)) = pods.near(labels, is_there) else { return };
        let pair = labels.iter().find(|pair| pair.key.text() == Some(&key));
        let Some((pair, (_, given))) = pair.and_then(|pair| Some((pair, texts(pair)?))) else {
            return;
        };
        let text = format!(
            "NetworkPolicy {}: the `podSelector` of `{field}` selects no Pods: it wants the label `{key}: {given}`, and \
             the Pods of {} {} have `{key}: {value}`",
            by.name(),
            workload.kind(),
            workload.name()
        );
        found.push(
            Warning::new(WarningKind::SelectsNothing, text, place_of_value(Some(&pair.value), by))
                .related("the Pods are at", workload.node.pos())
                .hint(format!("did you mean `{key}: {value}`?")),
        );
    };
    each_peer(by, &mut |peer, list, peers| {
        let is_anywhere = peer.get("namespaceSelector").is_some();
        look(peer.get("podSelector"), &format!("{list}[].{peers}[]"), is_anywhere);
    });
}

/// Looks for peers with a label that no Pods of their namespace have.
pub(super) fn without_pods(
    pods: &Pods<'_>,
    (root, by): (&Root<'_>, &Resource),
    found: &mut Vec<Warning>,
) {
    each_peer(by, &mut |peer, _, _| found.extend(of_peer(pods, (root, by), peer)));
}

fn of_peer(pods: &Pods<'_>, (root, by): (&Root<'_>, &Resource), peer: &Node) -> Option<Warning> {
    let labels = labels_of(peer.get("podSelector"))?;
    let namespaces: Vec<&str> = match peer.get("namespaceSelector") {
        None => root.home.of(by.namespace()).collect(),
        Some(selector) => vec![selector.get("matchLabels")?.get(NAME_LABEL)?.text()?],
    };
    let namespace = namespaces.first()?;
    let there: Vec<Labelled<'_>> =
        namespaces.iter().flat_map(|namespace| pods.in_namespace(namespace)).copied().collect();
    if pods.may_be_anywhere(labels)
        || there.is_empty()
        || there.len() > MOST
        || there.iter().any(|(_, own)| has_all(Some(own), labels))
    {
        return None;
    }
    let (key, value, node) = labels.iter().find_map(|pair| {
        let (key, value) = (pair.key.text()?, pair.value.text()?);
        let has = |(_, own): &Labelled<'_>| own.get(key).and_then(Node::text) == Some(value);
        (!is_filled_in(value) && !there.iter().any(has)).then_some((key, value, &pair.value))
    })?;
    let (workload, hint) =
        with_slip(&there, key, value).or_else(|| under_other_key(&there, key, value))?;
    let text = format!(
        "NetworkPolicy {}: no Pods in the namespace `{namespace}` have the label `{key}: {value}`, so this lets \
         nobody through",
        by.name()
    );
    Some(
        Warning::new(WarningKind::SelectsNothing, text, place_or(node.pos(), by))
            .alike(format!("{key}: {value}"))
            .related("the Pods are made at", workload.node.pos())
            .hint(hint),
    )
}

/// Returns the workload whose Pods have nearly the value of a label, and what to write.
fn with_slip<'a>(there: &[Labelled<'a>], key: &str, value: &str) -> Option<(&'a Resource, String)> {
    let near = meant(there.iter().filter_map(|(_, own)| own.get(key)?.text()), value)?;
    let has_it = |(_, own): &&Labelled<'a>| own.get(key).and_then(Node::text) == Some(near);
    let (workload, _) = there.iter().find(has_it)?;
    Some((workload, format!("did you mean `{key}: {near}`?")))
}

/// Returns the workload whose Pods have the value of a label under another key, and what they have; what operators
/// make has keys of its own.
fn under_other_key<'a>(
    there: &[Labelled<'a>],
    key: &str,
    value: &str,
) -> Option<(&'a Resource, String)> {
    if !is_label_of_names(key) {
        return None;
    }
    let is_name = |pair: &&Entry| pair.key.text().is_some_and(is_label_of_names);
    let (workload, own) = there.iter().find(|(workload, own)| {
        workload.name() == value && own.get(key).is_none()
            || own.iter().any(|pair| is_name(&pair) && pair.value.text() == Some(value))
    })?;
    let pair = own.iter().find(is_name)?;
    Some((workload, format!("its Pods have `{}: {}`", pair.key.text()?, pair.value.text()?)))
}
