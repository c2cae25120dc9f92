//! Entries of a kustomization that have another shape than they must.

use super::Mistake;
use super::scene::{Finding, Scene, between};
use super::syntax::entry_without_blank;
use crate::diagnostics::{ErrorKind, Hint};
use crate::yaml::{Node, nearest};

/// What an entry of a list starts with.
const ENTRIES: &[(&str, &str)] = &[
    ("configMapGenerator", "name"),
    ("helmCharts", "name"),
    ("images", "name"),
    ("patches", "path"),
    ("patchesJson6902", "path"),
    ("replacements", "path"),
    ("replicas", "name"),
    ("secretGenerator", "name"),
];

pub(super) static MISTAKES: &[Mistake] = &[
    Mistake {
        hint: Hint {
            id: "text-as-entry",
            looks_at: "An entry that must be a mapping is a text, such as a file name under `patches`.",
            example: "patches:\n- patch.yaml",
            remedy: "Name the field: `- path: patch.yaml`.",
        },
        find: |scene| {
            let (list, rest) = scene.field().split_once('[')?;
            if !is_mismatch(scene, "string") || !rest.ends_with(']') {
                return None;
            }
            let text = scene.get_text(scene.field());
            if list == "labels" || list == "commonLabels" {
                return Some(Finding::new("an entry is a map: `- pairs: {app: web}`"));
            }
            let (_, key) = ENTRIES.iter().find(|(name, _)| *name == list)?;
            if list == "patchesJson6902" {
                return Some(Finding::new(format!(
                    "an entry is a map: `- {{path: {text}, target: {{version: v1, kind: Service, name: web}}}}`"
                )));
            }
            if list == "images"
                && let Some((name, tag)) =
                    text.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'))
            {
                return Some(Finding::new(format!(
                    "an entry is a map: `- {{name: {name}, newTag: \"{tag}\"}}`"
                )));
            }
            if list == "patches" && text.contains('\n') {
                return Some(Finding::new(
                    "an entry is a map: put `patch: |-` before the patch, as in `- patch: |-`",
                ));
            }
            Some(Finding::new(format!("an entry is a map: `- {key}: {text}`")))
        },
    },
    Mistake {
        hint: Hint {
            id: "mapping-as-path",
            looks_at: "An entry of a list of paths is a mapping.",
            example: "resources:\n- path: service.yaml",
            remedy: "Write the path alone: `- service.yaml`.",
        },
        find: |scene| {
            let (list, _) = scene.field().split_once('[')?;
            let paths = [
                "resources",
                "components",
                "bases",
                "crds",
                "configurations",
                "patchesStrategicMerge",
                "transformers",
                "generators",
            ];
            if !paths.contains(&list) || !is_mismatch(scene, "object") {
                return None;
            }
            let map = scene.get(scene.field())?.as_map()?;
            if map.contains("apiVersion") || map.contains("kind") {
                return Some(Finding::new(match list {
                    "transformers" | "generators" => {
                        "an entry is a text: put `|-` before the config, as in `- |-`, or name its file"
                    }
                    "patchesStrategicMerge" => {
                        "an entry is a text: put `|-` before the patch, as in `- |-`, or name its file"
                    }
                    _ => {
                        "an entry is a path: put the manifest into a file of its own, and list the file"
                    }
                }));
            }
            let text = map.iter().find_map(|entry| entry.value.text())?;
            Some(Finding::new(format!("an entry is a path alone: write `- {text}`")))
        },
    },
    Mistake {
        hint: Hint {
            id: "file-as-patch",
            looks_at: "`patch` has the name of a file instead of a patch.",
            example: "patches:\n- patch: replicas.yaml",
            remedy: "`patch` is the patch itself; a file is named by `path`.",
        },
        find: |scene| {
            let is_patch = scene.field().starts_with("patches")
                && scene.says("unable to parse SM or JSON patch");
            let text = scene.get(&format!("{}.patch", scene.field())).and_then(Node::text)?.trim();
            let is_file = !text.contains(['\n', ' ', ':'])
                && [".yaml", ".yml", ".json"].iter().any(|end| text.ends_with(end));
            (is_patch && is_file).then(|| {
                Finding::new(format!(
                    "`patch` is the patch itself; a file is named by `path`: `path: {text}`"
                ))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "patch-as-yaml",
            looks_at: "`patch` has the patch as YAML instead of text.",
            example: "patches:\n- patch:\n  - op: remove\n    path: /spec/replicas",
            remedy: "Make it a text: `patch: |-`, and indent what follows.",
        },
        find: |scene| {
            let is_patch = scene.field().ends_with(".patch") || scene.field().ends_with(".op");
            (is_patch && (is_mismatch(scene, "array") || is_mismatch(scene, "object"))).then(|| {
                Finding::new("`patch` is a text: write `patch: |-` and indent the lines below it")
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "mapping-as-text",
            looks_at: "A field that is one text has a mapping or list.",
            example: "namespace:\n  name: shop",
            remedy: "Write the text alone: `namespace: shop`.",
        },
        find: |scene| {
            let field = scene.field().to_owned();
            let is_one = is_mismatch(scene, "object") || is_mismatch(scene, "array");
            if field.contains(['.', '[']) || !is_one {
                return None;
            }
            let text = match scene.get(&field)? {
                Node::Seq { items, .. } => items.first()?.text()?,
                node => {
                    let map = node.as_map()?;
                    let first = || map.iter().next().map(|entry| &entry.value);
                    map.get("name").or_else(first)?.text()?
                }
            };
            scene
                .says("of type string")
                .then(|| Finding::new(format!("write the text alone: `{field}: {text}`")))
        },
    },
    Mistake {
        hint: Hint {
            id: "no-list",
            looks_at: "A field that is a list has one value, for the dash is missing.",
            example: "resources: deployment.yaml",
            remedy: "Start each entry with `- `.",
        },
        find: |scene| {
            let field = scene.field().to_owned();
            let node = scene.get(&field)?;
            let is_list = scene.says("of type []");
            if field.contains(['.', '['])
                || !scene.is(ErrorKind::Kustomization)
                || node.as_seq().is_some()
            {
                return None;
            }
            if !scene.says("cannot unmarshal") || !is_list {
                return None;
            }
            if let Some(map) = node.as_map() {
                if field == "labels" {
                    return Some(Finding::new(
                        "`labels` is a list: `- pairs: {app: web}`, with `includeSelectors: true` for what \
                         `commonLabels` does",
                    ));
                }
                let entry = map.iter().next()?;
                let (key, value) = (entry.key.text()?, entry.value.text().unwrap_or("..."));
                let as_name = match field.as_str() {
                    "images" if !is_image_field(key) => format!("{{name: {key}, newTag: {value}}}"),
                    "replicas" if !matches!(key, "name" | "count") => {
                        format!("{{name: {key}, count: {value}}}")
                    }
                    _ => format!("{key}: ..."),
                };
                return Some(Finding::new(format!(
                    "`{field}` is a list: start each entry with `- `, as in `- {as_name}`"
                )));
            }
            let text = node.text().unwrap_or_default();
            let text = entry_without_blank(text).unwrap_or(text);
            if field == "replicas" {
                return Some(Finding::new(format!(
                    "`replicas` is a list of names and counts, as in `- {{name: web, count: {text}}}`"
                )));
            }
            let entry = ENTRIES.iter().find(|(name, _)| *name == field);
            let entry = entry.map_or(text.to_owned(), |(_, key)| format!("{key}: {text}"));
            Some(Finding::new(format!(
                "`{field}` is a list: start each entry with `- `, as in `- {entry}`"
            )))
        },
    },
    Mistake {
        hint: Hint {
            id: "list-as-text",
            looks_at: "A field that is one text has a list.",
            example: "patches:\n- path: [a.yaml, b.yaml]",
            remedy: "Write one text, and an entry for each.",
        },
        find: |scene| {
            let field = scene.field();
            let key = field.rsplit('.').next().unwrap_or_default();
            let items = scene.get(field)?.as_seq()?;
            let first = items.first().and_then(Node::text).unwrap_or("...");
            let is_text = is_mismatch(scene, "array") && scene.says("of type string");
            is_text.then(|| {
                Finding::new(match key {
                    _ if key.ends_with(']') => {
                        format!("a list stands in the list: leave one dash out, as in `- {first}`")
                    }
                    "env" => "`envs` is the list of env files; `env` names one".to_owned(),
                    _ if items.len() > 1 => {
                        format!("write one text, as in `{key}: {first}`, and an entry for each")
                    }
                    _ => format!("write one text: `{key}: {first}`"),
                })
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "text-as-bool",
            looks_at: "A field that is true or false has a text or number.",
            example: "labels:\n- pairs: {a: b}\n  includeSelectors: \"yes\"",
            remedy: "Write `true` or `false`, without quotes.",
        },
        find: |scene| {
            let is_other = ["string", "number"].iter().any(|what| is_mismatch(scene, what));
            (is_other && scene.says("of type bool"))
                .then(|| Finding::new("write `true` or `false`, without quotes"))
        },
    },
    Mistake {
        hint: Hint {
            id: "labels-without-pairs",
            looks_at: "An entry of `labels` has the labels themselves.",
            example: "labels:\n- app: web",
            remedy: "Put them under `pairs`.",
        },
        find: |scene| {
            let map = scene.get(scene.field())?.as_map()?;
            let is_label = scene.field().starts_with("labels[") && scene.says("unknown field");
            let entry = map.iter().next()?;
            let (key, value) = (entry.key.text()?, entry.value.text()?);
            (is_label && !map.contains("pairs")).then(|| {
                Finding::new(format!("put the labels under `pairs`: `- pairs: {{{key}: {value}}}`"))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "text-as-mapping",
            looks_at: "A field that is a mapping has a text or number.",
            example: "sortOptions: fifo",
            remedy: "Write the mapping: `sortOptions: {order: fifo}`.",
        },
        find: |scene| {
            let text = scene.get(scene.field()).and_then(Node::text)?;
            let is_text = ["string", "number", "bool"].iter().any(|what| is_mismatch(scene, what));
            let last = scene.field().rsplit('.').next().unwrap_or_default();
            if matches!(last, "target" | "select" | "source") {
                let (kind, name) = text.rsplit_once(['/', ' ']).unwrap_or((text, "NAME"));
                return is_text.then(|| {
                    Finding::new(format!(
                        "`{last}` is a mapping: `{last}: {{kind: {kind}, name: {name}}}`"
                    ))
                });
            }
            let key = match scene.field() {
                "sortOptions" => "order",
                "openapi" => "path",
                "metadata" => "name",
                "generatorOptions" => "disableNameSuffixHash",
                "helmGlobals" => "chartHome",
                _ => return None,
            };
            let field = scene.field();
            is_text.then(|| {
                Finding::new(format!("`{field}` is a mapping, as in `{field}: {{{key}: {text}}}`"))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "list-as-mapping",
            looks_at: "A field that is a mapping has a list.",
            example: "commonLabels:\n- app: web",
            remedy: "Leave the dashes out.",
        },
        find: |scene| {
            let field = scene.field();
            let is_map = scene.says("map[string]string") || scene.says("of type types.");
            let is_list = scene.get(field).is_some_and(|node| node.as_seq().is_some());
            (scene.is(ErrorKind::Kustomization) && is_mismatch(scene, "array") && is_map && is_list)
                .then(|| Finding::new(format!("`{field}` is a mapping: leave the dashes out")))
        },
    },
    Mistake {
        hint: Hint {
            id: "literal-as-mapping",
            looks_at: "A literal of a generator is written as `KEY: value`.",
            example: "literals:\n- LOG_LEVEL: debug",
            remedy: "Write `KEY=value`.",
        },
        find: |scene| {
            let field = scene.field();
            let is_one = field.contains(".literals[") || field.ends_with(".literals");
            if !is_one || !is_mismatch(scene, "object") {
                return None;
            }
            let entry = scene.get(field)?.as_map()?.iter().next()?;
            let (key, value) = (entry.key.text()?, entry.value.text().unwrap_or("value"));
            let secret = scene.field().starts_with("secretGenerator");
            let value = if secret { "..." } else { value };
            Some(Finding::new(format!("a literal is one text: write `- {key}={value}`")))
        },
    },
    Mistake {
        hint: Hint {
            id: "selector-in-source",
            looks_at: "The source of a replacement has a selector.",
            example: "replacements:\n- source: {kind: ConfigMap, labelSelector: a=b}",
            remedy: "A source is found by group, version, kind, name and namespace; selectors are for targets.",
        },
        find: |scene| {
            let is_source =
                scene.field().contains("source") && scene.field().starts_with("replacements");
            let is_selector = scene.says("labelSelector") || scene.says("annotationSelector");
            (is_source && is_selector).then(|| {
                Finding::new(
                    "a source is one object, found by group, version, kind, name and namespace; selectors are for \
                     `select` of a target",
                )
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "value-in-source",
            looks_at: "The source of a replacement has a `value`.",
            example: "replacements:\n- source: {value: one}",
            remedy: "Write `sourceValue` beside `targets`, without `source`.",
        },
        find: |scene| {
            let has_value = |list: &Node| {
                let entries = list.as_seq().into_iter().flatten();
                entries
                    .filter_map(|entry| entry.get("source"))
                    .any(|source| source.get("value").is_some())
            };
            let own = scene.get("replacements").is_some_and(has_value);
            let place = scene.place.as_ref()?;
            let fits = scene.field().starts_with("transformers")
                || scene.field().starts_with("replacements");
            let in_file = || {
                let documents = scene.documents(&place.file);
                documents
                    .iter()
                    .any(|d| has_value(d) || d.get("replacements").is_some_and(has_value))
            };
            if !fits || !(own || in_file()) {
                return None;
            }
            let line = scene.find_line(|line| line.contains("source:"));
            Some(
                Finding::new("a source has no `value`: write `sourceValue: ...` in its place, beside `targets`").at(line),
            )
        },
    },
    Mistake {
        hint: Hint {
            id: "selector-syntax",
            looks_at: "A selector of labels or annotations is not written as one.",
            example: "target:\n  labelSelector: \"app: web\"",
            remedy: "Write `key=value`, `key!=value`, `key in (a, b)` or `key`, with commas between.",
        },
        find: |scene| {
            if !scene.says("unable to parse requirement") {
                return None;
            }
            let given = scene.get_text(scene.field());
            let fixed = given.split(',').map(|part| match part.split_once(':') {
                Some((key, value)) => format!("{}={}", key.trim(), value.trim()),
                None => part.trim().to_owned(),
            });
            let fixed: Vec<String> = fixed.collect();
            Some(Finding::new(match given.contains(':') {
                true => format!("a selector has `=` between key and value: `{}`", fixed.join(",")),
                false => "a selector is `key=value`, `key!=value`, `key in (a, b)` or `key`, with commas between"
                    .to_owned(),
            }))
        },
    },
    Mistake {
        hint: Hint {
            id: "misspelled-behavior",
            looks_at: "`behavior` of a generator is no behavior.",
            example: "configMapGenerator:\n- {name: a, behavior: merg}",
            remedy: "It is `create`, `merge` or `replace`.",
        },
        find: |scene| {
            if !scene.is(ErrorKind::Generator) {
                return None;
            }
            let behavior = scene.get_text(&format!("{}.behavior", scene.field()));
            if matches!(behavior, "" | "create" | "merge" | "replace") {
                return None;
            }
            let near =
                nearest(["create", "merge", "replace"].into_iter(), behavior).unwrap_or("merge");
            Some(Finding::new(format!("`{behavior}` is no behavior: did you mean `{near}`?")))
        },
    },
    Mistake {
        hint: Hint {
            id: "several-to-merge",
            looks_at: "A generator that merges or replaces finds several objects of its name.",
            example: "secretGenerator:\n- {name: settings, behavior: replace} # in two namespaces",
            remedy: "Give the entry the `namespace` of one of them.",
        },
        find: |scene| {
            scene.says("that could accept merge").then(|| {
                Finding::new("give the entry the `namespace` of the one that is meant, and one entry for each")
            })
        },
    },
];

/// Returns `true` if something of that kind stands where another one must be.
fn is_mismatch(scene: &Scene<'_>, found: &str) -> bool {
    scene.is(ErrorKind::Kustomization)
        && between(scene.error.message(), "cannot unmarshal ", " into")
            .is_some_and(|what| what == found)
}

/// Returns `true` if an entry of `images` has such a field.
fn is_image_field(key: &str) -> bool {
    matches!(key, "name" | "newName" | "newTag" | "digest" | "tagSuffix")
}
