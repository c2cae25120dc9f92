//! Directories that are left out of a search.

use std::path::Path;

/// Patterns of directories: `*` and `?` match within a name, `**` any directories, and a pattern without
/// a slash matches at any depth, as in `.gitignore`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Excluded(Vec<Vec<String>>);

impl Excluded {
    /// Reads patterns.
    pub(crate) fn new<S: AsRef<str>>(patterns: impl IntoIterator<Item = S>) -> Excluded {
        let parts = |pattern: S| {
            let pattern = pattern.as_ref();
            let bare = pattern.trim_start_matches("./").trim_end_matches('/');
            let anywhere = !bare.contains('/');
            let bare = bare.trim_start_matches('/');
            let deep = anywhere.then(|| "**".to_owned());
            deep.into_iter().chain(bare.split('/').map(str::to_owned)).collect()
        };
        Excluded(patterns.into_iter().map(parts).collect())
    }

    /// Returns `true` if a directory or one above it is left out.
    pub(crate) fn matches(&self, directory: &Path) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let names: Vec<String> = directory
            .components()
            .filter(|part| matches!(part, std::path::Component::Normal(_)))
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        let above = (1..=names.len()).map(|end| &names[..end]);
        above.into_iter().any(|names| self.0.iter().any(|pattern| fits(pattern, names)))
    }
}

/// Matches names with a pattern, part by part.
fn fits(pattern: &[String], names: &[String]) -> bool {
    match (pattern.split_first(), names.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "**" => {
            fits(rest, names) || names.split_first().is_some_and(|(_, names)| fits(pattern, names))
        }
        (Some((first, rest)), Some((name, names))) => {
            matches_name(first, name) && fits(rest, names)
        }
        _ => false,
    }
}

/// Matches `*` with any characters and `?` with one.
pub(crate) fn matches_name(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => (p, n) = (p + 1, n + 1),
            _ => match star {
                Some((at, from)) => {
                    (p, n) = (at + 1, from + 1);
                    star = Some((at, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_patterns() {
        for (pattern, name) in [("*", "a"), ("a*c", "abbc"), ("?b*", "ab"), ("a**", "a")] {
            assert!(matches_name(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("a", "b"), ("a*c", "abcd"), ("?", ""), ("", "a")] {
            assert!(!matches_name(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn directories_are_left_out_with_all_below() {
        let excluded = Excluded::new(["test*", "apps/*/old/", "deep/**/x"]);
        for path in ["tests", "a/test", "a/test/b", "apps/web/old", "apps/web/old/b", "deep/a/b/x"]
        {
            assert!(excluded.matches(Path::new(path)), "{path}");
        }
        for path in ["a", "apps/old", "b/apps/web/old", "deep/x1", "."] {
            assert!(!excluded.matches(Path::new(path)), "{path}");
        }
    }
}
