//! Values of a kustomization that have another shape than they must: a list for a mapping, a text for a list.

use super::Mistake;
use super::scene::{Finding, Scene, between};
use super::syntax::entry_without_blank;
use crate::diagnostics::{ErrorKind, Hint};
use crate::yaml::Node;

/// The start of an entry of a list.
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
            id: "option-among-pairs",
            looks_at: "A field of an entry of `labels` is indented into its `pairs`.",
            example: "labels:\n- pairs:\n    team: shop\n    includeTemplates: true",
            remedy: "Indent the field like `pairs`, beside which it stands.",
        },
        find: |scene| {
            let (list, key) = scene.field().split_once(".pairs.")?;
            let key = key.split(['.', '[']).next().unwrap_or_default();
            let is_one = matches!(key, "includeSelectors" | "includeTemplates" | "fields");
            (is_one && list.starts_with("labels[") && scene.says("cannot unmarshal")).then(|| {
                Finding::new(format!(
                    "`{key}` stands beside `pairs`, not in it: indent it like `pairs`"
                ))
            })
        },
    },
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
            if rest.contains(".fields[") {
                return Some(Finding::new(format!("an entry is a map: `- path: {text}`")));
            }
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
            let entry = map.iter().next()?;
            // `- web.yaml:` is a key without a value.
            let text = match entry.value.is_null() {
                true => entry.key.text()?,
                false => map.iter().find_map(|entry| entry.value.text())?,
            };
            Some(Finding::new(format!("an entry is a path alone: write `- {text}`")))
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
            let is_pairs = scene.says("of type map[string]string") && last != "openapi";
            if !is_text || !(scene.says("of type map[") || scene.says("of type types.")) {
                return None;
            }
            let pair = text.split_once('=').or_else(|| text.split_once(": "));
            let pair = pair.filter(|(_, value)| !value.contains(['=', '\n']));
            let inner = match last {
                _ if scene.line().trim_end().ends_with(['|', '>', '-']) && text.contains('\n') => {
                    return Some(Finding::new(format!(
                        "`{last}` is a mapping, and `|` makes a text of the lines below: leave it out"
                    )));
                }
                _ if is_pairs => match pair {
                    Some((key, value)) => format!("{}: {}", key.trim(), value.trim()),
                    None => "app: web".to_owned(),
                },
                "sortOptions" => format!("order: {text}"),
                "openapi" => format!("path: {text}"),
                "metadata" => format!("name: {text}"),
                "generatorOptions" => format!("disableNameSuffixHash: {text}"),
                "helmGlobals" => format!("chartHome: {text}"),
                "fieldref" => format!("fieldPath: {text}"),
                _ => {
                    return Some(Finding::new(format!(
                        "`{last}` is a mapping: put its fields below it, each as `key: value`"
                    )));
                }
            };
            Some(Finding::new(format!("`{last}` is a mapping, as in `{last}: {{{inner}}}`")))
        },
    },
    Mistake {
        hint: Hint {
            id: "no-whole-number",
            looks_at: "A field that is a whole number has something else.",
            example: "replicas:\n- {name: web, count: ${REPLICAS}}",
            remedy: "Write the number alone; nothing is filled in.",
        },
        find: |scene| {
            let text = scene.get(scene.field()).and_then(Node::text)?;
            let is_other = ["string", "bool"].iter().any(|what| is_mismatch(scene, what))
                || scene.says("cannot unmarshal number");
            if !is_other || !scene.says("of type int") || text.parse::<i64>().is_ok() {
                return None;
            }
            Some(Finding::new(match text.contains(['$', '{', '<', '%']) {
                true => {
                    "a whole number is wanted, and nothing is filled in here: write it, or set the field with a \
                         patch or replacement"
                }
                false => "a whole number is wanted, such as 3",
            }))
        },
    },
    Mistake {
        hint: Hint {
            id: "nested-label",
            looks_at: "A label or annotation is written as a mapping.",
            example: "commonAnnotations:\n  example.com:\n    owner: shop",
            remedy: "Write key and value on one line: `example.com/owner: shop`.",
        },
        find: |scene| {
            let field = scene.field();
            let lists =
                ["commonLabels.", "commonAnnotations.", ".pairs.", ".labels.", ".annotations."];
            let is_label = lists.iter().any(|list| field.contains(list));
            let outer = lists.iter().find_map(|list| field.split_once(list)).map(|(_, key)| key)?;
            if !is_label || !is_mismatch(scene, "object") {
                return None;
            }
            // Keys have dots, so that the path leads to nobody knows where; the place does.
            let inner = scene.line().trim().split_once(':')?;
            let between = if outer.contains('.') { '/' } else { '.' };
            Some(Finding::new(format!(
                "a label or annotation is one line with key and text: `{outer}{between}{}: {}`",
                inner.0,
                inner.1.trim()
            )))
        },
    },
    Mistake {
        hint: Hint {
            id: "name-as-field",
            looks_at: "An entry has the name as a field, where it must be the value of `name`.",
            example: "replicas:\n- web: 3",
            remedy: "Write `- {name: web, count: 3}`.",
        },
        find: |scene| {
            let (list, rest) = scene.field().split_once('[')?;
            let entry = scene.get(scene.field())?.as_map()?;
            let pair = entry.iter().next().filter(|_| entry.len() == 1 && rest.ends_with(']'))?;
            let (name, value) = (pair.key.text()?, &pair.value);
            let unknown = between(scene.error.message(), "unknown field \"", "\"")?;
            let (_, key) = ENTRIES.iter().find(|(other, key)| *other == list && *key == "name")?;
            if unknown != name {
                return None;
            }
            let inner = match (list, value.text()) {
                ("replicas", Some(count)) => format!("{{{key}: {name}, count: {count}}}"),
                ("images", Some(tag)) => format!("{{{key}: {name}, newTag: \"{tag}\"}}"),
                (_, None) if value.as_map().is_some() => format!("{key}: {name}"),
                _ => return None,
            };
            Some(Finding::new(format!("the name is a value: write `- {inner}`")))
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
];

/// Returns `true` if a value of that kind stands where another kind is wanted.
pub(super) fn is_mismatch(scene: &Scene<'_>, found: &str) -> bool {
    scene.is(ErrorKind::Kustomization)
        && between(scene.error.message(), "cannot unmarshal ", " into")
            .is_some_and(|what| what == found)
}

/// Returns `true` if an entry of `images` has such a field.
fn is_image_field(key: &str) -> bool {
    matches!(key, "name" | "newName" | "newTag" | "digest" | "tagSuffix")
}
