//! How far a time zone is ahead of UTC at some time, by the system's files (TZif, RFC 9636).

use std::path::Path;

use crate::named_file;

/// Where systems keep the files.
const FOLDERS: [&str; 3] = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo"];

const DAY: i64 = 86_400;

/// Returns by how many seconds a zone is ahead of UTC at a time in seconds since 1970, if the system has a
/// file of that name.
pub(crate) fn offset(zone: &str, at: i64) -> Option<i64> {
    let is_plain = |part: &str| !part.is_empty() && part != ".." && part != ".";
    if !zone.split('/').all(is_plain) {
        return None;
    }
    let files = FOLDERS.iter().map(|folder| Path::new(folder).join(zone));
    let bytes = files.filter_map(|file| named_file::read(&file).ok()).next()?;
    in_file(&bytes, at)
}

/// The numbers of a block's parts.
struct Counts {
    utc: usize,
    standard: usize,
    leaps: usize,
    times: usize,
    types: usize,
    characters: usize,
}

const HEADER: usize = 44;

fn counts(bytes: &[u8]) -> Option<Counts> {
    if bytes.get(..4)? != b"TZif" {
        return None;
    }
    let count = |i: usize| usize::try_from(number(bytes.get(20 + 4 * i..24 + 4 * i)?)).ok();
    Some(Counts {
        utc: count(0)?,
        standard: count(1)?,
        leaps: count(2)?,
        times: count(3)?,
        types: count(4)?,
        characters: count(5)?,
    })
}

impl Counts {
    /// Returns how many bytes a block has whose times have `width`.
    fn bytes(&self, width: usize) -> Option<usize> {
        let parts = [
            self.times.checked_mul(width + 1)?,
            self.types.checked_mul(6)?,
            self.characters,
            self.leaps.checked_mul(width + 4)?,
            self.standard,
            self.utc,
        ];
        parts.into_iter().try_fold(0_usize, usize::checked_add)
    }
}

/// Reads a number, high bytes first, with a sign.
fn number(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|byte| *byte >= 0x80);
    bytes.iter().fold(if negative { -1 } else { 0 }, |sum, byte| sum << 8 | i64::from(*byte))
}

fn in_file(bytes: &[u8], at: i64) -> Option<i64> {
    let mut block = bytes;
    let mut width = 4;
    // The second block has the same in eight bytes.
    if *bytes.get(4)? >= b'2' {
        block = bytes.get(HEADER + counts(bytes)?.bytes(4)?..)?;
        width = 8;
    }
    let counts = counts(block)?;
    let (body, rest) = block.get(HEADER..)?.split_at_checked(counts.bytes(width)?)?;
    let (times, rest_of_body) = body.split_at_checked(counts.times * width)?;
    let (kinds, types) = rest_of_body.split_at_checked(counts.times)?;
    let of_type = |i: usize| Some(number(types.get(6 * i..6 * i + 4)?));
    let begun = times.chunks(width).take_while(|time| number(time) <= at).count();
    let rule = rest.strip_prefix(b"\n").and_then(|rest| rest.split(|byte| *byte == b'\n').next());
    match rule.and_then(|rule| std::str::from_utf8(rule).ok()).filter(|rule| !rule.is_empty()) {
        // After the last change the rule holds.
        Some(rule) if begun == counts.times => by_rule(rule, at),
        _ => match begun.checked_sub(1) {
            Some(last) => of_type(usize::from(*kinds.get(last)?)),
            None => of_type(0),
        },
    }
}

/// Returns what a rule such as `CET-1CEST,M3.5.0,M10.5.0/3` says of a time.
fn by_rule(rule: &str, at: i64) -> Option<i64> {
    let mut reader = Rule(rule);
    reader.name()?;
    // Rules count from the zone to UTC.
    let standard = -reader.time()?;
    if reader.0.is_empty() {
        return Some(standard);
    }
    reader.name()?;
    let summer = match reader.0.starts_with(',') {
        true => standard + 3600,
        false => -reader.time()?,
    };
    let year = year_of(at + standard);
    let begin = reader.date(year)? - standard;
    let end = reader.date(year)? - summer;
    let is_summer = match begin < end {
        true => (begin..end).contains(&at),
        false => !(end..begin).contains(&at),
    };
    Some(if is_summer { summer } else { standard })
}

/// The rest of a rule.
struct Rule<'r>(&'r str);

impl Rule<'_> {
    fn name(&mut self) -> Option<()> {
        self.0 = match self.0.strip_prefix('<') {
            Some(rest) => rest.split_once('>')?.1,
            None => self.0.trim_start_matches(|c: char| c.is_ascii_alphabetic()),
        };
        Some(())
    }

    fn number(&mut self) -> Option<i64> {
        let end = self.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        digits.parse().ok()
    }

    fn skip(&mut self, mark: char) -> bool {
        let rest = self.0.strip_prefix(mark);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Reads hours, minutes and seconds, with a sign for all of them.
    fn time(&mut self) -> Option<i64> {
        let sign = if self.skip('-') { -1 } else { 1 };
        self.skip('+');
        let mut seconds = self.number()? * 3600;
        for unit in [60, 1] {
            if self.skip(':') {
                seconds += self.number()? * unit;
            }
        }
        Some(sign * seconds)
    }

    /// Reads a day and a time of it, in seconds since 1970 of the zone's own clock.
    fn date(&mut self, year: i64) -> Option<i64> {
        if !self.skip(',') {
            return None;
        }
        let day = if self.skip('M') {
            let month = self.number()?;
            let week = self.skip('.').then(|| self.number())??;
            let weekday = self.skip('.').then(|| self.number())??;
            let first = days(year, month, 1);
            let first = first + (weekday - (first + 4)).rem_euclid(7);
            let next = if month == 12 { days(year + 1, 1, 1) } else { days(year, month + 1, 1) };
            // The fifth week is the last one.
            (0..week.clamp(1, 5)).map(|n| first + 7 * n).filter(|day| *day < next).max()?
        } else if self.skip('J') {
            // The leap day is not counted.
            let n = self.number()?;
            let is_leap = days(year, 3, 1) - days(year, 2, 1) == 29;
            days(year, 1, 1) + n - 1 + i64::from(is_leap && n >= 60)
        } else {
            days(year, 1, 1) + self.number()?
        };
        let time = if self.skip('/') { self.time()? } else { 2 * 3600 };
        Some(day * DAY + time)
    }
}

/// Returns the days since 1970 began.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is the last one.
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year
        - 719_468
}

fn year_of(seconds: i64) -> i64 {
    let day = seconds.div_euclid(DAY);
    let near = 1970 + day.div_euclid(366);
    // It is a little later the further it is from 1970.
    (near..).find(|year| days(*year + 1, 1, 1) > day).unwrap_or(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(year: i64, month: i64, day: i64, hour: i64) -> i64 {
        days(year, month, day) * DAY + hour * 3600
    }

    #[test]
    fn rules_say_when_clocks_change() {
        for (rule, time, hours) in [
            ("CET-1CEST,M3.5.0,M10.5.0/3", at(2026, 3, 29, 0), 1),
            ("CET-1CEST,M3.5.0,M10.5.0/3", at(2026, 3, 29, 1), 2),
            ("CET-1CEST,M3.5.0,M10.5.0/3", at(2026, 10, 25, 0), 2),
            ("CET-1CEST,M3.5.0,M10.5.0/3", at(2026, 10, 25, 1), 1),
            ("EST5EDT,M3.2.0,M11.1.0", at(2026, 3, 8, 6), -5),
            ("EST5EDT,M3.2.0,M11.1.0", at(2026, 3, 8, 7), -4),
            ("AEST-10AEDT,M10.1.0,M4.1.0/3", at(2026, 1, 1, 0), 11),
            ("AEST-10AEDT,M10.1.0,M4.1.0/3", at(2026, 7, 1, 0), 10),
            ("<+03>-3", at(2026, 7, 1, 0), 3),
            ("X0Y,J60,J300", at(2028, 2, 29, 12), 0),
            ("X0Y,J60,J300", at(2028, 3, 1, 2), 1),
        ] {
            assert_eq!(by_rule(rule, time), Some(hours * 3600), "{rule} at {time}");
        }
        assert_eq!(by_rule("<+0545>-5:45", 0), Some(20_700));
    }

    #[test]
    fn files_have_changes_and_a_rule() {
        let block = |width: usize| {
            let mut bytes = b"TZif2".to_vec();
            bytes.resize(20, 0);
            for count in [0_u32, 0, 0, 2, 2, 2] {
                bytes.extend(count.to_be_bytes());
            }
            for time in [100_i64, 200] {
                bytes.extend(&time.to_be_bytes()[8 - width..]);
            }
            bytes.extend([1, 0]);
            for offset in [0_i32, -3600] {
                bytes.extend(offset.to_be_bytes());
                bytes.extend([0, 0]);
            }
            bytes.extend(b"A\0");
            bytes
        };
        let file = [block(4), block(8), b"\nX-7\n".to_vec()].concat();
        for (time, wanted) in [(0, 0), (100, -3600), (199, -3600), (200, 7 * 3600)] {
            assert_eq!(in_file(&file, time), Some(wanted), "{time}");
        }
        for end in 0..file.len() {
            // What is cut off anywhere is refused or read, and nothing else.
            _ = in_file(&file[..end], 150);
        }
        assert_eq!(offset("../etc/passwd", 0), None);
    }
}
