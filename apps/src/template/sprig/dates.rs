//! Dates as layouts of Go say: an example of how the second of January 2006 is written.

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// From that of the first of January 1970 on.
const DAYS: [&str; 7] =
    ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

/// What a layout may have; of those that begin alike, the longest comes first.
const PARTS: [(&str, Part); 38] = [
    ("January", Part::Month),
    ("Jan", Part::ShortMonth),
    ("Monday", Part::Day),
    ("Mon", Part::ShortDay),
    ("MST", Part::Zone),
    ("01", Part::Number(Field::Month, 2)),
    ("002", Part::Number(Field::YearDay, 3)),
    ("02", Part::Number(Field::Day, 2)),
    ("03", Part::Number(Field::Hour12, 2)),
    ("04", Part::Number(Field::Minute, 2)),
    ("05", Part::Number(Field::Second, 2)),
    ("06", Part::Number(Field::ShortYear, 2)),
    ("15", Part::Number(Field::Hour, 2)),
    ("1", Part::Number(Field::Month, 1)),
    ("2006", Part::Number(Field::Year, 4)),
    ("2", Part::Number(Field::Day, 1)),
    ("_2006", Part::UnderYear),
    ("__2", Part::Blank(Field::YearDay, 3)),
    ("_2", Part::Blank(Field::Day, 2)),
    ("3", Part::Number(Field::Hour12, 1)),
    ("4", Part::Number(Field::Minute, 1)),
    ("5", Part::Number(Field::Second, 1)),
    ("PM", Part::Text(["AM", "PM"])),
    ("pm", Part::Text(["am", "pm"])),
    ("-07:00:00", Part::Offset("+00:00:00")),
    ("-070000", Part::Offset("+000000")),
    ("-07:00", Part::Offset("+00:00")),
    ("-0700", Part::Offset("+0000")),
    ("-07", Part::Offset("+00")),
    ("Z07:00:00", Part::Offset("Z")),
    ("Z070000", Part::Offset("Z")),
    ("Z07:00", Part::Offset("Z")),
    ("Z0700", Part::Offset("Z")),
    ("Z07", Part::Offset("Z")),
    (".0", Part::Fraction),
    (",0", Part::Fraction),
    (".9", Part::Fraction),
    (",9", Part::Fraction),
];

#[derive(Clone, Copy)]
enum Part {
    Month,
    ShortMonth,
    Day,
    ShortDay,
    Zone,
    /// With zeros before it.
    Number(Field, usize),
    /// With blanks before it.
    Blank(Field, usize),
    /// A year behind an underscore, which is none of its own.
    UnderYear,
    /// Before noon and after.
    Text([&'static str; 2]),
    Offset(&'static str),
    Fraction,
}

#[derive(Clone, Copy)]
enum Field {
    Year,
    ShortYear,
    Month,
    Day,
    YearDay,
    Hour,
    Hour12,
    Minute,
    Second,
}

/// Writes a moment, in seconds since 1970, in a zone of this name that is not ahead of UTC.
pub(super) fn format(seconds: i64, zone: &str, layout: &str) -> String {
    let (day, second) = (seconds.div_euclid(86400), seconds.rem_euclid(86400));
    let (year, month, of_month) = civil(day);
    let year_day = day - first_of_january(year) + 1;
    let hour = second / 3600;
    let number = |field| match field {
        Field::Year => year,
        Field::ShortYear => year.rem_euclid(100),
        Field::Month => month,
        Field::Day => of_month,
        Field::YearDay => year_day,
        Field::Hour => hour,
        Field::Hour12 => (hour + 11) % 12 + 1,
        Field::Minute => second / 60 % 60,
        Field::Second => second % 60,
    };
    let index = |number: i64| usize::try_from(number).unwrap_or_default();
    let month_name = MONTHS.get(index(month - 1)).copied().unwrap_or_default();
    let day_name = DAYS.get(index(day.rem_euclid(7))).copied().unwrap_or_default();
    let mut out = String::new();
    let mut rest = layout;
    while let Some(c) = rest.chars().next() {
        let Some((length, part)) = part_at(rest) else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        match part {
            Part::Month => out += month_name,
            Part::ShortMonth => out += &month_name[..3],
            Part::Day => out += day_name,
            Part::ShortDay => out += &day_name[..3],
            Part::Zone => out += zone,
            Part::Number(field, width) => out += &padded(number(field), width),
            Part::Blank(field, width) => {
                out += &std::format!("{:>width$}", number(field));
            }
            Part::UnderYear => out += &std::format!("_{}", padded(year, 4)),
            Part::Text([before, after]) => out += if hour < 12 { before } else { after },
            Part::Offset(text) => out += text,
            // There are none, so the nines are gone.
            Part::Fraction if rest[1..].starts_with('9') => {}
            Part::Fraction => out += &rest[..length],
        }
        rest = &rest[length..];
    }
    out
}

/// Returns the part that a layout begins with, and its length.
fn part_at(rest: &str) -> Option<(usize, Part)> {
    let (text, part) = PARTS.iter().find(|(text, _)| rest.starts_with(text))?;
    let behind = &rest[text.len()..];
    match part {
        // Longer words are words.
        Part::ShortMonth | Part::ShortDay
            if behind.starts_with(|c: char| c.is_ascii_lowercase()) =>
        {
            None
        }
        Part::Fraction => {
            let digit = text.chars().nth(1)?;
            let length = rest.len() - rest[1..].trim_start_matches(digit).len();
            let ends = !rest[length..].starts_with(|c: char| c.is_ascii_digit());
            ends.then_some((length, *part))
        }
        part => Some((text.len(), *part)),
    }
}

fn padded(number: i64, width: usize) -> String {
    let sign = if number < 0 { "-" } else { "" };
    std::format!("{sign}{:0width$}", number.unsigned_abs())
}

/// Returns year, month and day of a day since 1970, by Gregorian rules.
fn civil(day: i64) -> (i64, i64, i64) {
    // Years begin in March, so that the odd day comes last; 400 years are of one length.
    let shifted = day + 719_468;
    let (era, in_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * in_year + 2) / 153;
    let of_month = in_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + i64::from(month <= 2), month, of_month)
}

/// Returns the day since 1970 with which a year begins.
fn first_of_january(year: i64) -> i64 {
    let past = year - 1;
    365 * (year - 1970) + (past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400)) - 477
}
