//! Texts that are not YAML, by what the parser rejected. What knows better stands in other tables.

use super::Mistake;
use super::scene::{Finding, Scene};
use crate::diagnostics::{Hint, Location};

pub(super) static MISTAKES: &[Mistake] = &[
    Mistake {
        hint: Hint {
            id: "comment-in-json",
            looks_at: "A JSON file has a comment.",
            example: "{\n  // the name\n  \"name\": \"web\"\n}",
            remedy: "Remove the comment, or write the file as YAML with `#`.",
        },
        find: |scene| {
            let is_json = scene.text.trim_start().starts_with(['{', '[', '/']);
            let is_comment = |line: &str| {
                let line = line.trim_start();
                line.starts_with("//") || line.starts_with("/*")
            };
            let place = scene.find_line(is_comment).filter(|_| is_json)?;
            (scene.is_about_text() && scene.error.hint_text().is_none()).then(|| {
                Finding::new(
                    "JSON has no comments: remove this one, or write the file as YAML with `#`",
                )
                .at(Some(place))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "other-separator",
            looks_at: "A line of two or four dashes stands between two documents.",
            example: "kind: Service\n--\nkind: Secret",
            remedy: "Write exactly three dashes: `---`.",
        },
        find: |scene| {
            let is_one = |line: &str| {
                let line = line.trim_end();
                line.len() > 1 && line.len() != 3 && line.bytes().all(|byte| byte == b'-')
            };
            let (place, ()) = near_line(scene, |line| is_one(line).then_some(()))?;
            (scene.is_about_text() && scene.error.hint_text().is_none()).then(|| {
                Finding::new("exactly three dashes stand between two documents: write `---`")
                    .at(Some(place))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "no-blank-after-dash",
            looks_at: "The dash of an entry has no blank after it.",
            example: "resources:\n-service.yaml",
            remedy: "Write `- ` before each entry.",
        },
        find: |scene| {
            no_colon(scene)?;
            let (place, entry) = near_line(scene, entry_without_blank)?;
            Some(
                Finding::new(format!("put a blank after the dash of each entry: `- {entry}`"))
                    .at(Some(place)),
            )
        },
    },
    Mistake {
        hint: Hint {
            id: "no-blank-after-colon",
            looks_at: "The colon of a key has no blank after it.",
            example: "kind:Service",
            remedy: "Write `: ` after the key.",
        },
        find: |scene| {
            no_colon(scene)?;
            let (place, (key, value)) = near_line(scene, key_without_blank)?;
            let value = if value.len() > 60 { "..." } else { value };
            Some(
                Finding::new(format!("put a blank after the colon: `{key}: {value}`"))
                    .at(Some(place)),
            )
        },
    },
    Mistake {
        hint: Hint {
            id: "no-token",
            looks_at: "A tab indents a line, or a text starts with `@`, `%` or a backquote.",
            example: "image: @latest",
            remedy: "Indent with spaces, and put a text that starts with such a character into quotes.",
        },
        find: |scene| {
            let line = scene.line();
            let indent = line.len() - line.trim_start().len();
            let has_tab = line.get(..indent).is_some_and(|indent| indent.contains('\t'));
            says(scene, "cannot start any token")?;
            let column = scene.place.as_ref().map_or(0, |place| place.column as usize);
            let first = line.chars().nth(column.saturating_sub(1));
            // The tab, and not the blanks before it.
            let tab = line.find('\t').filter(|_| has_tab);
            let place = tab.and_then(|tab| {
                let place = scene.place.clone()?;
                Some(Location { column: tab as u32 + 1, ..place })
            });
            let finding = Finding::new(match first {
                _ if has_tab => "a tab indents this line: indent with spaces, not with tabs".to_owned(),
                Some(first @ ('@' | '%' | '`')) => {
                    format!("a text that starts with `{first}` needs quotes around the whole of it")
                }
                _ => {
                    "indent with spaces, not with tabs; a text that starts with `@`, `%` or a backquote needs quotes"
                        .to_owned()
                }
            });
            Some(finding.at(place))
        },
    },
    Mistake {
        hint: Hint {
            id: "tab-as-indentation",
            looks_at: "A tab stands where spaces must.",
            example: "metadata:\n\tname: web",
            remedy: "Indent with spaces.",
        },
        find: |scene| {
            says(scene, "tab character")?;
            Some(Finding::new("indent with spaces, not with tabs"))
        },
    },
    Mistake {
        hint: Hint {
            id: "star-without-quotes",
            looks_at: "A text starts with `*` or `&`, which YAML takes for an alias or anchor.",
            example: "host: *.example.com",
            remedy: "Put the text into quotes.",
        },
        find: |scene| {
            says(scene, "did not find expected alphabetic or numeric character")?;
            Some(Finding::new(
                "a text that starts with `*` or `&` needs quotes, as in `\"*.example.com\"`",
            ))
        },
    },
    Mistake {
        hint: Hint {
            id: "unknown-anchor",
            looks_at: "An alias such as `*name` has no anchor `&name` before it in its document.",
            example: "labels: *common",
            remedy: "Define it before, in the same document, with `&`; a text that starts with `*` needs quotes.",
        },
        find: |scene| {
            says(scene, "unknown anchor")?;
            Some(Finding::new(
                "define it before, in the same document, with `&`; a text that starts with `*` needs quotes",
            ))
        },
    },
    Mistake {
        hint: Hint {
            id: "missing-colon",
            looks_at: "A line that must be a key has no colon, or a text of several lines is not indented.",
            example: "metadata\n  name: web",
            remedy: "Put `:` and a blank after the key, or indent the text.",
        },
        find: |scene| {
            let place = match says(scene, "could not find expected ':'") {
                Some(()) => line_without_colon(scene),
                None => Some(neighbour_without_colon(scene)?),
            };
            Some(
                Finding::new("a key needs `: ` after it; a text of several lines is indented more than its key")
                    .at(place),
            )
        },
    },
    Mistake {
        hint: Hint {
            id: "colon-in-text",
            looks_at: "A line is indented more than its neighbours, or a text without quotes has `: ` in it.",
            example: "message: error: disk full",
            remedy: "Indent the line like its neighbours, or put the value into quotes.",
        },
        find: |scene| {
            says(scene, "mapping values are not allowed")?;
            Some(Finding::new(
                "indent this line like its neighbours, or put the value into quotes if it contains `: `",
            ))
        },
    },
    Mistake {
        hint: Hint {
            id: "unclosed-bracket",
            looks_at: "A bracket or brace is not closed, or a comma is missing between brackets.",
            example: "args: [--port, \"80\"\nenv: []",
            remedy: "Close it, or put the comma.",
        },
        find: |scene| {
            says(scene, "did not find expected ','")?;
            Some(Finding::new("close the bracket or brace, or put a comma before this"))
        },
    },
    Mistake {
        hint: Hint {
            id: "uneven-keys",
            looks_at: "A key is not indented like the others of its mapping, or follows what it cannot.",
            example: "metadata:\n  name: web\n namespace: shop",
            remedy: "Indent it like the others.",
        },
        find: |scene| {
            says(scene, "did not find expected key")?;
            let line = scene.line().trim_start();
            let column = scene.place.as_ref().map_or(0, |place| place.column as usize);
            let before: String = scene.line().chars().take(column.saturating_sub(1)).collect();
            let before = before.trim_end();
            let follows_quote = before.ends_with(['"', '\'']) && before.contains(':');
            Some(Finding::new(if follows_quote {
                "the quoted text ends before this: put all of the value into the quotes, or none of it"
            } else if line.starts_with("- ") {
                "a list stands beside the keys of a mapping: put it below the key that it belongs to"
            } else {
                "indent this line like the other keys of its mapping"
            }))
        },
    },
    Mistake {
        hint: Hint {
            id: "uneven-list",
            looks_at: "A line is not indented like the elements of the list before it.",
            example: "args:\n  - a\n b: c",
            remedy: "Indent it like the other elements, or like the key of the list.",
        },
        find: |scene| {
            says(scene, "did not find expected '-'")?;
            Some(Finding::new("indent this line like the other elements of its list"))
        },
    },
    Mistake {
        hint: Hint {
            id: "list-beside-its-key",
            looks_at: "The first element of a list stands in the line of its key.",
            example: "resources: - deployment.yaml",
            remedy: "Put the first element on a line of its own.",
        },
        find: |scene| {
            says(scene, "sequence entries are not allowed")?;
            Some(Finding::new("put the first element on a line of its own"))
        },
    },
    Mistake {
        hint: Hint {
            id: "nothing-there",
            looks_at: "A bracket, comma or other sign stands where a value must.",
            example: "args: ]",
            remedy: "Write the value, or put a text that starts with such a sign into quotes.",
        },
        find: |scene| {
            says(scene, "did not find expected node content")?;
            Some(Finding::new(
                "a value is missing here; a text that starts with `,`, `]`, `}` or `%` needs quotes",
            ))
        },
    },
    Mistake {
        hint: Hint {
            id: "text-after-separator",
            looks_at: "Something follows `---` in its line.",
            example: "--- # web\napiVersion: v1\n---kind: Service",
            remedy: "Put `---` on a line of its own.",
        },
        find: |scene| {
            says(scene, "invalid document separator")?;
            Some(Finding::new("put `---` on a line of its own"))
        },
    },
    Mistake {
        hint: Hint {
            id: "exclamation-mark",
            looks_at: "A text starts with `!`, which YAML takes for a tag.",
            example: "pattern: !main!x",
            remedy: "Put the text into quotes.",
        },
        find: |scene| {
            says(scene, "found undefined tag handle")?;
            Some(Finding::new("a text that starts with `!` needs quotes"))
        },
    },
    Mistake {
        hint: Hint {
            id: "key-twice",
            looks_at: "A mapping has a key twice.",
            example: "metadata:\n  name: a\n  name: b",
            remedy: "Take one of the two away.",
        },
        find: |scene| {
            says(scene, "already defined")?;
            let indent = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
            let own = indent(scene.line());
            // The mapping is an element of a list, as far as the lines above show.
            let line = scene.place.as_ref().map_or(0, |place| place.line as usize);
            let above: Vec<&str> = scene.text.lines().take(line.saturating_sub(1)).collect();
            let first = above
                .iter()
                .rev()
                .take_while(|line| indent(line) >= own)
                .find(|line| indent(line) == own && line.trim_start().starts_with("- "));
            Some(Finding::new(match first {
                Some(_) => format!(
                    "take one of the two away, or put `- ` before this one if a new element starts here: `- {}`",
                    scene.line().trim()
                ),
                None => "take one of the two away".to_owned(),
            }))
        },
    },
    Mistake {
        hint: Hint {
            id: "key-is-no-text",
            looks_at: "A key is a number, bool or null where it must be text.",
            example: "data: {? [a] : b}",
            remedy: "Put the key into quotes.",
        },
        find: |scene| {
            says(scene, "member name must be a string")?;
            Some(Finding::new("put the key into quotes"))
        },
    },
    Mistake {
        hint: Hint {
            id: "braces-without-quotes",
            looks_at: "A text with braces, such as an expression of a template, is not in quotes.",
            example: "url: {{ .url }}",
            remedy: "Put it into quotes.",
        },
        find: |scene| {
            scene
                .says("invalid map key: ")
                .then(|| Finding::new("a text with braces, such as `{{ .x }}`, needs quotes"))
        },
    },
    Mistake {
        hint: Hint {
            id: "no-number-of-json",
            looks_at: "A value such as `.inf` or `.nan` is a number for YAML and none for JSON.",
            example: "limit: .inf",
            remedy: "Put it into quotes if it is text.",
        },
        find: |scene| {
            says(scene, "unsupported value")?;
            Some(Finding::new("JSON has no such number; put it into quotes if it is text"))
        },
    },
    Mistake {
        hint: Hint {
            id: "binary-file",
            looks_at: "A file that must be text has control characters.",
            example: "resources:\n- app.tgz",
            remedy: "Name a text file; binary files fit into `files` of a generator.",
        },
        find: |scene| {
            says(scene, "control characters")?;
            Some(Finding::new("is this a text file?"))
        },
    },
];

/// The starts of messages from programs about texts of their own.
const OF_PROGRAMS: [&str; 2] = ["unable to run: '", "couldn't execute function"];

/// Returns `Some(())` if the message has these words and the error has no better hint yet.
fn says(scene: &Scene<'_>, words: &str) -> Option<()> {
    let is_own = scene.error.hint_text().is_none() && !OF_PROGRAMS.iter().any(|of| scene.says(of));
    (is_own && scene.says(words)).then_some(())
}

/// Returns `Some(())` if a line has no key, so that it was read as a part of a text.
fn no_colon(scene: &Scene<'_>) -> Option<()> {
    says(scene, "could not find expected ':'")
        .or_else(|| says(scene, "mapping values are not allowed"))
}

/// Returns where the last line is that can be read so, and what it says; it is not behind the one after the
/// place of the error.
fn near_line<'t, T>(
    scene: &'t Scene<'_>,
    read: impl Fn(&'t str) -> Option<T>,
) -> Option<(Location, T)> {
    let place = scene.place.as_ref()?;
    let lines: Vec<&str> = scene.text.lines().take(place.line as usize + 1).collect();
    let first = lines.len().saturating_sub(4);
    let (at, found) =
        (first..lines.len()).rev().find_map(|at| Some((at, read(lines.get(at)?)?)))?;
    let indent = lines.get(at).map_or(0, |line| line.len() - line.trim_start().len());
    let (line, column) = (u32::try_from(at).ok()? + 1, u32::try_from(indent).ok()? + 1);
    Some((Location { file: place.file.clone(), line, column }, found))
}

/// Returns the entry of a line such as `-service.yaml`.
pub(super) fn entry_without_blank(line: &str) -> Option<&str> {
    let entry = line.trim().strip_prefix('-')?;
    let is_entry =
        entry.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '"' | '\'' | '{'));
    let is_number = entry.parse::<f64>().is_ok();
    (is_entry && !is_number).then_some(entry)
}

/// Returns key and value of a line such as `kind:Service`.
fn key_without_blank(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.trim().split_once(':')?;
    let key = key.strip_prefix("- ").unwrap_or(key);
    let is_key =
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let is_value =
        value.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '\'' | '.'));
    (is_key && is_value).then_some((key, value))
}

/// Returns the last line before the place of the error that has text and no colon.
fn line_without_colon(scene: &Scene<'_>) -> Option<Location> {
    let place = scene.place.as_ref()?;
    let lines: Vec<&str> = scene.text.lines().take(place.line as usize).collect();
    let is_text = |line: &str| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with(['#', '-']) && !line.contains(':')
    };
    let found = lines.iter().rposition(|line| is_text(line))?;
    let indent = lines.get(found).map_or(0, |line| line.len() - line.trim_start().len());
    let (line, column) = (u32::try_from(found).ok()? + 1, u32::try_from(indent).ok()? + 1);
    Some(Location { file: place.file.clone(), line, column })
}

/// Returns the line before a key that cannot be one, if it stands at the same column and has no colon: then
/// both are read as one text.
fn neighbour_without_colon(scene: &Scene<'_>) -> Option<Location> {
    says(scene, "mapping values are not allowed")?;
    let place = scene.place.as_ref()?;
    let at = (place.line as usize).checked_sub(2)?;
    let column = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
    let (before, line) = (scene.text.lines().nth(at)?, scene.line());
    let text = before.trim();
    let is_key = !text.is_empty() && !text.contains(':') && !text.starts_with('#');
    let column_before = column(before);
    (is_key && column_before == column(line)).then(|| Location {
        file: place.file.clone(),
        line: place.line - 1,
        column: u32::try_from(column_before).unwrap_or_default() + 1,
    })
}
