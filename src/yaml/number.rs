//! Numbers as Go reads and writes them.

use std::borrow::Cow;

/// An integer or a floating-point number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Uint(u64),
    Float(f64),
}

/// Reads a text that begins with a digit or a sign.
pub(super) fn parse(text: &str) -> Option<Number> {
    let bytes = text.as_bytes();
    // Nearly all numbers are short and decimal.
    let leading_zero = matches!(bytes, [] | [b'0', _, ..]);
    if bytes.len() <= 18 && !leading_zero && bytes.iter().all(u8::is_ascii_digit) {
        return Some(Number::Int(bytes.iter().fold(0, |n, b| n * 10 + i64::from(b - b'0'))));
    }
    // A digit, sign, point, `_`, or one of the letters of a prefix, hexadecimal digit or exponent.
    if !bytes.iter().all(|b| b.is_ascii_hexdigit() || b"_.+-xXoO".contains(b)) {
        return None;
    }
    let plain: Cow<'_, str> =
        if text.contains('_') { text.replace('_', "").into() } else { text.into() };
    integer(&plain, None)
        .or_else(|| float(&plain))
        .or_else(|| prefixed(&plain, "0b", 2))
        .or_else(|| prefixed(&plain, "0o", 8))
}

/// Reads a text that begins with a point; there `_` may only stand between two digits.
pub(super) fn parse_fraction(text: &str) -> Option<Number> {
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let between = |(i, _): (usize, &str)| i > 0 && digit(i - 1) && digit(i + 1);
    if !text.match_indices('_').all(between) {
        return None;
    }
    float(&text.replace('_', ""))
}

/// Reads an integer; without a `radix`, its prefix says which one it has.
fn integer(text: &str, radix: Option<u32>) -> Option<Number> {
    let (negative, unsigned) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match (radix, unsigned.as_bytes()) {
        (Some(radix), _) => (radix, unsigned),
        (None, [b'0', b'x' | b'X', ..]) => (16, &unsigned[2..]),
        (None, [b'0', b'o' | b'O', ..]) => (8, &unsigned[2..]),
        (None, [b'0', b'b' | b'B', ..]) => (2, &unsigned[2..]),
        (None, [b'0', _, ..]) => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    // The standard parser would take another sign.
    if !digits.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let value = u64::from_str_radix(digits, radix).ok()?;
    match i64::try_from(value) {
        Ok(value) => Some(Number::Int(if negative { -value } else { value })),
        Err(_) if negative => (value == 1 << 63).then_some(Number::Int(i64::MIN)),
        Err(_) => (unsigned.len() == text.len()).then_some(Number::Uint(value)),
    }
}

/// Reads a number by its lower-case prefix alone.
///
/// Odd: `0b-1` is -1, as the sign is looked for again behind the prefix
/// (case yaml/scalar-sign-behind-prefix).
fn prefixed(text: &str, prefix: &str, radix: u32) -> Option<Number> {
    if let Some(digits) = text.strip_prefix(prefix) {
        return integer(digits, Some(radix));
    }
    let digits = text.strip_prefix('-')?.strip_prefix(prefix)?;
    if digits.starts_with(['+', '-']) {
        return None;
    }
    match integer(digits, Some(radix))? {
        Number::Int(value) => Some(Number::Int(-value)),
        _ => None,
    }
}

fn float(text: &str) -> Option<Number> {
    // The standard parser takes more: `inf`, `nan`, `infinity`.
    if !text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b)) {
        return None;
    }
    text.parse().ok().filter(|f: &f64| f.is_finite()).map(Number::Float)
}

/// Returns `f` in Go's shortest `g` form: plain where the exponent is in -4..=5, else `1e+06`.
pub(crate) fn format_g(f: f64) -> String {
    let (sign, digits, exponent) = shortest(f);
    if (-4..6).contains(&exponent) {
        decimal(sign, &digits, exponent)
    } else {
        let marker = if exponent < 0 { '-' } else { '+' };
        format!("{sign}{}e{marker}{:02}", pointed(&digits), exponent.unsigned_abs())
    }
}

/// Returns `f` as Go's encoder of JSON writes it: plain from 1e-6 up to 1e21, else `1e-7`, `1e+21`.
pub(crate) fn format_json(f: f64) -> String {
    let (sign, digits, exponent) = shortest(f);
    if f == 0.0 || (-6..21).contains(&exponent) {
        decimal(sign, &digits, exponent)
    } else {
        let marker = if exponent < 0 { '-' } else { '+' };
        format!("{sign}{}e{marker}{}", pointed(&digits), exponent.unsigned_abs())
    }
}

/// Returns `f` as it stands in the output: whole numbers that fit 64 bits as integers, others as
/// by [`format_g`].
pub(super) fn format_printed(f: f64) -> String {
    let (sign, digits, exponent) = shortest(f);
    let whole = f == 0.0 || (i32::try_from(digits.len()).is_ok_and(|n| n <= exponent + 1));
    if whole && exponent < 21 {
        let text = decimal(sign, &digits, exponent);
        if text == "-0" {
            return "0".to_owned();
        }
        if text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok() {
            return text;
        }
    }
    format_g(f)
}

/// Returns the sign, the shortest digits that read back as `f`, and the exponent of the first digit.
fn shortest(f: f64) -> (&'static str, String, i32) {
    let sign = if f.is_sign_negative() { "-" } else { "" };
    let (mut digits, exponent) = scientific(&format!("{:e}", f.abs()));
    // Half way between two shortest texts, Go takes the even one, the standard formatter the upper.
    if let Some(last @ (b'1' | b'3' | b'5' | b'7' | b'9')) = digits.as_bytes().last().copied() {
        let lower = format!("{}{}5", &digits[..digits.len() - 1], char::from(last - 1));
        let is_half = |places| {
            let (exact, _) = scientific(&format!("{:.places$e}", f.abs()));
            exact.strip_prefix(&lower).is_some_and(|rest| rest.bytes().all(|b| b == b'0'))
        };
        let even = &lower[..lower.len() - 1];
        // Below a power of two the numbers lie closer, and the even text may mean another.
        let reads_back = || decimal("", even, exponent).parse() == Ok(f.abs());
        if is_half(digits.len()) && is_half(MOST_DIGITS) && reads_back() {
            digits = even.to_owned();
        }
    }
    (sign, digits, exponent)
}

/// No 64-bit number has more digits.
const MOST_DIGITS: usize = 767;

/// Takes `1.25e7` apart into its digits and its exponent.
fn scientific(text: &str) -> (String, i32) {
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    (digits.replace('.', ""), exponent.parse().unwrap_or(0))
}

/// Puts a point after the first of several digits.
fn pointed(digits: &str) -> String {
    match digits.split_at_checked(1) {
        Some((first, rest)) if !rest.is_empty() => format!("{first}.{rest}"),
        _ => digits.to_owned(),
    }
}

fn decimal(sign: &str, digits: &str, exponent: i32) -> String {
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or(0));
    let Ok(whole) = usize::try_from(exponent + 1) else {
        return format!("{sign}0.{}{digits}", zeros(-exponent - 1));
    };
    match digits.split_at_checked(whole) {
        Some(("", fraction)) => format!("{sign}0.{fraction}"),
        Some((integer, "")) => format!("{sign}{integer}"),
        Some((integer, fraction)) => format!("{sign}{integer}.{fraction}"),
        None => format!("{sign}{digits}{}", "0".repeat(whole - digits.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_recorded() {
        for (text, expected) in [
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("123456.789", "123456.789"),
            ("1234567.89", "1.23456789e+06"),
            ("123456789.123", "1.23456789123e+08"),
            ("1e20", "1e+20"),
            ("-1e19", "-1e+19"),
            ("1e19", "10000000000000000000"),
            ("18446744073709551616", "1.8446744073709552e+19"),
            ("12345678901234567890.0", "12345678901234567000"),
            ("2.5e-8", "2.5e-08"),
            ("1.5e300", "1.5e+300"),
            ("3.14159265358979323846", "3.141592653589793"),
            ("5e-324", "5e-324"),
            ("1.0", "1"),
            ("1e3", "1000"),
            ("-0.0", "0"),
            ("-12.5", "-12.5"),
            ("688087108924644.25", "6.880871089246442e+14"),
            ("5.9604644775390625e-8", "5.960464477539063e-08"),
            ("688087108924644.75", "6.880871089246448e+14"),
        ] {
            assert_eq!(format_printed(text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn json_floats_have_other_limits() {
        for (value, expected) in [
            (1.5, "1.5"),
            (12345678901234567890.0, "12345678901234567000"),
            (1e21, "1e+21"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (2.5e-10, "2.5e-10"),
            (-0.0, "-0"),
            (100.0, "100"),
        ] {
            assert_eq!(format_json(value), expected);
        }
    }

    #[test]
    fn g_form_turns_to_exponents_at_a_million() {
        assert_eq!(format_g(100_000.0), "100000");
        assert_eq!(format_g(1_000_000.0), "1e+06");
        assert_eq!(format_g(9_007_199_254_740_992.0), "9.007199254740992e+15");
        assert_eq!(format_g(0.0), "0");
    }
}
