//! Charts with a renderer that is no helm: what it is asked, how often, and what is refused before.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use kustom::outside::{ChartPull, ChartRenderer, ChartTemplate, Failure, FailureKind, FileTree};
use kustom::{Builder, ErrorKind, LoadRestriction, MemoryFs, Result, WarningKind};

/// Writes down what it is asked, and makes one config map of each chart.
#[derive(Clone, Debug, Default)]
struct FakeHelm {
    asked: Arc<Mutex<Vec<String>>>,
    /// The contents of all values files.
    values: Arc<Mutex<Vec<String>>>,
    version: Option<&'static str>,
}

impl FakeHelm {
    fn note(&self, line: String) {
        self.asked.lock().unwrap().push(line);
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn line(arguments: &[std::ffi::OsString]) -> String {
    arguments.iter().map(|a| a.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

impl ChartRenderer for FakeHelm {
    fn version(&self) -> std::result::Result<String, Failure> {
        self.note("version".to_owned());
        Ok(self.version.unwrap_or("v4.3.1+g1").to_owned())
    }

    fn pull(&self, pull: &ChartPull) -> std::result::Result<FileTree, Failure> {
        self.note(line(&pull.arguments(&pull.shown_folder)));
        if pull.name == "none" {
            return Err(Failure::new(FailureKind::Failed, "chart \"none\" not found"));
        }
        let mut tree = FileTree::new();
        tree.insert("values.yaml", *b"from: pulled\n");
        tree.insert("values-prod.yaml", *b"from: prod\n");
        Ok(tree)
    }

    fn template(&self, template: &ChartTemplate) -> std::result::Result<Vec<u8>, Failure> {
        let names: Vec<_> = template.values.iter().map(|file| PathBuf::from(&file.name)).collect();
        self.note(line(&template.arguments(&template.shown_chart, &names)));
        let values: Vec<_> = template
            .values
            .iter()
            .map(|file| String::from_utf8_lossy(&file.content).into_owned())
            .collect();
        self.values.lock().unwrap().extend(values.clone());
        let files: Vec<_> =
            template.chart.iter().map(|(path, _)| path.display().to_string()).collect();
        Ok(format!(
            "# Source\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\ndata:\n  values: {:?}\n  \
             files: {}\n",
            template.release_name.as_deref().unwrap_or("made-up"),
            values.join("|"),
            files.join(" ")
        )
        .into())
    }
}

/// A tree with a chart in `/app/charts/web`.
fn tree(kustomization: &str) -> MemoryFs {
    let mut fs = MemoryFs::new();
    fs.insert("/app/kustomization.yaml", kustomization);
    fs.insert("/app/charts/web/Chart.yaml", "name: web\n");
    fs.insert("/app/charts/web/values.yaml", "a: 1\nb: {c: x}\nyes: yes\n");
    fs.insert("/app/charts/web/templates/cm.yaml", "x\n");
    fs.insert("/app/more.yaml", "a: 2\n");
    fs
}

fn build(helm: &FakeHelm, fs: MemoryFs) -> Result<String> {
    let builder = Builder::new().file_system(fs).charts(Arc::new(helm.clone()));
    builder.build("/app").map(|build| build.to_string())
}

fn refused(fs: MemoryFs) -> (ErrorKind, String) {
    let helm = FakeHelm::default();
    let error = build(&helm, fs).expect_err("a refusal");
    assert!(helm.asked().iter().all(|line| line == "version"), "helm was started");
    (error.kind(), error.message().to_owned())
}

#[test]
fn helm_is_asked_as_upstream_does() {
    let helm = FakeHelm::default();
    let all = "namespace: ns\nhelmCharts:\n- name: web\n  releaseName: rel\n  nameTemplate: t\n  \
               additionalValuesFiles: [more.yaml]\n  apiVersions: [a/v1, b/v2]\n  kubeVersion: 1.30.0\n  \
               includeCRDs: true\n  skipTests: true\n  skipHooks: true\n  debug: true\n  devel: true\n";
    let printed = build(&helm, tree(all)).unwrap();
    assert!(printed.contains("files: Chart.yaml templates/cm.yaml values.yaml"), "{printed}");
    assert_eq!(
        helm.asked(),
        [
            "version",
            "template rel /app/charts/web --namespace ns --name-template t \
             -f web-kustomize-values.yaml -f more.yaml --api-versions a/v1 --api-versions b/v2 \
             --kube-version 1.30.0 --include-crds --skip-tests --no-hooks --debug --devel",
        ]
    );
}

#[test]
fn values_are_copied_or_written_anew() {
    let values = |entry: &str| {
        let entry = format!("helmCharts: [{{name: web, releaseName: r{entry}}}]\n");
        let helm = FakeHelm::default();
        build(&helm, tree(&entry)).unwrap();
        std::mem::take(&mut *helm.values.lock().unwrap())
    };
    assert_eq!(values(""), ["a: 1\nb: {c: x}\nyes: yes\n"]);
    let inline = "valuesInline: {b: {c: null, d: 1e3}, z: on}";
    assert_eq!(
        values(&format!(", {inline}")),
        ["a: 1\nb:\n  d: 1000\n\"yes\": \"yes\"\nz: true\n"]
    );
    assert_eq!(
        values(&format!(", valuesMerge: merge, {inline}")),
        ["a: 1\nb:\n  c: x\n  d: 1000\n\"yes\": \"yes\"\nz: true\n"]
    );
    assert_eq!(
        values(&format!(", valuesMerge: replace, {inline}, additionalValuesFiles: [more.yaml]")),
        ["b:\n  c: null\n  d: 1000\nz: true\n", "a: 2\n"]
    );
}

/// Each as upstream writes it.
#[test]
fn values_of_a_file_are_merged_by_type() {
    let values = |file: &str, inline: &str, merge: &str| {
        let text = format!(
            "helmCharts: [{{name: web, releaseName: r, valuesInline: {inline}, valuesMerge: {merge}}}]\n"
        );
        let (helm, mut fs) = (FakeHelm::default(), tree(&text));
        fs.insert("/app/charts/web/values.yaml", file);
        build(&helm, fs).map(|_| helm.values.lock().unwrap()[0].clone())
    };
    let anchored = "x: &a {b: 1}\nq: *a\nm: {<<: *a, k: *a, j: [*a]}\n";
    for (file, inline, merge, expected) in [
        // Odd: quotes of the file do not make strings of what the entry has, nor the other way round.
        ("a: \"y\"\nb: {c: '7'}\n", "{a: 5, b: {c: true}}", "override", "a: 5\nb:\n  c: true\n"),
        ("a: 5\nb: yes\n", "{a: \"x\", b: \"y\"}", "merge", "a: 5\nb: \"yes\"\n"),
        // Odd: aliases are lost where maps are merged, and what would go there with them.
        (anchored, "{z: 1}", "override", "m:\n  j:\n  - b: 1\nx:\n  b: 1\nz: 1\n"),
        (anchored, "{q: {c: 2}, m: {k: 5}}", "override", "m:\n  j:\n  - b: 1\nx:\n  b: 1\n"),
        // Odd: keys are texts at the top, and one that is null is passed over.
        (
            "0777: a\n1.0: b\n~: c\nyes: d\n",
            "{z: 1}",
            "override",
            "\"1.0\": b\n\"0777\": a\n\"yes\": d\nz: 1\n",
        ),
    ] {
        assert_eq!(values(file, inline, merge).unwrap(), expected, "{file}");
    }
    let refused = values(anchored, "{q: {c: 2}}", "merge").unwrap_err();
    assert!(refused.message().contains("could not merge values: wrong node kind"), "{refused}");
    let refused = values("m: {true: x}\n", "{z: 1}", "override").unwrap_err();
    assert!(refused.message().contains("object member name must be a string"), "{refused}");
}

#[test]
fn the_values_file_is_named_after_the_chart() {
    for (name, is_there) in
        [("web", true), ("./web", true), ("../charts/web", false), ("web/", false)]
    {
        let text = format!("helmCharts: [{{name: {name}, releaseName: r}}]\n");
        assert_eq!(build(&FakeHelm::default(), tree(&text)).is_ok(), is_there, "{name}");
    }
    let text = "helmGlobals: {chartHome: charts/web}\nhelmCharts: [{name: ., releaseName: r}]\n";
    assert!(build(&FakeHelm::default(), tree(text)).is_ok());
}

#[test]
fn equal_renderings_are_made_once() {
    let helm = FakeHelm::default();
    let mut fs = tree("helmCharts: [{name: web, releaseName: r}]\n");
    let mut roots = Vec::new();
    for i in 0..90 {
        // Some use the base, some have a copy of the chart.
        let root = format!("/overlays/{i}");
        let text = if i % 2 == 0 {
            format!("nameSuffix: -n{i}\nresources: [../../app]\n")
        } else {
            format!("nameSuffix: -n{i}\nhelmCharts: [{{name: web, releaseName: r}}]\n")
        };
        fs.insert(format!("{root}/kustomization.yaml"), text);
        for (file, content) in [
            ("Chart.yaml", "name: web\n"),
            ("values.yaml", "a: 1\nb: {c: x}\nyes: yes\n"),
            ("templates/cm.yaml", "x\n"),
        ] {
            fs.insert(format!("{root}/charts/web/{file}"), content);
        }
        roots.push(root);
    }
    let builder = Builder::new().file_system(fs).charts(Arc::new(helm.clone()));
    let builds = builder.build_all(&roots);
    for (i, build) in builds.into_iter().enumerate() {
        assert!(build.unwrap().to_string().contains(&format!("name: r-n{i}\n")));
    }
    let asked = helm.asked();
    assert_eq!(asked.len(), 2, "{asked:?}");
    let warned = builder.lint(true).build_all(&roots);
    assert!(warned.iter().all(Result::is_ok));
    assert_eq!(helm.asked().len(), 2);
}

#[test]
fn the_namespace_is_that_of_the_nearest_layer() {
    let helm = FakeHelm::default();
    let mut fs = tree(
        "helmCharts: [{name: web, releaseName: r}, {name: web, releaseName: s, namespace: own}]\n",
    );
    fs.insert("/one/kustomization.yaml", "namespace: one\nresources: [../app]\n");
    fs.insert("/two/kustomization.yaml", "namespace: two\nresources: [../app]\n");
    fs.insert("/three/kustomization.yaml", "namespace: three\nresources: [../one]\n");
    let builder = Builder::new().file_system(fs).charts(Arc::new(helm.clone()));
    let builds = builder.build_all(["/one", "/two", "/three", "/app"]);
    assert!(builds.iter().all(Result::is_ok), "{builds:?}");
    let mut asked = helm.asked();
    asked.sort();
    let asked: Vec<_> = asked.iter().map(|line| line.split(" -f ").next().unwrap()).collect();
    assert_eq!(
        asked,
        [
            "template r /app/charts/web --namespace one",
            "template r /app/charts/web --namespace two",
            "template r /app/charts/web",
            "template s /app/charts/web --namespace own",
            "version",
        ]
    );
}

#[test]
fn a_missing_chart_is_fetched_once_and_brings_its_values() {
    let helm = FakeHelm::default();
    let entry = |more: &str| format!("{{name: db, repo: 'https://c.example', {more}}}");
    let text = format!(
        "helmCharts:\n- {}\n- {}\n- {}\n",
        entry("releaseName: a"),
        entry("releaseName: b"),
        entry(
            "releaseName: c, version: 1.2.3, devel: true, valuesFile: charts/db-1.2.3/db/values-prod.yaml"
        )
    );
    let printed = build(&helm, tree(&text)).unwrap();
    assert!(printed.contains("from: pulled") && printed.contains("from: prod"), "{printed}");
    let mut pulls = helm.asked();
    pulls.retain(|line| line.starts_with("pull"));
    assert_eq!(
        pulls,
        [
            "pull --untar --untardir /app/charts --repo https://c.example db",
            "pull --untar --untardir /app/charts/db-1.2.3 --repo https://c.example db --version 1.2.3 --devel",
        ]
    );
    let oci = "helmCharts: [{name: none, repo: 'oci://c.example/x/', releaseName: r}]\n";
    let message = build(&helm, tree(oci)).unwrap_err().message().to_owned();
    assert_eq!(
        message,
        "unable to run: 'helm pull --untar --untardir /app/charts oci://c.example/x/none': chart \
         \"none\" not found"
    );
}

#[test]
fn a_file_in_the_place_of_a_chart_is_in_the_way() {
    for (entry, words) in [
        (
            "name: db, repo: 'https://c.example'",
            "a file with the name /app/charts/db already exists",
        ),
        ("name: db", "no chart found at '/app/charts/db'"),
    ] {
        let mut fs = tree(&format!("helmCharts: [{{{entry}}}]\n"));
        fs.insert("/app/charts/db", "no chart\n");
        assert!(refused(fs).1.contains(words), "{entry}");
    }
}

#[test]
fn names_of_fetched_charts_do_not_lead_out() {
    for (home, entry) in [
        ("charts", "name: ../db, repo: 'https://c.example'"),
        ("charts", "name: '../../../../tmp/secret', repo: 'https://c.example'"),
        ("charts", "name: '../../x/db', repo: 'oci://c.example/x'"),
        ("charts", "name: db, version: ../../../x, repo: 'https://c.example'"),
        ("a/../charts", "name: ../other/db, repo: 'https://c.example'"),
    ] {
        let text = format!("helmGlobals: {{chartHome: {home}}}\nhelmCharts: [{{{entry}}}]\n");
        let (kind, message) = refused(tree(&text));
        assert_eq!(kind, ErrorKind::Restricted, "{message}");
        assert!(message.contains("would be fetched to '"), "{message}");
        assert!(message.contains("which is not below '/app/charts'"), "{message}");
    }
}

#[test]
fn a_fetched_chart_lies_there_for_later_entries() {
    // As upstream: the reference renders both, and refuses the second alone or first.
    let [first, second] =
        ["{name: db, releaseName: a, repo: 'https://c.example'}", "{name: db, releaseName: b}"];
    let helm = FakeHelm::default();
    let text = format!("helmCharts: [{first}, {second}]\n");
    let printed = build(&helm, tree(&text)).unwrap();
    assert_eq!(printed.matches("from: pulled").count(), 2, "{printed}");
    for entries in [format!("{second}, {first}"), second.to_owned()] {
        let error = build(&helm, tree(&format!("helmCharts: [{entries}]\n"))).unwrap_err();
        assert!(error.message().contains("no chart found at ''"), "{}", error.message());
    }
}

#[test]
fn nothing_reaches_helm_as_an_option() {
    for entry in [
        "name: -x",
        "name: web, releaseName: --post-renderer=x",
        "name: x, repo: --ca-file=x",
        "name: x, repo: 'https://c.example', version: --help",
        "name: web, releaseName: r, repo: 'https://c.example', version: -x",
    ] {
        let (kind, message) = refused(tree(&format!("helmCharts: [{{{entry}}}]\n")));
        assert_eq!(kind, ErrorKind::Generator);
        assert!(message.contains("must not start with '-'"), "{message}");
    }
}

#[test]
fn a_value_that_looks_like_an_option_is_none() {
    let text = "helmCharts:\n- name: web\n  releaseName: r\n  namespace: --kube-token=x\n  \
                nameTemplate: -n\n  apiVersions: [--post-renderer=x, v1]\n  kubeVersion: --debug\n";
    let helm = FakeHelm::default();
    build(&helm, tree(text)).unwrap();
    let asked = helm.asked().pop().unwrap();
    for (i, word) in asked.split(' ').enumerate().filter(|(_, word)| word.starts_with('-')) {
        let own = ["--namespace=", "--name-template=", "--api-versions", "--kube-version=", "-f"];
        assert!(own.iter().any(|own| word.starts_with(own)), "{i}: {asked}");
    }
    let words = "--namespace=--kube-token=x --name-template=-n";
    assert!(asked.contains(words) && asked.contains("--api-versions v1"), "{asked}");
}

#[test]
fn other_helms_are_refused() {
    let text = "helmCharts: [{name: web, releaseName: r}]\n";
    let helm = FakeHelm { version: Some("v2.9.0"), ..FakeHelm::default() };
    let error = build(&helm, tree(text)).unwrap_err();
    assert!(error.message().contains("requires helm V3 or V4 but got v2.9.0"), "{error}");
    assert_eq!(helm.asked(), ["version"]);
}

#[test]
fn without_a_renderer_charts_are_refused() {
    let text = "helmCharts: [{name: web, releaseName: r}]\n";
    let error = Builder::new().file_system(tree(text)).build("/app").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::External);
    assert!(error.message().contains("must specify --enable-helm"), "{error}");
}

#[test]
fn a_name_that_changes_each_second_is_remarked_on() {
    for (entry, remarks) in [("", 1), (", releaseName: r", 0), (", nameTemplate: r", 0)] {
        let text = format!("helmCharts: [{{name: web{entry}}}]\n");
        let builder = Builder::new().file_system(tree(&text)).charts(Arc::new(FakeHelm::default()));
        let build = builder.lint(true).build("/app").unwrap();
        let kinds = build.warnings().iter().map(kustom::Warning::kind);
        assert_eq!(kinds.filter(|kind| *kind == WarningKind::UnstableChart).count(), remarks);
    }
}

#[test]
fn all_of_a_chart_counts_as_input() {
    let text = "helmCharts: [{name: web, releaseName: r}]\n";
    let builder = Builder::new().file_system(tree(text)).charts(Arc::new(FakeHelm::default()));
    let (build, inputs) = builder.build_with_inputs("/app");
    assert!(build.is_ok());
    for path in ["charts/web/values.yaml", "charts/web/templates/new.yaml", "charts/web/x/y"] {
        assert!(inputs.touched_by(&Path::new("/app").join(path)), "{path}");
    }
    assert!(!inputs.touched_by(Path::new("/app/charts/other/values.yaml")));
}

/// A folder on the disk with a tree below `app` and a chart beside it.
#[cfg(unix)]
fn on_disk(kustomization: &str) -> PathBuf {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let top = std::env::temp_dir().join(format!("kustom-charts-{}-{number}", std::process::id()));
    let top = fs::create_dir_all(&top).and_then(|()| fs::canonicalize(top)).unwrap();
    for chart in ["app/charts/web", "outer/web"] {
        fs::create_dir_all(top.join(chart).join("templates")).unwrap();
        fs::write(top.join(chart).join("Chart.yaml"), "name: web\n").unwrap();
        fs::write(top.join(chart).join("values.yaml"), "a: 1\n").unwrap();
    }
    fs::write(top.join("secret"), "secret\n").unwrap();
    fs::write(top.join("app/kustomization.yaml"), kustomization).unwrap();
    top
}

#[cfg(unix)]
fn disk_refusal(top: &Path) -> String {
    let helm = FakeHelm::default();
    let error = Builder::new().charts(Arc::new(helm.clone())).build(top.join("app")).unwrap_err();
    assert!(helm.asked().iter().all(|line| line == "version"), "helm was started");
    error.message().to_owned()
}

#[cfg(unix)]
#[test]
fn charts_lie_where_bases_may_and_their_links_lead_nowhere_else() {
    use std::os::unix::fs::symlink;
    let with = |home: &str, name: &str, rest: &str| {
        let chart = format!("helmCharts: [{{name: {name}, releaseName: r{rest}}}]\n");
        on_disk(&format!("helmGlobals: {{chartHome: {home}}}\n{chart}"))
    };
    let refuses = |top: &Path, with: &str| {
        assert!(disk_refusal(top).contains(with), "{}", disk_refusal(top));
        fs::remove_dir_all(top).unwrap();
    };
    let own = ", valuesMerge: replace, valuesInline: {a: 1}";
    let builder = Builder::new().charts(Arc::new(FakeHelm::default()));
    let free = builder.clone().load_restriction(LoadRestriction::None);
    for (home, rest, chart) in [("../outer", own, "outer/web"), ("charts", "", "app/charts/web")] {
        let top = with(home, "web", rest);
        symlink("Chart.yaml", top.join(chart).join("again.yaml")).unwrap();
        builder.build(top.join("app")).unwrap();
        symlink(top.join("secret"), top.join(chart).join("secret")).unwrap();
        free.build(top.join("app")).unwrap();
        refuses(&top, "security; file");
        let circle = with(home, "web", rest);
        symlink(".", circle.join(chart).join("loop")).unwrap();
        refuses(&circle, "levels of folders");
    }
    let by_link = with("charts", "web", own);
    fs::remove_dir_all(by_link.join("app/charts")).unwrap();
    symlink("../outer", by_link.join("app/charts")).unwrap();
    builder.build(by_link.join("app")).unwrap();
    fs::remove_dir_all(by_link).unwrap();
    refuses(&with("..", "outer", own), "security; file"); // no chart
}

#[test]
fn a_tree_brings_no_programs() {
    let with = |globals: &str, file: &str| {
        let text =
            format!("helmGlobals: {{{globals}}}\nhelmCharts: [{{name: web, releaseName: r}}]\n");
        let mut fs = tree(&text);
        fs.insert(file, "x\n");
        fs
    };
    for (globals, file, part) in [
        ("configHome: ../cfg", "/cfg/registry/config.json", "is not in or below '/app'"),
        ("configHome: /cfg", "/cfg/registry/config.json", "is not in or below '/app'"),
        ("configHome: cfg", "/app/cfg/.data/plugins/p/plugin.yaml", "brings a plugin of helm"),
        ("configHome: cfg", "/app/cfg/plugins/p/plugin.yaml", "brings a plugin of helm"),
    ] {
        let (kind, message) = refused(with(globals, file));
        assert_eq!(kind, ErrorKind::Restricted);
        assert!(message.contains("security; configHome") && message.contains(part), "{message}");
    }
    let fs = with("configHome: cfg", "/app/cfg/registry/config.json");
    assert!(build(&FakeHelm::default(), fs).is_ok());
    // The old field names a program, too, which nobody listens to.
    let old = "helmChartInflationGenerator: [{chartName: web, releaseName: r, helmBin: ./evil}]\n";
    assert!(build(&FakeHelm::default(), tree(old)).is_ok());
}

#[test]
fn what_helm_prints_counts_as_what_is_read() {
    let fs = tree("helmCharts: [{name: web, releaseName: r}, {name: web, releaseName: s}]\n");
    let build = |set: fn(&mut kustom::Limits)| {
        let mut limits = kustom::Limits::default();
        set(&mut limits);
        let builder = Builder::new().file_system(fs.clone()).charts(Arc::new(FakeHelm::default()));
        builder.limits(limits).build("/app").map(drop)
    };
    assert!(build(|_| ()).is_ok());
    // Enough for the files, not for the answers.
    let sets: [fn(&mut kustom::Limits); 2] =
        [|limits| limits.read_bytes = 400, |limits| limits.documents = 1];
    for set in sets {
        assert_eq!(build(set).unwrap_err().kind(), ErrorKind::Limit);
    }
}
