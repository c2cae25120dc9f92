//! Selectors that were copied with a file, and select the Pods of another workload than the one of their name.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::kubernetes::is_filled_in;
use crate::checks::objects::effective;
use crate::checks::positions::place_of_value;
use crate::checks::workloads::labels::{Labels, labels_of_pods};
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::work;
use crate::yaml::{Mapping, Node};

/// An object with a selector, and the workloads whose Pods that selects.
pub(in crate::checks) type Selection<'a> = (&'a Resource, &'a Mapping, Vec<&'a Resource>);

/// Looks at what selects the Pods of others, where nothing of its kind selects those of the workload of its name.
pub(in crate::checks) fn check(lint: &Lint, set: &ResourceSet, all: &[Selection<'_>]) {
    let is_called = |by: &Resource, workload: &Resource| by.name() == workload.name();
    let is_strange = |(by, _, selected): &&Selection<'_>| {
        !selected.is_empty() && !selected.iter().any(|workload| is_called(by, workload))
    };
    let strange: Vec<&Selection<'_>> = all.iter().filter(is_strange).collect();
    if strange.is_empty() {
        return;
    }
    let mut reached: FxHashSet<(&str, &str, &str)> = FxHashSet::default();
    for (by, _, selected) in all {
        let namespace = effective(by.namespace());
        reached.extend(selected.iter().map(|workload| (by.kind(), namespace, workload.name())));
    }
    let is_workload =
        |it: &&Resource| matches!(it.kind(), "Deployment" | "StatefulSet" | "DaemonSet");
    let named: FxHashMap<(&str, &str), &Resource> = set
        .iter()
        .filter(is_workload)
        .map(|workload| ((effective(workload.namespace()), workload.name()), workload))
        .collect();
    for (by, selector, selected) in strange {
        work::check();
        let namespace = effective(by.namespace());
        let Some(own) = named.get(&(namespace, by.name())) else { continue };
        if reached.contains(&(by.kind(), namespace, by.name())) {
            continue;
        }
        if let (Some(stranger), Some(labels)) = (selected.first(), labels_of_pods(own)) {
            remark(lint, by, selector, stranger, (own, labels));
        }
    }
}

fn remark(
    lint: &Lint,
    by: &Resource,
    selector: &Mapping,
    stranger: &Resource,
    (own, labels): (&Resource, Labels<'_>),
) {
    let other = |key: &str| labels.and_then(|labels| labels.get(key)).and_then(Node::text);
    let missed = selector.iter().find_map(|pair| {
        let (key, value) = (pair.key.text()?, pair.value.text()?);
        let own = other(key).filter(|own| *own != value && !is_filled_in(own))?;
        Some((pair, key, value, own))
    });
    let Some((pair, key, value, meant)) = missed else { return };
    let text = format!(
        "{} {} selects the Pods of {} {}, by the label `{key}: {value}`, and no {} selects those of {} {}",
        by.kind(),
        by.name(),
        stranger.kind(),
        stranger.name(),
        by.kind(),
        own.kind(),
        own.name()
    );
    lint.add(
        Warning::new(WarningKind::SelectorMismatch, text, place_of_value(Some(&pair.value), by))
            .related("the Pods of its name are at", own.node.pos())
            .hint(format!("if it was copied from another one, select by `{key}: {meant}`")),
    );
}
