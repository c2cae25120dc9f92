//! Work grows with the input and not faster. Counted, not timed: `cargo test --features work`.

#[path = "../benches/support/mod.rs"]
mod support;

#[path = "growth/commands.rs"]
mod commands;
#[path = "growth/steps.rs"]
mod steps;

use kustom::diff::{Options, compare};
use kustom::work::{self, Work};
use kustom::{Build, Builder, MemoryFs};

/// Returns what the build of a tree takes.
fn count(tree: &str) -> Work {
    count_with(tree, false)
}

/// Returns what the build of a tree takes, with or without warnings.
fn count_with(tree: &str, lint: bool) -> Work {
    let (files, roots) = support::tree(tree).expect("a known tree").in_memory();
    let builder = Builder::new().threads(std::num::NonZeroUsize::MIN).file_system(files).lint(lint);
    work::take();
    for build in builder.build_all(roots) {
        build.expect("a build");
    }
    work::take()
}

#[test]
fn twice_the_input_is_at_most_twice_the_work() {
    for (half, whole) in [
        ("flat-70", "flat-140"),
        ("flat-700", "flat-1400"),
        ("patches-200", "patches-400"),
        ("references-200", "references-400"),
        ("replacements-200", "replacements-400"),
        ("images-500", "images-1000"),
        ("fleet-15", "fleet-30"),
    ] {
        let (half, double) = (count(half), count(whole));
        let grows = |half: u64, double: u64| double * 10 <= half * 22;
        assert!(half.nodes > 0, "nothing was counted");
        assert!(grows(half.nodes, double.nodes), "{whole}: {half:?} became {double:?}");
        assert!(grows(half.ids, double.ids), "{whole}: {half:?} became {double:?}");
    }
}

/// The files of a tree with `n` of something; its root is `/`.
type Shape = fn(usize) -> MemoryFs;

/// Returns the values and ids that the build of a shape looks at.
fn count_shape(shape: Shape, n: usize) -> u64 {
    let builder = Builder::new().threads(std::num::NonZeroUsize::MIN).file_system(shape(n));
    work::take();
    builder.build("/").expect("a build");
    let Work { nodes, ids, .. } = work::take();
    nodes + ids
}

#[test]
fn each_of_many_patches_looks_only_where_it_has_to() {
    let shapes: [(&str, Shape); 6] = [
        ("plain names", |n| targets(n, |i| format!("{{kind: ConfigMap, name: cm{i}-x}}"))),
        ("dotted names", |n| targets(n, |i| format!("{{kind: ConfigMap, name: cm{i}.x}}"))),
        ("literal starts", |n| targets(n, |i| format!("{{name: 'cm{i}-.*'}}"))),
        ("expressions", |n| targets(n, |i| format!("{{kind: ConfigMap, name: 'cm{i}-[a-z]+'}}"))),
        ("merge patches", |n| patches(n, |i| merge_patch(&format!("cm{i}-x"), &i.to_string()))),
        ("removals", |n| {
            let keys: String = (0..n).map(|i| format!("  k{i:05}: v\n")).collect();
            let patch: String =
                (0..n).map(|i| format!("    - {{op: remove, path: /data/k{i:05}}}\n")).collect();
            let kustomization = format!(
                "resources: [cm.yaml]\npatches:\n- target: {{kind: ConfigMap}}\n  patch: |-\n{patch}"
            );
            files(&kustomization, &format!("{CONFIG_MAP}  name: big\ndata:\n  stays: v\n{keys}"))
        }),
    ];
    for (name, shape) in shapes {
        let (half, double) = (count_shape(shape, 200), count_shape(shape, 400));
        assert!(half > 0, "nothing was counted");
        assert!(double * 10 <= half * 22, "{name}: {half} became {double}");
    }
}

#[test]
fn fields_in_one_place_are_found_once() {
    let target = |n: usize, field: &str, more: &str| {
        let paths: Vec<String> = (0..n).map(|i| format!("{field}k{i}")).collect();
        format!(
            "resources: [cm.yaml]\nreplacements:\n- sourceValue: x\n  targets:\n  - select: {{kind: ConfigMap}}\n    \
             fieldPaths: [{}]\n    options: {{{more}}}\n",
            paths.join(", ")
        )
    };
    let config_map = |data: String| format!("{CONFIG_MAP}  name: a\ndata: {data}\n");
    let created = |n: usize| files(&target(n, "data.", "create: true"), &config_map("{}".into()));
    let count = |n| {
        let builder = Builder::new().threads(std::num::NonZeroUsize::MIN).file_system(created(n));
        work::take();
        builder.build("/").expect("a build");
        work::take().nodes
    };
    let (half, double) = (count(200), count(400));
    assert!(half > 0, "nothing was counted");
    assert!(double * 10 <= half * 22, "{half} became {double}");
}

#[test]
fn lists_in_lists_are_opened_once() {
    let nested = |n: usize| {
        let open = "{apiVersion: v1, kind: ConfigMapList, items: [".repeat(n);
        let object = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}";
        files("resources: [cm.yaml]\n", &format!("{open}{object}{}\n", "]}".repeat(n)))
    };
    let count = |n| {
        let builder = Builder::new().threads(std::num::NonZeroUsize::MIN).file_system(nested(n));
        work::take();
        builder.build("/").expect("a build");
        work::take().nodes
    };
    // What is nested deeper is built on another thread, which counts for itself.
    let (half, double) = (count(12), count(24));
    assert!(half > 36, "nothing was counted");
    assert!(double * 10 <= half * 22, "{half} became {double}");
}

#[test]
fn what_a_patch_does_not_name_costs_hardly_anything() {
    // How many values and ids each pair of things may cost: comparing them, and no more.
    let shapes: [(&str, Shape, fn(usize) -> usize); 3] = [
        (
            "expressions without a literal start",
            |n| targets(n, |i| format!("{{name: '.*{i}-x'}}")),
            |n| n * n,
        ),
        ("labels", |n| targets(n, |i| format!("{{labelSelector: n=v{i}}}")), |n| n * n),
        ("one list", |n| patches_to_one_list(n), |n| n * n / 2),
    ];
    for (name, shape, pairs) in shapes {
        let (half, double) = (count_shape(shape, 200), count_shape(shape, 400));
        // From count = a n + b pairs(n).
        let each = (double - 2 * half) as f64 / (pairs(400) - 2 * pairs(200)) as f64;
        assert!(each <= 1.1, "{name}: {each} for each pair");
    }
}

#[test]
fn explaining_many_generators_looks_at_each_once() {
    let generators = |n: usize| {
        let entries: String =
            (0..n).map(|i| format!("- {{name: cm{i}, literals: [a=b]}}\n")).collect();
        files(&format!("resources: [cm.yaml]\nconfigMapGenerator:\n{entries}"), &config_maps(n))
    };
    let count = |n: usize| {
        let builder =
            Builder::new().threads(std::num::NonZeroUsize::MIN).file_system(generators(n));
        work::take();
        let trace = builder.explain("/").expect("a trace");
        assert_eq!(trace.build().resources().len(), 2 * n);
        let Work { nodes, ids, .. } = work::take();
        nodes + ids
    };
    let (half, double) = (count(200), count(400));
    assert!(half > 0, "nothing was counted");
    assert!(double * 10 <= half * 22, "{half} became {double}");
}

const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n";

fn files(kustomization: &str, resources: &str) -> MemoryFs {
    let mut files = MemoryFs::new();
    files.insert("/kustomization.yaml", kustomization);
    files.insert("/cm.yaml", resources);
    files
}

fn config_maps(n: usize) -> String {
    let object =
        |i| format!("{CONFIG_MAP}  name: cm{i}-x\n  labels: {{n: v{i}}}\ndata: {{a: b}}\n---\n");
    (0..n).map(object).collect()
}

/// A JSON patch for each of `n` targets.
fn targets(n: usize, target: fn(usize) -> String) -> MemoryFs {
    patches(n, |i| {
        format!(
            "- target: {}\n  patch: |-\n    - {{op: replace, path: /data/a, value: c}}\n",
            target(i)
        )
    })
}

fn patches(n: usize, patch: impl Fn(usize) -> String) -> MemoryFs {
    let patches: String = (0..n).map(patch).collect();
    files(&format!("resources: [cm.yaml]\npatches:\n{patches}"), &config_maps(n))
}

fn merge_patch(name: &str, value: &str) -> String {
    let object = CONFIG_MAP.replace('\n', "\n    ");
    format!("- patch: |-\n    {object}  name: {name}\n    data: {{a: \"{value}\"}}\n")
}

/// Patches that add one variable each to one container.
fn patches_to_one_list(n: usize) -> MemoryFs {
    let deployment = |indent: &str, name: &str| {
        [
            "apiVersion: apps/v1",
            "kind: Deployment",
            "metadata: {name: app}",
            "spec:",
            "  template:",
            "    spec:",
            "      containers:",
            "      - name: main",
            &format!("        env: [{{name: {name}, value: x}}]"),
        ]
        .map(|line| format!("{indent}{line}\n"))
        .concat()
    };
    let patch = |i| format!("- patch: |-\n{}", deployment("    ", &format!("E{i}")));
    let patches: String = (0..n).map(patch).collect();
    files(&format!("resources: [cm.yaml]\npatches:\n{patches}"), &deployment("", "FIRST"))
}

#[test]
fn comparing_a_fleet_is_less_work_than_three_times_rendering_it_twice() {
    let tree = support::tree("fleet-30").expect("a known tree");
    let (_, roots) = tree.in_memory();
    assert_eq!(roots.len(), 90);
    // A change of every root.
    let revision = |tag: &str| {
        let mut files = MemoryFs::new();
        for (path, text) in &tree.files {
            files.insert(path, text.replace("newTag: v2", tag));
        }
        let builder = Builder::new().threads(std::num::NonZeroUsize::MIN).file_system(files);
        let builds = builder.build_all(&roots).into_iter();
        builds.map(|build| build.expect("a build")).collect::<Vec<Build>>()
    };
    work::take();
    let (before, after) = (revision("newTag: v2"), revision("newTag: v3"));
    let rendered = work::take();
    for (before, after) in before.iter().zip(&after) {
        assert!(!compare(before, after, &Options::new()).expect("a difference").is_empty());
    }
    let compared = work::take();
    assert!(compared.nodes > 0, "nothing was counted");
    // Rendering is a part of comparing.
    assert!(compared.nodes < 2 * rendered.nodes, "{rendered:?}, then {compared:?}");
}

#[test]
fn warnings_cost_nothing_that_is_not_asked_for_and_grow_with_the_input() {
    for (half, whole) in [
        ("flat-700", "flat-1400"),
        ("patches-200", "patches-400"),
        ("references-200", "references-400"),
        ("replacements-200", "replacements-400"),
        ("images-500", "images-1000"),
    ] {
        let (silent, half, double) =
            (count(whole), count_with(half, true), count_with(whole, true));
        assert_eq!(silent.checks, 0, "{whole}: a build without warnings looks for some");
        assert!(half.checks > 0, "nothing was counted");
        for (half, double) in
            [(half.checks, double.checks), (half.nodes, double.nodes), (half.ids, double.ids)]
        {
            assert!(double * 10 <= half * 22, "{whole}: {half:?} became {double:?}");
        }
        // What the build itself does stays the same.
        assert!(double.nodes * 10 <= silent.nodes * 13, "{whole}: {silent:?} became {double:?}");
        assert!(double.ids * 10 <= silent.ids * 13, "{whole}: {silent:?} became {double:?}");
    }
}

#[test]
fn patches_that_change_nothing_are_looked_up_in_their_kustomization_once() {
    let count = |n: usize| {
        let patches = "- patch.yaml\n".repeat(n);
        let kustomization = format!("resources: [cm.yaml]\npatchesStrategicMerge:\n{patches}");
        let mut files = files(&kustomization, &config_maps(1));
        files.insert("/patch.yaml", config_maps(1));
        let builder =
            Builder::new().threads(std::num::NonZeroUsize::MIN).file_system(files).lint(true);
        work::take();
        builder.build("/").expect("a build");
        work::take().checks
    };
    let (half, double) = (count(100), count(200));
    assert!(half > 100 && double * 10 <= half * 22, "{half} became {double}");
}

#[test]
fn explaining_a_large_config_map_grows_with_its_keys() {
    let count = |n: usize| {
        let data: String = (0..n).map(|i| format!("  key{i}: v\n")).collect();
        let kustomization = "resources: [cm.yaml]\nnamePrefix: x-\npatches:\n\
             - patch: |-\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: a}\n    \
             data: {new: v, key0: null}\n";
        let files = files(kustomization, &format!("{CONFIG_MAP}  name: a\ndata:\n{data}"));
        let builder = Builder::new().threads(std::num::NonZeroUsize::MIN).file_system(files);
        work::take();
        builder.explain("/").expect("a trace");
        work::take().ids
    };
    let (single, double) = (count(1000), count(2000));
    assert!(double <= single * 2 + 100, "{single} became {double}");
}

#[test]
fn what_is_warned_about_does_not_read_all_files_again() {
    // A real repository, with Secrets that are referred to, large definitions, and warnings.
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/infra-config");
    let mut roots: Vec<_> = walk(&folder).collect();
    roots.sort();
    let count = |lint: bool| {
        let builder = Builder::new().threads(std::num::NonZeroUsize::MIN).lint(lint);
        work::take();
        let builds = builder.build_all(&roots);
        let warnings: usize = builds.iter().flatten().map(|build| build.warnings().len()).sum();
        (work::take(), warnings, builds.iter().filter(|build| build.is_ok()).count())
    };
    let ((silent, _, built), (lint, warnings, _)) = (count(false), count(true));
    assert!(built > 5 && warnings > 0, "{built} roots are built, with {warnings} warnings");
    assert!(lint.nodes * 10 <= silent.nodes * 13, "{silent:?} became {lint:?}");
}

#[test]
fn what_no_root_makes_is_looked_up_and_not_searched_for() {
    // Each root has a claim, a Secret and a host that nothing makes, and objects that may make them.
    let count = |n: usize| {
        let mut files = MemoryFs::new();
        let roots: Vec<String> = (0..n).map(|i| format!("/apps/a{i}")).collect();
        for (i, root) in roots.iter().enumerate() {
            files.insert(format!("{root}/kustomization.yaml"), "resources: [app.yaml]\n");
            let app = format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: app, namespace: n{i}}}\nspec:\n  template:\n    \
                 spec:\n      volumes:\n      - {{name: a, persistentVolumeClaim: {{claimName: claim{i}}}}}\n      - {{name: b, \
                 secret: {{secretName: secret{i}}}}}\n      containers:\n      - {{name: app, image: app, env: [{{name: URL, \
                 value: 'http://gone{i}.n{i}.svc:80'}}]}}\n---\napiVersion: example.com/v1\nkind: Volume\nmetadata: \
                 {{name: other-{i}-of-x, namespace: n{i}}}\nspec: {{size: 1Gi, class: fast}}\n---\napiVersion: v1\nkind: \
                 Service\nmetadata: {{name: web, namespace: n{i}}}\nspec: {{ports: [{{port: 80}}]}}\n"
            );
            files.insert(format!("{root}/app.yaml"), app);
        }
        let builder =
            Builder::new().threads(std::num::NonZeroUsize::MIN).file_system(files).lint(true);
        work::take();
        let builds = builder.build_all(&roots);
        let claims = builds.iter().flat_map(|build| build.as_ref().expect("a build").warnings());
        let claims = claims.filter(|w| w.message().contains("PersistentVolumeClaim")).count();
        assert_eq!(claims, n);
        work::take().checks
    };
    let (single, double) = (count(100), count(200));
    assert!(single > 0 && double * 10 <= single * 22, "{single} became {double}");
}

#[test]
fn a_field_that_no_type_has_is_not_searched_for() {
    let count = |field: &str| {
        let object = |i| {
            format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a{i}}}\nspec:\n  \
                 selector: {{matchLabels: {{a: b}}}}\n  template:\n    metadata: {{labels: {{a: b}}}}\n    \
                 spec: {{containers: [{{name: a, image: b}}]}}\n  {field}: 1\n---\n"
            )
        };
        let objects: String = (0..100).map(object).collect();
        let files = files("resources: [cm.yaml]\n", &objects);
        let builder =
            Builder::new().threads(std::num::NonZeroUsize::MIN).file_system(files).lint(true);
        work::take();
        let build = builder.build("/").expect("a build");
        (work::take().checks, build.warnings().len())
    };
    let ((known, none), (unknown, all)) = (count("replicas"), count("wholeNumberOfPods"));
    assert_eq!((none, all), (0, 100));
    assert!(known > 0 && unknown <= known + 100, "{known} became {unknown}");
}

#[test]
fn a_change_below_a_chain_of_roots_is_looked_for_once_in_each_place() {
    let count = |n: usize| {
        let mut files = MemoryFs::new();
        files.insert("/0/kustomization.yaml", "resources: [cm.yaml]\n");
        files.insert("/0/cm.yaml", config_maps(1));
        for i in 1..n {
            files
                .insert(format!("/{i}/kustomization.yaml"), format!("resources: [../{}]\n", i - 1));
        }
        let roots: Vec<_> = (0..n).map(|i| std::path::PathBuf::from(format!("/{i}"))).collect();
        let builder = Builder::new().threads(std::num::NonZeroUsize::MIN).file_system(files);
        work::take();
        let affected = kustom::roots::affected(&builder, &roots, ["/0/cm.yaml"]);
        assert_eq!(affected.len(), n);
        work::take().ids
    };
    let (single, double) = (count(20), count(40));
    assert!(single > 0 && double * 10 <= single * 22, "{single} became {double}");
}

/// Returns the folders of kustomizations that need nothing from elsewhere.
fn walk(folder: &std::path::Path) -> impl Iterator<Item = std::path::PathBuf> {
    let mut left = vec![folder.to_path_buf()];
    std::iter::from_fn(move || {
        while let Some(folder) = left.pop() {
            let entries = folder.read_dir().expect("a folder").filter_map(Result::ok);
            left.extend(entries.map(|entry| entry.path()).filter(|path| path.is_dir()));
            let file = std::fs::read_to_string(folder.join("kustomization.yaml"));
            if file.is_ok_and(|text| !text.contains("helmCharts") && !text.contains("https://")) {
                return Some(folder);
            }
        }
        None
    })
}
