//! What lets containers out of their box: what the Pods of an object may after a change and might not before.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Add;
use crate::diff::images;
use crate::diff::model::{FieldChange, ResourceDiff};
use crate::diff::path::{ChangePath, PathStep};

/// The switches of a security context that open.
const SWITCHES: [&str; 2] = ["privileged", "hostProcess"];

/// The words of a security context that open.
const WORDS: [(&str, &str); 3] = [
    ("seccompProfile.type", "Unconfined"),
    ("appArmorProfile.type", "Unconfined"),
    ("procMount", "Unmasked"),
];

/// The switches of a Pod.
const OF_PODS: [&str; 3] = ["hostNetwork", "hostPID", "hostIPC"];

/// The one capability that the Pod Security Standards let everybody add.
const HARMLESS: &str = "NET_BIND_SERVICE";

/// Something that opens a door.
struct Power {
    /// What it is, and whose: the element of a list that both sides have, or the image of a container.
    key: (String, String),
    /// The directory, if it is one of the node.
    directory: Option<String>,
    message: String,
}

/// Reports what an object has after a change and had not before. What merely moves, as with the new name of a
/// container that runs the same image, is none.
pub(super) fn grown(resource: &ResourceDiff, add: Add<'_>) {
    let (mut lost, mut gained) = (Vec::new(), Vec::new());
    for field in resource.own_fields() {
        field.before.iter().for_each(|value| collect(field, value, &mut lost));
        field.after.iter().for_each(|value| collect(field, value, &mut gained));
    }
    if let (None, Some(object)) = (&resource.before, &resource.object) {
        let mut walk = Walk { trail: Vec::new(), inside: 0, root: "", found: &mut gained };
        walk.value(&object.value(), &Owner::default());
    }
    let directories: Vec<String> =
        lost.iter().filter_map(|power| power.directory.clone()).collect();
    let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
    for power in lost {
        *known.entry(power.key).or_default() += 1;
    }
    for power in gained {
        let is_known = match (&power.directory, known.get_mut(&power.key)) {
            (Some(directory), _) => directories.iter().any(|known| is_in(directory, known)),
            (None, Some(left)) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        };
        if !is_known {
            add("privileged", power.message);
        }
    }
}

/// Returns `true` if a directory is another, or lies in it.
fn is_in(directory: &str, other: &str) -> bool {
    let (directory, other) = (directory.trim_end_matches('/'), other.trim_end_matches('/'));
    directory.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn collect<'v>(field: &'v FieldChange, value: &'v Value, found: &mut Vec<Power>) {
    let steps = &field.path.0;
    if !may_open(steps.last(), value) {
        return;
    }
    let trail = steps.iter().map(|step| match step {
        PathStep::Field(name) => name.as_str(),
        PathStep::Key { .. } | PathStep::Index { .. } => "[]",
    });
    // What both sides have stays itself; of what one side has, the value tells.
    let end = steps.iter().rposition(|step| matches!(step, PathStep::Key { at: None, .. }));
    let id = end.map(|end| ChangePath(steps[..=end].to_vec()).to_string()).unwrap_or_default();
    let path = field.path.to_string();
    let owner = Owner { id, shown: None };
    Walk { trail: trail.collect(), inside: steps.len(), root: &path, found }.value(value, &owner);
}

/// Returns `false` for a value at the end of a path that surely opens nothing, as most that change.
fn may_open(end: Option<&PathStep>, value: &Value) -> bool {
    let name = match end {
        Some(PathStep::Field(name)) => name.as_str(),
        _ => return true,
    };
    match value {
        Value::Object(_) | Value::Array(_) => true,
        Value::Bool(_) => OF_PODS.contains(&name) || SWITCHES.contains(&name),
        // The directory of a `hostPath`.
        Value::String(_) => matches!(name, "path" | "type" | "procMount"),
        Value::Number(_) => name == "runAsUser",
        Value::Null => false,
    }
}

/// Whose the powers are that are found.
#[derive(Clone, Default)]
struct Owner {
    id: String,
    shown: Option<String>,
}

struct Walk<'w> {
    /// The names of fields on the way, and `[]` for elements of lists.
    trail: Vec<&'w str>,
    /// Where on the way the value begins.
    inside: usize,
    /// The path of the value.
    root: &'w str,
    found: &'w mut Vec<Power>,
}

impl<'w> Walk<'w> {
    fn value(&mut self, value: &'w Value, owner: &Owner) {
        match value {
            Value::Object(map) => {
                let own = self.is_at(&["*ontainers", "[]"]).then(|| container(value));
                let owner = own.as_ref().unwrap_or(owner);
                map.iter().for_each(|(name, value)| self.step(name, value, owner));
            }
            Value::Array(items) => items.iter().for_each(|item| self.step("[]", item, owner)),
            Value::Bool(switch) => self.switch(*switch, owner),
            Value::Number(user)
                if user.as_u64() == Some(0) && self.is_in_context(&["runAsUser"]) =>
            {
                self.push_value("runAsUser", "0", owner);
            }
            Value::String(text)
                if text != HARMLESS && self.is_at(&["capabilities", "add", "[]"]) =>
            {
                self.push(text, owner, &format!("adds the capability {text}"));
            }
            Value::String(text) if self.opening_word(text).is_some() => {
                let name = self.opening_word(text).unwrap_or_default();
                self.push_value(name, text, owner);
            }
            Value::String(text) if self.is_at(&["volumes", "[]", "hostPath", "path"]) => {
                self.push("hostPath", owner, &format!("mounts {text} of the node"));
                if let Some(power) = self.found.last_mut() {
                    power.directory = Some(text.clone());
                }
            }
            _ => {}
        }
    }

    fn step(&mut self, name: &'w str, value: &'w Value, owner: &Owner) {
        self.trail.push(name);
        self.value(value, owner);
        self.trail.pop();
    }

    fn switch(&mut self, value: bool, owner: &Owner) {
        let name = self.trail.last().copied().unwrap_or_default();
        let opens = OF_PODS.contains(&name)
            || self.is_in_context(&["privileged"])
            || self.is_in_context(&["windowsOptions", "hostProcess"]);
        if value && opens {
            self.push_value(name, "true", owner);
        }
    }

    /// Returns `true` if the way ends in these fields of a security context.
    fn is_in_context(&self, fields: &[&str]) -> bool {
        let end: Vec<&str> = [&["*ecurityContext"], fields].concat();
        self.is_at(&end)
    }

    /// Returns the field of a security context that a word opens.
    fn opening_word(&self, text: &str) -> Option<&'static str> {
        let opens = WORDS.iter().find(|(field, word)| {
            *word == text && self.is_in_context(&field.split('.').collect::<Vec<_>>())
        });
        opens.map(|(field, _)| *field)
    }

    fn push_value(&mut self, name: &str, value: &str, owner: &Owner) {
        match owner.shown {
            Some(_) => self.push(name, owner, &format!("has {name}: {value}")),
            None => self.push(name, owner, &format!("becomes {value}")),
        }
    }

    fn push(&mut self, what: &str, owner: &Owner, does: &str) {
        let key = (what.to_owned(), owner.id.clone());
        let shown = owner.shown.clone().unwrap_or_else(|| self.path());
        self.found.push(Power { key, directory: None, message: format!("{shown} {does}") });
    }

    /// Returns the path of what is looked at, without places in the lists inside the value.
    fn path(&self) -> String {
        let mut path = self.root.to_owned();
        for name in self.trail[self.inside..].iter().filter(|name| **name != "[]") {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(name);
        }
        path
    }

    /// Returns `true` if the way ends like this; `*` stands for the start of a name.
    fn is_at(&self, end: &[&str]) -> bool {
        let skipped = self.trail.len().checked_sub(end.len());
        skipped.is_some_and(|skipped| {
            self.trail[skipped..].iter().zip(end).all(|(name, end)| match end.strip_prefix('*') {
                Some(end) => name.ends_with(end),
                None => *name == *end,
            })
        })
    }
}

/// A container that one side has is known by its image: another name makes it no other one.
fn container(value: &Value) -> Owner {
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    Owner {
        id: images::split(text("image")).0.to_owned(),
        shown: Some(format!("the container {}", text("name"))),
    }
}
