//! Words that are hardly meant to be two.

/// Returns `true` if two words differ by a slip of the fingers: two letters that changed places, or one that
/// is missing or doubled in the middle, or that makes a plural of a long word. Words such as `HTTP_PROXY` and
/// `HTTPS_PROXY` do not.
pub(super) fn is_slip(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let (short, long) = (short.as_bytes(), long.as_bytes());
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let (Some(short), Some(long), true) = (short.get(same..), long.get(same..), short.len() > 5)
    else {
        return false;
    };
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic();
    match (short, long) {
        ([a, b, rest @ ..], [c, d, other @ ..]) if short.len() == long.len() => {
            a == d && b == c && rest == other && is_letter(a) && is_letter(b)
        }
        (_, [extra, rest @ ..]) if long.len() == short.len() + 1 => {
            let is_inside = rest.first().is_some_and(is_letter) && !matches!(extra, b'S' | b's');
            rest == short
                && is_letter(extra)
                && same > 0
                && (is_inside || is_plural(a.as_bytes().get(..same), extra, rest))
        }
        _ => false,
    }
}

/// Returns `true` if a letter makes a plural of a long word, of which more words follow.
fn is_plural(before: Option<&[u8]>, extra: &u8, after: &[u8]) -> bool {
    let word = before.into_iter().flatten().rev().take_while(|byte| byte.is_ascii_alphabetic());
    matches!(extra, b'S' | b's') && word.count() > 5 && matches!(after, [b'_' | b'-' | b'.', _, ..])
}

/// Returns `true` if two names are written otherwise and read the same: with other capitals, or other signs
/// between their words, or `.yml` for `.yaml`.
pub(super) fn are_one_name(a: &str, b: &str) -> bool {
    a != b && bare(a).eq(bare(b))
}

/// Returns the letters and digits of a name, in lowercase.
fn bare(name: &str) -> impl Iterator<Item = u8> {
    let (stem, end) = match name.strip_suffix(".yml") {
        Some(stem) => (stem, ".yaml"),
        None => (name, ""),
    };
    let bytes = stem.bytes().chain(end.bytes());
    bytes.filter(|byte| !matches!(byte, b'-' | b'_' | b'.')).map(|byte| byte.to_ascii_lowercase())
}

/// Returns `true` if two names are hardly meant to be two where one of them leads nowhere: they differ by a slip, or
/// by one letter more, at the end as well.
pub(super) fn are_near(a: &str, b: &str) -> bool {
    is_slip(a, b) || are_one_name(a, b) || has_one_more(a, b) || has_one_more(b, a)
}

/// Returns `true` if a name has all letters of a longer one but one.
fn has_one_more(short: &str, long: &str) -> bool {
    let (short, long) = (short.as_bytes(), long.as_bytes());
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let extra = long.get(same).is_some_and(u8::is_ascii_alphabetic);
    short.len() > 4
        && long.len() == short.len() + 1
        && extra
        && short.get(same..) == long.get(same + 1..)
}

/// Returns a text that names have in common that [`are_one_name`].
pub(super) fn folded(name: &str) -> Vec<u8> {
    bare(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_few() {
        assert!(is_slip("QUEUE_PREFTECH", "QUEUE_PREFETCH"));
        assert!(is_slip("payment-api", "payyment-api"));
        assert!(is_slip("NOTIFICATION_URL", "NOTIFICATIONS_URL"));
        assert!(!is_slip("HTTP_PROXY", "HTTPS_PROXY"));
        assert!(!is_slip("ALLOWED_SOURCE", "ALLOWED_SOURCES"));
        assert!(!is_slip("web-1-api", "web-2-api"));
    }

    #[test]
    fn near_names_differ_by_a_letter() {
        assert!(are_near("payment-api", "payments-api"));
        assert!(are_near("notifications", "notification"));
        assert!(!are_near("cart", "card") && !are_near("web", "webs"));
        assert!(!are_near("worker-1", "worker-12"));
    }

    #[test]
    fn names_are_one_but_for_signs_and_capitals() {
        assert!(are_one_name("DATABASE_POOLSIZE", "DATABASE_POOL_SIZE"));
        assert!(are_one_name("log-level", "LOG_LEVEL"));
        assert!(are_one_name("app.yml", "app.yaml"));
        assert!(!are_one_name("LOG_LEVEL", "LOG_LEVEL"));
        assert!(!are_one_name("LOG_LEVEL", "LOG_LEVELS"));
    }
}
