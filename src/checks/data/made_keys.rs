//! Secrets that controllers make of custom resources which say all keys of them.

use crate::checks::kubernetes::{has_blank, list};
use crate::resource::Resource;
use crate::yaml::Node;

/// How many keys a message names.
const SHOWN: usize = 8;

/// Returns the name of the Secret that an object makes, if its keys are all known from the object.
pub(in crate::checks) fn secret(resource: &Resource) -> Option<&str> {
    let text = |path: &[&str]| resource.node.get_path(path).and_then(Node::text);
    let is_set = |path: &[&str]| resource.node.get_path(path).is_some_and(|node| !node.is_null());
    let name = match resource.kind() {
        "ExternalSecret" => {
            let policy = text(&["spec", "target", "creationPolicy"]).unwrap_or("Owner");
            let target = ["data", "templateFrom", "mergePolicy"];
            let is_whole = !is_set(&["spec", "dataFrom"])
                && matches!(policy, "Owner" | "Orphan")
                && !target.iter().any(|field| is_set(&["spec", "target", "template", field]));
            text(&["spec", "target", "name"]).or(Some(resource.name())).filter(|_| is_whole)?
        }
        "SealedSecret" => {
            text(&["spec", "template", "metadata", "name"]).unwrap_or(resource.name())
        }
        _ => return None,
    };
    let keys = keys(resource);
    (!keys.is_empty() && !keys.iter().any(|key| has_blank(key))).then_some(name)
}

/// Returns the names of the keys of a ConfigMap or Secret, or of what an object makes.
pub(in crate::checks) fn keys(map: &Resource) -> Vec<&str> {
    let of = |paths: &[&[&str]]| {
        let maps = paths.iter().filter_map(|path| map.node.get_path(path)?.as_map());
        maps.flatten().filter_map(|entry| entry.key.text()).collect()
    };
    match map.kind() {
        "ExternalSecret" => {
            let data = map.node.get("spec").into_iter().flat_map(|spec| list(spec, "data"));
            data.filter_map(|entry| entry.get("secretKey")?.text()).collect()
        }
        "SealedSecret" => of(&[&["spec", "encryptedData"], &["spec", "template", "data"]]),
        _ => of(&[&["data"], &["binaryData"], &["stringData"]]),
    }
}

/// Returns what a message calls a ConfigMap or Secret, or what makes it.
pub(in crate::checks) fn called(map: &Resource) -> String {
    match secret(map) {
        Some(name) => {
            let maker = map.kind();
            format!("Secret `{name}` that the {maker} `{}` makes", map.original_name())
        }
        None => format!("{} `{}`", map.kind(), map.original_name()),
    }
}

/// Returns some keys as a message shows them.
pub(in crate::checks) fn shown(keys: &[&str]) -> String {
    let some: Vec<String> = keys.iter().take(SHOWN).map(|key| format!("`{key}`")).collect();
    let more = if keys.len() > SHOWN { " and others" } else { "" };
    format!("{}{more}", some.join(", "))
}
