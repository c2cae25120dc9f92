//! Repositories of which git says nothing: those of other users, as in containers of CI, and all where it is missing.

use std::path::{Path, PathBuf};

use super::apps::{application, committed};
use super::{Ran, config_map, program, write};

fn repository(test: &str) -> PathBuf {
    let web = application("web", "argocd", "p");
    let map = config_map("a");
    let files = [("app.yaml", web.as_str()), ("p/a.yaml", &map), (".gitignore", "s.yaml\n")];
    let dir = committed(test, &files);
    write(&dir, "p/s.yaml", &config_map("ignored"));
    dir
}

fn run(dir: &Path, args: &[&str], setting: (&str, &str)) -> Ran {
    program(dir, args).env(setting.0, setting.1).output().expect("it runs").into()
}

const OTHERS: (&str, &str) = ("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");

#[test]
fn what_is_ignored_is_not_known_in_the_repository_of_another() {
    let dir = repository("refused-git");
    let render = ["apps", "render", "app.yaml", "--warn=-no-kustomization"];
    let ran = run(&dir, &render, ("GIT_AUTHOR_NAME", "a"));
    assert!(
        !ran.out.contains("ignored") && !ran.err.contains("ignores"),
        "{} {}",
        ran.out,
        ran.err
    );
    let remedy = format!("git config --global --add safe.directory {}", dir.display());
    for command in ["render", "list", "lint"] {
        let ran = run(&dir, &["apps", command, "app.yaml"], OTHERS);
        let err = ran.err.replace("\n  ", " ");
        assert!(err.contains("Warning: files that git ignores count as well"), "{command}: {err}");
        assert!(err.contains("dubious ownership") && err.contains(&remedy), "{command}: {err}");
    }
    for args in [
        &["apps", "diff", "app.yaml", "--from", "HEAD"][..],
        &["affected", "--from", "HEAD"],
        &["build", ".", "--affected", "--from", "HEAD"],
    ] {
        let ran = run(&dir, args, OTHERS);
        let err = ran.err.replace("\n  ", " ");
        assert!(matches!(ran.code, Some(1 | 2)), "{args:?}: {err}");
        assert!(err.contains("dubious ownership") && err.contains(&remedy), "{args:?}: {err}");
        assert!(!err.contains("Could not access"), "{args:?}: {err}");
    }
}

#[test]
fn what_is_ignored_is_not_known_without_git() {
    let dir = repository("missing-git");
    let ran = run(&dir, &["apps", "render", "app.yaml"], ("PATH", "/nowhere"));
    assert!(ran.err.contains("Warning: files that git ignores count as well"), "{}", ran.err);
    assert!(ran.err.replace("\n  ", " ").contains("the program git"), "{}", ran.err);
    let ran = run(&dir, &["apps", "diff", "app.yaml", "--from", "HEAD"], ("PATH", "/nowhere"));
    assert!(
        ran.code == Some(2) && ran.err.contains("the program git"),
        "{:?} {}",
        ran.code,
        ran.err
    );
}
