//! Scalars in quotes.

use std::borrow::Cow;

use super::cursor::Folding;
use super::error::{Fault, Scan};
use super::scanner::Scanner;
use super::token::{Mark, Token, TokenKind};
use crate::yaml::Style;

impl<'t> Scanner<'t> {
    pub(super) fn scan_quoted(&mut self, style: Style) -> Scan<Token<'t>> {
        let start = self.cursor.mark;
        let quote = self.cursor.byte(0);
        self.cursor.skip();
        let mut text = String::new();
        let mut folding = Folding::default();
        loop {
            if self.cursor.at_document_indicator() {
                let message = "found unexpected document indicator";
                return Err(Fault::scan(start, self.cursor.mark, message));
            }
            if self.cursor.at_end() {
                let message = "found unexpected end of stream";
                return Err(Fault::scan(start, self.cursor.mark, message));
            }
            self.scan_quoted_word(style, start, &mut text, &mut folding)?;
            if self.cursor.byte(0) == quote {
                break;
            }
            let blanks = self.cursor.mark.offset;
            if !folding.seen {
                self.cursor.skip_blanks();
            }
            let blanks = self.cursor.slice(blanks, self.cursor.mark.offset);
            while self.cursor.is_blank(0) || self.cursor.is_break(0) {
                self.cursor.skip_blanks();
                folding.read(&mut self.cursor);
            }
            match folding.seen {
                true => folding.write(&mut text),
                false => text.push_str(blanks),
            }
        }
        self.cursor.skip();
        let kind = TokenKind::Scalar { text: Cow::Owned(text), style };
        Ok(Token { kind, start, end: self.cursor.mark })
    }

    /// Reads up to a blank, the end of the line or the closing quote.
    fn scan_quoted_word(
        &mut self,
        style: Style,
        start: Mark,
        text: &mut String,
        folding: &mut Folding,
    ) -> Scan<()> {
        let is_single = style == Style::SingleQuoted;
        let mut from = self.cursor.mark.offset;
        while !self.cursor.is_space(0) {
            match self.cursor.byte(0) {
                b'\'' if is_single && self.cursor.byte(1) == b'\'' => {
                    self.cursor.skip();
                    text.push_str(self.cursor.slice(from, self.cursor.mark.offset));
                    self.cursor.skip();
                    from = self.cursor.mark.offset;
                }
                b'\'' if is_single => break,
                b'"' if !is_single => break,
                b'\\' if !is_single => {
                    text.push_str(self.cursor.slice(from, self.cursor.mark.offset));
                    if self.cursor.is_break(1) {
                        // The break vanishes, the blanks before it stay.
                        self.cursor.skip();
                        self.cursor.skip_break();
                        folding.seen = true;
                        return Ok(());
                    }
                    text.push(self.scan_escape(start)?);
                    from = self.cursor.mark.offset;
                }
                _ => self.cursor.skip(),
            }
        }
        text.push_str(self.cursor.slice(from, self.cursor.mark.offset));
        Ok(())
    }

    fn scan_escape(&mut self, start: Mark) -> Scan<char> {
        let (digits, meaning) = match self.cursor.byte(1) {
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
            // Odd: `\/` too.
            _ => {
                let message = "found unknown escape character";
                return Err(Fault::scan(start, self.cursor.mark, message));
            }
        };
        self.cursor.skip_n(2);
        if digits == 0 {
            return Ok(meaning);
        }
        let mut code = 0u32;
        for n in 0..digits {
            let Some(digit) = char::from(self.cursor.byte(n)).to_digit(16) else {
                let message = "did not find expected hexdecimal number";
                return Err(Fault::scan(start, self.cursor.mark, message));
            };
            code = code << 4 | digit;
        }
        let Some(meaning) = char::from_u32(code) else {
            let message = "found invalid Unicode character escape code";
            return Err(Fault::scan(start, self.cursor.mark, message));
        };
        self.cursor.skip_n(digits);
        Ok(meaning)
    }
}
