//! Letters in another case as Go writes them: each by itself, and one letter for one.
//!
//! `char::to_uppercase` and the like follow the longer rules of Unicode, where `ß` becomes `SS`.

/// Returns a letter in lower case.
pub(crate) fn lower(c: char) -> char {
    match c {
        'İ' => 'i',
        _ => single(c, c.to_lowercase()),
    }
}

/// Returns a letter in upper case.
pub(crate) fn upper(c: char) -> char {
    match c {
        // Greek letters with an iota below.
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => after(c, 8),
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => after(c, 9),
        _ => single(c, c.to_uppercase()),
    }
}

/// Returns a letter as the first one of a word.
pub(crate) fn title(c: char) -> char {
    match c {
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        // Georgian words have no capitals in front.
        '\u{10d0}'..='\u{10ff}' => c,
        _ => upper(c),
    }
}

/// Returns `true` for a letter that is already as the first one of a word, and no capital.
pub(crate) fn is_title(c: char) -> bool {
    let is_greek =
        matches!(c, '\u{1f88}'..='\u{1f8f}' | '\u{1f98}'..='\u{1f9f}' | '\u{1fa8}'..='\u{1faf}');
    is_greek || matches!(c, 'ǅ' | 'ǈ' | 'ǋ' | 'ǲ' | '\u{1fbc}' | '\u{1fcc}' | '\u{1ffc}')
}

/// Returns `true` for a capital; numbers and signs made of one are none.
pub(crate) fn is_upper(c: char) -> bool {
    let is_sign = matches!(c, 'Ⅰ'..='Ⅿ' | 'Ⓐ'..='Ⓩ' | '\u{1f130}'..='\u{1f189}');
    c.is_uppercase() && !is_sign
}

/// Returns `true` for a small letter; numbers and signs made of one are none.
pub(crate) fn is_lower(c: char) -> bool {
    c.is_lowercase() && !matches!(c, 'ⅰ'..='ⅿ' | 'ⓐ'..='ⓩ' | '\u{345}')
}

/// Puts a text into lower case.
pub(crate) fn lowered(text: &str) -> String {
    text.chars().map(lower).collect()
}

/// Puts a text into upper case.
pub(crate) fn uppered(text: &str) -> String {
    text.chars().map(upper).collect()
}

fn after(c: char, distance: u32) -> char {
    char::from_u32(u32::from(c) + distance).unwrap_or(c)
}

/// Returns the other case of a letter if it is one letter; else the letter stays.
fn single(c: char, mut other: impl Iterator<Item = char>) -> char {
    match (other.next(), other.next()) {
        (Some(other), None) => other,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_become_what_they_become_in_go() {
        for (letter, lowered, uppered, titled) in [
            ('a', 'a', 'A', 'A'),
            ('İ', 'i', 'İ', 'İ'),
            ('ı', 'ı', 'I', 'I'),
            ('ß', 'ß', 'ß', 'ß'),
            ('ẞ', 'ß', 'ẞ', 'ẞ'),
            ('Σ', 'σ', 'Σ', 'Σ'),
            ('ς', 'ς', 'Σ', 'Σ'),
            ('ŉ', 'ŉ', 'ŉ', 'ŉ'),
            ('ﬁ', 'ﬁ', 'ﬁ', 'ﬁ'),
            ('ᾳ', 'ᾳ', 'ᾼ', 'ᾼ'),
            ('ᾼ', 'ᾳ', 'ᾼ', 'ᾼ'),
            ('ᾐ', 'ᾐ', 'ᾘ', 'ᾘ'),
            ('ǆ', 'ǆ', 'Ǆ', 'ǅ'),
            ('ǅ', 'ǆ', 'Ǆ', 'ǅ'),
            ('ა', 'ა', 'Ა', 'ა'),
        ] {
            assert_eq!((lower(letter), upper(letter)), (lowered, uppered), "{letter}");
            assert_eq!(title(letter), titled, "{letter}");
            assert_eq!(is_title(letter), ['ᾼ', 'ǅ'].contains(&letter), "{letter}");
        }
        assert_eq!(lowered("ΟΔΟΣ"), "οδοσ");
    }
}
