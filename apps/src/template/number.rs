//! Numbers and characters as they are written in templates.

/// A number as it was written; which of Go's types it has is up to who takes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    /// The value, if it is a whole number that fits.
    pub(super) int: Option<i64>,
    /// Whether that fits without a sign only.
    pub(super) too_large: bool,
    pub(super) float: Option<f64>,
    /// Whether a reader would say that it is no integer: `1.0`, `1e3`.
    pub(super) looks_float: bool,
}

/// Returns the length of the number at the start of `text`; 0 if there is none.
pub(super) fn scan(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    let skip = |at: &mut usize, allowed: &dyn Fn(u8) -> bool| {
        let start = *at;
        while bytes.get(*at).is_some_and(|b| allowed(*b)) {
            *at += 1;
        }
        *at > start
    };
    skip(&mut at, &|b| b == b'+' || b == b'-');
    if at > 1 {
        return 0;
    }
    let mut hex = false;
    let mut decimal = true;
    let mut digits: fn(u8) -> bool = |b| b.is_ascii_digit() || b == b'_';
    if bytes.get(at) == Some(&b'0') {
        let prefix = bytes.get(at + 1).map(u8::to_ascii_lowercase);
        let own: Option<fn(u8) -> bool> = match prefix {
            Some(b'x') => Some(|b| b.is_ascii_hexdigit() || b == b'_'),
            Some(b'o') => Some(|b| matches!(b, b'0'..=b'7' | b'_')),
            Some(b'b') => Some(|b| matches!(b, b'0' | b'1' | b'_')),
            _ => None,
        };
        if let Some(own) = own {
            digits = own;
            decimal = false;
            hex = prefix == Some(b'x');
            at += 2;
        }
    }
    let mut any = skip(&mut at, &digits);
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        any |= skip(&mut at, &digits);
    }
    if !any {
        return 0;
    }
    let exponent: &[u8] = if decimal {
        b"eE"
    } else if hex {
        b"pP"
    } else {
        b""
    };
    if bytes.get(at).is_some_and(|b| exponent.contains(b)) {
        at += 1;
        if bytes.get(at).is_some_and(|b| b"+-".contains(b)) {
            at += 1;
        }
        skip(&mut at, &|b| b.is_ascii_digit() || b == b'_');
    }
    at
}

/// Reads a number; none if it is none after all.
pub(super) fn parse(text: &str) -> Option<Number> {
    let whole = parse_int(text);
    let looks_float = match text.trim_start_matches(['+', '-']).get(..2) {
        Some("0x" | "0X") => text.contains(['.', 'p', 'P']),
        _ => text.contains(['.', 'e', 'E']),
    };
    let float = match whole {
        #[expect(clippy::cast_precision_loss, reason = "as Go converts it")]
        Some(value) => Some(value as f64),
        // What looks like a whole number and is none, such as `08`, is no other number either.
        None => parse_float(text).filter(|_| looks_float),
    };
    let int = whole.and_then(|value| i64::try_from(value).ok());
    let too_large = whole.is_some() && int.is_none();
    // `1e3` is an integer as well, if it is asked for as one.
    let int = int.or_else(|| float.filter(|_| whole.is_none()).and_then(exact_int));
    (whole.is_some_and(|w| u64::try_from(w).is_ok() || i64::try_from(w).is_ok())
        || whole.is_none() && float.is_some())
    .then_some(Number { int, too_large, float, looks_float })
}

/// Reads the inside of a character constant.
pub(super) fn character(c: char) -> Number {
    let code = u32::from(c);
    Number {
        int: Some(i64::from(code)),
        too_large: false,
        float: Some(f64::from(code)),
        looks_float: false,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "checked")]
fn exact_int(value: f64) -> Option<i64> {
    let int = value as i64;
    (int as f64 == value && int != i64::MAX).then_some(int)
}

/// Reads a whole number as Go does with base 0: `0x`, `0o`, `0b`, a leading 0 for octal, `_` between
/// digits.
pub(super) fn parse_int(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits, prefixed) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..], true),
        Some("0o") => (8, &lower[2..], true),
        Some("0b") => (2, &lower[2..], true),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, &lower[1..], true),
        _ => (10, lower.as_str(), false),
    };
    if digits.contains('_') {
        let misplaced =
            digits.ends_with('_') || digits.contains("__") || !prefixed && digits.starts_with('_');
        if misplaced {
            return None;
        }
    }
    let digits = digits.replace('_', "");
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let value = i128::from_str_radix(&digits, radix).ok()?;
    Some(if negative { -value } else { value })
}

/// Returns `true` if each `_` of a number without a sign stands between digits, or behind `0x` and the like.
fn has_underscores_between_digits(body: &str) -> bool {
    let is_hex = body.starts_with("0x");
    let prefix = ["0x", "0o", "0b"].into_iter().find(|prefix| body.starts_with(prefix));
    let is_digit = |b: u8| b.is_ascii_digit() || is_hex && b.is_ascii_hexdigit();
    let bytes = body.as_bytes();
    let start = prefix.map_or(0, str::len);
    bytes.iter().enumerate().filter(|(_, b)| **b == b'_').all(|(i, _)| {
        let before =
            i == start && start > 0 || i > start && bytes.get(i - 1).is_some_and(|b| is_digit(*b));
        before && bytes.get(i + 1).is_some_and(|b| is_digit(*b))
    })
}

/// Reads a floating-point number as Go's `ParseFloat` does, hexadecimal ones included.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    let (negative, body) = match lower.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, lower.strip_prefix('+').unwrap_or(&lower)),
    };
    if !has_underscores_between_digits(body) {
        return None;
    }
    if let Some(hex) = body.strip_prefix("0x") {
        let (mantissa, exponent) = hex.split_once('p')?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: String = format!("{whole}{fraction}").replace('_', "");
        let mut value = 0.0;
        for c in digits.chars() {
            value = value * 16.0 + f64::from(c.to_digit(16)?);
        }
        let exponent: i32 = exponent.parse().ok()?;
        let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?.checked_mul(4)?)?;
        let value = value * 2f64.powi(shift);
        return Some(if negative { -value } else { value });
    }
    let special = matches!(body, "inf" | "infinity" | "nan");
    if !special && !body.bytes().all(|b| b.is_ascii_digit() || b".e+-_".contains(&b)) {
        return None;
    }
    let value: f64 = body.replace('_', "").parse().ok()?;
    if value.is_infinite() && !special {
        return None;
    }
    Some(if negative { -value } else { value })
}
