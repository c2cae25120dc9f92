//! Uses of vars that there are not.

use ecow::EcoString;

use crate::yaml::{Node, nearest};

/// Returns the first use of a var that there is not, and the var that it nearly names.
pub(super) fn near<'t>(text: &'t str, vars: &'t [EcoString]) -> Option<(&'t str, &'t str)> {
    text.split("$(").skip(1).find_map(|rest| {
        let (used, _) = rest.split_once(')')?;
        let near = nearest(vars.iter().map(EcoString::as_str), used)?;
        (near != used).then_some((used, near))
    })
}

/// Returns `true` if an object names something so, such as an environment variable of its own.
pub(super) fn names(node: &Node, name: &str) -> bool {
    match node {
        Node::Map { map, .. } => map.iter().any(|entry| {
            (entry.key.text() == Some("name") && entry.value.text() == Some(name))
                || names(&entry.value, name)
        }),
        Node::Seq { items, .. } => items.iter().any(|item| names(item, name)),
        Node::Scalar { .. } => false,
    }
}
