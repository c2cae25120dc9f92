//! Functions on texts.

use std::collections::BTreeSet;

use super::super::function::{Args, Failure, Function, function};
use super::super::strings::{from_bytes, quote};
use super::super::value::Value;
use super::super::weight::text_bytes;
use super::{Outcome, cast, text, yes};
use crate::letters;

pub(super) const FUNCTIONS: &[Function] = &[
    function("hello", "", |_| text("Hello!")),
    function("upper", "s", |args| text(letters::uppered(args.str(0)))),
    function("lower", "s", |args| text(letters::lowered(args.str(0)))),
    function("trim", "s", |args| text(args.str(0).trim())),
    function("trimAll", "ss", trim_all),
    function("trimall", "ss", trim_all),
    function("trimPrefix", "ss", |args| {
        text(args.str(1).strip_prefix(args.str(0)).unwrap_or(args.str(1)))
    }),
    function("trimSuffix", "ss", |args| {
        text(args.str(1).strip_suffix(args.str(0)).unwrap_or(args.str(1)))
    }),
    function("hasPrefix", "ss", |args| yes(args.str(1).starts_with(args.str(0)))),
    function("hasSuffix", "ss", |args| yes(args.str(1).ends_with(args.str(0)))),
    function("contains", "ss", |args| yes(args.str(1).contains(args.str(0)))),
    function("replace", "sss", replace),
    function("repeat", "is", repeat),
    function("trunc", "is", trunc),
    function("substr", "iis", substr),
    function("quote", "a*", |args| quoted(args, &quote)),
    function("squote", "a*", |args| quoted(args, &|text| format!("'{text}'"))),
    function("cat", "a*", cat),
    function("indent", "is", |args| text(indent(args)?)),
    function("nindent", "is", |args| {
        let mut indented = indent(args)?;
        indented.insert(0, '\n');
        text(indented)
    }),
    function("plural", "ssi", |args| text(args.rc(if args.int(2) == 1 { 0 } else { 1 }))),
    function("nospace", "s", |args| text(without_spaces(args.str(0)))),
    function("toString", "a", |args| text(cast::text(args.any(0), args.budget)?)),
    function("split", "ss", |args| numbered(&parts(args, args.str(1), None)?, args)),
    function("splitn", "sis", splitn),
    function("splitList", "ss", split_list),
    function("join", "sa", join),
    function("toStrings", "a", |args| {
        args.will_list(args.any(0).length())?;
        Ok(Value::strings(cast::texts(args.any(0), args.budget)?))
    }),
];

fn trim_all(args: &Args<'_>) -> Outcome {
    // It may be as long as the text itself.
    let cut: BTreeSet<char> = args.str(0).chars().collect();
    text(args.str(1).trim_matches(|c| cut.contains(&c)))
}

fn replace(args: &Args<'_>) -> Outcome {
    let (old, new, source) = (args.str(0), args.str(1), args.str(2));
    let count = if old.is_empty() { source.len() + 1 } else { source.matches(old).count() };
    args.will_make(source.len().saturating_add(count.saturating_mul(new.len())))?;
    text(source.replace(old, new))
}

fn repeat(args: &Args<'_>) -> Outcome {
    let Ok(count) = usize::try_from(args.int(0)) else {
        return Err("strings: negative Repeat count".into());
    };
    args.will_make(args.str(1).len().saturating_mul(count))?;
    text(args.str(1).repeat(count))
}

/// Returns bytes of a text.
fn bytes(source: &str, start: usize, end: usize) -> Outcome {
    text(from_bytes(source.as_bytes().get(start..end).unwrap_or_default()).as_ref())
}

fn trunc(args: &Args<'_>) -> Outcome {
    let (count, source) = (args.int(0), args.str(1));
    let size = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    if source.len() <= size {
        text(args.rc(1))
    } else if count < 0 {
        bytes(source, source.len() - size, source.len())
    } else {
        bytes(source, 0, size)
    }
}

fn substr(args: &Args<'_>) -> Outcome {
    let source = args.str(2);
    let length = source.len();
    let (start, end) = (usize::try_from(args.int(0)), usize::try_from(args.int(1)));
    let (start, end) = match (start, end) {
        (Err(_), Ok(end)) => (0, end),
        (Ok(start), Ok(end)) if end <= length => (start, end),
        (Ok(start), _) => (start, length),
        (Err(_), Err(_)) => return Err("slice bounds out of range".into()),
    };
    if start > end || end > length {
        return Err(format!("slice bounds out of range [{start}:{end}]").into());
    }
    bytes(source, start, end)
}

fn quoted(args: &Args<'_>, quote: &dyn Fn(&str) -> String) -> Outcome {
    let mut parts = Vec::new();
    for value in args.all().iter().filter(|value| !matches!(value, Value::Nil)) {
        let source = cast::text(value, args.budget)?;
        args.will_hold(source.len().saturating_mul(16))?;
        let part = quote(&source);
        args.will_make(part.len())?;
        parts.push(part);
    }
    text(parts.join(" "))
}

fn cat(args: &Args<'_>) -> Outcome {
    let mut parts = Vec::new();
    for value in args.all().iter().filter(|value| !matches!(value, Value::Nil)) {
        let part = cast::text(value, args.budget)?;
        args.will_make(part.len())?;
        parts.push(part);
    }
    text(parts.join(" "))
}

fn indent(args: &Args<'_>) -> Result<String, Failure> {
    let source = args.str(1);
    let Ok(width) = usize::try_from(args.int(0)) else {
        return Err("strings: negative Repeat count".into());
    };
    let lines = 1 + source.matches('\n').count();
    args.will_make(source.len().saturating_add(lines.saturating_mul(width)))?;
    let mut out = String::with_capacity(source.len() + lines * width + 1);
    for line in source.split_inclusive('\n') {
        out.extend(std::iter::repeat_n(' ', width));
        out.push_str(line);
    }
    // There is a line behind the last line break, too.
    if source.is_empty() || source.ends_with('\n') {
        out.extend(std::iter::repeat_n(' ', width));
    }
    Ok(out)
}

/// Returns a text without its white space.
///
/// Odd: where there is any, each byte is taken for a character.
fn without_spaces(source: &str) -> String {
    let bytes = || source.bytes().map(char::from);
    match bytes().any(char::is_whitespace) {
        true => bytes().filter(|c| !c.is_whitespace()).collect(),
        false => source.to_owned(),
    }
}

/// Returns what stands between separators, in so many parts at most; without a separator, each character.
fn parts<'a>(
    args: &'a Args<'_>,
    source: &'a str,
    most: Option<usize>,
) -> Result<Vec<&'a str>, Failure> {
    let separator = args.str(0);
    let count = match separator {
        "" => source.chars().count(),
        _ => source.matches(separator).count() + 1,
    };
    let count = count.min(most.unwrap_or(usize::MAX));
    // They are there twice until the function returns.
    args.will_list(count)?;
    args.will_make(text_bytes(0).saturating_mul(count).saturating_add(source.len()))?;
    let mut parts = Vec::with_capacity(count);
    if !separator.is_empty() {
        parts.extend(source.splitn(count, separator));
        return Ok(parts);
    }
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let length = if parts.len() + 1 == count { rest.len() } else { c.len_utf8() };
        parts.push(&rest[..length]);
        rest = &rest[length..];
    }
    Ok(parts)
}

fn numbered(parts: &[&str], args: &Args<'_>) -> Outcome {
    args.will_map(parts.len())?;
    args.will_make(text_bytes(8).saturating_mul(parts.len()))?;
    let key = |i: usize| format!("_{i}");
    Ok(Value::string_map(parts.iter().enumerate().map(|(i, part)| (key(i), Value::str(*part)))))
}

fn splitn(args: &Args<'_>) -> Outcome {
    match usize::try_from(args.int(1)) {
        Ok(0) => Ok(Value::string_map::<&str>([])),
        most => numbered(&parts(args, args.str(2), most.ok())?, args),
    }
}

fn split_list(args: &Args<'_>) -> Outcome {
    Ok(Value::strings(parts(args, args.str(1), None)?))
}

fn join(args: &Args<'_>) -> Outcome {
    let parts = cast::texts(args.any(1), args.budget)?;
    let separator = args.str(0);
    let size: usize = parts.iter().map(|part| part.len().saturating_add(separator.len())).sum();
    args.will_make(size)?;
    text(parts.join(separator))
}
