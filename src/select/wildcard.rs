//! Patterns made of plain characters, `.` and `.*`, as most are: no need to compile them.

use super::re2::is_special;

/// The most bytes of such a pattern: what takes longer to compare is left to the engine, whose time
/// does not grow with the product of both lengths.
const LONGEST: usize = 256;

/// Returns `true` if a pattern is of this kind.
pub(super) fn is_wildcard(pattern: &str) -> bool {
    let mut rest = pattern;
    while let Some(special) = rest.find(is_special) {
        let Some(behind) = rest[special..].strip_prefix('.') else { return false };
        rest = behind.strip_prefix('*').unwrap_or(behind);
        // A repetition of something else.
        if rest.starts_with(['*', '+', '?', '{']) {
            return false;
        }
    }
    pattern.len() <= LONGEST
}

/// Returns `true` if the whole text matches.
pub(super) fn is_whole(mut pattern: &str, mut text: &str) -> bool {
    // The pattern behind the last `.*`, and the text from where that may match. There is no need to go
    // back to an earlier one: whatever it could leave, the last one can take.
    let mut last = None;
    loop {
        if let Some(behind) = pattern.strip_prefix(".*") {
            if !behind.contains('.') {
                let taken = text.strip_suffix(behind);
                return taken.is_some_and(|taken| !taken.contains('\n'));
            }
            pattern = behind;
            last = Some((behind, text));
            continue;
        }
        (pattern, text) = match (step(pattern, text), last) {
            (Some(rest), _) => rest,
            (None, _) if pattern.is_empty() && text.is_empty() => return true,
            (None, None) => return false,
            (None, Some((behind, from))) => {
                let Some((_, from)) = step(".", from) else { return false };
                last = Some((behind, from));
                (behind, from)
            }
        };
    }
}

/// Takes one character of both, if the first of the text matches.
fn step<'p, 't>(pattern: &'p str, text: &'t str) -> Option<(&'p str, &'t str)> {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    let (wanted, found) = (pattern.next()?, text.next()?);
    let matches = if wanted == '.' { found != '\n' } else { found == wanted };
    matches.then_some((pattern.as_str(), text.as_str()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Patterns;
    use super::*;

    proptest! {
        #[test]
        fn matches_as_the_engine_does(
            parts in prop::collection::vec(prop::sample::select(vec!["a", "b", ".", ".*", "é", "\n"]), 0..7),
            text in "[abé\n.]{0,8}",
        ) {
            let pattern = parts.concat();
            prop_assert!(is_wildcard(&pattern));
            let engine = Patterns::default().read(&format!("^(?:{pattern})$"));
            let engine = engine.map(|program| program.is_match(&text));
            prop_assert_eq!(Some(is_whole(&pattern, &text)), engine.ok());
        }
    }

    #[test]
    fn leaves_the_others_to_the_engine() {
        for other in ["a*", "a.*?", "a.**", "a.+", ".{2}", "[a]", "a|b", r"a\.b"] {
            assert!(!is_wildcard(other), "{other}");
        }
        assert!(!is_wildcard(&".".repeat(257)));
    }
}
