//! Label selectors whose values may be anything, such as a cluster's address.

use serde_json::Value as Json;

/// A label selector.
#[derive(Debug, Default)]
pub(crate) struct Selector(Vec<Requirement>);

#[derive(Debug)]
struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl Selector {
    /// Reads a selector; null is one without requirements.
    pub(crate) fn read(json: &Json) -> Result<Selector, String> {
        let mut requirements = Vec::new();
        match json.get("matchLabels") {
            None | Some(Json::Null) => {}
            Some(Json::Object(labels)) => {
                for (key, value) in labels {
                    let Json::String(value) = value else {
                        return Err(format!("matchLabels: the value of `{key}` is no string"));
                    };
                    let values = vec![value.clone()];
                    requirements.push(requirement(key, Operator::In, values)?);
                }
            }
            Some(_) => return Err("matchLabels is not a map".to_owned()),
        }
        let expressions = match json.get("matchExpressions") {
            None | Some(Json::Null) => &[][..],
            Some(Json::Array(expressions)) => expressions,
            Some(_) => return Err("matchExpressions is not a list".to_owned()),
        };
        for expression in expressions {
            let key = expression.get("key").and_then(Json::as_str).unwrap_or_default();
            let operator = match expression.get("operator").and_then(Json::as_str) {
                Some("In") => Operator::In,
                Some("NotIn") => Operator::NotIn,
                Some("Exists") => Operator::Exists,
                Some("DoesNotExist") => Operator::DoesNotExist,
                other => {
                    let other = other.unwrap_or_default();
                    return Err(format!("{other:?} is not a valid label selector operator"));
                }
            };
            let values = expression.get("values").and_then(Json::as_array);
            let values = values.into_iter().flatten().map(|value| match value {
                Json::String(text) => Ok(text.clone()),
                _ => Err(format!("matchExpressions: a value of `{key}` is no string")),
            });
            requirements.push(requirement(key, operator, values.collect::<Result<_, _>>()?)?);
        }
        Ok(Selector(requirements))
    }

    /// Returns `true` if nothing is asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns `true` if all requirements hold.
    pub(crate) fn matches<'a>(&self, get: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.0.iter().all(|requirement| {
            let value = get(&requirement.key);
            let listed = |value: &str| requirement.values.iter().any(|own| own == value);
            match requirement.operator {
                Operator::In => value.is_some_and(listed),
                Operator::NotIn => !value.is_some_and(listed),
                Operator::Exists => value.is_some(),
                Operator::DoesNotExist => value.is_none(),
            }
        })
    }
}

fn requirement(key: &str, operator: Operator, values: Vec<String>) -> Result<Requirement, String> {
    if !is_qualified(key) {
        return Err(format!(
            "the label key {key:?} is invalid: it must be a name of letters, digits, `-`, `_` and `.`, with at most one `PREFIX/` before it"
        ));
    }
    match operator {
        Operator::In | Operator::NotIn if values.is_empty() => {
            Err(format!("matchExpressions: In and NotIn need values for `{key}`"))
        }
        Operator::Exists | Operator::DoesNotExist if !values.is_empty() => {
            Err(format!("matchExpressions: Exists and DoesNotExist take no values for `{key}`"))
        }
        _ => Ok(Requirement { key: key.to_owned(), operator, values }),
    }
}

/// Returns `true` for a key that a label may have.
pub(crate) fn is_qualified(key: &str) -> bool {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let edge = |c: char| c.is_ascii_alphanumeric();
    let name_fits = name.len() <= 63
        && name.starts_with(edge)
        && name.ends_with(edge)
        && name.chars().all(|c| edge(c) || "-_.".contains(c));
    let is_label = |part: &str| {
        let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        part.starts_with(edge) && part.ends_with(edge) && part.chars().all(|c| edge(c) || c == '-')
    };
    let prefix_fits =
        prefix.is_none_or(|prefix| prefix.len() <= 253 && prefix.split('.').all(is_label));
    name_fits && prefix_fits
}
