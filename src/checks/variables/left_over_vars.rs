//! Vars that stay in the output.

use ecow::EcoString;

use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::yaml::{Node, nearest};

/// Warns about a var that is left in a text, or on a name that is nearly that of one.
pub(in crate::checks) fn left(lint: &Lint, resource: &Resource, value: &Node, vars: &[EcoString]) {
    let text = value.text().unwrap_or_default();
    let (what, hint) = if let Some(var) =
        vars.iter().find(|var| text.contains(&format!("$({var})")))
    {
        (
            format!("`$({var})` is left, for vars do not reach this field"),
            "name the field under `varReference` in a file of `configurations`, or use a replacement"
                .to_owned(),
        )
    } else if let Some((used, near)) =
        near(text, vars).filter(|(used, _)| !names(&resource.node, used))
    {
        (
            format!("`$({used})` is left, for there is no var of this name"),
            format!("did you mean `$({near})`?"),
        )
    } else {
        return;
    };
    let text = format!("{} {}: {what}", resource.kind(), resource.name());
    lint.add(Warning::new(WarningKind::LeftOverVar, text, value.pos()).hint(hint));
}

/// Returns the first use of a var that there is not, and the var that it nearly names.
fn near<'t>(text: &'t str, vars: &'t [EcoString]) -> Option<(&'t str, &'t str)> {
    text.split("$(").skip(1).find_map(|rest| {
        let (used, _) = rest.split_once(')')?;
        let near = nearest(vars.iter().map(EcoString::as_str), used)?;
        (near != used).then_some((used, near))
    })
}

/// Returns `true` if an object names something so, such as an environment variable of its own.
fn names(node: &Node, name: &str) -> bool {
    match node {
        Node::Map { map, .. } => map.iter().any(|entry| {
            (entry.key.text() == Some("name") && entry.value.text() == Some(name))
                || names(&entry.value, name)
        }),
        Node::Seq { items, .. } => items.iter().any(|item| names(item, name)),
        Node::Scalar { .. } => false,
    }
}
