//! Anchors, aliases, tags and directives.

use super::error::{Fault, Scan};
use super::scanner::Scanner;
use super::token::{Mark, Token, TokenKind};

/// The most digits that a part of a version may have.
const MAX_VERSION_DIGITS: usize = 2;

impl<'t> Scanner<'t> {
    /// Scans `&name` or `*name`.
    pub(super) fn scan_anchor(&mut self) -> Scan<Token<'t>> {
        let start = self.cursor.mark;
        let is_alias = self.cursor.byte(0) == b'*';
        self.cursor.skip();
        let name = self.scan_word();
        let ends_well = self.cursor.is_space(0)
            || matches!(self.cursor.byte(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ends_well {
            let message = "did not find expected alphabetic or numeric character";
            return Err(Fault::scan(start, self.cursor.mark, message));
        }
        let kind = if is_alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) };
        Ok(Token { kind, start, end: self.cursor.mark })
    }

    /// Scans `!suffix`, `!!suffix`, `!handle!suffix`, `!<uri>` or `!`.
    pub(super) fn scan_tag(&mut self) -> Scan<Token<'t>> {
        let start = self.cursor.mark;
        let mut handle = "";
        let mut suffix = Vec::new();
        if self.cursor.byte(1) == b'<' {
            self.cursor.skip_n(2);
            self.scan_uri(&mut suffix, start)?;
            if self.cursor.byte(0) != b'>' {
                let message = "did not find the expected '>'";
                return Err(Fault::scan(start, self.cursor.mark, message));
            }
            self.cursor.skip();
        } else {
            handle = self.scan_tag_handle();
            if handle.len() > 1 && handle.ends_with('!') {
                self.scan_uri(&mut suffix, start)?;
            } else {
                // What looked like the start of a handle is the start of the suffix.
                suffix.extend_from_slice(handle.get(1..).unwrap_or("").as_bytes());
                self.scan_uri_chars(&mut suffix, start)?;
                (handle, suffix) = match suffix.is_empty() {
                    true => ("", b"!".to_vec()),
                    false => ("!", suffix),
                };
            }
        }
        if !self.cursor.is_space(0) {
            let message = "did not find expected whitespace or line break";
            return Err(Fault::scan(start, self.cursor.mark, message));
        }
        let kind = TokenKind::Tag { handle, suffix };
        Ok(Token { kind, start, end: self.cursor.mark })
    }

    /// Scans `%YAML` and `%TAG` with what belongs to them.
    pub(super) fn scan_directive(&mut self) -> Scan<Token<'t>> {
        let start = self.cursor.mark;
        let fault = |s: &Self, message: &'static str| Fault::scan(start, s.cursor.mark, message);
        self.cursor.skip();
        let name = self.scan_word();
        if name.is_empty() {
            return Err(fault(self, "could not find expected directive name"));
        }
        if !self.cursor.is_space(0) {
            return Err(fault(self, "found unexpected non-alphabetical character"));
        }
        let kind = match name {
            "YAML" => {
                self.cursor.skip_blanks();
                let major = self.scan_version(start)?;
                if self.cursor.byte(0) != b'.' {
                    return Err(fault(self, "did not find expected digit or '.' character"));
                }
                self.cursor.skip();
                TokenKind::Version(major, self.scan_version(start)?)
            }
            "TAG" => self.scan_tag_directive(start)?,
            _ => return Err(fault(self, "found unknown directive name")),
        };
        let end = self.cursor.mark;
        self.cursor.skip_blanks();
        if self.cursor.byte(0) == b'#' {
            self.cursor.skip_line();
        }
        if !self.cursor.is_break_or_end(0) {
            return Err(fault(self, "did not find expected comment or line break"));
        }
        self.cursor.skip_break();
        Ok(Token { kind, start, end })
    }

    fn scan_tag_directive(&mut self, start: Mark) -> Scan<TokenKind<'t>> {
        let fault = |s: &Self, message: &'static str| Fault::scan(start, s.cursor.mark, message);
        self.cursor.skip_blanks();
        if self.cursor.byte(0) != b'!' {
            return Err(fault(self, "did not find expected '!'"));
        }
        let handle = self.scan_tag_handle();
        if handle != "!" && !handle.ends_with('!') {
            return Err(fault(self, "did not find expected '!'"));
        }
        if !self.cursor.is_blank(0) {
            return Err(fault(self, "did not find expected whitespace"));
        }
        self.cursor.skip_blanks();
        let mut prefix = Vec::new();
        self.scan_uri(&mut prefix, start)?;
        if !self.cursor.is_space(0) {
            return Err(fault(self, "did not find expected whitespace or line break"));
        }
        Ok(TokenKind::TagDirective { handle, prefix })
    }

    fn scan_version(&mut self, start: Mark) -> Scan<u8> {
        let mut value = 0;
        let mut digits = 0;
        while self.cursor.byte(0).is_ascii_digit() {
            digits += 1;
            if digits > MAX_VERSION_DIGITS {
                let message = "found extremely long version number";
                return Err(Fault::scan(start, self.cursor.mark, message));
            }
            value = value * 10 + (self.cursor.byte(0) - b'0');
            self.cursor.skip();
        }
        match digits {
            0 => {
                let message = "did not find expected version number";
                Err(Fault::scan(start, self.cursor.mark, message))
            }
            _ => Ok(value),
        }
    }

    /// Scans letters, digits, `_` and `-`.
    fn scan_word(&mut self) -> &'t str {
        let from = self.cursor.mark.offset;
        while is_word(self.cursor.byte(0)) {
            self.cursor.skip();
        }
        self.cursor.slice(from, self.cursor.mark.offset)
    }

    /// Scans `!`, `!word` or `!word!`.
    fn scan_tag_handle(&mut self) -> &'t str {
        let from = self.cursor.mark.offset;
        self.cursor.skip();
        self.scan_word();
        if self.cursor.byte(0) == b'!' {
            self.cursor.skip();
        }
        self.cursor.slice(from, self.cursor.mark.offset)
    }

    /// Scans at least one character of a URI.
    fn scan_uri(&mut self, uri: &mut Vec<u8>, start: Mark) -> Scan<()> {
        self.scan_uri_chars(uri, start)?;
        match uri.is_empty() {
            true => {
                let message = "did not find expected tag URI";
                Err(Fault::scan(start, self.cursor.mark, message))
            }
            false => Ok(()),
        }
    }

    fn scan_uri_chars(&mut self, uri: &mut Vec<u8>, start: Mark) -> Scan<()> {
        loop {
            match self.cursor.byte(0) {
                b'%' => self.scan_uri_escape(uri, start)?,
                byte if is_word(byte) || b";/?:@&=+$,.!~*'()[]".contains(&byte) => {
                    uri.push(byte);
                    self.cursor.skip();
                }
                _ => return Ok(()),
            }
        }
    }

    /// Scans the `%xx` of all bytes of one character.
    fn scan_uri_escape(&mut self, uri: &mut Vec<u8>, start: Mark) -> Scan<()> {
        let fault = |s: &Self, message: &'static str| Fault::scan(start, s.cursor.mark, message);
        let mut left = None;
        while left != Some(0) {
            let digits = (self.cursor.byte(0) == b'%')
                .then(|| (hex_digit(self.cursor.byte(1)), hex_digit(self.cursor.byte(2))));
            let Some((Some(high), Some(low))) = digits else {
                return Err(fault(self, "did not find URI escaped octet"));
            };
            let byte = high << 4 | low;
            left = match (left, byte) {
                (None, ..0x80) => Some(0),
                (None, 0xC0..0xE0) => Some(1),
                (None, 0xE0..0xF0) => Some(2),
                (None, 0xF0..0xF8) => Some(3),
                (None, _) => {
                    return Err(fault(self, "found an incorrect leading UTF-8 octet"));
                }
                (Some(n), 0x80..0xC0) => Some(n - 1),
                (Some(_), _) => {
                    return Err(fault(self, "found an incorrect trailing UTF-8 octet"));
                }
            };
            uri.push(byte);
            self.cursor.skip_n(3);
        }
        Ok(())
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok())
}
