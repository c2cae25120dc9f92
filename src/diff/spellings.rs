//! Values that are the same though they are spelled in another way.

use serde_json::Value;

use crate::schema::TypeRef;

/// Fields below which the server respells quantities, `1000m` as `1`.
const QUANTITIES: [&str; 12] = [
    "averageValue",
    "capacity",
    "default",
    "defaultRequest",
    "divisor",
    "hard",
    "limits",
    "max",
    "min",
    "overhead",
    "requests",
    "sizeLimit",
];
/// Fields below which texts are nobody's but the user's: no server reads them.
const TEXTS: [&str; 12] = [
    "annotations",
    "args",
    "binaryData",
    "command",
    "data",
    "env",
    "labels",
    "matchLabels",
    "metadata",
    "stringData",
    "value",
    "values",
];

/// How the server, or a controller, may respell scalars at some place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// Not at all.
    Text,
    /// As a quantity, `1000m` as `1`.
    Quantity,
    /// Perhaps as a duration: who writes a custom resource may read `60m` and write `1h0m0s`.
    Custom,
    /// Not here; perhaps below.
    Plain,
}

impl Spelling {
    /// Returns that of an object; no built-in kind has durations.
    pub(super) fn of(of: Option<TypeRef<'_>>) -> Spelling {
        match of.and_then(TypeRef::name) {
            Some(_) => Spelling::Plain,
            None => Spelling::Custom,
        }
    }

    /// Returns that of a field below.
    pub(super) fn below(self, name: &str) -> Spelling {
        match self {
            // A variable of the environment may be what a container may use.
            Spelling::Text if name == "resourceFieldRef" => Spelling::Plain,
            Spelling::Text | Spelling::Quantity => self,
            _ if TEXTS.contains(&name) => Spelling::Text,
            _ if QUANTITIES.contains(&name) => Spelling::Quantity,
            _ => self,
        }
    }

    /// Returns `true` if a live value is another spelling of the one in the manifest.
    pub(super) fn is_same(self, live: &Value, manifest: &Value) -> bool {
        match self {
            Spelling::Quantity => same_quantity(live, manifest),
            Spelling::Custom => same_duration(live, manifest),
            Spelling::Text | Spelling::Plain => false,
        }
    }
}

/// Returns `true` if the live value is what Go makes of a duration, such as `1h0m0s` of `60m`.
fn same_duration(live: &Value, manifest: &Value) -> bool {
    let (Some(live), Some(manifest)) = (live.as_str(), manifest.as_str()) else { return false };
    // Go ends all with seconds.
    live.ends_with('s') && duration(live).is_some_and(|live| duration(manifest) == Some(live))
}

/// Returns a duration in nanoseconds as Go writes it: numbers, each with a unit.
fn duration(text: &str) -> Option<i128> {
    const UNITS: [(&str, i128); 6] = [
        ("ns", 1),
        ("us", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    let mut rest = text;
    let mut sum: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, behind) = rest.split_at(end);
        let end = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        let (_, size) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let number: i128 = number.parse().ok().filter(|_| number.len() < 16)?;
        sum = sum.checked_add(number.checked_mul(*size)?)?;
        rest = behind;
    }
    (!text.is_empty()).then_some(sum)
}

fn same_quantity(a: &Value, b: &Value) -> bool {
    let parse = |value: &Value| match value {
        Value::String(text) => quantity(text),
        Value::Number(number) => quantity(&number.to_string()),
        _ => None,
    };
    parse(a).is_some_and(|a| parse(b) == Some(a))
}

/// Returns a quantity in billionths, nothing if it is none or too large.
pub(super) fn quantity(text: &str) -> Option<i128> {
    let digits = text.trim_start_matches(['+', '-']);
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    let (number, suffix) = digits.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() > 18 || fraction.len() > 9 || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let billionths: i128 = format!("{whole}{fraction:0<9}").parse().ok()?;
    let decimal = |exponent: i32| -> Option<i128> {
        let factor = 10_i128.checked_pow(exponent.unsigned_abs())?;
        if exponent < 0 { Some(billionths / factor) } else { billionths.checked_mul(factor) }
    };
    let binary = |power: u32| billionths.checked_mul(1024_i128.checked_pow(power)?);
    let size = match suffix {
        "" => Some(billionths),
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        _ => decimal(suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    }?;
    Some(if text.starts_with('-') { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_many_spellings() {
        for (a, b) in [("1000m", "1"), ("0.5", "500m"), ("1Gi", "1024Mi"), ("1e3", "1k")] {
            assert!(quantity(a).is_some() && quantity(a) == quantity(b), "{a} {b}");
        }
        assert_ne!(quantity("1G"), quantity("1Gi"));
        assert_eq!(quantity("5x"), None);
        assert_eq!(duration("1h"), duration("60m0s"));
        assert!(duration("1h").is_some() && duration("5").is_none() && duration("").is_none());
        assert_eq!(quantity(""), None);
    }
}
