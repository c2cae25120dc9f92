//! The field configuration that a layer adds: the defaults, `configurations` and `crds`.

use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::layer::Layer;
use crate::checks;
use crate::diagnostics::{Error, ErrorKind, Lint, Result};
use crate::fieldspec::TransformerConfig;
use crate::load::Files;
use crate::yaml::{self, Located, Merges, Node};

/// Merges the layer's configuration into what its bases brought.
///
/// # Errors
/// If a file cannot be read, is malformed, or field specs conflict.
pub(crate) fn merge_into(
    config: &mut TransformerConfig,
    files: &Files,
    layer: &Layer,
    lint: Option<&Lint>,
) -> Result<()> {
    let kustomization = &layer.kustomization;
    let mut own = Vec::with_capacity(kustomization.configurations.len());
    let mut seen = FxHashSet::default();
    for entry in &kustomization.configurations {
        if !is_new(&mut seen, files, layer, entry) {
            continue;
        }
        if let Some(file) = read(files, layer, entry, "configurations")? {
            refuse_duplicate_keys(&file).map_err(|e| e.in_field("configurations"))?;
            if let Some(lint) = lint {
                checks::overlays::configurations::paths(lint, &file);
            }
            let parsed = TransformerConfig::from_file(&file)
                .map_err(|e| e.at(entry.pos).in_field("configurations"))?;
            own.push(parsed);
        }
    }
    config.merge(&TransformerConfig::builtin_with(&own)?)?;
    let mut seen = FxHashSet::default();
    for entry in &kustomization.crds {
        if !is_new(&mut seen, files, layer, entry) {
            continue;
        }
        let file = read(files, layer, entry, "crds")?.ok_or_else(|| {
            // Upstream panics here (`index out of range [0] with length 0`).
            Error::new(
                ErrorKind::Kustomization,
                format!(
                    "index out of range [0] with length 0: crds file '{}' is empty",
                    entry.value
                ),
            )
            .at(entry.pos)
            .in_field("crds")
        })?;
        let parsed = TransformerConfig::from_crds(&file, entry).map_err(|e| {
            e.context(format_args!("loading CRDs [{}]", entry.value)).in_field("crds")
        })?;
        config.merge(&parsed)?;
    }
    Ok(())
}

/// Returns `true` unless a file was among those before: once more it would add nothing.
fn is_new(
    seen: &mut FxHashSet<Arc<Path>>,
    files: &Files,
    layer: &Layer,
    entry: &Located<String>,
) -> bool {
    // What is wrong with the path is said by those who read it.
    layer.loader.file(files, entry).map_or(true, |file| seen.insert(file))
}

/// Reads the first document of a file that the kustomization names; `None` if there is not a byte in it.
pub(crate) fn read(
    files: &Files,
    layer: &Layer,
    entry: &Located<String>,
    field: &str,
) -> Result<Option<Node>> {
    let read = || -> Result<Option<Node>> {
        let file = layer.loader.file(files, entry)?;
        let (bytes, pos) = files.read_resolved(&file)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let text = yaml::decode(&bytes).map_err(|e| Error::syntax(&e, pos))?;
        let document = yaml::read_document(&text, pos, Merges::Plain, &files.limits())
            .map_err(|e| Error::syntax(&e, pos).located_in(&file))?;
        yaml::charge_copies(&bytes, document.as_slice(), files.account())?;
        Ok(Some(document.unwrap_or_default()))
    };
    read().map_err(|e| e.at(entry.pos).in_field(field))
}

/// Refuses a key that stands twice in a mapping, which these files may not have.
fn refuse_duplicate_keys(node: &Node) -> Result<()> {
    let Some(key) = yaml::duplicate_key(node) else { return Ok(()) };
    let message = format!(
        "error converting YAML to JSON: yaml: unmarshal errors: key \"{}\" already set in map",
        key.text().unwrap_or_default()
    );
    Err(Error::new(ErrorKind::Kustomization, message).at(key.pos()))
}
