//! How a scalar is written.

use super::super::chars::{self, is_break};
use super::super::source_tree::kind_of;
use super::super::style::{Style, Tag};

/// Where a scalar stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Context {
    /// Inside brackets or braces.
    pub(super) flow: bool,
    /// As a key without `?`.
    pub(super) key: bool,
}

/// What the characters of a text forbid.
#[derive(Clone, Copy, Debug, Default)]
struct Faults {
    /// It cannot be plain.
    plain: bool,
    /// It cannot be plain inside a flow collection.
    flow_plain: bool,
    /// It cannot be in single quotes.
    single: bool,
    /// It cannot be a block.
    block: bool,
    /// It has several lines.
    lines: bool,
}

/// Returns the style in which a scalar is written, and the tag that has to be written before it so that
/// it keeps its type.
pub(super) fn form(
    text: &str,
    style: Style,
    kind: Option<Tag>,
    tagged: bool,
    context: Context,
) -> (Style, &'static str) {
    let mut wanted = style;
    let mut tag = "";
    if style == Style::Plain {
        if text.contains('\n') {
            wanted = Style::Literal;
        }
        match kind {
            Some(Tag::Str) if kind_of(text, style) != Tag::Str && text != "<<" && !tagged => {
                wanted = Style::DoubleQuoted;
            }
            // Odd: a merge key is the one that always shows its type
            // (case replacements/inside-yaml-text-merge-key).
            Some(kind @ Tag::Merge) => tag = kind.shorthand(),
            Some(kind) if kind != Tag::Str && kind != kind_of(text, style) => {
                tag = kind.shorthand();
            }
            _ => {}
        }
    }
    let tag = if tagged { "" } else { tag };
    let faults = faults(text);
    if wanted == Style::Plain {
        let empty = text.is_empty() && (context.flow || context.key);
        let refused = if context.flow { faults.flow_plain } else { faults.plain };
        if empty || refused || faults.lines {
            wanted = Style::SingleQuoted;
        }
    }
    if wanted == Style::SingleQuoted && (faults.single || (context.key && faults.lines)) {
        wanted = Style::DoubleQuoted;
    }
    let block = matches!(wanted, Style::Literal | Style::Folded);
    if block && (text.is_empty() || faults.block || context.flow || context.key) {
        wanted = Style::DoubleQuoted;
    }
    (wanted, tag)
}

/// Returns `true` if a text can be a key without `?`, but for its length.
pub(super) fn is_one_line(text: &str) -> bool {
    !text.contains(is_break)
}

fn faults(text: &str) -> Faults {
    let mut faults = Faults::default();
    let blank = |c: Option<char>| c.is_none_or(|c| matches!(c, ' ' | '\t') || is_break(c));
    let mut before = None;
    let mut chars = text.chars().peekable();
    if text.starts_with("---") || text.starts_with("...") {
        faults.plain = true;
    }
    while let Some(c) = chars.next() {
        let after = chars.peek().copied();
        let first = before.is_none();
        match c {
            '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
            | '@' | '`'
                if first =>
            {
                faults.plain = true;
            }
            '-' if first && blank(after) => faults.plain = true,
            '?' | ':' if first => {
                faults.flow_plain = true;
                faults.plain |= blank(after);
            }
            ':' => {
                faults.flow_plain = true;
                faults.plain |= blank(after);
            }
            ',' | '?' | '[' | ']' | '{' | '}' => faults.flow_plain = true,
            '#' => faults.plain |= blank(before),
            _ => {}
        }
        if is_break(c) {
            faults.lines = true;
            if before == Some(' ') || !chars::is_printable(c) {
                faults.escape();
            }
        } else if c == ' ' {
            faults.plain |= first || after.is_none();
            faults.block |= after.is_none();
            if before.is_some_and(is_break) {
                // A space after a break would be lost, but for blocks.
                faults.plain = true;
                faults.single = true;
            }
        } else if !chars::is_printable(c) && c != '\t' {
            faults.escape();
        } else if c == '\t' {
            faults.plain = true;
            faults.single = true;
        }
        before = Some(c);
    }
    faults.flow_plain |= faults.plain;
    faults
}

impl Faults {
    /// Only double quotes will do.
    fn escape(&mut self) {
        (self.plain, self.single, self.block) = (true, true, true);
    }
}

/// Writes the body of a quoted scalar; further lines of a single-quoted one begin at `indent`.
pub(super) fn write_single(out: &mut String, text: &str, indent: usize) {
    out.push('\'');
    let mut in_break = false;
    for c in text.chars() {
        if is_break(c) {
            if !in_break && c == '\n' {
                out.push('\n');
            }
            out.push(c);
            in_break = true;
            continue;
        }
        if in_break {
            out.extend(std::iter::repeat_n(' ', indent));
            in_break = false;
        }
        if c == '\'' {
            out.push('\'');
        }
        out.push(c);
    }
    if in_break {
        out.extend(std::iter::repeat_n(' ', indent));
    }
    out.push('\'');
}

/// Writes the header of a block, such as `|2-`.
pub(super) fn write_block_header(out: &mut String, text: &str, style: Style) {
    out.push(if style == Style::Folded { '>' } else { '|' });
    if text.starts_with(|c| c == ' ' || is_break(c)) {
        out.push('2');
    }
    let mut ending = text.chars().rev().map(is_break);
    match (ending.next(), ending.next()) {
        (Some(true), Some(false)) => {}
        (Some(true), _) => out.push('+'),
        _ => out.push('-'),
    }
}

/// Writes the lines of a block, each on a new line; the last one is not ended.
pub(super) fn write_block(out: &mut String, text: &str, style: Style, indent: usize) {
    let starts_blank = |line: &str| line.starts_with([' ', '\t']);
    // Odd: a folded block whose first line is indented is never given more line breaks
    // (case replacements/inside-yaml-text-folded).
    let grows = style == Style::Folded && !starts_blank(text.trim_start_matches('\n'));
    let mut lines = text.split('\n').peekable();
    let mut previous = "";
    while let Some(line) = lines.next() {
        if line.is_empty() && lines.peek().is_none() {
            // Odd: a folded block gets a break too many at the end of its last line, too
            // (case replacements/inside-yaml-text-folded).
            if grows && !previous.is_empty() && !starts_blank(previous) {
                out.push('\n');
            }
            break;
        }
        if grows && !previous.is_empty() && !starts_blank(previous) {
            out.push('\n');
        }
        out.push('\n');
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(line);
        }
        previous = line;
    }
}
