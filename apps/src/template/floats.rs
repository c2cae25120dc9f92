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

/// Splits a number into a whole one and the power of two that it is multiplied with.
fn split(value: f64) -> (u64, i32) {
    const FRACTION: u32 = f64::MANTISSA_DIGITS - 1;
    let bits = value.to_bits();
    let fraction = bits & ((1 << FRACTION) - 1);
    match i32::try_from((bits >> FRACTION) & 0x7ff).unwrap_or_default() {
        0 => (fraction, -1074),
        exponent => (fraction | (1 << FRACTION), exponent - 1075),
    }
}

/// Spells a number that is not negative as `%b` does.
pub(super) fn binary(value: f64) -> String {
    if let Some(name) = special(value) {
        return name.to_owned();
    }
    let (whole, exponent) = split(value);
    format!("{whole}p{exponent:+}")
}

/// Spells a number that is not negative as `%x` does.
pub(super) fn hexadecimal(value: f64) -> String {
    if let Some(name) = special(value) {
        return name.to_owned();
    }
    let (whole, exponent) = split(value);
    if whole == 0 {
        return "0x0p+00".to_owned();
    }
    // One digit before the point, and that is a one.
    let shift = whole.leading_zeros();
    let digits = format!("{:016x}", (whole << shift) << 1);
    let digits = digits.trim_end_matches('0');
    let exponent = exponent + 63 - i32::try_from(shift).unwrap_or_default();
    let sign = if exponent < 0 { '-' } else { '+' };
    let point = if digits.is_empty() { "" } else { "." };
    format!("0x1{point}{digits}p{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_go() {
        for (value, bits, hex) in [
            (0.0, "0p-1074", "0x0p+00"),
            (1.5, "6755399441055744p-52", "0x1.8p+00"),
            (42.0, "5910974510923776p-47", "0x1.5p+05"),
            (0.1, "7205759403792794p-56", "0x1.999999999999ap-04"),
            (5e-324, "1p-1074", "0x1p-1074"),
        ] {
            assert_eq!((binary(value).as_str(), hexadecimal(value).as_str()), (bits, hex));
        }
    }
}
