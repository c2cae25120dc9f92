//! What a build may take, and who may hold what it gives.

use kustom::explain::Trace;
use kustom::{
    Build, Builder, Cancel, Error, ErrorKind, Inputs, Limit, Limits, MemoryFs, Session, Warning,
};

fn files(files: &[(&str, &str)]) -> MemoryFs {
    let mut all = MemoryFs::new();
    for (path, text) in files {
        all.insert(path, *text);
    }
    all
}

fn map(name: &str, more: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n{more}")
}

fn refused(limits: Limits, tree: &[(&str, &str)]) -> Error {
    let builder = Builder::new().limits(limits).file_system(files(tree));
    builder.build("/app").expect_err("it takes too much")
}

/// Asserts that a tree is built with a limit of `most`, and refused by this limit with one less.
#[track_caller]
fn check(limit: Limit, most: u64, set: fn(&mut Limits) -> &mut u64, tree: &[(&str, &str)]) {
    let mut limits = Limits::default();
    *set(&mut limits) = most;
    let builder = Builder::new().limits(limits).file_system(files(tree));
    if let Err(e) = builder.build("/app") {
        panic!("{}: {e}", limit.as_str());
    }
    *set(&mut limits) = most - 1;
    let error = refused(limits, tree);
    assert_eq!((error.kind(), error.limit()), (ErrorKind::Limit, Some(limit)), "{error}");
    assert!(error.message().contains(limit.as_str()), "{error}");
}

#[test]
fn what_is_read_is_limited() {
    let resource = map("a", "");
    let tree = [("/app/kustomization.yaml", "resources: [r.yaml]\n"), ("/app/r.yaml", &*resource)];
    let all = (resource.len() + tree[0].1.len()) as u64;
    check(Limit::FileBytes, resource.len() as u64, |l| &mut l.file_bytes, &tree);
    check(Limit::ReadBytes, all, |l| &mut l.read_bytes, &tree);
    check(Limit::Files, 2, |l| &mut l.files, &tree);
    check(Limit::Documents, 1, |l| &mut l.documents, &tree);
    check(Limit::Resources, 1, |l| &mut l.resources, &tree);
}

#[test]
fn kustomizations_are_limited() {
    let resource = map("a", "");
    let tree = [
        ("/app/kustomization.yaml", "resources: [../a]\ncomponents: [../c, ../c]\n"),
        ("/a/kustomization.yaml", "resources: [../b]\n"),
        ("/b/kustomization.yaml", "resources: [r.yaml]\n"),
        ("/b/r.yaml", &*resource),
        ("/c/kustomization.yaml", "kind: Component\nnamePrefix: p-\n"),
    ];
    let mut tree = tree.to_vec();
    let component =
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: p-\n";
    tree[4].1 = component;
    check(Limit::Kustomizations, 4, |l| &mut l.kustomizations, &tree);
    check(Limit::Layers, 2, |l| &mut l.layers, &tree);
}

#[test]
fn what_is_made_is_limited() {
    let resource = map("a", "");
    let tree = [
        ("/app/kustomization.yaml", "namePrefix: abcd-\nresources: [r.yaml]\n"),
        ("/app/r.yaml", &*resource),
    ];
    check(Limit::ValueBytes, 6, |l| &mut l.value_bytes, &tree);
    check(Limit::MadeBytes, 6, |l| &mut l.made_bytes, &tree);
    let tree = [
        ("/app/kustomization.yaml", "namespace: abcdef\nresources: [r.yaml]\n"),
        ("/app/r.yaml", &*resource),
    ];
    check(Limit::MadeBytes, 6, |l| &mut l.made_bytes, &tree);
    let aliases = map("a", "data: {a: &a [1, 2], b: [*a, *a]}\n");
    let tree = [("/app/kustomization.yaml", "resources: [r.yaml]\n"), ("/app/r.yaml", &*aliases)];
    let mut limits = Limits::default();
    limits.nodes = 5;
    assert_eq!(refused(limits, &tree).limit(), Some(Limit::Nodes));
}

/// Objects of a kind, `n` of them.
fn objects(kind: &str, n: usize) -> String {
    let object = |i| format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: a{i}}}\n---\n");
    (0..n).map(object).collect()
}

/// A hundred or so of something, as a list of YAML.
fn list(n: usize, item: impl Fn(usize) -> String) -> String {
    format!("[{}]", (0..n).map(item).collect::<Vec<_>>().join(", "))
}

#[test]
fn products_are_limited_before_they_are_made() {
    let pairs = |n: usize| (0..n).map(|i| format!("k{i}: v")).collect::<Vec<_>>().join(", ");
    let fields = |n| list(n, |i| format!("{{path: q{i}/a/b, create: true}}"));
    let items = list(1_200, |_| "a".into());
    let transformer = format!(
        "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {{name: l}}\nlabels: {{a: b}}\nfieldSpecs: {}\n",
        fields(130)
    );
    let paths = list(550, |i| format!("q{i}"));
    let bases: Vec<String> = (0..40).map(|i| format!("b{i}")).collect();
    let patch = format!("apiVersion: v1\nkind: A\nmetadata: {{name: x}}\ns: {items}\n");
    let env = (0..600).map(|i| format!("k{i}=\n")).collect::<String>();
    let generators = list(250, |i| format!("{{name: c{i}}}"));
    let trees: [(&str, String, String); 9] = [
        (
            "env files",
            format!("configMapGenerator: {}", list(150, |i| format!("{{name: c{i}, envs: [e]}}"))),
            objects("A", 1),
        ),
        (
            "labels",
            format!("labels: [{{fields: {}, pairs: {{{}}}}}]", fields(80), pairs(250)),
            objects("A", 300),
        ),
        ("annotations", format!("commonAnnotations: {{{}}}", pairs(350)), objects("CronJob", 300)),
        ("field specs", "transformers: [t.yaml]".into(), objects("A", 200)),
        (
            "generator options",
            format!(
                "generatorOptions: {{labels: {{{}}}}}\nconfigMapGenerator: {generators}",
                pairs(350)
            ),
            objects("A", 1),
        ),
        (
            "replacements",
            format!(
                "replacements: [{{sourceValue: x, targets: [{{select: {{kind: A}}, fieldPaths: {paths}, options: {{create: true}}}}]}}]"
            ),
            objects("A", 100),
        ),
        (
            "a patch for all",
            "patches: [{path: p.yaml, target: {kind: A}}]".into(),
            objects("A", 200),
        ),
        (
            "a patch often",
            format!("patches: {}", list(340, |_| "{path: p.yaml, target: {kind: A}}".into())),
            objects("A", 1),
        ),
        ("bases", format!("resources: {}", list(40, |i| format!("b{i}"))), objects("A", 200)),
    ];
    for (name, field, objects) in trees {
        let resources = if name == "bases" { "" } else { "resources: [r.yaml]\n" };
        let kustomization = format!("{resources}{field}\n");
        let mut tree = files(&[
            ("/app/kustomization.yaml", &kustomization),
            ("/app/r.yaml", &objects),
            ("/app/t.yaml", &transformer),
            ("/app/p.yaml", &patch),
            ("/app/e", &env),
            ("/app/base/kustomization.yaml", "resources: [r.yaml]\n"),
            ("/app/base/r.yaml", &objects),
        ]);
        for base in &bases {
            let text = format!("resources: [../base]\nnamePrefix: {base}-\n");
            tree.insert(format!("/app/{base}/kustomization.yaml"), text);
        }
        let mut limits = Limits::default();
        limits.tree_bytes /= 32;
        let builder = Builder::new().limits(limits).file_system(tree);
        let error = builder.build("/app").expect_err(name);
        assert_eq!(error.limit(), Some(Limit::TreeBytes), "{name}: {error}");
    }
}

#[test]
fn a_file_that_is_named_often_is_read_once() {
    let patch = map("a", "data: {a: b}\n");
    let replacement =
        "sourceValue: x\ntargets: [{select: {kind: ConfigMap}, fieldPaths: [data.a]}]\n";
    let field_specs = "commonLabels: [{path: x, create: true}]\n";
    for field in [
        format!("patches: {}", list(100, |_| "{path: p.yaml}".into())),
        format!("patchesStrategicMerge: {}", list(100, |_| "p.yaml".into())),
        format!("patches: {}", list(100, |_| "{path: j.json, target: {kind: ConfigMap}}".into())),
        format!("replacements: {}", list(100, |_| "{path: x.yaml}".into())),
        format!("configurations: {}", list(100, |_| "c.yaml".into())),
        format!("crds: {}", list(100, |_| "d.json".into())),
    ] {
        let kustomization = format!("resources: [r.yaml]\n{field}\n");
        let tree = files(&[
            ("/app/kustomization.yaml", &kustomization),
            ("/app/r.yaml", &map("a", "data: {a: c}\n")),
            ("/app/p.yaml", &patch),
            ("/app/j.json", r#"[{"op": "add", "path": "/data/x", "value": "y"}]"#),
            ("/app/x.yaml", replacement),
            ("/app/c.yaml", field_specs),
            ("/app/d.json", "{}"),
        ]);
        let mut limits = Limits::default();
        limits.files = 3;
        let build = Builder::new().limits(limits).file_system(tree).build("/app");
        assert!(build.is_ok(), "{field}: {build:?}");
    }
}

#[test]
fn what_is_written_anew_is_not_charged_again() {
    let layers = 50;
    let mut tree = MemoryFs::new();
    for i in 0..layers {
        let labels: String = (0..100).map(|k| format!("  k{k}: v{i}\n")).collect();
        let text = format!("resources: [../l{}]\ncommonLabels:\n{labels}", i + 1);
        tree.insert(format!("/l{i}/kustomization.yaml"), text);
    }
    tree.insert(format!("/l{layers}/kustomization.yaml"), "resources: [r.yaml]\n");
    tree.insert(format!("/l{layers}/r.yaml"), objects("A", 20));
    let mut limits = Limits::default();
    limits.tree_bytes = 20 * 110 * 48 + 20 * 1_000;
    let build = Builder::new().limits(limits).file_system(tree).build("/l0");
    assert!(build.is_ok(), "{build:?}");
}

#[test]
fn the_output_is_limited() {
    let resource = map("a", "");
    let tree = [("/app/kustomization.yaml", "resources: [r.yaml]\n"), ("/app/r.yaml", &*resource)];
    let mut limits = Limits::default();
    limits.output_bytes = 20;
    let error = refused(limits, &tree);
    assert_eq!(error.limit(), Some(Limit::OutputBytes), "{error}");
}

#[test]
fn patterns_are_limited() {
    let resource = map("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "");
    let patch = "resources: [r.yaml]\npatches:\n- target: {name: '(a?){30}(a?){30}b'}\n  \
                 patch: '[{\"op\": \"add\", \"path\": \"/x\", \"value\": 1}]'\n";
    let tree = [("/app/kustomization.yaml", patch), ("/app/r.yaml", &*resource)];
    let mut limits = Limits::default();
    limits.pattern_work = 300;
    let error = refused(limits, &tree);
    assert_eq!(error.limit(), Some(Limit::PatternWork), "{error}");
}

#[test]
fn comparisons_are_limited() {
    let many = |n: usize, one: &dyn Fn(usize) -> String| (0..n).map(one).collect::<String>();
    let ports = many(100, &|i| format!("  - {{port: 80, protocol: P{i}}}\n"));
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  ports:\n";
    let patch = format!("{service}  - {{port: 80}}\n").replace('\n', "\n    ");
    let merge = format!("resources: [r.yaml]\npatches:\n- patch: |-\n    {patch}\n");
    let labels = many(100, &|i| format!("- pairs: {{k{i}: v}}\n"));
    let labels = format!("resources: [r.yaml]\nlabels:\n{labels}");
    let text = many(50, &|i| format!("k{i}: 1, "));
    let text = map("m", &format!("data: {{j: '{{{text}}}', v: w}}\n"));
    let replace = "resources: [r.yaml]\nreplacements:\n- source: {kind: ConfigMap, fieldPath: data.v}\n  \
                   targets: [{select: {kind: ConfigMap}, fieldPaths: [data.j.k1]}]\n";
    for (kustomization, resource, needed) in [
        (&merge[..], &format!("{service}{ports}")[..], 101 * 101),
        (&labels, &map("m", ""), (65..100).map(|had| had / 2).sum()),
        (replace, &text, 8 * 50),
    ] {
        let tree = [("/app/kustomization.yaml", kustomization), ("/app/r.yaml", resource)];
        let mut limits = Limits::default();
        limits.comparisons = needed - 1;
        let error = refused(limits, &tree);
        assert_eq!(error.limit(), Some(Limit::Comparisons), "{error}");
    }
}

#[test]
fn the_results_of_a_call_are_limited_together() {
    let one = [
        ("/app/kustomization.yaml", "resources: [r.yaml]\nlabels:\n- pairs: {a: b}\n"),
        ("/app/r.yaml", &map("m", "data: {a: b}\n")),
    ];
    let mut tree = files(&one);
    for i in 0..20 {
        tree.insert(format!("/o{i}/kustomization.yaml"), "resources: [../app]\n");
    }
    let roots: Vec<String> = (0..20).map(|i| format!("/o{i}")).collect();
    let build = |bytes| {
        let mut limits = Limits::default();
        limits.call_bytes = bytes;
        let builder = Builder::new().limits(limits).file_system(tree.clone());
        let session = builder.session();
        (builder.build_all(&roots), [session.build_all(&roots), session.build_all(&roots)])
    };
    let text = build(u64::MAX).0[0].as_ref().expect("a build").as_yaml().len() as u64;
    // A label and its map are made once; of each root there is a text.
    let all = 20 * text + 1000;
    let (builds, sessions) = build(all);
    assert!(sessions.iter().chain([&builds]).flatten().all(Result::is_ok));
    let (builds, _) = build(10 * text);
    // Which of them came too late is a matter of threads.
    for build in builds {
        let error = build.expect_err("there is no room for all");
        assert_eq!(error.limit(), Some(Limit::CallBytes), "{error}");
        assert_eq!(error.hint_id(), Some("limit-of-call"), "{error}");
    }
    // One build alone is below them all.
    assert!(Builder::new().file_system(tree.clone()).build("/o1").is_ok());
}

#[test]
fn the_history_of_values_is_limited() {
    let labels = (0..60).map(|i| format!("- pairs: {{k{i}: v}}\n")).collect::<String>();
    let tree = files(&[
        ("/app/kustomization.yaml", &format!("resources: [r.yaml]\nlabels:\n{labels}")),
        ("/app/r.yaml", &map("m", "data: {a: b}\n")),
    ]);
    let explain = |bytes| {
        let mut limits = Limits::default();
        limits.history_bytes = bytes;
        Builder::new().limits(limits).file_system(tree.clone()).explain("/app")
    };
    // Of each label a map of all before it is kept.
    let kept = 48 * (60 * 61 / 2);
    assert!(explain(3 * kept).is_ok());
    let error = explain(kept).expect_err("it takes too much");
    assert_eq!(error.limit(), Some(Limit::HistoryBytes), "{error}");
}

#[test]
fn messages_are_limited() {
    let long = "x".repeat(100_000);
    let error = refused(
        Limits::untrusted(),
        &[("/app/kustomization.yaml", &format!("resources: [{long}]\n"))],
    );
    assert!(error.message().len() <= 4 << 10, "{}", error.message().len());
}

#[test]
fn builds_of_one_call_have_limits_of_their_own() {
    let resource = map("a", "");
    let tree = files(&[
        ("/a/kustomization.yaml", "resources: [r.yaml]\n"),
        ("/a/r.yaml", &resource),
        ("/b/kustomization.yaml", "resources: [r.yaml]\n"),
        ("/b/r.yaml", &resource),
    ]);
    let mut limits = Limits::default();
    limits.files = 2;
    let builder = Builder::new().limits(limits).file_system(tree);
    assert!(builder.build_all(["/a", "/b"]).iter().all(Result::is_ok));
    let session = builder.session();
    assert!(session.build("/a").is_ok() && session.build("/b").is_ok());
}

#[test]
fn a_build_can_be_stopped() {
    let cancel = Cancel::new();
    let resource = map("a", "");
    let tree = [("/app/kustomization.yaml", "resources: [r.yaml]\n"), ("/app/r.yaml", &*resource)];
    let builder = Builder::new().cancel(&cancel).file_system(files(&tree));
    assert!(builder.build("/app").is_ok());
    cancel.stop();
    assert_eq!(builder.build("/app").unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn long_chains_are_built_on_small_stacks() {
    for (field, head) in [
        ("resources", ""),
        ("components", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"),
    ] {
        let mut tree = MemoryFs::new();
        for i in 0..1_000 {
            let head = if i == 0 { "" } else { head };
            let text = format!("{head}{field}: [../d{}]\n", i + 1);
            tree.insert(format!("/d{i}/kustomization.yaml"), text);
        }
        tree.insert("/d1000/kustomization.yaml", format!("{head}resources: [r.yaml]\n"));
        tree.insert("/d1000/r.yaml", map("a", ""));
        let build = move || {
            let build = Builder::new().file_system(tree).build("/d0").expect("it is built");
            build.as_yaml().to_owned()
        };
        let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(build);
        let text = thread.expect("a thread").join().expect("no stack overflow");
        assert_eq!(text, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n");
    }
}

#[test]
fn errors_hide_secrets() {
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: [hunter2]}\n";
    for (kustomization, resource) in [
        ("secretGenerator: [{name: s, literals: [hunter2-and-more]}]\n", ""),
        ("secretGenerator: [{name: s, literals: [{x: hunter2}]}]\n", ""),
        (
            "resources: [r.yaml]\ncommonLabels: {a: b}\nreplacements: [{source: {kind: Secret, fieldPath: stringData.password.0, options: {delimiter: x, index: 9}}, targets: [{select: {kind: Secret}}]}]\n",
            secret,
        ),
        ("resources: [r.yaml]\n", "kind: Secret\nstringData: {password: *hunter2}\n"),
    ] {
        let error = refused(
            Limits::default(),
            &[("/app/kustomization.yaml", kustomization), ("/app/r.yaml", resource)],
        );
        let shown = format!("{error} {:?}", error.excerpt());
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

/// Everything that is handed out can be sent to another thread and looked at from several.
const _: () = {
    const fn assert<T: Send + Sync>() {}
    assert::<Builder>();
    assert::<Session>();
    assert::<Build>();
    assert::<Trace>();
    assert::<Error>();
    assert::<Warning>();
    assert::<Inputs>();
    assert::<Limits>();
    assert::<Cancel>();
    assert::<kustom::Resource>();
    assert::<kustom::diff::Diff>();
};
