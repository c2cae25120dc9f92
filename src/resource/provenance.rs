//! What is recorded of origins and steps while a build runs, and written at its end.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::annotations::{self, ORIGIN, TRANSFORMATIONS};
pub(crate) use super::origin::{ConfiguredBy, Origin};
use super::origin::{origin_text, transformations_text};
use super::resource::Resource;
use super::set::ResourceSet;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::limits::Account;
use crate::yaml::{self, DecodeMode, Kind, Limits, Merges, Node, Pos, embedded, from_node};

/// Which annotations the output shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    /// `buildMetadata: [originAnnotations]`
    pub(crate) origins: bool,
    /// `buildMetadata: [transformerAnnotations]`
    pub(crate) transformations: bool,
}

/// Notes which step has made a resource.
///
/// As upstream: not if the resource says itself where it comes from, be it that a function has answered with its own
/// configuration (`testdata/function-answers/generator-says-origin`).
pub(crate) fn set_origin(resource: &mut Resource, step: Option<Arc<Origin>>) {
    let annotations = resource.metadata_map("annotations");
    if annotations.is_none_or(|map| !map.contains(ORIGIN)) {
        resource.history.origin = step;
    }
}

/// Notes that a transformer step ran on all resources, changed or not; for one that has no origin,
/// the step is it.
///
/// # Errors
/// If a resource was read with such notes and they are malformed.
pub(crate) fn record(
    resources: &mut ResourceSet,
    step: &Arc<Origin>,
    limits: &Limits,
) -> Result<()> {
    for resource in resources.iter_mut() {
        resource.unshare_annotations();
        // Odd: the note goes into a map of strings, which becomes the annotations (case
        // metadata/steps-make-annotations-strings).
        annotations::make_strings(resource);
        // What a function printed may say itself where it comes from.
        if resource.history.origin.is_none() && !has_written_origin(resource, limits) {
            resource.history.origin = Some(Arc::clone(step));
            continue;
        }
        // Odd: notes that the resource was read with stay, before the new ones (case
        // metadata/steps-of-an-earlier-build).
        if let Some(earlier) = resource.node.get_path(&["metadata", "annotations", TRANSFORMATIONS])
        {
            let earlier = read_notes(earlier, limits)?;
            resource.history.transformations.extend(earlier);
            annotations::remove(&mut resource.node, TRANSFORMATIONS);
        }
        resource.history.transformations.push(Arc::clone(step));
    }
    Ok(())
}

/// An [`Origin`] as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Written {
    path: String,
    repo: String,
    r#ref: String,
    configured_in: String,
    configured_by: Option<WrittenStep>,
}

/// A [`ConfiguredBy`] as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WrittenStep {
    #[serde(deserialize_with = "embedded")]
    api_version: String,
    #[serde(deserialize_with = "embedded")]
    kind: String,
    #[serde(deserialize_with = "embedded")]
    name: String,
    #[serde(deserialize_with = "embedded")]
    namespace: String,
}

/// Returns `true` if an annotation of the resource says where it comes from, in a form that is understood.
fn has_written_origin(resource: &Resource, limits: &Limits) -> bool {
    let annotation = resource.node.get_path(&["metadata", "annotations", ORIGIN]);
    annotation.is_some_and(|annotation| read_note::<Written>(annotation, ORIGIN, limits).is_ok())
}

/// Reads the text of an annotation.
fn read_note<T: DeserializeOwned>(annotation: &Node, key: &str, limits: &Limits) -> Result<T> {
    let at = annotation.pos();
    let text = annotation.text().unwrap_or_default();
    let root = yaml::read_document(text, Pos::NONE, Merges::Plain, limits)
        .map_err(|e| Error::syntax(&e, at))?
        .unwrap_or_default();
    from_node(&root, DecodeMode::Lenient, key)
        .map_err(|e| Error::new(ErrorKind::Transformer, e.message).at(at))
}

fn read_notes(annotation: &Node, limits: &Limits) -> Result<Vec<Arc<Origin>>> {
    let written: Vec<Written> = read_note(annotation, TRANSFORMATIONS, limits)?;
    let origin = |written: Written| {
        Arc::new(Origin {
            path: written.path.into(),
            repo: written.repo.into(),
            reference: written.r#ref.into(),
            configured_in: written.configured_in.into(),
            configured_by: written.configured_by.map(|by| ConfiguredBy {
                api_version: by.api_version.into(),
                kind: by.kind.into(),
                name: by.name.into(),
                namespace: by.namespace.into(),
            }),
        })
    };
    Ok(written.into_iter().map(origin).collect())
}

/// Labels a resource with what manages it: `metadata.labels` only.
///
/// # Errors
/// If the labels are no map.
pub(crate) fn label_managed_by(resource: &mut Resource, value: &str) -> Result<()> {
    check_map(resource, "labels")?;
    let old = resource.node.get_path(&["metadata", "labels", MANAGED_BY]);
    let place = old.map_or(Pos::NONE, Node::pos);
    let value =
        Node::str(value).at(if place.shared_number().is_some() { place } else { Pos::NONE });
    annotations::set_metadata(&mut resource.node, "labels", MANAGED_BY, value);
    // Odd: other places of the same label change with it (case metadata/managed-by-shared-label).
    resource.write_through();
    Ok(())
}

/// Refuses labels or annotations that are to get another entry, but are neither a map nor null.
pub(crate) fn check_map(resource: &Resource, field: &str) -> Result<()> {
    match resource.node.get_path(&["metadata", field]) {
        Some(node) if node.kind() != Kind::Map && !node.is_null() => {
            let message = format!(
                "considering field 'metadata/{field}': {}",
                yaml::wrong_kind(node, Kind::Map)
            );
            Err(Error::new(ErrorKind::Transformer, message).at(node.pos()))
        }
        _ => Ok(()),
    }
}

/// The label that names the program that manages a resource.
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// How long the text of one step is, about, without its paths.
const USUAL_LENGTH: usize = 96;

/// Puts the annotations that are shown into a resource and removes the others, whoever wrote them.
///
/// # Errors
/// If there is no room for their texts.
pub(crate) fn write(resource: &mut Resource, shown: Shown, account: &Account) -> Result<()> {
    let history = &resource.history;
    if shown.transformations {
        let bytes = |step: &Arc<Origin>| step.path.len() + step.configured_in.len() + USUAL_LENGTH;
        account.charge_text(history.transformations.iter().map(bytes).sum())?;
    }
    let origin = history.origin.as_deref().filter(|_| shown.origins).map(origin_text);
    let steps = (shown.transformations && !history.transformations.is_empty())
        .then(|| transformations_text(&history.transformations));
    for (key, text, shown) in
        [(ORIGIN, origin, shown.origins), (TRANSFORMATIONS, steps, shown.transformations)]
    {
        match text {
            Some(text) => annotations::set(&mut resource.node, key, Node::str(text)),
            None if shown => {}
            None => annotations::remove(&mut resource.node, key),
        }
    }
    Ok(())
}
