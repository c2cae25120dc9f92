//! What the tree does not keep of a text, by the place of each value: line, column, tag and comments.
//!
//! Nothing of this is printed. It is looked up in the text once more where it counts nevertheless.

use std::ops::Range;

use ecow::EcoString;
use rustc_hash::FxHashMap;

use super::node::Kind;
use super::reader::{self, Limits};
use super::source_tree::{self, Comments, Value};
use super::style::Style;

/// How a value is written.
#[derive(Clone, Debug)]
pub(crate) struct SourceStyle {
    /// The line in its document, from 1.
    pub(crate) line: u32,
    /// The column in characters, from 1.
    pub(crate) column: u32,
    /// The text of a scalar.
    pub(crate) text: EcoString,
    /// How a scalar is quoted.
    pub(crate) style: Style,
    /// The explicit tag as it is written, such as `!!str`.
    pub(crate) tag: EcoString,
    /// The comments around it.
    pub(crate) comments: Option<Box<Comments>>,
}

/// The values of one document of a stream of resources.
#[derive(Debug, Default)]
pub(crate) struct SourceStyles {
    /// Where the document stands in the bytes.
    pub(crate) range: Range<usize>,
    /// By offset in the bytes; the kind tells a block mapping from its first key.
    by_place: FxHashMap<(usize, Kind), SourceStyle>,
}

impl SourceStyles {
    /// Reads the document that `offset` lies in; one that is no YAML has no values.
    pub(crate) fn read(bytes: &[u8], offset: usize, limits: &Limits) -> SourceStyles {
        let found = reader::read_stream_styles(bytes, limits, |range| {
            range.start <= offset && offset <= range.end
        });
        let nothing =
            SourceStyles { range: 0..bytes.len().saturating_add(1), ..SourceStyles::default() };
        found.into_iter().next().map_or(nothing, SourceStyles::of)
    }

    /// Reads all documents.
    pub(crate) fn read_all(bytes: &[u8], limits: &Limits) -> Vec<SourceStyles> {
        reader::read_stream_styles(bytes, limits, |_| true)
            .into_iter()
            .map(SourceStyles::of)
            .collect()
    }

    fn of((range, start, document): (Range<usize>, usize, source_tree::Document)) -> SourceStyles {
        let mut styles = SourceStyles { range, ..SourceStyles::default() };
        if let Some(root) = document.root {
            styles.add(root, start);
        }
        styles
    }

    /// Returns how the value of this kind that was read at `offset` is written.
    pub(crate) fn get(&self, offset: usize, kind: Kind) -> Option<&SourceStyle> {
        self.by_place.get(&(offset, kind))
    }

    /// Returns all values that have comments, with offset and kind.
    pub(crate) fn commented(&self) -> impl Iterator<Item = (usize, Kind, &Comments)> {
        self.by_place.iter().filter_map(|(&(offset, kind), source)| {
            Some((offset, kind, source.comments.as_deref()?))
        })
    }

    fn add(&mut self, node: source_tree::Node, start: usize) {
        let source_tree::Node { value, tag, comments, place, .. } = node;
        let (kind, text, style) = match value {
            // What it stands for is written elsewhere.
            Value::Alias(_) => return,
            Value::Scalar { text, style, .. } => (Kind::Scalar, text, style),
            Value::Seq { items, .. } => {
                items.into_iter().for_each(|item| self.add(item, start));
                (Kind::Seq, EcoString::new(), Style::Plain)
            }
            Value::Map { entries, .. } => {
                for (key, value) in entries {
                    self.add(key, start);
                    self.add(value, start);
                }
                (Kind::Map, EcoString::new(), Style::Plain)
            }
        };
        let source =
            SourceStyle { line: place.line, column: place.column, text, style, tag, comments };
        self.by_place.insert((start.saturating_add(place.offset), kind), source);
    }
}
