//! Files of generators: what is no env file, or not what a shell takes it for, and merges that were not finished.

use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::yaml::Pos;

/// The mark at the start of the first of two sides of a merge.
const CONFLICT: &str = "<<<<<<<";

/// Looks at an env file that `source` names, whose first byte is at `pos`.
pub(in crate::checks) fn env_file(lint: &Lint, source: &str, bytes: &[u8], pos: Pos) {
    let text = String::from_utf8_lossy(bytes);
    let is_whole = text.len() == bytes.len();
    if let Some(at) = conflict(&text).filter(|_| is_whole) {
        lint.add(unfinished_merge(source, pos.offset(at)).covering(bytes.len() - at));
        return;
    }
    if let Some(what) = other_format(source, &text) {
        let text = format!("`{source}` is {what}, and as an env file each line of it is a key");
        let warning = Warning::new(WarningKind::EnvFile, text, pos).covering(bytes.len());
        lint.add(warning.hint(
            "list it under `files`, which makes one value of the whole file, or write lines `KEY=value`",
        ));
        return;
    }
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let at = pos.offset(start);
        start += line.len();
        let Ok(line) = std::str::from_utf8(line) else { continue };
        let line = line.trim_end_matches(['\n', '\r']).trim_start_matches('\u{feff}').trim_start();
        if !line.is_empty() && !line.starts_with('#') {
            env_line(lint, line, at);
        }
    }
}

/// Returns what a text is if not an env file, or `None` for a single line that may be a slip.
fn other_format(source: &str, text: &str) -> Option<&'static str> {
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let lines: Vec<&str> = lines.collect();
    let is_pair =
        |line: &&&str| line.split_once('=').is_some_and(|(key, _)| !key.contains([':', ' ', '"']));
    if lines.iter().filter(is_pair).count() * 2 > lines.len() {
        return None;
    }
    if lines.first().is_some_and(|line| line.starts_with('{')) {
        return Some("JSON");
    }
    let is_yaml =
        |line: &&&str| line.ends_with(':') || line.contains(": ") || line.starts_with("- ");
    let count = lines.iter().filter(is_yaml).count();
    let is_named_so = source.ends_with(".yaml") || source.ends_with(".yml");
    if count * 2 > lines.len() && (count > 1 || is_named_so) {
        return Some("YAML");
    }
    let is_section = |line: &&str| line.starts_with('[') && line.ends_with(']');
    lines.iter().any(is_section).then_some("a file with sections")
}

/// Returns where the first side of a merge begins that was not finished.
pub(in crate::checks) fn conflict(text: &str) -> Option<usize> {
    let at = memchr::memmem::find_iter(text.as_bytes(), CONFLICT);
    let starts_line = |at: &usize| *at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n');
    let start = at.into_iter().find(starts_line)?;
    let rest = text.get(start..)?;
    let ends = rest.lines().any(|line| line.starts_with(">>>>>>>"));
    (ends && rest[CONFLICT.len()..].starts_with([' ', '\n', '\r'])).then_some(start)
}

pub(in crate::checks) fn unfinished_merge(what: &str, pos: Pos) -> Warning {
    let text = format!("{what} has the markers of a merge of git that was not finished");
    Warning::new(WarningKind::ConflictMarkers, text, pos)
        .hint("keep the side that is meant, or both, and remove the lines `<<<<<<<`, `=======` and `>>>>>>>`")
}

/// Warns about a line of an env file, whose text starts at `pos`.
fn env_line(lint: &Lint, line: &str, pos: Pos) {
    let warn = |text: String, hint: &str| {
        lint.add(Warning::new(WarningKind::EnvFile, text, pos).hint(hint));
    };
    let Some((key, value)) = line.split_once('=') else {
        if let Some((key, _)) = line.split_once(": ") {
            return warn(
                format!(
                    "the line of `{key}` has no `=`, so that all of it is a key with an empty value"
                ),
                "an env file is no YAML: write `KEY=value`, without a colon and blank",
            );
        }
        return warn(
            format!("the key `{line}` has no value, so it is set to the empty text"),
            "write `KEY=value`; unlike kubectl, kustomize does not look into the environment",
        );
    };
    if key.starts_with("export ") {
        return warn(
            format!(
                "the key is `{key}`, with `export` in it: no key may have a blank, so the API server refuses the object"
            ),
            "leave `export` out: an env file is no shell script",
        );
    }
    if key.ends_with([' ', '\t']) {
        return warn(
            format!("the key is `{key}`, with a blank at its end"),
            "write `KEY=value` without blanks",
        );
    }
    if key.trim().is_empty() {
        return warn(
            "the line has no key before `=`, so nothing is made of it".to_owned(),
            "write `KEY=value`",
        );
    }
    if value.starts_with([' ', '\t']) && !value.trim().is_empty() {
        warn(
            format!("the value of `{key}` starts with a blank"),
            "write `KEY=value` without blanks: all after the `=` is the value",
        );
    }
    if value.contains(" # ") {
        warn(
            format!("what follows `#` in the line of `{key}` is a part of the value"),
            "put the comment on a line of its own",
        );
    }
    let value = value.trim_end();
    let is_quoted =
        |quote: char| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    if is_quoted('"') || is_quoted('\'') {
        warn(
            format!("the quotes around the value of `{key}` become a part of it"),
            "leave the quotes out: all up to the end of the line is the value",
        );
    }
}
