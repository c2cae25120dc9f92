//! JSON patches that do not fit the object.

use super::Mistake;
use super::scene::{Finding, Scene, between};
use crate::diagnostics::{ErrorKind, Hint};
use crate::yaml::{self, Node, Pos, nearest};

pub(super) static MISTAKES: &[Mistake] = &[
    Mistake {
        hint: Hint {
            id: "one-operation",
            looks_at: "A JSON patch is one operation instead of a list.",
            example: "patch: |-\n  op: replace\n  path: /spec/replicas\n  value: 2",
            remedy: "Put `- ` before `op`.",
        },
        find: |scene| {
            let text = patch_text(scene, scene.field())?;
            let starts = text.trim_start();
            let is_operation = starts.starts_with("op:")
                || starts.starts_with("{\"op\"")
                || starts.starts_with("path:");
            (scene.is(ErrorKind::Patch) || scene.is(ErrorKind::Resource)).then_some(())?;
            is_operation.then(|| {
                Finding::new("a JSON patch is a list of operations: put a dash before the first key, as in `- op: replace`")
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "list-without-operations",
            looks_at: "A patch is a list whose elements are no operations of a JSON patch.",
            example: "patches:\n- path: patch.yaml # - minReplicas: 3",
            remedy: "A strategic merge patch is an object with `apiVersion`, `kind` and `metadata.name`; an operation of a JSON patch has `op` and `path`.",
        },
        find: |scene| {
            if !scene.says("must specify a target for JSON patch") {
                return None;
            }
            let part = |key: &str| scene.get_text(&format!("{}.{key}", scene.field())).to_owned();
            let file = crate::load::join(scene.folder()?, &part("path"));
            let text = match part("path").is_empty() {
                true => part("patch"),
                false => scene.files.text(&file)?.to_string(),
            };
            let list = yaml::read_stream(text.as_bytes(), Pos::NONE, &scene.files.limits()).ok()?;
            let is_one = list.first()?.as_seq()?.iter().all(|item| item.get("op").is_none());
            is_one.then(|| {
                Finding::new(
                    "these are no operations of a JSON patch, which have `op` and `path`; a strategic merge patch is an \
                     object with `apiVersion`, `kind` and `metadata.name`, and no list",
                )
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "pointer-without-slash",
            looks_at: "The path of an operation does not start with a slash.",
            example: "- op: remove\n  path: metadata/annotations/a",
            remedy: "Start the path with `/`.",
        },
        find: |scene| {
            let path = failing_path(scene).filter(|_| !scene.says("error in "))?;
            let path = path.trim_start_matches(['$', '#']).trim_start_matches('.');
            let dots = path.contains('.') && !path.contains('/');
            (!path.starts_with('/') && !path.is_empty()).then(|| {
                let path = if dots { path.replace('.', "/") } else { path.to_owned() };
                Finding::new(format!(
                    "a path starts with `/` and has one between its parts: `/{path}`"
                ))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "from-not-there",
            looks_at: "An operation `move` or `copy` takes its value from a field that the object does not have.",
            example: "- {op: move, from: /spec/paused, path: /spec/suspend}",
            remedy: "Correct `from`, or leave the operation out.",
        },
        find: |scene| {
            let says = scene.says("error in move") || scene.says("error in copy");
            (says && scene.is(ErrorKind::Patch)).then(|| {
                Finding::new(
                    "`from` names a field that the object does not have: correct it, or leave the operation out",
                )
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "pointer-with-backslash",
            looks_at: "A slash in a key is escaped with a backslash.",
            example: "path: /metadata/annotations/example.com\\/team",
            remedy: "Write `~1` for a slash in a key: `example.com~1team`.",
        },
        find: |scene| {
            let path = failing_path(scene)?;
            path.contains('\\').then(|| {
                let fixed = path.replace("\\\\/", "~1").replace("\\/", "~1").replace('\\', "");
                Finding::new(format!("the backslash is a part of the key here; a slash in a key is written `~1`: `{fixed}`"))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "removed-before",
            looks_at: "A JSON patch removes or changes what a patch before it has removed.",
            example: "patches:\n- patch: '... spec: {paused: null}'\n- patch: '[{\"op\": \"remove\", \"path\": \"/spec/paused\"}]'",
            remedy: "Remove one of the two patches.",
        },
        find: |scene| {
            let path = failing_path(scene)?;
            let tokens = tokens(path);
            let index: usize = between(scene.field(), "patches[", "]")?.parse().ok()?;
            let culprit = (0..index).find(|i| {
                let field = format!("patches[{i}]");
                patch_text(scene, &field).is_some_and(|text| removes(&text, &tokens, scene))
            })?;
            Some(Finding::new(format!(
                "`patches[{culprit}]` removes it before this patch runs: keep one of the two"
            )))
        },
    },
    Mistake {
        hint: Hint {
            id: "index-past-the-end",
            looks_at: "A path names an element that the list does not have.",
            example: "path: /spec/containers/2/image # there are two",
            remedy: "Elements count from 0; `-` appends one.",
        },
        find: |scene| {
            let (object, path) = (object(scene)?, failing_path(scene)?);
            let mut node = &object;
            let mut way = String::new();
            for token in tokens(path) {
                match node {
                    Node::Seq { items, .. } => {
                        let index = token.parse::<usize>();
                        match index.ok().and_then(|i| items.get(i)) {
                            Some(item) => node = item,
                            None => {
                                let by = token.trim_start_matches('[').trim_end_matches(']');
                                let (key, value) = by.split_once('=').unwrap_or(("name", by));
                                let named = items.iter().position(|item| {
                                    item.get(key).and_then(Node::text) == Some(value)
                                });
                                if let Some(i) = named {
                                    return Some(Finding::new(format!(
                                        "a path names elements by number: `{token}` is `{way}/{i}` here; a strategic \
                                         merge patch finds it by name"
                                    )));
                                }
                                if token == "*" {
                                    return Some(Finding::new(format!(
                                        "a path has no wildcards: write an operation for each element, `{way}/0` and \
                                         so on, or use a replacement, whose field paths take `*`"
                                    )));
                                }
                                let count = items.len();
                                let last = count.saturating_sub(1);
                                return Some(Finding::new(format!(
                                    "the list at `{way}` has {count} element{}, 0 to {last}: there is no `{token}` \
                                     (`-` appends one)",
                                    if count == 1 { "" } else { "s" }
                                )));
                            }
                        }
                    }
                    _ => node = node.get(&token)?,
                }
                way.push('/');
                way.push_str(&token);
            }
            None
        },
    },
    Mistake {
        hint: Hint {
            id: "pointer-misspelled",
            looks_at: "A part of a path is not in the object.",
            example: "path: /spec/replica",
            remedy: "Use the name that is there, or add what is missing first with `op: add`.",
        },
        find: |scene| {
            let (object, path) = (object(scene)?, failing_path(scene)?);
            let mut node = &object;
            let mut way = String::new();
            for (i, token) in tokens(path).into_iter().enumerate() {
                let next = match node {
                    Node::Map { map, .. } => map.get(&token),
                    Node::Seq { items, .. } => items.get(token.parse::<usize>().ok()?),
                    Node::Scalar { .. } => None,
                };
                let Some(next) = next else {
                    let keys =
                        node.as_map().into_iter().flatten().filter_map(|entry| entry.key.text());
                    let keys: Vec<&str> = keys.collect();
                    if token.is_empty() && path.ends_with('/') {
                        return Some(Finding::new(format!(
                            "leave the slash at the end out: `{way}`"
                        )));
                    }
                    if token.contains('[') && token.ends_with(']') {
                        let fixed = path.replace('[', "/").replace(']', "");
                        return Some(Finding::new(format!(
                            "the number of an element is a part of its own: `{fixed}`"
                        )));
                    }
                    let slash =
                        keys.iter().find(|key| key.contains('/') && key.starts_with(&token));
                    return Some(Finding::new(
                        match (nearest(keys.iter().copied(), &token), slash) {
                            (_, Some(key)) => {
                                let key = key.replace('~', "~0").replace('/', "~1");
                                format!("a slash in a key is written `~1`: `{way}/{key}`")
                            }
                            _ if is_map_of_names(&way)
                                && path.len() > way.len() + token.len() + 1 =>
                            {
                                let key = path
                                    .get(way.len() + 1..)
                                    .unwrap_or_default()
                                    .replace('/', "~1");
                                format!("a slash in a key is written `~1`: `{way}/{key}`")
                            }
                            (Some(near), _) => {
                                // What follows in the path is hardly wrong as well.
                                let rest: String = path
                                    .split('/')
                                    .skip(i + 2)
                                    .flat_map(|part| ["/", part])
                                    .collect();
                                format!("did you mean `{way}/{near}{rest}`?")
                            }
                            _ => format!(
                                "the object has no `{token}` at `{}`: add it first with `op: add`, or leave the operation out",
                                if way.is_empty() { "/" } else { &way }
                            ),
                        },
                    ));
                };
                node = next;
                way.push('/');
                way.push_str(&token);
            }
            None
        },
    },
    Mistake {
        hint: Hint {
            id: "test-of-another-type",
            looks_at: "A `test` operation finds another value than it wants.",
            example: "- {op: test, path: /spec/suspend, value: \"true\"} # it is the bool true",
            remedy: "Write the value as it is in the object: text in quotes, numbers and bools without.",
        },
        find: |scene| {
            let path = between(scene.error.message(), "testing value ", " failed")?;
            let object = object(scene)?;
            let found = tokens(path).iter().try_fold(&object, |node, token| match node {
                Node::Seq { items, .. } => items.get(token.parse::<usize>().ok()?),
                node => node.get(token),
            });
            let is_secret = object.get("kind").and_then(Node::text) == Some("Secret");
            Some(Finding::new(match found {
                None => format!("the object has no `{path}`"),
                Some(node) => match yaml::to_json(node) {
                    Ok(value) if !is_secret && value.len() <= 60 => {
                        let what = match value.as_str() {
                            "true" | "false" => "the bool",
                            "null" => "the null",
                            text if text.starts_with('"') => "the text",
                            text if text.starts_with(['{', '[']) => "the collection",
                            _ => "the number",
                        };
                        format!(
                            "the object has {what} `{value}` there, and the types must be the same too"
                        )
                    }
                    _ => "the object has another value there, or one of another type".to_owned(),
                },
            }))
        },
    },
];

/// Returns the text of a patch of an entry, inline or from its file.
fn patch_text(scene: &Scene<'_>, field: &str) -> Option<String> {
    for key in ["patch", "jsonOp", "op"] {
        if let Some(text) = scene.get(&format!("{field}.{key}")).and_then(Node::text) {
            return Some(text.to_owned());
        }
    }
    let path = scene.get(&format!("{field}.path")).and_then(Node::text)?;
    scene.files.text(&crate::load::join(scene.folder()?, path))
}

/// Returns the path of the operation that failed.
fn failing_path<'s>(scene: &'s Scene<'_>) -> Option<&'s str> {
    if !scene.is(ErrorKind::Patch) {
        return None;
    }
    let message = scene.error.message();
    for start in ["missing path: \"", "for path: '", "missing path: ", "missing key: "] {
        if let Some((_, rest)) = message.split_once(start) {
            let end = rest.find(['"', '\'']).or_else(|| rest.find(": "))?;
            let end = rest.find(": ").map_or(end, |other| end.min(other));
            return rest.get(..end);
        }
    }
    None
}

fn tokens(path: &str) -> Vec<String> {
    let parts = path.split_once('/').map(|(_, rest)| rest).unwrap_or_default().split('/');
    parts.map(|part| part.replace("~1", "/").replace("~0", "~")).collect()
}

/// Returns the object that a patch was applied to, as its file has it.
fn object(scene: &Scene<'_>) -> Option<Node> {
    object_at(scene, "applied to")
}

/// Returns the object at a place that plays a part in the error, as its file has it.
pub(super) fn object_at(scene: &Scene<'_>, part: &str) -> Option<Node> {
    let place = scene.error.related_position(part).and_then(|pos| scene.files.locate(pos))?;
    let text = scene.files.text(&place.file)?;
    let documents = yaml::read_stream(text.as_bytes(), Pos(1), &scene.files.limits()).ok()?;
    let start: usize = text.split_inclusive('\n').take(place.line as usize - 1).map(str::len).sum();
    let before = |node: &&Node| node.pos().since(Pos(1)) <= start + place.column as usize;
    let object = documents.iter().rev().find(before).or_else(|| documents.first())?;
    // What a generator makes has its place in the kustomization.
    object.get_path(&["metadata", "name"]).and(object.get("kind"))?;
    Some(object.clone())
}

/// Returns `true` if a patch removes the field that these parts lead to.
fn removes(text: &str, tokens: &[String], scene: &Scene<'_>) -> bool {
    let documents =
        yaml::read_stream(text.as_bytes(), Pos::NONE, &scene.files.limits()).unwrap_or_default();
    documents.iter().any(|document| match document {
        Node::Seq { items, .. } => items.iter().any(|operation| {
            let text = |key: &str| operation.get(key).and_then(Node::text).unwrap_or_default();
            matches!(text("op"), "remove" | "move")
                && [text("path"), text("from")].iter().any(|path| {
                    let removed = self::tokens(path);
                    !removed.is_empty() && tokens.starts_with(&removed)
                })
        }),
        _ => {
            let mut node = document;
            for token in tokens {
                match node.get(token) {
                    Some(next) if next.is_null() => return true,
                    Some(next) => node = next,
                    None => return false,
                }
                if node.get("$patch").and_then(Node::text) == Some("delete") {
                    return true;
                }
            }
            false
        }
    })
}

/// Returns `true` if a path leads to annotations or labels, in which nothing has parts.
fn is_map_of_names(way: &str) -> bool {
    ["annotations", "labels", "matchLabels", "nodeSelector"].iter().any(|end| way.ends_with(end))
}
