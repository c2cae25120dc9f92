//! Fields of Applications whose type Argo CD does not accept.

use serde_json::Value as Json;

use crate::application::{Application, remark_on};
use crate::problem::Problem;

/// The fields that are texts, above their names.
const TEXTS: [(&str, &[&str]); 3] = [
    ("/metadata", &["name", "namespace"]),
    ("/spec", &["project"]),
    ("/spec/destination", &["server", "name", "namespace"]),
];

/// The same of a source.
const OF_SOURCE: [&str; 5] = ["repoURL", "path", "targetRevision", "chart", "ref"];

/// Finds what is a number, or true or false, where a text belongs: Kubernetes refuses the whole object.
pub(crate) fn check(application: &Application) -> Vec<Problem> {
    if application.is_flux() {
        return Vec::new();
    }
    let object = application.object();
    let mut found = Vec::new();
    for (place, fields) in TEXTS {
        let name = place.trim_start_matches('/').replace('/', ".");
        let place = object.pointer(place).map(|own| wrong((&name, &name), own, fields));
        found.extend(place.into_iter().flatten());
    }
    for (i, source) in application.sources().into_iter().enumerate() {
        found.extend(wrong(("source", &application.field_of_source(i)), source, &OF_SOURCE));
    }
    let problem = |(field, message): (String, String)| {
        remark_on(&field, "not-a-text", message, application)
            .hint("put quotes around it: Kubernetes refuses the object as it is")
    };
    found.into_iter().map(problem).collect()
}

/// Returns the fields that are no texts, each with what to say of it; `name` is what the place of the fields is called.
fn wrong((name, place): (&str, &str), own: &Json, fields: &[&str]) -> Vec<(String, String)> {
    let of = |field: &&str| {
        let value = own.get(*field).filter(|value| !value.is_null() && !value.is_string())?;
        let message = match value {
            Json::Bool(value) => format!(
                "{name}.{field} is {value}, not a text: so YAML 1.1 reads y, n, yes, no, on and off"
            ),
            other => format!("{name}.{field} is {other}, not a text"),
        };
        Some((format!("{place}.{field}"), message))
    };
    fields.iter().filter_map(of).collect()
}
