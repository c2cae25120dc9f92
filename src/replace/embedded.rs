//! Fields inside YAML or JSON that is itself the text of a field.

use ecow::EcoString;

use super::find::Search;
use super::get;
use super::path::Part;
use super::tree::{Tree, retype};
use super::write::{With, Writer, Written};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::yaml::{Kind, Node, edit};

/// Writes a value to the fields inside the text of a scalar that `parts` lead through, and tells
/// whether that was done. If anything stands against it, nothing is changed.
pub(super) fn write(
    root: &mut Node,
    parts: &[Part],
    create: Option<Kind>,
    with: With<'_>,
) -> Result<bool> {
    let Some((depth, mut document)) = find_document(root, parts) else { return Ok(false) };
    let Some(old) = scalar(root, &parts[..depth]).and_then(Node::text) else { return Ok(false) };
    // The whole text is written anew.
    with.account.charge_text(old.len())?;
    match rewrite(&mut document, old, &parts[depth..], create, with) {
        Ok(Some(new)) => Ok(scalar_mut(root, &parts[..depth]).is_some_and(|field| {
            retype(field, true);
            field.set_text(new);
            true
        })),
        Err(e) if e.kind() == ErrorKind::Limit => Err(e),
        _ => Ok(false),
    }
}

/// Returns how many parts lead to the first scalar with parts left whose text is a document, and the
/// document.
fn find_document(root: &Node, parts: &[Part]) -> Option<(usize, edit::Document)> {
    let mut node = root;
    for (i, part) in parts.iter().enumerate() {
        if node.kind() == Kind::Scalar
            && let Ok(document) = edit::read(node.text()?)
        {
            return Some((i, document));
        }
        if let Some(part) = part.trimmed() {
            node = get::step(node, &part).ok()??;
        }
    }
    None
}

fn rewrite(
    document: &mut edit::Document,
    old: &str,
    parts: &[Part],
    create: Option<Kind>,
    with: With<'_>,
) -> Result<Option<EcoString>> {
    let Some(root) = &mut document.root else { return Ok(None) };
    let is_scalar = root.kind() == Some(Kind::Scalar);
    if let [Part::Key(key)] = parts
        && is_scalar
        && key.is_empty()
        && create.is_some()
    {
        // Odd: an empty last part names the scalar itself, and to create it is to empty it
        // (case replacements/inside-yaml-text-empty-last-part).
        return Ok(Some(EcoString::new()));
    }
    let mut writer = Writer { with, result: Ok(()), done: Written::default() };
    let found = Search { create, visit: &mut writer }.walk(root, parts, false)?;
    writer.result?;
    if !found || is_scalar {
        return Ok(None);
    }
    if !old.trim_start().starts_with(['{', '[']) {
        return Ok(Some(document.to_yaml().into()));
    }
    let indented = old.contains('\n') && old.contains("  ");
    let json = document.to_json(indented);
    json.map(|json| Some(json.into())).map_err(|e| Error::new(ErrorKind::Reference, e.to_string()))
}

fn scalar<'n>(root: &'n Node, parts: &[Part]) -> Option<&'n Node> {
    get::get(root, parts).ok().flatten()
}

/// Returns the same as [`scalar`], for changing.
fn scalar_mut<'n>(root: &'n mut Node, parts: &[Part]) -> Option<&'n mut Node> {
    let mut node = root;
    for part in parts.iter().filter_map(Part::trimmed) {
        node = match (part.as_ref(), &*node) {
            (Part::Key(key), Node::Map { .. }) => node.get_mut(key)?,
            (Part::Key(_), Node::Seq { items, .. }) => {
                let last = items.len().checked_sub(1)?;
                Tree::item(node, last)?
            }
            (Part::Index { index, .. }, _) => Tree::item(node, usize::try_from(*index).ok()?)?,
            (Part::Element { .. }, Node::Seq { items, .. }) => {
                let index = get::element(items, &part)?;
                Tree::item(node, index)?
            }
            _ => return None,
        };
    }
    Some(node)
}
