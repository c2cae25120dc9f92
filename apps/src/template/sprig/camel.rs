//! `snakecase`, `kebabcase` and `camelcase`: names put together in other ways.

use super::super::function::{Function, function};
use super::text;
use crate::letters;

pub(super) const FUNCTIONS: &[Function] = &[
    function("snakecase", "s", |args| text(separated(args.str(0), '_'))),
    function("kebabcase", "s", |args| text(separated(args.str(0), '-'))),
    function("camelcase", "s", |args| text(camel(args.str(0)))),
];

/// What a run of characters is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    /// `HTTP` of `HTTPServer`, or `Server`.
    Upper,
    Lower,
    Digits,
    /// Blanks, `-` and `_`.
    Connector,
    Punctuation,
    Other,
}

fn is_connector(c: char) -> bool {
    c == '-' || c == '_' || c.is_whitespace()
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() && !"$+<=>^`|~".contains(c)
}

fn run_of(c: char) -> Run {
    if is_connector(c) {
        Run::Connector
    } else if is_punctuation(c) {
        Run::Punctuation
    } else if letters::is_upper(c) {
        Run::Upper
    } else if c.is_alphabetic() {
        Run::Lower
    } else if c.is_numeric() {
        Run::Digits
    } else {
        Run::Other
    }
}

/// The runs of a name; of capitals before small letters the last one belongs to those.
struct Runs<'s>(&'s str);

impl<'s> Iterator for Runs<'s> {
    type Item = (Run, &'s str);

    fn next(&mut self) -> Option<(Run, &'s str)> {
        let mut chars = self.0.char_indices();
        let (mut last, c) = chars.next()?;
        let first = run_of(c);
        let (mut ends_small, mut end) = (is_small(c), self.0.len());
        for (at, c) in chars {
            let run = run_of(c);
            let is_same = run == first && !(run == Run::Upper && ends_small);
            let is_word = first == Run::Upper && run == Run::Lower;
            if !is_same && !is_word {
                end = at;
                break;
            }
            if !is_same && last > 0 && !ends_small {
                end = last;
                break;
            }
            (last, ends_small) = (at, is_small(c));
        }
        let (run, rest) = self.0.split_at(end);
        self.0 = rest;
        Some((first, run))
    }
}

fn is_small(c: char) -> bool {
    c.is_alphabetic() && !letters::is_upper(c)
}

/// Puts the words of a name into lower case, and a connector between them.
///
/// A number belongs to the word before it (`bld4_floor`), or if small letters follow, is a word
/// together with these (`http_20x_ok`).
fn separated(source: &str, connector: char) -> String {
    let mut runs = Runs(source).peekable();
    let mut out = String::new();
    let mut with_number = false;
    let mut before = None;
    while let Some((run, word)) = runs.next() {
        let after = runs.peek().map(|(run, _)| *run);
        let joins = |run| matches!(run, Run::Connector | Run::Punctuation);
        let needs = match (before, run) {
            (None, _) => false,
            (Some(before), run) if joins(before) || joins(run) => false,
            (Some(_), Run::Lower | Run::Digits) if with_number => false,
            (Some(_), Run::Digits) => after == Some(Run::Lower),
            _ => true,
        };
        with_number = match run {
            Run::Digits => with_number || needs || before.is_none_or(joins),
            Run::Lower => with_number,
            _ => false,
        };
        if needs {
            out.push(connector);
        }
        match run {
            Run::Connector => out.extend(word.chars().map(|_| connector)),
            Run::Upper => out.extend(word.chars().map(letters::lower)),
            _ => out.push_str(word),
        }
        before = Some(run);
    }
    out
}

/// Puts words together, each with a capital in front; of several connectors one goes.
fn camel(source: &str) -> String {
    let inner = source.trim_matches(is_connector);
    let start = source.len() - source.trim_start_matches(is_connector).len();
    if inner.is_empty() {
        return source.to_owned();
    }
    let mut out = source[..start].to_owned();
    let mut before = Run::Connector;
    let mut gap = String::new();
    for c in inner.chars() {
        let run = run_of(c);
        if run == Run::Connector {
            gap.push(c);
        } else {
            if !gap.is_empty() {
                gap.pop();
                out.push_str(&gap);
                gap.clear();
                before = Run::Connector;
            }
            match (before, run) {
                (Run::Connector, _) => out.push(letters::upper(c)),
                (Run::Upper, Run::Upper) => out.push(letters::lower(c)),
                _ => out.push(c),
            }
            before = if before == Run::Connector && run == Run::Lower { Run::Lower } else { run };
        }
    }
    out.push_str(&source[start + inner.len()..]);
    out
}
