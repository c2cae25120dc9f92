//! What a patch sets and a later step of the same kustomization sets again.

use std::cell::OnceCell;

use rustc_hash::FxHashSet;

use crate::checks::overlays::images::without_tag;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::json_patch::JsonPatch;
use crate::yaml::{Node, Pos};

/// The fields that `replicas` and `images` set.
fn may_be_set(field: &str) -> bool {
    matches!(field, "replicas" | "image")
}

/// Notes what a strategic merge patch sets; what only repeats an image of the object `before` sets nothing.
pub(in crate::checks) fn note(lint: &Lint, patch: &Node, before: &Node) {
    let images = Images::of(before);
    let mut left = vec![patch];
    while let Some(node) = left.pop() {
        match node {
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => left.extend(items),
            Node::Map { map, .. } => {
                for entry in map {
                    match &entry.value {
                        Node::Scalar { pos, text, .. }
                            if entry.key.text().is_some_and(may_be_set) =>
                        {
                            let is_image = entry.key.text() == Some("image");
                            if !is_image || !images.has(text) {
                                lint.note_patched(*pos);
                            }
                        }
                        value => left.push(value),
                    }
                }
            }
        }
    }
}

/// The images of an object, with their tags, which are looked for once somebody asks.
struct Images<'n> {
    object: &'n Node,
    known: OnceCell<FxHashSet<&'n str>>,
}

impl<'n> Images<'n> {
    fn of(object: &'n Node) -> Images<'n> {
        Images { object, known: OnceCell::new() }
    }

    fn has(&self, image: &str) -> bool {
        self.known.get_or_init(|| self.find()).contains(image)
    }

    fn find(&self) -> FxHashSet<&'n str> {
        let (mut found, mut left) = (FxHashSet::default(), vec![self.object]);
        while let Some(node) = left.pop() {
            match node {
                Node::Scalar { .. } => {}
                Node::Seq { items, .. } => left.extend(items),
                Node::Map { map, .. } => {
                    found.extend(map.get("image").and_then(Node::text));
                    left.extend(map.iter().map(|entry| &entry.value));
                }
            }
        }
        found
    }
}

/// Notes what a JSON patch sets.
pub(in crate::checks) fn note_operations(lint: &Lint, patch: &JsonPatch, before: &Node) {
    let images = Images::of(before);
    for (i, operation) in patch.operations().enumerate() {
        let Some(field) = operation.tokens.last().filter(|_| operation.op != "test") else {
            continue;
        };
        let value = patch.written_value(i).filter(|value| value.text().is_some());
        let is_image =
            |value: &&Node| field == "image" && value.text().is_some_and(|text| images.has(text));
        if let Some(value) = value.filter(|_| may_be_set(field)).filter(|value| !is_image(value)) {
            lint.note_patched(value.pos());
        }
    }
}

/// Warns about a number of replicas that entry `i` of `replicas` sets again.
pub(crate) fn replicas(lint: &Lint, i: usize, old: &Node, new: &str) {
    let given = old.text().unwrap_or_default();
    if given == new || !lint.is_patched(old.pos()) {
        return;
    }
    let text = format!(
        "a patch sets `replicas: {given}`, and `replicas` of the same kustomization makes `{new}` of it, for it comes \
         after all patches"
    );
    remark(lint, text, old.pos(), i, "replicas");
}

/// Warns about an image whose tag or digest entry `i` of `images` takes away.
pub(crate) fn image(lint: &Lint, i: usize, old: &str, pos: Pos, new: &str) {
    if old == new || without_tag(old) == old || is_placeholder(old) || !lint.is_patched(pos) {
        return;
    }
    let text = format!(
        "a patch sets the image `{old}`, and `images` of the same kustomization makes `{new}` of it, for it comes after \
         all patches"
    );
    remark(lint, text, pos, i, "images");
}

/// Returns `true` for a tag that says nothing, and is there to be replaced.
fn is_placeholder(image: &str) -> bool {
    let (_, tag) = image.rsplit_once(':').unwrap_or_default();
    matches!(tag, "latest" | "dev" | "main" | "master" | "placeholder" | "tag" | "TAG" | "replaced")
}

fn remark(lint: &Lint, text: String, pos: Pos, i: usize, field: &str) {
    lint.add(
        Warning::new(WarningKind::OverwrittenValue, text, pos)
            .in_field(format!("[{i}]"))
            .hint(format!("change it in `{field}`, or remove the entry there")),
    );
}
