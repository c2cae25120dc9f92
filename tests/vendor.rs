//! Charts are pinned and copied as trees are; the renderer is no helm.

#![allow(missing_docs)]

use std::path::Path;
use std::sync::{Arc, Mutex};

use kustom::outside::{
    ChartPull, ChartRenderer, ChartTemplate, Failure, FailureKind, FileAnswer, FileRequest,
    FileTree, RemoteSource, RemoteTree, TreeRequest,
};
use kustom::roots::affected_since;
use kustom::vendor::{Copied, VendorPlan, Vendored};
use kustom::{Builder, ErrorKind, MemoryFs};

/// Has one chart, in the version that is asked for, or the newest.
#[derive(Debug)]
struct Charts {
    newest: &'static str,
    pulled: Mutex<Vec<String>>,
}

impl ChartRenderer for Charts {
    fn version(&self) -> Result<String, Failure> {
        Ok("v4.3.1".to_owned())
    }

    fn pull(&self, pull: &ChartPull) -> Result<FileTree, Failure> {
        self.pulled.lock().expect("a list").push(pull.version.clone().unwrap_or_default());
        let version = pull.version.as_deref().unwrap_or(self.newest);
        if pull.name == "other" {
            // The archive holds a chart of another name.
            return Ok(FileTree::new());
        }
        if !["web", "odd", "marked", "stale", "windows"].contains(&&*pull.name) {
            return Err(Failure::new(FailureKind::Failed, "no such chart"));
        }
        let mut tree = FileTree::new();
        tree.insert("Chart.yaml", format!("name: web\nversion: {version} # here\n").into_bytes());
        tree.insert("values.yaml", *b"a: b\n");
        if pull.name == "odd" {
            tree.insert("sub/.git/config", *b"[core]\n");
        }
        if pull.name == "windows" {
            tree.insert("a\\..\\b", *b"");
        }
        if pull.name == "marked" {
            tree.insert(".gitattributes", *b"* text eol=crlf\n");
            tree.insert("sub/.gitignore", *b"*\n");
        }
        if pull.name == "stale" && !pull.is_fresh {
            // What was kept of an earlier call.
            tree.insert("values.yaml", *b"a: stale\n");
        }
        Ok(tree)
    }

    fn template(&self, template: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        let chart = template.chart.get("Chart.yaml").expect("a chart");
        let version = String::from_utf8_lossy(chart).lines().nth(1).expect("it").to_owned();
        let object = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web}}\ndata: {{v: '{version}'}}\n"
        );
        Ok(object.into_bytes())
    }
}

fn charts(newest: &'static str) -> Arc<Charts> {
    Arc::new(Charts { newest, pulled: Mutex::default() })
}

fn tree() -> MemoryFs {
    let mut files = MemoryFs::new();
    let text = "helmCharts: [{name: web, repo: 'https://charts.example.com', releaseName: web}]\n";
    files.insert("/repo/app/kustomization.yaml", text);
    files
}

fn write(files: &mut MemoryFs, vendored: &Vendored) {
    files.insert("/repo/kustom.lock", vendored.lock.as_bytes());
    for (path, content) in &vendored.copies {
        let Copied::File(bytes) = content else { panic!("no file: {}", path.display()) };
        files.insert(Path::new("/repo").join(path), bytes.clone());
    }
}

fn builder(files: &MemoryFs, charts: &Arc<Charts>) -> Builder {
    Builder::new().file_system(files.clone()).charts(Arc::clone(charts) as Arc<dyn ChartRenderer>)
}

#[test]
fn a_chart_is_pinned_and_copied() {
    let (mut files, old) = (tree(), charts("1.0.0"));
    let real = builder(&files, &old).build("/repo/app").expect("a build").to_yaml();
    let plan = VendorPlan::new("/repo");
    let vendored = builder(&files, &old).vendor(["/repo/app"], &plan).expect("copies");
    assert!(vendored.failed.is_empty());
    let paths: Vec<_> = vendored.copies.keys().map(|path| path.display().to_string()).collect();
    assert_eq!(
        paths,
        [
            ".kustom/vendor/charts/web/1.0.0/Chart.yaml",
            ".kustom/vendor/charts/web/1.0.0/values.yaml",
        ]
    );
    assert!(vendored.lock.contains("resolved: \"1.0.0\"\n"), "{}", vendored.lock);
    write(&mut files, &vendored);
    // A newer one changes nothing, and is not asked for.
    let new = charts("2.0.0");
    assert_eq!(builder(&files, &new).build("/repo/app").expect("a build").to_yaml(), real);
    assert!(new.pulled.lock().expect("a list").is_empty());
    let check = builder(&files, &new).check_vendored(["/repo/app"], Path::new("/repo"));
    assert!(check.expect("a lock").is_complete());
    // Copies that are gone are fetched as they were; an update takes what is new.
    let mut gone = tree();
    gone.insert("/repo/kustom.lock", vendored.lock.as_bytes());
    let again = builder(&gone, &new).vendor(["/repo/app"], &plan).expect("copies");
    assert_eq!((&again.lock, again.copies), (&vendored.lock, vendored.copies));
    assert_eq!(*new.pulled.lock().expect("a list"), ["1.0.0"]);
    // What is another one by now is refused.
    let mut other = tree();
    let hash = vendored.lock.split("hash: ").nth(1).and_then(|rest| rest.lines().next());
    let lock = vendored.lock.replace(hash.expect("a hash"), "sha256:00");
    other.insert("/repo/kustom.lock", lock.as_bytes());
    let refused = builder(&other, &new).vendor(["/repo/app"], &plan).expect("a lock");
    assert_eq!((refused.lock, refused.copies.len()), (lock, 0));
    assert_eq!(refused.not_fetched[0].hint_id(), Some("changed-elsewhere"));
    let moved = builder(&gone, &new).vendor(["/repo/app"], &plan.update(["charts.example.com"]));
    let moved = moved.expect("copies");
    let change = &moved.changes[0];
    assert_eq!(change.what, "chart web of https://charts.example.com");
    assert_eq!((change.before.as_deref(), change.after.as_deref()), (Some("1.0.0"), Some("2.0.0")));
}

#[test]
fn a_chart_is_stored_once() {
    let (mut files, helm) = (MemoryFs::new(), charts("1.0.0"));
    for (root, version) in [("a", "''"), ("b", "1.0.0"), ("c", "2.0.0")] {
        let entry = format!(
            "{{name: web, repo: 'https://charts.example.com', releaseName: r, version: {version}}}"
        );
        files
            .insert(format!("/repo/{root}/kustomization.yaml"), format!("helmCharts: [{entry}]\n"));
    }
    let plan = VendorPlan::new("/repo");
    let vendor = |files: &MemoryFs, roots: &[&str]| {
        builder(files, &helm).vendor(roots, &plan).expect("copies")
    };
    let is_complete = |files: &MemoryFs, roots: &[&str]| {
        let check = builder(files, &helm).check_vendored(roots, Path::new("/repo"));
        check.expect("a lock").is_complete()
    };
    let all = ["/repo/a", "/repo/b", "/repo/c"];
    let vendored = vendor(&files, &all);
    assert_eq!((vendored.used, vendored.places.len()), (3, 2), "{}", vendored.lock);
    write(&mut files, &vendored);
    assert!(is_complete(&files, &all));
    // One of the two that share a copy may go.
    for rest in [&all[1..], &["/repo/a", "/repo/c"]] {
        let fewer = vendor(&files, rest);
        assert_eq!(
            (fewer.used, fewer.obsolete.len(), fewer.strange.len()),
            (2, 0, 0),
            "{}",
            fewer.lock
        );
        let mut files = files.clone();
        write(&mut files, &fewer);
        assert!(is_complete(&files, rest));
    }
}

#[test]
fn an_unused_chart_is_told_beside_a_changed_one_whose_name_goes_on() {
    let (mut files, helm) = (MemoryFs::new(), charts("1.0.0"));
    for (root, version) in [("any", "''"), ("one", "2.0.0")] {
        let chart =
            format!("{{name: web, repo: 'https://charts.example.com', version: {version}}}");
        let text = format!("helmCharts: [{chart}]\n");
        files.insert(format!("/repo/{root}/kustomization.yaml"), text);
    }
    let plan = VendorPlan::new("/repo");
    let vendored = builder(&files, &helm).vendor(["/repo/any", "/repo/one"], &plan);
    write(&mut files, &vendored.expect("copies"));
    files.insert("/repo/.kustom/vendor/charts/web/2.0.0/values.yaml", "changed: true\n");
    let check = builder(&files, &helm).check_vendored(["/repo/one"], Path::new("/repo"));
    let check = check.expect("a lock");
    assert_eq!(check.unused, ["chart web of https://charts.example.com"]);
    assert_eq!(check.missing.len(), 1, "{:?}", check.missing);
}

#[test]
fn what_is_wrong_with_a_copy_is_told() {
    let (mut files, helm) = (tree(), charts("1.0.0"));
    let vendored = builder(&files, &helm).vendor(["/repo/app"], &VendorPlan::new("/repo"));
    let vendored = vendored.expect("copies");
    let refused = |files: &MemoryFs| {
        let error = builder(files, &helm).build("/repo/app").expect_err("it is refused");
        assert_eq!(error.kind(), ErrorKind::Lock);
        error.message().to_owned()
    };
    files.insert("/repo/kustom.lock", vendored.lock.as_bytes());
    let missing = refused(&files);
    assert!(
        missing.contains("lists chart web of https://charts.example.com, but its copy"),
        "{missing}"
    );
    write(&mut files, &vendored);
    files.insert("/repo/.kustom/vendor/charts/web/1.0.0/values.yaml", "a: evil\n");
    assert!(refused(&files).contains("it was changed on disk"));
    let other = "helmCharts: [{name: web, repo: 'https://other.example.com', releaseName: web}]\n";
    files.insert("/repo/app/kustomization.yaml", other);
    let unlisted = refused(&files);
    assert!(unlisted.contains("'chart web of https://other.example.com' is not in"), "{unlisted}");
}

/// Returns a kustomization with charts of these names.
fn with_charts(names: &[&str]) -> String {
    let entry = |name: &&str| {
        format!("{{name: {name}, repo: 'https://charts.example.com', releaseName: {name}}}")
    };
    format!("helmCharts: [{}]\n", names.iter().map(entry).collect::<Vec<_>>().join(", "))
}

#[test]
fn what_is_gits_own_is_not_copied_and_stops_nothing_else() {
    let (mut files, helm) = (tree(), charts("1.0.0"));
    files.insert("/repo/odd/kustomization.yaml", with_charts(&["odd"]));
    let plan = VendorPlan::new("/repo");
    let vendored = builder(&files, &helm).vendor(["/repo/app", "/repo/odd"], &plan);
    let vendored = vendored.expect("the rest");
    assert_eq!(vendored.used, 1, "{}", vendored.lock);
    let error = &vendored.not_fetched[0];
    assert_eq!(error.kind(), ErrorKind::Lock);
    let words = "chart odd of https://charts.example.com has 'sub/.git/config', which would be a file of git's own";
    assert!(error.message().contains(words), "{error}");
    assert_eq!(error.hint_id(), Some("copy-for-git"));
    files.insert("/repo/odd/kustomization.yaml", with_charts(&["windows"]));
    let vendored = builder(&files, &helm).vendor(["/repo/app", "/repo/odd"], &plan);
    let vendored = vendored.expect("the rest");
    let message = vendored.not_fetched[0].message();
    assert!(message.ends_with("has 'a\\..\\b', a path that not all systems take"), "{message}");
    assert_eq!(vendored.used, 1, "{}", vendored.lock);
}

#[test]
fn files_for_git_say_nothing_of_a_copy() {
    let (mut files, helm) = (tree(), charts("1.0.0"));
    files.insert("/repo/app/kustomization.yaml", with_charts(&["marked"]));
    let plan = VendorPlan::new("/repo");
    let vendored = builder(&files, &helm).vendor(["/repo/app"], &plan).expect("copies");
    let names: Vec<_> = vendored.copies.keys().filter_map(|path| path.file_name()).collect();
    assert_eq!(names, [".gitattributes.kept", "Chart.yaml", ".gitignore.kept", "values.yaml"]);
    assert!(vendored.for_git.is_empty());
    write(&mut files, &vendored);
    builder(&files, &helm).build("/repo/app").expect("a build");
    assert!(vendored.lock.contains("hash: sha256:"));
    let again = builder(&files, &helm).vendor(["/repo/app"], &plan).expect("copies");
    assert!(again.changes.is_empty() && again.lock == vendored.lock, "{:?}", again.changes);
    // What git has changed is told, also of an older copy, which has them under their names.
    let copy = "/repo/.kustom/vendor/charts/marked/1.0.0";
    files.insert(format!("{copy}/values.yaml"), "a: b\r\n");
    let message = |files: &MemoryFs| {
        let error = builder(files, &helm).build("/repo/app").expect_err("it is refused");
        assert_eq!(error.hint_id(), Some("copy-changed"));
        error.message().to_owned()
    };
    assert!(message(&files).ends_with("git has changed its line ends"), "{}", message(&files));
    // Nobody puts one beside it.
    let mut two = files.clone();
    two.insert(format!("{copy}/values.yaml"), "a: b\n");
    builder(&two, &helm).build("/repo/app").expect("a build");
    two.insert(format!("{copy}/.gitattributes"), "* filter=evil\n");
    assert!(message(&two).ends_with("it was changed on disk"), "{}", message(&two));
    let check = builder(&two, &helm).check_vendored(["/repo/app"], Path::new("/repo"));
    assert!(!check.expect("a lock").is_complete());
    let mut older = tree();
    older.insert("/repo/app/kustomization.yaml", with_charts(&["marked"]));
    older.insert("/repo/kustom.lock", vendored.lock.as_bytes());
    for (path, content) in &vendored.copies {
        let Copied::File(bytes) = content else { panic!("no file: {}", path.display()) };
        let path = path.to_string_lossy();
        let path = path.strip_suffix(".kept").unwrap_or(&path);
        older.insert(format!("/repo/{path}"), bytes.clone());
    }
    builder(&older, &helm).build("/repo/app").expect("a build");
    older.insert(format!("{copy}/values.yaml"), "a: b\r\n");
    let says = "as .kustom/vendor/charts/marked/1.0.0/.gitattributes says";
    let by_git = format!("git has changed its line ends, {says}");
    assert!(message(&older).ends_with(&by_git), "{}", message(&older));
    older.insert(format!("{copy}/values.yaml"), "a: other\n");
    let perhaps = format!("it was changed on disk, or by git, {says}");
    assert!(message(&older).ends_with(&perhaps), "{}", message(&older));
}

#[test]
fn a_chart_that_is_left_in_the_tree_does_not_win_over_the_lock() {
    let (mut files, helm) = (tree(), charts("1.0.0"));
    let (plan, roots) = (VendorPlan::new("/repo"), ["/repo/app"]);
    let vendor = |files: &MemoryFs, plan: &VendorPlan| {
        builder(files, &helm).vendor(roots, plan).expect("it")
    };
    let put = |files: &mut MemoryFs, version: &str| {
        let text = format!("name: web\nversion: {version} # here\n");
        files.insert("/repo/app/charts/web/Chart.yaml", text);
        files.insert("/repo/app/charts/web/values.yaml", "a: b\n");
    };
    // Without an entry, it is what there is; a clone may not have it.
    let mut fresh = files.clone();
    put(&mut fresh, "0.9.0");
    let local = vendor(&fresh, &plan);
    let folder = Path::new("/repo/app/charts/web");
    assert_eq!(local.used, 0);
    assert_eq!(local.local_charts[folder], "chart web of https://charts.example.com");
    let vendored = vendor(&files, &plan);
    write(&mut files, &vendored);
    let real = builder(&files, &helm).build("/repo/app").expect("a build").to_yaml();
    // The same one makes no difference, also where the copy is missing.
    put(&mut files, "1.0.0");
    assert_eq!(builder(&files, &helm).build("/repo/app").expect("a build").to_yaml(), real);
    let again = vendor(&files, &plan);
    assert_eq!((&again.lock, again.in_the_way.len()), (&vendored.lock, 0));
    let check = builder(&files, &helm).check_vendored(roots, Path::new("/repo")).expect("a lock");
    assert!(check.is_complete(), "{check:?}");
    let mut without = tree();
    put(&mut without, "1.0.0");
    without.insert("/repo/kustom.lock", vendored.lock.as_bytes());
    assert_eq!(builder(&without, &helm).build("/repo/app").expect("a build").to_yaml(), real);
    let check = builder(&without, &helm).check_vendored(roots, Path::new("/repo")).expect("a lock");
    assert!(!check.is_complete(), "the copy is missing");
    // Another one is told of, and the entry stays.
    put(&mut files, "0.9.0");
    let error = builder(&files, &helm).build("/repo/app").expect_err("it is refused");
    let words = "/repo/app/charts/web is not what kustom.lock says of chart web of https://";
    assert!(error.message().contains(words), "{error}");
    assert_eq!(error.hint_id(), Some("chart-beside-lock"));
    for plan in [plan.clone(), plan.update(["*"])] {
        let kept = vendor(&files, &plan);
        assert_eq!((&kept.lock, kept.in_the_way.len()), (&vendored.lock, 1));
    }
}

#[test]
fn servers_are_asked_for_what_is_written() {
    let (mut files, helm) = (tree(), charts("1.0.0"));
    files.insert("/repo/app/kustomization.yaml", with_charts(&["stale"]));
    let plan = VendorPlan::new("/repo");
    let vendored = builder(&files, &helm).vendor(["/repo/app"], &plan).expect("copies");
    let copy = Path::new(".kustom/vendor/charts/stale/1.0.0/values.yaml");
    assert_eq!(vendored.copies[copy], Copied::File(b"a: b\n".to_vec()));
    // A build that may fetch, and finds something else kept, asks again.
    files.insert("/repo/kustom.lock", vendored.lock.as_bytes());
    let fetching = builder(&files, &helm).remotes(Arc::new(Nothing));
    fetching.build("/repo/app").expect("a build");
}

/// Has nothing but the right to be asked.
#[derive(Debug)]
struct Nothing;

impl RemoteSource for Nothing {
    fn tree(&self, _: &TreeRequest) -> Result<RemoteTree, Failure> {
        Err(Failure::new(FailureKind::Failed, "there is nothing"))
    }

    fn file(&self, _: &FileRequest) -> Result<FileAnswer, Failure> {
        Err(Failure::new(FailureKind::Failed, "there is nothing"))
    }
}

#[test]
fn another_content_under_the_same_version_is_told() {
    let (mut files, helm) = (tree(), charts("1.0.0"));
    let plan = VendorPlan::new("/repo");
    let vendored = builder(&files, &helm).vendor(["/repo/app"], &plan).expect("copies");
    let hash = vendored.lock.split("hash: ").nth(1).and_then(|rest| rest.lines().next());
    let hash = hash.expect("a hash");
    let lock = vendored.lock.replace(hash, "sha256:00");
    files.insert("/repo/kustom.lock", lock);
    let plan = plan.update(["*"]);
    let moved = builder(&files, &helm).vendor(["/repo/app"], &plan).expect("copies");
    let change = &moved.changes[0];
    assert_eq!((change.before.as_deref(), change.after.as_deref()), (Some("1.0.0"), Some("1.0.0")));
    assert_eq!(change.content, Some(("sha256:00".to_owned(), hash.to_owned())));
}

#[test]
fn who_does_not_find_the_lock_is_named() {
    let (mut files, helm) = (tree(), charts("1.0.0"));
    files.insert("/repo/app/.git/HEAD", "");
    for (directory, words) in [
        (
            "/repo",
            "/repo/app uses 'chart web of https://charts.example.com', and does not belong to",
        ),
        (
            "/other",
            "/repo/app uses 'chart web of https://charts.example.com', and does not lie below",
        ),
    ] {
        let refused = builder(&files, &helm).vendor(["/repo/app"], &VendorPlan::new(directory));
        let error = refused.expect_err(directory);
        assert!(error.message().contains(words), "{error}");
        assert_eq!(error.hint_id(), Some("lock-out-of-reach"));
    }
}

/// Knows what is wrong with helm, and nothing else.
#[derive(Debug)]
struct NoHelm;

impl ChartRenderer for NoHelm {
    fn version(&self) -> Result<String, Failure> {
        Err(Failure::new(FailureKind::Missing, "there is no helm"))
    }

    fn pull(&self, _: &ChartPull) -> Result<FileTree, Failure> {
        self.version().map(|_| FileTree::new())
    }

    fn template(&self, _: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        self.version().map(String::into_bytes)
    }
}

#[test]
fn helm_is_not_needed_to_check() {
    let (mut files, helm) = (tree(), charts("1.0.0"));
    let vendored = builder(&files, &helm).vendor(["/repo/app"], &VendorPlan::new("/repo"));
    write(&mut files, &vendored.expect("copies"));
    let without = Builder::new().file_system(files.clone());
    for builder in [without.clone(), without.clone().charts(Arc::new(NoHelm))] {
        let check = builder.check_vendored(["/repo/app"], Path::new("/repo")).expect("a lock");
        assert!(check.is_complete() && check.failed.is_empty(), "{check:?}");
        assert_eq!(check.used, 1);
    }
    // What has a copy needs no helm to stay.
    let again = without.vendor(["/repo/app"], &VendorPlan::new("/repo")).expect("copies");
    assert!(again.is_whole() && again.changes.is_empty(), "{again:?}");
}

#[test]
fn what_comes_from_elsewhere_touches_roots_whose_charts_are_not_rendered() {
    let (mut files, helm) = (tree(), charts("1.0.0"));
    let two = "helmCharts: [{name: web, repo: 'https://charts.example.com', releaseName: web}]\n\
               patches: [{target: {name: none}, path: none.yaml}]\n";
    files.insert("/repo/wrong/kustomization.yaml", two);
    files.insert("/repo/plain/kustomization.yaml", "resources: [a.yaml]\n");
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    files.insert("/repo/plain/a.yaml", map);
    let plan = VendorPlan::new("/repo");
    let vendored = builder(&files, &helm).vendor(["/repo/app"], &plan).expect("copies");
    write(&mut files, &vendored);
    files.insert("/repo/.kustom/vendor/.kustom-vendor", "");
    let roots: Vec<_> = ["app", "plain", "wrong"].map(|name| Path::new("/repo").join(name)).into();
    let named = |files: &MemoryFs, changed: &str, before: Option<&str>| {
        let builder = Builder::new().file_system(files.clone());
        let before = |_: &Path| before.map(|text| text.as_bytes().to_vec());
        let affected = affected_since(&builder, &roots, [changed], &before);
        let names = affected.iter().map(|affected| affected.root.display().to_string());
        names.collect::<Vec<_>>()
    };
    // The lock has moved, or was changed in what nobody here uses.
    let before = vendored.lock.replace("sha256:", "sha256:0");
    let both = ["/repo/app", "/repo/wrong"];
    assert_eq!(named(&files, "/repo/kustom.lock", Some(&before)), both);
    assert_eq!(named(&files, "/repo/kustom.lock", Some(&vendored.lock)), [""; 0]);
    // A copy was tampered with.
    let copy = "/repo/.kustom/vendor/charts/web/1.0.0/values.yaml";
    assert_eq!(named(&files, copy, None), both);
    files.insert(copy, "a: evil\n");
    assert_eq!(named(&files, copy, None), both);
    // The copies need not be there.
    let mut gone = tree();
    gone.insert("/repo/kustom.lock", vendored.lock.as_bytes());
    assert_eq!(named(&gone, "/repo/kustom.lock", Some(&before))[0], "/repo/app");
}

#[test]
fn an_archive_without_the_chart_is_no_entry() {
    let (mut files, helm) = (tree(), charts("1.0.0"));
    let text =
        "helmCharts: [{name: other, repo: 'https://charts.example.com', releaseName: web}]\n";
    files.insert("/repo/app/kustomization.yaml", text);
    let vendored = builder(&files, &helm).vendor(["/repo/app"], &VendorPlan::new("/repo"));
    let vendored = vendored.expect("a lock");
    assert_eq!((vendored.used, vendored.copies.len()), (0, 0));
    let error = &vendored.not_fetched[0];
    assert!(error.message().contains("the archive holds no chart `other`"), "{error}");
    assert_eq!(error.hint_id(), Some("chart-not-there"));
}
