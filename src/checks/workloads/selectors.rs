//! Selectors and the Pods that they are to select.

use std::cell::OnceCell;

use rustc_hash::FxHashMap;

use crate::checks::finished::{Finished, Workload};
use crate::checks::kubernetes::is_filled_in;
use crate::checks::objects::effective;
use crate::checks::outline::Outline;
use crate::checks::positions::{place_of_value, was_read};
use crate::checks::slips::are_near;
use crate::checks::workloads::copied_selectors;
use crate::checks::workloads::disruption_budgets;
use crate::checks::workloads::governing_services;
use crate::checks::workloads::label_slips;
use crate::checks::workloads::labels::{Labels, has, texts};
use crate::checks::workloads::policy_ports::{self, Opening};
use crate::checks::workloads::ports;
use crate::checks::workloads::spread_rules;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::load::Files;
use crate::resource::Resource;
use crate::work;
use crate::yaml::{Entry, Mapping, Node, Pos, nearest};

/// How many workloads are compared with one selector; if there are more, nothing is said of it.
const MOST: usize = 64;

/// Looks at all selectors of a build: those of workloads must fit their own Pods, those of Services,
/// PodDisruptionBudgets and NetworkPolicies some Pods.
pub(in crate::checks) fn check(lint: &Lint, files: &Files, build: &Finished<'_>) {
    let set = build.set();
    let with_selectors = set.of_kinds(&["NetworkPolicy", "PodDisruptionBudget", "Service"]);
    let with_rules = |workload: &Workload<'_>| {
        workload.has.any(Outline::AFFINITY.with(Outline::SPREAD)) && workload.spec.is_some()
    };
    let is_asked = !with_selectors.is_empty() || build.workloads.iter().any(with_rules);
    let mut pods = Pods::default();
    for Workload { by, template, .. } in &build.workloads {
        let labels = template.get_path(&["metadata", "labels"]).and_then(Node::as_map);
        if let Some(selector) = own_selector(by) {
            own(lint, by, selector, labels);
        }
        if is_asked {
            pods.add(by, labels);
        }
    }
    if !is_asked {
        return;
    }
    for (workload, (resource, labels)) in build.workloads.iter().zip(&pods.all) {
        if !with_rules(workload) {
            continue;
        }
        let namespace = effective(resource.namespace());
        let selects = |selector: &Mapping| !pods.selected(namespace, selector).is_empty();
        spread_rules::check(lint, resource, *labels, selects);
    }
    let mut selecting = Vec::new();
    let mut selections = Vec::new();
    let mut openings = Vec::new();
    let mut services = Vec::new();
    let scaled = disruption_budgets::scaled(set);
    for resource in with_selectors {
        let selector = match resource.kind() {
            "Service" => &["spec", "selector"][..],
            "PodDisruptionBudget" => &["spec", "selector", "matchLabels"],
            "NetworkPolicy" => &["spec", "podSelector", "matchLabels"],
            _ => continue,
        };
        if resource.kind() == "NetworkPolicy" {
            openings.extend(pods.opened_to_others(resource));
        }
        let selector = resource.node.get_path(selector).and_then(Node::as_map);
        let Some(selector) = selector.filter(|selector| !selector.is_empty()) else { continue };
        if let Some(missed) = pods.missed(files, resource, selector) {
            lint.add(missed);
            continue;
        }
        let selected = pods.selected(effective(resource.namespace()), selector);
        match resource.kind() {
            "Service" => {
                ports::of_service(lint, resource, &selected);
                services.push((resource, selected.clone()));
                let stateful = selected.iter().filter(|r| r.kind() == "StatefulSet");
                selecting.extend(stateful.map(|stateful| (resource, *stateful)));
            }
            "PodDisruptionBudget" => disruption_budgets::check(lint, resource, &selected, &scaled),
            "NetworkPolicy" if !has_expressions(resource) => {
                ports::of_policy(lint, resource, &selected);
                let rules = resource.node.get_path(&["spec", "ingress"]).and_then(Node::as_seq);
                openings.extend(rules.into_iter().flatten().map(|rule| Opening {
                    policy: resource,
                    rule,
                    to: selected.clone(),
                }));
            }
            _ => {}
        }
        if resource.kind() != "NetworkPolicy" {
            selections.push((resource, selector, selected));
        }
    }
    policy_ports::check(lint, &openings, &services);
    governing_services::check(lint, set, &selecting);
    copied_selectors::check(lint, set, &selections);
}

/// Returns `true` if a NetworkPolicy selects by more than labels and their values.
fn has_expressions(policy: &Resource) -> bool {
    policy.node.get_path(&["spec", "podSelector", "matchExpressions"]).is_some()
}

/// Returns the selector by which a workload finds its own Pods.
fn own_selector(resource: &Resource) -> Option<&Mapping> {
    let is_workload = resource.api_version().starts_with("apps/")
        && matches!(resource.kind(), "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet");
    is_workload.then(|| resource.node.get_path(&["spec", "selector", "matchLabels"])?.as_map())?
}

/// Warns about a workload that does not select its own Pods.
fn own(lint: &Lint, resource: &Resource, selector: &Mapping, labels: Labels<'_>) {
    let Some(pair) = selector.iter().find(|pair| !has(labels, pair)) else { return };
    let Some((key, value)) = texts(pair) else { return };
    let there = labels.and_then(|labels| labels.get(key));
    if is_filled_in(value) || there.and_then(Node::text).is_some_and(is_filled_in) {
        return;
    }
    let text = format!(
        "{} {}: `spec.selector` wants the label `{key}: {value}`, and the Pods of its template {}",
        resource.kind(),
        resource.name(),
        shown(key, there)
    );
    let near = labels.and_then(|labels| nearest(labels.iter().filter_map(|e| e.key.text()), key));
    let hint = match (there, near) {
        (None, Some(near)) => format!("did you mean the label `{near}`?"),
        _ => "write the same labels in `spec.selector.matchLabels` and `spec.template.metadata.labels`: the API \
              server refuses the object otherwise"
            .to_owned(),
    };
    let first = labels.and_then(|labels| labels.iter().next()).map(|entry| &entry.key);
    let place = there.or(first).map_or(Pos::NONE, Node::pos);
    lint.add(
        Warning::new(
            WarningKind::SelectorMismatch,
            text,
            place_of_value(Some(&pair.value), resource),
        )
        .related("the labels of the Pods are at", place)
        .hint(hint),
    );
}

/// The values of labels, by namespace and key, with the first of the Pods that have each.
type Values<'a> = FxHashMap<(&'a str, &'a str), FxHashMap<&'a str, usize>>;

/// The labels of all Pods of a build.
#[derive(Default)]
struct Pods<'a> {
    all: Vec<(&'a Resource, Labels<'a>)>,
    /// By namespace, key and value.
    by_label: FxHashMap<(&'a str, &'a str, &'a str), Vec<usize>>,
    /// By key and value, in all namespaces.
    anywhere: FxHashMap<(&'a str, &'a str), Vec<usize>>,
    /// The values of labels, once somebody asks for them.
    values: OnceCell<Values<'a>>,
    /// By namespace and the names that the object has or had.
    by_name: FxHashMap<(&'a str, &'a str), Vec<usize>>,
}

impl<'a> Pods<'a> {
    fn add(&mut self, resource: &'a Resource, labels: Labels<'a>) {
        let (i, namespace) = (self.all.len(), effective(resource.namespace()));
        self.all.push((resource, labels));
        self.by_name.entry((namespace, resource.name())).or_default().push(i);
        let former = resource.history.previous.iter().map(|former| former.name.as_str());
        for name in former.filter(|name| *name != resource.name()) {
            self.by_name.entry((namespace, name)).or_default().push(i);
        }
        for (key, value) in labels.into_iter().flatten().filter_map(texts) {
            self.by_label.entry((namespace, key, value)).or_default().push(i);
            self.anywhere.entry((key, value)).or_default().push(i);
        }
    }

    /// Returns the objects whose Pods a selector selects; none if there are too many to look at.
    fn selected(&self, namespace: &str, selector: &Mapping) -> Vec<&'a Resource> {
        let with = |pair| self.with(namespace, pair);
        let rarest = selector.iter().map(with).min_by_key(|found| found.len()).unwrap_or_default();
        if rarest.len() > MOST {
            return Vec::new();
        }
        let all = rarest.iter().filter_map(|i| self.all.get(*i));
        let fits = |labels: Labels<'_>| selector.iter().all(|pair| has(labels, pair));
        all.filter(|(_, labels)| fits(*labels)).map(|(workload, _)| *workload).collect()
    }

    /// Returns what a NetworkPolicy lets its own Pods ask, as far as that is Pods of its own namespace.
    fn opened_to_others(&self, policy: &'a Resource) -> Vec<Opening<'a>> {
        let list = |node: &'a Node, key: &str| node.get(key).and_then(Node::as_seq);
        let spec = policy.node.get("spec");
        let rules = spec.and_then(|spec| list(spec, "egress")).into_iter().flatten();
        let namespace = effective(policy.namespace());
        rules
            .filter_map(|rule| {
                let mut to = Vec::new();
                for peer in list(rule, "to")?.iter() {
                    let selector = peer.get_path(&["podSelector", "matchLabels"])?.as_map()?;
                    let is_here = peer.as_map()?.len() == 1 && !selector.is_empty();
                    to.extend(self.selected(namespace, selector).into_iter().filter(|_| is_here));
                }
                Some(Opening { policy, rule, to })
            })
            .collect()
    }

    /// Returns what there is to say of a selector that selects nothing, if a step of this build is to blame or
    /// a slip of the pen.
    ///
    /// What it selects may well be in another build; so there must be Pods that it would select but for what a
    /// step has written.
    fn missed(&self, files: &Files, by: &Resource, selector: &Mapping) -> Option<Warning> {
        let namespace = effective(by.namespace());
        let with = |pair| self.with(namespace, pair);
        let rarest = selector.iter().map(with).min_by_key(|found| found.len())?;
        let fits = |i: &usize| {
            let labels = self.all.get(*i).and_then(|(_, labels)| *labels);
            selector.iter().all(|pair| has(labels, pair))
        };
        work::check();
        if rarest.len() > MOST || rarest.iter().any(fits) {
            return None;
        }
        let elsewhere = selector.iter().map(|pair| self.anywhere(pair));
        let elsewhere = elsewhere.min_by_key(|found| found.len())?;
        if elsewhere.len() > MOST {
            return None;
        }
        let others: Vec<usize> = elsewhere.iter().copied().filter(fits).collect();
        if !others.is_empty() {
            let mut others = others.iter().filter_map(|i| self.all.get(*i));
            return others.find_map(|(workload, _)| parted(by, workload));
        }
        let few = selector.iter().map(with).filter(|found| found.len() <= MOST).flatten();
        let named = |name| self.by_name.get(&(namespace, name)).into_iter().flatten().take(MOST);
        let values = selector.iter().filter_map(|pair| pair.value.text());
        let meant = values.flat_map(named);
        let has_key = |key: &str| self.values().contains_key(&(namespace, key));
        let slip = |i: usize| {
            let (workload, labels) = self.all.get(i)?;
            label_slips::of(by, workload, *labels, selector, &has_key)
        };
        let mut near = selector.iter().filter_map(|pair| self.near(namespace, pair));
        near.find_map(slip).or_else(|| {
            few.chain(named(by.name())).chain(meant).find_map(|i| {
                let (workload, labels) = self.all.get(*i)?;
                self.of_step(files, by, workload, *labels, selector).or_else(|| slip(*i))
            })
        })
    }

    /// Returns the values of all labels; few builds need them.
    fn values(&self) -> &Values<'a> {
        self.values.get_or_init(|| {
            let mut values = Values::default();
            for ((namespace, key, value), all) in &self.by_label {
                if let Some(first) = all.first() {
                    values.entry((namespace, key)).or_default().insert(value, *first);
                }
            }
            values
        })
    }

    /// Returns Pods that have a label with a slip in its value, if none have the label itself.
    fn near(&self, namespace: &str, pair: &Entry) -> Option<usize> {
        let (key, value) = texts(pair)?;
        let values = self.values().get(&(namespace, key))?;
        if values.contains_key(value) || values.len() > MOST {
            return None;
        }
        values.iter().filter(|(own, _)| are_near(own, value)).map(|(_, i)| *i).min()
    }

    /// Returns the Pods that have a label.
    fn with<'s>(&'s self, namespace: &'s str, pair: &'s Entry) -> &'s [usize] {
        let found =
            texts(pair).and_then(|(key, value)| self.by_label.get(&(namespace, key, value)));
        found.map_or(&[], Vec::as_slice)
    }

    /// Returns the Pods that have a label, in any namespace.
    fn anywhere<'s>(&'s self, pair: &'s Entry) -> &'s [usize] {
        let found = texts(pair).and_then(|pair| self.anywhere.get(&pair));
        found.map_or(&[], Vec::as_slice)
    }

    /// Returns the warning if steps have written all pairs that are missed.
    fn of_step(
        &self,
        files: &Files,
        by: &Resource,
        workload: &Resource,
        labels: Labels<'_>,
        selector: &Mapping,
    ) -> Option<Warning> {
        let missed: Vec<&Entry> = selector.iter().filter(|pair| !has(labels, pair)).collect();
        let label = |pair: &Entry| labels?.get(pair.key.text()?);
        // What a step has made has no place, or one in another text.
        let changed = |node: &Node, of: &Resource| {
            let own = of.node.pos();
            own.is_some() && (!was_read(node) || !files.are_in_one_text(node.pos(), own))
        };
        let is_of_step = |pair: &&Entry| {
            changed(&pair.value, by) || label(pair).is_some_and(|label| changed(label, workload))
        };
        let pair = missed.first().filter(|_| missed.iter().all(is_of_step))?;
        let (key, value) = texts(pair)?;
        let there = label(pair);
        if is_filled_in(value) || there.and_then(Node::text).is_some_and(is_filled_in) {
            return None;
        }
        let text = format!(
            "{} {} selects no Pods: it wants the label `{key}: {value}`, and the Pods of {} {} {}",
            by.kind(),
            by.name(),
            workload.kind(),
            workload.name(),
            shown(key, there)
        );
        let hint = match changed(&pair.value, by) {
            true => {
                "the selector was changed in this build and the labels of the Pods were not: let the same \
                     `labels` with `includeSelectors: true` reach both, or use `includeTemplates: true` instead"
            }
            false => "the label of the Pods was changed in this build: change the selector with it",
        };
        let place = place_of_value(there, workload);
        Some(
            Warning::new(WarningKind::SelectsNothing, text, place_of_value(Some(&pair.value), by))
                .related("the Pods are at", place)
                .hint(hint),
        )
    }
}

/// Returns the warning if a selector and the Pods that it fits were in one namespace once.
fn parted(by: &Resource, workload: &Resource) -> Option<Warning> {
    let was_in = |resource: &Resource, namespace: &str| {
        let former = resource.history.previous.iter().map(|id| id.namespace.as_str());
        former.chain([effective(resource.namespace())]).any(|former| former == namespace)
    };
    let (own, other) = (effective(by.namespace()), effective(workload.namespace()));
    if !was_in(by, other) && !was_in(workload, own) {
        return None;
    }
    let text = format!(
        "{} {} selects no Pods: it is in the namespace `{own}`, and the Pods of {} {} that it fits are in `{other}`",
        by.kind(),
        by.name(),
        workload.kind(),
        workload.name()
    );
    Some(
        Warning::new(WarningKind::SelectsNothing, text, by.node.pos())
            .related("the Pods are at", workload.node.pos())
            .hint("put both into one namespace, such as with `namespace` in the kustomization that lists both"),
    )
}

/// Says what Pods have for a label.
fn shown(key: &str, there: Option<&Node>) -> String {
    match there {
        Some(there) => format!("have `{key}: {}`", there.text().unwrap_or_default()),
        None => format!("have no `{key}`"),
    }
}
