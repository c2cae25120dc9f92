//! Text that strangers wrote, made fit to be shown to people.

use std::borrow::Cow;
use std::fmt::Write;

/// Returns a text in which no character can steer a terminal or turn the reading direction:
/// control and bidirectional characters are escaped as `\u{1b}`. Line breaks and tabs stay.
///
/// ```
/// assert_eq!(kustom::text::visible("red \u{1b}[31m\n"), "red \\u{1b}[31m\n");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    if are_plain_lines(text) {
        return Cow::Borrowed(text);
    }
    escaped(text, |c| c != '\n' && c != '\t' && is_hidden(c))
}

/// As [`visible`], with line breaks escaped as `\n`: what comes out is one line.
///
/// ```
/// assert_eq!(kustom::text::visible_line("a\nError: b"), "a\\nError: b");
/// ```
pub fn visible_line(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\t' && is_hidden(c))
}

/// Returns JSON in which control and bidirectional characters are escaped, as JSON allows in strings:
/// whoever reads it gets the same values, and whoever looks at it sees them.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    let is_wrong = |c| c != '\n' && c != '\t' && is_hidden(c);
    if are_plain_lines(json) || !json.chars().any(is_wrong) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_wrong(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing into a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Returns `true` for what is not shown but does something: control characters, marks and isolates
/// of writing direction, separators that some programs take for line ends, and invisible tags.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns `true` for lines of visible ASCII, as nearly all are; it looks at many bytes at once.
fn are_plain_lines(text: &str) -> bool {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') | (byte == b'\n');
    text.bytes().fold(true, |are_plain, byte| are_plain & is_plain(byte))
}

fn escaped(text: &str, is_wrong: impl Fn(char) -> bool) -> Cow<'_, str> {
    if are_plain_lines(text) && !(is_wrong('\n') && text.contains('\n'))
        || !text.chars().any(&is_wrong)
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_wrong(c) { out.extend(c.escape_default()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_its_values() {
        let value = serde_json::json!({"a\u{202e}": "\u{9b}\u{e0041}\n é"});
        let shown = visible_json(&value.to_string()).into_owned();
        assert_eq!(shown, r#"{"a\u202e":"\u009b\udb40\udc41\n é"}"#);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }

    #[test]
    fn what_does_something_is_escaped_and_all_else_stays() {
        let plain = "é – 例 🎉 a\tb\nc";
        assert!(matches!(visible(plain), Cow::Borrowed(text) if text == plain));
        assert_eq!(visible("a\r\nb\n"), "a\\r\nb\n");
        for c in ['\0', '\u{7}', '\r', '\u{1b}', '\u{7f}', '\u{9b}', '\u{202e}', '\u{2066}'] {
            let shown = visible_line(&format!("a{c}b")).into_owned();
            assert!(shown.is_ascii() && !shown.contains(c), "{shown}");
        }
        assert_eq!(visible_line("a\nb"), "a\\nb");
    }
}
