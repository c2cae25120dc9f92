//! The field configuration that a layer adds: the defaults, `configurations` and `crds`.

use crate::error::{Error, ErrorKind, Result};
use crate::fieldspec::TransformerConfig;
use crate::layer::Layer;
use crate::load::Files;
use crate::yaml::{self, Merges, Node, Spanned};

/// Merges the layer's configuration into what its bases brought.
///
/// # Errors
/// If a file cannot be read, is malformed, or field specs conflict.
pub(crate) fn merge_into(
    config: &mut TransformerConfig,
    files: &Files,
    layer: &Layer,
) -> Result<()> {
    let kustomization = &layer.kustomization;
    let mut own = Vec::with_capacity(kustomization.configurations.len());
    for entry in &kustomization.configurations {
        if let Some(file) = read(files, layer, entry, "configurations")? {
            let parsed = TransformerConfig::from_file(&file)
                .map_err(|e| e.at(entry.pos).in_field("configurations"))?;
            own.push(parsed);
        }
    }
    config.merge(&TransformerConfig::builtin_with(&own)?)?;
    for entry in &kustomization.crds {
        let file = read(files, layer, entry, "crds")?.ok_or_else(|| {
            // The reference panics here (`index out of range [0] with length 0`).
            Error::new(ErrorKind::Kustomization, format!("crds file '{}' is empty", entry.value))
                .at(entry.pos)
                .in_field("crds")
        })?;
        let parsed = TransformerConfig::from_crds(&file).map_err(|e| {
            e.context(format_args!("loading CRDs [{}]", entry.value)).in_field("crds")
        })?;
        config.merge(&parsed)?;
    }
    Ok(())
}

/// Reads the first document of a file that the kustomization names.
pub(crate) fn read(
    files: &Files,
    layer: &Layer,
    entry: &Spanned<String>,
    field: &str,
) -> Result<Option<Node>> {
    let read = || {
        let file = layer.loader.file(files, entry)?;
        let (bytes, pos) = files.read(&file)?;
        let text = yaml::decode(&bytes).map_err(|e| Error::syntax(&e, pos))?;
        yaml::read_document(&text, pos, Merges::Plain, files.limits())
            .map_err(|e| Error::syntax(&e, pos).located_in(&file))
    };
    read().map_err(|e| e.at(entry.pos).in_field(field))
}
