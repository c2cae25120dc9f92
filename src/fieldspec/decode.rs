//! Reading of `configurations` files.

use ecow::{EcoString, EcoVec};

use super::{FieldPath, FieldSpec, NameReference, ReferenceList, SpecList, TransformerConfig};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::resource::Gvk;
use crate::yaml::{DecodeMode, Node, Style, Tag, from_node};

impl TransformerConfig {
    /// Reads a file of field specs. Its lists are sorted, but not free of specs that cover each other:
    /// merge them before use.
    ///
    /// # Errors
    /// If a key is not known or a value of another type than expected.
    pub(crate) fn from_file(file: &Node) -> Result<TransformerConfig> {
        let mut config = TransformerConfig::default();
        each_key(file, "TransformerConfig", |key, value, context| {
            let list = match key {
                "nameprefix" => &mut config.name_prefix,
                "namesuffix" => &mut config.name_suffix,
                "namespace" => &mut config.namespace,
                "commonlabels" => &mut config.common_labels,
                "labels" => &mut config.labels,
                "templatelabels" => &mut config.template_labels,
                "volumeclaimtemplatelabels" => &mut config.volume_claim_template_labels,
                "commonannotations" => &mut config.common_annotations,
                "varreference" => &mut config.var_reference,
                "images" => &mut config.images,
                "replicas" => &mut config.replicas,
                "namereference" => {
                    let references = list_of(value, context, reference)?;
                    config.name_reference = ReferenceList::sorted(references);
                    return Ok(true);
                }
                _ => return Ok(false),
            };
            *list = SpecList::sorted(list_of(value, context, spec)?);
            Ok(true)
        })?;
        Ok(config)
    }
}

fn spec(node: &Node, context: &str) -> Result<FieldSpec> {
    let mut spec = FieldSpec::any_kind("", false);
    spec.pos = node.pos();
    each_key(node, context, |key, value, context| {
        match key {
            // Odd: here alone any scalar is taken for a string (case fieldspec/path-is-any-scalar).
            "path" => spec.path = FieldPath::parse(&scalar(value, context)?),
            "create" => spec.create = boolean(value, context)?,
            _ => return gvk_part(&mut spec.gvk, key, value, context),
        }
        Ok(true)
    })?;
    Ok(spec)
}

fn reference(node: &Node, context: &str) -> Result<NameReference> {
    let mut reference = NameReference { gvk: Gvk::default(), fields: EcoVec::new() };
    each_key(node, context, |key, value, context| {
        if key != "fieldspecs" {
            return gvk_part(&mut reference.gvk, key, value, context);
        }
        reference.fields = list_of(value, context, spec)?;
        Ok(true)
    })?;
    Ok(reference)
}

fn gvk_part(gvk: &mut Gvk, key: &str, value: &Node, context: &str) -> Result<bool> {
    let part = match key {
        "group" => &mut gvk.group,
        "version" => &mut gvk.version,
        "kind" => &mut gvk.kind,
        _ => return Ok(false),
    };
    *part = string(value, context)?;
    Ok(true)
}

/// Calls `take` with each key of a mapping, lowercased, its value and where that is; a null has none.
fn each_key(
    node: &Node,
    context: &str,
    mut take: impl FnMut(&str, &Node, &str) -> Result<bool>,
) -> Result<()> {
    if node.is_null() {
        return Ok(());
    }
    let Some(map) = node.as_map() else {
        return Err(wrong_type(node, context, "object"));
    };
    for entry in map {
        let key = entry.key.text().unwrap_or_default();
        if !take(&key.to_lowercase(), &entry.value, &format!("{context}.{key}"))? {
            let message = format!("json: unknown field {key:?}");
            return Err(Error::new(ErrorKind::Kustomization, message).at(entry.key.pos()));
        }
    }
    Ok(())
}

fn list_of<T: Clone>(
    node: &Node,
    context: &str,
    item: fn(&Node, &str) -> Result<T>,
) -> Result<EcoVec<T>> {
    if node.is_null() {
        return Ok(EcoVec::new());
    }
    let Some(items) = node.as_seq() else {
        return Err(wrong_type(node, context, "array"));
    };
    items.iter().map(|node| item(node, context)).collect()
}

fn string(node: &Node, context: &str) -> Result<EcoString> {
    match node {
        _ if node.is_null() => Ok(EcoString::new()),
        Node::Scalar { text, .. } if type_name(node) == "string" => Ok(text.clone()),
        _ => Err(wrong_type(node, context, "string")),
    }
}

fn scalar(node: &Node, context: &str) -> Result<EcoString> {
    from_node::<String>(node, DecodeMode::Lenient, context)
        .map(EcoString::from)
        .map_err(|e| Error::new(ErrorKind::Kustomization, e.message).at(e.pos))
}

fn boolean(node: &Node, context: &str) -> Result<bool> {
    match node.text() {
        _ if node.is_null() => Ok(false),
        Some(text) if type_name(node) == "bool" => {
            Ok(matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "on" | "y"))
        }
        _ => Err(wrong_type(node, context, "bool")),
    }
}

fn type_name(node: &Node) -> &'static str {
    match node {
        Node::Map { .. } => "object",
        Node::Seq { .. } => "array",
        Node::Scalar { tag: Tag::Bool, .. } => "bool",
        Node::Scalar { tag: Tag::Int | Tag::Float, .. } => "number",
        Node::Scalar { tag: Tag::None, style: Style::Plain, text, .. } => match text.as_str() {
            "true" | "True" | "TRUE" | "false" | "False" | "FALSE" | "yes" | "Yes" | "YES"
            | "no" | "No" | "NO" | "on" | "On" | "ON" | "off" | "Off" | "OFF" | "y" | "Y" | "n"
            | "N" => "bool",
            text if text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
                && text.parse::<f64>().is_ok() =>
            {
                "number"
            }
            _ => "string",
        },
        Node::Scalar { .. } => "string",
    }
}

fn wrong_type(node: &Node, context: &str, expected: &str) -> Error {
    let message = format!(
        "json: cannot unmarshal {} into Go struct field {context} of type {expected}",
        type_name(node)
    );
    Error::new(ErrorKind::Kustomization, message).at(node.pos())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::json;

    #[test]
    fn refuses_what_is_not_known() {
        let error =
            |text| TransformerConfig::from_file(&json(text)).unwrap_err().message().to_string();
        assert_eq!(error(r#"{"foo":[]}"#), r#"json: unknown field "foo""#);
        assert_eq!(error(r#"{"images":[{"paht":"x"}]}"#), r#"json: unknown field "paht""#);
        assert!(error(r#"{"images":[{"path":[]}]}"#).contains("cannot unmarshal array"));
        assert!(error(r#"{"images":[{"kind":5}]}"#).contains("cannot unmarshal number"));
        assert!(TransformerConfig::from_file(&Node::default()).is_ok());
    }
}
