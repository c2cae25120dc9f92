//! Values of finished resources that the API server refuses.

use crate::checks::kubernetes;
use crate::checks::label_rules::{LABEL_HINT, is_label_key, is_label_value};
use crate::checks::positions::{place_of_entry, place_or};
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::load::Files;
use crate::resource::Resource;
use crate::yaml::{Entry, Mapping, Node, Pos, ScalarType, Style, Tag, nearest, scalar_type};

/// Warns about a name that Kubernetes refuses, unless a prefix or suffix has made it so: that has its own
/// warning.
pub(in crate::checks) fn name(lint: &Lint, resource: &Resource, value: &Node) {
    let Some(name) = value.text() else { return };
    let is_fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    if name.bytes().all(|byte| is_fine(char::from(byte))) || kubernetes::is_filled_in(name) {
        return;
    }
    // Words such as `APPNAME` stand in templates, and are replaced by scripts.
    let is_blank = |word: &str| word.len() > 4 && word.bytes().all(|b| b.is_ascii_uppercase());
    let is_said = name.contains("replaced by") || name.contains("REPLACE");
    if is_said || name.starts_with("ENC[") || name.split(['-', '.']).any(is_blank) {
        return;
    }
    // Roles and the like may have any name, as may images, groups and users of OpenShift.
    let group = resource.gvk_ref().group;
    let is_free = group == "rbac.authorization.k8s.io" || group.ends_with(".openshift.io");
    let wrong = name.chars().find(|c| !is_fine(*c)).filter(|_| !is_free);
    let Some(wrong) = wrong.filter(|wrong| resource.original_name().contains(*wrong)) else {
        return;
    };
    let text =
        format!("{} {name} has `{wrong}` in its name, which Kubernetes refuses", resource.kind());
    lint.add(
        Warning::new(WarningKind::InvalidName, text, place_or(value.pos(), resource))
            .hint("names have lowercase letters, digits, `-` and `.` only"),
    );
}

/// Warns about labels that Kubernetes refuses, if the object was written with them.
pub(in crate::checks) fn labels(lint: &Lint, resource: &Resource, labels: &Node) {
    for entry in labels.as_map().into_iter().flatten() {
        let (Some(key), Some(value)) = (entry.key.text(), entry.value.text()) else { continue };
        let what = if !is_label_key(key) {
            format!("the key `{key}`")
        } else if !is_label_value(value) {
            format!("the value `{value}`")
        } else {
            continue;
        };
        let pos = entry.value.pos();
        if value.starts_with("ENC[")
            || kubernetes::is_filled_in(key)
            || kubernetes::is_filled_in(value)
            || lint.quotes(WarningKind::InvalidLabel, key)
        {
            continue;
        }
        let text = format!(
            "{} {} has a label with {what}, which Kubernetes refuses",
            resource.kind(),
            resource.name()
        );
        lint.add(
            Warning::new(WarningKind::InvalidLabel, text, place_or(pos, resource)).hint(LABEL_HINT),
        );
    }
}

/// Warns about an object without `apiVersion`.
pub(in crate::checks) fn no_version(lint: &Lint, resource: &Resource, map: &Mapping) {
    let keys = map.iter().filter_map(|entry| entry.key.text());
    let hint = match nearest(keys, "apiVersion").filter(|near| *near != "apiVersion") {
        Some(near) => format!("did you mean `apiVersion`? There is `{near}`"),
        None => "give the object an `apiVersion`, such as `v1` or `apps/v1`".to_owned(),
    };
    let text = format!(
        "{} {} has no `apiVersion`, and the API server refuses it",
        resource.kind(),
        resource.name()
    );
    lint.add(Warning::new(WarningKind::NoApiVersion, text, resource.node.pos()).hint(hint));
}

/// Looks at a key of the data of a ConfigMap or Secret.
pub(in crate::checks) fn data_key(lint: &Lint, files: &Files, resource: &Resource, entry: &Entry) {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let Some(key) = entry.key.text().filter(|key| !kubernetes::has_blank(key)) else { return };
    let Some(wrong) = key.chars().find(|c| !is_fine(*c)) else { return };
    // What is wrong with a line of an env file is said there.
    let kinds = [WarningKind::EnvFile, WarningKind::ConflictMarkers];
    if lint.covers(&kinds, |start, length| files.is_among(place_of_entry(entry), start, length)) {
        return;
    }
    let text = format!(
        "{} {} has the key `{key}`, and Kubernetes refuses `{wrong}` in it",
        resource.kind(),
        resource.name()
    );
    lint.add(
        Warning::new(WarningKind::InvalidName, text, place_or(place_of_entry(entry), resource))
            .hint(match key.trim() == key {
                true => "such a key has letters, digits, `-`, `_` and `.` only; a file is given one with `KEY=FILE`",
                false => "leave out the blanks around the key: a literal is `KEY=value`, with none at the `=`",
            }),
    );
}

/// Returns `false` for what is surely a text, at a glance: numbers and bools start with few letters.
pub(in crate::checks) fn may_be_other_than_text(value: &Node) -> bool {
    let Node::Scalar { style, tag, text, .. } = value else { return false };
    match tag {
        Tag::None | Tag::Cleared => {
            *style == Style::Plain
                && text.starts_with(|c: char| c.is_ascii_digit() || "+-.~tTfFyYnNoO".contains(c))
        }
        Tag::Str => false,
        _ => true,
    }
}

/// Looks at a value that the API server takes as a text only.
pub(in crate::checks) fn must_be_text(
    lint: &Lint,
    files: &Files,
    resource: &Resource,
    value: &Node,
    place: impl FnOnce() -> String,
) {
    let is_other = || {
        matches!(scalar_type(value), Some(ScalarType::Int | ScalarType::Float | ScalarType::Bool))
    };
    if !may_be_other_than_text(value) || !is_other() {
        return;
    }
    let is_secret = resource.kind() == "Secret";
    let shown = value.text().filter(|_| !is_secret).unwrap_or("...");
    // What a replacement has made is said where that stands.
    if !value.pos().is_some() && lint.quotes(WarningKind::NotText, shown) {
        return;
    }
    let text = format!("{} is no text, and the API server refuses it", place());
    let hint = match is_var(files, value.pos()) {
        true => {
            "a var gives the type of its field, in quotes too: write a text such as `value: \"\"`, and let a \
             replacement change it, which keeps it a text"
                .to_owned()
        }
        false => format!("put it into quotes: \"{shown}\""),
    };
    let pos = place_or(value.pos(), resource);
    lint.add(Warning::new(WarningKind::NotText, text, pos).hint(hint));
}

/// Returns `true` if the text that was read at a place is a var.
fn is_var(files: &Files, pos: Pos) -> bool {
    let line = || {
        let place = files.locate(pos)?;
        let text = files.text(&place.file)?;
        let line = text.lines().nth(place.line.checked_sub(1)? as usize)?;
        let rest: String = line.chars().skip(place.column.checked_sub(1)? as usize).collect();
        Some(rest.trim_start_matches(['"', '\'']).starts_with("$("))
    };
    line().unwrap_or_default()
}

/// Looks at the values of a Secret, which are never shown.
pub(in crate::checks) fn secret(lint: &Lint, resource: &Resource, data: &Node) {
    for entry in data.as_map().into_iter().flatten() {
        let (Some(key), Some(value)) = (entry.key.text(), entry.value.text()) else { continue };
        if entry.value.is_null() || kubernetes::may_be_base64(value) {
            continue;
        }
        let text = format!("the value of `{key}` of Secret {} is not base64", resource.name());
        lint.add(Warning::new(WarningKind::NotBase64, text, entry.value.pos()).hint(
            "encode it, write it under `stringData`, or generate the Secret with `secretGenerator`",
        ));
    }
}
