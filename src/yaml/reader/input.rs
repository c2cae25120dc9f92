//! From bytes to characters: encodings, and what no YAML text may contain.

use std::borrow::Cow;

use super::error::SyntaxError;

/// The size of the blocks that upstream reads, in bytes.
///
/// It notices a bad character when it reads the block, which may be before or after it meets another
/// error.
const BLOCK: usize = 512;

const CONTROL: &str = "yaml: control characters are not allowed";

/// A text up to its first bad character.
pub(super) struct Input<'t> {
    pub(super) text: Cow<'t, str>,
    /// How many bytes of a byte order mark came before it.
    pub(super) bom: usize,
    pub(super) first_invalid: Option<FirstInvalid>,
    pub(super) prescan: Prescan,
}

/// What a text contains besides ordinary characters.
#[derive(Clone, Copy, Default)]
pub(super) struct Prescan {
    pub(super) has_tabs: bool,
    /// Whether lines end in anything but LF.
    pub(super) has_odd_breaks: bool,
    /// The first character that YAML does not allow.
    bad: Option<usize>,
}

/// A character that may not be read.
pub(super) struct FirstInvalid {
    /// Where the block that contains it starts in the text: whoever gets there fails.
    pub(super) start: usize,
    pub(super) error: SyntaxError,
}

impl<'t> Input<'t> {
    /// Decodes bytes as the byte order mark says.
    pub(super) fn of_bytes(bytes: &'t [u8]) -> Self {
        match bytes {
            [0xFF, 0xFE, rest @ ..] => Self::of_utf16(rest, u16::from_le_bytes),
            [0xFE, 0xFF, rest @ ..] => Self::of_utf16(rest, u16::from_be_bytes),
            [0xEF, 0xBB, 0xBF, rest @ ..] => Self::of_utf8(rest, 3),
            _ => Self::of_utf8(bytes, 0),
        }
    }

    /// Checks the characters of a text.
    pub(super) fn of_text(text: &'t str) -> Self {
        let prescan = Prescan::of(text);
        let first_invalid =
            prescan.bad.map(|bad| FirstInvalid::new(text.as_bytes(), 0, bad, CONTROL));
        Input { text: Cow::Borrowed(text), bom: 0, first_invalid, prescan }
    }

    fn of_utf8(bytes: &'t [u8], bom: usize) -> Self {
        let (text, invalid) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let end = error.valid_up_to();
                let text = std::str::from_utf8(&bytes[..end]).unwrap_or("");
                (text, Some((end, invalid_utf8(&bytes[end..]))))
            }
        };
        let prescan = Prescan::of(text);
        let bad = prescan.bad.map(|bad| (bad, CONTROL)).or(invalid);
        let first_invalid = bad.map(|(bad, message)| FirstInvalid::new(bytes, bom, bad, message));
        Input { text: Cow::Borrowed(text), bom, first_invalid, prescan }
    }

    fn of_utf16(bytes: &'t [u8], decode: fn([u8; 2]) -> u16) -> Self {
        let mut text = String::with_capacity(bytes.len() / 2);
        let (pairs, rest) = bytes.as_chunks::<2>();
        let mut units = pairs.iter().map(|pair| decode(*pair));
        // The blocks count from the byte order mark.
        let mut read = 2;
        let mut block = 0;
        let mut block_start = 0;
        let mut error = None;
        while let Some(unit) = units.next() {
            if read / BLOCK > block {
                block = read / BLOCK;
                block_start = text.len();
            }
            read += 2;
            let c = match unit {
                0xDC00..0xE000 => Err("yaml: unexpected low surrogate area"),
                0xD800..0xDC00 => {
                    read += 2;
                    match units.next() {
                        None => {
                            block_start = text.len();
                            Err("yaml: incomplete UTF-16 surrogate pair")
                        }
                        Some(low) => char::decode_utf16([unit, low])
                            .next()
                            .and_then(Result::ok)
                            .ok_or("yaml: expected low surrogate area"),
                    }
                }
                _ => char::from_u32(u32::from(unit)).ok_or(CONTROL),
            };
            match c {
                Ok(c) if is_control(c) => error = Some(CONTROL),
                Ok(c) => text.push(c),
                Err(message) => error = Some(message),
            }
            if error.is_some() {
                break;
            }
        }
        if error.is_none() && !rest.is_empty() {
            block_start = text.len();
            error = Some("yaml: incomplete UTF-16 character");
        }
        let first_invalid = error.map(|message| FirstInvalid {
            start: block_start,
            error: SyntaxError::new(message, text.len()),
        });
        let prescan = Prescan::of(&text);
        Input { text: Cow::Owned(text), bom: 2, first_invalid, prescan }
    }
}

impl Prescan {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut prescan = Prescan::default();
        // Nearly all blocks are plain ASCII, which this tells without a branch for each byte.
        let is_special = |b: &u8| ((b.cast_signed() < 0x20) & (*b != b'\n')) | (*b == 0x7F);
        for (i, block) in bytes.chunks(64).enumerate() {
            if block.iter().fold(false, |any, b| any | is_special(b)) {
                let start = i * 64;
                (start..start + block.len()).for_each(|place| prescan.look_at(bytes, place));
            }
        }
        prescan
    }

    fn look_at(&mut self, bytes: &[u8], place: usize) {
        let byte = |n: usize| bytes.get(place + n).copied().unwrap_or(0);
        let is_bad = match byte(0) {
            b'\n' => false,
            b'\t' => {
                self.has_tabs = true;
                false
            }
            b'\r' => {
                self.has_odd_breaks = true;
                false
            }
            ..0x20 | 0x7F => true,
            0xC2 => {
                self.has_odd_breaks |= byte(1) == 0x85;
                byte(1) < 0xA0 && byte(1) != 0x85
            }
            0xE2 => {
                self.has_odd_breaks |= byte(1) == 0x80 && matches!(byte(2), 0xA8 | 0xA9);
                false
            }
            0xEF => byte(1) == 0xBF && byte(2) >= 0xBE,
            _ => false,
        };
        if is_bad && self.bad.is_none() {
            self.bad = Some(place);
        }
    }
}

impl FirstInvalid {
    fn new(bytes: &[u8], bom: usize, bad: usize, message: &str) -> Self {
        let mut start = 0;
        let mut end = BLOCK - bom;
        if bytes.get(bad).is_some_and(|first| bad + width(*first) > bytes.len()) {
            // It might still be completed, so it is an error only when more is needed.
            return FirstInvalid { start: bad, error: SyntaxError::new(message, bad) };
        }
        while end <= bad {
            // A character that does not fit is left for the next block.
            start = (end.saturating_sub(3)..end)
                .rev()
                .take_while(|&i| bytes.get(i).is_some_and(|b| *b >= 0x80))
                .find(|&i| bytes.get(i).is_some_and(|b| i + width(*b) > end))
                .unwrap_or(end);
            end = start + BLOCK;
        }
        FirstInvalid { start, error: SyntaxError::new(message, bad) }
    }
}

/// Returns how many bytes a character has according to its first.
fn width(first: u8) -> usize {
    match first {
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0..0xF8 => 4,
        _ => 1,
    }
}

/// Returns what is wrong with the first character of `bytes`.
fn invalid_utf8(bytes: &[u8]) -> &'static str {
    let Some(&first) = bytes.first() else {
        return "yaml: incomplete UTF-8 octet sequence";
    };
    let width = match first {
        0x80..0xC0 | 0xF8.. => return "yaml: invalid leading UTF-8 octet",
        _ => width(first),
    };
    let Some(character) = bytes.get(..width) else {
        return "yaml: incomplete UTF-8 octet sequence";
    };
    if character.iter().skip(1).any(|b| b & 0xC0 != 0x80) {
        return "yaml: invalid trailing UTF-8 octet";
    }
    match character {
        [0xC0 | 0xC1, ..] | [0xE0, ..0xA0, ..] | [0xF0, ..0x90, ..] => {
            "yaml: invalid length of a UTF-8 sequence"
        }
        _ => "yaml: invalid Unicode character",
    }
}

fn is_control(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        '\u{FFFE}' | '\u{FFFF}' => true,
        _ => c.is_control(),
    }
}
