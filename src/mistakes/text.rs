//! Mistakes that show in the text of a file.

use std::path::Path;

use super::Mistake;
use super::scene::Finding;
use crate::diagnostics::{ErrorKind, Hint, Location};

pub(super) static MISTAKES: &[Mistake] = &[
    Mistake {
        hint: Hint {
            id: "conflict-markers",
            looks_at: "A file has the markers of an unfinished merge of git.",
            example: "<<<<<<< HEAD\nnamePrefix: a-\n=======\nnamePrefix: b-\n>>>>>>> feature",
            remedy: "Finish the merge: keep one side, or both, and remove the three lines of markers.",
        },
        find: |scene| {
            let marks = |mark: &str| scene.text.lines().any(|line| line.starts_with(mark));
            // A file of a generator is no YAML, and repeats keys on the two sides.
            let may_be = scene.is_about_text() || scene.is(ErrorKind::Generator);
            if !may_be || !marks("<<<<<<<") || !(marks("=======") || marks(">>>>>>>")) {
                return None;
            }
            let place = scene.find_line(|line| line.starts_with("<<<<<<<"));
            Some(
                Finding::new(
                    "these are the markers of a merge conflict (`<<<<<<<`, `=======`, `>>>>>>>`): keep the \
                     side that is meant and remove the markers",
                )
                .at(place),
            )
        },
    },
    Mistake {
        hint: Hint {
            id: "not-utf-8",
            looks_at: "A file is not encoded as UTF-8.",
            example: "city: K\u{f6}ln # saved as Latin-1",
            remedy: "Save the file as UTF-8.",
        },
        find: |scene| {
            let says = ["UTF-8", "utf8", "UTF-16", "control characters"]
                .iter()
                .any(|word| scene.says(word));
            let place = scene.place.as_ref()?;
            let bytes = scene.files.fs().read(&place.file).ok()?;
            (says && std::str::from_utf8(&bytes).is_err())
                .then(|| Finding::new("the file has another encoding: save it as UTF-8"))
        },
    },
    Mistake {
        hint: Hint {
            id: "helm-template",
            looks_at: "A file with expressions of a Helm chart is read as if it were a manifest.",
            example: "metadata:\n  name: {{ .Release.Name }}-web",
            remedy: "Render the chart with `helm template` first and list what it prints, or inflate it with `helmCharts`; text with braces needs quotes.",
        },
        find: |scene| {
            let is_expression = |line: &str| {
                let code = line.split(" #").next().unwrap_or_default().trim_start();
                let quoted =
                    |quote| code.split_once("{{").is_some_and(|(before, _)| before.contains(quote));
                !code.starts_with('#') && code.contains("{{") && !quoted('"') && !quoted('\'')
            };
            let may_be = scene.is_about_text() && !scene.is(ErrorKind::Render);
            if !may_be && !is_expression(scene.line()) {
                return None;
            }
            let mut place = scene.find_line(is_expression)?;
            let line = scene.text.lines().nth(place.line.saturating_sub(1) as usize);
            if let Some((before, _)) = line.and_then(|line| line.split_once("{{")) {
                place.column = before.chars().count() as u32 + 1;
            }
            Some(
                Finding::new(
                    "this looks like the template of a Helm chart: render it first with `helm template` and \
                     list what that prints; a text with braces, such as `{{ .x }}`, needs quotes",
                )
                .at(Some(place)),
            )
        },
    },
    Mistake {
        hint: Hint {
            id: "other-template",
            looks_at: "A file with statements of a template language, such as Jinja, is read as if it were a manifest.",
            example: "{% if tls %}\nkind: Certificate\n{% endif %}",
            remedy: "Render the template first, and list what comes out.",
        },
        find: |scene| {
            let place = scene.find_line(|line| {
                let line = line.trim_start();
                !line.starts_with('#') && (line.starts_with("{%") || line.starts_with("<%"))
            })?;
            (scene.is_about_text() && !scene.is(ErrorKind::Render)).then(|| {
                Finding::new("this looks like a template (`{% ... %}`): render it first and list what comes out")
                    .at(Some(place))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "folded-text",
            looks_at: "A patch starts with `>`, which joins its lines.",
            example: "patch: >-\n  - op: remove\n    path: /spec/paused",
            remedy: "Start it with `|-`, which keeps the lines.",
        },
        find: |scene| {
            let is_patch =
                scene.says("unable to parse SM or JSON patch") || scene.is(ErrorKind::Patch);
            let place = scene.place.as_ref().filter(|_| is_patch)?;
            let lines: Vec<&str> = scene.text.lines().take(place.line as usize).collect();
            let indent = |line: &str| line.len() - line.trim_start().len();
            let own = lines.last().map(|line| indent(line))?;
            let at = lines.iter().rposition(|line| {
                !line.trim().is_empty()
                    && indent(line) < own
                    && !line.trim_start().starts_with("- op")
            });
            let folds = |line: &str| line.trim_end().trim_end_matches(['-', '+']).ends_with(": >");
            let header = at.filter(|at| lines.get(*at).is_some_and(|line| folds(line)))?;
            let line = u32::try_from(header).ok()? + 1;
            let column = lines.get(header)?.find('>').and_then(|at| u32::try_from(at).ok())? + 1;
            let place = Location { file: place.file.clone(), line, column };
            Some(
                Finding::new("`>` joins the lines of the text: write `|-`, which keeps them")
                    .at(Some(place)),
            )
        },
    },
    Mistake {
        hint: Hint {
            id: "invisible-character",
            looks_at: "A line has a blank that is none for YAML, such as a non-breaking space copied from a web page.",
            example: "metadata:\n\u{a0} name: web",
            remedy: "Type the blanks of the line anew.",
        },
        find: |scene| {
            let place = scene.find_line(|line| invisible(line).is_some())?;
            let line = scene.text.lines().nth(place.line as usize - 1)?;
            let (name, code) = invisible(line)?;
            scene.is_about_text().then(|| {
                Finding::new(format!(
                    "this line has a {name} (U+{code:04X}), which looks like a blank and is none: type the \
                     blanks anew"
                ))
                .at(Some(place.clone()))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "missing-separator",
            looks_at: "A file has two objects without `---` between them.",
            example: "apiVersion: v1\nkind: Service\napiVersion: v1\nkind: Secret",
            remedy: "Put `---` on a line of its own between the objects.",
        },
        find: |scene| {
            let is_twice = scene.says("already defined") || scene.says("already set");
            let starts = |line: &str| {
                ["apiVersion:", "kind:", "metadata:"].iter().any(|key| line.starts_with(key))
            };
            (is_twice && starts(scene.line())).then(|| {
                Finding::new("another object starts here: put `---` on a line of its own before it")
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "directive-in-stream",
            looks_at: "A line such as `%YAML 1.1` stands after `---`.",
            example: "---\n%YAML 1.1\n---",
            remedy: "Put the directive before the `---` of its document, or remove it.",
        },
        find: |scene| {
            let is_directive = |line: &str| line.starts_with("%YAML") || line.starts_with("%TAG");
            let place = scene.find_line(is_directive)?;
            scene.is(ErrorKind::Syntax).then(|| {
                Finding::new(
                    "a directive such as `%YAML` stands before the `---` of its document, after the end `...` \
                     of the one before; nobody needs it, so remove the line",
                )
                .at(Some(place))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "json-escape",
            looks_at: "A JSON file has an escape that is none in YAML, such as `\\/` or a pair of `\\u` escapes.",
            example: "{\"url\": \"https:\\/\\/example.com\"}",
            remedy: "Write `/` for `\\/`, and the character itself for a pair such as `\\ud83d\\ude80`.",
        },
        find: |scene| {
            let line = scene.line();
            if scene.says("escape") && line.to_ascii_lowercase().contains("\\ud8") {
                return Some(Finding::new(
                    "a character as a pair of surrogates (`\\ud83d\\ude80`) is JSON and no YAML: write the \
                     character itself, or `\\U0001F680` with eight digits",
                ));
            }
            (scene.says("unknown escape character") && line.contains("\\/"))
                .then(|| Finding::new("the escape `\\/` is JSON and no YAML: write a plain `/`"))
        },
    },
    Mistake {
        hint: Hint {
            id: "unclosed-quote",
            looks_at: "A text in quotes does not end.",
            example: "value: \"info",
            remedy: "Put the closing quote.",
        },
        find: |scene| {
            if !scene.says("found unexpected end of stream") {
                return None;
            }
            let file = scene.place.as_ref()?.file.clone();
            let lines = scene.text.lines().enumerate();
            let (line, column) =
                lines.filter_map(|(i, line)| Some((i, open_quote(line)?))).last()?;
            let place = Location { file, line: line as u32 + 1, column };
            Some(Finding::new("the quote that starts here is not closed").at(Some(place)))
        },
    },
    Mistake {
        hint: Hint {
            id: "unknown-escape",
            looks_at: "A text in double quotes has a backslash that starts no escape.",
            example: "pattern: \"\\d+\"",
            remedy: "Write two backslashes, or put the text into single quotes.",
        },
        find: |scene| {
            scene.says("unknown escape character").then(|| {
                Finding::new(
                    "in double quotes a backslash starts an escape: write two of them, or put the text into \
                     single quotes, where a backslash is just a backslash",
                )
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "key-reads-as-bool",
            looks_at: "A key such as `n`, `y` or `on` is read as a bool, and a key must be text.",
            example: "labels:\n- pairs: {n: x}",
            remedy: "Put the key into quotes.",
        },
        find: |scene| {
            if !scene.says("member name must be a string") {
                return None;
            }
            let own =
                scene.place.as_ref().and_then(|place| find_bool_key(&place.file, &scene.text));
            let (key, place) = own.or_else(|| {
                let files = scene.kustomizations();
                files.iter().find_map(|file| find_bool_key(file, &scene.files.text(file)?))
            })?;
            Some(
                Finding::new(format!(
                    "the key `{key}` is read as a bool by YAML 1.1: put it into quotes, `\"{key}\":`"
                ))
                .at(Some(place)),
            )
        },
    },
];

/// Returns the column of a quote that starts a value in a line and is not closed in it.
fn open_quote(line: &str) -> Option<u32> {
    let (mut open, mut before) = (None, ' ');
    let mut chars = line.chars().zip(1..).peekable();
    let mut at_start = true;
    while let Some((c, column)) = chars.next() {
        match (open, c) {
            (Some(('"', _)), '\\') => drop(chars.next()),
            (Some((quote, _)), c) if c == quote => (open, at_start) = (None, false),
            (Some(_), _) => {}
            (None, '"' | '\'') if at_start => open = Some((c, column)),
            (None, '#') if before.is_whitespace() => break,
            (None, ' ' | '[' | '{' | ',' | '-' | ':') => {
                at_start |=
                    matches!(c, '[' | '{' | ',') || (c == ' ' && matches!(before, ':' | '-'));
            }
            (None, _) => at_start = false,
        }
        before = c;
    }
    open.map(|(_, column)| column)
}

/// Words that YAML 1.1 reads as something else than text.
const BOOLS: &[&str] = &[
    "y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off",
    "OFF", "true", "True", "TRUE", "false", "False", "FALSE", "null", "~",
];

/// Returns the first key that is such a word, and its place.
fn find_bool_key(file: &Path, text: &str) -> Option<(&'static str, Location)> {
    for (i, line) in text.lines().enumerate() {
        for word in BOOLS {
            for (at, _) in line.match_indices(word) {
                let before = line.get(..at).unwrap_or_default().trim_end();
                let after = line.get(at + word.len()..).unwrap_or_default();
                let starts = before.is_empty() || before.ends_with(['{', ',', '-']);
                let is_key = after.trim_start().starts_with(": ") || after.trim_end() == ":";
                if starts && is_key {
                    let column = line.get(..at).unwrap_or_default().chars().count() as u32 + 1;
                    let place = Location { file: file.to_path_buf(), line: i as u32 + 1, column };
                    return Some((word, place));
                }
            }
        }
    }
    None
}

/// Returns the name and number of a character in the indentation of a line, or where a blank belongs, that
/// only looks like a blank.
fn invisible(line: &str) -> Option<(&'static str, u32)> {
    let name = blank_name;
    let mut before = None;
    for c in line.chars() {
        let is_blank_place =
            before.is_none_or(|b: char| matches!(b, ' ' | '-' | ':') || name(b).is_some());
        if let Some(name) = name(c).filter(|_| is_blank_place) {
            return Some((name, u32::from(c)));
        }
        before = Some(c);
    }
    None
}

/// Returns the name of a character that looks like a blank, or like nothing.
pub(super) fn blank_name(c: char) -> Option<&'static str> {
    match c {
        '\u{a0}' => Some("non-breaking space"),
        '\u{200b}' => Some("zero-width space"),
        '\u{feff}' => Some("byte order mark"),
        '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            Some("space of another width")
        }
        '\u{200c}' | '\u{200d}' | '\u{2060}' => Some("joiner of no width"),
        _ => None,
    }
}
