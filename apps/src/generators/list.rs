//! The list generator: sets that are written down.

use serde_json::Value as Json;

use crate::document;
use crate::functions::kind;
use crate::params::Params;
use crate::substitute::Unfilled;
use crate::template::Value;

use super::sets::Sets;
use super::{Context, fault};

pub(super) fn sets(generator: &Json, context: &Context<'_>) -> Result<Vec<Params>, Unfilled> {
    let elements = match generator.get("elements") {
        None | Some(Json::Null) => &[][..],
        Some(Json::Array(elements)) => elements,
        Some(other) => {
            return Err(fault("elements", format!("`elements` is {}, not a list", kind(other))));
        }
    };
    let budget = &context.substitution.budget;
    let mut sets = Sets::new(budget);
    for (i, element) in elements.iter().enumerate() {
        let set = if context.substitution.go { structured(element) } else { plain(element) };
        sets.push(set.map_err(|e| e.below(&format!("elements.{i}")))?)?;
    }
    if let Some(text) = generator.get("elementsYaml").and_then(Json::as_str) {
        let invalid = |what: String| fault("elementsYaml", format!("elementsYaml: {what}"));
        budget.begin();
        let read = document::read_within(text.as_bytes(), budget);
        match read.map_err(|e| invalid(e.into_message()))? {
            Json::Null => {}
            Json::Array(items) => {
                for item in &items {
                    sets.push(structured(item).map_err(|e| invalid(e.message))?)?;
                }
            }
            other => return Err(invalid(format!("{} is no list", kind(&other)))),
        }
    }
    Ok(sets.into_all())
}

/// Takes an element as it is.
fn structured(element: &Json) -> Result<Params, Unfilled> {
    match element {
        Json::Null => Ok(Params::new()),
        Json::Object(members) => Ok(members
            .iter()
            .map(|(key, value)| (key.as_str().into(), Value::from(value)))
            .collect()),
        other => Err(fault("", format!("an element is {}, not a map", kind(other)))),
    }
}

/// Takes an element of texts only; those below `values` are named `values.NAME`.
fn plain(element: &Json) -> Result<Params, Unfilled> {
    let members = match element {
        Json::Null => return Ok(Params::new()),
        Json::Object(members) => members,
        other => return Err(fault("", format!("an element is {}, not a map", kind(other)))),
    };
    let mut params = Params::new();
    for (key, value) in members {
        if key == "values" {
            let Json::Object(values) = value else {
                return Err(fault("values", format!("`values` is {}, not a map", kind(value))));
            };
            for (key, value) in values {
                let name = format!("values.{key}");
                let value = text(&name, value)?;
                params.insert(name.into(), value);
            }
        } else {
            params.insert(key.as_str().into(), text(key, value)?);
        }
    }
    Ok(params)
}

fn text(name: &str, value: &Json) -> Result<Value, Unfilled> {
    match value {
        Json::String(text) => Ok(Value::str(text.as_str())),
        other => {
            let kind = kind(other);
            Err(fault(
                name,
                format!("`{name}` is {kind}; without goTemplate only a string is allowed"),
            ))
        }
    }
}
