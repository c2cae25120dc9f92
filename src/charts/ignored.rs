//! `.helmignore`: what of a chart's folder is none of the chart, as helm reads it.

use std::path::Path;

use crate::load::glob;

/// The file with the patterns.
pub(super) const FILE: &str = ".helmignore";
/// What a chart has at its top, whatever patterns say: helm looks for it there first.
const CHART: &str = "Chart.yaml";

/// The patterns of a chart.
#[derive(Debug, Default)]
pub(super) struct Ignored(Vec<Pattern>);

#[derive(Debug)]
struct Pattern {
    text: String,
    /// Whether all that does not match is left out.
    is_negated: bool,
    /// Whether only folders are meant.
    is_folder: bool,
    /// Whether the whole path has to match, and not only the name.
    is_path: bool,
}

impl Ignored {
    /// Reads patterns. Those that helm refuses leave nothing out: helm is to say so.
    pub(super) fn parse(text: &str) -> Ignored {
        let patterns = text.strip_prefix('\u{feff}').unwrap_or(text).lines().map(str::trim);
        let patterns = patterns.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let patterns: Option<Vec<Pattern>> = patterns.map(Pattern::parse).collect();
        Ignored(patterns.unwrap_or_default())
    }

    /// Returns `true` if something in the folder of a chart is left out; of a folder all that is in it.
    ///
    /// A pattern that begins with `!` leaves out all that it does not match, for so does helm.
    pub(super) fn has(&self, path: &Path, is_folder: bool) -> bool {
        let (Some(text), Some(name)) = (path.to_str(), path.file_name()) else { return false };
        if text == CHART || text == FILE {
            return false;
        }
        let name = name.to_string_lossy();
        self.0.iter().any(|pattern| {
            let is_kind = !pattern.is_folder || is_folder;
            let is_match = || {
                let whole = if pattern.is_path { text } else { &*name };
                glob::matches(&pattern.text, whole).unwrap_or(false)
            };
            match pattern.is_negated {
                true => !is_kind || !is_match(),
                false => is_kind && is_match(),
            }
        })
    }
}

impl Pattern {
    fn parse(line: &str) -> Option<Pattern> {
        if line.contains("**") || glob::matches(line, "abc").is_err() {
            return None;
        }
        let (is_negated, text) = match line.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let (is_folder, text) = match text.strip_suffix('/') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (is_path, text) = match text.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (text.contains('/'), text),
        };
        Some(Pattern { text: text.to_owned(), is_negated, is_folder, is_path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_helm() {
        for (pattern, path, is_folder, is_ignored) in [
            ("big", "big", false, true),
            ("big", "a/big", false, true),
            ("/big", "a/big", false, false),
            ("/big", "big", false, true),
            ("a/*", "a/big", false, true),
            ("a/*", "b/a/big", false, false),
            ("b/", "b", true, true),
            ("b/", "b", false, false),
            ("*.t?t", "x/a.txt", false, true),
            ("# big", "big", false, false),
            ("!keep", "other", false, true),
            ("!keep", "keep", false, false),
            ("**/big", "big", false, false),
            ("[", "big", false, false),
            ("*", "Chart.yaml", false, false),
            ("*", "charts/x/Chart.yaml", false, true),
        ] {
            let ignored = Ignored::parse(&format!("\n  {pattern} \n"));
            assert_eq!(ignored.has(Path::new(path), is_folder), is_ignored, "{pattern} {path}");
        }
    }
}
