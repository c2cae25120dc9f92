//! Comments that mark odd behavior, and the golden cases that they and others name.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::source::regex;

static QUIRK: LazyLock<Regex> = LazyLock::new(|| regex(r"\b(?:Odd|Quirk): "));
static CITED: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"\b[Cc]ases? ([a-z0-9-]+/[a-z0-9-]+(?:(?:, and |, | and | or )[a-z0-9-]+/[a-z0-9-]+)*)")
});
static SEPARATOR: LazyLock<Regex> = LazyLock::new(|| regex(", and |, | and | or "));

/// Returns what is wrong with the comments of a source.
pub(crate) fn faults(path: &Path, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (line, comment) in comments(text) {
        let place = format!("{}:{line}", path.display());
        for names in CITED.captures_iter(&comment) {
            for name in SEPARATOR.split(&names[1]) {
                if !Path::new("testdata/cases").join(name).is_dir() {
                    faults.push(format!("{place}: there is no case {name}"));
                }
            }
        }
        // What stands before the first is about something else.
        for told in QUIRK.split(&comment).skip(1).filter(|told| !CITED.is_match(told)) {
            let start: String = told.chars().take(50).collect();
            faults.push(format!("{place}: no case proves \"{start}\""));
        }
    }
    faults
}

/// Returns the comments of a source, each as one line of text, with the number of its first line.
fn comments(text: &str) -> Vec<(usize, String)> {
    let mut comments: Vec<(usize, String)> = Vec::new();
    let mut is_open = false;
    for (i, line) in text.lines().enumerate() {
        let Some(words) = line.trim_start().strip_prefix("//") else {
            is_open = false;
            continue;
        };
        let words = words.trim_start_matches(['/', '!']).trim();
        match comments.last_mut().filter(|_| is_open) {
            Some((_, comment)) => {
                comment.push(' ');
                comment.push_str(words);
            }
            None => comments.push((i + 1, words.to_owned())),
        }
        is_open = true;
    }
    comments
}
