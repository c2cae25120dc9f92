//! No template makes the program panic, run for ever or fill the memory.

use kustom_apps::template::{Budget, Functions, MissingKey, TemplateErrorKind, Value, render};
use proptest::prelude::*;

fn error(template: &str) -> TemplateErrorKind {
    let (functions, data) = (Functions::with(&[]), Value::map::<&str>([]));
    let budget = Budget::new(200_000, 1 << 20);
    render(template, &data, &functions, MissingKey::Default, &budget).expect_err(template).kind()
}

#[test]
fn bombs_are_errors() {
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(5000), ")".repeat(5000));
    let blocks = "{{ if true }}".repeat(5000);
    for template in [
        "{{ repeat 1000000000 \"x\" }}",
        "{{ until 1000000000 }}",
        "{{ untilStep 0 9223372036854775807 1 }}",
        "{{ seq 1000000000 }}",
        "{{ range 1000000000 }}x{{ end }}",
        "{{ range until 1000 }}{{ range until 1000 }}{{ range until 1000 }}{{ end }}{{ end }}{{ end }}",
        "{{ indent 1000000000 \"x\" }}",
        "{{ printf \"%1000000d%1000000d\" 1 1 }}",
        "{{ $x := \"x\" }}{{ range until 100 }}{{ $x = printf \"%s%s\" $x $x }}{{ end }}",
        "{{ $x := list 1 }}{{ range until 100 }}{{ $x = concat $x $x }}{{ end }}",
        "{{ $x := list 1 }}{{ range until 100 }}{{ $x = list $x $x }}{{ end }}{{ $x }}",
        "{{ define \"t\" }}{{ template \"t\" }}{{ end }}{{ template \"t\" }}",
        "{{ regexReplaceAll \"x*\" (repeat 1000 \"x\") (repeat 1000 \"$0\") }}",
        "{{ regexMatch \"[01].{100}[^01]\" (repeat 5000 \"01\") }}",
        "{{ regexFindAll \"0.*x|0\" (repeat 5000 \"01\") -1 }}",
        "{{ regexReplaceAll \"(0)\" (repeat 1000 \"0\") (repeat 1000 \"$1$1\") }}",
        "{{ regexMatch (repeat 100 `\\pL`) \"x\" }}",
        "{{ replace \"\" (repeat 1000 \"x\") (repeat 10000 \"x\") }}",
        "{{ join (repeat 100000 \"x\") (until 1000) }}",
        deep.as_str(),
        blocks.as_str(),
    ] {
        let kind = error(template);
        // Too deep a nesting is found when the template is parsed.
        assert!(kind == TemplateErrorKind::Limit || template.len() > 5000, "{template}: {kind:?}");
    }
}

#[test]
fn deep_values_are_errors_where_they_are_walked() {
    let nested = "{{ $x := list 1 }}{{ range until 5000 }}{{ $x = list $x }}{{ end }}";
    for walk in ["{{ $x }}", "{{ toJson $x }}", "{{ deepEqual $x $x }}", "{{ deepCopy $x }}"] {
        assert_eq!(error(&format!("{nested}{walk}")), TemplateErrorKind::Limit);
    }
    assert_eq!(error("{{ $d := dict }}{{ set $d \"d\" $d }}"), TemplateErrorKind::Execute);
    assert_eq!(
        error("{{ $d := dict }}{{ merge $d (dict \"d\" (list $d)) }}"),
        TemplateErrorKind::Execute
    );
}

#[test]
fn what_is_no_function_is_paid_for_too() {
    let fields = format!(
        "{{{{ $d := dict }}}}{{{{ range until 2000 }}}}{{{{ $x := $d{} }}}}{{{{ end }}}}",
        ".a".repeat(200)
    );
    let unread = format!("{{{{ if false }}}}{}{{{{ end }}}}", "{{ 1 }}".repeat(50_000));
    let ranges = format!(
        "{{{{ $l := until 20000 }}}}{}{}",
        "{{ range $l }}".repeat(20),
        "{{ end }}".repeat(20)
    );
    for template in [fields.as_str(), unread.as_str(), ranges.as_str()] {
        assert_eq!(error(template), TemplateErrorKind::Limit);
    }
}

#[test]
fn what_variables_keep_is_what_was_paid_for() {
    let (functions, data) = (Functions::with(&[]), Value::map::<&str>([]));
    for make in ["upper $t", "nospace $t", "dict $t (lower $t)", "fromJson (toJson $t)"] {
        let template = format!(
            "{{{{ $t := repeat 10000 \"a \" }}}}{{{{ $l := list }}}}{{{{ range until 100 }}}}{{{{ $l = append $l ({make}) }}}}{{{{ end }}}}"
        );
        let budget = Budget::new(20_000_000, 1 << 20);
        let made = render(&template, &data, &functions, MissingKey::Default, &budget);
        assert_eq!(made.expect_err(make).kind(), TemplateErrorKind::Limit, "{make}");
    }
}

#[test]
fn what_was_made_before_is_gone_in_the_next_text() {
    let (functions, data) = (Functions::with(&[]), Value::map::<&str>([]));
    let budget = Budget::new(1_000_000, 1 << 20);
    for _ in 0..20 {
        let text = "{{ $x := upper (repeat 20000 \"a\") }}{{ len $x }}";
        let made = render(text, &data, &functions, MissingKey::Default, &budget);
        assert_eq!(made.as_deref(), Ok("20000"));
    }
}

#[test]
fn numbers_take_more_than_their_text() {
    let numbers = |count: u32| (0..count).map(|i| Value::Float(f64::from(i % 10))).collect();
    let data = Value::map([("l", Value::list(numbers(1000)))]);
    let functions = Functions::with(&[]);
    for template in ["{{ .l }}", "{{ toJson .l }}", "{{ print .l }}", "{{ printf \"%v\" .l }}"] {
        let made = |steps| {
            let budget = Budget::new(steps, 1 << 20);
            render(template, &data, &functions, MissingKey::Default, &budget)
        };
        assert!(made(20_000).is_ok(), "{template}");
        assert_eq!(made(4_000).expect_err(template).kind(), TemplateErrorKind::Limit);
    }
}

const WORDS: &[&str] = &[
    "{{",
    "}}",
    "{{-",
    " -}}",
    "(",
    ")",
    "|",
    ".",
    ".a",
    ".l",
    "$",
    "$x",
    ":=",
    "=",
    ",",
    " ",
    "\n",
    "\"s\"",
    "`r`",
    "'c'",
    "1",
    "-2",
    "1.5",
    "0x1F",
    "9223372036854775807",
    "true",
    "nil",
    "if",
    "else",
    "end",
    "range",
    "with",
    "define \"t\"",
    "template \"t\"",
    "block \"b\"",
    "break",
    "continue",
    "printf",
    "\"%5d%v\"",
    "index",
    "slice",
    "list",
    "dict",
    "trunc",
    "substr",
    "until",
    "repeat",
    "splitn",
    "wrap",
    "abbrevboth",
    "toJson",
    "merge",
    "set",
    "dig",
    "regexReplaceAll",
    "semver",
    "round",
    "untilStep",
    "é",
    "/*",
    "*/",
    "snakecase",
    "camelcase",
    "initial",
    "chunk",
    "b32dec",
    "urlParse",
    "durationRound",
    "add",
    "div",
    "seq",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nothing_panics(words in prop::collection::vec(prop::sample::select(WORDS), 0..25), wrap: bool) {
        let body = words.join(" ");
        let source = if wrap { format!("{{{{ {body} }}}}") } else { body };
        let data = Value::map([("a", Value::str("é")), ("l", Value::list(vec![Value::Float(1.0), Value::Nil]))]);
        let budget = Budget::new(100_000, 1 << 20);
        let functions = Functions::with(&[]);
        let _ = render(&source, &data, &functions, MissingKey::Default, &budget);
    }

    #[test]
    fn functions_take_anything(name in prop::sample::select(WORDS), args in prop::collection::vec(
        prop::sample::select(&["-1", "0", "3", "2.5", "\"é x\"", "\"\"", "nil", ".l", ".", "true", "\"[\"", "(list)"][..]), 0..4))
    {
        let source = format!("{{{{ {name} {} }}}}", args.join(" "));
        let data = Value::map([("l", Value::strings(["b", "a"]))]);
        let functions = Functions::with(&[]);
        let _ = render(&source, &data, &functions, MissingKey::Default, &Budget::new(100_000, 1 << 20));
    }

    #[test]
    fn text_without_actions_stays(text in "[^{]*") {
        let functions = Functions::with(&[]);
        let data = Value::Nil;
        let same = render(&text, &data, &functions, MissingKey::Error, &Budget::default());
        prop_assert_eq!(same.as_deref(), Ok(text.as_str()));
    }
}
