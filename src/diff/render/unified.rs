//! The unified format: a patch of the rendered manifests, one file per object.

use std::fmt::Write;

use serde_json::Value;

use super::lines::{hunks, write_unified};
use crate::diagnostics::Result;
use crate::diff::apply;
use crate::diff::budget::Budget;
use crate::diff::mask::MASK;
use crate::diff::model::{FieldChange, ObjectId, ResourceDiff};
use crate::diff::object::Object;
use crate::diff::out::Out;
use crate::diff::report::{Report, Standing};
use crate::visible::{visible, visible_colored, visible_line};
use crate::yaml;

/// Writes a report as a patch; control characters are escaped. A masked value that changes is shown as `*** (before)` and
/// `*** (after)`.
///
/// # Errors
/// If it has more bytes than the [limits of the report](Report::within) allow.
pub fn unified(report: &Report) -> Result<String> {
    let mut out = Out::new(&report.limits);
    let budget = Budget::of_text(&report.limits, report.roots.len());
    for root in &report.roots {
        for resource in &root.diff.resources {
            let before = root.moved_from.as_ref().unwrap_or(&root.root);
            file([before, &root.root], resource, &mut out, &budget);
        }
    }
    for root in &report.roots {
        if let Some(note) = &root.note {
            let _ = writeln!(out, "# {}: {}", visible_line(&root.root), visible_line(note));
        }
        if let Some(failure) = &root.failure {
            let note = match failure.standing() {
                Standing::Broken => "",
                Standing::MayDiffer => " (may differ)",
                Standing::Fixed => " (before; it can be rendered now)",
                Standing::Gone => " (before; it is gone)",
                Standing::AsBefore => " (as before)",
            };
            let text = failure.text();
            let text = visible(&text).replace('\n', "\n# ");
            let _ = writeln!(out, "# {}{note}: {text}", visible_line(&root.root));
        }
    }
    out.finish(visible_colored)
}

fn file(roots: [&str; 2], resource: &ResourceDiff, out: &mut Out, budget: &Budget) {
    let (before, after) = sides(resource);
    let name = |prefix: &str, root: &str, id: &Option<ObjectId>| match id {
        Some(id) => format!("{prefix}/{}", path(root, id)),
        None => "/dev/null".to_owned(),
    };
    let _ = writeln!(out, "--- {}", name("a", roots[0], &resource.before));
    let _ = writeln!(out, "+++ {}", name("b", roots[1], &resource.after));
    write_unified(&hunks(&before, &after, budget), out);
}

/// Returns both sides of an object as YAML.
pub(super) fn sides(resource: &ResourceDiff) -> (String, String) {
    let text = |value: Option<&Value>| {
        let mut text = String::new();
        if let Some(value) = value
            && yaml::print(&yaml::from_value(value), &mut text).is_err()
        {
            // What YAML cannot show, JSON can.
            text = serde_json::to_string_pretty(value).unwrap_or_default();
        }
        text
    };
    let object = || resource.object.as_ref().map(Object::value);
    match (&resource.before, &resource.after) {
        (None, _) => (String::new(), text(object().as_deref())),
        (_, None) => (text(object().as_deref()), String::new()),
        (Some(_), Some(_)) => {
            let mut marked = resource.clone();
            marked.fields.iter_mut().for_each(mark);
            let whole = &resource.whole.value();
            let back = marked.mirrored();
            let before = apply::fields(whole, &back.fields);
            let after = before.as_ref().map(|before| apply::fields(before, &marked.fields));
            match (&before, after) {
                (Ok(before), Ok(Ok(after))) => (text(Some(before)), text(Some(&after))),
                // Without the object (it is no part of the JSON form), the fields have to do.
                _ => (listed(&marked, |f| &f.before), listed(&marked, |f| &f.after)),
            }
        }
    }
}

/// Makes a change of a masked value visible.
fn mark(change: &mut FieldChange) {
    if change.masked && change.before == change.after {
        for (value, side) in [(&mut change.before, "before"), (&mut change.after, "after")] {
            value.iter_mut().for_each(|value| mark_value(value, side));
        }
    }
}

/// Returns both sides of a text in which only masked parts differ, so that these can be told apart.
pub(super) fn marked(text: &str) -> (String, String) {
    let side = |side| text.replace(MASK, &format!("{MASK} ({side})"));
    (side("before"), side("after"))
}

fn mark_value(value: &mut Value, side: &str) {
    match value {
        Value::String(text) => *text = text.replace(MASK, &format!("{MASK} ({side})")),
        Value::Array(items) => items.iter_mut().for_each(|item| mark_value(item, side)),
        Value::Object(map) => map.values_mut().for_each(|item| mark_value(item, side)),
        _ => {}
    }
}

fn listed(resource: &ResourceDiff, side: fn(&FieldChange) -> &Option<Value>) -> String {
    let mut text = String::new();
    for field in &resource.fields {
        if let Some(value) = side(field) {
            let _ = writeln!(text, "{}: {value}", field.path);
        }
    }
    text
}

/// Returns the name of the file that would hold an object.
fn path(root: &str, id: &ObjectId) -> String {
    let file = format!("{}-{}.yaml", id.kind.to_lowercase(), id.name);
    // What applies the patch makes files of these names.
    let component = |text: &str| text.replace("..", "_").replace(['/', '\\'], "_");
    let parts = [root.to_owned(), component(&id.namespace), component(&file)];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    visible_line(&parts.join("/").replace([' ', '\n', '\t'], "_")).into_owned()
}
