//! What a list loses that a patch replaces as a whole.

use crate::checks::kubernetes::element_name;
use crate::yaml::Node;

/// How many fields or elements a message names.
const SHOWN: usize = 4;

/// Returns the elements that another list does not have, or else the fields of those that both have, or `None` if
/// elements have no names.
pub(in crate::checks) fn of(old: &Node, new: &Node) -> Option<String> {
    let (old, new) = (old.as_seq()?, new.as_seq()?);
    let gone = |name: &&str| !new.iter().any(|other| called(other) == Some(*name));
    let elements: Vec<&str> = old.iter().filter_map(called).filter(gone).collect();
    if !elements.is_empty() {
        return Some(shown(elements.iter().map(|name| format!("`{name}`")).collect()));
    }
    let mut lost = Vec::new();
    for element in old {
        let name = called(element)?;
        let other = new.iter().find(|other| called(other) == Some(name))?;
        fields(element, other, "", &mut |field| lost.push(format!("`{field}` of `{name}`")));
    }
    (!lost.is_empty()).then(|| shown(lost))
}

/// Returns the name of an element, which may be an object.
fn called(element: &Node) -> Option<&str> {
    let own = element_name(element);
    own.or_else(|| element.get_path(&["metadata", "name"]).and_then(Node::text))
}

/// Hands on the paths of the fields that a mapping has and another one has not.
fn fields(old: &Node, new: &Node, before: &str, found: &mut dyn FnMut(&str)) {
    for entry in old.as_map().into_iter().flatten() {
        let Some(key) = entry.key.text() else { continue };
        let path = if before.is_empty() { key.to_owned() } else { format!("{before}.{key}") };
        match new.get(key) {
            None => found(&path),
            Some(value) if entry.value.as_map().is_some() => {
                fields(&entry.value, value, &path, found);
            }
            Some(_) => {}
        }
    }
}

fn shown(all: Vec<String>) -> String {
    let more = if all.len() > SHOWN { " and more" } else { "" };
    format!("{}{more}", all.into_iter().take(SHOWN).collect::<Vec<_>>().join(", "))
}
