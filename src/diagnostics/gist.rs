//! What warnings have in common that people take for one finding: the same mistake in many places.

/// Returns the words of a message and a hint without names of objects, elements of lists and values.
pub(super) fn of(message: &str, hint: Option<&str>) -> String {
    let mut gist = String::new();
    for text in [Some(message), hint].into_iter().flatten() {
        for (i, part) in text.split('`').enumerate() {
            if i % 2 == 1 {
                quoted(part, &mut gist);
            } else {
                plain(part, &mut gist);
            }
        }
        gist.push('\n');
    }
    gist
}

/// Adds what stands in backquotes: a path without its elements, a key without its value.
fn quoted(part: &str, gist: &mut String) {
    let part = part.split_once(": ").map_or(part, |(key, _)| key);
    gist.push('`');
    let mut depth = 0_usize;
    for c in part.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => gist.push(c),
            _ => {}
        }
    }
    gist.push('`');
}

/// Adds words; behind a kind stands the name of an object, which is left out.
fn plain(part: &str, gist: &mut String) {
    let mut is_name = false;
    for word in part.split_whitespace() {
        if !std::mem::replace(&mut is_name, is_kind(word)) {
            gist.push(' ');
            gist.push_str(word);
        }
    }
}

/// Returns `true` for a word such as `Deployment`.
fn is_kind(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(|c| c.is_ascii_uppercase())
        && letters.clone().any(|c| c.is_ascii_lowercase())
        && letters.all(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mistake_in_many_places_has_one_gist() {
        let same = |one: &str, other: &str| of(one, None) == of(other, None);
        assert!(same(
            "Deployment web has the field `a` in `spec.containers[x].env`",
            "Deployment shop has the field `a` in `spec.containers[y].env`"
        ));
        assert!(same("the label `version: 1` goes", "the label `version: 2` goes"));
        assert!(!same("Deployment web has the field `a`", "Deployment web has the field `b`"));
        assert!(!same("Deployment web has it", "Service web has it"));
        assert_ne!(of("a", Some("did you mean `x`?")), of("a", Some("did you mean `y`?")));
    }
}
