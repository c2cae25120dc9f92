//! What keeps containers in their box, and is given up by a change.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Add, plain};
use crate::diff::model::{FieldChange, ResourceDiff};
use crate::diff::path::{ChangePath, PathStep};

/// Where the Pods of the kinds are.
const PODS: [&str; 3] = ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec", "/spec"];

/// Reports the restrictions that the containers of both sides had before a change and do not have after it.
pub(super) fn lifted(resource: &ResourceDiff, add: Add<'_>) {
    let mut lost = Vec::new();
    let mut gained: BTreeMap<String, Vec<Kept>> = BTreeMap::new();
    for field in resource.own_fields() {
        let Some((start, rest)) = context(field) else { continue };
        let context = ChangePath(field.path.0[..start].to_vec());
        if let Some(value) = &field.after {
            gained.entry(context.to_string()).or_default().extend(kept(&rest, value));
        }
        if let Some(value) = &field.before {
            lost.extend(kept(&rest, value).into_iter().map(|kept| (context.clone(), kept)));
        }
    }
    if lost.is_empty() {
        return;
    }
    let object = resource.whole.value();
    let pod = PODS
        .iter()
        .find_map(|path| object.pointer(path).filter(|pod| pod.get("containers").is_some()));
    for (context, kept) in lost {
        let mut gained = gained.get(&context.to_string()).into_iter().flatten();
        if gained.any(|gained| gained.implies(&kept)) {
            continue;
        }
        let is_of_pod = !plain(&context).contains("ontainers[]");
        let is_kept_elsewhere = pod.is_some_and(|pod| match is_of_pod {
            true => containers(pod).all(|container| kept.is_in(container)),
            false => kept.may_be_of_pod() && kept.is_in(pod),
        });
        if !is_kept_elsewhere {
            add("privileged", format!("{context} no longer has {kept}"));
        }
    }
}

/// All capabilities.
const ALL: &str = "ALL";

/// Returns the name of a capability as runtimes understand it: without regard to case, and without `CAP_`.
fn bare(name: &str) -> String {
    let name = name.to_ascii_uppercase();
    name.strip_prefix("CAP_").map_or_else(|| name.clone(), str::to_owned)
}

/// A restriction of a security context.
#[derive(PartialEq)]
enum Kept {
    Switch(&'static str, bool),
    /// A capability that is dropped.
    Dropped(String),
}

impl Kept {
    /// Returns `true` if what has this restriction has another as well.
    fn implies(&self, other: &Kept) -> bool {
        let is_dropped = matches!(other, Kept::Dropped(_));
        self == other || is_dropped && matches!(self, Kept::Dropped(all) if all == ALL)
    }

    /// Returns `true` for what a Pod may say for all of its containers.
    fn may_be_of_pod(&self) -> bool {
        matches!(self, Kept::Switch("runAsNonRoot", _))
    }

    /// Returns `true` if the security context of a container or Pod has it.
    fn is_in(&self, owner: &Value) -> bool {
        let Some(context) = owner.get("securityContext") else { return false };
        match self {
            Kept::Switch(name, value) => context.get(name) == Some(&Value::Bool(*value)),
            Kept::Dropped(capability) => {
                let dropped = context.pointer("/capabilities/drop").and_then(Value::as_array);
                let mut names = dropped.into_iter().flatten().filter_map(Value::as_str).map(bare);
                names.any(|one| one == *capability || one == ALL)
            }
        }
    }
}

impl std::fmt::Display for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Kept::Switch(name, value) => write!(f, "{name}: {value}"),
            Kept::Dropped(capability) => write!(f, "the capability {capability} dropped"),
        }
    }
}

/// Returns how many steps lead to the security context in which a field lies, and the names of the fields from there.
/// Those of a container that only one side has are none: the field is then the container.
fn context(field: &FieldChange) -> Option<(usize, Vec<&str>)> {
    let steps = &field.path.0;
    let is_context =
        |step: &PathStep| matches!(step, PathStep::Field(name) if name == "securityContext");
    let at = steps.iter().position(is_context)?;
    let names = steps[at + 1..].iter().map(|step| match step {
        PathStep::Field(name) => name.as_str(),
        PathStep::Key { .. } | PathStep::Index { .. } => "[]",
    });
    Some((at + 1, names.collect()))
}

/// Returns the restrictions in a value at some fields below a security context.
fn kept(path: &[&str], value: &Value) -> Vec<Kept> {
    match (path, value) {
        ([], Value::Object(map)) => {
            map.iter().flat_map(|(name, value)| kept(&[name], value)).collect()
        }
        (["allowPrivilegeEscalation"], Value::Bool(false)) => {
            vec![Kept::Switch("allowPrivilegeEscalation", false)]
        }
        (["runAsNonRoot"], Value::Bool(true)) => vec![Kept::Switch("runAsNonRoot", true)],
        (["capabilities"], Value::Object(map)) => {
            map.get("drop").map(|drop| kept(&["capabilities", "drop"], drop)).unwrap_or_default()
        }
        (["capabilities", "drop"], Value::Array(items)) => {
            items.iter().flat_map(|item| kept(&["capabilities", "drop", "[]"], item)).collect()
        }
        (["capabilities", "drop", "[]"], Value::String(text)) => vec![Kept::Dropped(bare(text))],
        _ => Vec::new(),
    }
}

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["containers", "initContainers"].into_iter();
    lists.filter_map(|list| pod.get(list).and_then(Value::as_array)).flatten()
}
