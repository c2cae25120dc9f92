//! Texts with escapes, as in the strings of JSON and YAML, read as what they stand for.

use std::ops::Range;

/// A text without its escapes.
pub(super) struct Unescaped {
    pub(super) text: String,
    /// Where in the text with escapes each byte came from, and the end.
    places: Vec<usize>,
}

/// Returns a text without its escapes; nothing if it has none. What is no escape stays as it is.
pub(super) fn unescaped(text: &str) -> Option<Unescaped> {
    memchr::memchr(b'\\', text.as_bytes())?;
    let mut plain = Unescaped { text: String::with_capacity(text.len()), places: Vec::new() };
    let (mut at, mut rest) = (0, text);
    while let Some(first) = rest.chars().next() {
        let (c, length) = escape(rest).unwrap_or((first, first.len_utf8()));
        plain.text.push(c);
        plain.places.resize(plain.text.len(), at);
        at += length;
        rest = text.get(at..).unwrap_or_default();
    }
    plain.places.push(text.len());
    Some(plain)
}

impl Unescaped {
    /// Returns where a part of the text came from.
    pub(super) fn range(&self, part: &Range<usize>) -> Range<usize> {
        let place = |at: usize| self.places.get(at).or(self.places.last()).copied().unwrap_or(0);
        place(part.start)..place(part.end)
    }

    /// As [`unescaped`], once more; places are those in the first text.
    pub(super) fn unescaped(&self) -> Option<Unescaped> {
        let mut inner = unescaped(&self.text)?;
        for place in &mut inner.places {
            *place = self.range(&(*place..*place)).start;
        }
        Some(inner)
    }
}

/// Returns the character that an escape at the start of a text stands for, and the length of the escape.
fn escape(text: &str) -> Option<(char, usize)> {
    let kind = text.strip_prefix('\\')?.chars().next()?;
    let code =
        |from: usize, digits: usize| u32::from_str_radix(text.get(from..from + digits)?, 16).ok();
    let one = |c: char| Some((c, 2));
    match kind {
        '"' | '\\' | '/' => one(kind),
        'b' => one('\u{8}'),
        'f' => one('\u{c}'),
        'n' => one('\n'),
        'r' => one('\r'),
        't' => one('\t'),
        'x' => Some((char::from_u32(code(2, 2)?)?, 4)),
        'U' => Some((char::from_u32(code(2, 8)?)?, 10)),
        'u' => match code(2, 4)? {
            high @ 0xd800..0xdc00 if text.get(6..8) == Some("\\u") => {
                let low = code(8, 4)?.checked_sub(0xdc00)?;
                Some((char::from_u32(0x10000 + ((high - 0xd800) << 10) + low)?, 12))
            }
            code => Some((char::from_u32(code)?, 6)),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_the_plain_text_are_found_in_the_escaped_one() {
        let text = r#"x aB3\/dE \u00e4\ud83d\ude00 \z \"#;
        let plain = unescaped(text).unwrap();
        assert_eq!(plain.text, "x aB3/dE ä😀 \\z \\");
        for part in ["aB3/dE", "ä", "😀", "/", "x", "\\z"] {
            let at = plain.text.find(part).unwrap();
            let range = plain.range(&(at..at + part.len()));
            let raw = unescaped(&text[range.clone()]).map(|plain| plain.text);
            assert_eq!(raw.as_deref().unwrap_or(&text[range]), part);
        }
        let twice = unescaped(r#"a\\\/b"#).and_then(|once| once.unescaped()).unwrap();
        assert_eq!((twice.text.as_str(), twice.range(&(1..2))), ("a/b", 1..5));
        assert!(unescaped("plain").is_none());
    }
}
