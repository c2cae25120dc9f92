//! Keys that a layer adds to the data of a ConfigMap or Secret, and that are nearly keys which it has.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::kubernetes::has_blank;
use crate::checks::slips::{are_one_name, folded, is_slip_in_word};
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::work;
use crate::yaml::{Entry, Node, Pos};

/// How many pairs of keys are compared letter by letter; if there are more, only their folded forms are.
const MOST: usize = 4096;

/// The fields with data.
const DATA: [&str; 3] = ["data", "binaryData", "stringData"];

/// Looks at the data that are merged into an object; `by` says what merges them, and `object` into what. `is_own`
/// says of a place whether it is in the text of what merges, and not in a file that this names.
///
/// Warnings never show values: they may be secrets.
pub(in crate::checks) fn check(
    lint: &Lint,
    (new, old): (&Node, &Node),
    (by, object): (&str, &str),
    is_own: impl Fn(Pos) -> bool,
) {
    let given: FxHashSet<&str> = entries(new).filter_map(|entry| entry.key.text()).collect();
    let there: FxHashSet<&str> = entries(old).filter_map(|entry| entry.key.text()).collect();
    if given.is_empty() || given.iter().all(|key| there.contains(key)) {
        return;
    }
    // A key that is given as well is not the one that is meant.
    let left: Vec<&str> = entries(old)
        .filter_map(|entry| entry.key.text())
        .filter(|key| !given.contains(key))
        .collect();
    let by_form: FxHashMap<Vec<u8>, &str> = left.iter().map(|key| (folded(key), *key)).collect();
    let compares_letters = left.len().saturating_mul(given.len()) <= MOST;
    for entry in entries(new) {
        work::check();
        let Some(key) = entry.key.text().filter(|key| !there.contains(key) && !has_blank(key))
        else {
            continue;
        };
        let slip =
            || left.iter().copied().find(|other| compares_letters && is_slip_in_word(key, other));
        let Some(near) = by_form.get(&folded(key)).copied().or_else(slip) else { continue };
        let places = [entry.key.pos(), entry.value.pos()];
        let written = places.into_iter().find(|pos| pos.is_some() && is_own(*pos));
        let pos = written.unwrap_or(new.pos());
        lint.add(remark(by, key, (object, old), near, pos));
    }
}

/// Looks at a key that an operation of a JSON patch adds to the data of an object, which is given as it was before;
/// the operation has its path at `pos`.
pub(in crate::checks) fn of_operation(
    lint: &Lint,
    key: &str,
    (pos, before): (Pos, &Node),
    object: &str,
) {
    let keys = || entries(before).filter_map(|entry| entry.key.text());
    let is_near = |other: &&str| are_one_name(key, other) || is_slip_in_word(key, other);
    let Some(near) = keys().find(is_near).filter(|_| !has_blank(key)) else { return };
    lint.add(remark("the patch", key, (object, before), near, pos));
}

/// Returns the warning about a key that is nearly another one.
fn remark(by: &str, key: &str, (object, old): (&str, &Node), near: &str, pos: Pos) -> Warning {
    let text = format!(
        "{by} adds the key `{key}` to {object}, which has the key `{near}`: that one keeps its value"
    );
    Warning::new(WarningKind::NearKey, text, pos)
        .related("the keys are at", old.pos())
        .hint(format!("did you mean `{near}`? Only a key that is written the same is set anew"))
}

fn entries(object: &Node) -> impl Iterator<Item = &Entry> {
    DATA.into_iter().filter_map(|field| object.get(field)?.as_map()).flatten()
}
