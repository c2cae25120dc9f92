//! Files that the user names, and stdin: of limited size, and without blocking.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use kustom::{DiskFs, FileSystem, Limits};

/// Reads a file, or stdin for `-`.
///
/// # Errors
/// If it cannot be read, is larger than a file of a build may be, or is neither a regular file nor what
/// the shell hands over (`<(command)`).
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    handed(path).unwrap_or_else(|| DiskFs.read(path))
}

/// Reads stdin, or what the shell hands over, if it is that.
///
/// # Errors
/// As [`read`].
pub(crate) fn handed(path: &Path) -> Option<io::Result<Vec<u8>>> {
    if path == Path::new("-") {
        return Some(at_most(&mut io::stdin().lock()));
    }
    let is_handed =
        ["/dev/fd", "/dev/stdin", "/proc/self/fd"].iter().any(|handed| path.starts_with(handed));
    is_handed.then(|| at_most(&mut File::open(path)?))
}

/// As [`read`], for text.
///
/// # Errors
/// As [`read`], or if it is no UTF-8.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))
}

fn at_most(source: &mut dyn Read) -> io::Result<Vec<u8>> {
    let most = Limits::default().file_bytes;
    let mut bytes = Vec::new();
    source.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}
