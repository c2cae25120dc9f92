//! `--watch`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use super::elsewhere::executable;
use super::promote::git;
use super::{config_map, folder, kustom, program, write};

/// A program that watches; ends with its test, also with one that fails.
struct Watching {
    child: Child,
    top: PathBuf,
}

impl Drop for Watching {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

impl Watching {
    /// Starts it in `top/in`, with what it says beside that.
    fn start(top: &Path, args: &[&str]) -> Watching {
        // What was written this moment counts as written while it was read.
        thread::sleep(Duration::from_millis(50));
        let output = |name| fs::File::create(top.join(name)).expect("a file");
        let mut command = program(&top.join("in"), args);
        let child = command.stdout(output("out")).stderr(output("said")).spawn();
        Watching { child: child.expect("it runs"), top: top.to_path_buf() }
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.top.join(name)).unwrap_or_default()
    }

    /// Waits until something is so.
    fn until(&self, what: &str, is: impl Fn() -> bool) {
        let start = Instant::now();
        while !is() {
            assert!(start.elapsed() < Duration::from_secs(60), "{what}: {}", self.text("said"));
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until it has said something.
    fn said(&self, what: &str) {
        self.until(what, || self.text("said").contains(what));
    }
}

/// A repository with roots of one map each.
fn repository(test: &str, names: &[&str]) -> PathBuf {
    let top = folder(test, &[("in/notes", "")]);
    for name in names {
        write(&top, &format!("in/{name}/kustomization.yaml"), "resources: [map.yaml]\n");
        write(&top, &format!("in/{name}/map.yaml"), &config_map("m"));
    }
    let dir = top.join("in");
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["add", "-A"]);
    git(&dir, &["commit", "-qm", "one"]);
    top
}

#[test]
fn watch_renders_what_a_change_touches() {
    let top = folder(
        "watch",
        &[
            ("in/a/kustomization.yaml", "resources: [../base]\nnamePrefix: a-\n"),
            ("in/b/kustomization.yaml", "resources: [map.yaml]\n"),
            ("in/b/map.yaml", &config_map("b")),
            ("in/base/kustomization.yaml", "resources: [map.yaml]\n"),
            ("in/base/map.yaml", &config_map("one")),
        ],
    );
    let base = top.join("in/base/map.yaml");
    let watching = Watching::start(&top, &["build", "a", "b", "--watch", "-o", "out"]);
    let a = || watching.text("in/out/a.yaml");
    watching.said("rendered 2 of 2 in ");
    assert!(a().contains("name: a-one\n"));
    fs::write(&base, config_map("three")).expect("a file");
    watching.until("changed", || a().contains("name: a-three\n"));
    watching.said("base/map.yaml: rendered 1 of 2 in ");
    // A fault is told, and the output stays until it is gone.
    fs::write(&base, "kind: [\n").expect("a file");
    watching.said("base/map.yaml: rendered 0 of 2, 1 failed, in ");
    assert!(a().contains("name: a-three\n"));
    fs::write(&base, config_map("fourth")).expect("a file");
    watching.until("mended", || a().contains("name: a-fourth\n"));
}

#[test]
fn what_many_are_refused_for_is_told_once() {
    let top = folder(
        "watch-refused",
        &[
            ("in/base/kustomization.yaml", "resources: [map.yaml]\n"),
            ("in/base/map.yaml", "kind: [\n"),
        ],
    );
    for name in ["a", "b", "c"] {
        let text = "resources: [../../base]\n";
        write(&top, &format!("in/o/{name}/kustomization.yaml"), text);
    }
    let once = |said: &str| {
        assert_eq!(said.matches("base/map.yaml:1:8").count(), 1, "{said}");
        assert!(said.contains("2 more kustomizations are refused for this"), "{said}");
    };
    let ran = kustom(&top.join("in"), &["build", "o/*"]);
    once(&ran.err);
    assert!(ran.err.ends_with("nothing is printed: 3 of 3 failed\n"), "{}", ran.err);
    let ran = kustom(&top.join("in"), &["build", "o/*", "--error-format", "json"]);
    assert_eq!(ran.err.matches("\"level\":\"error\"").count(), 3, "{}", ran.err);

    let watching = Watching::start(&top, &["build", "o/*", "--watch", "-o", "out"]);
    watching.said("rendered 0 of 3, 3 failed, in ");
    once(&watching.text("said"));
}

#[test]
fn output_that_is_read_is_refused() {
    let top = folder(
        "watch-output",
        &[
            ("in/kustomization.yaml", "resources: [map.yaml]\n"),
            ("in/map.yaml", &config_map("one")),
        ],
    );
    // It would change what it reads, again and again.
    let mut watching = Watching::start(&top, &["build", ".", "--watch", "-o", "map.yaml"]);
    watching.said("map.yaml is read to build .");
    assert_eq!(watching.child.wait().expect("it ends").code(), Some(1));
    let stays = fs::read_to_string(top.join("in/map.yaml")).expect("a file");
    assert_eq!(stays, config_map("one"));
}

#[test]
fn what_only_a_hint_looks_at_is_not_rendered_for() {
    for (test, command, word) in
        [("watch-hint-build", "build", "rendered"), ("watch-hint-diff", "diff", "compared")]
    {
        let top = repository(test, &["a"]);
        let dir = top.join("in");
        write(&dir, "a/nohup.out", "");
        let more: &[&str] = if command == "build" { &["-o", "out.yaml"] } else { &[] };
        let watching = Watching::start(&top, &[&[command, "a", "--watch"], more].concat());
        watching.said("watching\n");
        // It may be called otherwise now: what is there is looked at, and is no input for that.
        fs::rename(dir.join("a/map.yaml"), dir.join("a/maps.yaml")).expect("renamed");
        let told = |name: &str| watching.text(name).contains("did you mean `maps.yaml`");
        watching.until("told", || told("said") || told("out"));
        let count = || watching.text("said").matches(word).count();
        thread::sleep(Duration::from_millis(300));
        let before = count();
        for number in 0..3 {
            write(&dir, "a/nohup.out", &"said\n".repeat(number + 1));
            write(&dir, "a/maps.yaml", &config_map(&format!("n{number}")));
            write(&dir, "a/README.md", &"text\n".repeat(number + 1));
            thread::sleep(Duration::from_millis(200));
        }
        assert_eq!(count(), before, "{}", watching.text("said"));
        // The missing file counts, and so does what names it.
        fs::rename(dir.join("a/maps.yaml"), dir.join("a/map.yaml")).expect("renamed");
        watching.until("it comes back", || count() > before);
        let before = count();
        write(&dir, "a/kustomization.yaml", "resources: [other.yaml]\n");
        watching.until("another is missing", || count() > before);
        let before = count();
        write(&dir, "a/other.yaml", &config_map("other"));
        watching.until("it comes", || count() > before);
        // Whatever name the kustomization has.
        let before = count();
        fs::rename(dir.join("a/kustomization.yaml"), dir.join("a/old")).expect("renamed");
        watching.until("there is none", || count() > before);
        let before = count();
        write(&dir, "a/Kustomization", "resources: [other.yaml]\nnamePrefix: new-\n");
        watching.until("there is another one", || count() > before);
    }
}

#[test]
fn a_comparison_is_watched() {
    let top = folder(
        "watch-diff",
        &[
            ("in/a/kustomization.yaml", "resources: [../base]\n"),
            ("in/b/kustomization.yaml", "resources: [../base]\n"),
            ("in/base/kustomization.yaml", "resources: [map.yaml]\n"),
            ("in/base/map.yaml", &config_map("one")),
        ],
    );
    let dir = top.join("in");
    let watching = Watching::start(&top, &["diff", "a", "b", "--watch"]);
    watching.said("watching\n");
    assert!(watching.text("out").contains("no differences"), "{}", watching.text("out"));
    write(&dir, "b/kustomization.yaml", "resources: [../base]\ncommonAnnotations: {k: v}\n");
    watching.said("b/kustomization.yaml: compared in ");
    assert!(watching.text("out").contains("1 changed"), "{}", watching.text("out"));
    let refused = kustom(&dir, &["diff", "-", "b", "--watch"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("--watch"), "{}", refused.err);
}

#[test]
fn of_many_roots_those_that_a_change_touches_are_compared() {
    let top = repository("watch-many", &["a", "b", "c"]);
    let dir = top.join("in");
    write(&dir, "a/map.yaml", &format!("{}data: {{k: v}}\n", config_map("m")));
    let args = ["diff", ".", "--from", "HEAD", "--watch", "--format", "json"];
    let watching = Watching::start(&top, &args);
    let last = || watching.text("out").rsplit("\n{").next().unwrap_or_default().to_owned();
    watching.said("watching\n");
    write(&dir, "b/map.yaml", &config_map("other"));
    watching.said("b/map.yaml: compared in ");
    // What was found before stays, and what is new stands beside it, as if all had been compared.
    let now = || {
        let ran = kustom(&dir, &["diff", ".", "--from", "HEAD", "--format", "json"]);
        ran.out.trim_start_matches('{').to_owned()
    };
    assert!(last().contains("\"v\"") && last().contains("other"), "{}", last());
    assert_eq!(last(), now());
    write(&dir, "a/map.yaml", &config_map("m"));
    watching.said("a/map.yaml: compared in ");
    assert_eq!(last(), now());
    // A change of a kustomization may change which roots there are.
    write(&dir, "c/kustomization.yaml", "resources: [map.yaml]\nnamePrefix: c-\n");
    watching.said("c/kustomization.yaml: compared in ");
    assert_eq!(last(), now());
}

#[test]
fn roots_that_come_and_go_are_compared() {
    let top = repository("watch-new-roots", &["apps/a", "apps/b"]);
    let dir = top.join("in");
    let watching = Watching::start(&top, &["diff", ".", "--from", "HEAD", "--watch"]);
    watching.said("watching\n");
    let shows = |what: &str| watching.until(what, || watching.text("out").contains(what));
    // Without a file in it a folder is no root, and files that no root reads do not count.
    fs::create_dir_all(dir.join("apps/new/deep")).expect("a folder");
    write(&dir, "README.md", "new");
    write(&dir, "apps/a/README.md", "new");
    thread::sleep(Duration::from_millis(200));
    assert!(!watching.text("said").contains("compared"), "{}", watching.text("said"));
    write(&dir, "apps/new/deep/map.yaml", &config_map("deep"));
    write(&dir, "apps/new/deep/kustomization.yaml", "resources: [map.yaml]\n");
    shows("ConfigMap deep");
    fs::rename(dir.join("apps/b"), top.join("kept")).expect("moved");
    shows("ConfigMap m");
    let count = || watching.text("out").matches("no differences").count();
    fs::remove_dir_all(dir.join("apps/new")).expect("removed");
    let before = count();
    fs::rename(top.join("kept"), dir.join("apps/b")).expect("moved back");
    watching.until("restored", || count() > before);
    // It is watched as before.
    write(&dir, "apps/b/map.yaml", &config_map("changed"));
    shows("ConfigMap changed");
}

#[test]
fn another_branch_that_is_checked_out_is_compared() {
    let top = repository("watch-checkout", &["a"]);
    let dir = top.join("in");
    git(&dir, &["checkout", "-qb", "other"]);
    write(&dir, "a/map.yaml", &config_map("other"));
    git(&dir, &["commit", "-qam", "two"]);
    let watching = Watching::start(&top, &["diff", ".", "--watch"]);
    watching.said("watching\n");
    assert!(watching.text("out").contains("ConfigMap other"), "{}", watching.text("out"));
    git(&dir, &["checkout", "-q", "main"]);
    watching.until("checked out", || watching.text("out").contains("no differences"));
    // What has become the base differs no more.
    write(&dir, "a/map.yaml", &config_map("third"));
    watching.until("changed", || watching.text("out").contains("ConfigMap third"));
    let count = || watching.text("out").matches("no differences").count();
    let before = count();
    git(&dir, &["commit", "-qam", "three"]);
    watching.until("committed", || count() > before);
}

#[test]
fn a_folder_that_is_removed_and_made_again_is_rendered() {
    let top = repository("watch-removed", &["a"]);
    let dir = top.join("in");
    let watching = Watching::start(&top, &["build", "a", "--watch", "-o", "out.yaml"]);
    watching.said("watching\n");
    for name in ["one", "two", "three"] {
        let failed = || watching.text("said").matches("rendered 0 of 1, 1 failed").count();
        let before = failed();
        fs::remove_dir_all(dir.join("a")).expect("removed");
        watching.until("failed", || failed() > before);
        fs::create_dir(dir.join("a")).expect("made");
        write(&dir, "a/map.yaml", &config_map(name));
        write(&dir, "a/kustomization.yaml", "resources: [map.yaml]\n");
        let out = || watching.text("in/out.yaml");
        watching.until(name, || out().contains(&format!("name: {name}\n")));
    }
}

#[test]
fn what_functions_may_read_is_watched() {
    let script = "#!/bin/sh\ncat > /dev/null\nname=$(cat \"$(dirname \"$0\")/name\")\n\
                  echo \"{apiVersion: config.kubernetes.io/v1, kind: ResourceList, items: [\
                  {apiVersion: v1, kind: ConfigMap, metadata: {name: $name}}]}\"\n";
    let config = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: g\n  annotations:\n    \
                  config.kubernetes.io/function: |\n      exec: {path: ./make}\n";
    let top = repository("watch-functions", &[]);
    let dir = top.join("in");
    let files = [("make", script), ("config.yaml", config), ("name", "one")];
    files.iter().for_each(|(name, text)| write(&dir, &format!("a/{name}"), text));
    write(&dir, "a/kustomization.yaml", "generators: [config.yaml]\n");
    executable(&dir.join("a/make"));
    git(&dir, &["add", "-A"]);
    git(&dir, &["commit", "-qm", "two"]);
    let functions = ["--enable-alpha-plugins", "--enable-exec"];
    let args = [&["diff", "a", "--from", "HEAD", "--watch"], &functions[..]].concat();
    let watching = Watching::start(&top, &args);
    watching.said("watching\n");
    assert!(watching.text("out").contains("no differences"), "{}", watching.text("out"));
    write(&dir, "a/name", "another");
    watching.until("read", || watching.text("out").contains("ConfigMap another"));
    drop(watching);
    let args = [&["build", "a", "--watch", "-o", "out.yaml"], &functions[..]].concat();
    let watching = Watching::start(&top, &args);
    watching.said("watching\n");
    write(&dir, "a/name", "third");
    watching.until("read", || watching.text("in/out.yaml").contains("name: third\n"));
    write(&dir, "a/make", &script.replace("name: $name", "name: $name-fourth"));
    watching.until("run", || watching.text("in/out.yaml").contains("name: third-fourth\n"));
}

#[test]
fn what_a_pattern_matches_later_is_rendered_as_well() {
    let top = repository("watch-patterns", &["apps/a/dev"]);
    let watching = Watching::start(&top, &["build", "apps/*/*", "--watch", "-o", "../rendered"]);
    watching.said("watching");
    let rendered = |name: &str| top.join("rendered/apps").join(name);
    watching.until("rendered", || rendered("a/dev.yaml").exists());
    // A folder is made first, and its kustomization some time later.
    fs::create_dir_all(top.join("in/apps/b/dev")).expect("a folder");
    thread::sleep(Duration::from_millis(100));
    write(&top, "in/apps/b/dev/map.yaml", &config_map("b"));
    write(&top, "in/apps/b/dev/kustomization.yaml", "resources: [map.yaml]\n");
    watching.said("rendered 1 of 2 in");
    watching.until("rendered", || rendered("b/dev.yaml").exists());
    write(&top, "in/apps/b/dev/map.yaml", &config_map("later"));
    watching.until("rendered", || {
        fs::read_to_string(rendered("b/dev.yaml")).is_ok_and(|text| text.contains("later"))
    });
    // In one step: nobody sees a part of it.
    fs::rename(top.join("in/apps/b"), top.join("b")).expect("a folder");
    watching.said("; gone: apps/b/dev");
    let said = watching.text("said");
    assert!(!said.contains("Error"), "{said}");
    // What was there before is not touched by what comes and goes beside it.
    assert!(!said.contains("rendered 2 of 2"), "{said}");
    let gone = said.lines().find(|line| line.contains("; gone: ")).expect("a line");
    assert!(gone.contains("rendered 0 of 1 in"), "{said}");
}

#[cfg(unix)]
#[test]
fn what_nobody_looks_at_may_change_before_something_leads_there_again() {
    let top = repository("watch-left", &["one", "two"]);
    let dir = top.join("in");
    let lead_to = |target: &str| {
        std::os::unix::fs::symlink(target, dir.join("new")).expect("a link");
        fs::rename(dir.join("new"), dir.join("linked")).expect("it takes the place");
    };
    write(&dir, "two/map.yaml", &config_map("two"));
    write(&dir, "app/kustomization.yaml", "resources: [../linked]\n");
    lead_to("one");
    let watching = Watching::start(&top, &["build", "app", "--watch", "-o", "out.yaml"]);
    watching.said("watching\n");
    let shows = |name: &str| {
        let shown = || watching.text("in/out.yaml").contains(&format!("name: {name}\n"));
        watching.until(name, shown);
    };
    lead_to("two");
    shows("two");
    write(&dir, "one/map.yaml", &config_map("changed"));
    lead_to("one");
    shows("changed");
}
