//! One table per rule; the expected texts are upstream's.

use std::path::Path;

use super::*;

const AT: Pos = Pos(100);

fn read(text: &str) -> (Result<Kustomization>, Vec<String>) {
    let mut warnings = Vec::new();
    let account = Account::default();
    let file = parse(text.as_bytes(), AT, Path::new("/r"), &account, &mut warnings);
    (file.map(|(file, _)| file), warnings.iter().map(ToString::to_string).collect())
}

fn accepted(text: &str) -> Kustomization {
    read(text).0.unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> Error {
    match read(text).0 {
        Err(error) => error,
        Ok(_) => panic!("accepted: {text}"),
    }
}

/// Each text is refused with this message, after `invalid Kustomization: json: `.
fn check_refused(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let error = refused(text);
        let message = error.message().strip_prefix("invalid Kustomization: json: ");
        assert_eq!(message, Some(*expected), "{text}: {}", error.message());
    }
}

#[test]
fn names_match_without_regard_to_case() {
    for text in ["NAMEPREFIX: a", "nameprefix: a", "NamePrefix: a"] {
        assert_eq!(accepted(text).name_prefix.as_str(), "a", "{text}");
    }
    assert_eq!(accepted("reſources: [a]").resources[0].as_str(), "a");
    assert_eq!(refused("\u{212A}ind: Foo\ncrds: []").kind(), ErrorKind::Kustomization);
    check_refused(&[
        ("name_prefix: a", "unknown field \"name_prefix\""),
        ("name-prefix: a", "unknown field \"name-prefix\""),
    ]);
}

#[test]
fn later_spellings_in_the_order_of_bytes_win() {
    assert_eq!(accepted("namePrefix: b\nNamePrefix: a").name_prefix.as_str(), "b");
    assert_eq!(accepted("namePrefix: null\nNamePrefix: a").name_prefix.as_str(), "a");
    assert_eq!(accepted("resources: [b]\nResources: [a, c]").resources.len(), 1);
    assert_eq!(refused("resources: null\nResources: [a]").message(), "kustomization.yaml is empty");

    let labels = accepted("CommonLabels: {a: b, c: d}\ncommonLabels: {a: null}").common_labels;
    assert_eq!(labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>(), ["a=", "c=d"]);
    assert!(
        accepted("crds: [a]\nCommonLabels: {a: b}\ncommonLabels: null").common_labels.is_empty()
    );

    let patches = accepted("Patches: [{path: a}, {path: b}]\npatches: [{patch: c}]").patches;
    assert_eq!((patches.len(), &*patches[0].path, &**patches[0].patch), (1, "a", "c"));
}

#[test]
fn the_last_of_equal_keys_wins() {
    assert_eq!(accepted("namePrefix: a\nnamePrefix: b").name_prefix.as_str(), "b");
    assert_eq!(accepted("commonLabels: {a: x, a: z}").common_labels["a"], "z");
}

#[test]
fn null_is_the_zero_value() {
    let file = accepted(
        "resources: [null, ~]\npatches: [null, {patch: null, target: null}]\nlabels: [null]\n\
         replicas: [{name: null, count: null}]\ncommonLabels: {a: null}\nvars: [{objref: null}]\n\
         kind: null\nmetadata: null\ngeneratorOptions: {immutable: null}\nconfigurations: null",
    );
    assert_eq!(file.resources.iter().map(|r| r.as_str()).collect::<Vec<_>>(), ["", ""]);
    assert_eq!(file.patches.len(), 2);
    assert!(file.patches[1].target.is_none());
    assert_eq!(file.replicas[0].count, 0);
    assert_eq!(file.common_labels["a"], "");
    assert_eq!(file.kind, "Kustomization");
}

#[test]
fn keys_become_text() {
    let text = "commonLabels: {1: a, 1.50: b, yes: c, n: d, 1e7: e, !!str 5: f, 123456789.5: g}";
    let labels = accepted(text).common_labels;
    let keys = ["1", "1.2345679e+08", "1.5", "1e+07", "5", "false", "true"];
    assert_eq!(labels.keys().collect::<Vec<_>>(), keys);

    for (text, expected) in [
        ("{~: b}", "unsupported map key of type: %!s(<nil>), key: <nil>, value: \"b\""),
        ("{[a]: b}", "yaml: invalid map key"),
        ("{18446744073709551615: b}", "unsupported map key of type: uint64"),
    ] {
        let error = refused(&format!("commonLabels: {text}"));
        assert!(error.message().contains(expected), "{error}");
    }
}

#[test]
fn whole_floats_are_integers() {
    for (text, count) in [("3.0", 3), ("1e18", 1_000_000_000_000_000_000), ("-0.0", 0)] {
        let file = accepted(&format!("replicas: [{{count: {text}}}]"));
        assert_eq!(file.replicas[0].count, count, "{text}");
    }
}

#[test]
fn types_must_match() {
    let field = "cannot unmarshal string into Go struct field Kustomization";
    check_refused(&[
        ("resources: a", &format!("{field}.resources of type []string")),
        ("patches: a", &format!("{field}.patches of type []types.Patch")),
        ("metadata: a", &format!("{field}.metadata of type types.ObjectMeta")),
        ("patches: [{target: a}]", &format!("{field}.patches.0.target of type types.Selector")),
        (
            "labels: [{includeSelectors: \"true\"}]",
            &format!("{field}.labels.0.includeSelectors of type bool"),
        ),
        ("replicas: [{count: \"3\"}]", &format!("{field}.replicas.0.count of type int64")),
        (
            "labels: [{pairs: [1]}]",
            "cannot unmarshal array into Go struct field Kustomization.labels.0.pairs of type \
             map[string]string",
        ),
        (
            "namePrefix: {}",
            "cannot unmarshal object into Go struct field Kustomization.namePrefix of type string",
        ),
        ("resources: [5]", "cannot unmarshal number into Kustomization.resources.0 of type string"),
        (
            "patches: [a]",
            "cannot unmarshal string into Kustomization.patches.0 of type types.Patch",
        ),
        (
            "commonLabels: {1: 5}",
            "cannot unmarshal number into Kustomization.commonLabels.1 of type string",
        ),
        (
            "commonAnnotations: {a: yes}",
            "cannot unmarshal bool into Go struct field Kustomization.commonAnnotations.a of type \
             string",
        ),
        (
            "replicas: [{count: 3.5}]",
            "cannot unmarshal number 3.5 into Go struct field Kustomization.replicas.0.count of \
             type int64",
        ),
        (
            "replicas: [{count: 1e20}]",
            "cannot unmarshal number 100000000000000000000 into Go struct field \
             Kustomization.replicas.0.count of type int64",
        ),
        ("replicas: [{count: .nan}]", "unsupported value: NaN"),
        ("[]", "cannot unmarshal array into Go value of type types.Kustomization"),
        ("a", "cannot unmarshal string into Go value of type types.Kustomization"),
        ("5", "cannot unmarshal number into Go value of type types.Kustomization"),
    ]);
}

#[test]
fn the_first_fault_in_the_order_of_keys_is_told() {
    check_refused(&[
        ("resources: 5\naaa: 1", "unknown field \"aaa\""),
        (
            "zzz: 1\nresources: 5",
            "cannot unmarshal number into Go struct field Kustomization.resources of type []string",
        ),
    ]);
}

#[test]
fn unknown_fields_come_with_a_hint() {
    for (text, field, hint) in [
        ("resource: [a]", "", "did you mean `resources`?"),
        ("nameprefx: a", "", "did you mean `namePrefix`?"),
        (
            "configMapGenerator: [{type: null}]",
            "configMapGenerator[0]",
            "only an entry of `secretGenerator` has a `type`",
        ),
    ] {
        let error = refused(text);
        assert!(error.message().contains("json: unknown field"), "{text}: {error}");
        assert_eq!(error.field().unwrap_or(""), field, "{text}");
        assert_eq!(error.hint_text(), Some(hint), "{text}");
    }
    assert_eq!(refused("foo: 1").hint_text(), None);
    assert_eq!(accepted("secretGenerator: [{type: a}]").secret_generator[0].secret_type.value, "a");
}

/// Each text marks with `^` the place of its fault.
#[test]
fn faults_have_the_place_of_the_value_or_unknown_key() {
    for marked in [
        "resources: [a, ^5]",
        "commonLabels: {a: b, c: ^1.10}",
        "^foo: 1",
        "patches: [{path: a, ^pth: b}]",
        "replicas: [{name: a, count: ^many}]",
        "resources: []\nkind: ^Foo",
        "resources: []\napiVersion: ^v1",
        "commonLabels: {^~: a}",
        "replacements: [{targets: ^[null]}]",
        "^namePrefix: null",
    ] {
        let text = marked.replace('^', "");
        let expected = AT.offset(marked.find('^').unwrap_or_default());
        assert_eq!(refused(&text).position(), expected, "{marked}");
    }
    let file = accepted("resources: [a, b]");
    assert_eq!(file.resources[1].pos, AT.offset("resources: [a, ".len()));
}

#[test]
fn strings_that_are_wanted_can_be_quoted() {
    let error = refused("images: [{newTag: 1.10}]");
    assert_eq!(error.hint_text(), Some("write it in quotes: \"1.10\""));
}

#[test]
fn deprecated_fields_are_warned_about() {
    let all = "vars: []\nbases: []\ncommonLabels: {}\nIMAGETAGS: []\npatchesStrategicMerge: []\n\
               patchesJson6902: []";
    let (file, warnings) = read(all);
    assert!(file.is_ok());
    let fields: Vec<_> = warnings.iter().filter_map(|w| w.split('\'').nth(1)).collect();
    let expected =
        ["bases", "commonLabels", "imageTags", "patchesJson6902", "patchesStrategicMerge", "vars"];
    assert_eq!(fields, expected);
    assert_eq!(
        warnings[5],
        "# Warning: 'vars' is deprecated. Please use 'replacements' instead. [EXPERIMENTAL] \
         Run 'kustomize edit fix' to update your Kustomization automatically."
    );

    assert_eq!(read("crds: []\nbases: null").1.len(), 0);
    assert_eq!(read("bases: []").1.len(), 1, "though the file is empty then");
    assert_eq!(read("bases: []\nfoo: 1").1.len(), 0, "the file is not read");
    assert_eq!(read("configMapGenerator: [{env: a}]").1.len(), 0);
}

#[test]
fn old_fields_are_converted() {
    let file = accepted(
        "bases: [b]\nresources: [a]\nimageTags: [{name: i}]\nsecretGenerator: [{env: e, envs: [d]}]\n\
         helmChartInflationGenerator: [{chartName: c, chartHome: h, values: v}, {helmHome: x}]",
    );
    assert_eq!(file.resources.iter().map(|r| r.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(file.images[0].name, "i");
    let envs: Vec<&str> = file.secret_generator[0].envs.iter().map(|e| e.as_str()).collect();
    assert_eq!(envs, ["d", "e"]);
    assert_eq!((&*file.helm_charts[0].name, &*file.helm_charts[0].values_file), ("c", "v"));
    let globals = file.helm_globals.unwrap_or_default();
    assert_eq!((&*globals.chart_home, &*globals.config_home), ("h", "x"));
}

#[test]
fn header_is_filled_in_and_checked() {
    let file = accepted("kind: Component\nresources: []");
    assert!(file.is_component());
    assert_eq!(file.api_version, "kustomize.config.k8s.io/v1alpha1");
    assert_eq!(accepted("resources: []").api_version, "kustomize.config.k8s.io/v1beta1");

    let failed = "Failed to read kustomization file under /r:";
    for (text, problem) in [
        ("kind: Foo", "\nkind should be Kustomization or Component"),
        (
            "apiVersion: v1",
            "\napiVersion for Kustomization should be kustomize.config.k8s.io/v1beta1",
        ),
        (
            "kind: Foo\napiVersion: v1",
            "\nkind should be Kustomization or Component\
             \napiVersion for Foo should be kustomize.config.k8s.io/v1beta1",
        ),
        (
            "kind: Component\napiVersion: kustomize.config.k8s.io/v1beta1",
            "\napiVersion for Component should be kustomize.config.k8s.io/v1alpha1",
        ),
    ] {
        let error = refused(&format!("resources: []\n{text}"));
        assert_eq!(error.message(), format!("{failed}{problem}"));
    }
}

#[test]
fn a_file_must_say_something() {
    for text in [
        "",
        "~",
        "{}",
        "kind: Foo",
        "resources: null",
        "namePrefix: \"\"\nnamespace: null",
        "bases: []",
        "imageTags: []",
        "helmChartInflationGenerator: []",
    ] {
        assert_eq!(refused(text).message(), "kustomization.yaml is empty", "{text}");
    }
    for text in [
        "resources: []",
        "commonAnnotations: {}",
        "openapi: {}",
        "metadata: {}",
        "helmGlobals: {}",
        "generatorOptions: {}",
        "bases: [a]",
        "namePrefix: a",
        "buildMetadata: []",
    ] {
        accepted(text);
    }
}

#[test]
fn values_of_charts_are_typed() {
    let file = accepted("helmCharts: [{valuesInline: {y: on, 1: [2, 2020-01-01], n: null}}]");
    let values = &file.helm_charts[0].values_inline;
    assert_eq!(values.keys().collect::<Vec<_>>(), ["1", "false", "true"]);
    assert_eq!(values["true"].text(), Some("true"));
    assert!(values["false"].is_null());
    let dates = values["1"].as_seq().and_then(|list| list[1].text());
    assert_eq!(dates, Some("2020-01-01"));
}

/// The table of fields that users read has all of them, and no other.
#[test]
fn compatibility_page_names_all_fields() {
    use serde::de::{Error as _, Visitor, value::Error};

    struct Names(Vec<&'static str>);
    impl<'de> serde::Deserializer<'de> for &mut Names {
        type Error = Error;

        fn deserialize_any<V: Visitor<'de>>(
            self,
            _: V,
        ) -> std::result::Result<V::Value, Self::Error> {
            Err(Error::custom("only the names are wanted"))
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            visitor: V,
        ) -> std::result::Result<V::Value, Self::Error> {
            self.0.extend(fields);
            self.deserialize_any(visitor)
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }
    let mut names = Names(Vec::new());
    let none = <Kustomization as serde::Deserialize>::deserialize(&mut names);
    assert!(none.is_err());
    let page = include_str!("../../COMPATIBILITY.md");
    let table = page.split("## Fields of a kustomization file").nth(1).expect("a table");
    let rows = table.lines().take_while(|line| !line.starts_with("## "));
    let cells = rows.filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let mut listed: Vec<&str> =
        cells.flat_map(|cell| cell.split(", ")).map(|s| s.trim_matches('`')).collect();
    listed.sort_unstable();
    names.0.sort_unstable();
    assert_eq!(listed, names.0);
}
