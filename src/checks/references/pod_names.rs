//! Services for one Pod of a StatefulSet, which is selected by its name.

use rustc_hash::FxHashMap;

use crate::checks::kubernetes::is_filled_in;
use crate::checks::objects::effective;
use crate::checks::positions::place_of_value;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};

/// The label that each Pod of a StatefulSet has, with its name.
const POD_NAME: &str = "statefulset.kubernetes.io/pod-name";

/// Looks at all Services that select a Pod by its name.
pub(in crate::checks) fn check(lint: &Lint, set: &ResourceSet) {
    let mut sets: Option<FxHashMap<(&str, &str), &Resource>> = None;
    for service in set.of_kind("Service") {
        let Some(value) = service.node.get_path(&["spec", "selector", POD_NAME]) else { continue };
        let Some(pod) = value.text().filter(|pod| !is_filled_in(pod)) else { continue };
        let is_number =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let Some((name, number)) = pod.rsplit_once('-').filter(|(_, number)| is_number(number))
        else {
            continue;
        };
        let sets = sets.get_or_insert_with(|| stateful_sets(set));
        let namespace = effective(service.namespace());
        let Some(stateful) = sets.get(&(namespace, name)).filter(|found| found.name() != name)
        else {
            continue;
        };
        let now = stateful.name();
        let text = format!(
            "Service {} selects no Pods: it wants the Pod `{pod}`, and the StatefulSet is called `{now}` now",
            service.name()
        );
        lint.add(
            Warning::new(WarningKind::SelectsNothing, text, place_of_value(Some(value), service))
                .related("the renamed object is at", stateful.node.pos())
                .hint(format!(
                    "write `{POD_NAME}: {now}-{number}` in a patch of this overlay: kustomize renames nothing in selectors"
                )),
        );
    }
}

/// Returns all StatefulSets by namespace and each name that they have or had; the names of today come first.
fn stateful_sets(set: &ResourceSet) -> FxHashMap<(&str, &str), &Resource> {
    let mut found = FxHashMap::default();
    let all = || set.of_kind("StatefulSet");
    for stateful in all() {
        found.insert((effective(stateful.namespace()), stateful.name()), stateful);
    }
    for stateful in all() {
        for former in &stateful.history.previous {
            found
                .entry((effective(stateful.namespace()), former.name.as_str()))
                .or_insert(stateful);
        }
    }
    found
}
