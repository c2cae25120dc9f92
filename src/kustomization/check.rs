//! What a kustomization file must be before it is built.

use std::path::Path;

use super::types::Kustomization;
use crate::diagnostics::hints::{EMPTY_KUSTOMIZATION, KIND_OF_KUSTOMIZATION, TYPE_OF_CONFIG_MAP};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::yaml::{Node, Pos, fold, get_folded};

/// Fields that do not make a file non-empty by being there: the header, and what [`is_empty`] asks
/// the converted file about.
const NOT_CONTENT: &[&str] = &[
    "kind",
    "apiVersion",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "bases",
    "imageTags",
    "helmChartInflationGenerator",
];

/// Refuses `type` in `configMapGenerator`: only secrets have one.
pub(super) fn no_config_map_type(file: &Kustomization) -> Result<()> {
    for (i, generator) in file.config_map_generator.iter().enumerate() {
        let pos = generator.secret_type.pos;
        if pos.is_some() {
            return Err(Error::new(
                ErrorKind::Kustomization,
                "invalid Kustomization: json: unknown field \"type\"",
            )
            .at(pos)
            .in_field(format!("configMapGenerator[{i}]"))
            .hint(&TYPE_OF_CONFIG_MAP));
        }
    }
    Ok(())
}

/// Refuses a file that says nothing besides kind and version.
pub(super) fn not_empty(file: &Kustomization, root: Option<&Node>, at: Pos) -> Result<()> {
    if root.is_some_and(has_content) || !is_empty(file) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Kustomization, "kustomization.yaml is empty")
        .at(at)
        .hint(&EMPTY_KUSTOMIZATION))
}

/// Returns `true` if a field is set; an empty list or mapping counts, null does not.
fn has_content(root: &Node) -> bool {
    // Of several spellings the last counts. There are few, for unknown fields are refused before.
    let mut fields: Vec<(&str, &Node)> = Vec::new();
    let means = |key: &str, field: &str| fold(key).eq(fold(field));
    for entry in root.as_map().into_iter().flatten() {
        let Some(key) = entry.key.text() else {
            continue;
        };
        match fields.iter_mut().find(|(field, _)| means(key, field)) {
            Some(last) if key >= last.0 => *last = (key, &entry.value),
            Some(_) => {}
            None => fields.push((key, &entry.value)),
        }
    }
    let is_content = |key: &str| !NOT_CONTENT.iter().any(|field| means(key, field));
    fields.iter().any(|(key, value)| !value.is_null() && is_content(key))
}

fn is_empty(file: &Kustomization) -> bool {
    file.name_prefix.is_empty()
        && file.name_suffix.is_empty()
        && file.namespace.is_empty()
        && file.resources.is_empty()
        && file.images.is_empty()
        && file.helm_charts.is_empty()
}

/// Refuses another kind or version than a kustomization file has.
pub(super) fn header(file: &Kustomization, root: Option<&Node>, dir: &Path) -> Result<()> {
    let mut problems = Vec::new();
    if !matches!(file.kind.as_str(), "Kustomization" | "Component") {
        problems.push(("kind", "kind should be Kustomization or Component".to_owned()));
    }
    let required = file.required_api_version();
    if file.api_version != required {
        let problem = format!("apiVersion for {} should be {required}", file.kind);
        problems.push(("apiVersion", problem));
    }
    let Some((field, _)) = problems.first() else {
        return Ok(());
    };
    let mut message = format!("Failed to read kustomization file under {}:", dir.display());
    for (_, problem) in &problems {
        message.push('\n');
        message.push_str(problem);
    }
    let pos = root.and_then(|root| get_folded(root, field)).map_or(Pos::NONE, Node::pos);
    let hint = match *field {
        "kind" => "write `kind: Kustomization`, or leave kind and apiVersion out".to_owned(),
        _ => format!("write `apiVersion: {required}`, or leave it out"),
    };
    Err(Error::new(ErrorKind::Kustomization, message)
        .at(pos)
        .hint(KIND_OF_KUSTOMIZATION.with(hint)))
}
