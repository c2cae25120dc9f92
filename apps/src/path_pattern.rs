//! Patterns of paths: those of Go's `path.Match`, and those of git.

/// A pattern is malformed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadPattern;

/// Returns `true` if a pattern of Go's `path.Match` is the whole path. A `*` does not match `/`.
pub(crate) fn matches(pattern: &str, path: &str) -> Result<bool, BadPattern> {
    let tokens = tokens(pattern)?;
    let path: Vec<char> = path.chars().collect();
    Ok(glob(&tokens, &path, &|c| c != '/'))
}

/// As [`matches`], for a text of which `/` is a part like others.
pub(crate) fn matches_text(pattern: &str, text: &[char]) -> Result<bool, BadPattern> {
    Ok(glob(&tokens(pattern)?, text, &|_| true))
}

/// A piece of a pattern.
enum Token {
    Star,
    Any,
    Char(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
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
                let (token, rest) = class(chars.as_str())?;
                chars = rest.chars();
                token
            }
            c => Token::Char(c),
        });
    }
    Ok(tokens)
}

/// Reads a class behind its `[`; returns what comes after it.
fn class(pattern: &str) -> Result<(Token, &str), BadPattern> {
    let (negated, mut rest) = match pattern.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let mut ranges = Vec::new();
    loop {
        if let (Some(after), false) = (rest.strip_prefix(']'), ranges.is_empty()) {
            return Ok((Token::Class { negated, ranges }, after));
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

/// Matches with one place to come back to, so that the time is bounded by the product of the lengths.
fn glob(tokens: &[Token], text: &[char], crosses: &dyn Fn(char) -> bool) -> bool {
    let (mut token, mut at) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    loop {
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
}

impl Token {
    fn takes(&self, c: char, crosses: &dyn Fn(char) -> bool) -> bool {
        match self {
            Token::Star => false,
            Token::Any => crosses(c),
            Token::Char(own) => *own == c,
            Token::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
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

    /// Returns `true` if the pathspec takes the file.
    pub(crate) fn takes(&self, file: &str) -> bool {
        let names = match file.strip_prefix(&self.text) {
            Some(rest) => rest.is_empty() || rest.starts_with('/') || self.text.is_empty(),
            None => false,
        };
        if names || self.plain {
            return names;
        }
        let Some(tokens) = &self.tokens else { return false };
        let file: Vec<char> = file.chars().collect();
        glob(tokens, &file, &|_| true)
    }
}

/// A pattern of texts: `*` is anything, `?` one character, `[...]` one of some, `{a,b}` one of several.
pub(crate) struct Glob(Vec<Vec<Token>>);

/// The most alternatives that the braces of a pattern may make.
const MOST_ALTERNATIVES: usize = 1000;

impl Glob {
    /// Reads a pattern; one that is malformed matches nothing.
    pub(crate) fn new(pattern: &str) -> Glob {
        let mut alternatives = vec![pattern.to_owned()];
        let mut plain = Vec::new();
        while let Some(pattern) = alternatives.pop() {
            let braces = pattern.find('{').and_then(|open| {
                let close = open + pattern[open..].find('}')?;
                Some((open, close))
            });
            match braces {
                Some((open, close)) if plain.len() + alternatives.len() < MOST_ALTERNATIVES => {
                    let (before, after) = (&pattern[..open], &pattern[close + 1..]);
                    let inside = pattern[open + 1..close].split(',');
                    alternatives.extend(inside.map(|part| format!("{before}{part}{after}")));
                }
                _ => plain.push(pattern),
            }
        }
        Glob(plain.iter().filter_map(|pattern| git_tokens(pattern)).collect())
    }

    /// Returns `true` if the pattern is the whole text.
    pub(crate) fn takes(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        self.0.iter().any(|tokens| glob(tokens, &text, &|_| true))
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
                let (token, rest) = git_class(chars.as_str())?;
                chars = rest.chars();
                token
            }
            c => Token::Char(c),
        });
    }
    Some(tokens)
}

fn git_class(pattern: &str) -> Option<(Token, &str)> {
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
            return Some((Token::Class { negated, ranges }, chars.as_str()));
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
    fn globs_have_alternatives() {
        for (pattern, text, wanted) in [
            ("*.{yml,yaml}", "a/b.yaml", true),
            ("{a,b{", "b{", false),
            ("*", "", true),
            ("web-?", "web-1", true),
            ("{}", "", true),
        ] {
            assert_eq!(Glob::new(pattern).takes(text), wanted, "{pattern} {text}");
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
            assert_eq!(Pathspec::new(pattern).takes(file), wanted, "{pattern} {file}");
        }
    }
}
