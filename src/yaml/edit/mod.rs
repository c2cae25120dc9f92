//! Changing YAML text without changing its looks: comments, quotes, flow, anchors and order stay.
//!
//! The text is read into a tree of its own, which remembers what the normal tree forgets, changed there,
//! and written anew, in the layout in which upstream would write it.

mod json;
mod print;
mod print_flow;
mod scalar;

pub(crate) use super::source_tree::{Document, Node, Value};

use super::reader::{self, SyntaxError};

/// How deep a text may nest.
///
/// Trees are walked by recursion, and nobody has looked at the depth of this text before.
const MAX_DEPTH: usize = 500;

/// Reads the first document of a text.
///
/// # Errors
/// If it is no YAML, or nested too deeply.
pub(crate) fn read(text: &str) -> Result<Document, SyntaxError> {
    reader::read_styles(text, MAX_DEPTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reprinted(text: &str) -> String {
        read(text).unwrap().to_yaml()
    }

    #[test]
    fn looks_stay() {
        for text in [
            "a: 1 # one\n# two\nb: \"x\" # three",
            "# start\n\n# head\na:\n  # inner\n  b: 1\n  # foot\nc: 2\n\n# end",
            "a: &x {b: 1, c: [2, 'y']}\nd: *x\n!!merge <<: *x\ne: !foo z",
            "- a: |\n    x\n    y\n  b: >-\n    folded text\n- - 1\n  - 2\n-",
            "? [a, b]\n: c\n? |\n  key\n: - d\n  - e",
            "a: ~\nb:\nc: ''\nd: 'it''s'\ne: \"\\t\\e\\U0001F600\"",
            "a: [1, # one\n  # two\n  2]",
            "a: 1\n# foot\n\nb: 2",
        ] {
            assert_eq!(reprinted(text), text);
        }
    }

    #[test]
    fn the_layout_is_that_of_the_reference() {
        for (text, expected) in [
            ("a:\n    - b\n    -   c:   d\n", "a:\n- b\n- c: d"),
            ("\n\na: 1\n\n\n\nb: 2\n", "a: 1\nb: 2"),
            ("a: 1\n---\nb: 2", "a: 1"),
            ("a: first\n  second\n\n  third", "a: |-\n  first second\n  third"),
            ("a: {x: , y, [1]: 2}", "a: {x: '', y: '', ? [1] : 2}"),
            ("a: [b: c]", "a: [{b: c}]"),
            ("a: {b: x:y}", "a: {b: 'x:y'}"),
            ("a: >\n  x\n\n  y\n", "a: >\n  x\n\n  y"),
            ("a: >\n  x\n   y\n  z\nb: 1", "a: >\n  x\n\n   y\n  z\n\nb: 1"),
            ("a: |\n  x \n  y\n", "a: \"x \\ny\\n\""),
            ("a: [1, 2 # x\n]", "a: [1, 2, # x\n]"),
            ("'a\tb': 1", "\"a\\tb\": 1"),
        ] {
            assert_eq!(reprinted(text), expected, "{text:?}");
        }
    }

    #[test]
    fn json_is_sorted_and_escaped() {
        let json = |text: &str, indented| read(text).unwrap().to_json(indented);
        let text = r#"{"b": {"z": 1.0, "a": "<&>"}, "a": [], 1: 2020-01-01}"#;
        assert_eq!(
            json(text, false).unwrap(),
            r#"{"1":"2020-01-01T00:00:00Z","a":[],"b":{"a":"\u003c\u0026\u003e","z":1}}"#
        );
        assert_eq!(
            json(r#"{"b": {"c": [1]}, "a": {}}"#, true).unwrap(),
            "{\n  \"a\": {},\n  \"b\": {\n    \"c\": [\n      1\n    ]\n  }\n}"
        );
        assert!(json("{true: a}", false).is_err());
        assert!(json("{a: .inf}", false).is_err());
    }

    #[test]
    fn bad_and_deep_texts_are_refused() {
        assert_eq!(read("a: *x").unwrap_err().message, "yaml: unknown anchor 'x' referenced");
        assert!(read("{not: [valid").is_err());
        assert!(read(&"[".repeat(100_000)).unwrap_err().limit.is_some());
        assert!(read("# only").unwrap().root.is_none());
    }
}
