//! What is warned about on request. The cases are data: `testdata/warnings/KIND.txt` or
//! `KIND--WHAT.txt` is a tree that brings such a warning, `quiet--WHAT.txt` one that brings none.
//!
//! What is said of each stands in `tests/snapshots`; set `INSTA_UPDATE=always` to write it anew.

#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods)] // a test

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use insta::assert_snapshot;
use kustom::outside::{
    ChartPull, ChartRenderer, ChartTemplate, Failure, FailureKind, FileTree, FunctionCall,
    FunctionOutput, FunctionRunner,
};
use kustom::{Builder, MemoryFs, Reorder, WarningFilter, WarningKind};

/// Makes a config map of every chart.
#[derive(Debug)]
struct OneMap;

impl ChartRenderer for OneMap {
    fn version(&self) -> Result<String, Failure> {
        Ok("v4.3.1".to_owned())
    }

    fn pull(&self, _: &ChartPull) -> Result<FileTree, Failure> {
        Err(Failure::new(FailureKind::Refused, "nothing is fetched here"))
    }

    fn template(&self, _: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        Ok(b"{apiVersion: v1, kind: ConfigMap, metadata: {name: made}}".to_vec())
    }
}

/// Runs no function.
#[derive(Debug)]
struct NoFunction;

impl FunctionRunner for NoFunction {
    fn run(&self, _: &FunctionCall<'_>) -> Result<FunctionOutput, Failure> {
        Err(Failure::new(FailureKind::Refused, "nothing runs here"))
    }

    fn runs_programs(&self) -> bool {
        false
    }
}

/// Builds a tree, in which a line `== PATH` starts a file, and returns its warnings.
///
/// The same build without lint must give the same bytes. A first line `-- roots A B` names what is built.
fn remarks(tree: &str) -> (Vec<WarningKind>, String) {
    let (tree, roots) = match tree.strip_prefix("-- roots ").and_then(|rest| rest.split_once('\n'))
    {
        Some((roots, tree)) => (tree, roots.split(' ').collect()),
        None => (tree, Vec::new()),
    };
    let (tree, reorder) = match tree.strip_prefix("-- reorder legacy\n") {
        Some(tree) => (tree, Some(Reorder::Legacy)),
        None => (tree, None),
    };
    let mut files = MemoryFs::new();
    let mut target = None;
    for part in tree.split("== ").filter(|part| !part.is_empty()) {
        let (path, content) = part.split_once('\n').unwrap();
        target.get_or_insert(path.rsplit_once('/').map_or(".", |(folder, _)| folder));
        files.insert(path, content);
    }
    let mut builder =
        Builder::new().file_system(files).charts(Arc::new(OneMap)).functions(Arc::new(NoFunction));
    if let Some(reorder) = reorder {
        builder = builder.reorder(reorder);
    }
    let roots = if roots.is_empty() { vec![target.unwrap()] } else { roots };
    let silent = builder.build_all(&roots);
    let builds = builder.lint(true).build_all(&roots);
    let mut warnings = Vec::new();
    for (build, silent) in builds.iter().zip(&silent) {
        let silent = silent.as_ref().unwrap_or_else(|e| panic!("{e}\n{tree}"));
        assert!(silent.warnings().iter().all(|warning| !warning.kind().is_lint()));
        let build = build.as_ref().unwrap();
        assert_eq!(build.as_yaml(), silent.as_yaml());
        warnings.extend(build.warnings());
    }
    let kinds = warnings.iter().map(|warning| warning.kind()).collect();
    let show = |warning: &&kustom::Warning| format!("[{}] {warning}", warning.kind());
    (kinds, warnings.iter().map(show).collect::<Vec<_>>().join("\n"))
}

#[test]
fn every_kind_has_a_case_that_brings_it() {
    let mut cases: Vec<_> = Path::new("testdata/warnings")
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    let mut brought = BTreeSet::new();
    for case in cases {
        let name = case.file_stem().unwrap().to_str().unwrap().to_owned();
        let (kinds, text) = remarks(&std::fs::read_to_string(&case).unwrap());
        let id = name.split("--").next().unwrap();
        if id == "quiet" {
            assert_eq!(text, "", "{name}");
            continue;
        }
        let kind =
            WarningKind::from_id(id).unwrap_or_else(|| panic!("{name} is named after no kind"));
        assert!(kinds.contains(&kind), "{name} does not bring it:\n{text}");
        brought.insert(kind);
        assert_snapshot!(name, text);
    }
    for kind in WarningKind::all() {
        assert!(brought.contains(&kind), "{kind} has no case");
    }
}

#[test]
fn every_kind_is_documented() {
    let mut page = String::from(
        "# Warnings\n\n\
         `kustom build --warn` and `--strict` warn about what a build loses or ignores, and about what is hardly \
         intended. `--warn=-KIND,-KIND` leaves kinds out, `--warn=KIND,KIND` reports these alone, and \
         `kustom --explain-warning KIND` prints the section of this page.\n\n\
         Some findings need all roots together, such as two roots that claim one host: `kustom lint` reports them, and \
         so does a build with `--warn=all` or with the kind's name.\n\n\
         This page is generated from the table in `src/diagnostics/warning_kind.rs`.\n",
    );
    for kind in WarningKind::all() {
        let example = kind.example();
        page += &format!(
            "\n## {kind}\n\n{}\n\n```yaml\n{example}\n```\n\n{}\n",
            kind.looks_at(),
            kind.remedy()
        );
    }
    let path = "docs/warnings.md";
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(path, &page).unwrap();
    }
    let there = std::fs::read_to_string(path).unwrap();
    assert!(
        there == page,
        "{path} is not made from the table; set INSTA_UPDATE=always to write it"
    );
}

#[test]
fn kinds_can_be_left_out() {
    let mut files = MemoryFs::new();
    files
        .insert("app/kustomization.yaml", "images: [{name: a, newTag: b}]\ncommonLabels: {a: b}\n");
    let said = |filter: &str| {
        let filter: WarningFilter = filter.parse().unwrap();
        let build =
            Builder::new().file_system(files.clone()).warnings(filter).build("app").unwrap();
        let kinds = build.warnings().iter().map(|warning| warning.kind().as_str());
        kinds.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(said(""), "deprecated-field unused-label unused-image");
    assert_eq!(said("-unused-image"), "deprecated-field unused-label");
    assert_eq!(said("unused-image"), "deprecated-field unused-image");
    assert_eq!(said("unused-image,-deprecated-field"), "unused-image");
}

#[test]
fn each_finding_is_told_once() {
    let mut files = MemoryFs::new();
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    files.insert("base/kustomization.yaml", "resources: []\nimages: [{name: a, newTag: b}]\n");
    files.insert("base/unused.yaml", map);
    for root in ["one", "two"] {
        files.insert(format!("{root}/kustomization.yaml"), "resources: [../base]\n");
        files.insert(format!("{root}/unused.yaml"), map);
    }
    let builder = Builder::new().file_system(files).lint(true);
    let count = |build: &kustom::Result<kustom::Build>| build.as_ref().unwrap().warnings().len();
    assert_eq!(count(&builder.build("two")), 3);
    let session = builder.session();
    for builds in [builder.build_all(["one", "two"]), session.build_all(["one", "two"])] {
        assert_eq!(builds.iter().map(count).collect::<Vec<_>>(), [3, 1]);
    }
    assert_eq!(count(&session.build("two")), 3);
}

#[test]
fn what_upstream_says_too_is_told_once_for_all_roots_on_request() {
    let mut files = MemoryFs::new();
    files.insert(
        "base/kustomization.yaml",
        "commonLabels: {a: b}\nresources: [a.yaml]\n\
         vars: [{name: A, objref: {apiVersion: v1, kind: ConfigMap, name: a}}]\n",
    );
    files.insert("base/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    for root in ["one", "two"] {
        files.insert(format!("{root}/kustomization.yaml"), "resources: [../base]\n");
    }
    let said = |builder: Builder| -> Vec<Vec<&'static str>> {
        let builds =
            builder.file_system(files.clone()).reorder(Reorder::None).build_all(["one", "two"]);
        let kinds = |build: &kustom::Result<kustom::Build>| -> Vec<&'static str> {
            build.as_ref().unwrap().warnings().iter().map(|w| w.kind().as_str()).collect()
        };
        builds.iter().map(kinds).collect()
    };
    let both = vec!["deprecated-field", "deprecated-field", "vars"];
    assert_eq!(said(Builder::new()), [both.clone(), both.clone()]);
    assert_eq!(said(Builder::new().lint(true)), [both, Vec::new()]);
}

#[test]
fn a_component_is_judged_in_all_roots_that_use_it() {
    let mut files = MemoryFs::new();
    files.insert(
        "part/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n\
         images: [{name: web, newTag: '2'}, {name: none, newTag: '2'}]\n",
    );
    let pod = |image: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{{name: a, image: {image}}}]}}\n"
        )
    };
    for (root, image) in [("one", "web"), ("two", "db")] {
        let text = "resources: [pod.yaml]\ncomponents: [../part]\n";
        files.insert(format!("{root}/kustomization.yaml"), text);
        files.insert(format!("{root}/pod.yaml"), pod(image));
    }
    let builder = Builder::new().file_system(files).lint(true);
    let said = |roots: &[&str]| -> Vec<String> {
        let builds = builder.build_all(roots);
        let warnings = builds.iter().flat_map(|build| build.as_ref().unwrap().warnings());
        warnings.map(|warning| warning.message().to_owned()).collect()
    };
    assert_eq!(said(&["two"]).len(), 2);
    let both = said(&["one", "two"]);
    assert!(both.len() == 1 && both[0].contains("`none`"), "{both:?}");
}

#[test]
fn a_base_is_judged_where_it_is_used() {
    let mut files = MemoryFs::new();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {volumes: [{name: v, configMap: {name: c}}]}\n";
    files.insert("base/job.yaml", pod.replace("name: c", "name: d"));
    files.insert(
        "base/kustomization.yaml",
        "resources: [job.yaml]\nconfigMapGenerator: [{name: c, literals: [A=1]}]\n",
    );
    files.insert("over/kustomization.yaml", "resources: [../base, pod.yaml]\n");
    files.insert("over/pod.yaml", pod.replace("{name: a}", "{name: b}"));
    let builder = Builder::new().file_system(files).lint(true);
    let count = |roots: &[&str]| -> usize {
        builder.build_all(roots).iter().map(|build| build.as_ref().unwrap().warnings().len()).sum()
    };
    assert_eq!(count(&["base"]), 1);
    assert_eq!(count(&["base", "over"]), 0);
}

#[test]
fn what_another_root_refers_to_is_not_unused() {
    let mut files = MemoryFs::new();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {volumes: [{name: v, configMap: {name: c}}]}\n";
    files.insert(
        "core/kustomization.yaml",
        "resources: [pod.yaml]\nconfigMapGenerator: [{name: c, literals: [A=1]}]\n",
    );
    files.insert("core/pod.yaml", pod.replace("name: c", "name: other"));
    files.insert("app/kustomization.yaml", "resources: [pod.yaml]\n");
    files.insert("app/pod.yaml", pod);
    let builder = Builder::new().file_system(files).lint(true);
    let count = |roots: &[&str]| -> usize {
        builder.build_all(roots).iter().map(|build| build.as_ref().unwrap().warnings().len()).sum()
    };
    assert_eq!(count(&["core"]), 1);
    assert_eq!(count(&["core", "app"]), 0);
}

#[test]
fn a_file_that_another_kustomization_lists_is_used() {
    let mut files = MemoryFs::new();
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
    files.insert("/repo/.git/HEAD", "");
    files.insert("/repo/base/kustomization.yaml", "resources: [a.yaml]\n");
    for name in ["a", "b", "c"] {
        files.insert(format!("/repo/base/{name}.yaml"), map);
    }
    files.insert("/repo/over/kustomization.yaml", "patches: [{path: ../base/b.yaml}]\n");
    let build = Builder::new().file_system(files).lint(true).build("/repo/base").unwrap();
    let unused: Vec<String> = build.warnings().iter().map(|w| w.message().to_owned()).collect();
    assert_eq!(unused, ["no kustomization of this build names `c.yaml`"]);
}

#[test]
fn what_one_root_reaches_is_not_unreached() {
    let mut files = MemoryFs::new();
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
    for (path, text) in [
        ("/app/kustomization.yaml", "resources: [base]\n"),
        ("/app/base/kustomization.yaml", "resources: [a.yaml]\n"),
        ("/app/base/a.yaml", map),
        ("/app/extra/kustomization.yaml", "resources: [../shared]\n"),
        ("/app/shared/kustomization.yaml", "resources: [a.yaml]\n"),
        ("/app/shared/a.yaml", map),
        ("/app/shared/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n"),
        ("/app/alone/kustomization.yaml", "nameSuffix: x\n"),
        ("/app/refused/kustomization.yaml", "nothing: x\n"),
    ] {
        files.insert(path, text);
    }
    let builder = Builder::new().file_system(files).lint(true);
    let said = |roots: &[&str]| -> Vec<String> {
        let builds = builder.build_all(roots);
        let builds = builds.iter().filter_map(|build| build.as_ref().ok());
        let warnings = builds.flat_map(kustom::Build::warnings);
        warnings.map(|w| w.location().unwrap().file.display().to_string()).collect()
    };
    let file = |folder: &str| format!("/app/{folder}/kustomization.yaml");
    assert_eq!(
        said(&["/app"]),
        ["alone", "extra", "refused"].map(file),
        "one root reaches only its base; what `extra` lists is told of once"
    );
    let unused = "/app/shared/b.yaml".to_owned();
    assert_eq!(said(&["/app", "/app/extra"]), [file("alone"), file("refused"), unused.clone()]);
    assert_eq!(said(&["/app/extra", "/app/alone", "/app"]), [unused, file("refused")]);
    // What a refused one lists is no less reached, and nothing else is.
    assert_eq!(said(&["/app", "/app/refused"]), ["alone", "extra"].map(file));
}

#[test]
fn what_a_refused_root_would_have_reached_is_not_told() {
    let map = |name: &str| {
        let name = name.replace('/', "-");
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n")
    };
    let unused = |refused: &str| -> Vec<String> {
        let mut files = MemoryFs::new();
        files.insert("/repo/good/kustomization.yaml", "resources: [a.yaml]\n");
        for file in ["good/a", "good/spare", "shared/a", "shared/b", "bad/below/a", "bad/below/b"] {
            files.insert(format!("/repo/{file}.yaml"), map(file));
        }
        files.insert("/repo/shared/kustomization.yaml", "resources: [a.yaml]\n");
        files.insert("/repo/bad/below/kustomization.yaml", "resources: [a.yaml]\n");
        files.insert("/repo/bad/kustomization.yaml", refused);
        let builds = Builder::new().file_system(files).lint(true).build_all([
            "/repo/good",
            "/repo/shared",
            "/repo/bad/below",
            "/repo/bad",
        ]);
        assert!(builds[3].is_err());
        let warnings = builds.iter().flatten().flat_map(kustom::Build::warnings);
        let name = |w: &kustom::Warning| w.location().unwrap().file.display().to_string();
        warnings.map(name).collect()
    };
    let all = ["good/spare", "shared/b", "bad/below/b"].map(|file| format!("/repo/{file}.yaml"));
    assert_eq!(unused("resources: [none.yaml]\n"), all);
    assert_eq!(
        unused("resources: [none.yaml]\npatches: [{path: ../shared/b.yaml}]\n"),
        [all[0].clone(), all[2].clone()]
    );
    // Of one that is no YAML, whatever it has may be a path, and all below may be a part of it.
    assert_eq!(unused("resources: [../shared/b.yaml\n"), [all[0].clone()]);
}

/// Answers with what it is given.
#[derive(Debug)]
struct Same;

impl FunctionRunner for Same {
    fn run(&self, call: &FunctionCall<'_>) -> Result<FunctionOutput, Failure> {
        Ok(FunctionOutput::new(call.input))
    }
}

#[test]
fn what_a_function_may_read_is_not_unused() {
    let config = "apiVersion: example.com/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    \
                  config.kubernetes.io/function: 'container: {image: fn}'\n\
                  files: [./secret.yaml, ../base/named.yaml]\nscript: read ../whole/all and more\n";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let inline = config.replace('\n', "\n  ");
    for (field, value, extra) in [
        ("transformers", "[fn.yaml]".to_owned(), "fn.yaml"),
        ("transformers", format!("\n- |\n  {inline}"), "none.yaml"),
        ("transformers", "[fns]".to_owned(), "fns/fn.yaml"),
    ] {
        let mut files = MemoryFs::new();
        files.insert("app/kustomization.yaml", format!("resources: [../base]\n{field}: {value}\n"));
        files.insert(format!("app/{extra}"), config);
        files.insert("app/fns/kustomization.yaml", "resources: [fn.yaml]\n");
        files.insert("app/secret.yaml", map);
        files.insert("app/other.yaml", map);
        files.insert("base/kustomization.yaml", "resources: [a.yaml, ../whole/all/deep]\n");
        files.insert("base/a.yaml", map);
        files.insert("base/named.yaml", map);
        files.insert("base/unused.yaml", map);
        files.insert("whole/all/deep/kustomization.yaml", "namePrefix: a-\n");
        files.insert("whole/all/deep/unused.yaml", map);
        let builder = Builder::new().file_system(files).functions(Arc::new(Same));
        let build = builder.warnings("unused-file".parse().unwrap()).build("app").unwrap();
        let files = build.warnings().iter().map(|w| w.location().unwrap().file.clone());
        assert_eq!(files.collect::<Vec<_>>(), [Path::new("/base/unused.yaml")], "{value}");
    }
}
