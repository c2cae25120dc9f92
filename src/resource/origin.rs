//! Where resources come from and what changed them (docs/spec/accumulation.md, section 8).

use std::fmt::Write;
use std::sync::Arc;

use ecow::EcoString;

use crate::yaml::{Node, is_string};

/// A file, generator or transformer, and the repository it is in. Empty fields are not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The file of the resource, from the root of the build or of the repository.
    pub(crate) path: EcoString,
    /// The repository.
    pub(crate) repo: EcoString,
    /// Its branch, tag or commit.
    pub(crate) reference: EcoString,
    /// The file that has the generator or transformer.
    pub(crate) configured_in: EcoString,
    /// The generator or transformer.
    pub(crate) configured_by: Option<ConfiguredBy>,
}

/// A generator or transformer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ConfiguredBy {
    /// Its version; `builtin` for steps of the kustomization file.
    pub(crate) api_version: EcoString,
    /// Its kind, such as `NamespaceTransformer`.
    pub(crate) kind: EcoString,
    /// Its name.
    pub(crate) name: EcoString,
    /// Its namespace.
    pub(crate) namespace: EcoString,
}

impl ConfiguredBy {
    /// Returns a step of the kustomization file.
    pub(crate) fn builtin(kind: impl Into<EcoString>) -> ConfiguredBy {
        ConfiguredBy { api_version: "builtin".into(), kind: kind.into(), ..Self::default() }
    }
}

impl Origin {
    /// Returns the origin of a file or base that is named by a path.
    pub(crate) fn enter(&self, entry: &str) -> Origin {
        Origin { path: join(&self.path, entry), ..self.clone() }
    }

    /// Returns the origin of a base in a repository; `subpath` is the directory in it.
    ///
    /// As upstream names it: for the root of the repository the path is `notCloned`.
    pub(crate) fn enter_repo(repo: &str, reference: &str, subpath: &str) -> Origin {
        let path = if subpath.is_empty() { "notCloned" } else { subpath };
        Origin {
            path: join("", path),
            repo: repo.into(),
            reference: reference.into(),
            ..Origin::default()
        }
    }

    /// Returns the origin of what a step makes or changes; `file` is the kustomization file or the
    /// file of the step's own configuration.
    pub(crate) fn step(&self, file: &str, step: ConfiguredBy) -> Origin {
        Origin {
            path: EcoString::new(),
            repo: self.repo.clone(),
            reference: self.reference.clone(),
            configured_in: join(&self.path, file),
            configured_by: Some(step),
        }
    }
}

/// Returns the text of the origin annotation.
pub(crate) fn origin_text(origin: &Origin) -> EcoString {
    let mut text = String::new();
    write_fields(&mut text, "", origin);
    text.into()
}

/// Returns the text of the transformations annotation.
pub(crate) fn transformations_text(steps: &[Arc<Origin>]) -> EcoString {
    let mut text = String::new();
    for step in steps {
        let start = text.len();
        write_fields(&mut text, "  ", step);
        if text.len() > start {
            text.replace_range(start..=start, "-");
        } else {
            text.push_str("- {}\n");
        }
    }
    text.into()
}

fn write_fields(out: &mut String, indent: &str, origin: &Origin) {
    let fields = [
        ("path", &origin.path),
        ("repo", &origin.repo),
        ("ref", &origin.reference),
        ("configuredIn", &origin.configured_in),
    ];
    for (key, value) in fields {
        write_field(out, indent, key, value);
    }
    let Some(by) = origin.configured_by.as_ref().filter(|by| **by != ConfiguredBy::default())
    else {
        return;
    };
    out.push_str(indent);
    out.push_str("configuredBy:\n");
    let fields = [
        ("  apiVersion", &by.api_version),
        ("  kind", &by.kind),
        ("  name", &by.name),
        ("  namespace", &by.namespace),
    ];
    for (key, value) in fields {
        write_field(out, indent, key, value);
    }
}

fn write_field(out: &mut String, indent: &str, key: &str, value: &str) {
    if value.is_empty() {
        return;
    }
    out.push_str(indent);
    out.push_str(key);
    out.push_str(": ");
    write_scalar(out, value);
    out.push('\n');
}

/// Writes a string on one line, quoted if need be.
fn write_scalar(out: &mut String, text: &str) {
    if text.chars().any(char::is_control) {
        out.push('"');
        for c in text.chars() {
            match c {
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '"' | '\\' => out.extend(['\\', c]),
                c if c.is_control() => {
                    let _ = write!(out, "\\x{:02X}", u32::from(c));
                }
                c => out.push(c),
            }
        }
        out.push('"');
    } else if !is_plain(text) {
        let _ = write!(out, "'{}'", text.replace('\'', "''"));
    } else if is_string(&Node::plain(text)) && !is_old_bool(text) {
        out.push_str(text);
    } else {
        let _ = write!(out, "\"{text}\"");
    }
}

/// Returns `true` if a text can stand without quotes, whatever its type would be.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let starts_well = match bytes {
        [b'-' | b'?' | b':', next, ..] => *next != b' ' && !text.starts_with("---"),
        [b'-' | b'?' | b':'] => false,
        [first, ..] => !b"#,[]{}&*!|>'\"%@` ".contains(first) && !text.starts_with("..."),
        [] => false,
    };
    starts_well && !text.ends_with([' ', ':']) && !text.contains(": ") && !text.contains(" #")
}

/// Returns `true` if readers of YAML 1.1 take a word for a boolean.
fn is_old_bool(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    matches!(lower.as_str(), "y" | "n" | "yes" | "no" | "on" | "off")
        && (text == lower
            || text.bytes().all(|b| b.is_ascii_uppercase())
            || text[1..] == lower[1..])
}

/// Joins two paths and cleans the result, by its text alone.
fn join(base: &str, entry: &str) -> EcoString {
    if base.is_empty() && entry.is_empty() {
        return EcoString::new();
    }
    let rooted = if base.is_empty() { entry } else { base }.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(entry.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    match (rooted, path.is_empty()) {
        (true, _) => ecow::eco_format!("/{path}"),
        (false, true) => ".".into(),
        (false, false) => path.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_by_text() {
        let base = Origin::default().enter("../b").enter("./x/../b.yaml");
        assert_eq!(origin_text(&base), "path: ../b/b.yaml\n");
        let repo = Origin::enter_repo("https://x/y", "v1", "").enter("5");
        assert_eq!(origin_text(&repo), "path: notCloned/5\nrepo: https://x/y\nref: v1\n");
        assert_eq!([join("a", ".."), join("/", "../a"), join("", "../a")], [".", "/a", "../a"]);
    }

    #[test]
    fn steps_are_listed() {
        let step = ConfiguredBy {
            name: "5".into(),
            namespace: "yes".into(),
            ..ConfiguredBy::builtin("PrefixTransformer")
        };
        let step = Origin::default().enter("a: b").step("k.yaml", step);
        let wanted = "- configuredIn: 'a: b/k.yaml'\n  configuredBy:\n    apiVersion: builtin\n    \
                      kind: PrefixTransformer\n    name: \"5\"\n    namespace: \"yes\"\n";
        assert_eq!(transformations_text(&[Arc::new(step)]), wanted);
    }
}
