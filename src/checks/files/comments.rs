//! Comments: what has one is mostly there on purpose, whatever it does.

use std::path::Path;

use crate::load::Files;
use crate::yaml::{self, Node, Pos};

/// Words of comments that say nothing of what stands beside them.
const FORMAL: &[&str] = &["copyright", "license", "licence", "spdx-", "yaml-language-server"];

/// Returns `true` if a file has a comment behind what it starts with.
pub(super) fn has_any(files: &Files, file: &Path) -> bool {
    let text = files.text(file).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let is_head = |line: &&&str| line.starts_with('#') || line.trim().is_empty();
    let head = lines.iter().take_while(is_head).count();
    let (head, rest) = lines.split_at_checked(head).unwrap_or_default();
    let is_formal = head.iter().any(|line| is_formal(line));
    (!is_formal && head.iter().any(|line| is_remark(line)))
        || rest.iter().any(|line| is_remark(line))
}

/// The text of a kustomization, in which comments are looked for.
#[derive(Debug)]
pub(super) struct Commented {
    text: String,
    root: Option<Node>,
    /// Where the lines start.
    starts: Vec<usize>,
}

impl Commented {
    const START: Pos = Pos(1);

    pub(super) fn read(files: &Files, layer: &Path) -> Commented {
        let text = files.text(layer).unwrap_or_default();
        let documents = yaml::read_stream(text.as_bytes(), Self::START, &files.limits());
        let root = documents.unwrap_or_default().into_iter().next();
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(breaks).filter(|at| *at < text.len()).collect();
        Commented { text, root, starts }
    }

    /// Returns `true` if a comment stands in an entry, such as `patches[1]`, or right above it.
    pub(super) fn has_around(&self, field: &str) -> bool {
        self.of_entry(field).unwrap_or_default()
    }

    fn of_entry(&self, field: &str) -> Option<bool> {
        let (list, rest) = field.split_once('[')?;
        let number: usize = rest.split(']').next()?.parse().ok()?;
        let item = self.root.as_ref()?.get(list)?.as_seq()?.get(number)?;
        let place = item.pos().since(Self::START);
        let start = self.starts.partition_point(|start| *start <= place).checked_sub(1)?;
        let first = self.line(start)?;
        let depth = indentation(first);
        let is_deeper = |line: &&str| line.trim().is_empty() || indentation(line) > depth;
        let mut below = self.lines(start + 1).take_while(is_deeper);
        let above = start.checked_sub(1).and_then(|above| self.line(above));
        let is_above =
            above.is_some_and(|line| line.trim_start().starts_with('#') && is_remark(line));
        Some(is_above || is_remark(first) || below.any(is_remark))
    }

    fn lines(&self, from: usize) -> impl Iterator<Item = &str> {
        (from..self.starts.len()).filter_map(|number| self.line(number))
    }

    fn line(&self, number: usize) -> Option<&str> {
        let (start, end) = (*self.starts.get(number)?, self.starts.get(number + 1));
        let line = self.text.get(start..end.copied().unwrap_or(self.text.len()))?;
        Some(line.strip_suffix('\n').unwrap_or(line))
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Returns `true` if a line has a comment with a word in it.
fn is_remark(line: &str) -> bool {
    let mut quotes = [('"', false), ('\'', false)];
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        let is_quoted = quotes.iter().any(|(_, is_open)| *is_open);
        if c == '#' && before.is_whitespace() && !is_quoted {
            let comment = line.get(at..).unwrap_or_default();
            return comment.contains(char::is_alphabetic) && !is_formal(comment);
        }
        // An apostrophe in a word opens nothing.
        let may_open = !before.is_alphanumeric();
        for (quote, is_open) in &mut quotes {
            if c == *quote && (*is_open || !is_quoted && may_open) {
                *is_open = !*is_open;
            }
        }
        before = c;
    }
    false
}

fn is_formal(comment: &str) -> bool {
    let comment = comment.to_ascii_lowercase();
    FORMAL.iter().any(|word| comment.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_told_from_texts() {
        for line in ["# why", "  a: b # why", "a: 'it' # why", "it's: b # why"] {
            assert!(is_remark(line), "{line}");
        }
        for line in ["a: b", "a: b#c", "a: 'b # c'", "a: \"b # c\"", "#", "# ---", "# SPDX-x: y"] {
            assert!(!is_remark(line), "{line}");
        }
    }
}
