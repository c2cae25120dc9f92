//! Patterns in which nothing but the dot is special, as in most names: no need to compile them.

use super::re2::is_special;

/// The most bytes of such a pattern: what takes longer to compare is left to the engine, whose time
/// does not grow with the product of both lengths.
const LONGEST: usize = 256;

/// Returns `true` if a pattern is of this kind.
pub(crate) fn is_dotted(pattern: &str) -> bool {
    pattern.len() <= LONGEST && !pattern.contains(|c| c != '.' && is_special(c))
}

/// Returns `true` if a part of the text matches.
pub(crate) fn is_in(pattern: &str, text: &str) -> bool {
    pattern.is_empty() || text.char_indices().any(|(i, _)| behind(pattern, &text[i..]).is_some())
}

/// Returns what follows the pattern, if the text starts with it.
fn behind<'t>(pattern: &str, text: &'t str) -> Option<&'t str> {
    let mut text = text.chars();
    let matches = |wanted: char| {
        let found = text.next();
        if wanted == '.' { found.is_some_and(|c| c != '\n') } else { found == Some(wanted) }
    };
    pattern.chars().all(matches).then_some(text.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Patterns;
    use super::*;

    proptest! {
        #[test]
        fn matches_as_the_engine_does(pattern in "[ab.é/-]{0,4}", text in "[ab.é\n-]{0,6}") {
            prop_assert!(is_dotted(&pattern));
            let engine = |pattern: &str| Patterns::default().read(pattern).map(|regex| regex.is_match(&text)).ok();
            prop_assert_eq!(Some(is_in(&pattern, &text)), engine(&pattern));
        }
    }

    #[test]
    fn leaves_the_others_to_the_engine() {
        assert!(!is_dotted("a.*") && !is_dotted("[a]") && !is_dotted(&".".repeat(257)));
    }
}
