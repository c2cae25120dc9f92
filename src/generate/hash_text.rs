//! The text whose hash goes into the name of an object that is neither ConfigMap nor Secret.
//!
//! Odd: it is upstream's tree in JSON, with the style, the comments, the line and the column of
//! every value
//! (case generator/hash-of-tree-untouched). This tree has none of them, so they are looked up where a value was read; one that the
//! build wrote has none in upstream's tree either.

use std::fmt::Write;

use crate::load::{Files, ReadStyles};
use crate::resource::{Resource, annotations};
use crate::yaml::{self, Kind, Node, Rules, SourceStyle, Style, Tag};

/// Appends the text.
pub(super) fn write(resource: &Resource, files: Option<&Files>, out: &mut String) {
    let mut writer = Writer { styles: ReadStyles::new(files), out };
    writer.node(&annotations::with_notes(resource));
}

struct Writer<'a> {
    styles: ReadStyles<'a>,
    out: &'a mut String,
}

impl Writer<'_> {
    fn node(&mut self, node: &Node) {
        let source = self.styles.of(node).filter(|source| is_as_read(node, source)).cloned();
        self.start(node, source.as_ref());
        let mut separator = '[';
        match node {
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => {
                for item in items {
                    self.out.push(std::mem::replace(&mut separator, ','));
                    self.node(item);
                }
            }
            Node::Map { map, .. } => {
                for entry in map {
                    self.out.push(std::mem::replace(&mut separator, ','));
                    self.node(&entry.key);
                    self.out.push(',');
                    self.node(&entry.value);
                }
            }
        }
        self.out.push_str(if separator == ',' { "]" } else { "null" });
        self.end(source.as_ref());
    }

    /// Writes what comes before the children.
    fn start(&mut self, node: &Node, source: Option<&SourceStyle>) {
        let (kind, style) = match node {
            Node::Map { flow, .. } => (4, u8::from(*flow) * 32),
            Node::Seq { flow, .. } => (2, u8::from(*flow) * 32),
            Node::Scalar { style, .. } => (8, style_bit(*style)),
        };
        let is_tagged = source.is_some_and(|source| !source.tag.is_empty());
        // Writing to a string does not fail.
        let _ =
            write!(self.out, r#"{{"Kind":{kind},"Style":{},"Tag":"#, style | u8::from(is_tagged));
        yaml::write_string(tag_name(node, source), self.out);
        self.out.push_str(r#","Value":"#);
        yaml::write_string(node.text().unwrap_or_default(), self.out);
        self.out.push_str(r#","Anchor":"","Alias":null,"Content":"#);
    }

    /// Writes what comes after the children.
    fn end(&mut self, source: Option<&SourceStyle>) {
        let comments = source.and_then(|source| source.comments.as_deref());
        for (field, text) in [
            (r#","HeadComment":"#, comments.map(|c| &c.head)),
            (r#","LineComment":"#, comments.map(|c| &c.line)),
            (r#","FootComment":"#, comments.map(|c| &c.foot)),
        ] {
            self.out.push_str(field);
            yaml::write_string(text.map_or("", |text| text), self.out);
        }
        let (line, column) = source.map_or((0, 0), |source| (source.line, source.column));
        let _ = write!(self.out, r#","Line":{line},"Column":{column}}}"#);
    }
}

/// Returns `true` if a value is the one that was read at its place, and not one that was written over it.
fn is_as_read(node: &Node, source: &SourceStyle) -> bool {
    match node {
        // A setter gives its value a type; a merge changes that only together with the style.
        Node::Scalar { style, tag, .. } => match tag {
            Tag::None => true,
            Tag::Cleared => false,
            _ => !source.tag.is_empty() || *style != source.style,
        },
        _ => true,
    }
}

fn style_bit(style: Style) -> u8 {
    match style {
        Style::Plain => 0,
        Style::DoubleQuoted => 2,
        Style::SingleQuoted => 4,
        Style::Literal => 8,
        Style::Folded => 16,
    }
}

/// Returns the tag that upstream has for a value.
fn tag_name<'a>(node: &'a Node, source: Option<&'a SourceStyle>) -> &'a str {
    if let Some(source) = source {
        return match (source.tag.as_str(), node.kind()) {
            ("", Kind::Map) => "!!map",
            ("", Kind::Seq) => "!!seq",
            ("", Kind::Scalar) => {
                let value = yaml::resolve(&source.text, source.style, Tag::None, Rules::V3);
                value.map_or("!!str", |value| value.tag_name())
            }
            (tag, _) => tag.strip_prefix("!<").and_then(|t| t.strip_suffix('>')).unwrap_or(tag),
        };
    }
    match node {
        Node::Scalar { tag, style, .. } => match tag {
            Tag::Cleared => "",
            Tag::None if *style == Style::Plain => "",
            Tag::None | Tag::Str | Tag::Other => "!!str",
            other => other.shorthand(),
        },
        _ => "",
    }
}
