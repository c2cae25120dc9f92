//! The hash of a resource's content, which becomes the end of its name.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::yaml::{self, Node, Numbers, Rules, Style, Tag};

/// How many hexadecimal digits of the digest make the hash.
const LENGTH: usize = 10;

/// Returns the hash of the content of a ConfigMap, a Secret, or any other kind.
///
/// Name, namespace, labels and annotations of a ConfigMap or Secret do not count.
///
/// Odd: for other kinds the reference hashes its tree with every comment, line and column. This tree
/// has none of them, so there the hash is stable but another than the reference's.
pub(crate) fn content_hash(node: &Node) -> Result<String> {
    let mut text = String::new();
    match node.get("kind").and_then(Node::text) {
        Some("ConfigMap") => {
            text.push('{');
            write_map(node, "binaryData", &mut text)?;
            text.push_str(r#""data":"#);
            write_data(node, &mut text)?;
            // Odd: the reference looks for the name in the wrong place and never finds it.
            text.push_str(r#","kind":"ConfigMap","name":""}"#);
        }
        Some("Secret") => {
            text.push_str(r#"{"data":"#);
            write_data(node, &mut text)?;
            text.push_str(r#","kind":"Secret","name":"","#);
            write_map(node, "stringData", &mut text)?;
            text.push_str(r#""type":"#);
            let kind = node.get("type").and_then(Node::text);
            yaml::write_string(kind.unwrap_or_default(), &mut text);
            text.push('}');
        }
        _ => write_tree(node, &mut text),
    }
    Ok(readable(&Sha256::digest(text)))
}

/// Appends the first digits of a digest, without vowels and what looks like one.
fn readable(digest: &[u8]) -> String {
    let nibbles = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).take(LENGTH);
    nibbles.map(|nibble| char::from(b"gh2k456789mbcdtf"[usize::from(nibble)])).collect()
}

/// Appends `"field":{…},` if the field is a mapping.
fn write_map(node: &Node, field: &str, out: &mut String) -> Result<()> {
    if let Some(value @ Node::Map { .. }) = node.get(field) {
        yaml::write_string(field, out);
        out.push(':');
        yaml::write_json(value, Numbers::Floats, out)?;
        out.push(',');
    }
    Ok(())
}

fn write_data(node: &Node, out: &mut String) -> Result<()> {
    match node.get("data") {
        None => out.push_str(r#""""#),
        Some(Node::Scalar { text, .. }) => yaml::write_string(text, out),
        Some(Node::Seq { .. }) => out.push_str("null"),
        Some(map) => yaml::write_json(map, Numbers::Floats, out)?,
    }
    Ok(())
}

/// Appends the reference's dump of a tree, as of one made by the build: without positions.
fn write_tree(node: &Node, out: &mut String) {
    let (kind, style, tag) = match node {
        Node::Map { flow, .. } => (4, u8::from(*flow) * 32, "!!map"),
        Node::Seq { flow, .. } => (2, u8::from(*flow) * 32, "!!seq"),
        Node::Scalar { style, .. } => {
            let bit = match style {
                Style::Plain => 0,
                Style::DoubleQuoted => 2,
                Style::SingleQuoted => 4,
                Style::Literal => 8,
                Style::Folded => 16,
            };
            (8, bit, tag_name(node))
        }
    };
    // Writing to a string does not fail.
    let _ = write!(out, r#"{{"Kind":{kind},"Style":{style},"Tag":"{tag}","Value":"#);
    yaml::write_string(node.text().unwrap_or_default(), out);
    out.push_str(r#","Anchor":"","Alias":null,"Content":"#);
    let mut separator = '[';
    let mut write_child = |child: &Node, out: &mut String| {
        out.push(std::mem::replace(&mut separator, ','));
        write_tree(child, out);
    };
    match node {
        Node::Scalar { .. } => {}
        Node::Seq { items, .. } => items.iter().for_each(|item| write_child(item, out)),
        Node::Map { map, .. } => map.iter().for_each(|entry| {
            write_child(&entry.key, out);
            write_child(&entry.value, out);
        }),
    }
    out.push_str(if separator == ',' { "]" } else { "null" });
    out.push_str(r#","HeadComment":"","LineComment":"","FootComment":"","Line":0,"Column":0}"#);
}

/// Returns the tag that the reference finds for a scalar.
fn tag_name(node: &Node) -> &'static str {
    match node {
        Node::Scalar { tag: Tag::None | Tag::Cleared, style: Style::Plain, text, .. } => {
            yaml::resolve(text, Style::Plain, Tag::None, Rules::V3)
                .map_or("!!str", |v| v.tag_name())
        }
        Node::Scalar { tag, .. } => match tag {
            Tag::Int => "!!int",
            Tag::Float => "!!float",
            Tag::Bool => "!!bool",
            Tag::Null => "!!null",
            Tag::Timestamp => "!!timestamp",
            Tag::Binary => "!!binary",
            Tag::Merge => "!!merge",
            Tag::None | Tag::Cleared | Tag::Str | Tag::Other => "!!str",
        },
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Mapping;

    fn object(kind: &str, fields: &[(&str, &[(&str, &str)])]) -> Node {
        let mut map = Mapping::new();
        map.set("kind", Node::plain(kind));
        for (field, entries) in fields {
            let mut inner = Mapping::new();
            for (key, value) in *entries {
                inner.push(Node::plain(*key), Node::str(*value));
            }
            map.set(field, Node::map(inner));
        }
        Node::map(map)
    }

    fn check(node: &Node, expected: &str) {
        assert_eq!(content_hash(node).unwrap(), expected);
    }

    #[test]
    fn config_maps() {
        let data = |entries| object("ConfigMap", &[("data", entries)]);
        check(&object("ConfigMap", &[]), "6ct58987ht");
        check(&data(&[("a", "b")]), "4h2mbtbbt6");
        check(&data(&[("b", "2"), ("a", "1")]), "7gdc49gk6d");
        check(&data(&[("h", "<a href=\"x\">&amp;</a>")]), "6khf8k8g76");
        check(&data(&[("u", "line\u{2028}sep\u{2029} end")]), "6fdbb556ht");
        check(&data(&[("c", "tab\there\r\n\u{1}\u{1f}")]), "db9ct7k824");
        check(&data(&[("e", "😀 é \u{feff} x")]), "8bmbk4bgtg");
        check(&object("ConfigMap", &[("binaryData", &[("b", "//4A")])]), "m29mfkk2k9");
    }

    #[test]
    fn secrets() {
        let secret = |entries| {
            let mut node = object("Secret", &[("data", entries)]);
            node.as_map_mut().unwrap().set("type", Node::plain("Opaque"));
            node
        };
        check(&secret(&[]), "46f8b28mk5");
        check(&secret(&[("a", "Yg==")]), "k695gkmbtk");
    }

    #[test]
    fn any_other_kind_has_some_hash() {
        let hash = content_hash(&object("Foo", &[("spec", &[("a", "b")])])).unwrap();
        assert_eq!(hash.len(), LENGTH);
        assert_ne!(hash, content_hash(&object("Foo", &[])).unwrap());
    }
}
