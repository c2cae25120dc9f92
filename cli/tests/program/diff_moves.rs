//! `kustom diff` where what a root refers to lies elsewhere, or has moved.

use std::fs;

use super::config_map;
use super::diff::Repo;
use crate::kustom_with_input;

#[test]
fn submodules_are_read_where_they_are_checked_out() {
    let (repo, library) = (Repo::new(), Repo::new());
    // Else it has the first commit of the repository itself, if both are made in one second.
    library.write("README.md", "The library.\n");
    library.commit();
    let from = library.path().to_string_lossy().into_owned();
    let allowed = ["-c", "protocol.file.allow=always"];
    repo.git(&[&allowed[..], &["submodule", "--quiet", "add", &from, "library"]].concat());
    repo.write("app/kustomization.yaml", "resources: [../library/apps/notifications/base]\n");
    repo.commit();
    let answer = repo.diff(&["app", "--from", "HEAD"]);
    assert_eq!((answer.code, answer.out.as_str()), (0, "no differences\n"));
    library.replace("apps/notifications/base/cronjob.yaml", "schedule: \"", "schedule: \"1");
    library.commit();
    repo.git(&[&allowed[..], &["submodule", "--quiet", "update", "--remote"]].concat());
    repo.commit();
    let answer = repo.diff(&["app", "--from", "HEAD~", "--to", "HEAD"]);
    assert_eq!(answer.code, 1, "{}", answer.err);
    assert!(answer.out.contains("spec.schedule"), "{}", answer.out);
    // A clone that does not have its files.
    repo.git(&["submodule", "--quiet", "deinit", "library"]);
    let answer = repo.diff(&["app", "--from", "HEAD~", "--to", "HEAD"]);
    assert_eq!(answer.code, 1);
    let said = "what it reads has changed, and it cannot be rendered to compare";
    assert!(
        answer.out.contains(said) && answer.out.contains("library is a submodule"),
        "{}",
        answer.out
    );
    let answer = repo.diff(&["app", "--from", "HEAD~"]);
    assert_eq!(answer.code, 1, "{}", answer.out);
    for args in [&["app", "--from", "HEAD"][..], &["app", "--from", "HEAD", "--to", "HEAD"]] {
        let answer = repo.diff(args);
        assert_eq!(answer.code, 0, "{}", answer.out);
    }
    repo.git(&[&allowed[..], &["submodule", "--quiet", "update", "--init"]].concat());
    let affected = |code: &str| {
        let ran = kustom_with_input(repo.path(), &["affected", "--since", "HEAD", "app"], "");
        assert_eq!((ran.code, ran.out.as_str()), (Some(0), code), "{}", ran.err);
    };
    affected("");
    repo.write("library/apps/notifications/base/cronjob.yaml", "a: b\n");
    affected("app\n");
}

#[test]
fn what_a_partial_clone_lacks_is_an_error() {
    let map = |value: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{a: {value}}}\n")
    };
    let repo = Repo { folder: tempfile::tempdir().expect("a folder") };
    repo.git(&["init", "-q", "-b", "main"]);
    for (folder, value) in [("a", "one"), ("b", "other")] {
        repo.write(&format!("{folder}/kustomization.yaml"), "resources: [c.yaml]\n");
        repo.write(&format!("{folder}/c.yaml"), &map(value));
    }
    repo.commit();
    repo.write("a/c.yaml", &map("new"));
    repo.commit();
    let remove = |object: &str| {
        let id = repo.git(&["rev-parse", object]);
        let (folder, file) = id.trim().split_at(2);
        let path = repo.path().join(".git/objects").join(folder).join(file);
        fs::remove_file(path).expect("an object");
    };
    for object in ["HEAD~1:a/c.yaml", "HEAD~1:a"] {
        remove(object);
        for args in [&["--from", "HEAD~1"][..], &["--from", "HEAD~1", "--to", "HEAD"]] {
            let answer = repo.diff(args);
            let said = format!("{}{}", answer.out, answer.err);
            assert!(answer.code == 2 && said.contains("this clone lacks the object"), "{said}");
        }
    }
    // What it has can be compared.
    let answer = repo.diff(&["b", "--from", "HEAD~1"]);
    assert_eq!((answer.code, answer.out.as_str()), (0, "no differences\n"));
}

#[test]
fn a_base_that_moves_or_is_inlined_is_no_root_that_is_gone() {
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: \
                 {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n";
    let repo = Repo { folder: tempfile::tempdir().expect("a folder") };
    let write = |path: &str, text: &str| {
        let path = repo.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("written");
    };
    write("base/c.yaml", claim);
    write("base/kustomization.yaml", "resources: [c.yaml]\n");
    write("ov/kustomization.yaml", "resources: [../base]\n");
    write("alone/kustomization.yaml", "resources: [../ov]\n");
    repo.git(&["init", "-q", "-b", "main"]);
    repo.commit();
    let args = [".", "--from", "HEAD", "--fail-on", "danger"];
    let same = || {
        for all in [&[][..], &["--render-all"]] {
            let answer = repo.diff(&[&args[..], all].concat());
            assert_eq!(answer.code, 0, "{}", answer.out);
        }
    };
    repo.git(&["mv", "base", "common"]);
    write("ov/kustomization.yaml", "resources: [../common]\n");
    same();
    // Inlined.
    repo.git(&["mv", "common/c.yaml", "ov/c.yaml"]);
    fs::remove_dir_all(repo.path().join("common")).expect("removed");
    write("ov/kustomization.yaml", "resources: [c.yaml]\n");
    same();
    // A root that is gone is told, and with it what it used alone.
    repo.commit();
    for folder in ["alone", "ov"] {
        fs::remove_dir_all(repo.path().join(folder)).expect("removed");
    }
    write("other/kustomization.yaml", "namePrefix: x-\n");
    let answer = repo.diff(&args);
    assert_eq!(answer.code, 2, "{}", answer.out);
    assert!(answer.out.contains("may go with it (alone)\n"), "{}", answer.out);
}

#[test]
fn a_root_that_could_not_be_rendered_and_is_gone_was_not_mended() {
    let repo = Repo::new();
    repo.write("broken/kustomization.yaml", "resources: [none.yaml]\n");
    repo.write("mended/kustomization.yaml", "resources: [none.yaml]\n");
    repo.commit();
    fs::remove_dir_all(repo.path().join("broken")).expect("a folder");
    repo.write("mended/kustomization.yaml", "namePrefix: a-\n");
    let answer = repo.diff(&["broken", "mended", "--from", "HEAD"]);
    assert_eq!(answer.code, 1, "{}", answer.err);
    let told = |what: &str| {
        answer.out.contains(&format!("1 root could not be rendered before, and {what}:"))
    };
    assert!(told("can be now") && told("gone now"), "{}", answer.out);
    assert!(
        answer.out.contains("1 root could not be rendered before and is gone"),
        "{}",
        answer.out
    );
    for format in ["markdown", "html", "unified"] {
        let answer = repo.diff(&["broken", "mended", "--from", "HEAD", "--format", format]);
        assert!(answer.out.contains("gone"), "{format}: {}", answer.out);
    }
    let json = repo.diff(&["broken", "mended", "--from", "HEAD", "--format", "json"]).out;
    assert_eq!(json.matches("\"isGone\": true").count(), 1, "{json}");
}

const CHART: &str = "helmCharts: [{name: web, valuesFile: ../values.yaml}]\n";

/// Returns a repository with a root that needs helm and lies in `from`.
fn with_chart() -> Repo {
    let repo = Repo::empty();
    repo.write("values.yaml", "a: 1\n");
    repo.write("from/kustomization.yaml", CHART);
    repo.write("from/charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    repo.write("from/charts/web/templates/a.yaml", "kind: A\n");
    repo.write("broken/kustomization.yaml", "resources: [none.yaml]\n");
    repo.commit();
    repo
}

#[test]
fn roots_that_fail_have_moved_only_with_all_of_their_files() {
    let repo = with_chart();
    repo.git(&["mv", "from", "to"]);
    repo.git(&["mv", "broken", "renamed"]);
    repo.commit();
    let args = [".", "--from", "HEAD~", "--to", "HEAD"];
    let answer = repo.diff(&args);
    assert_eq!(answer.code, 0, "{}", answer.out);
    assert!(answer.out.contains("as before: broken → renamed, from → to\n"), "{}", answer.out);
    for format in ["text", "markdown", "html", "unified"] {
        let answer = repo.diff(&[&args[..], &["--format", format]].concat());
        assert!(!answer.out.contains("moved, no differences"), "{format}: {}", answer.out);
    }
    // What the root reads elsewhere is not what it was, or is in another place.
    let may_differ = || {
        let answer = repo.diff(&[".", "--from", "HEAD"]);
        let said = "from\nmay differ: what it reads has changed, and it cannot be rendered";
        assert_eq!(answer.code, 1, "{}", answer.out);
        assert!(answer.out.contains(&said.replace("from", "to → deep/from")), "{}", answer.out);
    };
    repo.write("deep/values.yaml", "a: 1\n");
    repo.git(&["mv", "to", "deep/from"]);
    may_differ();
    repo.git(&["mv", "deep/from", "to"]);
    repo.replace("to/kustomization.yaml", "../values", "../../values");
    repo.commit();
    fs::create_dir_all(repo.path().join("deep")).expect("a folder");
    repo.git(&["mv", "to", "deep/from"]);
    may_differ();
}

#[test]
fn unrelated_roots_that_fail_alike_have_not_moved() {
    let repo = with_chart();
    repo.git(&["rm", "-q", "-r", "from"]);
    repo.write("other/kustomization.yaml", "helmCharts: [{name: other}]\n");
    repo.write("other/charts/other/Chart.yaml", "apiVersion: v2\nname: other\nversion: 1.0.0\n");
    repo.write("other/charts/other/values.yaml", "{}\n");
    let changed = || {
        let answer = repo.diff(&[".", "--from", "HEAD"]);
        assert_eq!(answer.code, 1, "{}", answer.out);
        let told = "may differ: it needs what it did not need before";
        let is_told = answer.out.contains(told) && answer.out.contains("gone now");
        assert!(is_told && !answer.out.contains('→'), "{}", answer.out);
    };
    changed();
    // The same text, and another chart.
    repo.write("other/kustomization.yaml", CHART);
    changed();
}

#[test]
fn a_submodule_that_was_never_here_may_differ_once_its_commit_does() {
    let (repo, library) = (Repo::empty(), Repo::empty());
    library.write("kustomization.yaml", "namePrefix: a-\n");
    library.commit();
    let from = library.path().to_string_lossy().into_owned();
    let allowed = ["-c", "protocol.file.allow=always"];
    repo.git(&[&allowed[..], &["submodule", "--quiet", "add", &from, "lib"]].concat());
    repo.write("app/kustomization.yaml", "resources: [../lib]\n");
    repo.commit();
    library.write("kustomization.yaml", "namePrefix: b-\n");
    library.commit();
    repo.git(&[&allowed[..], &["submodule", "--quiet", "update", "--remote"]].concat());
    repo.commit();
    let fresh = Repo { folder: tempfile::tempdir().expect("a folder") };
    fresh.git(&["clone", "--quiet", &repo.path().to_string_lossy(), "."]);
    for to in [&["--to", "HEAD"][..], &[]] {
        let answer = fresh.diff(&[&["app", "--from", "HEAD~"], to].concat());
        assert_eq!(answer.code, 1, "{}{}", answer.out, answer.err);
        let said =
            ["app\nmay differ: what it reads has changed", "/lib is a submodule, whose commit"];
        let said = said.iter().chain(&["get it with `git submodule update --init`\n"]);
        said.for_each(|said| assert!(answer.out.contains(said), "{}", answer.out));
        assert!(!answer.out.contains("is not in or below"), "{}", answer.out);
        let answer = fresh.diff(&[&["app", "--from", "HEAD", "--render-all"], to].concat());
        assert_eq!(answer.code, 0, "{}{}", answer.out, answer.err);
        assert!(answer.out.contains("as before: app: "), "{}", answer.out);
        let args = [&["affected", "--from", "HEAD~", "."], to].concat();
        assert_eq!(kustom_with_input(fresh.path(), &args, "").good(), "app\n");
    }
}

#[test]
fn what_may_not_be_read_where_it_lies_may_differ_once_it_does() {
    let repo = Repo::empty();
    let chart =
        "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web, valuesFile: v.yaml}]\n";
    repo.write("chart/kustomization.yaml", chart);
    repo.write("chart/v.yaml", "a: 1\n");
    repo.write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    repo.write("charts/web/templates/a.yaml", "kind: A\n");
    repo.write("file/kustomization.yaml", "resources: [../shared.yaml]\n");
    repo.write("shared.yaml", "kind: A\n");
    repo.commit();
    let answer = repo.diff(&[".", "--from", "HEAD", "--render-all"]);
    assert_eq!(answer.code, 0, "{}", answer.out);
    assert!(answer.out.contains("as before: chart, file\n"), "{}", answer.out);
    repo.write("README.md", "other\n");
    repo.write("chart/README.md", "other\n");
    assert_eq!(repo.diff(&[".", "--from", "HEAD"]).code, 0);
    repo.write("charts/web/templates/a.yaml", "kind: B\n");
    repo.write("shared.yaml", "kind: B\n");
    for to in [&[][..], &["--to", "HEAD"]] {
        let answer = repo.diff(&[&[".", "--from", "HEAD"], to].concat());
        assert_eq!(answer.code, i32::from(to.is_empty()), "{}", answer.out);
        let differing = answer.out.matches("may differ: what it reads has changed").count();
        assert_eq!(differing, if to.is_empty() { 2 } else { 0 }, "{}", answer.out);
    }
    repo.commit();
    let answer = repo.diff(&[".", "--from", "HEAD~", "--to", "HEAD"]);
    assert!(
        answer.out.ends_with("2 roots may differ, but could not be compared\n"),
        "{}",
        answer.out
    );
}

#[test]
fn a_chart_elsewhere_may_make_a_difference() {
    let repo = Repo { folder: tempfile::tempdir().expect("a folder") };
    repo.git(&["init", "-q", "-b", "main"]);
    let chart = "helmGlobals: {chartHome: ../charts}\nhelmCharts:\n- {name: web, releaseName: r";
    for (root, rest) in [
        ("own", "valuesFile: v.yaml"),
        ("more", "valuesFile: v.yaml, additionalValuesFiles: [w.yaml]"),
        ("inline", "valuesMerge: replace, valuesInline: {a: 1}"),
    ] {
        repo.write(&format!("{root}/kustomization.yaml"), &format!("{chart}, {rest}}}\n"));
        repo.write(&format!("{root}/v.yaml"), "a: 1\n");
        repo.write(&format!("{root}/w.yaml"), "a: 2\n");
    }
    repo.write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    repo.write("charts/web/values.yaml", "a: 0\n");
    repo.write("charts/web/templates/a.yaml", "a: b\n");
    repo.commit();
    for restrictor in ["LoadRestrictionsRootOnly", "LoadRestrictionsNone"] {
        let args = [".", "--from", "HEAD", "--load-restrictor", restrictor];
        assert_eq!(repo.diff(&args).code, 0, "{}", repo.diff(&args).out);
        repo.write("charts/web/templates/a.yaml", "a: c\n");
        let answer = repo.diff(&args);
        assert_eq!(answer.code, 1, "{}", answer.out);
        assert!(answer.out.contains("3 roots may differ"), "{}", answer.out);
        repo.write("charts/web/templates/a.yaml", "a: b\n");
    }
}

#[test]
fn what_was_not_looked_for_is_said() {
    let said = "so many roots are gone and new that not all that moved were looked for";
    let repo = Repo::empty();
    let root = |i: usize| {
        repo.write(&format!("from/{i}/kustomization.yaml"), "resources: [map.yaml]\n");
        repo.write(&format!("from/{i}/map.yaml"), &config_map(&format!("map-{i}")));
    };
    (0..100).for_each(root);
    // In the worst order: of each all have to be compared.
    for i in 0..46 {
        repo.write(
            &format!("chart/{:02}/kustomization.yaml", 45 - i),
            "helmCharts: [{name: web}]\n",
        );
        repo.write(&format!("chart/{:02}/charts/web/values.yaml", 45 - i), &format!("a: {i:02}\n"));
    }
    repo.commit();
    let is_said = |paths: &[&str]| {
        let answer = repo.diff(&[paths, &["--from", "HEAD"]].concat());
        answer.out.starts_with(said)
    };
    repo.git(&["mv", "from", "to"]);
    assert!(!is_said(&["from", "to"]));
    repo.git(&["reset", "-q", "--hard"]);
    root(100);
    repo.commit();
    repo.git(&["mv", "from", "to"]);
    assert!(is_said(&["from", "to"]));
    fs::remove_dir_all(repo.path().join("to")).expect("a folder");
    assert!(!is_said(&["from"]), "nothing is new");
    repo.git(&["reset", "-q", "--hard"]);
    fs::create_dir(repo.path().join("new")).expect("a folder");
    for i in 0..46 {
        let (from, to) = (format!("chart/{:02}", 45 - i), format!("new/{i:02}"));
        repo.git(&["mv", &from, &to]);
        assert!(i < 40 || is_said(&["chart", "new"]) == (i >= 44), "{i}");
    }
}
