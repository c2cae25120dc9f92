//! Times, and schedules that come round, as Argo CD reads them.

use super::zones::Zone;

/// A moment in UTC, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Seconds since 1970 began.
    seconds: i64,
}

/// How many years are looked ahead for the next time.
const YEARS: i64 = 5;

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

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
        let second = match clock.split(':').nth(2) {
            Some(second) => second.split('.').next()?.parse::<i64>().ok()?,
            None => 0,
        };
        let valid = (1970..10000).contains(&year)
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second)
            && offset.abs() < 24 * 60;
        let minutes = hour * 60 + minute - offset;
        valid.then(|| Moment { seconds: days(year, month, day) * DAY + minutes * MINUTE + second })
    }

    /// Returns the seconds since 1970 began.
    pub fn seconds(self) -> i64 {
        self.seconds
    }

    /// Returns the moment some seconds after.
    pub(super) fn after(self, seconds: i64) -> Moment {
        Moment { seconds: self.seconds + seconds }
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
    let (_, month, day) = date(days);
    (month, day)
}

fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (eras, era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (era - era / 1460 + era / 36_524 - era / 146_096) / 365;
    let of_year = era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    // Years begin in March.
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    (eras * 400 + year, month, day)
}

/// Five sets of numbers: minutes, hours, days, months, days of the week.
pub(super) struct Schedule {
    fields: [Vec<bool>; 5],
    /// Whether a day, and a day of the week, is asked for.
    days: [bool; 2],
    /// The time zone that it names itself.
    pub(super) zone: Option<Zone>,
}

impl Schedule {
    /// Reads a schedule as Argo CD does: five fields, no `@weekly`, and perhaps a time zone in front.
    pub(super) fn parse(text: &str) -> Result<Schedule, String> {
        let mut text = text.trim();
        let mut zone = None;
        if let Some((_, rest)) =
            text.split_once('=').filter(|(key, _)| matches!(*key, "TZ" | "CRON_TZ"))
        {
            let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            let own = Zone::of(name);
            zone = Some(own.ok_or_else(|| format!("there is no time zone {name:?}"))?);
            text = rest.trim();
        }
        if text.starts_with('@') {
            return Err(format!(
                "Argo CD does not take {text:?}: the schedule has to have five fields"
            ));
        }
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
        // `*/2` asks for some of the days.
        let is_any = |part: &str| matches!(part, "*" | "?" | "*/1" | "?/1");
        let asked = |field: &str| !field.split(',').any(is_any);
        Ok(Schedule { fields, days: [asked(day), asked(weekday)], zone })
    }

    /// Returns `true` if it asks for something on a day, counted from the first of 1970.
    fn is_on(&self, days: i64) -> bool {
        let (month, day) = month_and_day(days);
        let [.., day_set, month_set, weekday_set] = &self.fields;
        let has = |set: &[bool], value: i64| {
            usize::try_from(value).ok().and_then(|i| set.get(i)) == Some(&true)
        };
        let (day, weekday) = (has(day_set, day), has(weekday_set, (days + 4).rem_euclid(7)));
        // If both days are asked for, one of them is enough.
        let is_day = if self.days == [true, true] { day || weekday } else { day && weekday };
        has(month_set, month) && is_day
    }

    /// Returns `true` if it comes round in the five years after a day's, as far as Argo CD looks ahead.
    fn comes_after(&self, days: i64) -> bool {
        let last = date(days).0 + YEARS;
        (days..).take_while(|days| date(*days).0 <= last).any(|days| self.is_on(days))
    }

    /// Returns `true` if it ever comes round, as 30 February does not.
    pub(super) fn comes(&self) -> bool {
        (0..).take_while(|days| date(*days).0 < 1980).any(|days| self.is_on(days))
    }

    /// Returns `true` if a window of a length that began before a moment is still open. It is not at the very
    /// moment when it begins. One that does not come round is always open: in the place of the next time, Argo CD has
    /// the beginning of all times, which is past.
    pub(super) fn is_open(&self, moment: Moment, seconds: i64) -> bool {
        let earliest = moment.seconds - seconds;
        let [minutes, hours, ..] = &self.fields;
        // The last minute that began before the moment.
        let last = (moment.seconds - 1).div_euclid(MINUTE);
        let last_day = (last * MINUTE).div_euclid(DAY);
        for day in (earliest.div_euclid(DAY)..=last_day).rev().filter(|day| self.is_on(*day)) {
            let limit = if day == last_day { last - day * DAY / MINUTE } else { DAY / MINUTE };
            let starts =
                (0..24).rev().zip(hours.iter().rev()).filter(|(_, is_asked)| **is_asked).flat_map(
                    |(hour, _)| {
                        let minutes = (0..60).rev().zip(minutes.iter().rev());
                        minutes.filter(|(_, is_asked)| **is_asked).map(move |(m, _)| hour * 60 + m)
                    },
                );
            if let Some(start) = { starts }.find(|start: &i64| *start <= limit) {
                return day * DAY + start * MINUTE > earliest;
            }
        }
        !self.comes_after(earliest.div_euclid(DAY))
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

/// Reads a duration of Go, in seconds.
pub(super) fn duration(text: &str) -> Option<i64> {
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
                "ms" => 1e-3,
                "us" | "µs" | "μs" => 1e-6,
                "ns" => 1e-9,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    // A window of years is one of a year.
    #[expect(clippy::cast_possible_truncation, reason = "bounded")]
    let seconds = seconds.clamp(0.0, 366.0 * 86_400.0) as i64;
    (!text.is_empty()).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_say_when_a_window_is_open() {
        let friday = Schedule::parse("0 16 * * 5").unwrap();
        for (time, minutes, wanted) in [
            ("2026-11-27T16:00Z", 60, false),
            ("2026-11-27T16:00:01Z", 60, true),
            ("2026-11-27T16:59:59.5Z", 60, true),
            ("2026-11-27T15:59Z", 60, false),
            ("2026-11-27T17:00:00Z", 60, false),
            ("2026-11-27T17:30:00+01:00", 60, true),
            ("2026-11-29T12:00Z", 64 * 60, true),
            ("2026-11-30T07:59Z", 64 * 60, true),
            ("2026-11-30T08:00Z", 64 * 60, false),
            ("2026-11-27T16:00:01Z", 0, false),
        ] {
            let moment = Moment::parse(time).unwrap();
            assert_eq!(friday.is_open(moment, minutes * 60), wanted, "{time}");
        }
        let often = Schedule::parse("10,40 */6 * * *").unwrap();
        let open = |time: &str| often.is_open(Moment::parse(time).unwrap(), 600);
        for (time, wanted) in [
            ("2026-11-27T00:09Z", false),
            ("2026-11-27T00:10:30Z", true),
            ("2026-11-27T00:41Z", true),
            ("2026-11-27T00:50Z", false),
            ("2026-11-27T05:45Z", false),
            ("2026-11-27T18:49Z", true),
        ] {
            assert_eq!(open(time), wanted, "{time}");
        }
        for text in [
            "* * * *",
            "60 * * * *",
            "5-1 * * * *",
            "*/0 * * * *",
            "x * * * *",
            "0 0 * * 7",
            "@weekly",
            "CRON_TZ=Europe/Berln 0 0 * * *",
            "CRON_TZ=UTC",
        ] {
            assert!(Schedule::parse(text).is_err(), "{text}");
        }
        assert!(Schedule::parse("*/15 8-18 * jan,feb mon-fri").is_ok());
        let own = Schedule::parse("CRON_TZ=Europe/Berlin 0 0 * * *").unwrap();
        assert_eq!(own.zone, Zone::of("Europe/Berlin"));
        // A Friday that is no odd day: either is enough, as every other day asks for a day.
        let either = Schedule::parse("0 0 */2 * fri").unwrap();
        assert!(either.is_open(Moment::parse("2026-12-04T00:00:01Z").unwrap(), 60));
        assert_eq!(
            (duration("1h30m"), duration("64h"), duration("1x")),
            (Some(5400), Some(230_400), None)
        );
        for (year, month, day) in [(2024, 2, 29), (1970, 1, 1), (2099, 12, 31), (2100, 3, 1)] {
            assert_eq!(date(days(year, month, day)), (year, month, day));
        }
        assert_eq!(Moment::parse("2024-13-01T00:00Z"), None);
    }

    #[test]
    fn a_window_that_never_comes_is_always_open() {
        for (text, time, wanted) in [
            ("0 12 30 2 *", "2026-11-27T16:00Z", true),
            ("0 12 31 4,6 *", "2026-11-27T16:00Z", true),
            ("0 12 30 2 mon", "2026-11-27T16:00Z", false),
            ("0 12 29 2 *", "2026-11-27T16:00Z", false),
            ("0 12 1 1 *", "2026-11-27T16:00Z", false),
            // 2100 has no 29 February.
            ("0 12 29 2 *", "2097-11-27T16:00Z", true),
        ] {
            let schedule = Schedule::parse(text).unwrap();
            let moment = Moment::parse(time).unwrap();
            assert_eq!(schedule.is_open(moment, 3600), wanted, "{text} {time}");
        }
        assert!(!Schedule::parse("0 12 30 2 *").unwrap().comes());
        assert!(Schedule::parse("0 12 29 2 *").unwrap().comes());
    }
}
