//! Names, labels and annotations that Kubernetes refuses.

use kustom::document::NodeView;
use serde_json::{Map, Value as Json};

use super::Subject;
use crate::application::{remark, remark_on};
use crate::functions::kind as kind_of;
use crate::letters;
use crate::problem::Problem;
use crate::render::Manifest;
use crate::selector::is_qualified;

/// Groups whose names may be nearly anything.
const FREE: [&str; 3] =
    ["rbac.authorization.k8s.io", "apiregistration.k8s.io", "certificates.k8s.io"];

/// What a name has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Parts with dots between.
    Subdomain,
    /// One part.
    Label,
    /// One part that begins with a letter.
    LabelOfLetters,
}

/// Finds names of an Application and of its objects that Kubernetes refuses.
pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let application = subject.application;
    if let Some(why) = wrong(application.name(), Form::Subdomain) {
        let message = format!("the name of the Application {why}");
        problems.push(remark_on("metadata.name", "name-invalid", message, application));
    }
    let namespace = application.destination_namespace();
    if !namespace.is_empty()
        && let Some(why) = wrong(namespace, Form::Label)
    {
        let message = format!("the namespace {namespace:?} of the destination {why}");
        let field = "spec.destination.namespace";
        problems.push(remark_on(field, "name-invalid", message, application));
    }
    let mut say = |code, message: String| problems.push(remark(code, message, application));
    for manifest in &subject.rendered.manifests {
        let title = || manifest.title();
        if let Some(why) = name(manifest) {
            say("name-invalid", format!("{}: the name {why}", title()));
        }
        let own = manifest.text(&["metadata", "namespace"]);
        if !own.is_empty()
            && own != namespace
            && let Some(why) = wrong(own, Form::Label)
        {
            say("name-invalid", format!("{}: the namespace {why}", title()));
        }
        let mut wrong = Vec::new();
        let template: &[&str] = &["spec", "template", "metadata"];
        for metadata in [&["metadata"][..], template] {
            let Some(metadata) = manifest.node().get_path(metadata) else { continue };
            pairs(&metadata, "labels", &mut wrong);
            pairs(&metadata, "annotations", &mut wrong);
        }
        wrong.dedup();
        for why in wrong {
            say("label-invalid", format!("{}: {why}", title()));
        }
    }
}

/// Says what is wrong with the name of an object.
fn name(manifest: &Manifest) -> Option<String> {
    let name = manifest.text(&["metadata", "name"]);
    if name.is_empty() {
        let generated = !manifest.text(&["metadata", "generateName"]).is_empty();
        let is_list = manifest.text(&["kind"]).ends_with("List");
        return (!generated && !is_list).then(|| "is missing".to_owned());
    }
    let (api_version, kind) = (manifest.text(&["apiVersion"]), manifest.text(&["kind"]));
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    if FREE.contains(&group) || group.ends_with(".openshift.io") {
        let is_path = !name.contains(['/', '%']) && name != "." && name != "..";
        return (!is_path).then(|| format!("{name:?} has `/` or `%` in it, or is `.` or `..`"));
    }
    let form = match (group, kind) {
        ("", "Namespace") => Form::Label,
        ("", "Service") => Form::LabelOfLetters,
        _ => Form::Subdomain,
    };
    if let Some(why) = wrong(name, form) {
        return Some(format!("{name:?} {why}"));
    }
    let is_long = (group, kind) == ("batch", "CronJob") && name.len() > 52;
    is_long.then(|| format!("{name:?} has more than 52 characters, which its Jobs need"))
}

/// Says what is wrong with a name, if it is not of a form.
fn wrong(name: &str, form: Form) -> Option<&'static str> {
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_part = |part: &str| {
        part.starts_with(edge) && part.ends_with(edge) && part.chars().all(|c| edge(c) || c == '-')
    };
    match form {
        Form::Subdomain if name.len() > 253 => Some("has more than 253 characters"),
        Form::Subdomain if !name.split('.').all(is_part) => Some(
            "must have only a-z, 0-9, `-` and `.`, and each part must begin and end with a letter or digit",
        ),
        Form::Label | Form::LabelOfLetters if name.len() > 63 => {
            Some("has more than 63 characters")
        }
        Form::Label | Form::LabelOfLetters if !is_part(name) => {
            Some("must have only a-z, 0-9 and `-`, and must begin and end with a letter or digit")
        }
        Form::LabelOfLetters if !name.starts_with(|c: char| c.is_ascii_lowercase()) => {
            Some("must begin with a letter")
        }
        _ => None,
    }
}

/// Adds what is wrong with labels or annotations.
fn pairs(metadata: &NodeView, field: &str, wrong: &mut Vec<String>) {
    let Some(own) = metadata.get(field) else { return };
    if own.entries().all(|(key, value)| is_surely_right(&key, &value, field)) {
        return;
    }
    let pairs: Map<String, Json> = match own.to_value() {
        Ok(Json::Object(pairs)) => pairs,
        _ => return,
    };
    let what = field.trim_end_matches('s');
    for (key, value) in &pairs {
        // A key of an annotation may have capitals.
        let shown = if field == "annotations" { letters::lowered(key) } else { key.clone() };
        if !is_qualified(&shown) {
            wrong.push(format!(
                "the key {key:?} of a {what} must be at most 63 letters, digits, `-`, `_` and `.`, with a domain and `/` before it or not"
            ));
        }
        match value {
            Json::String(text) if field == "labels" && !is_label_value(text) => {
                wrong.push(format!(
                    "the label {key} is {text:?}, which must be at most 63 letters, digits, `-`, `_` and `.`, and must begin and end with a letter or digit"
                ));
            }
            Json::String(_) | Json::Null => {}
            other => wrong.push(format!(
                "the {what} {key} is {}, and Kubernetes takes only strings: put quotes around it",
                kind_of(other)
            )),
        }
    }
}

/// Returns `true` for most labels and annotations that Kubernetes takes, at a glance.
fn is_surely_right(key: &NodeView, value: &NodeView, field: &str) -> bool {
    let (Some(key), Some(text)) = (key.text(), value.text()) else { return false };
    // No number begins with a letter, and all other words that are no strings are short.
    let is_string =
        text.len() > "false".len() && text.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_string = is_string || matches!(value.to_value(), Ok(Json::String(_)));
    is_string && is_qualified(key) && (field != "labels" || is_label_value(text))
}

fn is_label_value(text: &str) -> bool {
    let edge = |c: char| c.is_ascii_alphanumeric();
    text.is_empty()
        || (text.len() <= 63
            && text.starts_with(edge)
            && text.ends_with(edge)
            && text.chars().all(|c| edge(c) || "-_.".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_forms() {
        for (name, subdomain, label, of_letters) in [
            ("a", true, true, true),
            ("a-1", true, true, true),
            ("1-a", true, true, false),
            ("a.b", true, false, false),
            ("a_b", false, false, false),
            ("A", false, false, false),
            ("-a", false, false, false),
            ("a-", false, false, false),
            ("a..b", false, false, false),
            ("", false, false, false),
        ] {
            let is = |form| wrong(name, form).is_none();
            let found = (is(Form::Subdomain), is(Form::Label), is(Form::LabelOfLetters));
            assert_eq!(found, (subdomain, label, of_letters), "{name}");
        }
        let long = "a".repeat(64);
        assert!(wrong(&long, Form::Label).is_some() && wrong(&long, Form::Subdomain).is_none());
        assert!(wrong(&"a".repeat(254), Form::Subdomain).is_some());
        for (text, wanted) in [("", true), ("v1.2_3", true), ("-a", false), ("a b", false)] {
            assert_eq!(is_label_value(text), wanted, "{text}");
        }
    }
}
