//! Decimal arithmetic, so that 0.1 and 0.2 make 0.3.

/// How many digits after the point a quotient has.
const DIVISION_DIGITS: u32 = 16;
/// More digits than that are left to floating-point numbers.
const MOST_DIGITS: i32 = 36;

/// A number of which the decimal digits are known, or one that has too many.
#[derive(Clone, Copy)]
pub(super) enum Decimal {
    /// The digits, and how many of them are after the point.
    Exact(i128, u32),
    Float(f64),
}

impl From<f64> for Decimal {
    fn from(value: f64) -> Decimal {
        let text = format!("{value:e}");
        let parsed = text.split_once('e').and_then(|(mantissa, exponent)| {
            let exponent: i32 = exponent.parse().ok()?;
            let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
            let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
            let places = i32::try_from(fraction.len()).ok()? - exponent;
            if places.abs() > MOST_DIGITS / 2 {
                return None;
            }
            match u32::try_from(places) {
                Ok(places) => Some(Decimal::Exact(digits, places)),
                Err(_) => {
                    let factor = 10i128.checked_pow(places.unsigned_abs())?;
                    Some(Decimal::Exact(digits.checked_mul(factor)?, 0))
                }
            }
        });
        parsed.unwrap_or(Decimal::Float(value))
    }
}

impl Decimal {
    pub(super) fn to_float(self) -> f64 {
        match self {
            // A text has no rounding of its own.
            Decimal::Exact(digits, places) => format!("{digits}e-{places}").parse().unwrap_or(0.0),
            Decimal::Float(value) => value,
        }
    }

    pub(super) fn plus(self, other: Decimal) -> Decimal {
        self.aligned(other, i128::checked_add, |a, b| a + b)
    }

    pub(super) fn minus(self, other: Decimal) -> Decimal {
        self.aligned(other, i128::checked_sub, |a, b| a - b)
    }

    pub(super) fn times(self, other: Decimal) -> Decimal {
        let exact = match (self, other) {
            (Decimal::Exact(a, p), Decimal::Exact(b, q)) => a.checked_mul(b).map(|d| (d, p + q)),
            _ => None,
        };
        match exact {
            Some((digits, places)) => Decimal::Exact(digits, places),
            None => Decimal::Float(self.to_float() * other.to_float()),
        }
    }

    /// Divides, rounded to some digits after the point.
    pub(super) fn by(self, other: Decimal) -> Decimal {
        let exact = match (self, other) {
            (Decimal::Exact(a, p), Decimal::Exact(b, q)) => {
                let up = 10i128.checked_pow(DIVISION_DIGITS + q);
                let down = 10i128.checked_pow(p);
                up.and_then(|up| a.checked_mul(up)).zip(down.and_then(|down| b.checked_mul(down)))
            }
            _ => None,
        };
        match exact {
            Some((dividend, divisor)) if divisor != 0 => {
                let (quotient, rest) = (dividend / divisor, dividend % divisor);
                let away = if rest.unsigned_abs() * 2 >= divisor.unsigned_abs() {
                    if (dividend < 0) == (divisor < 0) { 1 } else { -1 }
                } else {
                    0
                };
                Decimal::Exact(quotient + away, DIVISION_DIGITS)
            }
            _ => Decimal::Float(self.to_float() / other.to_float()),
        }
    }

    fn aligned(
        self,
        other: Decimal,
        exact: fn(i128, i128) -> Option<i128>,
        float: fn(f64, f64) -> f64,
    ) -> Decimal {
        let done = match (self, other) {
            (Decimal::Exact(a, p), Decimal::Exact(b, q)) => {
                let places = p.max(q);
                let scaled = |digits: i128, from: u32| {
                    10i128.checked_pow(places - from).and_then(|factor| digits.checked_mul(factor))
                };
                let both = scaled(a, p).zip(scaled(b, q));
                both.and_then(|(a, b)| exact(a, b)).map(|digits| Decimal::Exact(digits, places))
            }
            _ => None,
        };
        done.unwrap_or_else(|| Decimal::Float(float(self.to_float(), other.to_float())))
    }
}
