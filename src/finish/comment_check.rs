//! Comments that upstream trips over.

use crate::diagnostics::hints::COMMENT_BETWEEN_BRACKETS;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::load::ReadStyles;
use crate::resource::Resource;
use crate::yaml::{Node, Tag};

/// Refuses a map or list whose key has a comment on its line, if it is written between brackets after
/// merging: one that was emptied, or one that was put into a map or list in flow style.
///
/// Odd: upstream writes the comment, a line break, and then the brackets at the start of the next
/// line, which it can not read (cases merge/emptied-behind-comment and merge/comment-in-flow).
///
/// # Errors
/// If there is one.
pub(crate) fn check(resource: &Resource, styles: &mut ReadStyles<'_>) -> Result<()> {
    if resource.history.is_merged { check_in(&resource.node, styles, false) } else { Ok(()) }
}

fn check_in(node: &Node, styles: &mut ReadStyles<'_>, in_flow: bool) -> Result<()> {
    match node {
        Node::Map { map, flow, .. } => {
            let in_flow = in_flow || *flow;
            let is_nested = |value: &Node| !matches!(value, Node::Scalar { .. });
            for entry in map.iter().filter(|entry| is_nested(&entry.value)) {
                if is_bracketed(&entry.value, in_flow) && has_comment(&entry.key, styles) {
                    let message = "failed to convert result to YAML: could not find expected ':'";
                    return Err(Error::new(ErrorKind::Patch, message)
                        .at(entry.key.pos())
                        .hint(&COMMENT_BETWEEN_BRACKETS));
                }
                check_in(&entry.value, styles, in_flow)?;
            }
            Ok(())
        }
        Node::Seq { items, flow, .. } => {
            items.iter().try_for_each(|item| check_in(item, styles, in_flow || *flow))
        }
        Node::Scalar { .. } => Ok(()),
    }
}

/// Returns `true` if a value is put between brackets that it does not have in its file.
fn is_bracketed(value: &Node, in_flow: bool) -> bool {
    match value {
        Node::Map { map, flow, .. } => !flow && (in_flow || map.is_empty()),
        Node::Seq { items, flow, .. } => !flow && (in_flow || items.is_empty()),
        Node::Scalar { .. } => false,
    }
}

/// Returns `true` if a key that still is as it was read has a comment behind it.
fn has_comment(key: &Node, styles: &mut ReadStyles<'_>) -> bool {
    let Node::Scalar { tag: Tag::None, .. } = key else { return false };
    let comments = styles.of(key).and_then(|source| source.comments.as_deref());
    comments.is_some_and(|comments| !comments.line.is_empty())
}
