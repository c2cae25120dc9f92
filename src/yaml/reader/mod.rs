//! Reading YAML (docs/spec/yaml.md, section 2).
//!
//! ```text
//! input    bytes -> characters
//! chunks   a stream of resources -> its documents
//! scanner  characters -> tokens     (plain, quoted, block_scalar, property)
//! parser   tokens -> events
//! compose  events -> Node           (merge)
//! fast     text -> Node, for most   (fast_scalar, fast_flow)
//! ```
//!
//! What is accepted, with which message the rest is refused, and what a text means is all decided by
//! upstream, which follows YAML 1.1 with the habits of its own that are marked `Odd` here.

mod block_scalar;
mod chunks;
mod comments;
mod compose;
mod cursor;
mod error;
mod event;
mod fast;
mod fast_flow;
mod fast_scalar;
mod input;
mod merge;
mod options;
mod parser;
mod plain;
mod property;
mod quoted;
mod scanner;
mod source_style;
mod spans;
#[cfg(test)]
mod tests;
mod token;

use std::borrow::Cow;
use std::ops::Range;

use self::compose::Document;
pub use self::error::SyntaxError;
use self::fast_scalar::Text;
use self::input::Input;
pub use self::options::{Limits, Merges};
use self::parser::Parser;
pub(super) use self::source_style::read_styles;
pub(super) use self::spans::read_spans;
use super::node::Node;
use super::pos::Pos;
use super::source_tree;

/// Decodes bytes as their byte order mark says, which is removed, and checks that YAML allows the
/// characters.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, SyntaxError> {
    let input = Input::of_bytes(bytes);
    match input.first_invalid {
        Some(first_invalid) => Err(first_invalid.error),
        None => Ok(input.text),
    }
}

/// Reads the first document of a text without a byte order mark; the rest is ignored.
///
/// Positions count from `at` in bytes of `text`.
pub fn read_document(
    text: &str,
    at: Pos,
    merges: Merges,
    limits: &Limits,
) -> Result<Option<Node>, SyntaxError> {
    let Some(document) = read(&Input::of_text(text), at, merges, limits)? else {
        return Ok(None);
    };
    match document.late_error {
        Some(fault) => Err(fault.into_error(merges.line_rule())),
        None => Ok(Some(document.root)),
    }
}

/// Reads the documents of a stream of resources, without those that are null or empty.
///
/// Positions count from `at` in bytes, a CRLF as one.
pub fn read_stream(bytes: &[u8], at: Pos, limits: &Limits) -> Result<Vec<Node>, SyntaxError> {
    let mut nodes = read_documents(bytes, at, limits)?;
    nodes.retain(|node| !is_empty(node));
    Ok(nodes)
}

/// Reads all documents of a stream of resources, also those that are `null` or an empty collection.
///
/// # Errors
/// If one is no YAML.
pub(crate) fn read_documents(
    bytes: &[u8],
    at: Pos,
    limits: &Limits,
) -> Result<Vec<Node>, SyntaxError> {
    let merges = Merges::Resource;
    let bytes = chunks::unify_line_ends(bytes);
    let mut nodes = Vec::new();
    let mut late_error = None;
    let mut left = *limits;
    for chunk in chunks::split(&bytes)? {
        let input = Input::of_bytes(&bytes[chunk.clone()]);
        let start = chunk.start + input.bom;
        let further = |error: SyntaxError| SyntaxError { offset: start + error.offset, ..error };
        let document = read(&input, at.offset(start), merges, &left).map_err(further)?;
        let Some(document) = document else { continue };
        left.nodes = left.nodes.saturating_sub(document.copied);
        if late_error.is_none() {
            let error = document.late_error.map(|fault| fault.into_error(merges.line_rule()));
            late_error = error.map(further);
        }
        nodes.push(document.root);
    }
    match late_error {
        Some(error) => Err(error),
        None => Ok(nodes),
    }
}

/// Reads those documents of a stream of resources that are `wanted` by their range, with their looks;
/// answers with the range, and the offset from which the places in it count.
pub(super) fn read_stream_styles(
    bytes: &[u8],
    limits: &Limits,
    wanted: impl Fn(&Range<usize>) -> bool,
) -> Vec<(Range<usize>, usize, source_tree::Document)> {
    let bytes = chunks::unify_line_ends(bytes);
    let chunks = chunks::split(&bytes).unwrap_or_default();
    let read = |chunk: Range<usize>| {
        let input = Input::of_bytes(bytes.get(chunk.clone())?);
        let document = source_style::read_input(&input, limits.depth).ok()?;
        Some((chunk.clone(), chunk.start + input.bom, document))
    };
    chunks.into_iter().filter(wanted).filter_map(read).collect()
}

/// Returns how deep a tree is; a scalar or an empty collection is one level.
pub fn max_depth(node: &Node) -> usize {
    let mut deepest = 0;
    let mut waiting = vec![(node, 1)];
    while let Some((node, depth)) = waiting.pop() {
        deepest = deepest.max(depth);
        match node {
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => waiting.extend(items.iter().map(|item| (item, depth + 1))),
            Node::Map { map, .. } => {
                for entry in map {
                    waiting.push((&entry.key, depth + 1));
                    waiting.push((&entry.value, depth + 1));
                }
            }
        }
    }
    deepest
}

fn read(
    input: &Input<'_>,
    at: Pos,
    merges: Merges,
    limits: &Limits,
) -> Result<Option<Document>, SyntaxError> {
    if input.first_invalid.is_none() && !input.prescan.has_odd_breaks {
        let text = Text { text: &input.text, at, has_tabs: input.prescan.has_tabs };
        if let Some(root) = fast::read(text, limits.depth) {
            return Ok(root.map(|root| Document { root, late_error: None, copied: 0 }));
        }
    }
    read_slowly(input, at, merges, limits)
}

/// Reads with the scanner.
fn read_slowly(
    input: &Input<'_>,
    at: Pos,
    merges: Merges,
    limits: &Limits,
) -> Result<Option<Document>, SyntaxError> {
    let end =
        input.first_invalid.as_ref().map_or(input.text.len(), |first_invalid| first_invalid.start);
    let text = input.text.get(..end).unwrap_or(&input.text);
    let mut parser = Parser::new(text, merges.dialect(), limits.depth);
    let result = compose::compose(&mut parser, at, merges, limits);
    let cursor = &parser.scanner.cursor;
    match &input.first_invalid {
        Some(first_invalid) if cursor.starved || cursor.at_end() => {
            Err(first_invalid.error.clone())
        }
        _ => result.map_err(|fault| fault.into_error(merges.line_rule())),
    }
}

/// Returns `true` if a tree says nothing: `null` or an empty collection.
pub(crate) fn is_empty(node: &Node) -> bool {
    match node {
        Node::Scalar { .. } => node.is_null(),
        Node::Map { map, .. } => map.is_empty(),
        Node::Seq { items, .. } => items.is_empty(),
    }
}
