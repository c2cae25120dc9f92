//! Which words of two lines differ.

use crate::diff::align::align;
use crate::diff::budget::Budget;
use crate::visible::is_joiner;

/// A part of a text, and whether the other side has it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part<'t> {
    pub(super) text: &'t str,
    pub(super) differs: bool,
}

/// Where more words lie between the first difference and the last one, words are not looked at.
const MOST_WORDS: usize = 600;
/// Texts from this length on are taken apart within words.
const LONG: usize = 240;
/// The most regional indicators in a row that are counted.
const MOST_FLAGS: usize = 64;
/// The most digits of the code of a character.
const LONGEST_CODE: usize = 6;

/// Takes two texts apart into what they have in common and what differs, word by word.
///
/// Texts that have little in common differ as wholes.
pub(super) fn parts<'t>(
    before: &'t str,
    after: &'t str,
    budget: &Budget,
) -> (Vec<Part<'t>>, Vec<Part<'t>>) {
    let (a, b) = (words(before), words(after));
    // What is equal at both ends counts for little work.
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (&a[start..], &b[start..]);
    let end = rest_a.iter().rev().zip(rest_b.iter().rev()).take_while(|(x, y)| x == y).count();
    if a.len().max(b.len()) - start - end > MOST_WORDS {
        return by_letters(before, after);
    }
    let pairs = align(&a, &b, budget);
    let same: usize = pairs.iter().map(|&(i, _)| a[i].trim().len()).sum();
    if same * 3 < before.len().max(after.len()) {
        return by_letters(before, after);
    }
    let marked = |text: &'t str, words: &[&'t str], mut common: Vec<usize>| {
        common.sort_unstable();
        let mut parts: Vec<Part<'t>> = Vec::new();
        let (mut start, mut end, mut state) = (0, 0, None);
        for (i, word) in words.iter().enumerate() {
            let differs = common.binary_search(&i).is_err();
            if state.is_some_and(|state| state != differs) {
                parts.push(Part { text: &text[start..end], differs: !differs });
                start = end;
            }
            state = Some(differs);
            end += word.len();
        }
        if let Some(differs) = state {
            parts.push(Part { text: &text[start..end], differs });
        }
        parts
    };
    let (in_a, in_b) = pairs.into_iter().unzip();
    (marked(before, &a, in_a), marked(after, &b, in_b))
}

/// Takes two texts apart where they begin and end alike, if that is most of a long text; else they differ as wholes.
fn by_letters<'t>(before: &'t str, after: &'t str) -> (Vec<Part<'t>>, Vec<Part<'t>>) {
    let same = |(a, b): &(char, char)| a == b;
    let length = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
        pairs.take_while(same).map(|(c, _)| c.len_utf8()).sum()
    };
    let is_whole = |text: &str, at: usize| {
        let front = text.get(..at).unwrap_or_default();
        // Of very many in a row nobody tells which are pairs.
        let flags = front.chars().rev().take(MOST_FLAGS).take_while(|c| is_flag(*c)).count();
        !is_within(text, at, flags)
    };
    let mut start = length(&mut before.chars().zip(after.chars()));
    while !is_whole(before, start) || !is_whole(after, start) {
        start -= before[..start].chars().next_back().map_or(start, char::len_utf8);
    }
    let (rest, other) = (&before[start..], &after[start..]);
    let mut end = length(&mut rest.chars().rev().zip(other.chars().rev()));
    while !is_whole(before, before.len() - end) || !is_whole(after, after.len() - end) {
        end -= before[before.len() - end..].chars().next().map_or(end, char::len_utf8);
    }
    let longest = before.len().max(after.len());
    let is_most = longest > LONG && (start + end) * 3 >= longest * 2;
    let parts = |text: &'t str| {
        let (start, end) = if is_most { (start, text.len() - end) } else { (0, text.len()) };
        let parts = [(&text[..start], false), (&text[start..end], true), (&text[end..], false)];
        let parts = parts.into_iter().filter(|(text, _)| !text.is_empty());
        parts.map(|(text, differs)| Part { text, differs }).collect()
    };
    (parts(before), parts(after))
}

/// Splits a text into words and what stands between them; together they are the text.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut last: Option<(char, bool)> = None;
    let mut flags = 0;
    for (i, c) in text.char_indices() {
        let before = last.filter(|_| is_within(text, i, flags));
        flags = if is_flag(c) { flags + 1 } else { 0 };
        let is_word = before.map_or(c.is_alphanumeric() || c == '_', |(_, is_word)| is_word);
        if before.is_none() && last.is_some_and(|(_, last)| last != is_word || !is_word) {
            words.push(&text[start..i]);
            start = i;
        }
        last = Some((c, is_word));
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

/// Returns `true` if a place lies within what is shown as one: between characters that cling, in a flag or in an escape.
/// `flags` is the number of regional indicators right before it.
fn is_within(text: &str, at: usize, flags: usize) -> bool {
    let Some((front, rest)) = text.split_at_checked(at) else { return false };
    let Some(both) = front.chars().next_back().zip(rest.chars().next()) else { return false };
    cling(both) || flags % 2 == 1 && is_flag(both.1) || is_in_escape(text, at)
}

/// Returns `true` if a place lies in an escape such as `\u{301}`, as what is not shown has it.
fn is_in_escape(text: &str, at: usize) -> bool {
    let length = |escape: &str| {
        let digits = escape.strip_prefix("\\u{")?;
        let end = digits.bytes().take(LONGEST_CODE + 1).position(|byte| byte == b'}')?;
        let is_code = digits.bytes().take(end).all(|byte| byte.is_ascii_hexdigit());
        (end > 0 && is_code).then_some("\\u{}".len() + end)
    };
    (1.."\\u{}".len() + LONGEST_CODE).any(|back| {
        let escape = at.checked_sub(back).and_then(|start| text.get(start..));
        escape.and_then(length).is_some_and(|length| back < length)
    })
}

/// Returns `true` for a regional indicator: two of them are a flag.
fn is_flag(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

/// Returns `true` if two characters in a row are shown as parts of one: joined, or the second changes the first.
fn cling((one, other): (char, char)) -> bool {
    let is_part = |c: char| {
        is_joiner(c)
            || matches!(c,
                '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
                | '\u{fe20}'..='\u{fe2f}' | '\u{1f3fb}'..='\u{1f3ff}')
    };
    is_part(other) || matches!(one, '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn parts<'t>(before: &'t str, after: &'t str) -> (Vec<Part<'t>>, Vec<Part<'t>>) {
        super::parts(before, after, &Budget::new(&Limits::default()))
    }

    #[test]
    fn words_that_differ_are_marked() {
        let shown = |parts: &[Part<'_>]| {
            let part = |p: &Part<'_>| {
                if p.differs { format!("[{}]", p.text) } else { p.text.to_owned() }
            };
            parts.iter().map(part).collect::<String>()
        };
        let (before, after) = parts("--level=info --port 80 --name a", "--level=debug --port 80");
        assert_eq!(shown(&before), "--level=[info] --port 80[ --name a]");
        assert_eq!(shown(&after), "--level=[debug] --port 80");
        let (before, after) = parts("abc", "xyz");
        assert_eq!((shown(&before), shown(&after)), ("[abc]".into(), "[xyz]".into()));
        assert_eq!(parts("", ""), (Vec::new(), Vec::new()));
    }
    #[test]
    fn what_is_joined_stays_whole() {
        let marked = |before: &str, after: &str| {
            let (before, _) = parts(before, after);
            before
                .into_iter()
                .filter(|it| it.differs)
                .map(|it| it.text.to_owned())
                .collect::<Vec<_>>()
        };
        let rest = "--level=info --port 80";
        for (before, after) in [
            ("👩\u{200d}🔬", "👩\u{200d}💻"),
            ("👩\u{200d}🔬", "👨\u{200d}🔬"),
            ("👍\u{1f3fb}", "👍\u{1f3ff}"),
            ("❤\u{fe0f}", "❤\u{fe0e}"),
            ("می\u{200c}خواهم", "می\u{200c}دانم"),
            ("e\u{301}", "e\u{300}"),
            ("🇩🇪", "🇩🇰"),
            ("🇩🇪", "🇲🇪"),
            ("🇫🇷🇩🇪", "🇫🇷🇩🇰"),
            ("\\u{301}", "\\u{300}"),
            ("\\u{e0041}", "\\u{e0042}"),
        ] {
            let (one, other) = (format!("{rest} {before} x"), format!("{rest} {after} x"));
            let wanted = before.strip_prefix("🇫🇷").unwrap_or(before);
            assert_eq!(marked(&one, &other), [wanted], "{before}");
            let long = "letters".repeat(100);
            let (one, other) = (format!("{long}{before}{long}"), format!("{long}{after}{long}"));
            let (one, other) = parts(&one, &other);
            assert!(one.len() == 3 && other.len() == 3, "{before}: {one:?} {other:?}");
            for pair in one.windows(2).chain(other.windows(2)) {
                let ends = pair[0].text.chars().next_back().zip(pair[1].text.chars().next());
                assert!(ends.is_some_and(|ends| !cling(ends)), "{pair:?}");
                let flags = pair[0].text.chars().rev().take_while(|c| is_flag(*c)).count();
                let text = pair[0].text.to_owned() + pair[1].text;
                assert!(!is_within(&text, pair[0].text.len(), flags), "{pair:?}");
            }
        }
    }
}
