//! Which words of two lines differ.

use crate::diff::align::align;

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

/// Takes two texts apart into what they have in common and what differs, word by word.
///
/// Texts that have little in common differ as wholes.
pub(super) fn parts<'t>(before: &'t str, after: &'t str) -> (Vec<Part<'t>>, Vec<Part<'t>>) {
    let (a, b) = (words(before), words(after));
    // What is equal at both ends counts for little work.
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (&a[start..], &b[start..]);
    let end = rest_a.iter().rev().zip(rest_b.iter().rev()).take_while(|(x, y)| x == y).count();
    if a.len().max(b.len()) - start - end > MOST_WORDS {
        return by_letters(before, after);
    }
    let pairs = align(&a, &b);
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
    let start = length(&mut before.chars().zip(after.chars()));
    let (rest, other) = (&before[start..], &after[start..]);
    let end = length(&mut rest.chars().rev().zip(other.chars().rev()));
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
    let mut last: Option<bool> = None;
    for (i, c) in text.char_indices() {
        let is_word = c.is_alphanumeric() || c == '_';
        if last.is_some_and(|last| last != is_word || !is_word) {
            words.push(&text[start..i]);
            start = i;
        }
        last = Some(is_word);
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
