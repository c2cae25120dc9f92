//! Operations of JSON patches that fail, by their messages. What knows better stands in `json_patches`.

use super::Mistake;
use super::scene::{Finding, Scene};
use crate::diagnostics::{ErrorKind, Hint};
use crate::yaml::nearest;

pub(super) static MISTAKES: &[Mistake] = &[
    Mistake {
        hint: Hint {
            id: "remove-of-nothing",
            looks_at: "A JSON patch removes a field that the object does not have.",
            example: "- {op: remove, path: /metadata/annotations/example.com/team}",
            remedy: "Leave the operation out, or correct its path; a `/` inside of a key is written `~1`.",
        },
        find: |scene| {
            says(scene, "Unable to remove nonexistent key")?;
            Some(Finding::new(
                "the resource has no such field; a `/` inside of a key is written `~1`",
            ))
        },
    },
    Mistake {
        hint: Hint {
            id: "path-not-there",
            looks_at: "A JSON patch writes below something that the object does not have.",
            example: "- {op: add, path: /spec/template/metadata/labels/a, value: b}",
            remedy: "Add what is above it first, or correct the path.",
        },
        find: |scene| {
            says(scene, "operation does not apply")?;
            Some(Finding::new(
                "everything on the path but its last part must be there: add that first; a `/` inside of a key is written `~1`",
            ))
        },
    },
    Mistake {
        hint: Hint {
            id: "test-failed",
            looks_at: "A `test` operation finds another value.",
            example: "- {op: test, path: /spec/replicas, value: 3}",
            remedy: "Write the value that is there, or leave the test out.",
        },
        find: |scene| {
            says(scene, "test failed")?;
            Some(Finding::new("the resource has another value there"))
        },
    },
    Mistake {
        hint: Hint {
            id: "unknown-operation",
            looks_at: "`op` of an operation is no operation.",
            example: "- {op: set, path: /spec/replicas, value: 3}",
            remedy: "It is one of add, remove, replace, move, copy and test.",
        },
        find: |scene| {
            says(scene, "Unexpected kind")?;
            let known = ["add", "remove", "replace", "move", "copy", "test"];
            let (_, given) =
                scene.error.message().split_once("Unexpected kind: ").unwrap_or_default();
            let near = match given.to_ascii_lowercase().as_str() {
                "delete" => Some("remove"),
                "set" | "update" | "patch" | "merge" => Some("replace"),
                "append" | "insert" | "create" => Some("add"),
                other => known
                    .into_iter()
                    .find(|op| *op == other)
                    .or_else(|| nearest(known.into_iter(), other)),
            };
            Some(Finding::new(match near {
                Some(near) => format!("did you mean `{near}`? `op` is one of {}", known.join(", ")),
                None => format!("`op` is one of {}", known.join(", ")),
            }))
        },
    },
    Mistake {
        hint: Hint {
            id: "operation-without-path",
            looks_at: "An operation has no `path`.",
            example: "- {op: remove}",
            remedy: "Give it a `path` such as /spec/replicas.",
        },
        find: |scene| {
            says(scene, "failed to decode path")?;
            Some(Finding::new("give the operation a `path` such as /spec/replicas"))
        },
    },
    Mistake {
        hint: Hint {
            id: "operation-without-from",
            looks_at: "An operation `move` or `copy` has no `from`.",
            example: "- {op: copy, path: /spec/replicas}",
            remedy: "Give it a `from` such as /spec/replicas.",
        },
        find: |scene| {
            says(scene, "failed to decode from")?;
            Some(Finding::new("give the operation a `from` such as /spec/replicas"))
        },
    },
];

/// Returns `Some(())` if the message has these words and the error has no better hint yet.
fn says(scene: &Scene<'_>, words: &str) -> Option<()> {
    let fits = scene.is(ErrorKind::Patch) && scene.error.hint_text().is_none();
    (fits && scene.says(words)).then_some(())
}
