//! Elements of lists without merge keys: to apply one replaces all of it, with what only the live one has.

use serde_json::{Value, json};

use crate::schema::TypeRef;

/// What happens at some place to a field that the live object has and the manifest does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unnamed {
    /// It stays: maps, and lists with merge keys, are merged.
    Stays,
    /// It goes, unless the server fills it in: this lies in a list of a built-in kind that is replaced as a whole.
    Goes,
    /// As far as anybody knows it goes: this lies in such a list of another kind. The server may fill in what its
    /// schema says, which are single values nearly always.
    MayGo,
}

/// What the server fills in within lists without merge keys: fields and values.
const DEFAULTS: [(&str, &str); 9] = [
    ("apiGroup", "rbac.authorization.k8s.io"),
    ("apiVersion", "v1"),
    ("divisor", "0"),
    ("expirationSeconds", "3600"),
    ("kind", "PersistentVolumeClaim"),
    ("pathType", "ImplementationSpecific"),
    ("protocol", "TCP"),
    ("scope", "*"),
    ("volumeMode", "Filesystem"),
];

impl Unnamed {
    /// Returns what happens within the elements of a list of a type.
    pub(super) fn in_list(self, of: Option<TypeRef<'_>>, is_keyed: bool) -> Unnamed {
        if self != Unnamed::Stays || is_keyed {
            return self;
        }
        match of {
            Some(of) if of.merge_keys().is_some() => Unnamed::Stays,
            Some(of) if of.builtin_type().is_some() => Unnamed::Goes,
            _ => Unnamed::MayGo,
        }
    }

    /// Returns `true` if it is a difference that the live object has a field there; `within` is the type of what has
    /// the field.
    pub(super) fn counts(self, name: &str, value: &Value, within: Option<TypeRef<'_>>) -> bool {
        match self {
            Unnamed::Stays => false,
            Unnamed::Goes => !is_default(name, value, within),
            Unnamed::MayGo => {
                let is_empty = value.as_object().is_some_and(serde_json::Map::is_empty);
                (value.is_array() || value.is_object()) && !is_empty && !is_of_route(name, value)
            }
        }
    }
}

/// Returns `true` for what the server fills in within lists of built-in kinds.
fn is_default(name: &str, value: &Value, within: Option<TypeRef<'_>>) -> bool {
    let within = within.and_then(TypeRef::name);
    match name {
        // Of a claim in the list of a StatefulSet.
        "status" => within == Some("PersistentVolumeClaim"),
        "storageClassName" => within == Some("PersistentVolumeClaimSpec"),
        // Of a limit, from its other fields.
        "default" | "defaultRequest" => within == Some("LimitRangeItem"),
        _ => {
            let is_text = |text: &str| match value {
                Value::String(value) => value == text,
                Value::Number(value) => value.to_string() == text,
                _ => false,
            };
            DEFAULTS.iter().any(|(field, default)| *field == name && is_text(default))
        }
    }
}

/// Returns `true` for the match that a rule of an `HTTPRoute` has if it names none.
fn is_of_route(name: &str, value: &Value) -> bool {
    let path = json!({"type": "PathPrefix", "value": "/"});
    match name {
        "path" => *value == path,
        "matches" => *value == json!([{ "path": path }]),
        _ => false,
    }
}
