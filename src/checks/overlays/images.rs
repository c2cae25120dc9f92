//! Entries of `images` that change nothing.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::yaml::{Node, Pos, nearest};

/// Warns about entries, given with their number, whose images no container has.
pub(crate) fn unused<'e>(
    lint: &Lint,
    entries: impl Iterator<Item = (usize, &'e str)>,
    set: &ResourceSet,
) {
    let mut there: Option<Images> = None;
    for (i, name) in entries {
        let there = there.get_or_insert_with(|| Images::of(set));
        let gone = lint.removed(None, |removed| without_tag(&removed.image) == name);
        let gone = gone.filter(|_| !there.names.contains_key(name));
        if let Some(gone) = gone {
            let text = format!(
                "no container has the image `{name}` any more: a patch removes the container `{}`, which has it",
                gone.name
            );
            lint.add(
                Warning::new(WarningKind::UnusedImage, text, Pos::NONE)
                    .in_field(format!("[{i}]"))
                    .related("the patch is at", gone.at)
                    .hint("remove this entry: in this kustomization it has nothing to do"),
            );
            continue;
        }
        let text = format!("no container has the image `{name}`");
        lint.add(
            Warning::new(WarningKind::UnusedImage, text, Pos::NONE)
                .in_field(format!("[{i}]"))
                .hint(hint(name, there)),
        );
    }
}

fn hint(name: &str, there: &Images<'_>) -> String {
    let names = || there.names.keys().copied();
    if let Some(resource) = there.names.get(name) {
        return format!(
            "{} {} has it in a field where `images` does not look: name the field under `images` in a file of \
             `configurations`, as in `- {{path: spec/image, kind: {}}}`",
            resource.kind(),
            resource.name(),
            resource.kind()
        );
    }
    if there.names.contains_key(without_tag(name)) {
        return format!("write the name without the tag: `{}`", without_tag(name));
    }
    match there.by_last.get(last(name)).copied().or_else(|| nearest(names(), name)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if there.names.is_empty() => {
            "no resource of this layer or its bases has an image".to_owned()
        }
        None => {
            let some: Vec<String> = names().take(3).map(|image| format!("`{image}`")).collect();
            format!(
                "the name must be that in the resources at this layer, with the registry and without the tag; \
                 there is {}",
                some.join(", ")
            )
        }
    }
}

/// The images of some resources.
struct Images<'r> {
    /// Their names without tags, and a resource that has each.
    names: BTreeMap<&'r str, &'r Resource>,
    /// The first name that ends in each last part.
    by_last: FxHashMap<&'r str, &'r str>,
}

impl<'r> Images<'r> {
    fn of(set: &'r ResourceSet) -> Images<'r> {
        let mut names = BTreeMap::new();
        for resource in set.iter() {
            let mut left = vec![&resource.node];
            while let Some(node) = left.pop() {
                match node {
                    Node::Scalar { .. } => {}
                    Node::Seq { items, .. } => left.extend(items),
                    Node::Map { map, .. } => {
                        if let Some(image) = map.get("image").and_then(Node::text) {
                            names.entry(without_tag(image)).or_insert(resource);
                        }
                        left.extend(map.iter().map(|entry| &entry.value));
                    }
                }
            }
        }
        let by_last = names.keys().rev().map(|name| (last(name), *name)).collect();
        Images { names, by_last }
    }
}

/// Returns what stands behind the last slash of a name.
fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

/// Returns the name of an image.
pub(in crate::checks) fn without_tag(image: &str) -> &str {
    let start = image.rfind('/').unwrap_or(0);
    let end = image.get(start..).and_then(|last| last.find([':', '@'])).map(|i| start + i);
    end.and_then(|end| image.get(..end)).unwrap_or(image)
}
