//! Scalars without quotes.

use std::borrow::Cow;

use super::cursor::Folding;
use super::error::{Fault, Scan};
use super::scanner::Scanner;
use super::token::{Token, TokenKind};
use crate::yaml::Style;

impl<'t> Scanner<'t> {
    pub(super) fn scan_plain(&mut self) -> Scan<Token<'t>> {
        let start = self.cursor.mark;
        let mut end = start;
        let indent = self.indent + 1;
        // The lines before the current one, folded; and where the current one starts.
        let mut folded = String::new();
        let mut line = start.offset;
        let mut folding = Folding::default();

        loop {
            self.cursor.need(4);
            if self.cursor.at_document_indicator() || self.cursor.byte(0) == b'#' {
                break;
            }
            let word = self.cursor.mark.offset;
            while !self.cursor.is_space(0) && !self.ends_plain() {
                self.cursor.skip();
            }
            if self.cursor.mark.offset > word {
                self.cursor.need(2);
                if folding.seen {
                    folded.push_str(self.cursor.slice(line, end.offset));
                    folding.write(&mut folded);
                    line = word;
                }
                end = self.cursor.mark;
            }
            if !self.cursor.is_space(0) || self.cursor.at_end() {
                break;
            }
            while self.cursor.is_blank(0) || self.cursor.is_break(0) {
                if self.cursor.is_break(0) {
                    folding.read(&mut self.cursor);
                    continue;
                }
                if folding.seen && self.cursor.mark.column < indent && self.cursor.byte(0) == b'\t'
                {
                    let message = "found a tab character that violates indentation";
                    return Err(Fault::scan(start, self.cursor.mark, message));
                }
                self.cursor.skip();
            }
            if self.flow_level == 0 && self.cursor.mark.column < indent {
                break;
            }
        }
        if folding.seen {
            self.key_allowed = true;
        }
        let last = self.cursor.slice(line, end.offset);
        let text = match folded.is_empty() {
            true => Cow::Borrowed(last),
            false => Cow::Owned(folded + last),
        };
        Ok(Token { kind: TokenKind::Scalar { text, style: Style::Plain }, start, end })
    }

    fn ends_plain(&self) -> bool {
        match self.cursor.byte(0) {
            // Odd: in a flow collection too, so that `{a:1}` is the key `a:1`
            // (case yaml/flow-colon-without-blank-is-text).
            b':' => self.cursor.is_space(1),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => self.flow_level > 0,
            _ => false,
        }
    }
}
