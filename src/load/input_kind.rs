//! What a build found at a path.

use std::fmt;

/// What a build found at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InputKind {
    /// A file, which was read.
    File,
    /// A directory.
    Directory,
    /// A directory all of which counts, such as a chart's; a file that appears below it may change
    /// the result.
    Tree,
    /// A symbolic link, which was followed.
    Link,
    /// Nothing; a file that appears there may change the result.
    Missing,
    /// A file that is there but was not, or could not be, read.
    Unread,
}

impl InputKind {
    /// Returns the kind in one word, as `Display` writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            InputKind::File => "file",
            InputKind::Directory => "directory",
            InputKind::Tree => "tree",
            InputKind::Link => "link",
            InputKind::Missing => "missing",
            InputKind::Unread => "unread",
        }
    }
}

impl fmt::Display for InputKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
