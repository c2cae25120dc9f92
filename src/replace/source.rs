//! The value that a replacement copies.

use std::fmt::Write;

use super::get;
use super::path::FieldPath;
use super::tree::retype;
use super::write::not_scalar;
use crate::diagnostics::hints::{
    INDEX_OF_PART, SEVERAL_SOURCES, SOURCE_NOT_THERE, SOURCE_WITHOUT_FIELD,
};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::kustomization::{FieldOptions, SourceSelector};
use crate::resource::{
    DEFAULT_NAMESPACE, Gvk, GvkRef, ResId, Resource, ResourceSet, annotations, near_miss,
    near_path, unmark,
};
use crate::schema::Schema;
use crate::yaml::{Mapping, Node, Pos};

/// Where a replacement takes its value.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// It is given.
    Value(Node),
    /// From a field of a resource.
    Field {
        /// The resource; empty parts mean "any".
        id: ResId,
        /// The field.
        path: FieldPath,
        /// Where it is written.
        pos: Pos,
        /// How to read it.
        options: Option<FieldOptions>,
    },
}

/// The value of a source.
#[derive(Clone, Debug)]
pub(crate) struct Value<'a> {
    /// The value as it is now.
    pub(super) node: Node,
    /// The slot and field that it is, if it is not a piece of one.
    live: Option<(usize, &'a FieldPath)>,
    /// The slot of the resource that it comes from.
    pub(crate) slot: Option<usize>,
}

impl Value<'_> {
    /// Returns the value.
    pub(crate) fn node(&self) -> &Node {
        &self.node
    }
}

impl Source {
    /// Returns the source that a selector describes.
    pub(crate) fn field(selector: SourceSelector) -> Source {
        let SourceSelector { group, version, kind, name, namespace, field_path, options } =
            selector;
        Source::Field {
            id: ResId {
                gvk: Gvk { group: group.into(), version: version.into(), kind: kind.into() },
                name: name.into(),
                namespace: namespace.into(),
                cluster_scoped: false,
            },
            path: FieldPath::parse_source(&field_path),
            pos: field_path.pos,
            options,
        }
    }

    /// Returns the value.
    ///
    /// # Errors
    /// If not exactly one resource is selected, or its field is missing or cannot be split.
    pub(crate) fn value(&self, resources: &ResourceSet, schema: &Schema) -> Result<Value<'_>> {
        let (id, path, pos, options) = match self {
            Source::Value(value) => {
                return Ok(Value { node: value.clone(), live: None, slot: None });
            }
            Source::Field { id, path, pos, options } => (id, path, *pos, options),
        };
        let slot = find(id, resources).map_err(|many| {
            let found = if many { "multiple matches for selector" } else { "nothing selected by" };
            let error = error(format!("{found} {}", describe(id, path, options.as_ref())));
            if many {
                return error.hint(&SEVERAL_SOURCES);
            }
            let near = near_miss(id, resources, schema);
            error.maybe_hint(near.map(|near| SOURCE_NOT_THERE.with(near)))
        })?;
        let noted;
        let node = match resources.get(slot) {
            // Odd: upstream keeps its notes there (case replacements/source-with-notes).
            Some(resource) if holds_notes(path) && resource.history.has_notes() => {
                noted = annotations::materialize(resource);
                look_up(&noted, path)
            }
            Some(resource) => look_up(&resource.node, path),
            None => Ok(None),
        };
        let node = node.map_err(|e| e.context("error looking up replacement source").at(pos))?;
        let value = node.filter(|value| !is_missing(value)).ok_or_else(|| {
            let near = resources.get(slot).and_then(|found| near_path(&found.node, &path.text));
            let path = if path.text.is_empty() { "metadata.name" } else { &path.text };
            error(format!("fieldPath `{path}` is missing for replacement source {id}"))
                .at(pos)
                .maybe_hint(near.map(|near| SOURCE_WITHOUT_FIELD.with(near)))
                .hint(&SOURCE_WITHOUT_FIELD)
        })?;
        let (mut node, live) = match options {
            Some(options) if !options.delimiter.is_empty() => (piece(value, options)?, None),
            _ => (value.clone(), Some((slot, path))),
        };
        unmark(&mut node);
        Ok(Value { node, live, slot: Some(slot) })
    }
}

impl Value<'_> {
    /// Returns `true` if the value is a field of the resource in `slot` that `path` leads into.
    pub(super) fn is_around(&self, slot: usize, path: &FieldPath) -> bool {
        self.live.is_some_and(|(of, field)| {
            of == slot
                && path.text.strip_prefix(&*field.text).is_some_and(|rest| rest.starts_with('.'))
        })
    }

    /// Notes that the resource in `slot` was changed.
    ///
    /// Odd: a target that changes the source itself changes the value for the targets after it (case
    /// replacements/source-changes-itself).
    ///
    /// # Errors
    /// If `admit` does not let the changed value pass.
    pub(super) fn refresh(
        &mut self,
        slot: usize,
        changed: &Node,
        admit: &mut dyn FnMut(&Node) -> Result<()>,
    ) -> Result<()> {
        let Some((_, path)) = self.live.filter(|live| live.0 == slot) else { return Ok(()) };
        let Some(value) = look_up(changed, path).ok().flatten() else { return Ok(()) };
        if !value.is_identical(&self.node) {
            admit(value)?;
            self.node = value.clone();
            unmark(&mut self.node);
        }
        Ok(())
    }
}

/// Returns the field of a source.
fn look_up<'a>(node: &'a Node, path: &FieldPath) -> Result<Option<&'a Node>> {
    if path.text.is_empty() {
        return Ok(node.get_path(&["metadata", "name"]));
    }
    get::get(node, &path.parts)
}

/// Returns `true` if a field has the annotations in it.
fn holds_notes(path: &FieldPath) -> bool {
    matches!(&*path.text, "metadata" | "metadata.annotations")
}

/// Returns the slot of the only resource with an id, present or former, that `id` selects; else
/// whether there were several.
fn find(id: &ResId, resources: &ResourceSet) -> std::result::Result<usize, bool> {
    let selected =
        |slot: &usize| resources.get(*slot).is_some_and(|resource| is_selected(resource, id));
    if !id.name.is_empty() {
        only(resources.find_by_place(&id.name, &id.namespace).into_iter().filter(selected))
    } else if !id.gvk.kind.is_empty() {
        only(resources.find_by_kind(&id.gvk.kind).filter(selected))
    } else {
        only(resources.slots().map(|(slot, _)| slot).filter(selected))
    }
}

fn only(mut slots: impl Iterator<Item = usize>) -> std::result::Result<usize, bool> {
    let slot = slots.next().ok_or(false)?;
    if slots.next().is_some() { Err(true) } else { Ok(slot) }
}

/// Returns `true` if an id of a resource, present or former, has all that `by` has.
fn is_selected(resource: &Resource, by: &ResId) -> bool {
    let is_default = |namespace: &str| matches!(namespace, "" | DEFAULT_NAMESPACE);
    let current = resource.gvk_ref();
    let has_all = |kind, name: &str, namespace: &str| {
        GvkRef { kind, ..current }.is_selected_by(by.gvk.borrowed())
            && (by.name.is_empty() || by.name == name)
            && (by.namespace.is_empty()
                || by.namespace == namespace
                || (is_default(&by.namespace) && is_default(namespace)))
    };
    has_all(current.kind, resource.name(), resource.namespace())
        || resource.history.previous.iter().any(|id| has_all(&id.kind, &id.name, &id.namespace))
}

/// Returns `true` if a value counts as missing: null, or a collection without anything in it. Odd: a scalar
/// that lost its tag in an earlier step is there, whatever its text (case replacements/source-untagged).
fn is_missing(value: &Node) -> bool {
    match value {
        Node::Scalar { .. } => value.is_null(),
        Node::Map { map, .. } => Mapping::is_empty(map),
        Node::Seq { items, .. } => items.is_empty(),
    }
}

fn piece(value: &Node, options: &FieldOptions) -> Result<Node> {
    let text = value.text().ok_or_else(not_scalar)?;
    let index = usize::try_from(options.index).ok();
    let piece = index.and_then(|index| text.split(&options.delimiter).nth(index));
    let piece = piece.ok_or_else(|| {
        let index = options.index;
        let error = error(format!("options.index {index} is out of bounds for value {text}"));
        let delimiter = &options.delimiter;
        error.hint(INDEX_OF_PART.with(match text.split(delimiter).count() {
            1 => format!("`{delimiter}` is not in the value, so `index: 0` is all of it"),
            count => format!(
                "parted by `{delimiter}` the value has {count} parts, `index: 0` to {}",
                count - 1
            ),
        }))
    })?;
    let mut value = value.clone();
    retype(&mut value, true);
    value.set_text(piece);
    Ok(value)
}

/// Writes a selector as messages show it.
fn describe(id: &ResId, path: &FieldPath, options: Option<&FieldOptions>) -> String {
    let mut text = id.to_string();
    if !path.text.is_empty() {
        text.push(':');
        text.push_str(&path.text);
    }
    if let Some(FieldOptions { delimiter, index, create, .. }) = options
        && (!delimiter.is_empty() || *create)
    {
        // Writing into a string cannot fail.
        let _ = write!(text, ":{delimiter}({index}), create={create}");
    }
    text
}

fn error(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Reference, message)
}
