//! The text of a report, which may have so many bytes and no more.

use std::borrow::Cow;
use std::fmt;
use std::io;

use crate::diagnostics::Result;
use crate::limits::{Limit, Limits, Stop};

/// A text that is written; one that gets too long is thrown away, since half a report is none.
pub(super) struct Out {
    text: String,
    most: u64,
    is_full: bool,
}

impl Out {
    pub(super) fn new(limits: &Limits) -> Out {
        Out { text: String::new(), most: limits.output_bytes, is_full: false }
    }

    /// Returns an empty one of what is left of another.
    #[cfg(feature = "reports")]
    pub(super) fn inner(&self) -> Out {
        let most = self.most.saturating_sub(self.text.len() as u64);
        Out { text: String::new(), most, is_full: false }
    }

    pub(super) fn push_str(&mut self, text: &str) {
        if self.is_full || self.text.len() as u64 + text.len() as u64 > self.most {
            self.is_full = true;
            self.text = String::new();
            return;
        }
        self.text.push_str(text);
    }

    #[cfg(feature = "reports")]
    pub(super) fn push(&mut self, c: char) {
        self.push_str(c.encode_utf8(&mut [0; 4]));
    }

    /// Returns what was written so far; nothing if there is no room for it.
    #[cfg(feature = "reports")]
    pub(super) fn text(&self) -> Option<&str> {
        (!self.is_full).then_some(self.text.as_str())
    }

    /// Notes that something else had no room.
    pub(super) fn overflow(&mut self) {
        self.is_full = true;
        self.text = String::new();
    }

    /// Returns the text with what `how` escapes, such as a command that only its parts together are.
    ///
    /// # Errors
    /// If it has more bytes than it may.
    pub(super) fn finish(self, how: impl Fn(&str) -> Cow<'_, str>) -> Result<String> {
        let too_long = || Err(Stop::Exceeded(Limit::OutputBytes, self.most).into());
        if self.is_full {
            return too_long();
        }
        match how(&self.text) {
            Cow::Owned(escaped) if escaped.len() as u64 > self.most => too_long(),
            Cow::Owned(escaped) => Ok(escaped),
            Cow::Borrowed(_) => Ok(self.text),
        }
    }
}

impl fmt::Write for Out {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

/// Lines that are escaped one by one, each once it is whole.
pub(super) struct Lines {
    pub(super) out: Out,
    line: Vec<u8>,
    how: fn(&str) -> Cow<'_, str>,
}

impl Lines {
    pub(super) fn new(limits: &Limits, how: fn(&str) -> Cow<'_, str>) -> Lines {
        Lines { out: Out::new(limits), line: Vec::new(), how }
    }

    fn end_line(&mut self) {
        self.out.push_str(&(self.how)(&String::from_utf8_lossy(&self.line)));
        self.line.clear();
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.out.is_full || self.line.len() as u64 + part.len() as u64 > self.out.most {
                self.out.overflow();
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.end_line();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.end_line();
        Ok(())
    }
}
