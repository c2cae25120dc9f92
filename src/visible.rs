//! Text that strangers wrote, made fit to be shown to people.
//!
//! This is the one place that decides what is escaped. Escaped is what nobody sees but what does something:
//! control characters, marks of the direction of writing, line ends of other kinds, and characters without
//! looks, with which one name passes for another. Joiners and the like stay where a script or an emoji needs
//! them, which is beside characters beyond ASCII.
//!
//! Escaped as well is what makes a line a command to a CI system, which obeys whatever a step prints: `::name …::` at
//! the start of a line, behind blanks too, and `##[name]`, `##vso[name]` and `##teamcity[name]` anywhere.

use std::borrow::Cow;
use std::fmt::Write;

/// Returns a text in which no character can steer a terminal, turn the reading direction or hide, and no line
/// is a command to a CI system: what would is escaped, as `\u{1b}`. Line breaks and tabs stay.
///
/// ```
/// use kustom::text::visible;
///
/// assert_eq!(visible("red \u{1b}[31m\n"), "red \\u{1b}[31m\n");
/// assert_eq!(visible("a\n::error::b"), "a\n\\u{3a}:error::b");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, Kept::Lines)
}

/// As [`visible`], with line breaks escaped as `\n`: what comes out is one line.
///
/// ```
/// assert_eq!(kustom::text::visible_line("a\nError: b"), "a\\nError: b");
/// ```
pub fn visible_line(text: &str) -> Cow<'_, str> {
    escaped(text, Kept::Tabs)
}

/// As [`visible`], of a text that was put together of visible parts, and may have been colored: the sequences that
/// color stay, and so do the joiners of letters and emoji.
pub fn visible_colored(text: &str) -> Cow<'_, str> {
    escaped(text, Kept::Colors)
}

/// Returns JSON in which the same characters are escaped, as JSON allows in strings: whoever reads it gets
/// the same values, and whoever looks at it sees them.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    if is_plain(json, Kept::Lines) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for (_, c, is_wrong) in judged(json, Kept::Lines) {
        if is_wrong {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing into a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Returns where a place in a text is in its [`visible`] form.
pub(crate) fn visible_place(text: &str, place: usize) -> usize {
    let before = judged(text, Kept::Lines).take_while(|(at, ..)| *at < place);
    before.map(|(_, c, is_wrong)| if is_wrong { escape(c).count() } else { c.len_utf8() }).sum()
}

/// Returns `true` for what is not shown but does something: control characters, marks and isolates
/// of writing direction, separators that some programs take for line ends, and invisible tags.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns `true` for characters without width that no word needs, and letters that look like blanks.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}'
        | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}')
}

/// Returns `true` for what joins or parts letters, and selects the looks of those before.
pub(crate) fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}') || is_selector(c)
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Which of what does something is ours, and stays.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Tabs,
    Lines,
    Colors,
}

/// Returns the characters of a text with their places and whether each is to be escaped.
fn judged(text: &str, kept: Kept) -> impl Iterator<Item = (usize, char, bool)> {
    let mut before: Option<char> = None;
    let (mut colored_until, mut command) = (0, command_at(text, kept));
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (at, c) = chars.next()?;
        let next = chars.peek().map(|(_, next)| *next);
        let rest = text.get(at..).unwrap_or_default();
        if kept == Kept::Colors && c == '\u{1b}' {
            colored_until = at + color(rest);
        }
        let is_wrong = match c {
            '\t' => false,
            '\n' if kept != Kept::Tabs => {
                command = command_at(rest.get(1..).unwrap_or_default(), kept).map(|i| at + 1 + i);
                false
            }
            ':' => command == Some(at),
            '#' => before == Some('#') && is_mark(rest.get(1..).unwrap_or_default()),
            _ if at < colored_until => false,
            // What has colors was put together of parts that had been looked at, and stands between other
            // characters now.
            _ if kept == Kept::Colors && is_joiner(c) => false,
            _ => is_hidden(c) || is_unseen(c) || is_joiner(c) && !belongs(before, c, next),
        };
        // What is escaped is none of a script.
        before = Some(if is_wrong { '}' } else { c });
        Some((at, c, is_wrong))
    })
}

/// Returns `true` if a joiner does what it is for: it stands between two characters beyond ASCII, or picks the looks of
/// the one before it, which may be a digit on a keycap.
fn belongs(before: Option<char>, c: char, next: Option<char>) -> bool {
    let is_needed = |other: Option<char>| {
        other.is_some_and(|o| !o.is_ascii() && !o.is_whitespace() && !is_hidden(o) && !is_unseen(o))
    };
    let is_letter = |other: Option<char>| is_needed(other) && !other.is_some_and(is_joiner);
    match is_selector(c) {
        true => is_letter(before) || next == Some('\u{20e3}'),
        // An emoji may have its looks picked before it is joined to the next.
        false => (is_letter(before) || before.is_some_and(is_selector)) && is_letter(next),
    }
}

/// Returns where the first line of a text begins as a command to GitHub's runner does.
fn command_at(text: &str, kept: Kept) -> Option<usize> {
    let end = text.find('\n').filter(|_| kept != Kept::Tabs).unwrap_or(text.len());
    let line = text.get(..end)?;
    // Blanks that are escaped are none any more.
    let words = line.trim_start_matches(|c: char| c == '\t' || c.is_whitespace() && !is_hidden(c));
    let is_command = words.strip_prefix("::").is_some_and(|rest| rest.contains("::"));
    is_command.then(|| line.len() - words.len())
}

/// The words of commands that begin with `##`: of GitHub's runner and Azure's, of Azure's, and of TeamCity's.
const MARKS: [&str; 3] = ["", "vso", "teamcity"];

/// Returns `true` if a text makes a command of a `##` before it.
fn is_mark(rest: &str) -> bool {
    MARKS.iter().any(|mark| {
        let word = rest.get(..mark.len()).filter(|word| word.eq_ignore_ascii_case(mark));
        word.is_some() && rest.as_bytes().get(mark.len()) == Some(&b'[')
    })
}

/// Returns `true` if there is such a command anywhere in a text.
fn has_mark(text: &str) -> bool {
    let mut marks = memchr::memchr_iter(b'#', text.as_bytes());
    marks.any(|at| text.get(at + 1..).and_then(|rest| rest.strip_prefix('#')).is_some_and(is_mark))
}

/// Returns the length of the sequence that sets a color, if a text begins with one.
fn color(text: &str) -> usize {
    let Some(rest) = text.strip_prefix("\u{1b}[") else { return 0 };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(rest.len());
    if rest.get(end..).is_some_and(|rest| rest.starts_with('m')) { end + 3 } else { 0 }
}

/// Tells quickly of nearly all texts in which nothing is to be escaped that it is so.
fn is_plain(text: &str, kept: Kept) -> bool {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') | (byte == b'\n');
    // It looks at many bytes at once.
    if !text.bytes().fold(true, |are_plain, byte| are_plain & is_plain(byte)) {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
            let Some((_, from)) = rest.split_at_checked(at) else { return false };
            let Some(c) = from.chars().next() else { return false };
            let length = match c {
                '\u{1b}' if kept == Kept::Colors => color(from),
                '\t' => 1,
                _ if is_hidden(c) || is_unseen(c) => 0,
                _ if is_joiner(c) && kept != Kept::Colors => 0,
                _ => c.len_utf8(),
            };
            match from.get(length..) {
                Some(after) if length > 0 => rest = after,
                _ => return false,
            }
        }
    }
    let is_command = |line| command_at(line, kept).is_some();
    let has_breaks = kept == Kept::Tabs && text.contains('\n');
    let commands = has_mark(text) || text.contains("::") && text.lines().any(is_command);
    !has_breaks && !commands
}

fn escaped(text: &str, kept: Kept) -> Cow<'_, str> {
    if is_plain(text, kept) || !judged(text, kept).any(|(.., is_wrong)| is_wrong) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (_, c, is_wrong) in judged(text, kept) {
        if is_wrong { out.extend(escape(c)) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Returns how a character is written instead; all of it is ASCII.
fn escape(c: char) -> impl Iterator<Item = char> {
    // Those that show by themselves have no shorter escape.
    let (short, long) = match c.is_ascii_graphic() {
        true => (None, Some(c.escape_unicode())),
        false => (Some(c.escape_default()), None),
    };
    short.into_iter().flatten().chain(long.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_its_values() {
        let value =
            serde_json::json!({"a\u{202e}": "\u{9b}\u{e0041}\n é", "b": "x\u{200b}##[error]"});
        let shown = visible_json(&value.to_string()).into_owned();
        assert_eq!(shown, r#"{"a\u202e":"\u009b\udb40\udc41\n é","b":"x\u200b#\u0023[error]"}"#);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }

    #[test]
    fn what_does_something_is_escaped_and_all_else_stays() {
        let plain = "é – 例 🎉 a\tb\nc";
        assert!(matches!(visible(plain), Cow::Borrowed(text) if text == plain));
        assert_eq!(visible("a\r\nb\n"), "a\\r\nb\n");
        for c in ['\0', '\u{7}', '\r', '\u{1b}', '\u{7f}', '\u{9b}', '\u{202e}', '\u{2066}'] {
            let shown = visible_line(&format!("a{c}b")).into_owned();
            assert!(shown.is_ascii() && !shown.contains(c), "{shown}");
        }
        assert_eq!(visible_line("a\nb"), "a\\nb");
    }

    #[test]
    fn no_character_hides_but_where_a_script_needs_it() {
        let ranges = [
            (0, 8),
            (0xb, 0x1f),
            (0x7f, 0x9f),
            (0xad, 0xad),
            (0x61c, 0x61c),
            (0x200b, 0x200f),
            (0x2028, 0x202e),
            (0x2060, 0x206f),
            (0xfe00, 0xfe0f),
            (0xfeff, 0xfeff),
            (0xe0000, 0xe007f),
        ];
        for c in ranges.into_iter().flat_map(|(from, to)| from..=to).filter_map(char::from_u32) {
            for text in
                [format!("a{c}b"), format!("{c}a"), format!("a{c}"), format!("é{c}\u{200b}")]
            {
                let text = if is_selector(c) { text.replace('é', "e") } else { text };
                for shown in [visible(&text), visible_line(&text), visible_json(&text)] {
                    assert!(!shown.contains(c), "{shown:?}");
                }
                let shown = visible_colored(&text);
                assert!(!shown.contains(c) || is_joiner(c), "{shown:?}");
            }
        }
        for kept in ["👩\u{200d}🔬", "❤\u{fe0f}\u{200d}🔥", "1\u{fe0f}\u{20e3}", "می\u{200c}خواهم"]
        {
            assert_eq!(visible(kept), kept);
        }
    }

    #[test]
    fn what_is_visible_stays_so_in_another_text() {
        for value in ["a\u{fe0f}\u{200d}é", "می\u{200c}خواهم", "👩\u{200d}🔬", "é\u{200d}\u{200d}é"]
        {
            let json = visible_json(&serde_json::json!({ "a": value }).to_string()).into_owned();
            assert_eq!(visible_colored(&json), json);
            let shown = visible_line(value).into_owned();
            let marked: String = shown.chars().flat_map(|c| ['<', c, '>']).collect();
            assert_eq!(visible_colored(&marked), marked);
        }
        assert_eq!(visible("a\u{fe0f}\u{200d}é"), "a\\u{fe0f}\\u{200d}é");
    }

    #[test]
    fn no_line_is_a_command_to_the_runner() {
        for (text, shown) in [
            ("::error::x", "\\u{3a}:error::x"),
            ("a\n \u{a0}::add-mask::x\n", "a\n \u{a0}\\u{3a}:add-mask::x\n"),
            ("\u{1b}::error::\n\r::b::", "\\u{1b}::error::\n\\r::b::"),
            ("a ##[error]b", "a #\\u{23}[error]b"),
            ("###[x", "##\\u{23}[x"),
            ("a ##vso[task.setvariable]b", "a #\\u{23}vso[task.setvariable]b"),
            ("###VSO[x", "##\\u{23}VSO[x"),
            ("##teamcity[x ##vs[x ##vso [x", "#\\u{23}teamcity[x ##vs[x ##vso [x"),
            ("::1, ::/0", "\\u{3a}:1, ::/0"),
            ("::1\na::b::\n##", "::1\na::b::\n##"),
        ] {
            assert_eq!(visible(text), shown);
        }
        assert_eq!(visible_line("\n::error::"), "\\n::error::");
        assert_eq!(visible_line("::error::"), "\\u{3a}:error::");
        let colored = "\u{1b}[1;31mError\u{1b}[0m\n::error::\u{1b}[2J";
        assert_eq!(
            visible_colored(colored),
            "\u{1b}[1;31mError\u{1b}[0m\n\\u{3a}:error::\\u{1b}[2J"
        );
    }

    #[test]
    fn places_move_with_what_is_escaped_before_them() {
        let text = "é\u{9b}x\n::a::\u{1b}y";
        let shown = visible(text);
        for marked in ["x", "y"] {
            let place = text.find(marked).unwrap();
            assert!(shown[visible_place(text, place)..].starts_with(marked), "{shown}");
        }
        assert_eq!(visible_place(text, text.len()), shown.len());
    }
}
