//! Which form a string is printed in (docs/spec/yaml.md, section 4.2).

use ecow::EcoString;

use super::chars::{self, is_break};
use super::node::Node;
use super::pos::Pos;
use super::reader::{self, Limits, Merges};
use super::scalar::{self, Rules, Value};
use super::style::{Style, Tag};

/// How a string is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Single,
    Double,
    Literal,
}

/// What a string is made of, as far as that decides its form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    /// It contains a line feed.
    pub(super) newline: bool,
    /// It contains a line break of any kind.
    pub(super) breaks: bool,
    /// It contains U+0085.
    pub(super) next_line: bool,
    /// It contains a character that no reader takes.
    pub(super) refused: bool,
    /// It contains a character that is always escaped.
    unprintable: bool,
    /// It begins or has something inside that would not be read back as plain text.
    indicator: bool,
    /// A space directly follows a break.
    break_space: bool,
    /// A break directly follows a space.
    space_break: bool,
    /// It begins or ends with a space.
    padded: bool,
    /// It ends with a space.
    ends_in_space: bool,
}

/// How many bytes are looked at together.
const BLOCK: usize = 16;

/// Returns `true` if a byte needs more than copying: `:`, `#`, and all that is not printable ASCII.
const fn is_special(byte: u8) -> bool {
    (byte < b' ') | (byte >= 0x7F) | (byte == b':') | (byte == b'#')
}

/// Marks the bytes that are special.
const SPECIAL: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0);
    while byte < table.len() {
        table[byte] = is_special(byte as u8);
        byte += 1;
    }
    table
};

/// Marks the bytes that have a meaning of their own where a scalar begins, whatever follows.
const INDICATOR: [bool; 256] = {
    let (mut table, mut i) = ([false; 256], 0);
    let bytes = b"#,[]{}&*!|>'\"%@`";
    while i < bytes.len() {
        table[bytes[i] as usize] = true;
        i += 1;
    }
    table
};

/// Looks at each character of `text` once.
pub(super) fn scan(text: &str) -> Content {
    let bytes = text.as_bytes();
    let ends_in_space = bytes.last() == Some(&b' ');
    let mut content = Content {
        indicator: begins_as_indicator(bytes),
        padded: ends_in_space || bytes.first() == Some(&b' '),
        ends_in_space,
        ..Content::default()
    };
    let mut last = Last::Blank;
    let mut i = 0;
    while let Some(skipped) = special(&bytes[i..]) {
        if skipped > 0 {
            i += skipped;
            last = if bytes[i - 1] == b' ' { Last::Space } else { Last::Text };
        }
        let mut width = 1;
        last = match bytes[i] {
            b':' => {
                content.indicator |= matches!(bytes.get(i + 1), None | Some(b' ' | b'\t'));
                Last::Text
            }
            b'#' => {
                content.indicator |= last != Last::Text;
                Last::Text
            }
            _ => {
                let c = text[i..].chars().next().unwrap_or_default();
                width = c.len_utf8();
                content.add(c, last)
            }
        };
        i += width;
        content.break_space |= last == Last::Break && bytes.get(i) == Some(&b' ');
    }
    content
}

/// Returns the place of the first byte that is special.
fn special(bytes: &[u8]) -> Option<usize> {
    // Few blocks have any, which this tells without a branch for each byte.
    let is_plain = |block: &&[u8]| !block.iter().fold(false, |any, b| any | is_special(*b));
    let plain = BLOCK * bytes.chunks_exact(BLOCK).take_while(is_plain).count();
    bytes[plain..].iter().position(|b| SPECIAL[usize::from(*b)]).map(|place| plain + place)
}

/// Returns the style that a string has after it was printed and read again.
pub(crate) fn printed_style(text: &str) -> Style {
    match scan(text).form(text) {
        Form::Plain => Style::Plain,
        Form::Single => Style::SingleQuoted,
        Form::Double => Style::DoubleQuoted,
        Form::Literal => Style::Literal,
    }
}

/// Returns a string as upstream's setters write it: quoted if its text, read as a document by the
/// older rules, is something else.
///
/// Odd: the quotes show when a later step puts a number into its place (case merge/number-over-set-string).
pub(crate) fn set_string(text: EcoString) -> Node {
    if needs_quotes(&text) {
        Node::scalar(text, Style::DoubleQuoted, Tag::None, Pos::NONE)
    } else {
        Node::scalar(text, Style::Plain, Tag::Str, Pos::NONE)
    }
}

/// Returns a string as upstream writes it where it sets a whole map of them: as [`set_string`], but a literal
/// block if it has several lines.
pub(crate) fn set_string_of_map(text: EcoString) -> Node {
    if text.contains('\n') {
        return Node::scalar(text, Style::Literal, Tag::None, Pos::NONE);
    }
    set_string(text)
}

/// Returns `true` if the older rules read `text`, a document, as anything but a string.
pub(crate) fn needs_quotes(text: &str) -> bool {
    if text.is_empty() || text.contains('\n') {
        return false;
    }
    let content = scan(text);
    if content == Content::default() && !text.ends_with('\t') {
        return !matches!(scalar::plain(text, Rules::V2), Value::Str(_));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text
        .trim_start_matches(' ')
        .strip_prefix('!')
        .is_some_and(|rest| matches!(rest, "" | " ") || rest.starts_with(' '))
    {
        return false;
    }
    match reader::read_document(text, Pos::NONE, Merges::Plain, &Limits::default()) {
        Ok(Some(Node::Scalar { style, tag, text, .. })) => {
            let value = scalar::resolve(&text, style, tag, Rules::V2);
            value.is_ok_and(|value| !matches!(value, Value::Str(_)))
        }
        Ok(_) => true,
        Err(_) => false,
    }
}

impl Content {
    fn add(&mut self, c: char, last: Last) -> Last {
        self.unprintable |= !chars::is_printable(c);
        if is_break(c) {
            self.breaks = true;
            self.newline |= c == '\n';
            self.space_break |= last == Last::Space;
            return Last::Break;
        }
        self.next_line |= c == '\u{85}';
        self.refused |= chars::is_refused(c);
        if c == '\t' { Last::Blank } else { Last::Text }
    }

    /// Returns the form in which `text`, whose content this is, is printed.
    pub(super) fn form(&self, text: &str) -> Form {
        let escaped = self.unprintable || self.space_break;
        if self.newline {
            // A text with a line feed can only be one of these.
            let literal = !escaped && !self.ends_in_space;
            return if literal { Form::Literal } else { Form::Double };
        }
        if escaped || self.break_space || scalar::needs_quotes(text) {
            Form::Double
        } else if self.indicator || self.padded || self.breaks {
            Form::Single
        } else {
            Form::Plain
        }
    }
}

/// What stands before a character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Text,
    Space,
    Break,
    /// The start, or a tab.
    Blank,
}

/// Returns `true` if the start of a text has a meaning of its own in YAML.
fn begins_as_indicator(bytes: &[u8]) -> bool {
    match bytes {
        [b'-', b'-', b'-', ..] | [b'.', b'.', b'.', ..] => true,
        [b'-' | b'?' | b':', rest @ ..] => matches!(rest.first(), None | Some(b' ' | b'\t')),
        [first, ..] => INDICATOR[usize::from(*first)],
        [] => false,
    }
}
