//! What a build says it looked at is what it looked at, and no change that matters is missed.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use kustom::{Builder, DiskFs, FileKind, FileSystem, InputKind, Inputs, LoadRestriction, MemoryFs};
use proptest::prelude::*;

/// Notes the paths of all calls, each resolved by the operating system.
#[derive(Clone, Debug, Default)]
struct Tracer(Arc<Mutex<BTreeMap<PathBuf, InputKind>>>);

impl Tracer {
    fn note(&self, path: PathBuf, kind: InputKind) {
        let mut seen = self.0.lock().unwrap();
        if kind == InputKind::File {
            seen.insert(path, kind);
        } else {
            seen.entry(path).or_insert(kind);
        }
    }
}

impl FileSystem for Tracer {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        let answer = DiskFs.kind(path);
        self.note(
            physical(path),
            match &answer {
                Ok(FileKind::Directory) => InputKind::Directory,
                Ok(FileKind::Link) => InputKind::Link,
                Ok(_) => InputKind::Unread,
                Err(_) => InputKind::Missing,
            },
        );
        answer
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        let answer = DiskFs.canonicalize(path);
        match &answer {
            Ok(end) if end.is_dir() => self.note(end.clone(), InputKind::Directory),
            Ok(end) => self.note(end.clone(), InputKind::Unread),
            Err(_) if path.is_symlink() => {} // it dangles: only who follows it knows what is missing
            Err(_) => self.note(physical(path), InputKind::Missing),
        }
        answer
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let answer = DiskFs.read(path);
        if answer.is_ok() {
            self.note(path.canonicalize()?, InputKind::File);
        }
        answer
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        DiskFs.list(path)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        DiskFs.absolute(path)
    }
}

/// Resolves the directories of a path, not its last part.
fn physical(path: &Path) -> PathBuf {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return path.to_owned();
    };
    parent.canonicalize().unwrap_or_else(|_| physical(parent)).join(name)
}

/// All directories of `testdata` with a kustomization file.
fn kustomizations(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.ends_with("kustomization.yaml") {
            found.push(folder.to_owned());
        } else if path.is_dir() && !path.is_symlink() {
            kustomizations(&path, found);
        }
    }
}

#[test]
fn inputs_are_what_a_tracing_file_system_saw() {
    let mut roots = Vec::new();
    kustomizations(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"), &mut roots);
    assert!(roots.len() > 100);
    for root in roots {
        for restriction in [LoadRestriction::RootOnly, LoadRestriction::None] {
            let builder = Builder::new().load_restriction(restriction);
            let tracer = Tracer::default();
            let traced = builder.clone().file_system(tracer.clone()).build(&root);
            let accepted = traced.is_ok();
            let (recorded, inputs) = builder.build_with_inputs(&root);
            let text = |build: kustom::Result<kustom::Build>| {
                build.map(|build| build.to_string()).map_err(|error| error.to_string())
            };
            assert_eq!(text(recorded), text(traced), "recording changes nothing: {root:?}");
            let seen = tracer.0.lock().unwrap().clone();
            let told: BTreeMap<PathBuf, InputKind> =
                inputs.iter().map(|input| (input.path, input.kind)).collect();
            // A build reads ahead, and so may have seen more before it is refused.
            // Where a repository begins is nothing that changes in it, and where the caller stands is for hints.
            let here = Path::new(".").canonicalize().unwrap();
            let is_for_hints = |path: &Path| path == here || path == here.join("kustom.lock");
            let is_told = |(path, _): &(&PathBuf, _)| {
                accepted && !path.ends_with(".git") && !is_for_hints(path)
            };
            for (path, kind) in seen.iter().filter(is_told) {
                assert_eq!(told.get(path), Some(kind), "{root:?}: {path:?} was looked at");
            }
            for (path, kind) in told.iter().filter(|(path, _)| !seen.contains_key(*path)) {
                // Following links one by one sees more than the ends of the chains, and of a directory above a path
                // without links it is known what it is.
                let on_a_chain = *kind == InputKind::Link && path.is_symlink()
                    || *kind == InputKind::Missing && !path.exists()
                    || *kind == InputKind::Directory && path.is_dir();
                assert!(on_a_chain, "{root:?}: {path:?} was not looked at");
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_step_by_step() {
    use std::os::unix::fs::symlink;

    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("links-are-followed");
    _ = std::fs::remove_dir_all(&dir);
    for folder in ["app", "real"] {
        std::fs::create_dir_all(dir.join(folder)).unwrap();
    }
    let dir = dir.canonicalize().unwrap();
    let map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n";
    std::fs::write(dir.join("app/kustomization.yaml"), "resources: [first]\n").unwrap();
    std::fs::write(dir.join("real/kustomization.yaml"), "resources: [map.yaml]\n").unwrap();
    std::fs::write(dir.join("real/file.yaml"), map).unwrap();
    symlink("file.yaml", dir.join("real/map.yaml")).unwrap();
    symlink("../second", dir.join("app/first")).unwrap();
    symlink(dir.join("real"), dir.join("second")).unwrap();

    let (build, inputs) = Builder::new().build_with_inputs(dir.join("app"));
    assert_eq!(build.unwrap().resources().len(), 1);
    let kind = |path: &str| inputs.get(&dir.join(path));
    for link in ["app/first", "second", "real/map.yaml"] {
        assert_eq!(kind(link), Some(InputKind::Link), "{link}");
    }
    assert_eq!(kind("real"), Some(InputKind::Directory));
    assert_eq!(kind("real/file.yaml"), Some(InputKind::File));
    assert_eq!(kind("real/kustomization.yml"), Some(InputKind::Missing));
    assert!(!inputs.touched_by(&dir.join("app/other.yaml")));

    // A dangling link: the build waits for what it leads to.
    std::fs::remove_file(dir.join("second")).unwrap();
    symlink("nowhere/at/all", dir.join("second")).unwrap();
    let (build, inputs) = Builder::new().build_with_inputs(dir.join("app"));
    assert!(build.is_err());
    assert!(inputs.touched_by(&dir.join("nowhere/at/all/kustomization.yaml")));
    assert!(!inputs.touched_by(&dir.join("elsewhere")));
}

/// Whoever looks for something below a file does not make it a directory for others.
#[test]
fn a_file_is_no_directory_for_others() {
    let mut fs = MemoryFs::new();
    fs.insert("/c/kustomization.yaml", "resources: [sub]\n");
    fs.insert("/c/sub", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n");
    let builder = Builder::new().file_system(fs);
    let builds = builder.build_all(["/c", "/c/sub/deep"]);
    assert!(builds[0].is_ok() && builds[1].is_err());
}

/// A tree of a few directories whose kustomizations refer to each other, files and nothing.
type Tree = BTreeMap<String, String>;

const DIRECTORIES: [&str; 6] = ["a", "a/sub", "b", "b/sub", "c", "c/sub/deep"];
const FILES: [&str; 4] = ["one.yaml", "two.yaml", "values.env", "sub/three.yaml"];

fn kustomization() -> impl Strategy<Value = String> {
    let entry = prop_oneof![
        prop::sample::select(&FILES[..]).prop_map(str::to_owned),
        prop::sample::select(&DIRECTORIES[..]).prop_map(|dir| format!("../{dir}")),
        prop::sample::select(&DIRECTORIES[..]).prop_map(|dir| format!("../../{dir}")),
        Just("sub".to_owned()),
    ];
    let patch = prop::sample::select(&FILES[..]);
    let source = prop::sample::select(&FILES[..]);
    let kind = prop_oneof![9 => Just("Kustomization"), 1 => Just("Component")];
    (
        kind,
        prop::collection::vec(entry.clone(), 0..3),
        prop::option::of(patch),
        prop::option::of(source),
        prop::option::of(entry),
        prop::option::of("[a-c]-"),
    )
        .prop_map(|(kind, resources, patch, source, component, prefix)| {
            let version = if kind == "Component" { "v1alpha1" } else { "v1beta1" };
            let mut text = format!("apiVersion: kustomize.config.k8s.io/{version}\nkind: {kind}\n");
            _ = writeln!(text, "resources: [{}]", resources.join(", "));
            if let Some(patch) = patch {
                _ = writeln!(text, "patches: [{{path: {patch}, target: {{kind: ConfigMap}}}}]");
            }
            if let Some(source) = source {
                _ = writeln!(text, "configMapGenerator: [{{name: made, files: [{source}]}}]");
            }
            if let Some(component) = component.filter(|c| c.starts_with("..")) {
                _ = writeln!(text, "components: [{component}]");
            }
            if let Some(prefix) = prefix {
                _ = writeln!(text, "namePrefix: {prefix}");
            }
            text
        })
}

fn resource() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c]{1,2}".prop_map(|name| format!(
            "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}, data: {{k: {name}}}}}\n"
        )),
        Just("k=v\n".to_owned()),
        Just("{".to_owned()),
    ]
}

/// A path of the tree and a content that fits it.
fn file() -> impl Strategy<Value = (String, String)> {
    let dirs = prop::sample::select(&DIRECTORIES[..]);
    let names =
        prop::sample::select(&["kustomization.yaml", "kustomization.yml", "Kustomization"][..]);
    prop_oneof![
        4 => (dirs.clone(), prop_oneof![8 => Just("kustomization.yaml"), 1 => names], kustomization())
            .prop_map(|(dir, name, text)| (format!("/{dir}/{name}"), text)),
        4 => (dirs, prop::sample::select(&FILES[..]), resource())
            .prop_map(|(dir, name, text)| (format!("/{dir}/{name}"), text)),
        // A file where a directory might be.
        1 => prop::sample::select(&["/b/sub", "/c/sub", "/a/sub"][..])
            .prop_flat_map(|path| resource().prop_map(move |text| (path.to_owned(), text))),
    ]
}

fn build_all(tree: &Tree) -> Vec<(Option<String>, Inputs)> {
    let mut fs = MemoryFs::new();
    for (path, text) in tree {
        fs.insert(path, text.as_str());
    }
    let builder = Builder::new().file_system(fs);
    let build = |dir: &&str| {
        let (build, inputs) = builder.build_with_inputs(format!("/{dir}"));
        (build.ok().map(|build| build.to_string()), inputs)
    };
    DIRECTORIES.iter().map(build).collect()
}

/// Files that can be replaced while somebody has them.
#[derive(Clone, Debug, Default)]
struct Shared(Arc<Mutex<MemoryFs>>);

impl Shared {
    fn set(&self, tree: &Tree) {
        let mut fs = MemoryFs::new();
        tree.iter().for_each(|(path, text)| fs.insert(path, text.as_str()));
        *self.0.lock().unwrap() = fs;
    }
}

impl FileSystem for Shared {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        self.0.lock().unwrap().kind(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.lock().unwrap().canonicalize(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.lock().unwrap().read(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.0.lock().unwrap().list(path)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.lock().unwrap().absolute(path)
    }
}

fn roots() -> impl Iterator<Item = PathBuf> {
    DIRECTORIES.iter().map(|dir| Path::new("/").join(dir))
}

fn texts(builds: Vec<kustom::Result<kustom::Build>>) -> Vec<Result<String, String>> {
    let text = |build: kustom::Result<kustom::Build>| {
        build.map(|build| build.to_string()).map_err(|error| error.to_string())
    };
    builds.into_iter().map(text).collect()
}

/// Removes the files that cannot be there because others lie below them.
fn settle(mut tree: Tree) -> Tree {
    let paths: Vec<String> = tree.keys().cloned().collect();
    tree.retain(|path, _| !paths.iter().any(|p| p.starts_with(&format!("{path}/"))));
    tree
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// Whatever file is added, changed or removed: each root whose result differs says so, from what
    /// it looked at before as well as from what it looked at afterwards.
    #[test]
    fn no_change_is_missed(
        files in prop::collection::vec(file(), 6..24),
        (mut path, text) in file(),
        pick in any::<prop::sample::Index>(),
        how in 0..3,
    ) {
        let before = settle(files.into_iter().collect());
        if how > 0 {
            path = before.keys().nth(pick.index(before.len())).unwrap().clone();
        }
        let mut after = before.clone();
        match how {
            2 => _ = after.remove(&path),
            _ => _ = after.insert(path, text),
        }
        let after = settle(after);
        let changed: Vec<&Path> = before
            .keys()
            .chain(after.keys())
            .filter(|path| before.get(*path) != after.get(*path))
            .map(Path::new)
            .collect();
        for (old, new) in build_all(&before).iter().zip(build_all(&after)) {
            if old.0 != new.0 {
                prop_assert!(changed.iter().any(|path| old.1.touched_by(path)), "seen before");
                prop_assert!(changed.iter().any(|path| new.1.touched_by(path)), "seen after");
            }
        }
    }
    /// Several builds in one call look at what each looks at alone, in the same order.
    #[test]
    fn shared_builds_look_at_what_they_look_at_alone(
        files in prop::collection::vec(file(), 6..24),
        threads in 1..3_usize,
    ) {
        let fs = Shared::default();
        fs.set(&settle(files.into_iter().collect()));
        let builder = Builder::new().file_system(fs).threads(threads.try_into().unwrap());
        let together = builder.build_all_with_inputs(roots());
        for ((build, inputs), root) in together.into_iter().zip(roots()) {
            let (alone, looked_at) = builder.build_with_inputs(&root);
            if alone.is_err() {
                // What is looked at to explain an error hangs on what is known already.
                prop_assert!(build.is_err());
                continue;
            }
            prop_assert!(inputs.iter().eq(looked_at.iter()), "{:?}: {:?}", inputs, looked_at);
            prop_assert_eq!(texts(vec![alone]), texts(vec![build]));
        }
    }

    /// A session that is told what has changed gives what a new one gives, and names all whose result differs.
    #[test]
    fn sessions_build_again_what_is_stale(
        files in prop::collection::vec(file(), 6..24),
        changes in prop::collection::vec((file(), any::<bool>()), 1..8),
        lint in any::<bool>(),
    ) {
        let (fs, mut tree) = (Shared::default(), settle(files.into_iter().collect()));
        fs.set(&tree);
        let builder = Builder::new().file_system(fs.clone()).lint(lint);
        let mut session = builder.session();
        let mut before = texts(session.build_all(roots()));
        for ((path, text), remove) in changes {
            let mut after = tree.clone();
            if remove {
                after.remove(&path);
            } else {
                after.insert(path, text);
            }
            let after = settle(after);
            let paths = tree.keys().chain(after.keys());
            let changed = paths.filter(|path| tree.get(*path) != after.get(*path));
            fs.set(&after);
            let stale = session.changed(changed);
            let inputs: Vec<Inputs> = roots().map(|root| session.inputs(root).unwrap()).collect();
            let built = session.build_all(roots());
            let new = builder.build_all(roots());
            for (build, new) in built.iter().zip(&new) {
                if let (Ok(build), Ok(new)) = (build, new) {
                    let told = |build: &kustom::Build| {
                        build.warnings().iter().map(ToString::to_string).collect::<Vec<_>>()
                    };
                    prop_assert_eq!(told(build), told(new));
                }
            }
            let (built, new) = (texts(built), texts(new));
            prop_assert_eq!(&built, &new);
            for (i, root) in roots().enumerate() {
                // Hints about what is missing tell of names that nobody looked at.
                let same = built[i] == before[i] || built[i].is_err() && before[i].is_err();
                prop_assert!(stale.contains(&root) || same, "{:?} is stale", root);
                let now = session.inputs(&root).unwrap();
                let same = inputs[i].iter().eq(now.iter());
                let is_same = stale.contains(&root) || same || built[i].is_err();
                prop_assert!(is_same, "{:?} looks at the same", root);
            }
            (tree, before) = (after, built);
        }
    }
}
