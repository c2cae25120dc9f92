//! Texts that are most likely names of objects, though their fields do not say so for sure.

use super::path::{Path, Step};
use super::references::Names;
use crate::yaml::Node;

/// What a text most likely names.
pub(super) struct Guess<'a> {
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    pub(super) namespace: Option<&'a str>,
    pub(super) is_annotation: bool,
}

/// Looks at the text at a path.
pub(super) fn of<'a>(path: &Path<'a>, names: &Names<'a>, value: &'a Node) -> Option<Guess<'a>> {
    let (text, steps) = (value.text()?, path.steps());
    let [.., Step::Key(key)] = steps else { return None };
    let is_label =
        matches!(steps, [.., Step::Key("labels" | "matchLabels" | "selector" | "data"), _]);
    if *key == "name" || is_label || (*key == "namespace" && !path.is_own("namespace")) {
        return None;
    }
    if !matches!(steps, [Step::Key("metadata"), Step::Key("annotations"), _]) {
        let kind = names.kind_meant(key, text)?;
        return Some(Guess { kind, name: text, namespace: None, is_annotation: false });
    }
    // Such as `cert-manager.io/inject-ca-from: NAMESPACE/NAME`.
    let (_, key) = key.rsplit_once('/')?;
    let (namespace, name) = match text.split_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, text),
    };
    let key = if key == "inject-ca-from" { "certificate" } else { key };
    let kind = names.kind_meant(key.trim_end_matches("-from"), name)?;
    Some(Guess { kind, name, namespace, is_annotation: true })
}
