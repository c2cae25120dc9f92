//! Wraps lines to the terminal, with continuation lines indented.

use std::io::{self, IsTerminal};

/// A narrower terminal wraps by itself.
const NARROWEST: usize = 40;
/// How far what is continued stands further in.
const INDENT: usize = 4;

/// Wraps a text with colors at the width of the terminal, if it goes to one.
pub(crate) fn for_stdout(text: String) -> String {
    let width = || Some(usize::from(terminal_size::terminal_size_of(io::stdout())?.0.0));
    match io::stdout().is_terminal().then(width).flatten() {
        Some(width) if width >= NARROWEST => wrap(&text, width),
        _ => text,
    }
}

fn wrap(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = match line.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (line, ""),
        };
        if line.chars().count() <= width {
            out.push_str(line);
        } else {
            wrap_line(line, width, &mut out);
        }
        out.push_str(end);
    }
    out
}

/// One character, or a change of colors, which takes no room.
enum Piece<'l> {
    Char(char),
    Colors(&'l str),
}

fn wrap_line(line: &str, width: usize, out: &mut String) {
    let pieces = pieces(line);
    let room = |piece: &Piece<'_>| matches!(piece, Piece::Char(_)) as usize;
    let is_blank = |piece: &&Piece<'_>| matches!(piece, Piece::Char(' ') | Piece::Colors(_));
    let indent: usize = pieces.iter().take_while(is_blank).map(room).sum();
    // What stands far in would leave no room.
    let indent = " ".repeat((indent + INDENT).min(width / 2));
    let (mut colors, mut rest, mut left) = (String::new(), pieces.as_slice(), width);
    while !rest.is_empty() {
        let end = end_of_line(rest, left);
        let (now, later) = rest.split_at(end);
        for piece in now {
            match piece {
                Piece::Char(c) => out.push(*c),
                Piece::Colors("\x1b[0m") => {
                    colors.clear();
                    out.push_str("\x1b[0m");
                }
                Piece::Colors(more) => {
                    colors.push_str(more);
                    out.push_str(more);
                }
            }
        }
        rest = later;
        if rest.iter().any(|piece| matches!(piece, Piece::Char(_))) {
            let reset = if colors.is_empty() { "" } else { "\x1b[0m" };
            out.push_str(&format!("{reset}\n{indent}{colors}"));
            left = width - indent.len();
        }
    }
}

/// Returns how many pieces fit: up to a blank if there is one near the end, else as many as there is room.
fn end_of_line(pieces: &[Piece<'_>], room: usize) -> usize {
    let (mut used, mut blank) = (0, None);
    for (i, piece) in pieces.iter().enumerate() {
        if let Piece::Char(c) = piece {
            if used == room {
                return blank.unwrap_or(i);
            }
            used += 1;
            if *c == ' ' && used > room / 2 {
                blank = Some(i + 1);
            }
        }
    }
    pieces.len()
}

fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let colors = rest.starts_with("\x1b[").then(|| rest.find('m')).flatten();
        let len = match colors {
            Some(end) => {
                pieces.push(Piece::Colors(rest.get(..=end).unwrap_or_default()));
                end + 1
            }
            None => {
                pieces.push(Piece::Char(c));
                c.len_utf8()
            }
        };
        rest = rest.get(len..).unwrap_or_default();
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_continued_further_in() {
        assert_eq!(wrap("  short\nlines\n", 10), "  short\nlines\n");
        assert_eq!(wrap("  one two three four\n", 14), "  one two \n      three \n      four\n");
        assert_eq!(wrap("  abcdefghijklmnop", 12), "  abcdefghij\n      klmnop");
        assert_eq!(
            wrap("\x1b[31m- abcdefgh\x1b[0m ij", 8),
            "\x1b[31m- abcdef\x1b[0m\n    \x1b[31mgh\x1b[0m \n    ij"
        );
    }

    #[test]
    fn nothing_is_lost_but_blanks_are_added() {
        let text = "    spec.template.spec.containers[web].image: \x1b[31mregistry.example.com/a/very/long/name:1\x1b[0m → ünïcode\n";
        for width in 8..80 {
            let wrapped = wrap(text, width);
            let bare = |text: &str| {
                text.replace("\x1b[31m", "").replace("\x1b[0m", "").replace([' ', '\n'], "")
            };
            assert_eq!(bare(&wrapped), bare(text), "{width}");
            let longest = wrapped.lines().map(|line| {
                pieces(line).iter().filter(|piece| matches!(piece, Piece::Char(_))).count()
            });
            assert!(longest.max() <= Some(width), "{width}: {wrapped}");
        }
    }
}
