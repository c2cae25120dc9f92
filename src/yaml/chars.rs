//! Classes of characters.

/// The longest key, in bytes, that is written as `key: value`.
pub(super) const SIMPLE_KEY_LIMIT: usize = 128;

/// Returns `true` if the printer writes `c` as it is rather than escaped.
///
/// Odd: nothing above U+FFFF counts as printable, emoji included (case yaml/print-emoji).
pub(super) fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{A0}'..='\u{FEFE}' | '\u{FF00}'..='\u{FFFD}')
}

/// Returns `true` if no reader takes `c`, which the printer meets as upstream reads what it wrote.
pub(super) fn is_refused(c: char) -> bool {
    matches!(c, '\u{7F}'..='\u{84}' | '\u{86}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Returns `true` if `c` ends a line.
pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}
