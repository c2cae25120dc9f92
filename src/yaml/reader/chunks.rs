//! Cuts a stream of resources into its documents.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memmem};

use super::error::SyntaxError;

/// Replaces every CRLF by LF.
pub(super) fn unify_line_ends(bytes: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'\r', bytes).is_none() {
        return Cow::Borrowed(bytes);
    }
    let ends = memmem::find_iter(bytes, b"\r\n");
    let mut unified = Vec::with_capacity(bytes.len());
    let mut start = 0;
    for end in ends {
        unified.extend_from_slice(&bytes[start..end]);
        start = end + 1;
    }
    unified.extend_from_slice(&bytes[start..]);
    Cow::Owned(unified)
}

/// Returns where the documents stand: between the lines that start with `---`.
///
/// Odd: this knows nothing of YAML. It cuts inside of scalars too; such a line is not found at the
/// start and not at the end of the bytes; and of two that follow each other only the first is
/// (cases yaml/chunk-cut-inside-quotes and yaml/chunk-adjacent-separators).
pub(super) fn split(bytes: &[u8]) -> Result<Vec<Range<usize>>, SyntaxError> {
    let mut chunks = Vec::new();
    let mut start = 0;
    let finder = memmem::Finder::new(b"\n---");
    while let Some(found) = finder.find(&bytes[start..]) {
        let line = start + found + 1;
        let Some(length) = memchr(b'\n', &bytes[line..]) else {
            break;
        };
        let end = line + length;
        let separator = String::from_utf8_lossy(&bytes[line..end]);
        let rest = separator.get(3..).unwrap_or("").trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            let message = format!("invalid document separator: {}", separator.trim());
            return Err(SyntaxError::new(message, line));
        }
        chunks.push(start..line);
        start = end + 1;
    }
    chunks.push(start..bytes.len());
    Ok(chunks)
}
