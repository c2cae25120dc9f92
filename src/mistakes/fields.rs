//! Fields of a kustomization whose values make no sense there.

use super::Mistake;
use super::folders::base_and_overlay;
use super::scene::Finding;
use super::shapes::is_mismatch;
use crate::diagnostics::{ErrorKind, Hint};
use crate::yaml::{Node, nearest};

pub(super) static MISTAKES: &[Mistake] = &[
    Mistake {
        hint: Hint {
            id: "file-as-patch",
            looks_at: "`patch` has the name of a file instead of a patch.",
            example: "patches:\n- patch: replicas.yaml",
            remedy: "`patch` is the patch itself; a file is named by `path`.",
        },
        find: |scene| {
            let is_patch = scene.field().starts_with("patches")
                && (scene.says("unable to parse SM or JSON patch")
                    || scene.says("jsonpatch.Patch"));
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
            if !scene.says("that could accept merge") {
                return None;
            }
            Some(Finding::new(match base_and_overlay(scene) {
                Some((base, overlay)) => format!(
                    "`{overlay}` is an overlay of `{base}`, so that both make the same objects: remove one of the two \
                     from `resources`"
                ),
                None => {
                    "give the entry the `namespace` of the one that is meant, and one entry for each".to_owned()
                }
            }))
        },
    },
];
