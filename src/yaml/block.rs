//! What becomes of a block scalar that upstream writes and reads once more.

use std::borrow::Cow;

use super::chars;
use super::render_error::RenderError;
use super::style::Style;

/// Returns the text of a scalar after it was written as a block scalar and read again, or as it is
/// if it is not written so.
pub(super) fn round_trip(
    text: &str,
    style: Style,
    flow: bool,
    key: bool,
) -> Result<Cow<'_, str>, RenderError> {
    let block = match style {
        Style::Literal | Style::Folded => true,
        Style::Plain => text.contains('\n'),
        Style::SingleQuoted | Style::DoubleQuoted => false,
    };
    if !block || flow || text.is_empty() || (key && is_simple_key(text)) {
        return Ok(text.into());
    }
    if text.starts_with('\t') && fits_block(text) {
        return Err(RenderError::new(
            "yaml: found a tab character where an indentation space is expected",
        ));
    }
    if style == Style::Folded && text.contains('\n') && fits_block(text) {
        return Ok(refolded(text));
    }
    Ok(text.into())
}

fn is_simple_key(text: &str) -> bool {
    text.len() <= chars::SIMPLE_KEY_LIMIT && !text.contains(chars::is_break)
}

/// Returns `true` if upstream writes `text` as a block scalar when asked to.
fn fits_block(text: &str) -> bool {
    let bytes = text.as_bytes();
    let space_at_end = |i: usize| {
        bytes.get(i + 1).is_none_or(|&b| b == b'\n')
            || text[i + 1..].starts_with(['\u{2028}', '\u{2029}'])
    };
    !memchr::memchr_iter(b' ', bytes).any(space_at_end)
        && text.chars().all(|c| c == '\t' || chars::is_printable(c))
}

/// Returns what a folded scalar is after one more round of writing and reading.
///
/// Odd: for the run of breaks after a line that is not indented, the writer looks at the first
/// character of the whole text instead of the one that follows
/// (case yaml/folded-scalar-grows). If that is no blank, each such run
/// gets a break more than it should; if it is one, none gets the break that folding takes away.
fn refolded(text: &str) -> Cow<'_, str> {
    let body = text.trim_start_matches(chars::is_break);
    let Some(first) = body.chars().next() else {
        return text.into();
    };
    let mut out = String::with_capacity(text.len() + 8);
    out.push_str(&text[..text.len() - body.len()]);
    let mut rest = body;
    while !rest.is_empty() {
        let indented = rest.starts_with(is_blank);
        let end = rest.find(chars::is_break).unwrap_or(rest.len());
        out.push_str(&rest[..end]);
        let following = rest[end..].trim_start_matches(chars::is_break);
        let breaks = &rest[end..rest.len() - following.len()];
        rest = following;
        // U+2028 and U+2029 neither get a break nor are folded.
        let folds = !indented && breaks.starts_with('\n');
        let grows = folds && !is_blank(first);
        if rest.is_empty() {
            if grows && breaks.len() > 1 {
                out.push('\n');
            }
            out.push_str(breaks);
        } else if folds && !rest.starts_with(is_blank) {
            match &breaks[1..] {
                _ if grows => out.push_str(breaks),
                "" => out.push(' '),
                others => out.push_str(others),
            }
        } else {
            if grows {
                out.push('\n');
            }
            out.push_str(breaks);
        }
    }
    out.into()
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_text_grows() {
        for (text, expected) in [
            ("x\n  y\nz\n", "x\n\n  y\nz\n"),
            ("x\n\n", "x\n\n\n"),
            ("  x\ny\nz\n", "  x\ny z\n"),
            ("x\ny\n", "x\ny\n"),
            ("  x\ny\n\nz", "  x\ny\nz"),
            ("\nx\n y", "\nx\n\n y"),
            ("\n\n", "\n\n"),
            ("x \n  y", "x \n  y"),
        ] {
            let got = round_trip(text, Style::Folded, false, false);
            assert_eq!(got.as_deref(), Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn block_text_may_not_begin_with_a_tab() {
        assert!(round_trip("\ta\nb", Style::Plain, false, false).is_err());
        assert!(round_trip("\ta", Style::Literal, false, false).is_err());
        assert!(round_trip("\ta", Style::Plain, false, false).is_ok());
        assert!(round_trip("\ta\nb", Style::Literal, true, false).is_ok());
        assert!(round_trip("\ta \nb", Style::Literal, false, false).is_ok());
    }
}
