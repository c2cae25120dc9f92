//! Objects that are nested deeper than is compared: what lies deeper becomes a text.

use crate::yaml::{Node, Style};

/// How deep an object is compared field by field.
pub(super) const DEEPEST: usize = 300;

/// Returns a tree in which whatever lies deeper than [`DEEPEST`] is a text that says what it is.
pub(super) fn folded(node: &Node) -> Node {
    within(node, 1)
}

fn within(node: &Node, depth: usize) -> Node {
    if depth >= DEEPEST && !matches!(node, Node::Scalar { .. }) {
        return Node::str(text_of(node)).at(node.pos());
    }
    let mut folded = node.clone();
    match &mut folded {
        Node::Scalar { .. } => {}
        Node::Map { map, .. } => {
            for entry in map.entries_mut() {
                entry.value = within(&entry.value, depth + 1);
            }
        }
        Node::Seq { items, .. } => {
            for item in items.make_mut() {
                *item = within(item, depth + 1);
            }
        }
    }
    folded
}

/// What is left to write.
enum Left<'n> {
    Node(&'n Node),
    Text(&'static str),
}

/// Writes a tree of any depth on one line: as JSON, but with plain scalars as they are.
fn text_of(node: &Node) -> String {
    let mut out = String::new();
    let mut waiting = vec![Left::Node(node)];
    while let Some(left) = waiting.pop() {
        match left {
            Left::Text(text) => out.push_str(text),
            Left::Node(Node::Scalar { text, style: Style::Plain, tag, .. })
                if tag.is_implicit() && !text.contains(['"', '{', '[', ',']) =>
            {
                out.push_str(text);
            }
            Left::Node(Node::Scalar { text, .. }) => out.push_str(&format!("{text:?}")),
            Left::Node(Node::Seq { items, .. }) => {
                out.push('[');
                waiting.push(Left::Text("]"));
                for (i, item) in items.iter().enumerate().rev() {
                    waiting.push(Left::Node(item));
                    waiting.extend((i > 0).then_some(Left::Text(", ")));
                }
            }
            Left::Node(Node::Map { map, .. }) => {
                out.push('{');
                waiting.push(Left::Text("}"));
                for (i, entry) in map.iter().enumerate().rev() {
                    waiting.push(Left::Node(&entry.value));
                    waiting.push(Left::Text(": "));
                    waiting.push(Left::Node(&entry.key));
                    waiting.extend((i > 0).then_some(Left::Text(", ")));
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Limits, Pos, max_depth, read_stream};

    #[test]
    fn what_lies_deeper_becomes_a_text() {
        let tree = |inner: &str| {
            let text = format!("{}{inner}{}", "{a: ".repeat(400), "}".repeat(400));
            read_stream(text.as_bytes(), Pos(1), &Limits::default()).unwrap().remove(0)
        };
        let inner = |node: &Node| {
            let mut node = folded(node);
            assert_eq!(max_depth(&node), DEEPEST);
            while let Node::Map { map, .. } = node {
                node = map.iter().next().unwrap().value.clone();
            }
            node.text().unwrap().trim_start_matches("{a: ").trim_end_matches('}').to_owned()
        };
        assert_eq!(inner(&tree("[1, 'x', {b: null, c: d}]")), "[1, \"x\", {b: null, c: d}]");
        assert_ne!(inner(&tree("'1'")), inner(&tree("1")));
        let small = tree("x").as_map().unwrap().iter().next().unwrap().value.clone();
        assert_eq!(max_depth(&folded(&small)), DEEPEST);
    }
}
