//! A place in a text, and the steps that move it on.

use super::token::Mark;

/// Walks over a text; knows characters and lines, but no YAML.
pub(super) struct Cursor<'t> {
    text: &'t str,
    pub(super) mark: Mark,
    /// The line breaks passed since the last character that was neither blank nor break.
    pub(super) breaks: usize,
    /// Whether more characters were asked for than the text has.
    pub(super) starved: bool,
}

/// Line breaks that stand between two parts of a folded scalar.
#[derive(Default)]
pub(super) struct Folding {
    /// Whether there was any, an escaped one included.
    pub(super) seen: bool,
    first: Option<char>,
    more: String,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Cursor { text, mark: Mark::default(), breaks: 0, starved: false }
    }

    /// Starts in the middle of a line.
    pub(super) fn inside(text: &'t str, offset: usize) -> Self {
        let mark = Mark { offset, column: 1, ..Mark::default() };
        Cursor { text, mark, breaks: 0, starved: false }
    }

    /// Returns the byte `n` further on; 0, which no text contains, stands for the end.
    pub(super) fn byte(&self, n: usize) -> u8 {
        self.text.as_bytes().get(self.mark.offset + n).copied().unwrap_or(0)
    }

    /// Returns the text between two places.
    pub(super) fn slice(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or("")
    }

    /// Notes that the next `n` characters are going to be looked at.
    pub(super) fn need(&mut self, n: usize) {
        let rest = self.text.get(self.mark.offset..).unwrap_or("");
        if rest.len() < 4 * n && rest.chars().take(n).count() < n {
            self.starved = true;
        }
    }

    pub(super) fn at_end(&self) -> bool {
        self.mark.offset >= self.text.len()
    }

    /// Returns `true` if a space or tab follows after `n` bytes.
    pub(super) fn is_blank(&self, n: usize) -> bool {
        matches!(self.byte(n), b' ' | b'\t')
    }

    /// Returns `true` if a line break follows after `n` bytes.
    pub(super) fn is_break(&self, n: usize) -> bool {
        match self.byte(n) {
            b'\n' | b'\r' => true,
            0xC2 => self.byte(n + 1) == 0x85,
            0xE2 => self.byte(n + 1) == 0x80 && matches!(self.byte(n + 2), 0xA8 | 0xA9),
            _ => false,
        }
    }

    /// Returns `true` if a line break or the end follows after `n` bytes.
    pub(super) fn is_break_or_end(&self, n: usize) -> bool {
        self.byte(n) == 0 || self.is_break(n)
    }

    /// Returns `true` if a blank, a line break or the end follows after `n` bytes.
    pub(super) fn is_space(&self, n: usize) -> bool {
        self.is_blank(n) || self.is_break_or_end(n)
    }

    /// Returns `true` if `---` or `...` stands here on its own at the start of a line.
    pub(super) fn at_document_indicator(&self) -> bool {
        self.mark.column == 0
            && matches!(
                (self.byte(0), self.byte(1), self.byte(2)),
                (b'-', b'-', b'-') | (b'.', b'.', b'.')
            )
            && self.is_space(3)
    }

    /// Passes one character that is not a line break.
    pub(super) fn skip(&mut self) {
        let byte = self.byte(0);
        if !matches!(byte, b' ' | b'\t') {
            self.breaks = 0;
        }
        self.mark.offset += match byte {
            0 => return,
            1..0x80 => 1,
            0x80..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ => 4,
        };
        self.mark.index += 1;
        self.mark.column += 1;
    }

    /// Passes `n` characters.
    pub(super) fn skip_n(&mut self, n: usize) {
        for _ in 0..n {
            self.skip();
        }
    }

    /// Passes a line break if one is here.
    pub(super) fn skip_break(&mut self) {
        self.read_break();
    }

    /// Passes a line break and returns what it counts as in a scalar.
    pub(super) fn read_break(&mut self) -> Option<char> {
        let (bytes, chars, meaning) = match (self.byte(0), self.byte(1), self.byte(2)) {
            (b'\r', b'\n', _) => (2, 2, '\n'),
            (b'\n' | b'\r', ..) => (1, 1, '\n'),
            (0xC2, 0x85, _) => (2, 1, '\n'),
            (0xE2, 0x80, 0xA8) => (3, 1, '\u{2028}'),
            (0xE2, 0x80, 0xA9) => (3, 1, '\u{2029}'),
            _ => return None,
        };
        self.mark.offset += bytes;
        self.mark.index += chars;
        self.mark.column = 0;
        self.mark.line += 1;
        self.breaks += 1;
        Some(meaning)
    }

    /// Passes everything up to the end of the line.
    pub(super) fn skip_line(&mut self) {
        while !self.is_break_or_end(0) {
            self.skip();
        }
    }

    /// Passes spaces and tabs.
    pub(super) fn skip_blanks(&mut self) {
        while self.is_blank(0) {
            self.skip();
        }
    }
}

impl Folding {
    /// Notes the line break read at `cursor`.
    pub(super) fn read(&mut self, cursor: &mut Cursor<'_>) {
        let Some(meaning) = cursor.read_break() else {
            return;
        };
        if self.seen {
            self.more.push(meaning);
        } else {
            self.seen = true;
            self.first = Some(meaning);
        }
    }

    /// Writes what the breaks become: a space for one, one line break less for more.
    pub(super) fn write(&mut self, out: &mut String) {
        match self.first {
            Some('\n') if self.more.is_empty() => out.push(' '),
            Some('\n') | None => {}
            Some(other) => out.push(other),
        }
        out.push_str(&self.more);
        self.more.clear();
        self.first = None;
        self.seen = false;
    }
}
