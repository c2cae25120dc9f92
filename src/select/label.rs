//! The selector grammar of labels and annotations: `app=x,tier in (a,b),!debug`
//! (docs/spec/patches-targets.md, section 3).

use std::fmt::Write;

use ecow::{EcoString, EcoVec};

use crate::diagnostics::{Error, ErrorKind, Result};

/// A list of requirements that must all hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct LabelSelector(EcoVec<Requirement>);

#[derive(Clone, Debug)]
struct Requirement {
    key: EcoString,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Exists,
    Missing,
    In(EcoVec<EcoString>),
    NotIn(EcoVec<EcoString>),
    Above(i64),
    Below(i64),
}

impl LabelSelector {
    /// Parses a selector; the empty text selects everything.
    ///
    /// # Errors
    /// If the text does not follow the grammar, or a key or value is no label's.
    pub(crate) fn parse(text: &str) -> Result<LabelSelector> {
        let mut words = Words { rest: text };
        let mut requirements = EcoVec::new();
        if words.peek() == "" {
            return Ok(LabelSelector(requirements));
        }
        loop {
            match words.peek() {
                "!" => {}
                word if is_identifier(word) => {}
                word if requirements.is_empty() => {
                    return Err(unexpected(word, ", expected: !, identifier, or 'end of string'"));
                }
                word => return Err(unexpected(word, ", expected: identifier after ','")),
            }
            let requirement = requirement(&mut words);
            requirements.push(requirement.map_err(|e| e.context("unable to parse requirement"))?);
            match words.next() {
                "" => return Ok(LabelSelector(requirements)),
                "," => {}
                word => return Err(unexpected(word, ", expected: ',' or 'end of string'")),
            }
        }
    }

    /// Returns `true` if every requirement holds for the values that `get` finds.
    pub(crate) fn matches<'a>(&self, get: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.0.iter().all(|requirement| {
            let value = get(&requirement.key);
            match &requirement.test {
                Test::Exists => value.is_some(),
                Test::Missing => value.is_none(),
                Test::In(values) => value.is_some_and(|v| values.iter().any(|w| w == v)),
                Test::NotIn(values) => value.is_none_or(|v| values.iter().all(|w| w != v)),
                Test::Above(bound) => value.and_then(integer).is_some_and(|v| v > *bound),
                Test::Below(bound) => value.and_then(integer).is_some_and(|v| v < *bound),
            }
        })
    }
}

impl LabelSelector {
    /// Returns the keys that must be there, with the values of which each must have one, if these are known.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = (&str, Option<&[EcoString]>)> {
        self.0.iter().filter_map(|requirement| match &requirement.test {
            Test::In(values) => Some((requirement.key.as_str(), Some(values.as_slice()))),
            Test::Exists | Test::Above(_) | Test::Below(_) => Some((&requirement.key, None)),
            Test::Missing | Test::NotIn(_) => None,
        })
    }
}

/// The words of a selector: one of the signs, or anything up to a blank or a sign. The end is `""`.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn peek(&self) -> &'a str {
        let text = self.rest.trim_start_matches(is_blank);
        let len = match text.as_bytes() {
            [] => 0,
            [b'=' | b'!', b'=', ..] => 2,
            [b'=' | b'!' | b'(' | b')' | b',' | b'<' | b'>', ..] => 1,
            _ => text.find(|c| is_blank(c) || is_sign(c)).unwrap_or(text.len()),
        };
        &text[..len]
    }

    fn next(&mut self) -> &'a str {
        let word = self.peek();
        self.rest = &self.rest.trim_start_matches(is_blank)[word.len()..];
        word
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_sign(c: char) -> bool {
    matches!(c, '=' | '!' | '(' | ')' | ',' | '<' | '>')
}

fn is_identifier(word: &str) -> bool {
    !word.is_empty() && !word.starts_with(is_sign)
}

/// Parses one requirement; the word after it is left.
fn requirement(words: &mut Words<'_>) -> Result<Requirement> {
    let negated = words.peek() == "!";
    if negated {
        words.next();
    }
    let key = words.next();
    if !is_identifier(key) {
        return Err(unexpected(key, ", expected: identifier"));
    }
    check_key(key)?;
    let test = if negated {
        Test::Missing
    } else if matches!(words.peek(), "" | ",") {
        Test::Exists
    } else {
        match words.next() {
            "=" | "==" => Test::In(EcoVec::from([exact_value(words)?])),
            "!=" => Test::NotIn(EcoVec::from([exact_value(words)?])),
            "in" => Test::In(value_list(words)?),
            "notin" => Test::NotIn(value_list(words)?),
            ">" => Test::Above(bound(words, key)?),
            "<" => Test::Below(bound(words, key)?),
            // The last opening quote is missing upstream too.
            word => {
                return Err(unexpected(word, ", expected: '=', '!=', '==', 'in', notin'"));
            }
        }
    };
    match &test {
        Test::In(values) | Test::NotIn(values) => {
            values.iter().try_for_each(|value| check_value(key, value))?;
        }
        _ => {}
    }
    Ok(Requirement { key: key.into(), test })
}

fn exact_value(words: &mut Words<'_>) -> Result<EcoString> {
    match words.peek() {
        "" | "," => Ok(EcoString::new()),
        word if is_identifier(word) => Ok(words.next().into()),
        word => Err(unexpected(word, ", expected: identifier")),
    }
}

fn bound(words: &mut Words<'_>, key: &str) -> Result<i64> {
    let value = exact_value(words)?;
    let number = integer(&value)
        .ok_or_else(|| selector_error("for 'Gt', 'Lt' operators, the value must be an integer"))?;
    // Odd: a sign is fine for a number, but then the number is no label value
    // (case target/comparison-with-a-sign).
    check_value(key, &value)?;
    Ok(number)
}

/// Parses `(a,b)`; a place with nothing in it stands for the empty value.
fn value_list(words: &mut Words<'_>) -> Result<EcoVec<EcoString>> {
    match words.next() {
        "(" => {}
        word => return Err(unexpected(word, " expected: '('")),
    }
    match words.peek() {
        ")" | "," => {}
        word if is_identifier(word) => {}
        word => return Err(unexpected(word, ", expected: ',', ')' or identifier")),
    }
    let mut values = EcoVec::new();
    loop {
        let word = words.peek();
        if is_identifier(word) {
            values.push(words.next().into());
            if !matches!(words.peek(), "," | ")") {
                return Err(unexpected(words.peek(), ", expected: ',' or ')'"));
            }
        } else if matches!(word, "," | ")") {
            values.push(EcoString::new());
        } else {
            return Err(unexpected(word, ", expected: ',', or identifier"));
        }
        if words.next() == ")" {
            return Ok(values);
        }
    }
}

/// Reads a 64-bit integer as Go does, which allows either sign.
fn integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

const NAME_RULE: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end \
    with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for \
    validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const DOMAIN_RULE: &str = "prefix part a DNS-1123 subdomain must consist of lower case alphanumeric \
    characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', \
    regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const VALUE_RULE: &str = "a valid label must be an empty string or consist of alphanumeric characters, \
    '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or \
    'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/// Checks that a key is a qualified name, `[domain/]name`.
fn check_key(key: &str) -> Result<()> {
    let mut faults = Vec::new();
    let name = match key.split_once('/') {
        None => key,
        Some((_, rest)) if rest.contains('/') => {
            faults.push(format!(
                "a qualified name {NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. \
                 'example.com/MyName')"
            ));
            "x"
        }
        Some((domain, name)) => {
            if domain.is_empty() {
                faults.push("prefix part must be non-empty".to_owned());
            } else {
                if domain.len() > 253 {
                    faults.push("prefix part must be no more than 253 characters".to_owned());
                }
                if !domain.split('.').all(is_domain_label) {
                    faults.push(DOMAIN_RULE.to_owned());
                }
            }
            name
        }
    };
    if name.is_empty() {
        faults.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        faults.push("name part must be no more than 63 characters".to_owned());
    }
    if !is_name(name) {
        faults.push(format!("name part {NAME_RULE}"));
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(selector_error(format!("invalid label key {}: {}", quote(key), faults.join("; "))))
}

fn check_value(key: &str, value: &str) -> Result<()> {
    let mut faults = Vec::new();
    if value.len() > 63 {
        faults.push("must be no more than 63 characters");
    }
    if !value.is_empty() && !is_name(value) {
        faults.push(VALUE_RULE);
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(selector_error(format!(
        "invalid label value: {}: at key: {}: {}",
        quote(value),
        quote(key),
        faults.join("; ")
    )))
}

fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
}

fn is_domain_label(text: &str) -> bool {
    let plain = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.iter().all(|b| plain(b) || *b == b'-')
        && bytes.first().is_some_and(plain)
        && bytes.last().is_some_and(plain)
}

/// Puts a text into double quotes for a message.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                // Writing into a string cannot fail.
                let _ = write!(quoted, "\\x{:02x}", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn unexpected(word: &str, rest: &str) -> Error {
    selector_error(format!("found '{word}'{rest}"))
}

fn selector_error(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Kustomization, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(selector: &str) -> std::result::Result<bool, String> {
        let labels = [("app", "x"), ("tier", "1"), ("none", "")];
        let get = |key: &str| labels.iter().find(|(k, _)| *k == key).map(|(_, v)| *v);
        LabelSelector::parse(selector).map(|s| s.matches(get)).map_err(|e| e.message().to_owned())
    }

    #[test]
    fn requirements_select() {
        for hit in [
            "",
            "  ",
            "app",
            "!gone",
            "app=x",
            "app == x",
            "app!=y",
            "gone!=x",
            "app in (x,y)",
            "app\tin\n(,x)",
            "gone notin (x)",
            "app notin ()",
            "tier>0",
            "tier < 2",
            "none=",
            "none in ()",
            "none in (a,)",
            "none in (a,,b)",
            "app=x, tier=1",
            "app in (in,x)",
            "! gone",
        ] {
            assert_eq!(select(hit), Ok(true), "{hit:?}");
        }
        for miss in [
            "gone",
            "!app",
            "app=",
            "app!=x",
            "app notin (x)",
            "tier>1",
            "app>0",
            "app in ()",
            "in=x",
            "gone>1",
        ] {
            assert_eq!(select(miss), Ok(false), "{miss:?}");
        }
    }

    #[test]
    fn faults_are_told_in_the_words_of_the_reference() {
        for (text, message) in [
            ("=x", "found '=', expected: !, identifier, or 'end of string'"),
            ("app,", "found '', expected: identifier after ','"),
            ("app=x y", "found 'y', expected: ',' or 'end of string'"),
            ("!app=x", "found '=', expected: ',' or 'end of string'"),
            ("!!app", "unable to parse requirement: found '!', expected: identifier"),
            (
                "app x",
                "unable to parse requirement: found 'x', expected: '=', '!=', '==', 'in', notin'",
            ),
            ("app in x", "unable to parse requirement: found 'x' expected: '('"),
            ("app in (", "unable to parse requirement: found '', expected: ',', ')' or identifier"),
            ("app in (x y)", "unable to parse requirement: found 'y', expected: ',' or ')'"),
            (
                "app in (x,=)",
                "unable to parse requirement: found '=', expected: ',', or identifier",
            ),
            ("app=<x", "unable to parse requirement: found '<', expected: identifier"),
            (
                "app>a",
                "unable to parse requirement: for 'Gt', 'Lt' operators, the value must be an integer",
            ),
        ] {
            assert_eq!(select(text), Err(message.to_owned()), "{text:?}");
        }
        for (text, start) in [
            (
                "-app",
                "unable to parse requirement: invalid label key \"-app\": name part must consist",
            ),
            (
                "/b",
                "unable to parse requirement: invalid label key \"/b\": prefix part must be non-empty",
            ),
            (
                "a/b/c",
                "unable to parse requirement: invalid label key \"a/b/c\": a qualified name must",
            ),
            (
                "A/b",
                "unable to parse requirement: invalid label key \"A/b\": prefix part a DNS-1123",
            ),
            (
                "app=a/b",
                "unable to parse requirement: invalid label value: \"a/b\": at key: \"app\": a ",
            ),
        ] {
            let message = select(text).unwrap_err();
            assert!(message.starts_with(start), "{message}");
        }
    }
}
