//! The reader against libyaml, an independent implementation of the same grammar: on random text
//! both must read the same tree, event for event.
//!
//! Where upstream differs from libyaml on purpose, the texts are kept clear of it: `\/` in double
//! quotes, `?` and `:` at the end of plain scalars in flow collections, `,`, `[` and `]` in tags, tabs,
//! and what follows an empty flow collection.

#![allow(unsafe_code)] // the port of libyaml has the interface of C

mod events;

use kustom::yaml::{Limits, Merges, Node, Pos, Style, read_document};
use proptest::prelude::*;

/// Writes a tree as libyaml's events of it.
fn write(node: &Node, out: &mut String) {
    match node {
        Node::Scalar { style, text, .. } => {
            let mark = match style {
                Style::Plain => ':',
                Style::SingleQuoted => '\'',
                Style::DoubleQuoted => '"',
                Style::Literal => '|',
                Style::Folded => '>',
            };
            out.push_str(&format!("={mark}{text:?} "));
        }
        Node::Seq { flow, items, .. } => {
            out.push_str(if *flow { "+seq[] " } else { "+seq " });
            items.iter().for_each(|item| write(item, out));
            out.push_str("-seq ");
        }
        Node::Map { flow, map, .. } => {
            out.push_str(if *flow { "+map{} " } else { "+map " });
            for entry in map {
                write(&entry.key, out);
                write(&entry.value, out);
            }
            out.push_str("-map ");
        }
    }
}

fn ours(text: &str) -> Result<String, String> {
    match read_document(text, Pos::NONE, Merges::Plain, &Limits::default()) {
        Err(e) => Err(e.to_string()),
        Ok(None) => Ok(String::new()),
        Ok(Some(node)) => {
            let mut out = String::new();
            write(&node, &mut out);
            Ok(out)
        }
    }
}

/// Pieces of which lines are made.
const PIECES: [&str; 34] = [
    "a",
    "b",
    "key",
    "key: ",
    "- ",
    "- - ",
    ": ",
    ":",
    "-",
    "\"q\"",
    "'s'",
    "'it''s'",
    "\"a\\tb\"",
    "\"open",
    "'open",
    "|",
    "|-",
    ">+",
    ">2",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "a: b",
    "# c",
    " # c",
    "&x ",
    "!!str ",
    "x y",
    "1",
    "é",
    "~",
    "\"\\u00e9\\\n  next\"",
];

fn line() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(&PIECES[..]), 0..5);
    (0..4usize, pieces).prop_map(|(indent, pieces)| " ".repeat(indent * 2) + &pieces.concat())
}

/// Returns `true` if a text holds what upstream reads in another way than libyaml.
fn is_special(text: &str) -> bool {
    if !text.contains(['[', '{']) {
        return false;
    }
    // An empty collection may have line breaks and comments in it.
    let tight = text.split_whitespace().collect::<String>().replace("#c", "");
    ["[]", "{}"].iter().any(|s| tight.contains(s))
        || [":]", ":}", ":,", ":[", ":{", ":\"", ":'"].iter().any(|s| text.contains(s))
        || text.contains("!!str")
}

/// Returns `true` if libyaml finds this tree in a beginning of the text.
fn is_tree_of_a_beginning(tree: &str, text: &str) -> bool {
    let mut ends = text.char_indices().map(|(end, _)| end);
    ends.any(|end| events::of(&text[..end]).is_ok_and(|events| events == tree))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn reads_what_libyaml_reads(lines in prop::collection::vec(line(), 1..7)) {
        let text = lines.join("\n");
        if is_special(&text) {
            return Ok(());
        }
        match (ours(&text), events::of(&text)) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs, "{:?}", text),
            (Err(_), Err(())) => {}
            // Like upstream, we do not look far behind the end of the document.
            (Ok(ours), Err(())) if is_tree_of_a_beginning(&ours, &text) => {}
            (ours, theirs) => prop_assert!(false, "{text:?}: ours {ours:?}, theirs {theirs:?}"),
        }
    }
}

#[test]
fn documented_differences_are_there() {
    for (text, reads) in [("a: \"\\/\"", false), ("{x:}", true), ("[a?b]", false)] {
        assert_eq!(ours(text).is_ok(), reads, "{text}");
        assert_ne!(events::of(text).is_ok(), reads, "{text}");
    }
}
