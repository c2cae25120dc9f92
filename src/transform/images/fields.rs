//! Finds the fields that name images.

use crate::build_context::Context;
use crate::diagnostics::Result;
use crate::fieldspec::{Create, SpecRef, locate, wrong_kind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::{Kind, Location, Node};

/// Adds the locations of the images of all containers, at any depth.
pub(super) fn containers(
    node: &Node,
    location: &mut Location,
    found: &mut Vec<Location>,
) -> Result<()> {
    work::node();
    let has_none = |node: &Node| matches!(node, Node::Scalar { .. });
    match node {
        Node::Scalar { .. } => {}
        Node::Seq { items, .. } => {
            for (i, item) in items.iter().enumerate().filter(|(_, item)| !has_none(item)) {
                location.push(i as u32);
                containers(item, location, found)?;
                location.pop();
            }
        }
        Node::Map { map, .. } => {
            for (i, entry) in map.iter().enumerate().filter(|(_, entry)| !has_none(&entry.value)) {
                location.push(i as u32);
                containers(&entry.value, location, found)?;
                if matches!(entry.key.text(), Some("containers" | "initContainers")) {
                    images(&entry.value, location, found)?;
                }
                location.pop();
            }
        }
    }
    Ok(())
}

/// Adds the locations of the images of a list of containers.
fn images(list: &Node, location: &Location, found: &mut Vec<Location>) -> Result<()> {
    for (i, container) in list.as_seq().into_iter().flatten().enumerate() {
        let map = match container {
            Node::Map { map, .. } => map,
            null if null.is_null() => continue,
            other => return Err(wrong_kind(other, Kind::Map)),
        };
        let Some(at) = map.index_of("image") else {
            continue;
        };
        if let Some(image) = map.iter().nth(at).map(|e| &e.value) {
            scalar(image)?;
            found.push([location.as_slice(), &[i as u32, at as u32]].concat());
        }
    }
    Ok(())
}

/// Adds the locations of the fields of a spec.
pub(super) fn fields(
    cx: &Context,
    resource: &mut Resource,
    spec: &SpecRef<'_>,
    found: &mut Vec<Location>,
) -> Result<()> {
    let before = found.len();
    if locate(&resource.node, spec.path, |leaf| scalar(leaf).is_err(), found) {
        // There is a fault, or a null to be made a list.
        spec.apply(resource, cx, Create::No, &mut |leaf| scalar(leaf))?;
        found.truncate(before);
        locate(&resource.node, spec.path, |_| false, found);
    }
    Ok(())
}

fn scalar(node: &Node) -> Result<()> {
    match node {
        Node::Scalar { .. } => Ok(()),
        other => Err(wrong_kind(other, Kind::Scalar)),
    }
}
