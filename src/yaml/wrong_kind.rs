//! The words for a node of another kind than expected.

use super::node::{Kind, Node};
use super::printer::print_at_most;

/// The most lines of the node that a message shows.
const SHOWN_LINES: usize = 8;

/// The most bytes of a node that are printed for that.
const LONGEST: usize = 64 << 10;

/// Returns upstream's message, with the beginning of the node.
pub(crate) fn wrong_kind(node: &Node, expected: Kind) -> String {
    let mut text = String::new();
    // A part of a document that cannot be printed is not shown, nor one that nobody would read.
    let _ = print_at_most(node, &mut text, LONGEST);
    let shown: Vec<&str> = text.lines().take(SHOWN_LINES).collect();
    let contents = match shown.is_empty() {
        true => String::new(),
        false => format!(": node contents:\n{}", shown.join("\n")),
    };
    format!(
        "wrong node kind: expected {} but got {}{contents}",
        expected.name(),
        node.kind().name()
    )
}
