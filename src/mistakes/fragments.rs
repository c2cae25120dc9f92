//! Parts of a kustomization in a file of their own, listed under the wrong field.

use super::Mistake;
use super::scene::{Finding, Scene};
use crate::diagnostics::Hint;
use crate::yaml::Node;

/// Lists of a kustomization that people put into files of their own.
const LISTS: &[&str] = &[
    "components",
    "configMapGenerator",
    "images",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "replacements",
    "replicas",
    "resources",
    "secretGenerator",
];

/// Fields of configurations.
const CONFIGURATIONS: &[&str] = &[
    "commonAnnotations",
    "commonLabels",
    "images",
    "labels",
    "namePrefix",
    "nameReference",
    "nameSuffix",
    "namespace",
    "replicas",
    "templateLabels",
    "varReference",
];

pub(super) static MISTAKES: &[Mistake] = &[
    Mistake {
        hint: Hint {
            id: "configuration-as-resource",
            looks_at: "A configuration of transformers, such as `nameReference`, is listed under `resources`.",
            example: "resources:\n- name-references.yaml # nameReference: [...]",
            remedy: "List the file under `configurations`.",
        },
        find: |scene| {
            let (list, _) = scene.field().split_once('[')?;
            let root = root(scene)?;
            let key = root.as_map()?.iter().find_map(|entry| {
                let key = entry.key.text().filter(|key| CONFIGURATIONS.contains(key))?;
                is_configuration(&entry.value).then(|| key.to_owned())
            })?;
            matches!(list, "resources" | "patches" | "transformers").then(|| {
                Finding::new(format!(
                    "a file with `{key}` and paths of fields in it configures the transformers: list it under \
                     `configurations`"
                ))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "wrapped-list",
            looks_at: "The file of an entry has the field of the kustomization around what the entry is to be.",
            example: "replacements:\n- path: tags.yaml # replacements: [...]",
            remedy: "Leave the line with the field out of the file, or, if the file is a kustomization, list its folder under `components`.",
        },
        find: |scene| {
            let (list, _) = scene.field().split_once('[')?;
            let root = root(scene)?;
            let is_list = |key: &&str| root.get(key).is_some_and(|value| value.as_seq().is_some());
            let key = LISTS.iter().find(|key| is_list(key))?;
            let is_whole = root
                .get("kind")
                .and_then(Node::text)
                .is_some_and(|kind| matches!(kind, "Kustomization" | "Component"));
            Some(Finding::new(match (list, *key) {
                _ if is_whole && list != "resources" => {
                    "this file is a kustomization: give it a folder of its own, with `kind: Component`, and list the \
                     folder under `components`"
                        .to_owned()
                }
                ("replacements", "replacements") => {
                    "the file has the replacement itself: remove the line `replacements:`, so that it starts with \
                     `- source:`"
                        .to_owned()
                }
                ("patches" | "resources" | "replacements" | "patchesStrategicMerge", key) if !is_whole => format!(
                    "this file has a part of a kustomization: put its `{key}` into the kustomization itself"
                ),
                _ => return None,
            }))
        },
    },
];

/// Returns the document of the file at fault, if that is not the kustomization itself.
fn root(scene: &Scene<'_>) -> Option<Node> {
    let file = &scene.place.as_ref()?.file;
    let says = ["missing Resource metadata", "replacements must specify", "unable to parse"];
    if !says.iter().any(|words| scene.says(words)) {
        return None;
    }
    let is_own = scene.kustomization.as_ref() == Some(file);
    let mut documents = scene.documents(file).into_iter().filter(|_| !is_own);
    documents.next()
}

/// Returns `true` for a list of field specs, or of kinds with field specs.
fn is_configuration(value: &Node) -> bool {
    let items = || value.as_seq().into_iter().flatten();
    let is_spec = |item: &Node| {
        item.get("fieldSpecs").is_some()
            || item.get("path").and_then(Node::text).is_some_and(|path| !path.contains(".yaml"))
                && (item.get("create").is_some()
                    || item.get("kind").is_some()
                    || item.get("patch").is_none())
                && item.get("target").is_none()
    };
    items().next().is_some() && items().all(is_spec)
}
