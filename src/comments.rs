//! Comments that the reference trips over.

use crate::error::{Error, ErrorKind, Result};
use crate::load::Files;
use crate::resource::Resource;
use crate::yaml::{Kind, Node, Tag};

/// Refuses a map or list that merging has emptied and whose key has a comment on its line.
///
/// Odd: the reference writes the comment, a line break, and then `{}` or `[]` at the start of the next
/// line, which it can not read (case merge/emptied-behind-comment).
///
/// # Errors
/// If there is one.
pub(crate) fn check(resource: &Resource, files: &Files) -> Result<()> {
    if resource.history.is_merged { check_in(&resource.node, files) } else { Ok(()) }
}

fn check_in(node: &Node, files: &Files) -> Result<()> {
    match node {
        Node::Map { map, .. } => {
            for entry in map {
                if is_emptied(&entry.value) && has_comment(&entry.key, files) {
                    let message = "failed to convert result to YAML: could not find expected ':'";
                    return Err(Error::new(ErrorKind::Patch, message)
                        .at(entry.key.pos())
                        .hint("nothing is left below this key: move the comment behind it"));
                }
                check_in(&entry.value, files)?;
            }
            Ok(())
        }
        Node::Seq { items, .. } => items.iter().try_for_each(|item| check_in(item, files)),
        Node::Scalar { .. } => Ok(()),
    }
}

/// Tells whether a value is empty that is not written as `{}` or `[]` in its file.
fn is_emptied(value: &Node) -> bool {
    match value {
        Node::Map { map, flow, .. } => map.is_empty() && !flow,
        Node::Seq { items, flow, .. } => items.is_empty() && !flow,
        Node::Scalar { .. } => false,
    }
}

/// Tells whether a key that still is as it was read has a comment behind it.
fn has_comment(key: &Node, files: &Files) -> bool {
    let Node::Scalar { tag: Tag::None, pos, .. } = key else { return false };
    let looks = if pos.is_some() { files.looks(*pos) } else { None };
    looks.is_some_and(|(base, looks)| {
        let comments = looks.get(pos.since(base), Kind::Scalar).and_then(|l| l.comments.as_deref());
        comments.is_some_and(|comments| !comments.line.is_empty())
    })
}
