//! What strangers wrote shows what it is, steers nothing, and gives no secrets away.
#![cfg(unix)]

use insta::assert_snapshot;

use super::{config_map, folder, kustom, write};

/// Returns the lines that GitHub's runner would obey: it looks behind blanks, and for `##[` everywhere.
fn commands(said: &str) -> Vec<&str> {
    let is_command = |line: &&str| {
        let words = line.trim_start();
        words.starts_with("::") && words[2..].contains("::") || line.contains("##[")
    };
    said.lines().filter(is_command).collect()
}

/// Returns what does something and does not show, in JSON also behind its escapes.
fn hidden(said: &str) -> Vec<char> {
    let is_hidden = |c: &char| {
        c.is_control() && !matches!(c, '\n' | '\t')
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    said.chars().filter(is_hidden).collect()
}

#[test]
fn no_line_is_a_command_to_the_runner_in_any_format() {
    let evil = r"x\n::error::a\n  ::add-mask::b\n##[stop-commands]c\nError: forged\n";
    let value = "\n    ::error::a\n    ##[error]b\n";
    let map = |more: &str| format!("{}data:\n  k: |{value}    {more}\n", config_map("a"));
    let dir = folder(
        "safety-commands",
        &[
            ("missing/kustomization.yaml", &format!("resources: [\"{evil}\"]\n")),
            ("field/kustomization.yaml", &format!("\"{evil}\": 1\n")),
            ("named/kustomization.yaml", "resources: [r.yaml]\n"),
            ("named/r.yaml", &config_map("a").replace("name: a", &format!("name: \"{evil}\""))),
            ("old/kustomization.yaml", "resources: [r.yaml]\n"),
            ("old/r.yaml", &map("old")),
            ("new/kustomization.yaml", "resources: ['::error::r.yaml']\n"),
            ("new/::error::r.yaml", &map("new")),
        ],
    );
    for root in ["missing", "field", "named", "new"] {
        let mut all = vec![
            vec!["lint", root],
            vec!["lint", "--format", "sarif", root],
            vec!["explain", root, "ConfigMap/a"],
            vec!["images", root],
            vec!["deps", root],
            vec!["build", root, "-o", "out"],
            vec!["build", root, "--error-format", "json", "-o", "out"],
        ];
        for format in ["text", "unified", "markdown", "html", "json"] {
            all.push(vec!["diff", "old", root, "--format", format]);
        }
        for format in ["files", "json", "make", "dot", "mermaid"] {
            all.push(vec!["deps", root, "--format", format]);
        }
        for words in all {
            let ran = kustom(&dir, &words);
            let said = format!("{}\n{}", ran.out, ran.err);
            assert_eq!(commands(&said), [""; 0], "{words:?}: {said}");
            assert!(!said.lines().any(|line| line.starts_with("Error: forged")), "{said}");
        }
    }
    let ran = kustom(&dir, &["diff", "old", "missing", "--format", "markdown"]);
    assert_snapshot!(ran.out.replace(dir.to_str().unwrap(), "DIR"), @r"
    ### kustom diff: nothing could be compared; 1 root failed

    old and missing are compared with each other (--from REV compares each with a revision)

    **** could not be rendered:

    ```
    missing/kustomization.yaml:1:13: resources[0]: accumulating resources from 'x
      \u{3a}:error::a
      \u{3a}:add-mask::b
      #\u{23}[stop-commands]c
      Error: forged
      ': evalsymlink failure on 'DIR/missing/x
      \u{3a}:error::a
      \u{3a}:add-mask::b
      #\u{23}[stop-commands]c
      Error: forged
      ' : lstat DIR/missing/x
      \u{3a}:error::a
      \u{3a}:add-mask::b
      #\u{23}[stop-commands]c
      Error: forged
      : no such file or directory
      hint: an entry is a path, not a manifest inline: put the manifest into a file of its own and list the file
    ```
    ");
    // The path of a file still leads to it.
    let files = kustom(&dir.join("new"), &["deps", "--format", "files"]).good();
    assert_eq!(files, "kustomization.yaml\n./::error::r.yaml\n");
}

#[test]
fn words_of_the_command_line_are_shown_as_they_are() {
    let dir = folder("safety-words", &[("kustomization.yaml", "resources: []\n")]);
    let evil = "\u{202e}q\u{9b}\u{200b}\nError: forged\n::error::x\n##[error]y\u{1b}[31m";
    let warn = format!("--warn={evil}");
    let flag = format!("--{evil}=a");
    let all: [&[&str]; 10] = [
        &["build", "x", "--limits", evil],
        &[evil],
        &[&flag],
        &["lint", &warn],
        &["completion", evil],
        &["diff", "--format", evil],
        &["build", "--timeout", evil],
        &["deps", evil, "--format", "json"],
        &["edit", "set", evil],
        &["--explain-warning", evil],
    ];
    for words in all {
        for json in [&[][..], &["--error-format=json"]] {
            let ran = kustom(&dir, &[words, json].concat());
            assert_ne!(ran.code, Some(0), "{words:?}");
            let said = format!("{}\n{}", ran.out, ran.err);
            assert_eq!((hidden(&said), commands(&said)), (vec![], vec![]), "{words:?}: {said}");
            assert!(!said.lines().any(|line| line.starts_with("Error: forged")), "{said}");
        }
    }
    assert_snapshot!(kustom(&dir, &["build", "--limits", evil]).err, @r"
    error: invalid value '\u{202e}q\u{9b}\u{200b}\nError: forged\n::error::x\n#\u{23}[error]y\u{1b}[31m' for '--limits <SET>'
      [possible values: default, untrusted, none]

    For more information, try '--help'.
    ");
}

#[test]
fn no_command_shows_a_literal_that_stands_in_the_wrong_place() {
    let of_entry = |field: &str| format!("secretGenerator: [{{name: s, {field}}}]\n");
    let texts = [
        "secretGenerator: {name: s, literals: [a=hunter2secret]}\n".to_owned(),
        "secretGenerators: [a=hunter2secret]\n".to_owned(),
        of_entry("files: [a=hunter2secret]"),
        of_entry("files: [a=hunter2secret/of/parts]"),
        of_entry("files: ['a=../hunter2secret two']"),
        of_entry("files: ['a=x\\hunter2secret']"),
        of_entry("envs: [a=hunter2secret]"),
        of_entry("env: a=hunter2secret"),
    ];
    let dir = folder("safety-literals", &[("empty/kustomization.yaml", "resources: []\n")]);
    let all: [&[&str]; 18] = [
        &["build"],
        &["build", "--warn", "--error-format", "json"],
        &["lint", "."],
        &["deps"],
        &["deps", "--format", "json"],
        &["deps", "--format", "make"],
        &["deps", "--format", "dot"],
        &["explain", ".", "Secret/s"],
        &["diff", "empty", "."],
        &["diff", ".", "empty", "--format", "json"],
        &["localize", ".", "out"],
        &["images", "."],
        &["vendor", "--check"],
        &["set", "image", "a=b:c", "."],
        &["edit", "fix"],
        &["edit", "set", "nameprefix", "x-"],
        &["edit", "add", "secret", "t", "--from-file=a=hunter2secret"],
        &["edit", "set", "secret", "s", "--from-literal=hunter2secret"],
    ];
    for text in &texts {
        for words in all {
            write(&dir, "kustomization.yaml", text);
            let ran = kustom(&dir, words);
            let said = ran.out + &ran.err;
            assert!(!said.contains("hunter2"), "{words:?} of {text}: {said}");
        }
    }
    write(&dir, "kustomization.yaml", &texts[2]);
    let ran = kustom(&dir, &["deps"]);
    let shown = format!("{}{}", ran.out, ran.err);
    let missing = |line: &&str| line.starts_with("missing") && !line.contains("/***");
    assert_snapshot!(shown.lines().filter(missing).collect::<Vec<_>>().join("\n"), @"
    missing   kustomization.yml
    missing   Kustomization
    missing   ***
    ");
    assert_snapshot!(ran.err.replace(dir.to_str().unwrap(), "DIR"), @"
    Error: secretGenerator[0]: loading KV pairs: file sources: [a=***]: evalsymlink failure on 'DIR/***' : lstat DIR/***: no such file or directory
    --> kustomization.yaml:1:37
     = hint: there is no `***` in the folder `safety-literals`, only `empty`; a path counts from the folder of this file. Perhaps git ignores the file, as it does many with secrets: make it, or decrypt it, before the build
    ");
    let make = kustom(&dir, &["deps", "--format", "make", "--target", "t"]);
    assert_snapshot!(make.out, @r"
    t: \
      kustomization.yaml \
      $(wildcard kustomization.yml) \
      $(wildcard Kustomization)

    kustomization.yaml:
    ");
}
