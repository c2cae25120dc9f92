//! Selectors with one label that is hardly the one that is meant.

use crate::checks::kubernetes::is_filled_in;
use crate::checks::positions::place_of_value;
use crate::checks::slips::{are_near, differ_beyond_digits};
use crate::checks::workloads::labels::{Labels, has, texts};
use crate::diagnostics::{Warning, WarningKind};
use crate::resource::Resource;
use crate::yaml::{Entry, Mapping, nearest};

/// Labels that say what an object is, which nothing gives to Pods while they run.
const DESCRIPTIVE: &[&str] = &[
    "app",
    "app.kubernetes.io/component",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/name",
    "app.kubernetes.io/part-of",
    "component",
    "env",
    "environment",
    "k8s-app",
    "name",
    "tier",
];

/// Returns the warning if the Pods of a workload have all labels of a selector but one, and that one has a slip.
///
/// Others may well be given to Pods while they run, such as `role: primary`. `has_key` says whether any Pods of
/// the namespace have a label of a key.
pub(in crate::checks) fn of(
    by: &Resource,
    workload: &Resource,
    labels: Labels<'_>,
    selector: &Mapping,
    has_key: &dyn Fn(&str) -> bool,
) -> Option<Warning> {
    let mut missed = selector.iter().filter(|pair| !has(labels, pair));
    let (pair, None) = (missed.next()?, missed.next()) else { return None };
    let (key, value) = texts(pair)?;
    if is_filled_in(value) {
        return None;
    }
    let (own_key, own) =
        match meant(by, workload, labels, (key, value), selector.len() > 1, has_key) {
            Some(meant) => meant,
            None => return of_nothing(by, workload, pair, selector.len() > 1, has_key),
        };
    let text = format!(
        "{} {} selects no Pods: it wants the label `{key}: {value}`, and the Pods of {} {} have `{own_key}: {own}`",
        by.kind(),
        by.name(),
        workload.kind(),
        workload.name()
    );
    let place = place_of_value(labels.and_then(|labels| labels.get(own_key)), workload);
    Some(
        Warning::new(WarningKind::SelectsNothing, text, place_of_value(Some(&pair.value), by))
            .related("the Pods are at", place)
            .hint(format!(
                "select by `{own_key}: {own}`, or give the Pods the label `{key}: {value}`"
            )),
    )
}

/// Returns the label of Pods that is meant by one which they do not have.
///
/// Of the workload of the same name it may differ more. One whose key no Pods have at all, but its value is under
/// another key, needs no such name if it stands beside others, or if the workload is called as its value says.
fn meant<'n>(
    by: &Resource,
    workload: &Resource,
    labels: Labels<'n>,
    (key, value): (&str, &str),
    has_others: bool,
    has_key: &dyn Fn(&str) -> bool,
) -> Option<(&'n str, &'n str)> {
    let is_namesake = by.name() == workload.name();
    let mut own = labels?.iter().filter_map(texts);
    // Labels of operators are of the Pods that they make: `cnpg.io/cluster: gitea`, beside a Deployment `gitea`.
    let is_of_people = key.starts_with("app.kubernetes.io/")
        || DESCRIPTIVE.contains(&key)
        || nearest(DESCRIPTIVE.iter().copied(), key).is_some();
    if !has_key(key) && own.clone().any(|(_, own)| own == value) {
        if !is_of_people {
            return None;
        }
        let is_slip = is_namesake || has_others || is_called(workload, value);
        return own.find(|(_, own)| *own == value).filter(|_| is_slip);
    }
    if is_namesake && has_others {
        let is_near = |own: &str| {
            own == value
                || (differ_beyond_digits(own, value) && nearest([own].into_iter(), value).is_some())
        };
        return own.find(|(_, own)| is_near(own));
    }
    // What is called as its own selector says is for Pods of that name, which others make.
    own.find(|(other, own)| {
        *other == key
            && by.name() != value
            && are_near(own, value)
            && (has_others || is_called(workload, own) || by.kind() != "Service")
    })
}

/// Returns `true` if an object has or had a name.
fn is_called(object: &Resource, name: &str) -> bool {
    object.name() == name || object.history.previous.iter().any(|former| former.name == name)
}

/// Returns the warning about a label that no Pods have, beside others that those of the workload of the same name have.
fn of_nothing(
    by: &Resource,
    workload: &Resource,
    pair: &Entry,
    has_others: bool,
    has_key: &dyn Fn(&str) -> bool,
) -> Option<Warning> {
    let (key, value) = texts(pair)?;
    let is_own = by.name() == workload.name() && has_others;
    if !is_own || has_key(key) || !DESCRIPTIVE.contains(&key) {
        return None;
    }
    let text = format!(
        "{} {} selects no Pods: it wants the label `{key}: {value}`, and the Pods of {} {} have no `{key}`",
        by.kind(),
        by.name(),
        workload.kind(),
        workload.name()
    );
    Some(
        Warning::new(WarningKind::SelectsNothing, text, place_of_value(Some(&pair.value), by))
            .related("the Pods are at", workload.node.pos())
            .hint(format!(
                "give the Pods the label `{key}: {value}`, under `spec.template.metadata.labels`, or leave it out here"
            )),
    )
}
