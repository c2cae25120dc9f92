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
        self.0.iter().any(|pattern| fits_start(pattern, &names))
    }
}

/// Returns `true` if the first of some names, or all, match a pattern part by part.
fn fits_start(pattern: &[String], names: &[String]) -> bool {
    // Whether the pattern so far matches the first names, for each number of them.
    let mut fits = vec![false; names.len() + 1];
    fits[0] = true;
    for part in pattern {
        if part == "**" {
            let first = fits.iter().position(|fits| *fits).unwrap_or(fits.len());
            fits[first..].fill(true);
        } else {
            for (i, name) in names.iter().enumerate().rev() {
                fits[i + 1] = fits[i] && matches_name(part, name);
            }
            fits[0] = false;
        }
    }
    fits[1..].contains(&true)
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
    fn many_stars_take_no_longer() {
        let excluded = Excluded::new([&*("**/a/".repeat(40) + "b")]);
        let path = "a/".repeat(200);
        assert!(!excluded.matches(Path::new(&path)));
        assert!(excluded.matches(Path::new(&(path + "b/c"))));
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
