//! Functions on words: their first letters, the length of lines.

use super::super::function::{Args, Function, function};
use super::super::strings::from_bytes;
use super::{Outcome, text};
use crate::letters;

pub(super) const FUNCTIONS: &[Function] = &[
    function("title", "s", |args| text(title(args.str(0)))),
    function("untitle", "s", |args| text(untitle(args.str(0)))),
    function("swapcase", "s", |args| text(swapped(args.str(0)))),
    function("initials", "s", |args| text(initials(args.str(0)))),
    function("abbrev", "is", |args| {
        let (width, source) = (args.int(0), args.str(1));
        text(if width < 4 { source.to_owned() } else { abbreviated(source, 0, width)? })
    }),
    function("abbrevboth", "iis", |args| {
        let (left, right, source) = (args.int(0), args.int(1), args.str(2));
        let too_narrow = right < 4 || left > 0 && right < 7;
        text(if too_narrow { source.to_owned() } else { abbreviated(source, left, right)? })
    }),
    function("wrap", "is", |args| wrap(args, args.int(0), "\n", args.str(1), false)),
    function("wrapWith", "iss", |args| wrap(args, args.int(0), args.str(1), args.str(2), true)),
];

fn is_separator(c: char) -> bool {
    !c.is_alphanumeric() && c != '_' && (c.is_ascii() || c.is_whitespace())
}

/// Puts the first letter of each word into upper case.
fn title(source: &str) -> String {
    let mut before = ' ';
    let mut out = String::with_capacity(source.len());
    for c in source.chars() {
        if is_separator(before) {
            out.push(letters::title(c));
        } else {
            out.push(c);
        }
        before = c;
    }
    out
}

/// Puts the first letter of each word into lower case.
fn untitle(source: &str) -> String {
    let mut starts = true;
    let mut out = String::with_capacity(source.len());
    for c in source.chars() {
        if c.is_whitespace() {
            starts = true;
            out.push(c);
        } else if starts {
            starts = false;
            out.push(letters::lower(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// Puts each letter into the other case.
fn swapped(source: &str) -> String {
    let mut starts = true;
    let swapped = source.chars().map(|c| {
        let is_first = std::mem::replace(&mut starts, c.is_whitespace());
        if letters::is_upper(c) || letters::is_title(c) {
            letters::lower(c)
        } else if !letters::is_lower(c) {
            c
        } else if is_first {
            letters::title(c)
        } else {
            letters::upper(c)
        }
    });
    swapped.collect()
}

/// Returns the first letters of all words.
///
/// Odd: each byte is taken for a character.
fn initials(source: &str) -> String {
    let mut is_gap = true;
    let mut is_first = |c: char| std::mem::replace(&mut is_gap, c.is_whitespace()) && !is_gap;
    source.bytes().map(char::from).filter(|c| is_first(*c)).collect()
}

/// Cuts a text to a width, with dots where something is missing; `offset` is where the part begins that
/// is wanted most.
fn abbreviated(source: &str, offset: i64, width: i64) -> Result<String, String> {
    const DOTS: &str = "...";
    let width = usize::try_from(width).unwrap_or(0);
    let bytes = source.as_bytes();
    let part =
        |from: usize, to: usize| from_bytes(bytes.get(from..to).unwrap_or_default()).into_owned();
    if bytes.len() <= width {
        return Ok(source.to_owned());
    }
    let room = width - DOTS.len();
    let last = bytes.len() - room;
    let offset = usize::try_from(offset).unwrap_or(0).min(last);
    if offset <= 4 {
        return Ok(part(0, room) + DOTS);
    }
    if width < 7 {
        return Err("Minimum abbreviation width with offset is 7".to_owned());
    }
    if offset < last {
        let from = offset;
        return Ok(format!("{DOTS}{}{DOTS}", part(from, from + room - DOTS.len())));
    }
    Ok(format!("{DOTS}{}", part(last, bytes.len())))
}

/// Breaks lines at blanks; a word that is too long stays whole, or is cut if `cut` says so.
fn wrap(args: &Args<'_>, width: i64, newline: &str, source: &str, cut: bool) -> Outcome {
    let width = usize::try_from(width).unwrap_or(1).max(1);
    let newline = if newline.is_empty() { "\n" } else { newline };
    args.will_make(source.len().saturating_mul(1 + newline.len()))?;
    let bytes = source.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while bytes.len() - at > width {
        if bytes[at] == b' ' {
            at += 1;
            continue;
        }
        let line = &bytes[at..=at + width];
        let end = match line.iter().rposition(|b| *b == b' ') {
            Some(space) => at + space,
            None if cut => {
                out.extend(&bytes[at..at + width]);
                out.extend(newline.as_bytes());
                at += width;
                continue;
            }
            None => match bytes[at + width..].iter().position(|b| *b == b' ') {
                Some(space) => at + width + space,
                None => break,
            },
        };
        out.extend(&bytes[at..end]);
        out.extend(newline.as_bytes());
        at = end + 1;
    }
    out.extend(&bytes[at..]);
    text(from_bytes(&out).as_ref())
}
