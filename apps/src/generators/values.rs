//! `values`: parameters that somebody writes beside what a generator finds.

use serde_json::{Map, Value as Json};

use crate::params::Params;
use crate::substitute::{Filling, Substitution, Unfilled};
use crate::template::{MissingKey, Value};

use super::fault;

/// Adds the `values` of a generator to a set, filled in with what the set has without them.
pub(super) fn add(
    generator: &Json,
    params: &mut Params,
    substitution: &Substitution,
) -> Result<(), Unfilled> {
    let values = match generator.get("values") {
        None | Some(Json::Null) => return Ok(()),
        Some(Json::Object(values)) => values,
        Some(_) => return Err(fault("values", "`values` is not a map")),
    };
    let mut filled = Vec::with_capacity(values.len());
    {
        let filling = Filling::new(params);
        for (key, value) in values {
            let path = format!("values.{key}");
            let Json::String(text) = value else {
                return Err(fault(path, format!("the value `{key}` is not a string")));
            };
            let text = substitution.text(text, &filling).map_err(|message| fault(path, message))?;
            filled.push((key.as_str(), Value::str(text)));
        }
    }
    if substitution.go {
        if !filled.is_empty() {
            params.insert("values".into(), Value::string_map(filled));
        }
    } else {
        params.extend(filled.into_iter().map(|(key, v)| (format!("values.{key}").into(), v)));
    }
    Ok(())
}

/// Fills in what can be filled in before the generator has run.
pub(super) fn early(
    values: &Map<String, Json>,
    substitution: &Substitution,
    filling: &Filling<'_>,
) -> Json {
    let fill = |value: &Json| match value {
        Json::String(text) => {
            let filled = substitution.text_with(text, filling, MissingKey::Error);
            Json::String(filled.unwrap_or_else(|_| text.clone()))
        }
        other => other.clone(),
    };
    Json::Object(values.iter().map(|(key, value)| (key.clone(), fill(value))).collect())
}
