//! How a text is written as a scalar.

use std::fmt::Write;

use super::lines;
use super::same::typed;
use crate::yaml::chars;
use crate::yaml::quoting::{Form, scan};
use crate::yaml::scalar::{self, Rules, Value};
use crate::yaml::{Node, Style};

/// Where a scalar is going to stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    /// Between brackets.
    pub(super) flow: bool,
    /// Between brackets where everything is quoted as in JSON.
    pub(super) json: bool,
    /// Where it can have lines of its own: the column of what contains it.
    pub(super) column: Option<usize>,
}

/// The text of a value: what stands on the line where it begins, and the lines that follow, each with a
/// line feed before it.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) head: String,
    pub(super) tail: String,
}

/// Writes a scalar, quoted as `style` is as far as that is possible.
pub(super) fn write(node: &Node, style: Style, site: Site, indent: usize) -> Written {
    let text = node.text().unwrap_or_default();
    match typed(node) {
        Some(Value::Str(value)) => write_string(&value, style, site, indent),
        Some(Value::Null) if text.is_empty() || site.json => line("null".to_owned()),
        // What its tag makes of it is written without the tag where that comes to the same.
        _ => line(text.to_owned()),
    }
}

fn line(head: String) -> Written {
    Written { head, tail: String::new() }
}

fn write_string(text: &str, style: Style, site: Site, indent: usize) -> Written {
    if site.json {
        return line(double_quoted(text));
    }
    if text.contains('\n')
        && !matches!(style, Style::SingleQuoted | Style::DoubleQuoted)
        && let Some(column) = site.column
        && scan(text).form(text) == Form::Literal
        && !text.trim().is_empty()
    {
        return literal(text, column, indent);
    }
    let quotable = !text.contains(['\n', '\r']) && text.chars().all(chars::is_printable);
    line(match style {
        Style::SingleQuoted if quotable => single_quoted(text),
        Style::DoubleQuoted => double_quoted(text),
        _ if is_plain(text, site.flow) => text.to_owned(),
        _ if quotable && !reads_as_other(text) && !text.is_empty() => single_quoted(text),
        _ => double_quoted(text),
    })
}

/// Writes text of several lines as a block, by `indent` deeper than what contains it.
fn literal(text: &str, column: usize, indent: usize) -> Written {
    let body = text.trim_end_matches('\n');
    let chomping = match text.len() - body.len() {
        0 => "-",
        1 => "",
        _ => "+",
    };
    let body = text.strip_suffix('\n').unwrap_or(text);
    let starts_blank = text.starts_with([' ', '\n', '\t']);
    let head = match starts_blank {
        true => format!("|{indent}{chomping}"),
        false => format!("|{chomping}"),
    };
    let mut tail = String::new();
    let column = column + indent;
    for line in body.split('\n') {
        tail.push('\n');
        if !line.is_empty() {
            let _ = write!(tail, "{}{line}", lines::blanks(column));
        }
    }
    Written { head, tail }
}

/// Returns `true` if every reader takes `text` without quotes for just that text.
pub(super) fn is_plain(text: &str, flow: bool) -> bool {
    !text.is_empty()
        && scan(text).form(text) == Form::Plain
        && !reads_as_other(text)
        && !(flow && (text.starts_with(':') || text.contains([',', '[', ']', '{', '}', '?'])))
}

/// Returns `true` if some reader of YAML 1.1 or 1.2 takes `text` for anything but a string.
fn reads_as_other(text: &str) -> bool {
    [Rules::V2, Rules::V3].iter().any(|rules| !matches!(scalar::plain(text, *rules), Value::Str(_)))
        || is_word(text)
        || is_number(text)
}

fn is_word(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "~", "<<", "=", "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".nan",
        ".inf", "+.inf", "-.inf",
    ];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Returns `true` for what looks like a number in any notation, sexagesimal ones and dates included.
fn is_number(text: &str) -> bool {
    let digits: String = text.chars().filter(|c| *c != '_').collect();
    let digits = digits.strip_prefix(['+', '-']).unwrap_or(&digits);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    let is_radix = |prefixes: [&str; 2], radix: u32| {
        let rest = prefixes.iter().find_map(|prefix| digits.strip_prefix(prefix));
        rest.is_some_and(|rest| rest.chars().all(|c| c.is_digit(radix)))
    };
    let parts = |separator: char| {
        digits.contains(separator)
            && digits.split(separator).all(|part| {
                !part.is_empty() && part.chars().all(|c| c.is_ascii_digit() || c == '.')
            })
    };
    digits.parse::<f64>().is_ok()
        || is_radix(["0x", "0X"], 16)
        || is_radix(["0o", "0O"], 8)
        || is_radix(["0b", "0B"], 2)
        || parts(':')
        || (parts('-') && digits.split('-').count() == 3)
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Returns `text` in double quotes; all escapes but those of characters beyond U+FFFF are JSON's, too.
pub(super) fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if chars::is_printable(c) && !chars::is_break(c) => out.push(c),
            c if u32::from(c) <= 0xFFFF => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}
