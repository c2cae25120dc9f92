//! Lines, words, keys and paths in texts that may not be YAML, or not what they are meant for.

use std::path::{Component, Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::secret_words::{is_generator, is_secret, is_string_data};

/// Line breaks of YAML that separate no documents of a stream.
pub(super) const ODD_BREAKS: [char; 4] = ['\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// Returns the lines of a text, as YAML breaks them.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.split(ODD_BREAKS))
}

/// Returns the words of a text that cannot be read.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "\"'{}[],:&*!|>".contains(c))
}

/// Returns the key that a line starts with, and the rest of the line.
pub(super) fn key_of(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = line.trim_start_matches([' ', '\t', '-']).split_once(':')?;
    let is_key = !key.contains(char::is_whitespace) && (rest.is_empty() || rest.starts_with(' '));
    is_key.then_some((key, rest))
}

/// Returns `true` for words that stand where a Secret is defined, patched or generated; names of files do not.
pub(super) fn names_secret(word: &str) -> bool {
    word.eq_ignore_ascii_case("secret") || is_string_data(word) || is_generator(word)
}

/// Returns `true` for a key and what stands behind it if a Secret is defined, patched or generated so.
pub(super) fn defines_secret((key, rest): (&str, &str)) -> bool {
    let is_kind = key.eq_ignore_ascii_case("kind") && (is_secret(rest) || is_generator(rest));
    is_kind || is_string_data(key) || is_generator(key)
}

/// Returns `true` for what a generator may take for a key.
pub(super) fn is_key(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.chars().all(is_part)
}

/// Returns `true` for base64 with its end, which looks like the key of an empty name.
pub(super) fn is_base64(text: &str) -> bool {
    text.len() >= 8 && text.ends_with('=') && STANDARD.decode(text).is_ok()
}

/// Appends a relative path and removes `.` and `x/..`.
pub(super) fn join(folder: &Path, name: &str) -> PathBuf {
    let mut path = folder.to_path_buf();
    for part in Path::new(name).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(path.pop()),
            other => path.push(other),
        }
    }
    path
}
