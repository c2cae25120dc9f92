//! Documents that are not Kubernetes objects.

use super::Mistake;
use super::scene::{Finding, Scene};
use crate::diagnostics::{ErrorKind, Hint};

pub(super) static MISTAKES: &[Mistake] = &[
    Mistake {
        hint: Hint {
            id: "no-object",
            looks_at: "A file under `resources` has a document that is no Kubernetes object.",
            example: "replicaCount: 2 # values.yaml",
            remedy: "List objects only; values fit into a configMapGenerator, patches under `patches`.",
        },
        find: |scene| {
            says(scene, "missing Resource metadata")?;
            Some(Finding::new(
                "only Kubernetes objects are listed under `resources`; values belong in a configMapGenerator, \
                 patches into `patches`",
            ))
        },
    },
    Mistake {
        hint: Hint {
            id: "no-kind",
            looks_at: "A document has no `kind`.",
            example: "apiVersion: v1\nmetadata: {name: web}",
            remedy: "Give the document a `kind`.",
        },
        find: |scene| {
            says(scene, "missing kind")?;
            Some(Finding::new("give the document a `kind`"))
        },
    },
    Mistake {
        hint: Hint {
            id: "no-name",
            looks_at: "A document has no `metadata.name`.",
            example: "apiVersion: v1\nkind: Service\nname: web",
            remedy: "Give the document a `metadata.name`.",
        },
        find: |scene| {
            says(scene, "missing metadata.name")?;
            let at_top = scene.text.lines().any(|line| line.starts_with("name:"));
            let empty = |line: &str| {
                let code = line.split(" #").next().unwrap_or_default();
                line.starts_with(' ') && code.trim() == "name:"
            };
            // In a file of several documents it may be the `name:` of another one.
            let is_one = !scene.text.contains("\n---");
            if let Some(place) = scene.find_line(empty).filter(|_| is_one) {
                return Some(Finding::new("`name` is empty here: write the name").at(Some(place)));
            }
            Some(Finding::new(if at_top {
                "`name` belongs below `metadata`: indent it there"
            } else {
                "give the document a `metadata.name`"
            }))
        },
    },
];

/// Returns `Some(())` if the message has these words and the error has no better hint yet.
fn says(scene: &Scene<'_>, words: &str) -> Option<()> {
    let fits = scene.is(ErrorKind::Resource) || scene.is(ErrorKind::Patch);
    (fits && scene.error.hint_text().is_none() && scene.says(words)).then_some(())
}
