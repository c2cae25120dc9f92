//! The Pods of all roots, by their labels.

use rustc_hash::FxHashMap;

use crate::checks::across::roots::Root;
use crate::checks::kubernetes::is_filled_in;
use crate::checks::slips::are_near;
use crate::checks::workloads::labels::{Labels, has, has_all, labels_of_pods, texts};
use crate::checks::workloads::pods::may_make_pods;
use crate::resource::Resource;
use crate::work;
use crate::yaml::{Entry, Mapping, Node};

/// How many workloads, or values of a label, are compared with one selector; if there are more, nothing is said of it.
const MOST: usize = 200;

/// A workload and the labels of its Pods.
pub(super) type Labelled<'a> = (&'a Resource, &'a Mapping);

/// The Pods of all roots.
#[derive(Default)]
pub(super) struct Pods<'a> {
    all: Vec<(&'a Resource, Labels<'a>)>,
    by_label: FxHashMap<(&'a str, &'a str), Vec<usize>>,
    /// The values of each key.
    values: FxHashMap<&'a str, FxHashMap<&'a str, Vec<usize>>>,
    /// Those with labels, by namespace.
    in_namespace: FxHashMap<&'a str, Vec<Labelled<'a>>>,
    /// Those of which nobody knows the namespace.
    anywhere: Vec<Labelled<'a>>,
}

impl<'a> Pods<'a> {
    pub(super) fn new(roots: &'a [Root<'a>]) -> Pods<'a> {
        let mut pods = Pods::default();
        let all =
            roots.iter().flat_map(|root| root.of_kinds(may_make_pods).map(move |by| (root, by)));
        for (root, resource) in all {
            work::check();
            let Some(labels) = labels_of_pods(resource) else { continue };
            let i = pods.all.len();
            pods.all.push((resource, labels));
            if let Some(labels) = labels {
                for namespace in root.home.of(resource.namespace()) {
                    pods.in_namespace.entry(namespace).or_default().push((resource, labels));
                }
                if resource.namespace().is_empty() && root.home.is_open() {
                    pods.anywhere.push((resource, labels));
                }
            }
            for (key, value) in labels.into_iter().flatten().filter_map(texts) {
                pods.by_label.entry((key, value)).or_default().push(i);
                pods.values.entry(key).or_default().entry(value).or_default().push(i);
            }
        }
        pods
    }

    /// Returns the workloads whose Pods have all labels, in any namespace, or `None` if there are too many.
    pub(super) fn selected(&self, selector: &Mapping) -> Option<Vec<&'a Resource>> {
        let rarest = selector.iter().map(|pair| self.with(pair)).min_by_key(|found| found.len())?;
        let all = rarest.iter().filter_map(|i| self.all.get(*i));
        let fits = all.filter(|(_, labels)| has_all(*labels, selector));
        (rarest.len() <= MOST).then(|| fits.map(|(workload, _)| *workload).collect())
    }

    /// Returns the workloads of a namespace whose Pods have labels, with these.
    pub(super) fn in_namespace(&self, namespace: &str) -> &[Labelled<'a>] {
        self.in_namespace.get(namespace).map_or(&[], Vec::as_slice)
    }

    /// Returns `true` if Pods of which nobody knows the namespace have all labels.
    pub(super) fn may_be_anywhere(&self, selector: &Mapping) -> bool {
        self.anywhere.iter().any(|(_, own)| has_all(Some(own), selector))
    }

    fn with<'s>(&'s self, pair: &'s Entry) -> &'s [usize] {
        let found = texts(pair).and_then(|(key, value)| self.by_label.get(&(key, value)));
        found.map_or(&[], Vec::as_slice)
    }

    /// Returns the Pods that have a label with a slip in its value, and all others of a selector.
    pub(super) fn near(
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

/// Returns the labels of a selector that has nothing else.
pub(super) fn labels_of(selector: Option<&Node>) -> Option<&Mapping> {
    let selector = selector?;
    let labels = selector.get("matchLabels").and_then(Node::as_map)?;
    (selector.get("matchExpressions").is_none() && !labels.is_empty()).then_some(labels)
}
