//! What two texts differ in and nobody sees: characters without width, blanks of other kinds and at ends of lines,
//! accents that stand alone.

use std::borrow::Cow;

use super::lines::{Line, lines};
use crate::diff::budget::Budget;
use crate::diff::path::ChangePath;
use crate::visible::is_hidden;

/// Returns two texts with such characters escaped, as `\u{200b}`, in the lines that differ in them.
///
/// Where both sides have the same of them they stay: an emoji may be made of several, and many languages are
/// written with others.
pub(super) fn revealed<'t>(
    before: &'t str,
    after: &'t str,
    budget: &Budget,
) -> (Cow<'t, str>, Cow<'t, str>) {
    let as_they_are = (Cow::Borrowed(before), Cow::Borrowed(after));
    if !may_hide(before) && !may_hide(after) {
        return as_they_are;
    }
    let all = lines(before, after, budget);
    let (mut old, mut new) = (Vec::new(), Vec::new());
    let is_both = |line: &Line<'_>| matches!(line, Line::Both(_));
    for run in all.chunk_by(|a, b| is_both(a) == is_both(b)) {
        let (mut olds, mut news) = (Vec::new(), Vec::new());
        for line in run {
            match line {
                Line::Before(text) => olds.push(*text),
                Line::After(text) => news.push(*text),
                Line::Both(text) => {
                    old.push(Cow::Borrowed(*text));
                    new.push(Cow::Borrowed(*text));
                }
            }
        }
        let hides_unequally = marks(&olds) != marks(&news);
        let twins = |i: usize| match (olds.get(i), news.get(i)) {
            (Some(one), Some(other)) => look_alike(one, other),
            _ => false,
        };
        let shown = |(i, text): (usize, &&'t str)| match (twins(i), hides_unequally) {
            (true, _) => escaped(text, true),
            (false, true) => escaped(text, false),
            (false, false) => Cow::Borrowed(*text),
        };
        old.extend(olds.iter().enumerate().map(shown));
        new.extend(news.iter().enumerate().map(shown));
    }
    let joined = |lines: &[Cow<'_, str>], text: &str| {
        let end = if text.ends_with('\n') { "\n" } else { "" };
        lines.join("\n") + end
    };
    let (old, new) = (joined(&old, before), joined(&new, after));
    // A text that has the escape written out is not to look like the one that has the character.
    if old == new { as_they_are } else { (Cow::Owned(old), Cow::Owned(new)) }
}

/// Returns the path of a field with all such characters escaped: they have no business in a name.
pub(super) fn shown_path(path: &ChangePath) -> String {
    escaped(&path.to_string(), false).into_owned()
}

/// Tells quickly whether a text may have anything that does not show.
fn may_hide(text: &str) -> bool {
    !text.is_ascii() || text.contains('\t') || text.lines().any(|line| line.ends_with(' '))
}

/// Returns what does not show in some lines, in order.
fn marks(lines: &[&str]) -> Vec<char> {
    lines.iter().flat_map(|line| line.chars()).filter(|c| has_no_looks(*c)).collect()
}

/// Returns `true` if two lines differ only in what does not show.
fn look_alike(one: &str, other: &str) -> bool {
    let looks = |text: &str| {
        let mut looks = String::new();
        for c in text.trim_end().chars() {
            match c {
                _ if is_blank(c) => looks.push(' '),
                _ if has_no_looks(c) => {}
                // A letter with its accent in one character looks like two.
                _ => looks.push(c),
            }
        }
        looks
    };
    one != other && looks(one) == looks(other)
}

/// Escapes what does not show; in a line of which all else is equal, blanks at the end and tabs too.
fn escaped(text: &str, is_twin: bool) -> Cow<'_, str> {
    let end = text.trim_end_matches([' ', '\t']).len();
    let is_wrong =
        |(at, c): (usize, char)| has_no_looks(c) || is_twin && (c == '\t' || c == ' ' && at >= end);
    if !text.char_indices().any(is_wrong) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        match c {
            '\t' if is_wrong((at, c)) => out.push_str("\\t"),
            _ if is_wrong((at, c)) => out.extend(c.escape_unicode()),
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Returns `true` for blanks other than the usual one.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

/// Returns `true` for what nobody tells from nothing, from a blank, or from a part of the letter before it; what is
/// escaped everywhere is not among it.
fn has_no_looks(c: char) -> bool {
    if c.is_ascii() || is_hidden(c) {
        return false;
    }
    is_blank(c)
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}'
            | '\u{206a}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0100}'..='\u{e01ef}'
            // Accents, and letters of Hangul, that other texts have in one character with what they belong to.
            | '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
            | '\u{fe20}'..='\u{fe2f}' | '\u{1100}'..='\u{11ff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn paths_show_all() {
        let path = serde_json::from_value(serde_json::json!(["data", "a\u{200b}b"])).unwrap();
        assert_eq!(shown_path(&path), "data[\"a\\u{200b}b\"]");
    }

    #[test]
    fn what_does_not_show_is_escaped_where_the_sides_differ_in_it() {
        let budget = Budget::new(&Limits::default());
        for (before, after, old, new) in [
            ("xy", "x\u{200b}y", "xy", "x\\u{200b}y"),
            ("x y", "x\u{a0}y", "x y", "x\\u{a0}y"),
            ("x\u{a0}y 1", "x\u{a0}y 2", "x\u{a0}y 1", "x\u{a0}y 2"),
            ("é", "e\u{301}", "é", "e\\u{301}"),
            ("가", "\u{1100}\u{1161}", "가", "\\u{1100}\\u{1161}"),
            ("a\u{200b}b1", "ab2", "a\\u{200b}b1", "ab2"),
            ("👩\u{200d}🔬 1", "👩\u{200d}🔬 2", "👩\u{200d}🔬 1", "👩\u{200d}🔬 2"),
            ("a\nb \nc\n", "a\nb\nc\n", "a\nb\\u{20}\nc\n", "a\nb\nc\n"),
            ("a\tb\n", "a b\n", "a\\tb\n", "a b\n"),
            ("a\tb\n", "a\tc\n", "a\tb\n", "a\tc\n"),
            ("a\u{a0}\nb\nx\n", "a\u{a0}\nb\ny\n", "a\u{a0}\nb\nx\n", "a\u{a0}\nb\ny\n"),
            ("x\u{200b}y", "x\\u{200b}y", "x\u{200b}y", "x\\u{200b}y"),
            ("plain", "text", "plain", "text"),
        ] {
            let (one, other) = revealed(before, after, &budget);
            assert_eq!((&*one, &*other), (old, new), "{before:?} {after:?}");
            let (other, one) = revealed(after, before, &budget);
            assert_eq!((&*one, &*other), (old, new), "{after:?} {before:?}");
        }
    }
}
