//! Texts as Go writes and reads them between quotes, and what it makes of bytes that are none.

use std::borrow::Cow;

/// Returns a text between quotes, as Go's `%q` prints it.
pub(super) fn quote(text: &str) -> String {
    kustom::text::go_quote(text)
}

/// Returns a text between quotes, with nothing but ASCII in it.
pub(super) fn quote_ascii(text: &str) -> String {
    let mut out = String::new();
    for c in quote(text).chars() {
        match u32::from(c) {
            0..=0x7f => out.push(c),
            code @ 0x80..=0xffff => out.push_str(&format!("\\u{code:04x}")),
            code => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out
}

/// Returns bytes as a text, in which each that is of no character is a U+FFFD: what Go makes of them where a text gets
/// into JSON. Until then Go keeps them, so that only there parts of a character become one again.
pub(super) fn from_bytes(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Cow::Owned(out)
}

/// Reads what is between double quotes.
pub(super) fn unquote(text: &str) -> Option<String> {
    let inside = text.strip_prefix('"')?.strip_suffix('"')?;
    // Escapes of bytes may make up a character only together.
    let mut bytes = Vec::with_capacity(inside.len());
    let mut rest = inside;
    while !rest.is_empty() {
        let (unit, length) = unit(rest, '"')?;
        match unit {
            Unit::Char(c) => bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Unit::Byte(b) => bytes.push(b),
        }
        rest = &rest[length..];
    }
    Some(from_bytes(&bytes).into_owned())
}

/// Reads a character constant.
pub(super) fn unquote_char(text: &str) -> Option<char> {
    let inside = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let (unit, length) = unit(inside, '\'')?;
    if length != inside.len() {
        return None;
    }
    Some(match unit {
        Unit::Char(c) => c,
        Unit::Byte(b) => char::from(b),
    })
}

enum Unit {
    Char(char),
    Byte(u8),
}

/// Reads one character or escape; returns its length as well.
fn unit(text: &str, quote: char) -> Option<(Unit, usize)> {
    let mut chars = text.chars();
    let c = chars.next()?;
    if c == quote || c == '\n' {
        return None;
    }
    if c != '\\' {
        return Some((Unit::Char(c), c.len_utf8()));
    }
    let escaped = chars.next()?;
    let coded = |start: usize, digits: usize, radix: u32| {
        let digits = text.get(start..start + digits)?;
        digits.chars().all(|c| c.is_digit(radix)).then_some(())?;
        u32::from_str_radix(digits, radix).ok()
    };
    let char = |c| Some((Unit::Char(c), 1 + escaped.len_utf8()));
    match escaped {
        'a' => char('\u{7}'),
        'b' => char('\u{8}'),
        'f' => char('\u{c}'),
        'n' => char('\n'),
        'r' => char('\r'),
        't' => char('\t'),
        'v' => char('\u{b}'),
        '\\' => char('\\'),
        c if c == quote => char(quote),
        'x' => Some((Unit::Byte(u8::try_from(coded(2, 2, 16)?).ok()?), 4)),
        'u' => Some((Unit::Char(char::from_u32(coded(2, 4, 16)?)?), 6)),
        'U' => Some((Unit::Char(char::from_u32(coded(2, 8, 16)?)?), 10)),
        '0'..='7' => Some((Unit::Byte(u8::try_from(coded(1, 3, 8)?).ok()?), 4)),
        _ => None,
    }
}
