//! Templates against what Go's `text/template` and sprig make of them.
//!
//! `testdata/templates.json` was recorded from helm 4.3.1, which has the same functions; a case that
//! it refuses only has to be refused.

use kustom_apps::template::{Budget, Functions, MissingKey, Value, render};
use serde_json::Value as Json;

fn rendered(source: &str, data: &Value, missing: MissingKey) -> Result<String, String> {
    let functions = Functions::with(&[]);
    render(source, data, &functions, missing, &Budget::default()).map_err(|e| e.to_string())
}

#[test]
fn recorded() {
    let recorded: Json =
        serde_json::from_str(include_str!("../../testdata/templates.json")).unwrap();
    let cases = recorded["cases"].as_array().unwrap();
    assert!(cases.len() > 200);
    let mut wrong = Vec::new();
    for case in cases {
        let template = case["template"].as_str().unwrap();
        // Functions such as `set` change what they are given.
        let data = Value::from(&recorded["data"]);
        let got = rendered(template, &data, MissingKey::Default);
        let as_wanted = match case["text"].as_str() {
            Some(text) => got.as_deref() == Ok(text),
            None => got.is_err(),
        };
        if !as_wanted {
            wrong.push(format!("{template}\n  wanted {}\n  got    {got:?}", case["text"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn missing_keys_are_what_the_option_says() {
    let data = Value::map([("texts", Value::string_map([("a", Value::str("x"))]))]);
    for (template, missing, wanted) in [
        ("{{ .nope }}", MissingKey::Default, Ok("<no value>")),
        ("{{ .nope.deeper }}", MissingKey::Default, Ok("<no value>")),
        ("{{ .texts.b }}|", MissingKey::Zero, Ok("|")),
        ("{{ .nope }}", MissingKey::Zero, Ok("<no value>")),
        ("{{ if .nope }}{{ end }}", MissingKey::Error, Err("map has no entry for key \"nope\"")),
        ("{{ index . \"nope\" }}", MissingKey::Error, Ok("<no value>")),
        ("{{ get . \"nope\" }}", MissingKey::Error, Ok("")),
    ] {
        let got = rendered(template, &data, missing);
        match wanted {
            Ok(text) => assert_eq!(got.as_deref(), Ok(text), "{template}"),
            Err(part) => assert!(got.unwrap_err().contains(part), "{template}"),
        }
    }
}

#[test]
fn errors_say_where_and_what() {
    for (template, message) in [
        ("a\n{{ .x | nope }}", "template:2:9: function \"nope\" not defined"),
        ("{{ 1i }}", "template:1:4: \"1i\" is a complex number, which a preview does not know"),
        ("{{ 1ix }}", "template:1:4: bad number syntax: \"1ix\""),
        ("{{ if .x }}a", "template:1:4: unexpected EOF: {{if}} has no {{end}}"),
        (
            "{{ trunc \"x\" \"abc\" }}",
            "template:1:10: at <\"x\">: expected integer; found \"x\" (argument 1 of trunc)",
        ),
        ("{{ fail \"stop\" }}", "template:1:4: at <fail>: error calling fail: stop"),
        (
            "{{ now }}",
            "template:1:4: at <now>: error calling now: it reads the clock, so a preview cannot know its value",
        ),
        ("{{ env \"HOME\" }}", "template:1:4: function \"env\" not defined"),
        ("{{ $x }}", "template:1:4: undefined variable \"$x\""),
        ("{{ \"a }}", "template:1:4: unterminated quoted string"),
    ] {
        let data = Value::map::<&str>([]);
        assert_eq!(rendered(template, &data, MissingKey::Default).unwrap_err(), message);
    }
}

#[test]
fn each_byte_of_a_character_that_is_cut_is_replaced() {
    // As Go's encoder of JSON does it to the bytes that its functions leave.
    let data = Value::map([("s", Value::str("a€😀"))]);
    for (template, text) in [
        ("{{ trunc 3 .s }}", "a\u{fffd}\u{fffd}"),
        ("{{ trunc 4 .s }}", "a€"),
        ("{{ trunc -3 .s }}", "\u{fffd}\u{fffd}\u{fffd}"),
        ("{{ substr 0 7 .s }}", "a€\u{fffd}\u{fffd}\u{fffd}"),
        ("{{ substr 2 5 .s }}", "\u{fffd}\u{fffd}\u{fffd}"),
        ("{{ abbrev 6 .s }}", "a\u{fffd}\u{fffd}..."),
        ("{{ b64dec \"4oI=\" }}", "\u{fffd}\u{fffd}"),
        ("{{ \"\\xe2\\x82\" }}", "\u{fffd}\u{fffd}"),
    ] {
        assert_eq!(
            rendered(template, &data, MissingKey::Default).as_deref(),
            Ok(text),
            "{template}"
        );
    }
}

#[test]
fn definitions_are_called_by_name() {
    let data = Value::map([("m", Value::map([("k", Value::str("v"))]))]);
    let template = "{{ define \"t\" }}[{{ .k }}]{{ end }}{{ template \"t\" .m }}{{ block \"b\" . }}{{ $.m.k }}{{ end }}";
    assert_eq!(rendered(template, &data, MissingKey::Default).as_deref(), Ok("[v]v"));
}

#[test]
fn what_is_no_whole_number_of_64_bits_is_the_smallest() {
    // As Go converts it on amd64, where Argo CD runs most often.
    let smallest = "-9223372036854775808";
    for (template, wanted) in [
        ("{{ int 1e19 }}", smallest),
        ("{{ int64 -1e19 }}", smallest),
        ("{{ int 9223372036854775808.0 }}", smallest),
        ("{{ int -9223372036854775808.0 }}", smallest),
        ("{{ int 1e18 }}", "1000000000000000000"),
        ("{{ int -2.9 }}", "-2"),
    ] {
        let data = Value::map::<&str>([]);
        let got = rendered(template, &data, MissingKey::Default);
        assert_eq!(got.as_deref(), Ok(wanted), "{template}");
    }
}
