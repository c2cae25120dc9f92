//! Fields inside YAML or JSON that is itself the text of a field.

use ecow::EcoString;
use rustc_hash::FxHashSet;

use super::find::Search;
use super::get;
use super::path::{FieldPath, Part};
use super::siblings::plain_field;
use super::tree::{Tree, retype};
use super::write::{With, Writer, Written};
use crate::build_context::Context;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::limits::Limit;
use crate::yaml::{Kind, Node, edit};

/// What each byte of a text costs that is read and written for one field, in comparisons.
const EACH_BYTE: u64 = 8;

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
    // The whole text is read and written anew.
    with.cx.account.charge_text(old.len())?;
    with.cx.account.charge(Limit::Comparisons, (old.len() as u64).saturating_mul(EACH_BYTE))?;
    match rewrite(&mut document, old, &parts[depth..], create, with) {
        Ok(Some(new)) => Ok(scalar_mut(root, &parts[..depth]).is_some_and(|field| {
            retype(field, true);
            with.cx.mark_again(field, &new);
            field.set_text(new);
            true
        })),
        Err(e) if e.kind() == ErrorKind::Limit => Err(e),
        _ => Ok(false),
    }
}

/// The text of one field, read, while several fields inside of it are written.
#[derive(Default)]
pub(super) struct Texts {
    open: Option<Open>,
}

/// A text in JSON that is not written yet.
struct Open {
    /// The keys that lead to it.
    way: Vec<EcoString>,
    document: edit::Document,
    /// What was written inside.
    written: FxHashSet<Vec<EcoString>>,
    /// What leads there.
    passed: FxHashSet<Vec<EcoString>>,
    /// The numbers of the paths.
    paths: Vec<usize>,
}

/// Longer ways are written one by one.
const LONGEST: usize = 8;

impl Texts {
    /// Writes a value to a field inside of a text in JSON, if the path leads through keys alone and no path
    /// before led there or through there; the text follows with [`finish`](Self::finish), once for all that
    /// come one after the other. Returns `false` if nothing was done.
    ///
    /// # Errors
    /// If there is no room for it.
    pub(super) fn write(
        &mut self,
        root: &mut Node,
        (number, path): (usize, &FieldPath),
        create: Option<Kind>,
        with: With<'_>,
    ) -> Result<bool> {
        if path.keys.len() < 2 {
            return Ok(false);
        }
        let is_open = |open: &mut Open| path.keys.starts_with(&open.way);
        if self.open.as_mut().is_some_and(|open| !is_open(open)) {
            return Ok(false);
        }
        if self.open.is_none() {
            let Some((depth, text)) = json_text(root, &path.keys) else { return Ok(false) };
            let Ok(document) = edit::read(text) else { return Ok(false) };
            if !document.root.as_ref().is_some_and(|root| root.kind() == Some(Kind::Map)) {
                return Ok(false);
            }
            with.cx.account.charge_text(text.len())?;
            let compared = (text.len() as u64).saturating_mul(EACH_BYTE);
            with.cx.account.charge(Limit::Comparisons, compared)?;
            let way = path.keys.iter().take(depth).cloned().collect();
            let (written, passed, paths) = Default::default();
            self.open = Some(Open { way, document, written, passed, paths });
        }
        let Some(open) = &mut self.open else { return Ok(false) };
        let inside = path.keys.get(open.way.len()..).unwrap_or_default();
        let ways = (1..inside.len()).map(|n| inside[..n].to_vec());
        let is_known = open.passed.contains(inside)
            || open.written.contains(inside)
            || ways.clone().any(|way| open.written.contains(&way));
        let parts = path.parts.get(open.way.len()..).unwrap_or_default();
        let Some(root) = open.document.root.as_mut() else { return Ok(false) };
        if is_known || inside.is_empty() || inside.len() > LONGEST {
            return Ok(false);
        }
        let old = scalar_inside(root, inside).cloned();
        let mut writer = Writer { with, result: Ok(()), done: Written::default() };
        let found = Search { create, visit: &mut writer }.walk(root, parts, false);
        match writer.result.and(found) {
            Ok(true) => {}
            Err(e) if e.kind() == ErrorKind::Limit => return Err(e),
            _ => return Ok(false),
        }
        if let Some(old) = old
            && let Some(field) = scalar_inside(root, inside)
            && !is_json(field)
        {
            // Odd: a number that became a word is lost, and stays as it was (case
            // replacements/inside-json-text-not-possible).
            *field = old;
        }
        open.passed.extend(ways);
        open.written.insert(inside.to_vec());
        open.paths.push(number);
        Ok(true)
    }

    /// Returns `true` if a text is not written yet.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Writes the text that is open. Returns the paths that are to be written one by one, for the text as a
    /// whole cannot be.
    ///
    /// # Errors
    /// If there is no room for it.
    pub(super) fn finish(&mut self, root: &mut Node, cx: &Context) -> Result<Vec<usize>> {
        let Some(open) = self.open.take() else { return Ok(Vec::new()) };
        let Some(field) = plain_field(root, &open.way) else { return Ok(open.paths) };
        let old = field.text().unwrap_or_default();
        let indented = old.contains('\n') && old.contains("  ");
        let Ok(new) = open.document.to_json(indented) else { return Ok(open.paths) };
        cx.account.charge_text(new.len())?;
        cx.mark_again(field, &new);
        retype(field, true);
        field.set_text(new);
        Ok(Vec::new())
    }
}

/// Returns the scalar that keys lead to.
fn scalar_inside<'n>(root: &'n mut edit::Node, keys: &[EcoString]) -> Option<&'n mut edit::Node> {
    let found = keys.iter().try_fold(root, |node, key| node.field_mut(key))?;
    (found.kind() == Some(Kind::Scalar)).then_some(found)
}

/// Returns `true` if JSON has a place for a value.
fn is_json(value: &edit::Node) -> bool {
    let document = edit::Document { root: Some(value.clone()), ..edit::Document::default() };
    document.to_json(false).is_ok()
}

/// Returns the first text in JSON on a way of keys, and how many lead to it.
fn json_text<'n>(root: &'n Node, keys: &[EcoString]) -> Option<(usize, &'n str)> {
    let mut node = root;
    for (i, key) in keys.iter().enumerate() {
        if let Some(text) = node.text() {
            return text.trim_start().starts_with('{').then_some((i, text));
        }
        node = node.get(key)?;
    }
    None
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
