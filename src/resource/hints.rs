//! What to do about ids that no resource has.

use super::id::ResId;
use super::set::ResourceSet;
use crate::schema::Schema;
use crate::yaml::nearest;

/// How many names are listed.
const MOST_NAMES: usize = 5;

/// Says which resource may have been meant by an id that none has.
pub(crate) fn near_miss(id: &ResId, set: &ResourceSet, schema: &Schema) -> Option<String> {
    let ids = || set.iter().map(|resource| resource.id(schema));
    let same_name = |other: &ResId| other.name == id.name;
    let same_kind = |other: &ResId| other.gvk.kind == id.gvk.kind;
    if let Some(other) = ids().find(|other| same_name(other) && same_kind(other)) {
        let same_place = other.effective_namespace() == id.effective_namespace();
        if !other.gvk.is_selected_by(&id.gvk) || (other.gvk != id.gvk && same_place) {
            let version = match (other.gvk.group.as_str(), &other.gvk.version) {
                ("", version) => version.to_string(),
                (group, version) => format!("{group}/{version}"),
            };
            return Some(format!("`{}` is there with apiVersion {version}", id.name));
        }
        let place = match other.namespace.as_str() {
            "" => "without a namespace".to_owned(),
            namespace => format!("in the namespace {namespace}"),
        };
        return Some(format!("`{}` is there {place}", id.name));
    }
    let names: Vec<ResId> = ids().filter(same_kind).collect();
    if let Some(name) = nearest(names.iter().map(|other| other.name.as_str()), &id.name) {
        return Some(format!("did you mean `{name}`?"));
    }
    let kinds: Vec<ResId> = ids().collect();
    let kind = nearest(kinds.iter().map(|other| other.gvk.kind.as_str()), &id.gvk.kind);
    if let Some(kind) = kind.filter(|_| names.is_empty()) {
        return Some(format!("did you mean the kind `{kind}`?"));
    }
    if let Some(other) = ids().find(same_name) {
        let there = format!("`{}` is there, but its kind is {}", id.name, other.gvk.kind);
        return Some(match &names[..] {
            [only] => format!("the only {} here is `{}`; {there}", id.gvk.kind, only.name),
            _ => there,
        });
    }
    if names.is_empty() {
        return None;
    }
    let mut names: Vec<String> = names.iter().map(|other| format!("`{}`", other.name)).collect();
    names.sort_unstable();
    names.dedup();
    let more = if names.len() > MOST_NAMES { ", ..." } else { "" };
    names.truncate(MOST_NAMES);
    Some(format!("of the kind {} there is {}{more}", id.gvk.kind, names.join(", ")))
}
