//! Schedules of CronJobs.

use crate::checks::kubernetes::is_filled_in;
use crate::checks::positions::place_or;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::yaml::{Node, nearest};

/// The fields of a schedule: what they are, the least and largest number, and the names for numbers.
const FIELDS: &[(&str, u32, u32, &[&str])] = &[
    ("minute", 0, 59, &[]),
    ("hour", 0, 23, &[]),
    ("day of the month", 1, 31, &[]),
    (
        "month",
        1,
        12,
        &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    ),
    ("day of the week", 0, 6, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
];

/// Schedules that have a name.
const NAMED: &[&str] =
    &["@annually", "@daily", "@hourly", "@midnight", "@monthly", "@weekly", "@yearly"];

/// Looks at the schedule of a CronJob.
pub(in crate::checks) fn check(lint: &Lint, resource: &Resource, value: &Node) {
    let given = value.text().unwrap_or_default();
    if given.is_empty() || is_filled_in(given) {
        return;
    }
    let Some((why, hint)) = wrong(given) else { return };
    let text =
        format!("{} {}: {why}, and the API server refuses it", resource.kind(), resource.name());
    lint.add(
        Warning::new(WarningKind::InvalidValue, text, place_or(value.pos(), resource)).hint(hint),
    );
}

/// Returns what is wrong with a schedule, and what to do.
fn wrong(given: &str) -> Option<(String, String)> {
    if given.starts_with('@') {
        if NAMED.contains(&given) || given.starts_with("@every ") {
            return None;
        }
        let hint = match nearest(NAMED.iter().copied(), given) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there is {}", NAMED.join(", ")),
        };
        return Some((format!("there is no schedule `{given}`"), hint));
    }
    if given.contains("TZ=") {
        return Some(with_time_zone(given));
    }
    let parts: Vec<&str> = given.split_ascii_whitespace().collect();
    if parts.len() != FIELDS.len() {
        let hint = with_five(&parts);
        let why = format!("the schedule `{given}` has {} fields and not five", parts.len());
        return Some((why, hint));
    }
    first_wrong(given, &parts)
}

/// Returns what is wrong with a schedule that has a time zone in it, and what to do.
fn with_time_zone(given: &str) -> (String, String) {
    let split = given.split_once("TZ=").and_then(|(_, rest)| rest.split_once(' '));
    let hint = match split {
        Some((zone, rest)) => {
            format!("write `schedule: \"{}\"` and beside it `timeZone: {zone}`", rest.trim())
        }
        None => "write the time zone beside it, as in `timeZone: Europe/Berlin`".to_owned(),
    };
    (format!("the schedule `{given}` has a time zone in it"), hint)
}

/// Returns what is wrong with the first wrong one of five fields.
fn first_wrong(given: &str, parts: &[&str]) -> Option<(String, String)> {
    parts.iter().zip(FIELDS).find_map(|(part, field)| out_of_range(given, part, field))
}

/// Returns how a schedule with too many or too few fields may be meant.
fn with_five(parts: &[&str]) -> String {
    let written = |parts: &[&str]| {
        let is_one = parts.len() == FIELDS.len() && first_wrong("", parts).is_none();
        is_one.then(|| format!("`schedule: \"{}\"`", parts.join(" ")))
    };
    let year =
        parts.split_last().filter(|(last, _)| last.len() == 4 && last.parse::<u32>().is_ok());
    if let Some(without) = year.and_then(|(_, rest)| written(rest)) {
        return format!("leave out the year: {without}");
    }
    let star = parts.iter().rposition(|part| *part == "*").and_then(|at| {
        let (before, after) = parts.split_at_checked(at)?;
        written(&[before, after.get(1..)?].concat())
    });
    let seconds = parts.split_first().filter(|(first, _)| first.parse::<u32>().is_ok());
    match (star, seconds.and_then(|(_, rest)| written(rest))) {
        (Some(one), Some(other)) if one != other => {
            format!(
                "write {one} if a `*` is too many, or {other} if the first field is for seconds"
            )
        }
        (Some(one), _) => format!("leave out a `*`: {one}"),
        (None, Some(other)) => format!("leave out the seconds: {other}"),
        (None, None) => {
            "write minute, hour, day of the month, month and day of the week, as in `\"0 3 * * *\"`"
                .to_owned()
        }
    }
}

/// Returns what is wrong with one field of a schedule.
fn out_of_range(
    given: &str,
    part: &str,
    (what, least, most, names): &(&str, u32, u32, &[&str]),
) -> Option<(String, String)> {
    let fits = |word: &str| {
        let is_name = names.iter().any(|name| name.eq_ignore_ascii_case(word));
        is_name || word.parse::<u32>().is_ok_and(|number| (*least..=*most).contains(&number))
    };
    let wrong = part.split(',').find_map(|range| {
        let (range, step) = range.split_once('/').map_or((range, "1"), |(a, b)| (a, b));
        let is_step = step.parse::<u32>().is_ok_and(|step| step > 0);
        if !is_step {
            return Some(step);
        }
        // `H` is filled in by others.
        range
            .split('-')
            .find(|word| !matches!(*word, "*" | "?") && !word.contains('H') && !fits(word))
    })?;
    let hint = match (*what, wrong) {
        ("day of the week", "7") => "write `0` for Sunday".to_owned(),
        _ if names.is_empty() => format!("write {least} to {most}"),
        _ => format!("write {least} to {most}, or the first three letters of a name"),
    };
    Some((format!("`{wrong}` in the schedule `{given}` is no {what}"), hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_have_fields_in_their_ranges() {
        for fine in ["0 3 * * *", "*/5 0-6,22 1 JAN mon-fri", "@daily", "@every 1h", "0 0 ? * 0"] {
            assert_eq!(wrong(fine), None, "{fine}");
        }
        for refused in [
            "CRON_TZ=UTC 0 3 * * *",
            "0 24 * * *",
            "60 * * * *",
            "0 3 * *",
            "* * * * 7",
            "@dayly",
            "*/0 * * * *",
        ] {
            assert!(wrong(refused).is_some(), "{refused}");
        }
    }

    #[test]
    fn a_field_too_many_is_left_out_only_where_the_rest_is_a_schedule() {
        let hint = |given| wrong(given).map(|(_, hint)| hint).unwrap_or_default();
        let both = hint("0 6 * * * 1-5");
        assert!(
            both.contains("\"0 6 * * 1-5\"` if a `*`")
                && both.contains("or `schedule: \"6 * * * 1-5\"`")
        );
        for (given, meant) in [
            ("*/5 * * * * *", "leave out a `*`: `schedule: \"*/5 * * * *\"`"),
            ("0 6 * * 1-5 2026", "leave out the year: `schedule: \"0 6 * * 1-5\"`"),
            ("0 15 6 1 1 1", "leave out the seconds: `schedule: \"15 6 1 1 1\"`"),
        ] {
            assert_eq!(hint(given), meant);
        }
        assert!(hint("0 6 * *").starts_with("write minute, hour"));
    }
}
