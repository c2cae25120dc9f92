//! Writes strings in each of the four forms, broken into lines where upstream breaks them.

use std::fmt::{Display, Write};

use memchr::{memchr, memchr_iter};

use super::chars;
use super::quoting::Form;

/// How long a line may be, in general.
const WIDTH: usize = 80;

/// The output, and where its last line starts.
#[derive(Debug)]
pub(super) struct TextWriter<'o> {
    out: &'o mut String,
    line: usize,
    /// A line that is longer than this is broken at its next space.
    width: usize,
}

impl<'o> TextWriter<'o> {
    /// Goes on behind what is in `out`, at the start of a line.
    pub(super) fn new(out: &'o mut String) -> TextWriter<'o> {
        let line = out.len();
        TextWriter { out, line, width: WIDTH }
    }

    /// Breaks no lines.
    pub(super) fn unbroken(self) -> TextWriter<'o> {
        TextWriter { width: usize::MAX, ..self }
    }

    /// Returns the length of the output.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// Writes `text` as it is.
    pub(super) fn raw(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Writes a number and ends the line.
    pub(super) fn display(&mut self, value: impl Display) {
        // Writing to a string does not fail.
        let _ = write!(self.out, "{value}");
        self.end_line();
    }

    /// Ends the line.
    pub(super) fn end_line(&mut self) {
        self.out.push('\n');
        self.line = self.out.len();
    }

    /// Indents a line that has just begun.
    pub(super) fn indent(&mut self, mut columns: usize) {
        const SPACES: &str = "                                                                ";
        while columns > SPACES.len() {
            self.out.push_str(SPACES);
            columns -= SPACES.len();
        }
        self.out.push_str(&SPACES[..columns]);
    }

    /// Writes a string and ends the line; further lines of it begin at `column`.
    pub(super) fn line(&mut self, text: &str, form: Form, column: usize) {
        if form == Form::Literal {
            self.literal(text, column);
        } else {
            self.text(text, form, Some(column));
            self.end_line();
        }
    }

    /// Writes a string in any form but the literal one; without a `column` for further lines, it
    /// stays on its line.
    pub(super) fn text(&mut self, text: &str, form: Form, column: Option<usize>) {
        match form {
            Form::Double => self.double_quoted(text, column),
            Form::Single => {
                self.out.push('\'');
                self.flowing(text, column, true);
                self.out.push('\'');
            }
            // Bytes are no fewer than columns.
            Form::Plain | Form::Literal
                if column.is_none() || self.out.len() - self.line + text.len() <= self.width =>
            {
                self.out.push_str(text);
            }
            Form::Plain | Form::Literal => self.flowing(text, column, false),
        }
    }

    /// Writes a plain text, or what stands between single quotes.
    fn flowing(&mut self, text: &str, column: Option<usize>, quoted: bool) {
        if text.is_ascii() && !(quoted && text.contains('\'')) {
            return self.flowing_ascii(text, column);
        }
        let mut at = self.column();
        let mut written = 0;
        let (mut after_space, mut after_break) = (false, false);
        for (i, c) in text.char_indices() {
            let space = c == ' ';
            if after_break && !chars::is_break(c) {
                self.out.push_str(&text[written..i]);
                written = i;
                at = column.unwrap_or(0);
                self.indent(at);
            }
            after_break = chars::is_break(c);
            match column {
                Some(column) if space && !after_space && at > self.width && breaks_at(text, i) => {
                    self.out.push_str(&text[written..i]);
                    written = i + 1;
                    self.wrap(column);
                    at = column;
                }
                _ if after_break => {
                    written = self.copy_break(text, written, i, c);
                    at = 0;
                }
                _ if quoted && c == '\'' => {
                    self.out.push_str(&text[written..=i]);
                    written = i;
                    at += 2;
                }
                _ => at += 1,
            }
            after_space = space;
        }
        self.out.push_str(&text[written..]);
    }

    /// As [`flowing`](Self::flowing), where a byte is a column: it has neither breaks, which are not
    /// ASCII or written in other forms, nor quotes.
    fn flowing_ascii(&mut self, text: &str, column: Option<usize>) {
        let bytes = text.as_bytes();
        let mut written = 0;
        let width = self.width;
        if let Some(column) = column {
            let beyond = |at: usize| width.saturating_add(1).saturating_sub(at);
            let mut from = beyond(self.column());
            while let Some(space) = bytes.get(from..).and_then(|rest| memchr(b' ', rest)) {
                let i = from + space;
                from = i + 1;
                if breaks_at(text, i) && bytes.get(i - 1) != Some(&b' ') {
                    self.out.push_str(&text[written..i]);
                    written = i + 1;
                    self.wrap(column);
                    from = written + beyond(column);
                }
            }
        }
        self.out.push_str(&text[written..]);
    }

    fn double_quoted(&mut self, text: &str, column: Option<usize>) {
        self.out.push('"');
        // Odd: behind a byte order mark everything is escaped (case yaml/print-byte-order-mark).
        let escape_all = text.starts_with('\u{FEFF}');
        let mut at = self.column();
        let mut written = 0;
        let mut after_space = false;
        for (i, c) in text.char_indices() {
            let space = c == ' ' && !escape_all;
            if escape_all || is_escaped(c) {
                self.out.push_str(&text[written..i]);
                written = i + c.len_utf8();
                let before = self.out.len();
                self.escape(c);
                at += self.out.len() - before;
            } else if let Some(column) = column
                && space
                && !after_space
                && at > self.width
                && i > 0
                && i + 1 < text.len()
            {
                self.out.push_str(&text[written..i]);
                written = i + 1;
                self.wrap(column);
                at = column;
                if text[written..].starts_with(' ') {
                    self.out.push('\\');
                    at += 1;
                }
            } else {
                at += 1;
            }
            after_space = space;
        }
        self.out.push_str(&text[written..]);
        self.out.push('"');
    }

    fn escape(&mut self, c: char) {
        let short = match c {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' | '\\' => c,
            '\u{85}' => 'N',
            '\u{A0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => {
                let code = u32::from(c);
                // Writing to a string does not fail.
                let _ = match code {
                    0..=0xFF => write!(self.out, "\\x{code:02X}"),
                    0x100..=0xFFFF => write!(self.out, "\\u{code:04X}"),
                    _ => write!(self.out, "\\U{code:08X}"),
                };
                return;
            }
        };
        self.out.push('\\');
        self.out.push(short);
    }

    /// Writes a literal block, its lines at `column`.
    fn literal(&mut self, text: &str, column: usize) {
        self.out.push('|');
        if text.starts_with(|c| c == ' ' || chars::is_break(c)) {
            self.out.push('2');
        }
        let mut ending = text.chars().rev().map(chars::is_break);
        match (ending.next(), ending.next()) {
            (Some(true), Some(false)) => {}
            (Some(true), _) => self.out.push('+'),
            _ => self.out.push('-'),
        }
        self.end_line();
        let mut start = 0;
        for end in memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1).chain([text.len()]) {
            let line = &text[start..end];
            start = end;
            if line.is_ascii() {
                self.literal_line(line, column);
            } else {
                let parts = line.split_inclusive(['\u{2028}', '\u{2029}']);
                parts.for_each(|part| self.literal_line(part, column));
            }
        }
        self.line = self.out.len();
        // Odd: a text that ends in U+2028 or U+2029 does not end its line with a line feed
        // (case yaml/print-literal-with-line-separator).
        if !text.ends_with(chars::is_break) {
            self.end_line();
        }
    }

    fn literal_line(&mut self, line: &str, column: usize) {
        if !line.is_empty() && !line.starts_with(chars::is_break) {
            self.indent(column);
        }
        self.out.push_str(line);
    }

    /// Writes a break other than a line feed, and returns what of `text` is written then.
    fn copy_break(&mut self, text: &str, written: usize, i: usize, c: char) -> usize {
        let end = i + c.len_utf8();
        self.out.push_str(&text[written..end]);
        self.line = self.out.len();
        end
    }

    fn wrap(&mut self, column: usize) {
        self.end_line();
        self.indent(column);
    }

    /// Returns the column at the end of the output.
    fn column(&self) -> usize {
        self.out[self.line..].chars().count()
    }
}

/// Returns `true` if a line may end at the space at `i`: neither the first nor last character, nor
/// before another space.
fn breaks_at(text: &str, i: usize) -> bool {
    i > 0 && !matches!(text.as_bytes().get(i + 1), None | Some(b' '))
}

fn is_escaped(c: char) -> bool {
    matches!(c, '"' | '\\') || chars::is_break(c) || !chars::is_printable(c)
}
