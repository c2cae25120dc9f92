//! Patterns of file names, as Go's `filepath.Match` and `filepath.Glob` take them.
//!
//! `*` and `?` do not match a slash, so `**` is a `*`. Hidden files are found by patterns only whose last
//! part begins with a dot.

use std::path::Path;

use super::{FileSystem, clean};

/// Why a pattern is none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadPattern;

/// A pattern that was read once, for many names.
pub(crate) struct Pattern(Vec<Part>);

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// If a bracket is not closed, or nothing follows a backslash.
    pub(crate) fn parse(pattern: &str) -> Result<Pattern, BadPattern> {
        parse(pattern).map(Pattern)
    }

    /// Returns `true` if the whole of `name` matches.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        // Which places of the name can be reached: so that many stars take no more than pattern × name.
        let mut reached = vec![false; name.len() + 1];
        reached[0] = true;
        for part in &self.0 {
            let mut next = vec![false; name.len() + 1];
            match part {
                Part::Star => {
                    let mut open = false;
                    for place in 0..=name.len() {
                        open |= reached[place];
                        next[place] = open;
                        open &= name.get(place) != Some(&'/');
                    }
                }
                Part::One(class) => {
                    for (place, c) in name.iter().enumerate() {
                        next[place + 1] = reached[place] && class.has(*c);
                    }
                }
            }
            reached = next;
        }
        reached[name.len()]
    }
}

/// Returns `true` if the whole of `name` matches.
///
/// # Errors
/// If it is no pattern.
pub(crate) fn matches(pattern: &str, name: &str) -> Result<bool, BadPattern> {
    Ok(Pattern::parse(pattern)?.matches(name))
}

/// Returns `true` if a text matches nothing but itself.
pub(crate) fn is_literal(pattern: &str) -> bool {
    !pattern.contains(['*', '?', '[', '\\'])
}

/// Returns the files and directories below `dir` that match, sorted; a pattern without special characters
/// matches what is there under that name.
///
/// # Errors
/// If it is no pattern.
pub(crate) fn glob(
    fs: &dyn FileSystem,
    dir: &Path,
    pattern: &str,
) -> Result<Vec<String>, BadPattern> {
    parse(pattern)?;
    if is_literal(pattern) {
        let path = clean(&dir.join(pattern));
        let is_there = !pattern.is_empty() && fs.kind(&path).is_ok();
        return Ok(is_there.then(|| pattern.to_owned()).into_iter().collect());
    }
    let (parent, last) = match pattern.rfind('/') {
        Some(slash) => (&pattern[..slash], &pattern[slash + 1..]),
        None => ("", pattern),
    };
    let parents = match parent {
        "" if pattern.starts_with('/') => vec!["/".to_owned()],
        "" => vec![String::new()],
        // Each step is shorter, so this ends.
        parent => glob(fs, dir, parent)?,
    };
    let hidden = last.starts_with('.');
    let last = Pattern::parse(last)?;
    let mut found = Vec::new();
    for parent in parents {
        let mut names = fs.list(&clean(&dir.join(&parent))).unwrap_or_default();
        names.sort();
        for name in names {
            if (hidden || !name.starts_with('.')) && last.matches(&name) {
                found.push(match parent.as_str() {
                    "" => name,
                    parent if parent.ends_with('/') => format!("{parent}{name}"),
                    parent => format!("{parent}/{name}"),
                });
            }
        }
    }
    Ok(found)
}

enum Part {
    Star,
    One(Class),
}

/// One character.
enum Class {
    /// Any but a slash.
    Any,
    This(char),
    Ranges {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Class {
    fn has(&self, c: char) -> bool {
        match self {
            Class::Any => c != '/',
            Class::This(this) => *this == c,
            Class::Ranges { negated, ranges } => {
                ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)) != *negated
            }
        }
    }
}

fn parse(pattern: &str) -> Result<Vec<Part>, BadPattern> {
    let mut parts = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '*' => Part::Star,
            '?' => Part::One(Class::Any),
            '\\' => Part::One(Class::This(chars.next().ok_or(BadPattern)?)),
            '[' => {
                let negated = chars.next_if_eq(&'^').is_some();
                let mut ranges = Vec::new();
                loop {
                    match chars.next() {
                        Some(']') if !ranges.is_empty() => break,
                        None | Some(']' | '-') => return Err(BadPattern),
                        Some(c) => {
                            let mut escaped = |c| match c {
                                '\\' => chars.next().ok_or(BadPattern),
                                c => Ok(c),
                            };
                            let from = escaped(c)?;
                            let to = if chars.next_if_eq(&'-').is_some() {
                                match chars.next() {
                                    None | Some(']' | '-') => return Err(BadPattern),
                                    Some('\\') => chars.next().ok_or(BadPattern)?,
                                    Some(c) => c,
                                }
                            } else {
                                from
                            };
                            ranges.push((from, to));
                        }
                    }
                }
                Part::One(Class::Ranges { negated, ranges })
            }
            c => Part::One(Class::This(c)),
        });
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::MemoryFs;

    #[test]
    fn patterns_match_as_go_matches_them() {
        for (pattern, name, expected) in [
            ("*.yaml", "a.yaml", Ok(true)),
            ("*.yaml", ".a.yaml", Ok(true)),
            ("*.yaml", "d/a.yaml", Ok(false)),
            ("**/*.yaml", "d/a.yaml", Ok(true)),
            ("**/*.yaml", "d/e/a.yaml", Ok(false)),
            ("[ab].yaml", "b.yaml", Ok(true)),
            ("[^ab].yaml", "b.yaml", Ok(false)),
            ("[a-c]?", "b/", Ok(false)),
            ("\\*", "*", Ok(true)),
            ("[a", "a", Err(BadPattern)),
            ("a\\", "a", Err(BadPattern)),
            ("[]a]", "]", Err(BadPattern)),
            ("a*b*c", "aXbYbc", Ok(true)),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
        assert_eq!(matches(&"*a".repeat(2000), &"a".repeat(1999)), Ok(false));
    }

    #[test]
    fn files_are_found_in_order() {
        let mut files = MemoryFs::new();
        for path in ["d/b.yaml", "d/a.yaml", "d/c.txt", "e/a.yaml", "x.yaml", ".x.yaml"] {
            files.insert(format!("/r/{path}"), "");
        }
        let found = |pattern| glob(&files, Path::new("/r"), pattern).unwrap_or_default();
        assert_eq!(found("d/*.yaml"), ["d/a.yaml", "d/b.yaml"]);
        assert_eq!(found("*/a.yaml"), ["d/a.yaml", "e/a.yaml"]);
        assert_eq!(found("**/*.yaml"), ["d/a.yaml", "d/b.yaml", "e/a.yaml"]);
        assert_eq!(found("x.yaml"), ["x.yaml"]);
        assert_eq!(found("./x.yaml"), ["./x.yaml"]);
        assert_eq!((found("*.yaml"), found(".*")), (vec!["x.yaml".into()], vec![".x.yaml".into()]));
        assert!(found("nope*").is_empty() && found("nope").is_empty());
    }
}
