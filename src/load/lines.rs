//! Texts of files in which places are looked up.

use std::sync::OnceLock;

use crate::secret_words;

/// A text with its lines found once, for there may be as many places as lines.
#[derive(Debug)]
pub(crate) struct Lines {
    text: String,
    /// Where each line starts.
    starts: Vec<usize>,
    secrets: OnceLock<bool>,
    last: OnceLock<Option<(u32, u32)>>,
}

impl Lines {
    /// Finds the lines of a text.
    pub(crate) fn new(text: String) -> Lines {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        let starts = std::iter::once(0).chain(ends.map(|end| end + 1)).collect();
        Lines { text, starts, secrets: OnceLock::new(), last: OnceLock::new() }
    }

    /// Returns the text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the text from a line on, which counts from 0.
    pub(crate) fn from(&self, line: usize) -> &str {
        let start = self.starts.get(line).copied().unwrap_or(self.text.len());
        self.text.get(start..).unwrap_or_default()
    }

    /// Returns a line, which counts from 0, with its line break.
    pub(crate) fn line(&self, line: usize) -> &str {
        let start = |line: usize| self.starts.get(line).copied().unwrap_or(self.text.len());
        self.text.get(start(line)..start(line.saturating_add(1))).unwrap_or_default()
    }

    /// Returns line and column of an offset.
    pub(crate) fn place(&self, offset: usize) -> (u32, u32) {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|i| self.starts.get(i)).copied().unwrap_or(0);
        let before = self.text.as_bytes().get(start..offset).unwrap_or_default();
        let column = String::from_utf8_lossy(before).chars().count();
        (line as u32, column as u32 + 1)
    }

    /// Returns the end of the last line with a text in it, if `line` is behind that.
    pub(crate) fn end_before(&self, line: u32) -> Option<(u32, u32)> {
        let find = || {
            let lines = self.text.lines().enumerate();
            let (last, content) = lines.filter(|(_, l)| !l.trim().is_empty()).last()?;
            let column = u32::try_from(content.trim_end().chars().count() + 1).ok()?;
            Some((u32::try_from(last + 1).ok()?, column))
        };
        self.last.get_or_init(find).filter(|(number, _)| *number < line)
    }

    /// Returns `true` if values of a Secret may stand in some lines.
    pub(crate) fn may_hold_secrets(&self) -> bool {
        *self.secrets.get_or_init(|| secret_words::may_hold(self.text.as_bytes()))
    }
}
