//! Entries of `images` that change nothing.

use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::ResourceSet;
use crate::yaml::{Node, Pos, nearest};

/// Remarks on entry `i`, whose image no container has.
pub(crate) fn unused(lint: &Lint, i: usize, name: &str, set: &ResourceSet) {
    let text = format!("no container has the image `{name}`");
    lint.add(
        Warning::new(WarningKind::UnusedImage, text, Pos::NONE)
            .in_field(format!("[{i}]"))
            .hint(hint(name, &images(set))),
    );
}

fn hint(name: &str, images: &[&str]) -> String {
    let last = |image: &str| image.rsplit('/').next().unwrap_or_default().to_owned();
    if images.contains(&without_tag(name)) {
        return format!("write the name without the tag: `{}`", without_tag(name));
    }
    let near = images.iter().copied().find(|image| last(image) == last(name));
    match near.or_else(|| nearest(images.iter().copied(), name)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "the name must be that in the resources, with the registry and without the tag"
            .to_owned(),
    }
}

/// Returns the names of all images, without tags.
fn images(set: &ResourceSet) -> Vec<&str> {
    let mut names = Vec::new();
    for resource in set.iter() {
        let mut left = vec![&resource.node];
        while let Some(node) = left.pop() {
            match node {
                Node::Scalar { .. } => {}
                Node::Seq { items, .. } => left.extend(items),
                Node::Map { map, .. } => {
                    if let Some(image) = map.get("image").and_then(Node::text) {
                        names.push(without_tag(image));
                    }
                    left.extend(map.iter().map(|entry| &entry.value));
                }
            }
        }
    }
    names
}

fn without_tag(image: &str) -> &str {
    let start = image.rfind('/').unwrap_or(0);
    let end = image.get(start..).and_then(|last| last.find([':', '@'])).map(|i| start + i);
    end.and_then(|end| image.get(..end)).unwrap_or(image)
}
