//! Paths as git writes them.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::Path;

/// Takes away the quotes and escapes that git gives to paths with bytes out of the ordinary.
pub(crate) fn unquoted(line: &[u8]) -> Cow<'_, [u8]> {
    let inside = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\""));
    let Some(inside) = inside else { return Cow::Borrowed(line) };
    let mut out = Vec::with_capacity(inside.len());
    let mut bytes = inside.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        out.push(match bytes.next() {
            Some(digit @ b'0'..=b'7') => {
                let mut value = digit - b'0';
                for _ in 0..2 {
                    if let Some(digit) = bytes.next_if(|byte| (b'0'..=b'7').contains(byte)) {
                        value = (value << 3) | (digit - b'0');
                    }
                }
                value
            }
            Some(b'a') => 7,
            Some(b'b') => 8,
            Some(b't') => b'\t',
            Some(b'n') => b'\n',
            Some(b'v') => 11,
            Some(b'f') => 12,
            Some(b'r') => b'\r',
            Some(other) => other,
            None => b'\\',
        });
    }
    Cow::Owned(out)
}

/// Returns the path that some bytes of git stand for.
#[cfg(unix)]
pub(crate) fn bytes_to_path(bytes: &[u8]) -> &Path {
    Path::new(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes))
}

#[cfg(not(unix))]
pub(crate) fn bytes_to_path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::new(std::str::from_utf8(bytes).unwrap_or_default()))
}
