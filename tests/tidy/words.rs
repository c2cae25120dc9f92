//! Words in comments that are not how people write English, and what to write instead.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::source::regex;

/// Patterns with what to write instead.
static WORDS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let words = [
        (r"(?:[;,]|\bor) nothing if\b", "or `None` if"),
        (r"\b[Aa]nswers (?:whether|where|if)\b", "returns"),
        (r"\b[Tt]ells whether\b", "returns `true` if"),
        (r"\bsuch a one\b", "name it"),
        (r"\bas far as is known\b", "say who knows it"),
        (r"\bfor who (?:has|is|wants)\b", "for whoever, or for a caller that"),
        (r"\ball there is to say\b", "name the warning or error"),
    ];
    words.into_iter().map(|(pattern, better)| (regex(pattern), better)).collect()
});

/// Returns what is badly worded in the comments of a source.
pub(crate) fn faults(path: &Path, text: &str) -> Vec<String> {
    let comments = text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("//"));
    let faults = comments.flat_map(|(i, line)| {
        let found = WORDS.iter().filter_map(move |(pattern, better)| {
            let found = pattern.find(line)?.as_str();
            Some(format!(
                "\"{found}\": {better}",
                found = found.trim_start_matches([',', ';', ' '])
            ))
        });
        found.map(move |fault| format!("{}:{}: {fault}", path.display(), i + 1))
    });
    faults.collect()
}
