//! What a search for kustomizations goes past: what git ignores, and work trees within another.

use std::fs;
use std::path::Path;

use super::promote::git;
use super::{folder, kustom, write};

const OVERLAY: &str = "resources: [../../base]\nimages: [{name: web, newTag: v1}]\n";

/// Writes an app with two environments, of which staging is behind.
fn app(dir: &Path, below: &str, name: &str) {
    let path = |rest: &str| format!("{below}/{name}/{rest}");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: web}]}\n";
    write(dir, &path("base/pod.yaml"), pod);
    write(dir, &path("base/kustomization.yaml"), "resources: [pod.yaml]\n");
    write(dir, &path("overlays/dev/kustomization.yaml"), &OVERLAY.replace("v1", "v2"));
    write(dir, &path("overlays/staging/kustomization.yaml"), OVERLAY);
}

/// Makes a repository with one app, and others where git ignores them or another work tree begins.
fn repository(test: &str) -> std::path::PathBuf {
    let dir = folder(test, &[(".gitignore", "build/\n/gen/*\nkept/\n")]);
    for (below, name) in
        [("apps", "web"), ("build/out", "built"), ("gen/apps", "made"), ("kept", "kept")]
    {
        app(&dir, below, name);
    }
    app(&dir, "vendored/apps", "other");
    git(&dir, &["init", "-q"]);
    git(&dir, &["init", "-q", "vendored"]);
    git(&dir, &["add", "apps", ".gitignore"]);
    git(&dir, &["add", "-f", "kept"]);
    git(&dir, &["commit", "-qm", "Start"]);
    git(&dir, &["worktree", "add", "-q", ".trees/feature"]);
    app(&dir, "kept/later", "scratch");
    dir
}

#[test]
fn searches_go_past_what_git_ignores_and_other_work_trees() {
    let dir = repository("left-out");
    // What git has is there, whatever the rules say of new files.
    let here = "APP   IMAGE  DEV  STAGING\nkept  web    v2   v1\nweb   web    v2   v1\n";
    assert_eq!(kustom(&dir, &["images"]).good(), here);
    for pattern in ["**/overlays/*", "*/*/overlays/*"] {
        assert_eq!(kustom(&dir, &["images", pattern]).good(), here, "{pattern}");
    }
    let wrote = kustom(&dir, &["promote", "dev", "staging", "--write"]).good();
    assert!(wrote.ends_with("wrote 2 files\n"), "{wrote}");
    for path in ["build/out/built", "gen/apps/made", "vendored/apps/other", "kept/later/scratch"] {
        let file = dir.join(path).join("overlays/staging/kustomization.yaml");
        assert_eq!(fs::read_to_string(file).expect("a file"), OVERLAY, "{path}");
    }
    let changed = "apps/web/base/pod.yaml\nbuild/out/built/base/pod.yaml\nvendored/apps/other/base/pod.yaml\n";
    write(&dir, "changed", changed);
    assert_eq!(
        kustom(&dir, &["affected", "--changed", "changed"]).good(),
        "apps/web/base\napps/web/overlays/dev\napps/web/overlays/staging\n"
    );
    let diff = kustom(&dir, &["diff", "--from", "HEAD"]).out;
    assert!(diff.ends_with("in 2 of 4 roots\n"), "{diff}");
    let live = kustom(&dir, &["vendor", "--check"]);
    assert_eq!(live.code, Some(0), "{}", live.err);
}

#[test]
fn a_folder_that_is_named_is_searched() {
    let dir = repository("left-out-named");
    for (named, app) in [
        ("build", "built"),
        ("build/out", "built"),
        ("./build/out/built/overlays", "built"),
        ("build/**/overlays/*", "built"),
        ("gen/apps", "made"),
        ("vendored", "other"),
        ("kept/later", "scratch"),
    ] {
        let said = kustom(&dir, &["images", named]).good();
        assert_eq!(
            said,
            format!("APP{}IMAGE  DEV  STAGING\n{app}  web    v2   v1\n", " ".repeat(app.len() - 1))
        );
    }
    // From within it is what the user stands in.
    for (within, app) in [(".trees/feature", "web"), ("build", "built"), ("vendored", "other")] {
        let said = kustom(&dir.join(within), &["images"]).good();
        assert!(said.contains(&format!("\n{app} ")), "{within}: {said}");
    }
}

#[test]
fn repositories_side_by_side_are_searched() {
    let above = tempfile::tempdir().expect("a folder");
    let above = above.path();
    for name in ["one", "two"] {
        app(above, &format!("{name}/apps"), name);
        app(above, &format!("{name}/build"), "built");
        write(above, &format!("{name}/.gitignore"), "build\n");
        git(above, &["init", "-q", name]);
    }
    let said = kustom(above, &["images"]).good();
    assert_eq!(said, "APP  IMAGE  DEV  STAGING\none  web    v2   v1\ntwo  web    v2   v1\n");
}
