//! Variables in the way of a shell, as Flux replaces them after a build.
//!
//! ```text
//! text      what is neither `${` nor `$$`, which is `$`
//! variable  ${NAME} | ${#NAME} | ${NAME^} | ${NAME^^} | ${NAME,} | ${NAME,,}
//!           ${NAME=PARAM*} | ${NAME:=PARAM*} | ${NAME:-PARAM*} | ${NAME:?PARAM*} | ${NAME:+PARAM*}
//!           ${NAME:PARAM} | ${NAME:PARAM:PARAM}
//!           ${NAME#PARAM} | ${NAME##PARAM} | ${NAME%PARAM} | ${NAME%%PARAM}
//!           ${NAME/PARAM/PARAM?} | ${NAME//…} | ${NAME/#…} | ${NAME/%…}
//! PARAM     a text, or a variable
//! ```

use std::collections::BTreeMap;

use crate::letters;
use crate::path_pattern::matches_text;

/// How deep parameters may hold variables themselves.
const DEEPEST: usize = 16;

/// How many characters a value may have that a pattern is cut from.
const LONGEST: usize = 4096;

/// Replaces variables in a text; an unknown name is empty.
pub(super) fn replaced(text: &str, variables: &BTreeMap<String, String>) -> Result<String, String> {
    let mut reader = Reader { rest: text, variables, depth: 0 };
    let mut out = String::with_capacity(text.len());
    loop {
        out.push_str(&reader.text(Escapes::Dollar, |_| true));
        match reader.rest.strip_prefix("${") {
            Some(rest) => {
                reader.rest = rest;
                out.push_str(&reader.variable()?);
            }
            None => return Ok(out),
        }
    }
}

/// Returns `true` for a text that is not itself afterwards.
pub(super) fn has_variables(text: &str) -> bool {
    text.contains("${") || text.contains("$$")
}

/// What stands for the character behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    No,
    /// `$$`
    Dollar,
    /// `$$`, `\\/` and `\\\\`
    All,
}

struct Reader<'t> {
    rest: &'t str,
    variables: &'t BTreeMap<String, String>,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn skip(&mut self) {
        let mut chars = self.rest.chars();
        chars.next();
        self.rest = chars.as_str();
    }

    fn fail<T>(&self, what: &str) -> Result<T, String> {
        let shown: String = self.rest.chars().take(20).collect();
        Err(format!("{what} at {shown:?}"))
    }

    /// Reads characters as long as they are accepted, up to a variable.
    fn text(&mut self, escapes: Escapes, accepts: impl Fn(char) -> bool) -> String {
        let mut out = String::new();
        while let Some(c) = self.peek() {
            if self.rest.starts_with("${") {
                break;
            }
            let next = self.rest[c.len_utf8()..].chars().next();
            let is_escape = match c {
                '$' => escapes != Escapes::No && next == Some('$'),
                '\\' => escapes == Escapes::All && matches!(next, Some('/' | '\\')),
                _ => false,
            };
            if is_escape {
                self.skip();
            } else if !accepts(c) {
                break;
            }
            out.extend(self.peek());
            self.skip();
        }
        out
    }

    /// Reads a character again and again, at most `most` times.
    fn marks(&mut self, most: usize, is_mark: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.char_indices().take(most).find(|(_, c)| !is_mark(*c));
        let end = end.map_or_else(
            || self.rest.char_indices().nth(most).map_or(self.rest.len(), |(i, _)| i),
            |(i, _)| i,
        );
        let (marks, rest) = self.rest.split_at(end);
        self.rest = rest;
        marks
    }

    fn name(&mut self) -> Result<&'t str, String> {
        let name = self.marks(usize::MAX, |c| c.is_alphanumeric() || c == '_');
        if name.is_empty() { self.fail("`${` names no variable") } else { Ok(name) }
    }

    fn close(&mut self) -> Result<(), String> {
        match self.rest.strip_prefix('}') {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => self.fail("missing closing brace"),
        }
    }

    /// Reads a parameter, which is not empty.
    fn param(
        &mut self,
        escapes: Escapes,
        accepts: impl Fn(char) -> bool,
    ) -> Result<String, String> {
        if let Some(rest) = self.rest.strip_prefix("${") {
            self.rest = rest;
            return self.variable();
        }
        let before = self.rest;
        let text = self.text(escapes, accepts);
        if self.rest.len() == before.len() {
            return self.fail("a parameter is missing");
        }
        Ok(text)
    }

    /// Reads a variable behind its `${`, and returns its value.
    fn variable(&mut self) -> Result<String, String> {
        if self.depth >= DEEPEST {
            return self.fail("variables are nested too deeply");
        }
        self.depth += 1;
        let value = self.value();
        self.depth -= 1;
        value
    }

    fn value(&mut self) -> Result<String, String> {
        let not_closing = |c: char| c != '}';
        if self.peek() == Some('#') {
            self.skip();
            let name = self.name()?;
            self.close()?;
            return Ok(self.get(name).len().to_string());
        }
        let name = self.name()?;
        let found = self.get(name);
        let value = match self.peek() {
            Some('=') => {
                self.skip();
                return self.default(found);
            }
            Some(':') => {
                self.skip();
                if self.peek().is_some_and(|c| "=-?+".contains(c)) {
                    // Odd: all of them put the parameters there if the variable is empty or missing.
                    self.skip();
                    return self.default(found);
                }
                let from = self.param(Escapes::No, |c| c != ':' && c != '}')?;
                let colons = self.marks(usize::MAX, |c| c == ':');
                let length = match colons {
                    "" => None,
                    _ => Some(self.param(Escapes::No, not_closing)?),
                };
                part(found, &from, length.as_deref())
            }
            Some('^' | ',') => match self.marks(2, |c| c == '^' || c == ',') {
                "^^" => letters::uppered(found),
                ",," => letters::lowered(found),
                "^" => with_first(found, letters::upper),
                "," => with_first(found, letters::lower),
                _ => found.to_owned(),
            },
            Some(mark @ ('#' | '%')) => {
                let marks = self.marks(2, |c| c == mark);
                let pattern = self.param(Escapes::No, not_closing)?;
                cut(found, &pattern, mark == '#', marks.len() == 2)?
            }
            Some('/') => {
                self.skip();
                let way = self.marks(1, |c| "/#%".contains(c));
                let old = self.param(Escapes::All, |c| c != '/')?;
                if self.marks(usize::MAX, |c| c == '/').is_empty() {
                    return self.fail("the `/` before the new text is missing");
                }
                let new = match self.peek() {
                    Some('}') => None,
                    _ => Some(self.param(Escapes::All, not_closing)?),
                };
                exchanged(found, way, &old, new.as_deref())
            }
            _ => found.to_owned(),
        };
        self.close()?;
        Ok(value)
    }

    fn get(&self, name: &str) -> &'t str {
        self.variables.get(name).map_or("", String::as_str)
    }

    /// Reads the parameters that take the place of a value that is empty.
    fn default(&mut self, found: &str) -> Result<String, String> {
        let mut default = String::new();
        while self.peek() != Some('}') {
            default += &self.param(Escapes::No, |c| c != '}')?;
        }
        self.close()?;
        Ok(if found.is_empty() { default } else { found.to_owned() })
    }
}

fn with_first(text: &str, change: fn(char) -> char) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| format!("{}{}", change(c), chars.as_str())).unwrap_or_default()
}

/// Returns a part of a text; what is no number leaves it whole, and a place may count from the end.
fn part(text: &str, from: &str, length: Option<&str>) -> String {
    let Ok(from) = from.parse::<i64>() else { return text.to_owned() };
    let length = match length.map(str::parse::<i64>) {
        None => i64::MAX,
        Some(Ok(length)) => length,
        Some(Err(_)) => return text.to_owned(),
    };
    let chars: Vec<char> = text.chars().collect();
    let count = i64::try_from(chars.len()).unwrap_or(i64::MAX);
    let start = if from < 0 { (count + from).max(0) } else { from.min(count) };
    let end = start.saturating_add(length).clamp(start, count);
    let range = usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(0);
    chars.get(range).unwrap_or_default().iter().collect()
}

/// Cuts what a pattern matches from the start or the end, the longest or the shortest that is not empty.
fn cut(text: &str, pattern: &str, at_start: bool, longest: bool) -> Result<String, String> {
    let mut chars: Vec<char> = text.chars().collect();
    let mut pattern = pattern.to_owned();
    if chars.len() > LONGEST {
        return Err(format!(
            "a value has more than {LONGEST} characters for a pattern to be cut from"
        ));
    }
    // Odd: at the end, text and pattern are read backwards, so that `[ab]` is malformed there.
    if !at_start {
        chars.reverse();
        pattern = pattern.chars().rev().collect();
    }
    let is_cut = |length: &usize| matches_text(&pattern, &chars[..*length]) == Ok(true);
    let lengths = 1..=chars.len();
    let length = if longest { lengths.rev().find(is_cut) } else { lengths.clone().find(is_cut) };
    let mut rest = chars.split_off(length.unwrap_or(0));
    if !at_start {
        rest.reverse();
    }
    Ok(rest.into_iter().collect())
}

/// Exchanges a part of a text for another; without another one it is taken out.
fn exchanged(text: &str, way: &str, old: &str, new: Option<&str>) -> String {
    let changed = match (way, new) {
        ("/", new) => Some(text.replace(old, new.unwrap_or_default())),
        ("", new) => Some(text.replacen(old, new.unwrap_or_default(), 1)),
        // Odd: at the start and at the end nothing is taken out.
        ("#", Some(new)) => text.strip_prefix(old).map(|rest| format!("{new}{rest}")),
        ("%", Some(new)) => text.strip_suffix(old).map(|rest| format!("{rest}{new}")),
        _ => None,
    };
    changed.unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_as_flux_does() {
        let variables = [("env", "Prod"), ("empty", ""), ("path", "a/b/a"), ("file", "x.tar.gz")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        for (text, wanted) in [
            ("x-${env}-$env-$${env}", "x-Prod-$env-${env}"),
            ("a$$b $$$$ $$${env} $", "a$b $$ $Prod $"),
            ("${none}|${none:=d}|${empty:-${env}}|${env:-d}", "|d|Prod|Prod"),
            ("${none:-a${env}b}|${none=}|${none:?x}|${env:+x}", "aProdb||x|Prod"),
            ("${env^^} ${env,,} ${env,} ${#env}", "PROD prod prod 4"),
            ("${env:1:2} ${env:2} ${env:-2} ${env: -2} ${env:x} ${env:9}", "ro od Prod Prod Prod "),
            ("${env:${#empty}:2}", "Pr"),
            ("${env#P} ${env%od} ${env#x} ${path#*/} ${path##*/}", "rod Pr Prod b/a a"),
            (
                "${file%.*} ${file%%.*} ${file#*.} ${file##*.} ${file#?}",
                "x.tar x tar.gz gz .tar.gz",
            ),
            ("${path/a/x} ${path//a/x} ${path/%a/x} ${path/#a/x}", "x/b/a x/b/x a/b/x x/b/a"),
            ("${path/b/x/y} ${path/\\//-} ${path//\\//-} ${path/b/}", "a/x/y/a a-b/a a-b-a a//a"),
            ("${path/b//x} ${path/${empty:-b}/${env}} ${path/%a/}", "a/x/a a/Prod/a a/b/a"),
        ] {
            assert_eq!(replaced(text, &variables).as_deref(), Ok(wanted), "{text}");
        }
        for text in [
            "${env",
            "${}",
            "${env!}",
            "${env-d}",
            "${env?d}",
            "${env:}",
            "${env#}",
            "${env/v}",
            "${env/v/${env}x}",
            "${#}",
            "${env^x}",
            "${-}",
        ] {
            assert!(
                replaced(text, &variables).is_err(),
                "{text}: {:?}",
                replaced(text, &variables)
            );
        }
    }
}
