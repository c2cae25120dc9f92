//! Long texts that differ in little, without most of what is equal in them.

use std::borrow::Cow;

use super::lines::Line;
use super::words::{Part, parts};
use crate::diff::budget::Budget;

/// Texts up to this number of characters are shown whole.
const WHOLE: usize = 240;
/// How much of an equal part is shown beside what differs.
const BESIDE: usize = 40;
/// How much is shown at the ends of the text.
const AT_END: usize = 20;
/// Nothing shorter than this is left out.
const LEAST: usize = 60;

/// Returns two long texts with a note in the place of long parts that are equal; nothing if they are short, or
/// have too little in common.
pub(super) fn shortened(before: &str, after: &str, budget: &Budget) -> Option<(String, String)> {
    let is_long = |text: &str| text.chars().nth(WHOLE).is_some();
    if !is_long(before) || !is_long(after) {
        return None;
    }
    let (old, new) = parts(before, after, budget);
    let (one, other) = (without_equal(&old), without_equal(&new));
    (one.len() < before.len() && other.len() < after.len()).then_some((one, other))
}

/// Returns lines with the sign of each; if wanted, long ones that are followed by their new state are shortened.
pub(super) fn signed<'t>(
    lines: &[Line<'t>],
    short: bool,
    budget: &Budget,
) -> Vec<(char, Cow<'t, str>)> {
    let signed = |line: &Line<'t>| match line {
        Line::Both(text) => (' ', Cow::Borrowed(*text)),
        Line::Before(text) => ('-', Cow::Borrowed(*text)),
        Line::After(text) => ('+', Cow::Borrowed(*text)),
    };
    let mut all: Vec<(char, Cow<'t, str>)> = lines.iter().map(signed).collect();
    if !short {
        return all;
    }
    let is_both = |(sign, _): &(char, Cow<'t, str>)| *sign == ' ';
    for run in all.chunk_by_mut(|a, b| is_both(a) == is_both(b)) {
        let news = run.partition_point(|(sign, _)| *sign != '+');
        let (old, new) = run.split_at_mut(news);
        for ((_, old), (_, new)) in old.iter_mut().zip(new).filter(|(old, _)| old.0 == '-') {
            if let Some((one, other)) = shortened(old, new, budget) {
                (*old, *new) = (Cow::Owned(one), Cow::Owned(other));
            }
        }
    }
    all
}

fn without_equal(parts: &[Part<'_>]) -> String {
    let mut out = String::new();
    for (i, part) in parts.iter().enumerate() {
        let length = part.text.chars().count();
        let start = if i == 0 { AT_END } else { BESIDE };
        let end = if i + 1 == parts.len() { AT_END } else { BESIDE };
        if part.differs || length < start + end + LEAST {
            out.push_str(part.text);
            continue;
        }
        let place =
            |n: usize| part.text.char_indices().nth(n).map_or(part.text.len(), |(place, _)| place);
        let (head, tail) = (place(start), place(length - end));
        out.push_str(&part.text[..head]);
        out.push_str(&format!("… {} equal characters …", grouped(length - start - end)));
        out.push_str(&part.text[tail..]);
    }
    out
}

/// Writes a number with commas: `2,980`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn shortened(before: &str, after: &str) -> Option<(String, String)> {
        super::shortened(before, after, &Budget::new(&Limits::default()))
    }

    #[test]
    fn equal_parts_of_long_texts_are_counted() {
        let text = |middle: &str| format!("{}{middle}{}", "word ".repeat(600), " end".repeat(300));
        let (one, other) = shortened(&text("old"), &text("new")).unwrap();
        let start = format!("{}… 2,940 equal characters …{}", "word ".repeat(4), "word ".repeat(8));
        let end = format!("{}… 1,140 equal characters …{}", " end".repeat(10), " end".repeat(5));
        assert_eq!(one, format!("{start}old{end}"));
        assert_eq!(other, format!("{start}new{end}"));
        // A text without any words, as of base64.
        let (one, _) = shortened(&("a".repeat(3_000) + "b"), &("a".repeat(3_000) + "c")).unwrap();
        assert_eq!(one, format!("{}… 2,940 equal characters …{}b", "a".repeat(20), "a".repeat(40)));
        assert_eq!(shortened("short", "text"), None);
        assert_eq!(shortened(&"a".repeat(500), &"b".repeat(500)), None);
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
