//! Patterns of paths: those of Go's `path.Match`, and those of git.

use crate::pattern_work::PatternWork;

/// A pattern is malformed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadPattern;

/// A pattern of Go's `path.Match`, of which a `*` does not match `/`.
pub(crate) struct PathPattern(Vec<Token>);

impl PathPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// If it is malformed.
    pub(crate) fn new(pattern: &str) -> Result<PathPattern, BadPattern> {
        tokens(pattern).map(PathPattern)
    }

    /// Returns `true` if it is the whole path; `false` also where there is no work left.
    pub(crate) fn takes(&self, path: &str, work: &PatternWork) -> bool {
        let path: Vec<char> = path.chars().collect();
        glob(&self.0, &path, &|c| c != '/', &|steps| work.spend(steps))
    }
}

/// Returns `true` if a pattern of Go's `path.Match` is the whole path. A `*` does not match `/`.
pub(crate) fn matches(pattern: &str, path: &str) -> Result<bool, BadPattern> {
    let path: Vec<char> = path.chars().collect();
    Ok(glob(&tokens(pattern)?, &path, &|c| c != '/', &|_| true))
}

/// As [`matches`], for a text of which `/` is a part like others.
pub(crate) fn matches_text(pattern: &str, text: &[char]) -> Result<bool, BadPattern> {
    Ok(glob(&tokens(pattern)?, text, &|_| true, &|_| true))
}

/// A piece of a pattern.
enum Token {
    Star,
    Any,
    Char(char),
    Class(Class),
}

/// Some characters, or all others.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) negated: bool,
    pub(crate) ranges: Vec<(char, char)>,
}

impl Class {
    /// Returns `true` if a character is one of them.
    pub(crate) fn has(&self, c: char) -> bool {
        self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != self.negated
    }
}

fn tokens(pattern: &str) -> Result<Vec<Token>, BadPattern> {
    let mut tokens = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => Token::Star,
            '?' => Token::Any,
            '\\' => Token::Char(chars.next().ok_or(BadPattern)?),
            '[' => {
                let (class, rest) = class(chars.as_str())?;
                chars = rest.chars();
                Token::Class(class)
            }
            c => Token::Char(c),
        });
    }
    Ok(tokens)
}

/// Reads a class behind its `[`; returns what comes after it.
fn class(pattern: &str) -> Result<(Class, &str), BadPattern> {
    let (negated, mut rest) = match pattern.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let mut ranges = Vec::new();
    loop {
        if let (Some(after), false) = (rest.strip_prefix(']'), ranges.is_empty()) {
            return Ok((Class { negated, ranges }, after));
        }
        let (low, after) = class_char(rest)?;
        rest = after;
        let mut high = low;
        if let Some(after) = rest.strip_prefix('-') {
            let (end, after) = class_char(after)?;
            high = end;
            rest = after;
        }
        ranges.push((low, high));
    }
}

fn class_char(pattern: &str) -> Result<(char, &str), BadPattern> {
    let mut chars = pattern.chars();
    let c = match chars.next() {
        None | Some('-' | ']') => return Err(BadPattern),
        Some('\\') => chars.next().ok_or(BadPattern)?,
        Some(c) => c,
    };
    // A class that is not closed is malformed.
    if chars.as_str().is_empty() { Err(BadPattern) } else { Ok((c, chars.as_str())) }
}

/// How many steps of matching are paid for at once.
const STEPS: usize = 64;

/// Matches with one place to come back to, so that the time is bounded by the product of the lengths; stops where
/// its steps cannot be paid for.
fn glob(
    tokens: &[Token],
    text: &[char],
    crosses: &dyn Fn(char) -> bool,
    pays: &dyn Fn(usize) -> bool,
) -> bool {
    let (mut token, mut at) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    for step in 0_usize.. {
        if step.is_multiple_of(STEPS) && !pays(STEPS) {
            return false;
        }
        match tokens.get(token) {
            Some(Token::Star) => {
                token += 1;
                back = Some((token, at));
                continue;
            }
            None if at == text.len() => return true,
            Some(one) if text.get(at).is_some_and(|c| one.takes(*c, crosses)) => {
                token += 1;
                at += 1;
                continue;
            }
            _ => {}
        }
        match back {
            Some((next, from)) if text.get(from).is_some_and(|c| crosses(*c)) => {
                back = Some((next, from + 1));
                (token, at) = (next, from + 1);
            }
            _ => return false,
        }
    }
    false
}

impl Token {
    fn takes(&self, c: char, crosses: &dyn Fn(char) -> bool) -> bool {
        match self {
            Token::Star => false,
            Token::Any => crosses(c),
            Token::Char(own) => *own == c,
            Token::Class(class) => class.has(c),
        }
    }
}

/// A pathspec of git, as `git ls-files` takes it: a file, a directory, or a pattern of which `*`
/// matches `/` as well.
pub(crate) struct Pathspec {
    text: String,
    /// None if there is nothing but text, or the pattern matches nothing.
    tokens: Option<Vec<Token>>,
    plain: bool,
}

impl Pathspec {
    pub(crate) fn new(pattern: &str) -> Pathspec {
        let mut parts: Vec<&str> = Vec::new();
        for part in pattern.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        let text = parts.join("/");
        let plain = !text.contains(['*', '?', '[', '\\']);
        let tokens = if plain { None } else { git_tokens(&text) };
        Pathspec { text, tokens, plain }
    }

    /// Returns `true` if the pathspec takes the file; `false` also where there is no work left.
    pub(crate) fn takes(&self, file: &str, work: &PatternWork) -> bool {
        let names = match file.strip_prefix(&self.text) {
            Some(rest) => rest.is_empty() || rest.starts_with('/') || self.text.is_empty(),
            None => false,
        };
        if names || self.plain {
            return names;
        }
        let Some(tokens) = &self.tokens else { return false };
        let file: Vec<char> = file.chars().collect();
        glob(tokens, &file, &|_| true, &|steps| work.spend(steps))
    }
}

/// Reads a pattern of git; none if it is malformed, for it matches nothing then.
fn git_tokens(pattern: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => Token::Star,
            '?' => Token::Any,
            '\\' => Token::Char(chars.next()?),
            '[' => {
                let (class, rest) = git_class(chars.as_str())?;
                chars = rest.chars();
                Token::Class(class)
            }
            c => Token::Char(c),
        });
    }
    Some(tokens)
}

/// Reads a class behind its `[`; returns what comes after it.
pub(crate) fn git_class(pattern: &str) -> Option<(Class, &str)> {
    let (negated, mut rest) = match pattern.strip_prefix(['!', '^']) {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let mut ranges = Vec::new();
    let mut first = true;
    loop {
        let mut chars = rest.chars();
        let c = chars.next()?;
        if c == ']' && !first {
            return Some((Class { negated, ranges }, chars.as_str()));
        }
        first = false;
        if let Some((name, after)) = rest.strip_prefix("[:").and_then(|r| r.split_once(":]")) {
            ranges.extend(posix(name)?);
            rest = after;
            continue;
        }
        let low = if c == '\\' { chars.next()? } else { c };
        rest = chars.as_str();
        let mut high = low;
        if let Some(after) = rest.strip_prefix('-').filter(|after| !after.starts_with(']')) {
            let mut chars = after.chars();
            high = match chars.next()? {
                '\\' => chars.next()?,
                c => c,
            };
            rest = chars.as_str();
        }
        ranges.push((low, high));
    }
}

fn posix(name: &str) -> Option<Vec<(char, char)>> {
    Some(match name {
        "alnum" => vec![('0', '9'), ('A', 'Z'), ('a', 'z')],
        "alpha" => vec![('A', 'Z'), ('a', 'z')],
        "digit" => vec![('0', '9')],
        "lower" => vec![('a', 'z')],
        "upper" => vec![('A', 'Z')],
        "xdigit" => vec![('0', '9'), ('A', 'F'), ('a', 'f')],
        "punct" => vec![('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "space" => vec![(' ', ' '), ('\t', '\r')],
        "blank" => vec![(' ', ' '), ('\t', '\t')],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_patterns_match_whole_paths() {
        for (pattern, path, wanted) in [
            ("apps/*", "apps/a", Ok(true)),
            ("apps/*", "apps/a/b", Ok(false)),
            ("**/prod", "a/prod", Ok(true)),
            ("**/prod", "a/b/prod", Ok(false)),
            ("a[b-d]?", "acx", Ok(true)),
            ("a[^b]", "ab", Ok(false)),
            ("a\\*", "a*", Ok(true)),
            ("a[", "a", Err(BadPattern)),
            ("[]a]", "]", Err(BadPattern)),
            ("a\\", "a", Err(BadPattern)),
        ] {
            assert_eq!(matches(pattern, path), wanted, "{pattern} {path}");
        }
    }

    #[test]
    fn pathspecs_are_files_directories_or_patterns() {
        for (pattern, file, wanted) in [
            ("cfg/*.yaml", "cfg/a/b.yaml", true),
            ("**/a.yaml", "a.yaml", false),
            ("**/a.yaml", "x/y/a.yaml", true),
            ("envs", "envs/deep/b.yaml", true),
            ("envs", "envs2/c.yaml", false),
            ("./envs/", "envs/a.yaml", true),
            ("e[!x]v", "env", true),
            ("[[:digit:]]*", "1/a", true),
        ] {
            assert_eq!(
                Pathspec::new(pattern).takes(file, &PatternWork::default()),
                wanted,
                "{pattern} {file}"
            );
        }
    }
}
