//! Where something stands, as people read it.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::visible::{visible, visible_place};
use crate::yaml::Pos;

/// A place in a file; line and column count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// The file, as the build named it.
    pub file: PathBuf,
    /// The line, from 1; 0 if only the file is known.
    pub line: u32,
    /// The column, from 1; 0 if only the line is known.
    pub column: u32,
}

/// Some lines of a file around a place, for showing it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Excerpt {
    /// The lines as they are in the file, each with its line break.
    pub text: String,
    /// The number of the first of them, from 1.
    pub first_line: u32,
    /// The bytes of `text` that are at fault.
    pub span: Range<usize>,
}

impl Excerpt {
    /// Returns the excerpt fit to be shown, as [`visible`](crate::text::visible) makes it.
    #[must_use]
    pub fn visible(&self) -> Excerpt {
        let place = |at: usize| visible_place(&self.text, at);
        Excerpt {
            text: visible(&self.text).into_owned(),
            first_line: self.first_line,
            span: place(self.span.start)..place(self.span.end),
        }
    }
}

impl Location {
    /// Returns a place in a file; 0 stands for a line or a column that is not known.
    pub fn new(file: impl Into<PathBuf>, line: u32, column: u32) -> Location {
        Location { file: file.into(), line, column }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if self.column > 0 {
            write!(f, ":{}", self.column)?;
        }
        Ok(())
    }
}

/// What turns positions into what people read; see [`Files`](crate::load::Files).
pub(crate) trait Sources {
    /// Returns file, line and column of a position.
    fn locate(&self, pos: Pos) -> Option<Location>;
    /// Returns the lines around a place.
    fn excerpt(&self, place: &Location) -> Option<Excerpt>;
    /// Returns a path as the user would type it.
    fn shown(&self, path: &Path) -> PathBuf;
    /// Returns a message with other words for paths that the user does not know, if there are any.
    fn reworded(&self, message: &str) -> Option<String> {
        let _ = message;
        None
    }
}
