//! Steps that do not find their target, or cannot write to it.

use super::Mistake;
use super::json_patches::object_at;
use super::scene::{Finding, between, find_line};
use crate::diagnostics::{Hint, Location};
use crate::resource::near_path;
use crate::yaml::Node;

pub(super) static MISTAKES: &[Mistake] = &[
    Mistake {
        hint: Hint {
            id: "name-with-affix",
            looks_at: "A patch names the resource with the prefix or suffix that this layer adds.",
            example: "nameSuffix: -dev\npatches:\n- path: patch.yaml # metadata.name: web-dev",
            remedy: "Write the name without the prefix and suffix of this layer: they are added later.",
        },
        find: |scene| {
            if !scene.says("no matches for Id") && !scene.says("failed to find unique target") {
                return None;
            }
            let name = between(scene.error.message(), "no matches for Id ", ";")?;
            let name = name.split_once('/')?.1.rsplit_once('.')?.0;
            let (prefix, suffix) = (scene.get_text("namePrefix"), scene.get_text("nameSuffix"));
            let bare = name.strip_prefix(prefix).unwrap_or(name);
            let bare = bare.strip_suffix(suffix).unwrap_or(bare);
            (bare != name && !bare.is_empty()).then(|| {
                Finding::new(format!(
                    "did you mean `{bare}`? A patch has the name before this layer adds its prefix and suffix"
                ))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "image-is-a-mapping",
            looks_at: "`images` meets a field `image` that is a mapping, in an object of a custom kind.",
            example: "containers:\n- image: {name: web, tag: '1'}",
            remedy: "Set the field with a patch or replacement; `images` changes texts, and looks into every list named containers.",
        },
        find: |scene| {
            let is_image = scene.field().starts_with("images")
                && scene.says("but got MappingNode")
                && !scene.line().contains("{{");
            is_image.then(|| {
                Finding::new(
                    "`image` is no text here, and `images` looks into every list named `containers`: keep this \
                     object in a kustomization without `images`, and set the field with a patch",
                )
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "field-spec-of-another-kind",
            looks_at: "A field spec leads to a list or text where a mapping is wanted, or the other way round.",
            example: "fieldSpecs:\n- {path: spec/notes, create: true} # a list",
            remedy: "Correct the path of the field spec, or limit it to the kinds that have such a field.",
        },
        find: |scene| {
            if !scene.says("wrong node kind") {
                return None;
            }
            let path = between(scene.error.message(), "considering field '", "' of object")?;
            let folder = scene.folder()?;
            let lists = ["transformers", "generators", "configurations", "crds"];
            let entries = lists.iter().filter_map(|list| scene.get(list)?.as_seq()).flatten();
            let place = entries.filter_map(Node::text).find_map(|entry| {
                let text = scene.files.text(&folder.join(entry))?;
                let (file, _) = scene.files.resolve(&folder.join(entry)).ok()?;
                find_line(&file, &text, |line| line.contains(path))
            });
            let own = || {
                let file = scene.kustomization.as_ref()?;
                find_line(file, &scene.files.text(file)?, |line| line.contains(path))
            };
            let place: Location = place.or_else(own)?;
            let shown = place.file.file_name()?.to_string_lossy().into_owned();
            let line = place.line;
            Some(Finding {
                also: Some(("the field spec is at", place)),
                ..Finding::new(format!(
                    "correct the path `{path}` of the field spec in {shown}, line {line}, or limit it by `kind` to \
                     objects that have such a field"
                ))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "text-in-list",
            looks_at: "A list of mappings has a text as an element.",
            example: "imagePullSecrets: [registry]",
            remedy: "An element is a mapping: `- name: registry`.",
        },
        find: |scene| {
            if !scene.says("expected sequence or mapping node") {
                return None;
            }
            let (_, rest) = scene.error.message().rsplit_once("visit traversal on path: [")?;
            let (parts, _) = rest.split_once(']')?;
            let column = scene.place.as_ref()?.column as usize;
            let text: String = scene.line().chars().skip(column.saturating_sub(1)).collect();
            let text =
                text.split([',', ']', '}', '#', ' ']).next().filter(|text| !text.is_empty())?;
            let mut parts = parts.split(' ').rev();
            let last = format!("{}: {text}", parts.next()?);
            let element = parts.fold(last, |inner, part| format!("{part}: {{{inner}}}"));
            Some(Finding::new(format!("a mapping stands here, no text: `{element}`")))
        },
    },
    Mistake {
        hint: Hint {
            id: "path-into-plain-text",
            looks_at: "A field path of a replacement goes into a text that is no YAML or JSON.",
            example: "fieldPaths: [data.app\\.properties.server.url]",
            remedy: "End the path at the text, and use `options: {delimiter, index}` to replace a part of it.",
        },
        find: |scene| {
            let is_path = scene.says("replacement target") && scene.says("got ScalarNode");
            is_path.then(|| {
                let path = between(scene.error.message(), "field \"", "\" in replacement").unwrap_or_default();
                let path = path.replace("\\\\", "\\");
                Finding::new(format!(
                    "`{path}` goes into a value of the ConfigMap or other object that is plain text, no YAML or \
                     JSON: end the path at it, and use `options` with `delimiter` and `index` for a part of it"
                ))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "replacement-target-field",
            looks_at: "An object that a replacement selects has no such field.",
            example: "targets:\n- select: {kind: ServiceAccount}\n  fieldPaths: [metadata.annotations.role]",
            remedy: "Narrow `select` by name or `reject` the object, or add `options: {create: true}`.",
        },
        find: |scene| {
            if !scene.says("unable to find field") || !scene.says("replacement target") {
                return None;
            }
            let path = between(scene.error.message(), "field \"", "\" in replacement")?
                .replace("\\\\", "\\");
            let place = scene.find_line(|line| line.contains(&path));
            let object = object_at(scene, "in the resource at");
            if let Some(fix) = fixed_field_path(&path, object.as_ref()) {
                return Some(Finding::new(fix).at(place));
            }
            let elements = path.matches('[').count();
            let create = if elements == 0 || path.contains("env.[") { CREATE } else { "" };
            Some(
                Finding::new(format!(
                    "one of the objects selected has no `{path}`: correct the path, or leave the object out with \
                     a narrower `select` or with `reject`{create}"
                ))
                .at(place),
            )
        },
    },
    Mistake {
        hint: Hint {
            id: "key-in-brackets",
            looks_at: "A part of a field path of a replacement is a key in brackets that has no dots.",
            example: "fieldPaths: ['metadata.annotations.[owner]']",
            remedy: "Write the key alone, as in `metadata.annotations.owner`; brackets are for an element of a list, `[name=web]`, and for a key with dots, `[example.com/owner]`.",
        },
        find: |scene| {
            if !scene.says("list path element must contain fieldName=fieldValue") {
                return None;
            }
            let path = between(scene.error.message(), "field \"", "\" in replacement")
                .map(|path| path.replace("\\\\", "\\"));
            let mut place = None;
            let hint = match &path {
                Some(path) => {
                    place = scene.find_line(|line| line.contains(path.as_str()));
                    let line = place
                        .as_ref()
                        .and_then(|place| scene.text.lines().nth(place.line as usize - 1));
                    if let (Some(place), Some((before, _))) =
                        (&mut place, line.and_then(|line| line.split_once(path.as_str())))
                    {
                        place.column = before.chars().count() as u32 + 1;
                    }
                    format!("write `{}`", without_brackets(path))
                }
                None => "write the key alone".to_owned(),
            };
            Some(
                Finding::new(format!(
                    "{hint}: brackets are for an element of a list, as in `[name=web]`, or for a key with dots, as in \
                     `[example.com/owner]`"
                ))
                .at(place),
            )
        },
    },
    Mistake {
        hint: Hint {
            id: "text-into-number",
            looks_at: "A replacement writes a text into a field that is a number or bool.",
            example: "targets:\n- select: {kind: Deployment}\n  fieldPaths: [spec.replicas] # from \"8080-on\"",
            remedy: "Choose a source that is such a value, or another target.",
        },
        find: |scene| {
            if !scene.says("cannot decode !!str") {
                return None;
            }
            let kind = scene.error.message().split(' ').next().unwrap_or_default();
            let (file, field) = scene.kustomizations().into_iter().find_map(|file| {
                let root = scene.documents(&file).into_iter().next()?;
                let writes = |replacement: &Node| {
                    let targets = replacement.get("targets").and_then(Node::as_seq);
                    let kinds = targets
                        .into_iter()
                        .flatten()
                        .filter_map(|t| t.get_path(&["select", "kind"]));
                    kinds.filter_map(Node::text).any(|other| other == kind)
                };
                let i = root.get("replacements")?.as_seq()?.iter().position(writes)?;
                Some((file, format!("replacements[{i}]")))
            })?;
            let text = scene.files.text(&file)?;
            let place = find_line(&file, &text, |line| line.starts_with("replacements"))?;
            Some(Finding {
                also: Some(("replacements are at", place)),
                ..Finding::new(format!(
                    "`{field}` has put a text where the object has a number or bool: copy a value of the same type, \
                     or take a part of it with `options` (`delimiter`, `index`)"
                ))
            })
        },
    },
];

/// Returns the right notation of a field path with slashes or brackets, or the field that the object has instead.
fn fixed_field_path(path: &str, object: Option<&Node>) -> Option<String> {
    let is_index = |part: &str| part.bytes().all(|b| b.is_ascii_digit()) && !part.is_empty();
    let mut parts: Vec<String> = Vec::new();
    let dotted = path.trim_start_matches('/').replace('/', ".");
    for part in dotted.split('.') {
        match part.split_once('[').and_then(|(key, rest)| Some((key, rest.strip_suffix(']')?))) {
            Some((key, index)) if is_index(index) => {
                parts.extend(
                    [key, index]
                        .iter()
                        .filter(|part| !part.is_empty())
                        .map(|part| (*part).to_owned()),
                );
            }
            Some((key, by)) if !key.is_empty() => parts.extend([key.to_owned(), format!("[{by}]")]),
            _ => parts.push(part.to_owned()),
        }
    }
    let fixed = parts.join(".");
    let is_pointer = path.contains('/') && !path.contains(['.', '[']);
    if (is_pointer || !path.contains('/')) && fixed != path {
        return Some(format!(
            "a field path has dots between its parts, and an index or `[name=...]` is a part: `{fixed}`"
        ));
    }
    let near = near_path(object?, path)?;
    Some(match near.starts_with("did you mean") {
        true => near,
        false => {
            let create = if may_create(&missing(&near).unwrap_or_default()) { CREATE } else { "" };
            format!(
                "{near}: name what is there, or leave the object out with a narrower `select` or with \
                 `reject`{create}"
            )
        }
    })
}

/// Returns a field path without the brackets around keys that need none.
fn without_brackets(path: &str) -> String {
    let parts = path.split('.').map(|part| {
        let inner = part.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        inner.filter(|inner| !inner.contains('=')).unwrap_or(part)
    });
    parts.collect::<Vec<_>>().join(".")
}

/// The remedy where a new field makes sense.
const CREATE: &str = "; `options: {create: true}` makes what is missing";

/// Returns the path of the part that is missing, of a text such as "`spec.ports` has no `[name=http]`".
fn missing(near: &str) -> Option<String> {
    let (place, rest) = near.split_once(" has no `")?;
    Some(format!("{}.{}", place.trim_matches('`'), rest.split('`').next()?))
}

/// Returns `true` if a field that is missing can be made: an element of a list would have nothing but this
/// field, which is all that a variable of `env` needs.
fn may_create(path: &str) -> bool {
    let parts: Vec<&str> = path.split('.').collect();
    let is_element =
        |part: &&str| part.starts_with('[') || part.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        [.., list, part] if is_element(part) => *list == "env",
        _ => true,
    }
}
