use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::node::Node;
use super::scalar::short_float;
use super::{DecodeMode, from_node};
use crate::yaml::{Limits, Located, Merges, Pos, read_document};

fn tree(text: &str) -> Node {
    let read = read_document(text, Pos(1), Merges::Plain, &Limits::default());
    read.ok().flatten().unwrap_or_default()
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Point {
    x: i64,
    label: String,
    tags: Vec<String>,
    hidden: bool,
    inner: Option<Box<Point>>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Shape {
    Dot,
    Circle(u32),
}

#[test]
fn lenient_reading_ignores_unknown_keys_and_takes_scalars_for_strings() {
    let text = "{x: 3, LABEL: 1.50, color: [1], tags: [yes, 5, 1e7], inner: {label: ~}}";
    let read = |mode| from_node::<Point>(&tree(text), mode, "Point");
    let tags = |first: &str| [first, "5", "1e+07"].map(str::to_owned).to_vec();
    let inner = Some(Box::default());
    let point = Point { x: 3, label: "1.5".into(), tags: tags("true"), inner, hidden: false };
    assert_eq!(read(DecodeMode::Lenient).as_ref(), Ok(&point));
    let point = Point { tags: tags("yes"), ..point };
    assert_eq!(read(DecodeMode::LenientResource), Ok(point));

    let error = from_node::<Point>(&tree("{x: many}"), DecodeMode::Lenient, "").unwrap_err();
    let message = "json: cannot unmarshal string into Go struct field .x of type int64";
    assert_eq!((error.message.as_str(), error.pos), (message, Pos(5)));
}

#[test]
fn own_types_are_read_by_the_rules_of_serde() {
    type Shapes<'a> = BTreeMap<&'a str, Vec<Option<Shape>>>;
    let node = tree("{a: [dot, {circle: 3}, null], B: []}");
    let shapes: Shapes<'_> = from_node(&node, DecodeMode::Exact, "").unwrap();
    assert_eq!(shapes["a"], [Some(Shape::Dot), Some(Shape::Circle(3)), None]);
    assert!(shapes.contains_key("B"));

    let value: serde_json::Value =
        from_node(&tree("{a: yes, b: [1, 1.5, ~, true]}"), DecodeMode::Exact, "").unwrap();
    assert_eq!(value, serde_json::json!({"a": "yes", "b": [1, 1.5, null, true]}));

    let tuple: (i8, f64, Located<char>) =
        from_node(&tree("[1, 2, c]"), DecodeMode::Exact, "").unwrap();
    assert_eq!(tuple, (1, 2.0, Located { value: 'c', pos: Pos(8) }));

    let refused = |text: &str| from_node::<Point>(&tree(text), DecodeMode::Exact, "");
    for (text, field) in [("{label: 5}", "label"), ("{tags: ~}", "tags"), ("{x: a}", "x")] {
        assert_eq!(refused(text).unwrap_err().field, field);
    }
    assert_eq!(refused("{LABEL: a, x: 3}").unwrap().x, 3);
}

#[test]
fn any_tree_is_read_with_its_places() {
    let node: Node = from_node(&tree("{a: [on, 010]}"), DecodeMode::Strict, "").unwrap();
    let list = node.get("a").and_then(Node::as_seq).unwrap();
    assert_eq!((list[0].text(), list[0].pos()), (Some("true"), Pos(6)));
    assert_eq!(node.pos(), Pos(1));
}

#[test]
fn floats_as_strings_have_32_bits() {
    for (value, expected) in [
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (100_000.5, "100000.5"),
        (1e6, "1e+06"),
        (123_456_789.25, "1.2345679e+08"),
        (0.123_456_789, "0.12345679"),
        (-0.0, "-0"),
        (1e300, "+Inf"),
    ] {
        assert_eq!(short_float(value), expected);
    }
}
