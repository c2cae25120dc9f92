//! Scalars in quotes.

use std::borrow::Cow;

use super::cursor::{Cursor, Folding};
use super::error::{Fault, Scan};
use super::scanner::Scanner;
use super::token::{Mark, Token, TokenKind};
use crate::yaml::Style;

impl<'t> Scanner<'t> {
    pub(super) fn scan_quoted(&mut self, style: Style) -> Scan<Token<'t>> {
        let start = self.cursor.mark;
        let text = Cow::Owned(scan(&mut self.cursor, style)?);
        Ok(Token { kind: TokenKind::Scalar { text, style }, start, end: self.cursor.mark })
    }
}

/// Reads the quoted scalar at `cursor`.
pub(super) fn scan(cursor: &mut Cursor<'_>, style: Style) -> Scan<String> {
    let start = cursor.mark;
    let quote = cursor.byte(0);
    cursor.skip();
    let mut text = String::new();
    let mut folding = Folding::default();
    loop {
        cursor.need(4);
        if cursor.at_document_indicator() {
            let message = "found unexpected document indicator";
            return Err(Fault::scan(start, cursor.mark, message));
        }
        if cursor.at_end() {
            let message = "found unexpected end of stream";
            return Err(Fault::scan(start, cursor.mark, message));
        }
        scan_word(cursor, style, start, &mut text, &mut folding)?;
        if cursor.byte(0) == quote {
            break;
        }
        let blanks = cursor.mark.offset;
        if !folding.seen {
            cursor.skip_blanks();
        }
        let blanks = cursor.slice(blanks, cursor.mark.offset);
        while cursor.is_blank(0) || cursor.is_break(0) {
            cursor.skip_blanks();
            folding.read(cursor);
        }
        match folding.seen {
            true => folding.write(&mut text),
            false => text.push_str(blanks),
        }
    }
    cursor.skip();
    Ok(text)
}

/// Reads up to a blank, the end of the line or the closing quote.
fn scan_word(
    cursor: &mut Cursor<'_>,
    style: Style,
    start: Mark,
    text: &mut String,
    folding: &mut Folding,
) -> Scan<()> {
    let is_single = style == Style::SingleQuoted;
    let mut from = cursor.mark.offset;
    while !cursor.is_space(0) {
        match cursor.byte(0) {
            b'\'' if is_single && cursor.byte(1) == b'\'' => {
                cursor.skip();
                text.push_str(cursor.slice(from, cursor.mark.offset));
                cursor.skip();
                from = cursor.mark.offset;
            }
            b'\'' if is_single => break,
            b'"' if !is_single => break,
            b'\\' if !is_single => {
                text.push_str(cursor.slice(from, cursor.mark.offset));
                if cursor.is_break(1) {
                    // The break vanishes, the blanks before it stay.
                    cursor.skip();
                    cursor.skip_break();
                    folding.seen = true;
                    return Ok(());
                }
                text.push(scan_escape(cursor, start)?);
                from = cursor.mark.offset;
            }
            _ => cursor.skip(),
        }
    }
    text.push_str(cursor.slice(from, cursor.mark.offset));
    Ok(())
}

fn scan_escape(cursor: &mut Cursor<'_>, start: Mark) -> Scan<char> {
    let (digits, meaning) = match cursor.byte(1) {
        b'0' => (0, '\0'),
        b'a' => (0, '\x07'),
        b'b' => (0, '\x08'),
        b't' | b'\t' => (0, '\t'),
        b'n' => (0, '\n'),
        b'v' => (0, '\x0B'),
        b'f' => (0, '\x0C'),
        b'r' => (0, '\r'),
        b'e' => (0, '\x1B'),
        b' ' => (0, ' '),
        b'"' => (0, '"'),
        b'\'' => (0, '\''),
        b'\\' => (0, '\\'),
        b'N' => (0, '\u{85}'),
        b'_' => (0, '\u{A0}'),
        b'L' => (0, '\u{2028}'),
        b'P' => (0, '\u{2029}'),
        b'x' => (2, '\0'),
        b'u' => (4, '\0'),
        b'U' => (8, '\0'),
        // Odd: `\/` too (case yaml/double-quotes-escaped-slash).
        _ => {
            let message = "found unknown escape character";
            return Err(Fault::scan(start, cursor.mark, message));
        }
    };
    cursor.skip_n(2);
    if digits == 0 {
        return Ok(meaning);
    }
    cursor.need(digits);
    let mut code = 0u32;
    for n in 0..digits {
        let Some(digit) = char::from(cursor.byte(n)).to_digit(16) else {
            let message = "did not find expected hexdecimal number";
            return Err(Fault::scan(start, cursor.mark, message));
        };
        code = code << 4 | digit;
    }
    let Some(meaning) = char::from_u32(code) else {
        let message = "found invalid Unicode character escape code";
        return Err(Fault::scan(start, cursor.mark, message));
    };
    cursor.skip_n(digits);
    Ok(meaning)
}
