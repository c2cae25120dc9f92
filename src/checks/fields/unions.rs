//! Fields of which Kubernetes takes only one.

use crate::checks::positions::place_of_entry;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::load::Files;
use crate::yaml::{Entry, Mapping, Pos};

/// Fields that exclude each other in the mappings under a field, or in the elements of the list there.
const EXCLUSIVE: &[(&[&str], &[&str])] = &[
    (&["env"], &["value", "valueFrom"]),
    (&["envFrom"], &["configMapRef", "secretRef"]),
    (&["valueFrom"], &["configMapKeyRef", "secretKeyRef", "fieldRef", "resourceFieldRef"]),
    (
        &["livenessProbe", "readinessProbe", "startupProbe", "postStart", "preStop"],
        &["exec", "httpGet", "tcpSocket", "grpc"],
    ),
    (&["backend", "defaultBackend"], &["service", "resource"]),
    (&["from", "to"], &["ipBlock", "podSelector"]),
    (&["from", "to"], &["ipBlock", "namespaceSelector"]),
];

/// The sources of a PersistentVolume.
const PERSISTENT: &[&str] = &[
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "csi",
    "fc",
    "gcePersistentDisk",
    "hostPath",
    "iscsi",
    "local",
    "nfs",
    "rbd",
    "vsphereVolume",
];

/// The sources of a volume of a Pod that a PersistentVolume cannot have.
const OF_PODS: &[&str] = &[
    "configMap",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "flexVolume",
    "gitRepo",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// Two fields of a mapping of which only one counts.
pub(in crate::checks) struct Conflict<'a> {
    /// The one that was there.
    pub(in crate::checks) first: &'a Entry,
    /// The other.
    pub(in crate::checks) second: &'a Entry,
    /// Why only one of them counts, if that is not because both say the same thing.
    pub(in crate::checks) why: Option<String>,
}

impl Conflict<'_> {
    /// Warns about it, in the mapping of an object at a place.
    pub(in crate::checks) fn remark(&self, lint: &Lint, files: &Files, object: Pos, place: &str) {
        let (first, second) = (name(self.first), name(self.second));
        let why = self.why.clone().unwrap_or_else(|| {
            format!("`{first}` and `{second}` are both set, and only one may be")
        });
        // Which of the two a patch brought cannot be seen here; the one to remove is mostly the other.
        let hint = match &self.why {
            Some(_) => format!(
                "set `{second}: null` in the patch, or take it out with `op: remove` if that is a JSON patch"
            ),
            None => format!(
                "set the one that is not meant to null in the patch, `{first}: null` or `{second}: null`, or take it out \
                 with `op: remove` if that is a JSON patch"
            ),
        };
        let text = format!("{place}: {why}");
        // What another file than that of the object has brought is what decides.
        let (first, second) = (decides(self.first), decides(self.second));
        let is_brought = |pos: Pos| pos.is_some() && !files.are_in_one_text(pos, object);
        let (at, other) = match is_brought(first) && !is_brought(second) {
            true => (first, second),
            false => (second, first),
        };
        lint.add(
            Warning::new(WarningKind::ConflictingFields, text, at)
                .related("the other is at", other)
                .hint(hint),
        );
    }
}

/// Returns a conflict in a mapping that stands under `field`, in an object of that kind.
pub(in crate::checks) fn conflict<'a>(
    kind: &str,
    field: &str,
    map: &'a Mapping,
) -> Option<Conflict<'a>> {
    match field {
        "volumes" if map.contains("name") => {
            return two(map, |key| OF_PODS.contains(&key) || PERSISTENT.contains(&key));
        }
        "strategy" | "updateStrategy" => return strategy(map),
        "spec" if kind == "PersistentVolume" => {
            return two(map, |key| PERSISTENT.contains(&key));
        }
        "spec" if kind == "PodDisruptionBudget" => {
            return two(map, |key| matches!(key, "minAvailable" | "maxUnavailable"));
        }
        "spec" => return None,
        _ => {}
    }
    EXCLUSIVE
        .iter()
        .filter(|(fields, _)| fields.contains(&field))
        .find_map(|(_, keys)| two(map, |key| keys.contains(&key)))
}

/// Returns `true` if mappings under a field may have a conflict.
pub(in crate::checks) fn may_conflict(field: &str) -> bool {
    matches!(field, "volumes" | "strategy" | "updateStrategy" | "spec")
        || EXCLUSIVE.iter().any(|(fields, _)| fields.contains(&field))
}

fn two(map: &Mapping, mut counts: impl FnMut(&str) -> bool) -> Option<Conflict<'_>> {
    // The API server takes an empty `value` for none.
    let is_empty = |e: &Entry| e.key.text() == Some("value") && e.value.text() == Some("");
    let is_set =
        |e: &&Entry| !e.value.is_null() && !is_empty(e) && e.key.text().is_some_and(&mut counts);
    let mut set = map.iter().filter(is_set);
    let (first, second) = (set.next()?, set.next()?);
    Some(Conflict { first, second, why: None })
}

/// Returns the parameters of a rolling update where there is none.
fn strategy(map: &Mapping) -> Option<Conflict<'_>> {
    let entry = |name: &str| map.iter().find(|e| e.key.text() == Some(name) && !e.value.is_null());
    let (kind, rolling) = (entry("type")?, entry("rollingUpdate")?);
    let name = kind.value.text().filter(|name| matches!(*name, "Recreate" | "OnDelete"))?;
    // `{}` says nothing.
    if rolling.value.as_map().is_some_and(Mapping::is_empty) {
        return None;
    }
    let why = format!("`type: {name}` takes no `rollingUpdate`");
    Some(Conflict { first: kind, second: rolling, why: Some(why) })
}

/// Returns where an entry got its value: a patch leaves the key where it was.
fn decides(entry: &Entry) -> Pos {
    match entry.value.text() {
        Some(_) if entry.value.pos().is_some() => entry.value.pos(),
        _ => place_of_entry(entry),
    }
}

/// Returns the name of a field for people.
fn name(entry: &Entry) -> &str {
    entry.key.text().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Node;

    fn pair(field: &str, keys: &[&str]) -> Option<(String, String)> {
        let map: Mapping = keys
            .iter()
            .map(|key| {
                let value = if *key == "type" { "Recreate" } else { "x" };
                Entry { key: Node::plain(*key), value: Node::plain(value) }
            })
            .collect();
        let found = conflict("Pod", field, &map)?;
        Some((name(found.first).to_owned(), name(found.second).to_owned()))
    }

    #[test]
    fn conflicts_are_found_where_they_are_and_nowhere_else() {
        assert!(pair("env", &["name", "value", "valueFrom"]).is_some());
        assert!(pair("env", &["name", "value"]).is_none());
        assert!(pair("volumes", &["name", "emptyDir", "secret"]).is_some());
        assert!(pair("volumes", &["name", "emptyDir"]).is_none());
        assert!(pair("livenessProbe", &["httpGet", "tcpSocket"]).is_some());
        assert!(pair("spec", &["minAvailable", "maxUnavailable"]).is_none());
        assert!(pair("strategy", &["type", "rollingUpdate"]).is_some());
    }
}
