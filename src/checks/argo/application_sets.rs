//! Parameters of ApplicationSets in the form of the other template language: with `goTemplate: true` it is
//! `{{.name}}`, and `{{name}}` without.

use crate::checks::positions::place_or;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::{Mapping, Node};

/// Words that may stand alone between braces of a Go template.
const ALONE: &[&str] = &[
    "break", "coalesce", "continue", "dict", "else", "end", "false", "list", "nil", "now", "true",
    "tuple", "uuidv4",
];

/// Fields whose texts may have templates of others in them.
const OF_OTHERS: &[&str] = &["values", "valuesObject", "parameters"];

/// A parameter that is written wrong.
struct Slip<'a> {
    node: &'a Node,
    tag: &'a str,
    /// How it is written right.
    right: String,
}

/// Checks the texts of an ApplicationSet, and warns about the first that is wrong.
pub(in crate::checks) fn check(lint: &Lint, resource: &Resource) {
    let Some(spec) = resource.node.get("spec").and_then(Node::as_map) else { return };
    let is_go = spec.get("goTemplate").and_then(Node::text) == Some("true");
    let Some(Slip { node, tag, right }) = first_slip(spec, is_go) else { return };
    let (text, hint) = match is_go {
        true => (
            format!(
                "ApplicationSet {}: `{{{{{tag}}}}}` calls a function that there is not, for the set has \
                 `goTemplate: true`",
                resource.name()
            ),
            format!("a parameter has a dot before it there: `{{{{{right}}}}}`"),
        ),
        false => (
            format!(
                "ApplicationSet {}: `{{{{{tag}}}}}` is a Go template and stays as it is, for the set has no \
                 `goTemplate: true`",
                resource.name()
            ),
            match right.is_empty() {
                true => "set `goTemplate: true` under `spec`, and write each parameter with a dot before it".to_owned(),
                false => format!("set `goTemplate: true` under `spec`, or write `{{{{{right}}}}}`"),
            },
        ),
    };
    lint.add(
        Warning::new(WarningKind::OtherTemplate, text, place_or(node.pos(), resource)).hint(hint),
    );
}

fn first_slip(spec: &Mapping, is_go: bool) -> Option<Slip<'_>> {
    let mut left: Vec<&Node> = Vec::new();
    left.extend(spec.iter().rev().map(|entry| &entry.value));
    while let Some(node) = left.pop() {
        work::check();
        match node {
            Node::Scalar { text, .. } => {
                let slip = tags(text).find_map(|tag| Some((tag, slip(tag, is_go)?)));
                if let Some((tag, right)) = slip {
                    return Some(Slip { node, tag, right });
                }
            }
            Node::Seq { items, .. } => left.extend(items.iter().rev()),
            // Charts have templates too, which are no business of a set without Go templates.
            Node::Map { map, .. } => {
                let is_ours = |key: &str| is_go || !OF_OTHERS.contains(&key);
                let ours = map.iter().rev().filter(|e| e.key.text().is_some_and(is_ours));
                left.extend(ours.map(|entry| &entry.value));
            }
        }
    }
    None
}

/// Returns what stands between double braces in a text, but for texts of Go templates, as in
/// ``{{`{{ .name }}`}}``.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once("{{")?;
            if let Some(raw) = after.trim_start_matches(['-', ' ']).strip_prefix('`') {
                rest = raw.split_once('`').map_or("", |(_, after)| after);
                continue;
            }
            let (tag, after) = after.split_once("}}")?;
            rest = after;
            return Some(tag);
        }
    })
}

/// Returns the right spelling of a tag of the other language; the inner `None` means that it is not known.
fn slip(tag: &str, is_go: bool) -> Option<String> {
    let inner = tag.trim_matches(['-', ' ']);
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']');
    let word = inner.split(|c: char| !is_part(c)).next().unwrap_or_default();
    let rest = inner.get(word.len()..).unwrap_or_default().trim_start();
    if !is_go {
        let control = ["if", "range", "with", "index", "else", "end"];
        let is_control = control.contains(&word) && word.len() < inner.len();
        let name = word.strip_prefix('.');
        return match name {
            Some(name) if !name.is_empty() => {
                Some(if rest.is_empty() { name.to_owned() } else { String::new() })
            }
            _ => is_control.then(String::new),
        };
    }
    let is_name = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_alone = rest.is_empty() || rest.starts_with('|');
    let is_path = word.contains(['.', '[']);
    if !is_name || !(is_path || is_alone) || ALONE.contains(&word) {
        return None;
    }
    let right = match word.split_once('[') {
        // `path[0]` is a part of the path.
        Some(("path", index)) => {
            format!("index .path.segments {}", index.trim_end_matches(']'))
        }
        Some(_) => return Some(format!(".{word}")),
        None if word == "path" => ".path.path".to_owned(),
        None => format!(".{word}"),
    };
    let space = if rest.is_empty() { "" } else { " " };
    Some(format!("{right}{space}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_the_other_language_are_known() {
        let go = |tag| slip(tag, true);
        assert_eq!(go("path.basename").as_deref(), Some(".path.basename"));
        assert_eq!(go(" env ").as_deref(), Some(".env"));
        assert_eq!(go("path").as_deref(), Some(".path.path"));
        assert_eq!(go("path[1]").as_deref(), Some("index .path.segments 1"));
        assert_eq!(go("name | lower").as_deref(), Some(".name | lower"));
        for fine in [
            ".env",
            "- end -",
            "index .path.segments 1",
            "$x",
            "if .a",
            "now",
            "lower .name",
            "\"a\"",
        ] {
            assert_eq!(go(fine), None, "{fine}");
        }
        let fast = |tag| slip(tag, false);
        assert_eq!(fast(".path.basename").as_deref(), Some("path.basename"));
        assert_eq!(fast(" .name | lower ").as_deref(), Some(""));
        assert_eq!(fast("if eq .name 1").as_deref(), Some(""));
        for fine in ["path.basename", "name", "metadata.labels.a", "if", "", "values.index"] {
            assert_eq!(fast(fine), None, "{fine}");
        }
    }

    #[test]
    fn texts_in_go_templates_are_passed_over() {
        let found: Vec<&str> = tags("a{{ .a }}b{{`{{ b }}`}}{{c}}").collect();
        assert_eq!(found, [" .a ", "c"]);
    }
}
