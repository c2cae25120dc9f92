//! The rules of JSON patches, one small case each; values are written as JSON.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::JsonPatch;
use crate::limits::Account;
use crate::resource::Settled;
use crate::yaml::{Entry, Node, Pos};

fn node(json: &Json) -> Node {
    match json {
        Json::Null => Node::null(),
        Json::Array(items) => Node::seq(items.iter().map(node).collect()),
        Json::Object(members) => {
            let entry =
                |(k, v): (&String, &Json)| Entry { key: Node::str(k.as_str()), value: node(v) };
            Node::map(members.iter().map(entry).collect())
        }
        Json::String(text) => Node::str(text.as_str()),
        other => Node::plain(other.to_string()),
    }
}

fn json(node: &Node) -> Json {
    match node {
        Node::Scalar { .. } if node.is_null() => Json::Null,
        Node::Scalar { text, .. } => text.as_str().into(),
        Node::Seq { items, .. } => items.iter().map(json).collect(),
        Node::Map { map, .. } => map
            .iter()
            .map(|e| (e.key.text().unwrap_or_default().to_owned(), json(&e.value)))
            .collect(),
    }
}

fn apply(target: &Json, patch: &str) -> Result<Json, String> {
    let patched = JsonPatch::parse(patch, Pos::NONE, &Account::default())
        .and_then(|p| p.apply(&node(target), &mut Settled::New, &Account::default()));
    patched.map(|node| json(&node)).map_err(|error| error.message().to_owned())
}

#[track_caller]
fn check(patch: &str, expected: Json) {
    let target = json!({"a": "x", "l": ["1", "2", "3"], "m/n": {"x~y": "v"}});
    let mut expected_whole = target.clone();
    for (key, value) in expected.as_object().into_iter().flatten() {
        expected_whole[key] = value.clone();
    }
    assert_eq!(apply(&target, patch), Ok(expected_whole));
}

#[track_caller]
fn check_error(patch: &str, expected: &str) {
    let target = json!({"a": "x", "l": ["1", "2", "3"], "n": null, "h": "<"});
    assert_eq!(apply(&target, patch), Err(expected.into()));
}

#[test]
fn adding_counts_from_behind_the_end() {
    check(r#"[{"op":"add","path":"/l/-1","value":"4"}]"#, json!({"l": ["1", "2", "3", "4"]}));
    check(r#"[{"op":"add","path":"/l/-4","value":"0"}]"#, json!({"l": ["0", "1", "2", "3"]}));
    check(r#"[{"op":"add","path":"/l/01","value":"0"}]"#, json!({"l": ["1", "0", "2", "3"]}));
    check(r#"[{"op":"replace","path":"/l/-1","value":"0"}]"#, json!({"l": ["1", "2", "0"]}));
    check(r#"[{"op":"remove","path":"/l/-3"}]"#, json!({"l": ["2", "3"]}));
}

#[test]
fn pointers_are_read_loosely() {
    check(r#"[{"op":"replace","path":"x/m~1n/x~0y","value":"w"}]"#, json!({"m/n": {"x~y": "w"}}));
    check(r#"[{"op":"replace","path":"/new","value":"w"}]"#, json!({"new": "w"}));
    check(r#"[{"op":"copy","from":"/none","path":"/nil"}]"#, json!({"nil": null}));
    check(r#"[{"op":"move","from":"/m~1n/x~0y","path":"/~01"}]"#, json!({"m/n": {}, "~1": "v"}));
}

#[test]
fn test_compares_spellings() {
    for equal in [
        r#"{"path":"/a","value":"x"}"#,
        r#"{"path":"/n"}"#,
        r#"{"path":"/none","value":null}"#,
        r#"{"path":"/h","value":"\u003c"}"#,
    ] {
        let patch = format!(r#"[{{"op":"test",{}]"#, &equal[1..]);
        assert!(apply(&json!({"a": "x", "n": null, "h": "<"}), &patch).is_ok(), "{equal}");
    }
    check_error(
        r#"[{"op":"test","path":"/h","value":"<"}]"#,
        "testing value /h failed: test failed",
    );
    check_error(
        r#"[{"op":"add","path":"/z","value":1.0},{"op":"test","path":"/z","value":1}]"#,
        "testing value /z failed: test failed",
    );
}

#[test]
fn failures_have_upstreams_words() {
    for (patch, message) in [
        (r#"[{"op":"bogus"}]"#, "Unexpected kind: bogus"),
        (r#"[null]"#, "Unexpected kind: unknown"),
        (r#"[{"op":"add","value":1}]"#, "add operation failed to decode path: missing value"),
        (
            r#"[{"op":"replace","path":5}]"#,
            "replace operation failed to decode path: json: cannot unmarshal number into Go value of type string",
        ),
        (
            r#"[{"op":"add","path":"/x/y","value":1}]"#,
            "add operation does not apply: doc is missing path: \"/x/y\": missing value",
        ),
        (
            r#"[{"op":"add","path":"/l/9","value":1}]"#,
            "error in add for path: '/l/9': Unable to access invalid index: 9: invalid index referenced",
        ),
        (
            r#"[{"op":"remove","path":"/l/-"}]"#,
            "error in remove for path: '/l/-': strconv.Atoi: parsing \"-\": invalid syntax",
        ),
        (
            r#"[{"op":"move","from":"/zz","path":"/y"}]"#,
            "error in move for path: 'zz': Unable to remove nonexistent key: zz: missing value",
        ),
        (r#"[1]"#, "json: cannot unmarshal number into Go value of type jsonpatch.Operation"),
        (r#"[{},]"#, "invalid character ']' looking for beginning of value"),
        (r#"[{"a":"#, "unexpected end of JSON input"),
    ] {
        check_error(patch, message);
    }
}

#[test]
fn copies_of_copies_end() {
    let mut patch = r#"[{"op":"add","path":"/m","value":{}}"#.to_owned();
    for i in 0..100 {
        patch.push_str(&format!(r#",{{"op":"copy","from":"/m","path":"/m/{i}"}}"#));
    }
    patch.push(']');
    check_error(&patch, "the JSON patch makes the resource too large (limit `nodes`)");
}

#[test]
fn strings_of_a_patch_are_decoded() {
    let patch = r#"[{"op":"add","path":"/s","value":"\u00e9\ud83d\ude00\ud800\/\n"}]"#;
    check(patch, json!({"s": "é😀\u{FFFD}/\n"}));
}

/// A document of objects, lists and strings with few names.
fn documents() -> impl Strategy<Value = Json> {
    let leaf = prop::sample::select(vec!["x", "y", "<", "5"]).prop_map(Json::from);
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map("[a-c]", inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// On what the standard allows, another implementation agrees.
    #[test]
    fn standard_patches_do_what_the_standard_says(
        from in documents(), to in documents(),
    ) {
        let (from, to) = (json!({"d": from}), json!({"d": to}));
        let patch = json_patch::diff(&from, &to);
        let text = serde_json::to_string(&patch).unwrap_or_default();
        let mut other = from.clone();
        prop_assert!(json_patch::patch(&mut other, &patch).is_ok());
        prop_assert_eq!(apply(&from, &text), Ok(other));
    }
}
