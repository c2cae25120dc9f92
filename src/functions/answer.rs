//! What a function's answer does to the resources.

use std::collections::BTreeMap;

use ecow::EcoVec;

use crate::diagnostics::{Error, ErrorKind, Result};
use crate::resource::annotations::{self, Counts};
use crate::resource::{Behavior, Resource, ResourceSet};
use crate::schema::Schema;
use crate::yaml::go_quote;

const NEEDS_HASH: &str = "kustomize.config.k8s.io/needs-hash";
const BEHAVIOR: &str = "kustomize.config.k8s.io/behavior";

/// What counts of a current id: group, version, kind, name and effective namespace.
pub(crate) type Key = [String; 5];

/// Returns what counts of the id of a resource.
pub(crate) fn key(resource: &Resource, schema: &Schema) -> Key {
    let id = resource.id_ref(schema);
    [id.group, id.version, id.kind, id.name, id.namespace].map(str::to_owned)
}

/// Returns what a function has generated, with what it says of hash and behavior taken out.
///
/// # Errors
/// If it says something else than yes or no of the hash.
pub(super) fn generated(answer: Vec<Resource>) -> Result<Vec<Resource>> {
    let own = |mut resource: Resource| {
        annotations::absorb(&mut resource)?;
        let text = |key: &str| {
            let value = resource.metadata_map("annotations")?.get(key)?;
            Some(value.text().unwrap_or_default().to_owned())
        };
        let (hash, behavior) = (text(NEEDS_HASH), text(BEHAVIOR));
        if let Some(hash) = hash {
            resource.history.needs_hash = match hash.as_str() {
                "1" | "t" | "T" | "TRUE" | "true" | "True" => true,
                "0" | "f" | "F" | "FALSE" | "false" | "False" => false,
                other => {
                    let message = format!(
                        "the annotation {} contains an invalid value ({})",
                        go_quote(NEEDS_HASH),
                        go_quote(other)
                    );
                    return Err(Error::new(ErrorKind::Generator, message));
                }
            };
            annotations::remove(&mut resource.node, NEEDS_HASH);
        }
        resource.history.is_generated = true;
        // As upstream: no other annotation says it.
        resource.history.behavior = match behavior.as_deref() {
            Some("create") => Behavior::Create,
            Some("merge") => Behavior::Merge,
            Some("replace") => Behavior::Replace,
            _ => Behavior::Unspecified,
        };
        annotations::remove(&mut resource.node, BEHAVIOR);
        annotations::make_anew(&mut resource.node);
        Ok(resource)
    };
    answer.into_iter().map(own).collect()
}

/// Takes over what a transformer answers: what has a known id stays at its place, what is new comes
/// last, and what is missing goes.
///
/// # Errors
/// If two have one id; `name` is the function in messages.
pub(super) fn apply(
    answer: Vec<Resource>,
    resources: &mut ResourceSet,
    schema: &Schema,
    name: &str,
) -> Result<()> {
    let mut places: BTreeMap<Key, usize> = BTreeMap::new();
    for (slot, resource) in resources.slots() {
        places.entry(key(resource, schema)).or_insert(slot);
    }
    let mut seen: BTreeMap<Key, ()> = BTreeMap::new();
    for mut answered in answer {
        annotations::make_anew(&mut answered.node);
        let key = key(&answered, schema);
        if seen.insert(key.clone(), ()).is_some() {
            let [group, version, kind, name_of, _] = &key;
            let namespace = answered.namespace();
            let pairs = [
                ("group", group.as_str()),
                ("version", version),
                ("kind", kind),
                ("name", name_of),
                ("namespace", namespace),
            ];
            let pairs: Vec<String> = pairs
                .iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(key, value)| format!("{}:{}", go_quote(key), go_quote(value)))
                .collect();
            let message =
                format!("plugin {name} generated duplicate resource: {{{}}}", pairs.join(","));
            return Err(Error::new(ErrorKind::Transformer, message));
        }
        match places.get(&key) {
            Some(&slot) => {
                let replaced = resources.update(slot, schema, |old| {
                    let pos = old.node.pos();
                    // What several places of the old tree shared, those of the new one do not.
                    old.history.shared = EcoVec::new();
                    old.history.answered.clone_from(&answered.history.answered);
                    old.history.is_merged = false;
                    annotations::restore(old, answered.node.clone().at(pos), Counts::Tree)
                });
                replaced.transpose()?;
            }
            None => {
                let mut new = answered;
                annotations::absorb(&mut new)?;
                resources.append(new, schema)?;
            }
        }
    }
    resources.remove_if(|resource| !seen.contains_key(&key(resource, schema)));
    Ok(())
}
