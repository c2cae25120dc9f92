//! Fields of Applications that are of another type than Argo CD takes.

use serde_json::Value as Json;

use crate::application::{Application, remark};
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
        let place = object.pointer(place).map(|own| (place.trim_start_matches('/'), own));
        found.extend(place.into_iter().flat_map(|(place, own)| wrong(place, own, fields)));
    }
    for source in application.sources() {
        found.extend(wrong("source", source, &OF_SOURCE));
    }
    let problem = |message: String| {
        remark("not-a-text", message, application)
            .hint("put quotes around it: Kubernetes refuses the object as it is")
    };
    found.into_iter().map(problem).collect()
}

fn wrong(place: &str, own: &Json, fields: &[&str]) -> Vec<String> {
    let of = |field: &&str| {
        let value = own.get(*field).filter(|value| !value.is_null() && !value.is_string())?;
        let place = place.replace('/', ".");
        Some(match value {
            Json::Bool(value) => format!(
                "{place}.{field} is {value}, not a text: so YAML 1.1 reads y, n, yes, no, on and off"
            ),
            other => format!("{place}.{field} is {other}, not a text"),
        })
    };
    fields.iter().filter_map(of).collect()
}
