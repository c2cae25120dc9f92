//! Floating-point numbers as Go's `strconv` spells them.

/// Spells a number as `%v` does: the shortest digits, with an exponent below 1e-4 and from 1e6 on.
pub(crate) fn shortest(value: f64) -> String {
    general(value, None, 'e')
}

/// Returns the names of what has no digits.
fn special(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value == f64::INFINITY {
        Some("+Inf")
    } else if value == f64::NEG_INFINITY {
        Some("-Inf")
    } else {
        None
    }
}

/// Spells a number with an exponent, as `%e` does.
pub(super) fn exponential(value: f64, precision: Option<usize>, letter: char) -> String {
    if let Some(name) = special(value) {
        return name.to_owned();
    }
    let text = match precision {
        Some(precision) => format!("{value:.precision$e}"),
        None => format!("{value:e}"),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}{letter}{sign}{:02}", exponent.unsigned_abs())
}

/// Spells a number without an exponent, as `%f` does.
pub(super) fn fixed(value: f64, precision: Option<usize>) -> String {
    if let Some(name) = special(value) {
        return name.to_owned();
    }
    match precision {
        Some(precision) => format!("{value:.precision$}"),
        None => format!("{value}"),
    }
}

/// Spells a number as `%g` does.
pub(super) fn general(value: f64, precision: Option<usize>, letter: char) -> String {
    if let Some(name) = special(value) {
        return name.to_owned();
    }
    let text = match precision {
        Some(precision) => format!("{value:.*e}", precision.max(1) - 1),
        None => format!("{value:e}"),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let digits = mantissa.chars().filter(char::is_ascii_digit).count();
    let limit = precision.map_or(6, |digits| i32::try_from(digits.max(1)).unwrap_or(i32::MAX));
    if exponent < -4 || exponent >= limit {
        let mantissa = trimmed(mantissa);
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}{letter}{sign}{:02}", exponent.unsigned_abs());
    }
    match precision {
        None => format!("{value}"),
        Some(_) => {
            let after = i32::try_from(digits).unwrap_or(i32::MAX) - 1 - exponent;
            let after = usize::try_from(after).unwrap_or(0);
            trimmed(&format!("{value:.after$}")).to_owned()
        }
    }
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}
