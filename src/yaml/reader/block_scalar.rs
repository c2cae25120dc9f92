//! Literal and folded scalars.

use std::borrow::Cow;

use super::cursor::Cursor;
use super::error::{Fault, Scan};
use super::scanner::Scanner;
use super::token::{Mark, Token, TokenKind};
use crate::yaml::Style;

/// What happens to the line breaks at the end.
#[derive(Clone, Copy, PartialEq)]
enum Chomping {
    /// None is kept.
    Strip,
    /// One is kept.
    Clip,
    /// All are kept.
    Keep,
}

impl<'t> Scanner<'t> {
    pub(super) fn scan_block_scalar(&mut self, style: Style) -> Scan<Token<'t>> {
        let start = self.cursor.mark;
        let (text, end) = scan(&mut self.cursor, style, self.indent)?;
        Ok(Token { kind: TokenKind::Scalar { text: Cow::Owned(text), style }, start, end })
    }
}

/// Reads the block scalar at `cursor` inside a block collection at column `parent`.
///
/// Returns the text and where it ends; the cursor may stand further, in the indentation that follows.
pub(super) fn scan(cursor: &mut Cursor<'_>, style: Style, parent: isize) -> Scan<(String, Mark)> {
    let start = cursor.mark;
    cursor.skip();
    let (chomping, increment) = scan_header(cursor, start)?;
    let mut indent = increment.map(|n| parent.max(0) + n);

    let mut text = String::new();
    let mut breaks = String::new();
    let mut last_break = None;
    let mut was_blank = false;
    let mut end = cursor.mark;
    skip_empty_lines(cursor, parent, &mut indent, &mut breaks, start, &mut end)?;
    while Some(cursor.mark.column) == indent && !cursor.at_end() {
        let is_blank = cursor.is_blank(0);
        let folds = style == Style::Folded && !was_blank && !is_blank;
        match last_break {
            Some('\n') if folds && breaks.is_empty() => text.push(' '),
            Some('\n') if folds => {}
            Some(other) => text.push(other),
            None => {}
        }
        text.push_str(&breaks);
        breaks.clear();
        was_blank = is_blank;
        let line = cursor.mark.offset;
        cursor.skip_line();
        text.push_str(cursor.slice(line, cursor.mark.offset));
        last_break = cursor.read_break();
        skip_empty_lines(cursor, parent, &mut indent, &mut breaks, start, &mut end)?;
    }
    if chomping != Chomping::Strip {
        text.extend(last_break);
    }
    if chomping == Chomping::Keep {
        text.push_str(&breaks);
    }
    Ok((text, end))
}

/// Reads what follows the `|` or `>` on its line.
fn scan_header(cursor: &mut Cursor<'_>, start: Mark) -> Scan<(Chomping, Option<isize>)> {
    let mut chomping = None;
    let mut increment = None;
    loop {
        match cursor.byte(0) {
            b'+' if chomping.is_none() => chomping = Some(Chomping::Keep),
            b'-' if chomping.is_none() => chomping = Some(Chomping::Strip),
            b'0' if increment.is_none() => {
                let message = "found an indentation indicator equal to 0";
                return Err(Fault::scan(start, cursor.mark, message));
            }
            digit @ b'1'..=b'9' if increment.is_none() => {
                increment = Some(isize::from(digit - b'0'));
            }
            _ => break,
        }
        cursor.skip();
    }
    cursor.skip_blanks();
    if cursor.byte(0) == b'#' {
        cursor.skip_line();
    }
    if !cursor.is_break_or_end(0) {
        let message = "did not find expected comment or line break";
        return Err(Fault::scan(start, cursor.mark, message));
    }
    cursor.skip_break();
    Ok((chomping.unwrap_or(Chomping::Clip), increment))
}

/// Passes empty lines and the indentation of the next other line; finds `indent` if need be.
fn skip_empty_lines(
    cursor: &mut Cursor<'_>,
    parent: isize,
    indent: &mut Option<isize>,
    breaks: &mut String,
    start: Mark,
    end: &mut Mark,
) -> Scan<()> {
    let mut deepest = 0;
    loop {
        let is_inside = |column| indent.is_none_or(|n| column < n);
        while is_inside(cursor.mark.column) && cursor.byte(0) == b' ' {
            cursor.skip();
        }
        deepest = deepest.max(cursor.mark.column);
        if is_inside(cursor.mark.column) && cursor.byte(0) == b'\t' {
            let message = "found a tab character where an indentation space is expected";
            return Err(Fault::scan(start, cursor.mark, message));
        }
        match cursor.read_break() {
            Some(meaning) => breaks.push(meaning),
            None => break,
        }
        *end = cursor.mark;
    }
    if indent.is_none() {
        // Odd: a line of spaces deeper than the text counts as well
        // (case yaml/block-scalar-dedented-after-deep-blank).
        *indent = Some(deepest.max(parent + 1).max(1));
    }
    Ok(())
}
