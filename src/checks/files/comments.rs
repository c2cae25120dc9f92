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

/// Returns `true` if a comment stands in an entry of a kustomization, such as `patches[1]`, or right above it.
pub(super) fn are_around(files: &Files, layer: &Path, field: &str) -> bool {
    let text = files.text(layer).unwrap_or_default();
    of_entry(&text, field, files).unwrap_or_default()
}

fn of_entry(text: &str, field: &str, files: &Files) -> Option<bool> {
    const START: Pos = Pos(1);
    let (list, rest) = field.split_once('[')?;
    let number: usize = rest.split(']').next()?.parse().ok()?;
    let documents = yaml::read_stream(text.as_bytes(), START, &files.limits()).ok()?;
    let items = documents.first()?.get(list)?.as_seq()?;
    let line_of = |item: &Node| {
        let before = text.get(..item.pos().since(START))?;
        Some(before.matches('\n').count())
    };
    let start = line_of(items.get(number)?)?;
    let lines: Vec<&str> = text.lines().collect();
    let depth = indentation(lines.get(start)?);
    let is_deeper = |line: &&&str| line.trim().is_empty() || indentation(line) > depth;
    let below = lines.get(start + 1..)?.iter().take_while(is_deeper).count();
    let own = lines.get(start..=start + below)?;
    let above = start.checked_sub(1).and_then(|above| lines.get(above));
    let is_above = above.is_some_and(|line| line.trim_start().starts_with('#') && is_remark(line));
    Some(is_above || own.iter().any(|line| is_remark(line)))
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
