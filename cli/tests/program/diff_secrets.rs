//! What `kustom diff` shows of the values of Secrets, and what it does not hide.

use super::diff::{FORMATS, Repo};

#[test]
fn messages_of_failed_roots_show_no_secrets() {
    let repo = Repo::new();
    let generator = |source: &str| format!("secretGenerator:\n- name: s\n  {source}\n");
    repo.write("literal/kustomization.yaml", &generator("literals: [a=b]"));
    let config = "apiVersion: builtin\nkind: SecretGenerator\nmetadata: {name: s}\n";
    repo.write("config/kustomization.yaml", "generators: [g.yaml]\n");
    repo.write("config/g.yaml", &format!("{config}literals: [a=b]\n"));
    repo.write("good/kustomization.yaml", &generator("literals: [a=b]"));
    repo.commit();
    repo.write("literal/kustomization.yaml", &generator("literals: [hunter2]"));
    repo.write("config/g.yaml", &format!("{config}literals: [hunter2]\n"));
    for root in ["literal", "config"] {
        for format in FORMATS.into_iter().filter(|format| *format != "colors") {
            let args = [root, "--from", "HEAD", "--format", format];
            let json = [&args[..], &["--error-format", "json"]].concat();
            let answers = [repo.diff(&args), repo.diff(&json), repo.diff(&[root, "good/k.yaml"])];
            for (answer, code) in answers.into_iter().zip([2, 2, 2]) {
                assert_eq!(answer.code, code);
                let all = answer.out + &answer.err;
                assert!(!all.contains("hunter2") && !all.is_empty(), "{format}: {all}");
            }
        }
        let text = repo.diff(&[root, "--from", "HEAD"]).out;
        assert!(text.contains("***"), "{text}");
    }
}

#[test]
fn a_value_is_hidden_where_another_root_that_differs_has_it() {
    let repo = Repo::new();
    let secret = |value: &str| {
        let data = format!("stringData: {{password: {value}, start: 'https://'}}");
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\n{data}\n")
    };
    let maps = |value: &str| {
        format!("configMapGenerator:\n- name: m\n  literals: ['url=pg://{value}@db']\n")
    };
    repo.write("keeps/kustomization.yaml", "resources: [s.yaml]\n");
    repo.write("keeps/s.yaml", &secret("hunter2-old"));
    repo.write("copies/kustomization.yaml", &maps("hunter2-old"));
    repo.commit();
    repo.write("keeps/s.yaml", &secret("hunter2-new"));
    repo.write("copies/kustomization.yaml", &maps("hunter2-new"));
    for format in FORMATS.into_iter().chain(["html"]).filter(|format| *format != "colors") {
        let answer = repo.diff(&[".", "--from", "HEAD", "--format", format]);
        assert_eq!(answer.code, 1, "{}", answer.err);
        assert!(answer.out.contains("pg://***"), "{format}: {}", answer.out);
        assert!(!answer.out.contains("hunter2"), "{format}: {}", answer.out);
    }
    // Of a root that is the same on both sides nobody knows the values, whether it is rendered or not.
    repo.commit();
    repo.replace("copies/kustomization.yaml", "@db", "@other");
    let shown = repo.diff(&[".", "--from", "HEAD"]).out;
    assert!(shown.contains("pg://hunter2-new@db → pg://hunter2-new@other"), "{shown}");
    assert_eq!(repo.diff(&[".", "--from", "HEAD", "--render-all"]).out, shown);
}

#[test]
fn values_that_many_texts_have_leave_no_gaps_in_messages() {
    let repo = Repo::new();
    let generator =
        "secretGenerator:\n- name: s\n  literals: ['a=https://', b=accumulating, c=5432]\n";
    repo.write("root/kustomization.yaml", generator);
    repo.commit();
    let url = "https://example.com:5432/base.yaml";
    repo.write("root/kustomization.yaml", &format!("{generator}resources: ['{url}']\n"));
    let answer = repo.diff(&["root", "--from", "HEAD"]);
    assert_eq!(answer.code, 2);
    assert!(answer.out.contains(&format!("accumulating resources from '{url}'")), "{}", answer.out);
    assert!(!answer.out.contains("***"), "{}", answer.out);
}

#[test]
fn a_value_is_hidden_too_where_its_root_is_compared_in_the_place_of_another() {
    let repo = Repo::new();
    let secret = |value: &str| {
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData: {{a: {value}}}\n")
    };
    let map = |value: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m}}\ndata: {{u: '{value}'}}\n")
    };
    let patch = "patches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: no}}'}]\n";
    repo.write("base/kustomization.yaml", "resources: [secret.yaml]\n");
    repo.write("base/secret.yaml", &secret("Zq7hunterA1x"));
    repo.write("failing/kustomization.yaml", &format!("resources: [../base]\n{patch}"));
    repo.write("other/kustomization.yaml", "resources: [map.yaml]\n");
    repo.write("other/map.yaml", &map("x"));
    repo.commit();
    repo.write("base/secret.yaml", &secret("Wk9catcherB2y"));
    repo.write("other/map.yaml", &map("pg://user:Wk9catcherB2y@host"));
    for format in FORMATS.into_iter().filter(|format| *format != "colors") {
        let out = repo.diff(&[".", "--from", "HEAD", "--format", format]).out;
        assert!(!out.contains("catcher") && out.contains("other"), "{format}: {out}");
    }
}

/// Returns how often the roots `dev` and `prod` are told together, in each form for people.
fn told_together(repo: &Repo) -> Vec<usize> {
    let formats = FORMATS.into_iter().chain(["html"]);
    let formats = formats.filter(|format| !["colors", "json", "unified"].contains(format));
    let together = |format| {
        let out = repo.diff(&[".", "--from", "HEAD", "--format", format]).out;
        assert!(!out.contains("hunter2") && out.contains("***"), "{format}: {out}");
        out.matches("same change in 2 roots").count()
    };
    formats.map(together).collect()
}

#[test]
fn changes_to_other_values_are_not_the_same_change() {
    const PLAIN: &str = "  options: {disableNameSuffixHash: true}\n";
    let hashed =
        |_: &str, value: &str| format!("secretGenerator:\n- name: s\n  literals: [pw={value}]\n");
    let plain = |root: &str, value: &str| format!("{}{PLAIN}", hashed(root, value));
    let map = |root: &str, value: &str| {
        let map = format!("configMapGenerator:\n- name: m\n  literals: [u=pg://{value}@db]\n");
        format!("{}{map}{PLAIN}", plain(root, value))
    };
    let named = |root: &str, value: &str| format!("namePrefix: {root}-\n{}", plain(root, value));
    let none = |_: &str, _: &str| String::new();
    let prefix = |root: &str, _: &str| format!("namePrefix: {root}-\n");
    type Text<'t> = &'t dyn Fn(&str, &str) -> String;
    let (same, others) = (["hunter2-a"; 2], ["hunter2-b", "hunter2-c"]);
    for (before, after) in [
        (&hashed as Text, &hashed as Text),
        (&plain, &plain),
        (&map, &map),
        (&named, &named),
        (&none, &plain),
        (&plain, &none),
        (&prefix, &named),
        (&named, &prefix),
    ] {
        let write = |repo: &Repo, text: Text, values: [&str; 2]| {
            for (root, value) in ["dev", "prod"].into_iter().zip(values) {
                let lines = format!("resources: [../base]\n{}", text(root, value));
                repo.write(&format!("{root}/kustomization.yaml"), &lines);
            }
            // Equal texts have equal values.
            text("", "a") == text("", "b") || values[0] == values[1]
        };
        let new = ["hunter2-new"; 2];
        for (old, new) in [(same, others), (others, same), (same, new)] {
            let repo = Repo::empty();
            repo.write("base/kustomization.yaml", "configMapGenerator: [{name: b}]\n");
            let was_same = write(&repo, before, old);
            repo.commit();
            let is_same = write(&repo, after, new) && was_same;
            for count in told_together(&repo) {
                assert_eq!(count > 0, is_same, "{old:?} → {new:?}: {}", after("dev", "v"));
            }
        }
    }
}
