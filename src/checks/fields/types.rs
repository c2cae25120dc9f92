//! Values of another type than their field takes, which the API server refuses.

use crate::checks::kubernetes::is_filled_in;
use crate::checks::positions::{place_of_entry, place_or};
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::schema::TypeRef;
use crate::yaml::{Entry, Mapping, Node, ScalarType, scalar_type};

/// What a field takes that takes no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::checks) enum Wants {
    Number,
    Bool,
}

/// Returns what a field of built-in kinds takes wherever it is, if that is no text.
pub(in crate::checks) fn wanted(field: &str) -> Option<Wants> {
    // Compared by their lengths first, which is faster than a search.
    match field {
        "activeDeadlineSeconds"
        | "averageUtilization"
        | "backoffLimit"
        | "completions"
        | "containerPort"
        | "defaultMode"
        | "expirationSeconds"
        | "failedJobsHistoryLimit"
        | "failureThreshold"
        | "fsGroup"
        | "healthCheckNodePort"
        | "hostPort"
        | "initialDelaySeconds"
        | "maxReplicas"
        | "maxSkew"
        | "minDomains"
        | "minReadySeconds"
        | "minReplicas"
        | "nodePort"
        | "number"
        | "parallelism"
        | "periodSeconds"
        | "progressDeadlineSeconds"
        | "replicas"
        | "revisionHistoryLimit"
        | "runAsGroup"
        | "runAsUser"
        | "stabilizationWindowSeconds"
        | "startingDeadlineSeconds"
        | "successThreshold"
        | "successfulJobsHistoryLimit"
        | "targetCPUUtilizationPercentage"
        | "terminationGracePeriodSeconds"
        | "timeoutSeconds"
        | "tolerationSeconds"
        | "ttlSecondsAfterFinished"
        | "weight" => Some(Wants::Number),
        "allowPrivilegeEscalation"
        | "allowVolumeExpansion"
        | "automountServiceAccountToken"
        | "blockOwnerDeletion"
        | "enableServiceLinks"
        | "hostIPC"
        | "hostNetwork"
        | "hostPID"
        | "immutable"
        | "optional"
        | "paused"
        | "privileged"
        | "publishNotReadyAddresses"
        | "readOnly"
        | "readOnlyRootFilesystem"
        | "runAsNonRoot"
        | "shareProcessNamespace"
        | "stdin"
        | "suspend"
        | "tty" => Some(Wants::Bool),
        _ => None,
    }
}

impl Wants {
    /// Warns about a text where a number or bool stands.
    pub(in crate::checks) fn check(
        self,
        lint: &Lint,
        resource: &Resource,
        value: &Node,
        field: &str,
        path: impl FnOnce() -> String,
    ) {
        let text = value.text().unwrap_or_default();
        let is_text = scalar_type(value) == Some(ScalarType::Str);
        let percentage = text.strip_suffix('%').filter(|rest| rest.parse::<i64>().is_ok());
        if !is_text || text.is_empty() || (is_filled_in(text) && percentage.is_none()) {
            return;
        }
        let is_one = match self {
            Wants::Number => text.parse::<i64>().is_ok(),
            Wants::Bool => matches!(text, "true" | "false"),
        };
        let what = if self == Wants::Number { "a number" } else { "a bool" };
        let hint = match (percentage, field) {
            (Some(number), _) => format!("leave the `%` out: `{field}: {number}`"),
            _ if is_one => format!("leave the quotes out: `{field}: {text}`"),
            (_, "number") => format!("a port that is given by its name is `name: {text}`"),
            (_, "containerPort" | "hostPort" | "nodePort") => {
                "write the number of the port; its name stands in `name`".to_owned()
            }
            _ if self == Wants::Bool => "write `true` or `false`, without quotes".to_owned(),
            _ => "write a number, without quotes".to_owned(),
        };
        let text = format!(
            "{} {}: `{}` is the text `{text}` where {what} stands, and the API server refuses it",
            resource.kind(),
            resource.name(),
            path()
        );
        lint.add(
            Warning::new(WarningKind::WrongType, text, place_or(value.pos(), resource)).hint(hint),
        );
    }
}

/// A value that is a mapping, list or text where another of these stands.
#[derive(Clone, Copy, Debug)]
pub(in crate::checks) struct OtherShape<'n> {
    value: &'n Node,
    wants_list: bool,
    wants_scalar: bool,
}

/// Returns a value that has another shape than its type.
pub(in crate::checks) fn other_shape<'n>(
    of: TypeRef<'_>,
    value: &'n Node,
) -> Option<OtherShape<'n>> {
    let wants_list = of.is_list();
    let wants_scalar = of.is_scalar();
    let is_other = match value {
        Node::Seq { .. } => of.has_fields() || of.is_map() || wants_scalar,
        Node::Map { .. } => wants_list || wants_scalar,
        Node::Scalar { .. } => (wants_list || of.has_fields() || of.is_map()) && !value.is_null(),
    };
    let is_later = || value.text().is_some_and(is_filled_in);
    (is_other && !is_later()).then_some(OtherShape { value, wants_list, wants_scalar })
}

impl OtherShape<'_> {
    /// Warns about it.
    pub(in crate::checks) fn remark(
        self,
        lint: &Lint,
        resource: &Resource,
        entry: &Entry,
        path: &str,
    ) {
        let field = entry.key.text().unwrap_or_default();
        let wanted = match (self.wants_list, self.wants_scalar) {
            (true, _) => "a list",
            (_, true) => "a text or number",
            _ => "a mapping",
        };
        let (is, hint) = match self.value {
            Node::Map { map, .. } if self.wants_scalar => ("a mapping", of_scalar(field, map)),
            Node::Seq { items, .. } if self.wants_scalar => {
                let first = items.first().and_then(Node::text).unwrap_or("...");
                ("a list", format!("write one value: `{field}: {first}`"))
            }
            Node::Map { map, .. } => ("a mapping", of_mapping(field, map)),
            Node::Seq { items, .. } if items.len() == 1 => {
                ("a list", format!("leave out the `- ` under `{field}`"))
            }
            Node::Seq { .. } => ("a list", "write its fields without `- `".to_owned()),
            Node::Scalar { .. } if self.wants_list => {
                ("a text", "write each element on a line of its own, after `- `".to_owned())
            }
            Node::Scalar { text, .. } => ("a text", of_text(text)),
        };
        let text = format!(
            "{} {}: `{path}` is {is} where {wanted} stands, and the API server refuses it",
            resource.kind(),
            resource.name()
        );
        let pos = place_or(place_of_entry(entry), resource);
        lint.add(Warning::new(WarningKind::WrongType, text, pos).hint(hint));
    }
}

/// Returns how a text is written as a mapping.
fn of_text(text: &str) -> String {
    let pair = text.split_once(':').filter(|(key, value)| !key.is_empty() && !value.is_empty());
    match pair.filter(|(key, _)| !key.contains(' ') && text.len() < 80) {
        Some((key, value)) => format!("write a blank behind the colon: `{key}: {value}`"),
        None => "write its fields as `key: value`".to_owned(),
    }
}

/// Returns how a mapping is written where a text stands.
fn of_scalar(field: &str, map: &Mapping) -> String {
    let first = map.iter().next().and_then(|entry| Some((entry.key.text()?, &entry.value)));
    match (field, first) {
        ("matchLabels", _) => {
            "labels stand right there: leave out `matchLabels`, and indent them less".to_owned()
        }
        (_, Some((_, value))) if map.len() == 1 => match value.text() {
            Some(text) => format!("write the value alone, as in `{field}: {text}`"),
            None => "write the value alone".to_owned(),
        },
        _ => "write the value alone".to_owned(),
    }
}

/// Warns about an element that is a mapping where a text stands, mostly as a colon is in it.
pub(in crate::checks) fn mapping_as_element(
    lint: &Lint,
    resource: &Resource,
    item: &Node,
    map: &Mapping,
    path: impl FnOnce() -> String,
) {
    let pair = map.iter().next().filter(|_| map.len() == 1);
    let pair = pair.and_then(|pair| Some((pair.key.text()?, pair.value.text()?)));
    let hint = match pair {
        Some((key, value)) => format!(
            "put it into quotes, as a colon and a blank make a mapping: `- \"{key}: {value}\"`"
        ),
        None => "write each element as one text after `- `".to_owned(),
    };
    let text = format!(
        "{} {}: `{}` has a mapping as an element where a text stands, and the API server refuses it",
        resource.kind(),
        resource.name(),
        path()
    );
    lint.add(Warning::new(WarningKind::WrongType, text, place_or(item.pos(), resource)).hint(hint));
}

/// Returns how a mapping is written as a list.
fn of_mapping(field: &str, map: &Mapping) -> String {
    let first = map.iter().next();
    let by_name = first.filter(|entry| entry.value.as_map().is_some());
    match (field, by_name.or(first).and_then(|entry| entry.key.text())) {
        ("env", Some(key)) => {
            format!("write each variable as an element: `- name: {key}`, with its `value`")
        }
        (_, Some(key)) if by_name.is_some() => {
            format!(
                "write each element after `- `, and what stands before the colon as its name: `- name: {key}`"
            )
        }
        (_, Some(key)) => format!("each element starts with `- `: `- {key}: ...`"),
        (_, None) => "an empty list is `[]`".to_owned(),
    }
}

/// Warns about an element that is a text where a mapping of the type `of` stands.
pub(in crate::checks) fn text_as_element(
    lint: &Lint,
    resource: &Resource,
    item: &Node,
    of: TypeRef<'_>,
    path: impl FnOnce() -> String,
) {
    let Some(given) = item.text().filter(|text| !item.is_null() && !is_filled_in(text)) else {
        return;
    };
    let fields = ["containerPort", "port", "name"].into_iter();
    let is_number = given.parse::<i64>().is_ok();
    let field =
        fields.filter(|field| is_number || *field == "name").find(|f| of.field(f).is_some());
    let hint = match field {
        Some(field) => format!("an element is a mapping: `- {field}: {given}`"),
        None => "an element is a mapping: write its fields as `key: value`".to_owned(),
    };
    let text = format!(
        "{} {}: `{}` has the element `{given}`, a text where a mapping stands, and the API server refuses it",
        resource.kind(),
        resource.name(),
        path()
    );
    lint.add(Warning::new(WarningKind::WrongType, text, place_or(item.pos(), resource)).hint(hint));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fields_take_is_known() {
        assert_eq!(wanted("containerPort"), Some(Wants::Number));
        assert_eq!(wanted("targetPort"), None);
    }
}
