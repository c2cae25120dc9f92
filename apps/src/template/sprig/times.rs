//! Functions on durations, and on dates as far as they need neither a clock nor its zone; see `refused`.

use super::super::function::{Args, Failure, Function, function};
use super::super::value::{IntType, Value};
use super::{Outcome, cast, dates, text};

pub(super) const FUNCTIONS: &[Function] = &[
    function("duration", "a", |args| {
        // Odd: a number that is neither a text nor an int64 is 0 seconds.
        let counts = matches!(args.any(0), Value::Str(_) | Value::Int(_, IntType::Int64));
        text(duration(if counts { cast::int(args.any(0)) } else { 0 }))
    }),
    function("durationRound", "a", duration_round),
    function("date", "sa", of_clock),
    function("date_in_zone", "sas", |args| in_zone(args, args.str(0), args.any(1), args.str(2))),
    function("dateInZone", "sas", |args| in_zone(args, args.str(0), args.any(1), args.str(2))),
    function("date_modify", "sa", of_clock),
    function("dateModify", "sa", of_clock),
    function("must_date_modify", "sa", of_clock),
    function("mustDateModify", "sa", of_clock),
    function("toDate", "ss", of_clock),
    function("mustToDate", "ss", of_clock),
    function("htmlDate", "a", of_clock),
    function("htmlDateInZone", "as", |args| in_zone(args, "2006-01-02", args.any(0), args.str(1))),
    function("unixEpoch", "a", of_clock),
];

fn of_clock(_: &Args<'_>) -> Result<Value, Failure> {
    Err("it depends on the clock or its zone, so a preview cannot know its value".into())
}

/// Writes a date that is given in seconds since 1970, as a Go layout says.
fn in_zone(args: &Args<'_>, layout: &str, date: &Value, zone: &str) -> Outcome {
    // Each character may begin one of many parts.
    args.will_read(layout.len().saturating_mul(10))?;
    // Odd: the present takes the place of what is no date, as a number from a file.
    let Value::Int(seconds, IntType::Int | IntType::Int64) = date else {
        return Err(
            "it depends on the clock or its zone, so a preview cannot know its value".into()
        );
    };
    let name = match zone {
        "" | "UTC" | "Etc/UTC" => "UTC",
        "GMT" | "Etc/GMT" => "GMT",
        _ => {
            let message = format!(
                "it depends on the rules of the time zone {zone:?}, which are not known here; \"UTC\" is"
            );
            return Err(message.into());
        }
    };
    text(dates::format(*seconds, name, layout))
}

/// Spells seconds as Go spells a duration: `1m35s`.
fn duration(seconds: i64) -> String {
    let size = seconds.unsigned_abs();
    let (hours, minutes, rest) = (size / 3600, size / 60 % 60, size % 60);
    let sign = if seconds < 0 { "-" } else { "" };
    match (hours, minutes) {
        (0, 0) => format!("{sign}{rest}s"),
        (0, _) => format!("{sign}{minutes}m{rest}s"),
        _ => format!("{sign}{hours}h{minutes}m{rest}s"),
    }
}

/// Returns the largest unit of a duration, such as `2h` of `2h10m5s`.
fn duration_round(args: &Args<'_>) -> Outcome {
    let nanoseconds = match args.any(0) {
        Value::Str(text) => parsed(text).unwrap_or(0.0),
        // Odd: a number counts nanoseconds.
        Value::Int(value, IntType::Int64) => *value as f64,
        _ => 0.0,
    };
    let seconds = nanoseconds.abs() / 1e9;
    let units = [
        ("y", 365.0 * 86400.0),
        ("mo", 30.0 * 86400.0),
        ("d", 86400.0),
        ("h", 3600.0),
        ("m", 60.0),
        ("s", 1.0),
    ];
    let unit = units.iter().find(|(_, length)| seconds > *length);
    match unit {
        Some((name, length)) => text(format!("{}{name}", (seconds / length).floor())),
        None => text("0s"),
    }
}

/// Reads a duration of Go, in nanoseconds.
fn parsed(text: &str) -> Option<f64> {
    let mut rest = text.trim_start_matches(['+', '-']);
    if rest.is_empty() {
        return None;
    }
    let mut sum = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        sum += number
            * match &rest[..end] {
                "ns" => 1.0,
                "us" | "µs" | "μs" => 1e3,
                "ms" => 1e6,
                "s" => 1e9,
                "m" => 60e9,
                "h" => 3600e9,
                _ => return None,
            };
        rest = &rest[end..];
    }
    Some(sum)
}
