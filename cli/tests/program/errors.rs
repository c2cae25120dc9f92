//! What the program says on stderr: errors and warnings, drawn and as JSON.

use std::path::Path;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{folder, kustom, program, write};

const BASE: &str = "resources: [map.yaml]\nimages:\n- name: nginx\n  newtags: '2' # soon\n";
const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
const OVERLAY: &str = "app/overlays/prod";

#[test]
fn errors_show_the_line_the_chain_and_a_hint() {
    let dir = folder(
        "errors-drawn",
        &[
            ("app/base/kustomization.yaml", BASE),
            ("app/overlays/prod/kustomization.yaml", "resources: [../../base]\n"),
        ],
    );
    let ran = kustom(&dir, &["build", OVERLAY]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert_snapshot!(ran.err, @r#"
    Error: images[0]: invalid Kustomization: json: unknown field "newtags"
     --> app/base/kustomization.yaml:4:3
      |
    2 | images:
    3 | - name: nginx
    4 |   newtags: '2' # soon
      |   ^^^^^^^
      |
      = note: from app/overlays/prod/kustomization.yaml
      = hint: did you mean `newTag`?
    "#);
    // Paths count from where one is.
    let ran = kustom(&dir.join(OVERLAY), &["build"]);
    assert!(ran.err.contains("--> ../../base/kustomization.yaml:4:3\n"), "{}", ran.err);
    assert!(ran.err.contains("from kustomization.yaml\n"), "{}", ran.err);
}

#[test]
fn errors_without_a_place_are_one_line() {
    let dir = folder("errors-no-place", &[]);
    assert_snapshot!(kustom(&dir, &["build", "nope"]).err.replace(dir.to_str().unwrap(), "DIR"), @"Error: must build at directory: not a valid directory: evalsymlink failure on 'nope' : lstat DIR/nope: no such file or directory");
}

#[test]
fn errors_show_no_other_lines_of_secrets() {
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  a: hidden\nitems: [\n";
    let dir = folder(
        "errors-secret",
        &[("kustomization.yaml", "resources: [secret.yaml]\n"), ("secret.yaml", secret)],
    );
    let ran = kustom(&dir, &["build"]);
    assert!(ran.err.contains("secret.yaml:7:9") && !ran.err.contains("items: ["), "{}", ran.err);
}

#[test]
fn errors_show_no_line_of_a_file_that_generates_secrets() {
    for slip in ["- a=hunter2Zq9XpL\n", "hunter2Zq9XpL\n", "  - hunter2Zq9XpL\n- b\n"] {
        for generator in [
            format!("apiVersion: builtin\nkind: SecretGenerator\nmetadata: {{name: a}}\n{slip}"),
            format!("apiVersion: builtin\nmetadata: {{name: a}}\n{slip}kind: SecretGenerator\n"),
        ] {
            let files = [("kustomization.yaml", "generators: [g.yaml]\n"), ("g.yaml", &*generator)];
            let dir = folder("errors-secret-generator", &files);
            for words in [&["build"][..], &["lint"], &["explain", "Secret/a"], &["deps"]] {
                let ran = kustom(&dir, words);
                assert_ne!(ran.code, Some(0), "{generator}");
                assert!(!ran.err.contains("hunter2"), "{generator} {words:?}: {}", ran.err);
                assert!(!ran.out.contains("hunter2"), "{generator} {words:?}: {}", ran.out);
            }
        }
    }
}

#[test]
fn excerpts_show_what_is_hidden_in_them() {
    let dir = folder("errors-hidden", &[("kustomization.yaml", "resources: [r.yaml]\n")]);
    write(&dir, "r.yaml", "é: \"\u{9b}31m\u{200b}\u{85}x\nb: [\u{202e}\n::add-mask::b: [\n");
    assert_snapshot!(kustom(&dir, &["build"]).err, @r#"
    Error: resources[0]: accumulating resources from 'r.yaml': MalformedYAMLError: yaml: control characters are not allowed in File: r.yaml
     --> r.yaml:1:5
      |
    1 | é: "\u{9b}31m\u{200b}\u{85}x
      |     ^^^^^^^^^^^^^^^^^^^^^^^^
    2 | b: [\u{202e}
    3 | \u{3a}:add-mask::b: [
      |
      = note: in kustomization.yaml
      = hint: is this a text file?
    "#);
    let all: [&[&str]; 6] = [
        &["lint", "."],
        &["deps", "."],
        &["deps", "--format", "json", "."],
        &["explain", ".", "ConfigMap/a"],
        &["localize", ".", "out"],
        &["build", "-o", "out.yaml"],
    ];
    for words in all {
        let ran = kustom(&dir, words);
        let said = ran.out + &ran.err;
        let is_raw = |c: char| matches!(c, '\u{80}'..='\u{9f}' | '\u{200b}' | '\u{202e}');
        assert!(!said.is_empty() && !said.contains(is_raw), "{words:?}: {said:?}");
    }
}

#[test]
fn json_has_all_keys() {
    let dir = folder(
        "errors-json",
        &[
            ("app/base/kustomization.yaml", BASE),
            ("app/overlays/prod/kustomization.yaml", "resources: [../../base]\n"),
        ],
    );
    let read = |args: &[&str]| -> Value {
        let ran = kustom(&dir, args);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
        serde_json::from_str(&ran.err).unwrap()
    };
    assert_eq!(
        read(&["build", OVERLAY, "--error-format", "json"]),
        json!({
            "level": "error",
            "kind": "kustomization",
            "message": "invalid Kustomization: json: unknown field \"newtags\"",
            "field": "images[0]",
            "file": "app/base/kustomization.yaml",
            "line": 4,
            "column": 3,
            "chain": ["app/overlays/prod/kustomization.yaml", "app/base/kustomization.yaml"],
            "related": [],
            "hint": "did you mean `newTag`?",
            "hint_id": "misspelled-field",
            "side": null,
        })
    );
    let nowhere = read(&["--error-format=json", "build", "app"]);
    assert_eq!(nowhere["kind"], "load");
    for key in ["field", "file", "line", "column"] {
        assert!(nowhere.get(key).is_some_and(Value::is_null), "{key}");
    }
}

#[test]
fn warnings_come_on_request_and_strict_makes_them_errors() {
    let dir = folder(
        "errors-warnings",
        &[
            (
                "kustomization.yaml",
                "resources: [map.yaml]\ncommonLabels: {}\nimages:\n- name: nginx\n  newTag: '2'\n",
            ),
            ("map.yaml", MAP),
        ],
    );
    let deprecated = "# Warning: 'commonLabels' is deprecated. Please use 'labels' instead. \
                      Run 'kustomize edit fix' to update your Kustomization automatically.\n";
    let plain = kustom(&dir, &["build"]);
    assert_eq!((plain.code, plain.out.as_str(), plain.err.as_str()), (Some(0), MAP, deprecated));

    let warned = kustom(&dir, &["build", "--warn"]);
    assert_eq!((warned.code, warned.out.as_str()), (Some(0), MAP));
    assert_snapshot!(warned.err, @"
    # Warning: 'commonLabels' is deprecated. Please use 'labels' instead. Run 'kustomize edit fix' to update your Kustomization automatically.
      hint: an entry of `labels` with these `pairs` and `includeSelectors: true` keeps the meaning; `includeTemplates: true` in its place leaves selectors alone, which cannot be changed once an object is there
    Warning: images[0]: no container has the image `nginx`
     --> kustomization.yaml:4:3
      |
    2 | commonLabels: {}
    3 | images:
    4 | - name: nginx
      |   ^^^^
    5 |   newTag: '2'
      |
      = hint: no resource of this layer or its bases has an image
    ");

    let strict = kustom(&dir, &["build", "--strict"]);
    assert_eq!((strict.code, strict.out.as_str()), (Some(1), ""));
    assert_eq!(strict.err, warned.err.replace("\nWarning: ", "\nError: "));

    let json = kustom(&dir, &["build", "--warn", "--error-format", "json"]);
    let objects: Vec<Value> =
        json.err.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((json.code, json.out.as_str()), (Some(0), MAP));
    let kinds: Vec<_> = objects.iter().map(|o| (&o["level"], &o["kind"])).collect();
    let warning = json!("warning");
    assert_eq!(kinds, [(&warning, &json!("deprecated-field")), (&warning, &json!("unused-image"))]);
}

#[test]
fn a_good_build_has_nothing_to_be_strict_about() {
    let dir = folder(
        "errors-strict",
        &[("kustomization.yaml", "resources: [map.yaml]\n"), ("map.yaml", MAP)],
    );
    assert_eq!(kustom(&dir, &["build", "--strict"]).good(), MAP);
}

#[test]
fn colors_are_for_terminals() {
    let dir = folder("errors-colors", &[("kustomization.yaml", "a: b\n")]);
    let output = program(&dir, &["build"]).output().unwrap();
    assert!(!output.stderr.contains(&0x1b));
}

/// Runs a command that fails and returns the objects on stderr, which must have all keys.
fn objects(dir: &Path, args: &[&str], code: i32) -> Vec<Value> {
    let ran = kustom(dir, &[args, &["--error-format", "json"]].concat());
    assert_eq!(ran.code, Some(code), "{args:?}: {}", ran.err);
    let keys = [
        "chain", "column", "field", "file", "hint", "hint_id", "kind", "level", "line", "message",
        "related", "side",
    ];
    let objects: Vec<Value> = ran
        .err
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{args:?}: {e}: {line}")))
        .collect();
    for object in &objects {
        let mut has: Vec<&String> = object.as_object().expect("an object").keys().collect();
        has.sort();
        assert_eq!(has, keys, "{args:?}");
    }
    assert!(!objects.is_empty(), "{args:?}");
    objects
}

#[test]
fn every_command_writes_errors_as_json() {
    let dir = folder(
        "errors-commands",
        &[
            ("bad/kustomization.yaml", "resources: [map.yaml]\nnamePrefixx: a\n"),
            ("bad/map.yaml", MAP),
            ("good/kustomization.yaml", "resources: [map.yaml]\n"),
            ("good/map.yaml", MAP),
            ("empty/a.txt", ""),
        ],
    );
    let one = |args: &[&str], code: i32| -> (String, Option<i64>) {
        let objects = objects(&dir, args, code);
        let [object] = &objects[..] else { panic!("{args:?}: {objects:?}") };
        assert_eq!(object["level"], "error", "{args:?}");
        (object["kind"].as_str().expect("a kind").to_owned(), object["line"].as_i64())
    };
    let refused = ("kustomization".to_owned(), Some(2));
    let (usage, other) = (("usage".to_owned(), None), ("other".to_owned(), None));
    for args in [&["build", "bad"][..], &["deps", "bad"], &["explain", "bad", "cm/a"]] {
        assert_eq!(one(args, 1), refused, "{args:?}");
    }
    assert_eq!(one(&["diff", "bad", "good/map.yaml"], 2), refused);
    assert_eq!(one(&["diff", "bad", "good"], 2), refused);
    assert_eq!(objects(&dir, &["diff", "bad", "good"], 2)[0]["side"], "before");
    assert_eq!(one(&["explain", "good", "cm/b"], 2).0, "option");
    assert_eq!(one(&["diff", "none.yaml", "good"], 2), other);
    assert_eq!(one(&["affected", "--changed", "none"], 1), other);
    assert_eq!(one(&["affected", "none", "--changed", "-"], 1), other);
    assert_eq!(one(&["build", "good", "-o", "none/none.yaml"], 1), other);
    assert_eq!(one(&["verify", "empty"], 2), usage);
    assert_eq!(one(&["verify", "good", "--against", "./none"], 2), usage);
    assert_eq!(one(&["deps", "a", "b", "--target", "c"], 2), usage);
    for args in [&["build", "--no-such"][..], &["no-such"], &["diff", "--format", "xml"]] {
        assert_eq!(one(args, 2), usage, "{args:?}");
    }
    let both = objects(&dir, &["build", "good", "bad"], 1);
    let levels: Vec<_> = both.iter().map(|o| (o["level"].as_str(), o["kind"].as_str())).collect();
    assert_eq!(levels[1..], [(Some("warning"), Some("other"))]);
    let warned = objects(&dir, &["build", "good", "--reorder", "none", "-o", "x.yaml"], 0);
    assert_eq!(warned[0]["kind"], "deprecated-flag");
}

#[test]
fn flags_and_commands_of_other_programs_are_understood() {
    let dir = folder("errors-advice", &[("overlays/prod/kustomization.yaml", "namePrefix: a-\n")]);
    let advice = |args: &[&str]| {
        let ran = kustom(&dir, args);
        assert_eq!(ran.code, Some(2), "{args:?}: {}", ran.err);
        let tips: Vec<&str> = ran.err.lines().filter(|line| line.contains("tip:")).collect();
        format!("{}: {}\n", args.join(" "), tips.join("").trim_start())
    };
    let all = [
        &["build", "-k", "overlays/prod"][..],
        &["build", "-f", "overlays/prod"],
        &["edit", "set", "label", "-f", "a:b"],
        &["--no-config", "edit", "set", "image", "--force", "a:b"],
        &["edit", "add", "resource", "-k", "a"],
        &["build", "--load-restrictor", "none"],
        &["build", "--load-restrictor=LoadRestrictionsRootonly"],
        &["diff", "--load-restrictor", "LoadRestrictionNone"],
        &["build", "--load_restrictor", "LoadRestrictionsNone"],
        &["apply", "-k", "overlays/prod"],
        &["overlays/prod"],
        &["biuld", "overlays/prod"],
    ];
    assert_snapshot!(all.map(advice).concat(), @r"
    build -k overlays/prod: tip: `-k` is a flag of kubectl: the directory stands alone, as in `kustom build DIR`
    build -f overlays/prod: tip: `-f` is a flag of kubectl, which reads manifests: a directory stands alone, as in `kustom build DIR`
    edit set label -f a:b: tip: `set` overwrites what is there anyway, so it needs no `-f`
    --no-config edit set image --force a:b: tip: `set` overwrites what is there anyway, so it needs no `--force`
    edit add resource -k a: tip: to pass '-k' as a value, use '-- -k'
    build --load-restrictor none: tip: did you mean `--load-restrictor LoadRestrictionsNone`?
    build --load-restrictor=LoadRestrictionsRootonly: tip: a similar value exists: 'LoadRestrictionsRootOnly'
    diff --load-restrictor LoadRestrictionNone: tip: a similar value exists: 'LoadRestrictionsNone'
    build --load_restrictor LoadRestrictionsNone: tip: a similar argument exists: '--load-restrictor'
    apply -k overlays/prod: tip: a similar subcommand exists: 'apps'  tip: kustom renders only: `kustom build DIR | kubectl apply -f -`
    overlays/prod: tip: to render this directory: `kustom build overlays/prod`
    biuld overlays/prod: tip: a similar subcommand exists: 'build'
    ");
}

#[test]
fn no_command_looks_where_the_configuration_says_not_to() {
    let dir = folder(
        "errors-exclude",
        &[
            ("kustom.toml", "[search]\nexclude = [\"old\"]\n"),
            ("apps/a/prod/kustomization.yaml", "namePrefix: a-\nresources: []\n"),
            ("apps/old/prod/kustomization.yaml", "nonsense: true\n"),
        ],
    );
    let done = std::process::Command::new("git").args(["init", "-q"]).current_dir(&dir).status();
    assert!(done.expect("git").success());
    let program = env!("CARGO_BIN_EXE_kustom");
    let ran = kustom(&dir, &["verify", ".", "--against", program]);
    assert_eq!((ran.code, ran.out.contains("old")), (Some(0), false), "{}{}", ran.out, ran.err);
    for args in [&["images", "apps"][..], &["vendor", "--check", "."]] {
        let ran = kustom(&dir, args);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{args:?}: {}", ran.out);
    }
    assert_eq!(kustom(&dir, &["images", "apps", "--no-config"]).code, Some(1));
}

#[cfg(unix)]
#[test]
fn a_kustomization_that_is_a_link_out_of_its_folder_is_told() {
    let dir = folder("linked-kustomization", &[("real.yaml", "resources: []\n")]);
    write(&dir, "app/cm.yaml", "{}\n");
    std::os::unix::fs::symlink("../real.yaml", dir.join("app/kustomization.yaml")).expect("a link");
    let ran = kustom(&dir, &["build", "app"]);
    let hint = "`kustomization.yaml` is there, but is a link that leads out of its folder";
    assert!(ran.code == Some(1) && ran.err.contains(hint), "{}", ran.err);
}
