//! RE2 patterns, which upstream uses, put into the words of the `regex` crate.
//!
//! Both know the same language but for details: `\d`, `\w`, `\s` and `\b` are ASCII in RE2, a `{` that
//! opens no repetition is a literal there, classes do not nest, `\Q…\E` quotes, and octal escapes
//! exist. Each part of the pattern is read by RE2's rules and written out in a form without doubt.

use std::fmt::Write;

use regex_syntax::hir::Hir;

use super::re2_height::{Heights, Kind, MAX_HEIGHT, Part};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::limits::{Account, Limit};

/// The highest count of a repetition, also of nested ones multiplied.
const MAX_REPEAT: u64 = 1000;
/// The work of reading a class of Unicode, which is some hundred ranges.
const CLASS_WORK: u64 = 1_000;
/// The work of reading a class where case does not count: each character may be another one.
const FOLDED_CLASS_WORK: u64 = 50_000;

/// A pattern that has been read.
pub(super) struct Read {
    /// What it means.
    pub(super) hir: Hir,
    /// The height of its tree.
    pub(super) height: usize,
}

/// Reads an RE2 pattern.
///
/// # Errors
/// With upstream's words if it is none; of kind `Limit` if it is too large.
pub(super) fn read(pattern: &str, account: &Account) -> Result<Read> {
    let (translated, height) = Translator::new(pattern, false).run()?;
    account.charge(Limit::PatternWork, reading_work(&translated))?;
    // The tree is no higher than RE2 allows, but groups around groups count for the crate.
    let mut parser = regex_syntax::ParserBuilder::new().nest_limit(u32::MAX).build();
    let hir = parser.parse(&translated).map_err(|_| fault("invalid pattern", pattern))?;
    Ok(Read { hir, height })
}

/// Puts an RE2 pattern into the words of the `regex` crate, with its groups and their names.
///
/// # Errors
/// With Go's words if it is none, or is nested too deep for Go.
pub(crate) fn translate(pattern: &str) -> Result<String> {
    Translator::new(pattern, true).run().map(|(translated, _)| translated)
}

/// Returns the work of turning the classes of a pattern into ranges.
fn reading_work(translated: &str) -> u64 {
    let count = |text: &str| translated.matches(text).count() as u64;
    let folds = translated
        .split("(?")
        .skip(1)
        .any(|group| group.split([')', ':']).next().is_some_and(|flags| flags.contains('i')));
    let (unicode, listed) = (count("\\p") + count("\\P"), count("["));
    let classes = if folds { FOLDED_CLASS_WORK } else { CLASS_WORK };
    let lists = if folds { CLASS_WORK } else { 1 };
    unicode * classes + listed * lists + translated.len() as u64
}

/// Returns `true` if a character means something else than itself in a pattern.
pub(crate) fn is_special(c: char) -> bool {
    matches!(c, '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$')
}

/// A group that is open.
#[derive(Default)]
struct Group {
    captures: bool,
    /// The greatest product of repetitions seen in it so far, if there was one.
    repeats: Option<u64>,
    heights: Heights,
}

pub(super) struct Translator<'p> {
    pub(super) pattern: &'p str,
    pub(super) at: usize,
    pub(super) out: String,
    /// Whether groups go on capturing; a selector asks for no captures, and without it costs less.
    captures: bool,
    groups: Vec<Group>,
    /// The product of repetitions of what a repetition would now apply to, if there is anything.
    operand: Option<u64>,
    /// Where the repetition starts that was read last, if nothing came after it.
    repetition: Option<usize>,
}

impl<'p> Translator<'p> {
    fn new(pattern: &'p str, captures: bool) -> Self {
        Translator {
            captures,
            pattern,
            at: 0,
            out: String::with_capacity(pattern.len() + 16),
            groups: vec![Group::default()],
            operand: None,
            repetition: None,
        }
    }

    /// Returns the translation and the height of its tree.
    fn run(mut self) -> Result<(String, usize)> {
        while let Some(c) = self.peek() {
            let start = self.at;
            match c {
                '*' | '+' | '?' => {
                    self.at += 1;
                    self.repeat(start, None)?;
                    continue;
                }
                '{' => {
                    if let Some((len, low, high)) = counts(self.rest()) {
                        self.at += len;
                        self.repeat(start, Some((low, high)))?;
                        continue;
                    }
                    self.next();
                    self.literal('{');
                }
                '(' => self.open()?,
                ')' => {
                    self.next();
                    self.close()?;
                }
                '|' => {
                    self.next();
                    self.out.push('|');
                    self.operand = None;
                    if let Some(group) = self.groups.last_mut() {
                        group.heights.alternate();
                    }
                }
                '[' => self.class()?,
                '.' => self.copy(Kind::Class, "."),
                // In a group of their own because the crate is choosy about repeated assertions.
                '^' => self.copy(Kind::Other, "(?:^)"),
                '$' => self.copy(Kind::Other, "(?:$)"),
                '\\' => self.escape()?,
                c => {
                    self.next();
                    self.literal(c);
                }
            }
            self.repetition = None;
        }
        if self.groups.len() > 1 {
            return Err(fault("missing closing )", self.pattern));
        }
        let height = self.groups.pop().unwrap_or_default().heights.finish().height;
        self.check_height(height)?;
        Ok((self.out, height))
    }

    fn check_height(&self, height: usize) -> Result<()> {
        if height <= MAX_HEIGHT {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Limit,
            format!("error parsing regexp: expression nests too deeply: `{}`", self.pattern),
        ))
    }

    pub(super) fn rest(&self) -> &'p str {
        &self.pattern[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// Takes one character of the pattern and writes `meaning`.
    pub(super) fn copy(&mut self, kind: Kind, meaning: &str) {
        self.next();
        self.write(kind, meaning);
    }

    pub(super) fn write(&mut self, kind: Kind, meaning: &str) {
        self.out.push_str(meaning);
        self.push(Part::leaf(kind), 1);
    }

    /// Notes a part with the product of the repetitions in it: what a repetition would apply to.
    fn push(&mut self, part: Part, repeats: u64) {
        if let Some(group) = self.groups.last_mut() {
            group.heights.push(part);
        }
        self.operand = Some(repeats);
    }

    pub(super) fn literal(&mut self, c: char) {
        if c.is_alphanumeric() {
            self.out.push(c);
        } else {
            self.code_point(c);
        }
        self.push(Part::leaf(Kind::Literal(1)), 1);
    }

    pub(super) fn code_point(&mut self, c: char) {
        // Writing into a string cannot fail.
        let _ = write!(self.out, "\\x{{{:X}}}", c as u32);
    }

    /// Handles a repetition whose operator, from `start`, was just taken.
    fn repeat(&mut self, start: usize, counts: Option<(u64, Option<u64>)>) -> Result<()> {
        let operator = &self.pattern[start..self.at];
        // A `?` after it makes it lazy, in both languages.
        self.eat("?");
        if let Some(previous) = self.repetition {
            return Err(fault(
                "invalid nested repetition operator",
                &self.pattern[previous..self.at],
            ));
        }
        let whole = &self.pattern[start..self.at];
        let Some(operand) = self.operand else {
            return Err(fault("missing argument to repetition operator", whole));
        };
        if let Some((low, high)) = counts {
            let most = high.unwrap_or(low);
            let product = operand.saturating_mul(most);
            if low > MAX_REPEAT
                || most > MAX_REPEAT
                || low > most
                || (most > 1 && product > MAX_REPEAT)
            {
                return Err(fault("invalid repeat count", operator));
            }
            self.operand = Some(product.max(1));
        }
        if let (Some(group), Some(operand)) = (self.groups.last_mut(), self.operand) {
            group.repeats = group.repeats.max(Some(operand));
            let height = group.heights.repeat();
            self.check_height(height)?;
        }
        self.out.push_str(whole);
        self.repetition = Some(start);
        Ok(())
    }

    /// Handles `(` and what belongs to it.
    fn open(&mut self) -> Result<()> {
        let start = self.at;
        self.next();
        let mut captures = true;
        let named = self.rest().starts_with("?P<") || self.rest().starts_with("?<");
        if named {
            let open = self.rest().find('<').map_or(self.at, |i| self.at + i + 1);
            let Some(len) = self.pattern[open..].find('>') else {
                return Err(fault("invalid named capture", &self.pattern[start..]));
            };
            let name = &self.pattern[open..open + len];
            self.at = open + len + 1;
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                return Err(fault("invalid named capture", &self.pattern[start..self.at]));
            }
            match self.captures {
                true => _ = write!(self.out, "(?P<{name}>"),
                false => self.out.push_str("(?:"),
            }
        } else if self.eat("?") {
            if !self.flags(start)? {
                return Ok(());
            }
            captures = false;
        } else {
            self.out.push_str(if self.captures { "(" } else { "(?:" });
        }
        self.groups.push(Group { captures, ..Group::default() });
        self.operand = None;
        Ok(())
    }

    /// Handles the flags after `(?`; returns `true` if they open a group.
    fn flags(&mut self, start: usize) -> Result<bool> {
        let (mut negated, mut any) = (false, false);
        loop {
            let Some(c) = self.next() else {
                return Err(fault("missing closing )", self.pattern));
            };
            match c {
                'i' | 'm' | 's' | 'U' => any = true,
                '-' if !negated => (negated, any) = (true, false),
                ':' | ')' if any || !negated => {
                    let text = &self.pattern[start..self.at];
                    // The crate refuses empty flags, and flags said twice.
                    let mut flags = String::new();
                    for f in text[2..text.len() - 1].chars() {
                        if !flags.contains(f) {
                            flags.push(f);
                        }
                    }
                    if c == ':' || !flags.is_empty() {
                        let _ = write!(self.out, "(?{flags}{c}");
                    }
                    return Ok(c == ':');
                }
                _ => {
                    return Err(fault(
                        "invalid or unsupported Perl syntax",
                        // Odd: `(?P` without a name is cut after the letter like any other
                        // (case target/pattern-with-an-open-name).
                        &self.pattern[start..self.at],
                    ));
                }
            }
        }
    }

    fn close(&mut self) -> Result<()> {
        let Some(group) = self.groups.pop() else {
            return Err(fault("unexpected )", self.pattern));
        };
        let Some(outer) = self.groups.last_mut() else {
            return Err(fault("unexpected )", self.pattern));
        };
        outer.repeats = outer.repeats.max(group.repeats);
        let part = group.heights.finish();
        let part = if group.captures { part.wrapped() } else { part };
        self.out.push(')');
        self.push(part, group.repeats.unwrap_or(1));
        self.check_height(part.height)
    }
}

/// Reads `{3}`, `{3,}` or `{3,5}` at the start of a text: its length, least and greatest count.
///
/// Anything else, leading zeros included, is no repetition but literal text.
fn counts(text: &str) -> Option<(usize, u64, Option<u64>)> {
    let inner = &text[1..text.find('}')?];
    let number = |digits: &str| {
        let plain = !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
            && (digits.len() == 1 || !digits.starts_with('0'));
        plain.then(|| digits.parse().unwrap_or(u64::MAX))
    };
    let (low, high) = match inner.split_once(',') {
        None => (number(inner)?, Some(number(inner)?)),
        Some((low, "")) => (number(low)?, None),
        Some((low, high)) => (number(low)?, Some(number(high)?)),
    };
    Some((inner.len() + 2, low, high))
}

pub(super) fn fault(what: &str, part: &str) -> Error {
    Error::new(ErrorKind::Kustomization, format!("error parsing regexp: {what}: `{part}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::select::{Patterns, Program};

    fn compile(pattern: &str) -> Result<std::sync::Arc<Program>> {
        Patterns::default().read(pattern)
    }

    #[test]
    fn the_language_is_re2() {
        for (pattern, text, expected) in [
            (r"^\d$", "٣", false),
            (r"^\w$", "é", false),
            (r"^\s$", "\x0B", false),
            (r"^[\D]$", "٣", true),
            (r"é\b", "é", false),
            (r"^\Ba", "a", false),
            (r"^\Qa.b\E+$", "a.bb", true),
            (r"^a{,2}$", "a{,2}", true),
            (r"^a{01}$", "a{01}", true),
            (r"^a{2,3}?$", "aaa", true),
            (r"^[c[d]$", "[", true),
            (r"^[a&&b]$", "&", true),
            (r"^[]a-]+$", "]-a", true),
            (r"^[^\d-z]$", "-", false),
            (r"^\143\x6d\x{2d}\_$", "cm-_", true),
            (r"^(?P<n>a)(?P<n>b)$", "ab", true),
            (r"(?i:CM)-a", "cm-a", true),
            (r"^\p{^L}\pL\P{Lu}$", "1aa", true),
            (r"^[[:alpha:]_]+$", "a_", true),
            (r"^(?s).$", "\n", true),
            (r"^*\b+a", "a", true),
        ] {
            assert_eq!(compile(pattern).unwrap().is_match(text), expected, "{pattern} on {text:?}");
        }
    }

    #[test]
    fn faults_are_told_in_the_words_of_the_reference() {
        for (pattern, message) in [
            ("^(?:[)$", "missing closing ]: `[)$`"),
            ("^(?:()$", "missing closing ): `^(?:()$`"),
            ("^(?:))$", "unexpected ): `^(?:))$`"),
            ("*", "missing argument to repetition operator: `*`"),
            ("a|*", "missing argument to repetition operator: `*`"),
            ("a*?*", "invalid nested repetition operator: `*?*`"),
            ("a{2}{3}", "invalid nested repetition operator: `{2}{3}`"),
            ("a{1001}", "invalid repeat count: `{1001}`"),
            ("a{2,1}", "invalid repeat count: `{2,1}`"),
            ("((a{100}){10}){2}", "invalid repeat count: `{2}`"),
            ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
            ("(?i-)a", "invalid or unsupported Perl syntax: `(?i-)`"),
            ("(?P>x)", "invalid or unsupported Perl syntax: `(?P`"),
            ("(?<=a)", "invalid named capture: `(?<=a)`"),
            ("(?P<>a)", "invalid named capture: `(?P<>`"),
            (r"\C", r"invalid escape sequence: `\C`"),
            (r"\1", r"invalid escape sequence: `\1`"),
            (r"\x6)", r"invalid escape sequence: `\x6)`"),
            (r"[a-\d]", r"invalid escape sequence: `\d`"),
            (r"\p{Foo}", r"invalid character class range: `\p{Foo}`"),
            ("[b-a]", "invalid character class range: `b-a`"),
            ("[[:foo:]]", "invalid character class range: `[:foo:]`"),
            ("a\\", "trailing backslash at end of expression: ``"),
        ] {
            let error = compile(pattern).unwrap_err();
            assert_eq!(error.message(), format!("error parsing regexp: {message}"), "{pattern}");
        }
    }

    #[test]
    fn deep_and_large_patterns_are_refused_or_compiled() {
        // What upstream does with each of these between `^(?:` and `)$`.
        for (open, close, accepted) in [
            ("(", ")+", 499),
            ("(", ")", 998),
            ("(?:", ")+", 998),
            ("(", "b)", 499),
            ("(", "|b.)", 498),
        ] {
            let nested = |n| format!("^(?:{}a{})$", open.repeat(n), close.repeat(n));
            assert!(compile(&nested(accepted)).is_ok(), "{open}{close}");
            for too_deep in [accepted + 1, 20_000] {
                let error = compile(&nested(too_deep)).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Limit, "{open}{close}");
            }
        }
        assert!(compile(&format!("{}a{}", "(?:".repeat(3000), ")".repeat(3000))).is_ok());
    }
}
