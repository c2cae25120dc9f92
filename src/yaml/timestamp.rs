//! Dates and times among the plain scalars.

use std::fmt::Write;

/// Returns the moment that `text` names in RFC 3339, or `None` if it names none.
///
/// Three forms count: a date, `date T time zone`, and `date time` without a zone. Month, day, hour,
/// minute and second may have one digit.
pub(super) fn parse(text: &str) -> Option<String> {
    // Upstream looks at nothing that does not begin like this, so `+2001-01-01` is a string.
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut rest = Rest(&bytes[5..]);
    let year = bytes[..4].iter().fold(0, |n, b| n * 10 + u32::from(b - b'0'));
    let month = rest.number(12)?;
    rest.skip(b'-')?;
    let day = rest.number(31)?;
    if month == 0 || day == 0 || day > days_in(month, year) {
        return None;
    }
    let mut out = format!("{year:04}-{month:02}-{day:02}T");
    match rest.0.first() {
        None => {
            out.push_str("00:00:00Z");
            return Some(out);
        }
        Some(b'T' | b't') => {
            rest.0 = &rest.0[1..];
            rest.time(&mut out)?;
            rest.zone(&mut out)?;
        }
        Some(b' ') => {
            while rest.skip(b' ').is_some() {}
            rest.time(&mut out)?;
            out.push('Z');
        }
        Some(_) => return None,
    }
    rest.0.is_empty().then_some(out)
}

/// Returns `true` if JSON can hold a moment in RFC 3339: its offset must be less than 24 hours.
pub(super) fn fits_json(moment: &str) -> bool {
    let hours = moment.len().checked_sub("hh:mm".len()).and_then(|i| moment.get(i..i + 2));
    moment.ends_with('Z') || hours.is_some_and(|hours| hours < "24")
}

fn days_in(month: u32, year: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The bytes not yet read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// Reads one or two digits that make a number up to `max`.
    fn number(&mut self, max: u32) -> Option<u32> {
        let digits = self.0.iter().take(2).take_while(|b| b.is_ascii_digit()).count();
        let value = self.0[..digits].iter().fold(0, |n, b| n * 10 + u32::from(b - b'0'));
        self.0 = &self.0[digits..];
        (digits > 0 && value <= max).then_some(value)
    }

    fn skip(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[byte])?;
        Some(())
    }

    /// Reads `hour:minute:second` and an optional fraction, of which nine digits count.
    fn time(&mut self, out: &mut String) -> Option<()> {
        let hour = self.number(23)?;
        self.skip(b':')?;
        let minute = self.number(59)?;
        self.skip(b':')?;
        let second = self.number(59)?;
        write!(out, "{hour:02}:{minute:02}:{second:02}").ok()?;
        if let [b'.' | b',', digits @ ..] = self.0
            && digits.first().is_some_and(u8::is_ascii_digit)
        {
            let len = digits.iter().take_while(|b| b.is_ascii_digit()).count();
            let kept = &digits[..len.min(9)];
            let zeros = kept.iter().rev().take_while(|&&b| b == b'0').count();
            if zeros < kept.len() {
                out.push('.');
                out.extend(kept[..kept.len() - zeros].iter().map(|&b| char::from(b)));
            }
            self.0 = &digits[len..];
        }
        Some(())
    }

    /// Reads `Z` or `±hh:mm`.
    fn zone(&mut self, out: &mut String) -> Option<()> {
        if self.skip(b'Z').is_some() {
            out.push('Z');
            return Some(());
        }
        let &[sign @ (b'+' | b'-'), h1, h2, b':', m1, m2, ref rest @ ..] = self.0 else {
            return None;
        };
        self.0 = rest;
        let digit = |b: u8| char::from(b).to_digit(10);
        let hours = digit(h1)? * 10 + digit(h2)?;
        let minutes = digit(m1)? * 10 + digit(m2)?;
        // Odd: an offset may say 24 hours and 60 minutes (case yaml/scalar-timestamp-offset).
        if hours > 24 || minutes > 60 {
            return None;
        }
        let offset = hours * 60 + minutes;
        if offset == 0 {
            out.push('Z');
        } else {
            write!(out, "{}{:02}:{:02}", char::from(sign), offset / 60, offset % 60).ok()?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn dates_and_times_become_rfc_3339() {
        for (text, expected) in [
            ("2001-1-2", "2001-01-02T00:00:00Z"),
            ("2000-02-29", "2000-02-29T00:00:00Z"),
            ("2001-12-14t21:59:43.10-05:00", "2001-12-14T21:59:43.1-05:00"),
            ("2001-12-14T1:2:3,1234567891Z", "2001-12-14T01:02:03.123456789Z"),
            ("2001-12-14  21:59:43.000", "2001-12-14T21:59:43Z"),
            ("2001-12-14T21:59:43-00:00", "2001-12-14T21:59:43Z"),
        ] {
            assert_eq!(parse(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "2001-13-01",
            "2001-2-29",
            "1900-02-29",
            "2001-01-00",
            "01-01-2001",
            "2001-01-01x",
            "2001-01-01 21:59:43Z",
            "2001-01-01T21:59:43",
            "2001-01-01T24:00:00Z",
            "2001-01-01T21:59Z",
            "2001-01-01T21:59:43+0200",
            "2001-01-01T21:59:43.Z",
            "2001-01-01 ",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
