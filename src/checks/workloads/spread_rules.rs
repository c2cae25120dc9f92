//! Rules of a Pod on where it is to run that go by labels of Pods like it.

use crate::checks::kubernetes::is_filled_in;
use crate::checks::positions::was_read;
use crate::checks::slips::are_near;
use crate::checks::workloads::labels::{Labels, has, texts};
use crate::checks::workloads::pods;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::{Entry, Mapping, Node};

/// Looks at how the Pods of a workload are spread; `selects` says whether labels select any Pods of the build.
pub(in crate::checks) fn check(
    lint: &Lint,
    resource: &Resource,
    labels: Labels<'_>,
    selects: impl Fn(&Mapping) -> bool,
) {
    let Some(pod) = pods::template(resource).and_then(|template| template.get("spec")) else {
        return;
    };
    let list = |path: &[&str]| pod.get_path(path).and_then(Node::as_seq).into_iter().flatten();
    for rule in list(&["topologySpreadConstraints"]) {
        work::check();
        let field = "topologySpreadConstraints";
        let Some(selector) = selector(rule).filter(|selector| !selects(selector)) else { continue };
        let missed = selector.iter().find(|pair| !has(labels, pair));
        missed.and_then(|pair| remark(lint, resource, labels, pair, field));
    }
    let of = "podAntiAffinity";
    let needed = list(&["affinity", of, "requiredDuringSchedulingIgnoredDuringExecution"]);
    let wished = list(&["affinity", of, "preferredDuringSchedulingIgnoredDuringExecution"]);
    for rule in needed.chain(wished.filter_map(|wish| wish.get("podAffinityTerm"))) {
        work::check();
        let Some(selector) = selector(rule).filter(|selector| !selects(selector)) else { continue };
        // What is kept away may be Pods of others.
        let mut missed = selector.iter().filter(|pair| !has(labels, pair));
        let is_near = |pair: &&Entry| {
            let (key, value) = texts(pair).unwrap_or_default();
            let own = labels.into_iter().flatten().filter_map(texts);
            own.into_iter().any(|(other, it)| {
                (key == other && are_near(value, it)) || (value == it && are_near(key, other))
            })
        };
        let first = missed.next().filter(is_near).filter(|_| missed.next().is_none());
        first.and_then(|pair| remark(lint, resource, labels, pair, of));
    }
}

/// Returns the labels of a selector that has nothing else.
fn selector(rule: &Node) -> Option<&Mapping> {
    let selector = rule.get("labelSelector")?;
    let labels = selector.get("matchLabels").and_then(Node::as_map)?;
    let has_more = selector.get("matchExpressions").is_some();
    let is_later = |pair: &Entry| pair.value.text().is_some_and(is_filled_in);
    (!has_more && !labels.iter().any(is_later)).then_some(labels)
}

fn remark(
    lint: &Lint,
    resource: &Resource,
    labels: Labels<'_>,
    pair: &Entry,
    field: &str,
) -> Option<()> {
    let (key, value) = texts(pair)?;
    let has = match labels.and_then(|labels| labels.get(key)).and_then(Node::text) {
        Some(own) if is_filled_in(own) => return None,
        Some(own) => format!("have `{key}: {own}`"),
        None => format!("have no `{key}`"),
    };
    let text = format!(
        "{} {}: `{field}` goes by the label `{key}: {value}`, and its own Pods {has}: they are not spread",
        resource.kind(),
        resource.name()
    );
    let pos = if was_read(&pair.value) { pair.value.pos() } else { resource.node.pos() };
    lint.add(
        Warning::new(WarningKind::SelectsNothing, text, pos)
            .hint("write the labels that the Pods have, under `spec.template.metadata.labels`"),
    );
    Some(())
}
