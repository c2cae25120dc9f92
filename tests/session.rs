//! Sharing changes nothing: every kustomization of the test data, built alone, in one call with all
//! others on any number of threads, and in a session that has seen all others.

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::thread;

use kustom::explain::Trace;
use kustom::{Build, Builder, ErrorKind, FileKind, FileSystem, MemoryFs, Result, Warning};

fn find_roots(directory: &Path, roots: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(directory)
        .expect("a directory")
        .map(|e| e.expect("entry").path())
        .collect();
    entries.sort();
    if entries.iter().any(|path| path.ends_with("kustomization.yaml")) {
        roots.push(directory.to_path_buf());
    }
    for path in entries.iter().filter(|path| path.is_dir() && !path.is_symlink()) {
        find_roots(path, roots);
    }
}

/// What there is to see of a result.
fn shown(result: &Result<Build>) -> String {
    match result {
        Ok(build) => {
            let place = |w: &Warning| format!("{w} {:?}\n", w.location());
            format!("{build}{}", build.warnings().iter().map(place).collect::<String>())
        }
        Err(error) => error.to_string(),
    }
}

fn threads(count: usize) -> Builder {
    Builder::new().threads(NonZeroUsize::new(count).expect("a number"))
}

#[test]
fn sharing_changes_nothing() {
    let mut roots = Vec::new();
    find_roots(Path::new("testdata/cases"), &mut roots);
    assert!(roots.len() > 500, "only {} roots", roots.len());
    let alone: Vec<String> = roots.iter().map(|r| shown(&threads(1).build(r))).collect();
    let compare = |results: Vec<Result<Build>>, how: &str| {
        for ((root, alone), result) in roots.iter().zip(&alone).zip(&results) {
            assert_eq!(shown(result), *alone, "{} {how}", root.display());
        }
    };
    compare(threads(1).build_all(&roots), "with all others");
    compare(threads(4).build_all(&roots), "with all others on four threads");
    let session = threads(3).session();
    compare(session.build_all(&roots), "in a session");
    compare(roots.iter().rev().map(|r| session.build(r)).rev().collect(), "in a session, again");
}

/// What there is to see of a trace: each field of each object, with its history.
fn told(trace: Result<Trace>) -> String {
    let trace = match trace {
        Ok(trace) => trace,
        Err(error) => return error.to_string(),
    };
    let objects = trace.objects().map(|object| {
        let fields = object.fields();
        let histories = object.histories_of(&fields);
        let told = fields.iter().zip(histories).map(|(field, history)| {
            let events: String = history.iter().map(|event| format!("  {event}\n")).collect();
            format!("{field}\n{events}")
        });
        format!("{object}\n{}", told.collect::<String>())
    });
    objects.collect::<String>() + trace.build().as_yaml()
}

#[test]
fn traces_are_the_same_in_a_session() {
    let mut roots = Vec::new();
    find_roots(Path::new("testdata/cases"), &mut roots);
    for roots in roots.chunks(40) {
        let (builder, session) = (Builder::new(), Builder::new().session());
        // Those that the session has built before, and those that it has not.
        session.build_all(roots.iter().step_by(3));
        for root in roots {
            assert_eq!(told(session.explain(root)), told(builder.explain(root)), "{root:?}");
        }
    }
}

/// A base that one root may use is a cycle for another, which lies below what the base refers to.
#[test]
fn a_shared_base_may_still_be_a_cycle() {
    let mut fs = MemoryFs::new();
    for (path, text) in [
        ("/all/kustomization.yaml", "resources: [cm.yaml]"),
        ("/all/cm.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"),
        ("/base/kustomization.yaml", "resources: [../all]"),
        ("/good/kustomization.yaml", "resources: [../base]"),
        ("/all/bad/kustomization.yaml", "resources: [../../base]"),
    ] {
        fs.insert(path, text);
    }
    let session = Builder::new().file_system(fs).session();
    for _ in 0..2 {
        assert!(session.build("/good").is_ok());
        let error = session.build("/all/bad").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cycle, "{error}");
    }
}

#[test]
fn a_pattern_without_room_fails_its_own_build_only() {
    let mut fs = MemoryFs::new();
    let patch = "patches: [{target: {name: 'PATTERN'}, patch: '[{\"op\": \"remove\", \"path\": \"/data\"}]'}]\n";
    for (root, pattern) in [("/good", "a"), ("/other", "b.*"), ("/bad", "\\pL{900}")] {
        let text = format!("resources: [../map.yaml]\n{}", patch.replace("PATTERN", pattern));
        fs.insert(format!("{root}/kustomization.yaml"), text.replace("../map", "map"));
        fs.insert(
            format!("{root}/map.yaml"),
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n",
        );
    }
    let mut limits = kustom::Limits::default();
    limits.pattern_work = 300;
    let session = Builder::new().limits(limits).file_system(fs).session();
    assert!(session.build("/good").is_ok());
    for _ in 0..2 {
        let error = session.build("/bad").expect_err("it has no room");
        assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
        assert!(session.build("/good").is_ok());
        assert!(session.build("/other").is_ok());
    }
}

/// Every root keeps its own path, also behind one that is refused.
#[test]
fn warnings_of_folders_are_shown_from_the_root_that_was_asked_for() {
    let mut files = MemoryFs::new();
    files.insert("/repo/refused/kustomization.yaml", "resources: [none.yaml]\n");
    files.insert("/repo/app/kustomization.yaml", "namePrefix: a-\n");
    files.insert("/repo/app/unused.yaml", "kind: ConfigMap\n");
    let builder =
        Builder::new().file_system(files).warnings("unused-file".parse().expect("a kind"));
    let alone = builder.build("repo/app").expect("a build");
    let places = |build: &Build| -> Vec<PathBuf> {
        build.warnings().iter().filter_map(|w| Some(w.location()?.file.clone())).collect()
    };
    assert_eq!(places(&alone), [Path::new("repo/app/unused.yaml")]);
    let builds = builder.build_all(["/repo/refused", "repo/app"]);
    assert!(builds[0].is_err());
    assert_eq!(places(builds[1].as_ref().expect("a build")), places(&alone));
    // Warnings that look alike are equal, whatever was read before.
    assert_eq!(builds[1].as_ref().expect("a build").warnings(), alone.warnings());
}

#[test]
fn a_session_answers_for_each_path() {
    let mut files = MemoryFs::new();
    files.insert("/app/kustomization.yaml", "resources: [cm.yaml]\n");
    files.insert("/app/cm.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n");
    let session = Builder::new().file_system(files).session();
    let app = session.build("/app").expect("a build");
    let results = session.build_all(["/none", "/app", "app", "/none", "/app"]);
    let texts: Vec<Option<&str>> =
        results.iter().map(|result| Some(result.as_ref().ok()?.as_yaml())).collect();
    let app = Some(app.as_yaml());
    assert_eq!(texts, [None, app, app, None, app]);
}

#[test]
fn warnings_are_equal_whatever_was_read_before() {
    let mut files = MemoryFs::new();
    let entry = "images: [{name: ngnix, newTag: '2'}]\n";
    files.insert("/first/kustomization.yaml", format!("# {}\n{entry}", "-".repeat(1000)));
    files.insert("/app/kustomization.yaml", entry);
    let builder = threads(1).file_system(files).lint(true);
    let alone = builder.build("/app").expect("a build");
    let later = builder.build_all(["/first", "/app"]).pop().expect("a result").expect("a build");
    assert!(!alone.warnings().is_empty());
    assert_eq!(alone.warnings(), later.warnings());
    let first = builder.build("/first").expect("a build");
    assert_ne!(alone.warnings(), first.warnings());
}

/// Files of which each kustomization is read together with another one.
#[derive(Debug)]
struct Together(MemoryFs, Barrier);

impl FileSystem for Together {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        self.0.kind(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.canonicalize(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path.ends_with("kustomization.yaml") {
            self.1.wait();
        }
        self.0.read(path)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.absolute(path)
    }
}

#[test]
fn builds_of_a_session_that_run_side_by_side_note_their_own_inputs() {
    let mut files = MemoryFs::new();
    for name in ["one", "two"] {
        files.insert(format!("/{name}/kustomization.yaml"), "resources: [map.yaml]\n");
        let map = format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}\n");
        files.insert(format!("/{name}/map.yaml"), map);
    }
    let session = Builder::new().file_system(Together(files, Barrier::new(2))).session();
    thread::scope(|scope| {
        for root in ["/one", "/two"] {
            let session = &session;
            scope.spawn(move || session.build(root).expect("a build"));
        }
    });
    for (root, other) in [("/one", "/two"), ("/two", "/one")] {
        let inputs = session.inputs(root).expect("it was built");
        let read: Vec<&Path> = inputs.files().collect();
        assert_eq!(read.len(), 2, "{read:?}");
        assert!(read.iter().all(|path| path.starts_with(root)), "{read:?}");
        assert!(inputs.paths().all(|(path, _)| !path.starts_with(other)), "{root} has {other}");
    }
}
