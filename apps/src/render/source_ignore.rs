//! `.sourceignore`: what Flux leaves out of its copy of a repository, by patterns as in `.gitignore`.

use crate::path_pattern;
use crate::repository::Repository;

/// The name of the files with patterns, which count for what lies in or below their folders.
const NAME: &str = ".sourceignore";

/// The patterns of all such files of a repository; the last one that takes a file decides.
#[derive(Default)]
pub(super) struct SourceIgnore(Vec<Rule>);

/// One pattern.
struct Rule {
    /// The folder of its file, with a slash behind it unless it is the root.
    folder: String,
    /// Whether it keeps what it takes.
    keeps: bool,
    /// Whether it takes folders only, with all that is in them.
    folders_only: bool,
    /// The names of a path, each a pattern, from the folder on; one alone is of any depth.
    parts: Vec<String>,
}

impl SourceIgnore {
    /// Reads the files of a repository, those nearer to the root first.
    ///
    /// # Errors
    /// If one cannot be read.
    pub(super) fn of(repository: &Repository) -> Result<SourceIgnore, String> {
        let mut rules = Vec::new();
        let is_it = |file: &&String| file.rsplit('/').next() == Some(NAME);
        let mut files: Vec<&String> = repository.files()?.iter().filter(is_it).collect();
        files.sort_by_key(|file| (file.matches('/').count(), *file));
        for file in files {
            let bytes = repository.read(file).map_err(|e| format!("{file}: {e}"))?;
            let folder = file.strip_suffix(NAME).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            rules.extend(text.lines().filter_map(|line| Rule::read(line, folder)));
        }
        Ok(SourceIgnore(rules))
    }

    /// Returns `true` if a file is left out.
    pub(super) fn takes(&self, file: &str) -> bool {
        let rule = self.0.iter().rev().find(|rule| rule.takes(file));
        rule.is_some_and(|rule| !rule.keeps)
    }
}

impl Rule {
    fn read(line: &str, folder: &str) -> Option<Rule> {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.trim().is_empty() || line.starts_with('#') {
            return None;
        }
        let line = if line.ends_with("\\ ") { line } else { line.trim_end_matches(' ') };
        let (keeps, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
        let (folders_only, line) =
            line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
        let anchored = line.contains('/');
        let mut parts: Vec<String> = Vec::new();
        if !anchored {
            parts.push("**".to_owned());
        }
        parts.extend(line.split('/').filter(|part| !part.is_empty()).map(str::to_owned));
        Some(Rule { folder: folder.to_owned(), keeps, folders_only, parts })
    }

    /// Returns `true` if it takes a file, or a folder above it.
    fn takes(&self, file: &str) -> bool {
        let Some(below) = file.strip_prefix(self.folder.as_str()) else { return false };
        let names: Vec<&str> = below.split('/').collect();
        // Which numbers of names the parts so far may stand for.
        let mut reached = vec![false; names.len() + 1];
        reached[0] = true;
        for (i, part) in self.parts.iter().enumerate() {
            let is_last = i + 1 == self.parts.len();
            let mut next = vec![false; names.len() + 1];
            for start in (0..names.len()).filter(|start| reached[*start]) {
                match part.as_str() {
                    // At the end it stands for something at least.
                    "**" if is_last => next[start + 1..].fill(true),
                    "**" => next[start..].fill(true),
                    part if path_pattern::matches(part, names[start]) == Ok(true) => {
                        next[start + 1] = true;
                    }
                    _ => {}
                }
            }
            reached = next;
        }
        // The whole path is a file.
        let end = names.len() + usize::from(!self.folders_only);
        reached[..end].iter().any(|reached| *reached)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_take_files_and_what_is_below_folders() {
        for (pattern, taken, left) in [
            ("*.json", &["a.json", "x/a.json"][..], &["a.yaml"][..]),
            ("/a.yaml", &["a.yaml"], &["x/a.yaml"]),
            ("docs", &["docs", "docs/a.yaml", "x/docs/a.yaml"], &["docs2/a.yaml"]),
            ("docs/", &["docs/a.yaml", "x/docs/a.yaml"], &["docs"]),
            ("x/y", &["x/y", "x/y/a.yaml"], &["z/x/y", "x/z/y"]),
            ("**/y/*.yaml", &["y/a.yaml", "x/z/y/a.yaml"], &["y/a.json", "y/z/a.yaml"]),
            ("x/**", &["x/a", "x/y/a"], &["x", "y/a"]),
            ("x/**/a", &["x/a", "x/y/z/a"], &["x/b"]),
            ("/*", &["a", "x/a"], &[]),
        ] {
            let rule = Rule::read(pattern, "").expect("a pattern");
            for (files, wanted) in [(taken, true), (left, false)] {
                for file in files {
                    assert_eq!(rule.takes(file), wanted, "{pattern} {file}");
                }
            }
        }
        assert!(Rule::read("# a", "").is_none() && Rule::read("  ", "").is_none());
        let rule = Rule::read("/a", "x/").expect("a pattern");
        assert!(rule.takes("x/a") && !rule.takes("a") && !rule.takes("x/y/a"));
    }

    #[test]
    fn the_last_pattern_decides() {
        let rules = ["/*", "!/apps", "apps/old/"].map(|line| Rule::read(line, "").expect("one"));
        let ignore = SourceIgnore(rules.into());
        let taken = ["README", "apps/a.yaml", "apps/old/a.yaml"].map(|file| ignore.takes(file));
        assert_eq!(taken, [true, false, true]);
    }
}
