//! Selectors of Pods that no root has, where Pods are nearly labelled so: the peers of NetworkPolicies, and what Pods
//! are to be kept away from.
//!
//! What they select may well be in another build, so that all roots must have been looked at.

use rustc_hash::FxHashMap;

use super::roots::{Root, Suspect};
use super::table::follow;
use crate::checks::kubernetes::is_filled_in;
use crate::checks::labels::{Labels, has, has_all, labels_of_pods, place_of, texts};
use crate::checks::pods;
use crate::checks::references::effective;
use crate::checks::slips::are_near;
use crate::diagnostics::{Warning, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::{Entry, Mapping, Node};

/// How many workloads, or values of a label, are compared with one selector; if there are more, nothing is said of it.
const MOST: usize = 200;

/// The lists of a NetworkPolicy with those that it is about.
const PEERS: &[[&str; 5]] =
    &[["spec", "ingress", "[]", "from", "[]"], ["spec", "egress", "[]", "to", "[]"]];

/// The Pods of all roots.
#[derive(Default)]
struct Pods<'a> {
    all: Vec<(&'a Resource, Labels<'a>)>,
    by_label: FxHashMap<(&'a str, &'a str), Vec<usize>>,
    /// The values of each key.
    values: FxHashMap<&'a str, FxHashMap<&'a str, Vec<usize>>>,
}

impl<'a> Pods<'a> {
    fn new(roots: &'a [Root<'a>]) -> Pods<'a> {
        let mut pods = Pods::default();
        for resource in roots.iter().flat_map(|root| root.resources) {
            work::check();
            let Some(labels) = labels_of_pods(resource) else { continue };
            let i = pods.all.len();
            pods.all.push((resource, labels));
            for (key, value) in labels.into_iter().flatten().filter_map(texts) {
                pods.by_label.entry((key, value)).or_default().push(i);
                pods.values.entry(key).or_default().entry(value).or_default().push(i);
            }
        }
        pods
    }

    /// Returns the workloads whose Pods have all labels, in any namespace; nothing if there are too many to tell.
    fn selected(&self, selector: &Mapping) -> Option<Vec<&'a Resource>> {
        let rarest = selector.iter().map(|pair| self.with(pair)).min_by_key(|found| found.len())?;
        let all = rarest.iter().filter_map(|i| self.all.get(*i));
        let fits = all.filter(|(_, labels)| has_all(*labels, selector));
        (rarest.len() <= MOST).then(|| fits.map(|(workload, _)| *workload).collect())
    }

    fn with<'s>(&'s self, pair: &'s Entry) -> &'s [usize] {
        let found = texts(pair).and_then(|(key, value)| self.by_label.get(&(key, value)));
        found.map_or(&[], Vec::as_slice)
    }

    /// Returns the Pods that have a label with a slip in its value, and all others of a selector.
    fn near(
        &self,
        selector: &Mapping,
        is_there: impl Fn(&Resource) -> bool,
    ) -> Option<(&'a Resource, String, &'a str)> {
        for pair in selector {
            let Some((key, value)) = texts(pair) else { continue };
            let Some(values) = self.values.get(key) else { continue };
            if values.contains_key(value) || values.len() > MOST || is_filled_in(value) {
                continue;
            }
            let mut near: Vec<&usize> = values
                .iter()
                .filter(|(other, _)| are_near(other, value))
                .flat_map(|(_, all)| all.iter().take(MOST))
                .collect();
            near.sort_unstable();
            let found = near.into_iter().filter_map(|i| self.all.get(*i)).find(|(of, labels)| {
                let mut missed = selector.iter().filter(|pair| !has(*labels, pair));
                is_there(of) && missed.next().is_some() && missed.next().is_none()
            });
            if let Some((workload, labels)) = found {
                let own = labels.and_then(|labels| labels.get(key)).and_then(Node::text)?;
                return Some((workload, key.to_owned(), own));
            }
        }
        None
    }
}

/// Looks at all roots.
pub(super) fn check<'a>(roots: &'a [Root<'a>], suspects: &mut Vec<Suspect<'a>>) {
    let all = || roots.iter().flat_map(|root| root.resources.iter().map(move |by| (root, by)));
    let is_wanted = |by: &Resource| by.kind() == "NetworkPolicy" || has_affinity(by);
    if !all().any(|(_, by)| is_wanted(by)) {
        return;
    }
    let pods = Pods::new(roots);
    for (root, by) in all() {
        work::check();
        let mut found = Vec::new();
        if by.kind() == "NetworkPolicy" {
            of_policy(&pods, by, &mut found);
        } else if roots.len() > 1 {
            of_affinity(&pods, by, &mut found);
        }
        suspects.extend(found.into_iter().map(|warning| Suspect {
            root: root.number,
            warning,
            missing: None,
        }));
    }
}

/// Returns the labels of a selector that has nothing else.
fn labels_of(selector: Option<&Node>) -> Option<&Mapping> {
    let selector = selector?;
    let labels = selector.get("matchLabels").and_then(Node::as_map)?;
    (selector.get("matchExpressions").is_none() && !labels.is_empty()).then_some(labels)
}

/// Looks at the peers of a NetworkPolicy.
fn of_policy(pods: &Pods<'_>, by: &Resource, found: &mut Vec<Warning>) {
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
            Warning::new(WarningKind::SelectsNothing, text, place_of(Some(&pair.value), by))
                .related("the Pods are at", workload.node.pos())
                .hint(format!("did you mean `{key}: {value}`?")),
        );
    };
    for path in PEERS {
        let field = format!("{}[].{}[]", path[1], path[3]);
        follow(&by.node, path, &mut |peer| {
            let is_anywhere = peer.get("namespaceSelector").is_some();
            look(peer.get("podSelector"), &field, is_anywhere);
        });
    }
}

const RULES: &[(&str, &[&str])] = &[
    ("requiredDuringSchedulingIgnoredDuringExecution", &[]),
    ("preferredDuringSchedulingIgnoredDuringExecution", &["podAffinityTerm"]),
];

fn anti_affinity(by: &Resource) -> Option<&Node> {
    pods::template(by)?.get_path(&["spec", "affinity", "podAntiAffinity"])
}

fn has_affinity(by: &Resource) -> bool {
    anti_affinity(by).is_some()
}

/// Looks at what the Pods of a workload are to be kept away from: labels of Pods of another namespace were copied
/// with their file.
fn of_affinity(pods: &Pods<'_>, by: &Resource, found: &mut Vec<Warning>) {
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
                Warning::new(WarningKind::SelectsNothing, text, place_of(Some(&pair.value), by))
                    .related("the other Pods are at", other.node.pos())
                    .hint(format!(
                        "to spread its own Pods write `{key}: {}`",
                        own_value.unwrap_or_default()
                    )),
            );
        }
    }
}
