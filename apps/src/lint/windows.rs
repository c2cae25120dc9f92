//! Sync windows: when Argo CD may sync.

use serde_json::Value as Json;

use super::{Subject, glob};
use crate::application::{Application, Origin};
use crate::preview::remark;
use crate::problem::Problem;

/// A moment in UTC, to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Minutes since 1970 began.
    minutes: i64,
}

/// Whether an Application may be synced at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// By itself and by hand.
    Allowed,
    /// By hand only.
    ManualOnly,
    /// Not at all.
    Denied,
    /// It depends on a window that cannot be judged here.
    Unknown(String),
}

impl Moment {
    /// Reads `2026-11-27T17:30Z`, or with seconds and an offset such as `+01:00`.
    pub fn parse(text: &str) -> Option<Moment> {
        let (date, time) = text.split_once(['T', ' '])?;
        let mut parts = date.split('-');
        let mut next = || parts.next().and_then(|part| part.parse::<i64>().ok());
        let (year, month, day) = (next()?, next()?, next()?);
        let (clock, offset) = match time.strip_suffix('Z') {
            Some(clock) => (clock, 0),
            None => {
                let at = time.rfind(['+', '-'])?;
                let (hours, minutes) = time[at + 1..].split_once(':')?;
                let size = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
                (&time[..at], if time[at..].starts_with('-') { -size } else { size })
            }
        };
        let mut parts = clock.split(':');
        let mut next = || parts.next().and_then(|part| part.parse::<i64>().ok());
        let (hour, minute) = (next()?, next()?);
        let valid = (1970..10000).contains(&year)
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && offset.abs() < 24 * 60;
        valid.then(|| Moment {
            minutes: days(year, month, day) * 1440 + hour * 60 + minute - offset,
        })
    }

    /// Returns minute, hour, day, month, and day of the week from Sunday.
    fn fields(self) -> [i64; 5] {
        let days = self.minutes.div_euclid(1440);
        let minute = self.minutes.rem_euclid(1440);
        let (month, day) = month_and_day(days);
        [minute % 60, minute / 60, day, month, (days + 4).rem_euclid(7)]
    }
}

/// Returns the days since 1970 began.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is the last one.
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719_468
}

fn month_and_day(days: i64) -> (i64, i64) {
    let days = days + 719_468;
    let era = days.rem_euclid(146_097);
    let year = (era - era / 1460 + era / 36_524 - era / 146_096) / 365;
    let of_year = era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    (if month < 10 { month + 3 } else { month - 9 }, of_year - (153 * month + 2) / 5 + 1)
}

/// Five sets of numbers: minutes, hours, days, months, days of the week.
struct Schedule {
    fields: [Vec<bool>; 5],
    /// Whether a day, and a day of the week, is asked for.
    days: [bool; 2],
}

impl Schedule {
    fn parse(text: &str) -> Result<Schedule, String> {
        let text = match text {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" | "@annually" => "0 0 1 1 *",
            text => text,
        };
        let parts: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = parts.as_slice() else {
            return Err(format!("the schedule {text:?} has not five fields"));
        };
        let months = "jan feb mar apr may jun jul aug sep oct nov dec";
        let weekdays = "sun mon tue wed thu fri sat";
        let fields = [
            field(minute, 0, 59, "")?,
            field(hour, 0, 23, "")?,
            field(day, 1, 31, "")?,
            field(month, 1, 12, months)?,
            field(weekday, 0, 6, weekdays)?,
        ];
        let asked = |part: &str| !part.starts_with(['*', '?']);
        Ok(Schedule { fields, days: [asked(day), asked(weekday)] })
    }

    fn starts_at(&self, moment: Moment) -> bool {
        let on: Vec<bool> = self
            .fields
            .iter()
            .zip(moment.fields())
            .map(|(set, value)| usize::try_from(value).ok().and_then(|i| set.get(i)) == Some(&true))
            .collect();
        let [minute, hour, day, month, weekday] = on.as_slice() else { return false };
        // If both days are asked for, one of them is enough.
        let day = if self.days == [true, true] { *day || *weekday } else { *day && *weekday };
        *minute && *hour && *month && day
    }

    /// Returns `true` if a window of a length that began at some time is still open.
    fn is_open(&self, moment: Moment, minutes: i64) -> bool {
        (0..minutes).any(|ago| self.starts_at(Moment { minutes: moment.minutes - ago }))
    }
}

fn field(text: &str, low: usize, high: usize, names: &str) -> Result<Vec<bool>, String> {
    let invalid = || format!("{text:?} is not part of a schedule");
    let number = |text: &str| {
        let named =
            names.split(' ').position(|name| !name.is_empty() && name == text.to_lowercase());
        let value = named.map(|i| i + low).or_else(|| text.parse().ok());
        value.filter(|value| (low..=high).contains(value)).ok_or_else(invalid)
    };
    let mut set = vec![false; high + 1];
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<usize>().map_err(|_| invalid())?)),
            None => (part, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" || range == "?" => (low, high),
            Some((from, to)) => (number(from)?, number(to)?),
            None => {
                let from = number(range)?;
                (from, if step.is_some() { high } else { from })
            }
        };
        if from > to || step == Some(0) {
            return Err(invalid());
        }
        (from..=to).step_by(step.unwrap_or(1)).for_each(|i| set[i] = true);
    }
    Ok(set)
}

/// Reads a duration of Go, in minutes.
fn duration(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        let unit = rest[end..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |i| end + i);
        seconds += number
            * match &rest[end..unit] {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    // A window of years is one of a year.
    #[expect(clippy::cast_possible_truncation, reason = "bounded")]
    let minutes = (seconds / 60.0).clamp(0.0, 525_600.0) as i64;
    (!text.is_empty()).then_some(minutes)
}

fn windows(project: &Json) -> &[Json] {
    project.pointer("/spec/syncWindows").and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

/// Checks that the windows of an AppProject can be read.
pub(super) fn check_project(project: &Json, origin: &Origin, problems: &mut Vec<Problem>) {
    let name = project.pointer("/metadata/name").and_then(Json::as_str).unwrap_or_default();
    for (i, window) in windows(project).iter().enumerate() {
        let text = |key: &str| window.get(key).and_then(Json::as_str).unwrap_or_default();
        let kind = match text("kind") {
            "allow" | "deny" => Ok(()),
            other => Err(format!("the kind {other:?} is neither allow nor deny")),
        };
        let length = duration(text("duration")).map(|_| ()).ok_or_else(|| {
            let written = window.get("duration").unwrap_or(&Json::Null);
            format!("the duration {written} cannot be read; one is a text such as \"64h\"")
        });
        let schedule = Schedule::parse(text("schedule")).map(|_| ());
        if let Err(message) = kind.and(schedule).and(length) {
            problems.push(
                Problem::warning("window-invalid", format!("spec.syncWindows.{i}: {message}"))
                    .at(&origin.file, origin.line)
                    .about(format!("AppProject {name}")),
            );
        }
    }
}

/// Returns `true` if a window is about an Application.
fn applies(window: &Json, application: &Application) -> bool {
    let matched = |key: &str, values: &[&str]| {
        let patterns = window.get(key).and_then(Json::as_array).filter(|list| !list.is_empty())?;
        let mut patterns = patterns.iter().filter_map(Json::as_str);
        Some(patterns.any(|pattern| values.iter().any(|value| glob(pattern, value))))
    };
    let all = [
        matched("applications", &[application.name()]),
        matched("namespaces", &[application.destination_namespace()]),
        matched("clusters", &[application.server(), application.cluster_name()]),
    ];
    let mut given = all.into_iter().flatten().peekable();
    if window.get("andOperator") == Some(&Json::Bool(true)) {
        given.peek().is_some() && given.all(|matched| matched)
    } else {
        given.any(|matched| matched)
    }
}

/// Finds production Applications without a window.
pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let application = subject.application;
    let is_production =
        [application.name(), application.cluster(), application.destination_namespace()]
            .iter()
            .any(|text| {
                text.split(|c: char| !c.is_alphanumeric())
                    .any(|word| matches!(word, "prod" | "production"))
            });
    let automated = application.object().pointer("/spec/syncPolicy/automated");
    if !is_production || automated.is_none_or(Json::is_null) {
        return;
    }
    let Some(project) = subject.project else { return };
    if !windows(project).iter().any(|window| applies(window, application)) {
        let message = format!(
            "no sync window of the AppProject {} keeps Friday afternoons and weekend nights out of production",
            application.project()
        );
        problems.push(remark("no-sync-window", message, application));
    }
}

/// Judges a moment by the windows: deny beats allow, and where there is an allow window, outside of all
/// is denied.
pub(super) fn verdict(
    application: &Application,
    project: Option<&Json>,
    moment: Moment,
) -> Verdict {
    let own = project.map(windows).unwrap_or_default();
    let (mut denies, mut allows, mut open) = (Vec::new(), Vec::new(), false);
    for window in own.iter().filter(|window| applies(window, application)) {
        let text = |key: &str| window.get(key).and_then(Json::as_str).unwrap_or_default();
        let zone = text("timeZone");
        if !matches!(zone, "" | "UTC" | "Etc/UTC" | "GMT") {
            return Verdict::Unknown(format!("a window is in the time zone {zone}"));
        }
        let (schedule, length) =
            match (Schedule::parse(text("schedule")), duration(text("duration"))) {
                (Ok(schedule), Some(length)) => (schedule, length),
                (Err(e), _) => return Verdict::Unknown(e),
                (_, None) => {
                    return Verdict::Unknown("the duration of a window cannot be read".to_owned());
                }
            };
        let active = schedule.is_open(moment, length);
        let manual = window.get("manualSync") == Some(&Json::Bool(true));
        match text("kind") {
            "deny" if active => denies.push(manual),
            "allow" => {
                open |= active;
                allows.push(manual);
            }
            _ => {}
        }
    }
    let blocked = |manual: Vec<bool>| match manual.iter().all(|manual| *manual) {
        true => Verdict::ManualOnly,
        false => Verdict::Denied,
    };
    if !denies.is_empty() {
        blocked(denies)
    } else if !allows.is_empty() && !open {
        blocked(allows)
    } else {
        Verdict::Allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_say_when_a_window_is_open() {
        let friday = Schedule::parse("0 16 * * 5").unwrap();
        for (time, minutes, wanted) in [
            ("2026-11-27T16:00Z", 60, true),
            ("2026-11-27T15:59Z", 60, false),
            ("2026-11-27T17:00:00Z", 60, false),
            ("2026-11-27T17:30:00+01:00", 60, true),
            ("2026-11-29T12:00Z", 64 * 60, true),
        ] {
            assert_eq!(friday.is_open(Moment::parse(time).unwrap(), minutes), wanted, "{time}");
        }
        for text in ["* * * *", "60 * * * *", "5-1 * * * *", "*/0 * * * *", "x * * * *"] {
            assert!(Schedule::parse(text).is_err(), "{text}");
        }
        assert!(Schedule::parse("*/15 8-18 * jan,feb mon-fri").is_ok());
        assert_eq!(
            (duration("1h30m"), duration("64h"), duration("1x")),
            (Some(90), Some(3840), None)
        );
        assert_eq!(Moment::parse("2024-02-29T00:00Z").unwrap().fields(), [0, 0, 29, 2, 4]);
        assert_eq!(Moment::parse("2024-13-01T00:00Z"), None);
    }
}
