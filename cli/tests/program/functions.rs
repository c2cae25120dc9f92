//! Functions and plugins as real programs, on trees of which upstream's output is recorded.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};

use super::diff::Repo;
use super::elsewhere::executable;
use super::{folder, program, testdata, write};

/// Returns a copy of a tree with functions, beside programs that answer as it says.
fn copy(test: &str, case: &str) -> (PathBuf, String) {
    let case = testdata().join("function-inputs").join(case);
    let top = folder(test, &[]);
    copy_all(&case, &top.join("tree"));
    let answer = |name: &str| {
        format!(
            "f={}/tree/answers/{name}; if [ -e $f ]; then cat $f; else cat; fi\n",
            top.display()
        )
    };
    let docker = "#!/bin/sh\nfor image; do :; done\necho \"$*\" >> ../../calls\n";
    write(&top, "bin/docker", &format!("{docker}{}", answer("$image")));
    executable(&top.join("bin/docker"));
    for name in ["make", "merge", "echo"] {
        write(&top, &format!("fn/{name}"), &format!("#!/bin/sh\n{}", answer(name)));
        executable(&top.join("fn").join(name));
    }
    for kind in ["Policies", "Change"] {
        let path = format!("home/ex.io/v1/{}/{kind}", kind.to_lowercase());
        let check = "printf %s \"$KUSTOMIZE_PLUGIN_CONFIG_STRING\" | cmp -s - $1 || exit 9\n\
                     [ \"$KUSTOMIZE_PLUGIN_CONFIG_ROOT $2 $3 $#\" = \"$PWD one two three 3\" ] || exit 8\n";
        write(&top, &path, &format!("#!/bin/sh\n{check}{}", answer(kind)));
        executable(&top.join(path));
    }
    (top, fs::read_to_string(case.join("expected.yaml")).expect("an output"))
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match from.is_dir() {
            true => copy_all(&from, &to),
            false => _ = fs::copy(from, to).expect("a copy"),
        }
    }
}

fn build(top: &Path, flags: &[&str]) -> String {
    let args = [&["build", "tree/app", "--enable-alpha-plugins"], flags].concat();
    let path = std::env::var("PATH").expect("a path");
    let mut command = program(top, &args);
    command.env("PATH", format!("{}:{path}", top.join("bin").display()));
    command.env("KUSTOMIZE_PLUGIN_HOME", top.join("home"));
    super::Ran::from(command.output().expect("it runs")).good()
}

#[test]
fn containers_are_started_as_upstream_starts_them() {
    for case in ["generated-and-patched", "merged-with-generated"] {
        let (top, expected) = copy("functions-containers", case);
        assert_eq!(build(&top, &[]), expected);
        let calls = fs::read_to_string(top.join("calls")).expect("calls");
        assert!(calls.lines().count() > 2, "{calls}");
        for call in calls.lines() {
            let start = "run --rm -i -a STDIN -a STDOUT -a STDERR --network none --user nobody \
                         --security-opt=no-new-privileges -e LOG_TO_STDERR=true -e \
                         STRUCTURED_RESULTS=true ";
            assert!(call.starts_with(start), "{call}");
        }
    }
}

#[test]
fn a_program_does_what_it_does_in_a_container() {
    for case in ["generated-and-patched", "merged-with-generated"] {
        let (top, expected) = copy("functions-programs", case);
        // One by its path from the kustomization, another one by an absolute path.
        for (of, image, path) in [
            ("base/make.yaml", "make", "../../fn/make".to_owned()),
            ("app/merge.yaml", "merge", top.join("fn/merge").display().to_string()),
            ("app/echo.yaml", "echo", "../../fn/echo".to_owned()),
            ("component/echo.yaml", "echo", "../../fn/echo".to_owned()),
        ] {
            let Ok(text) = fs::read_to_string(top.join("tree").join(of)) else { continue };
            let container = format!("container: {{image: {image}}}");
            assert!(text.contains(&container), "{of}");
            let text = text.replace(&container, &format!("exec: {{path: {path}}}"));
            write(&top, &format!("tree/{of}"), &text);
        }
        assert_eq!(build(&top, &["--enable-exec"]), expected);
        assert!(!top.join("calls").exists(), "a container was started");
    }
}

#[test]
fn legacy_plugins_get_their_config_by_file_variable_and_arguments() {
    let (top, expected) = copy("functions-legacy", "legacy-plugins");
    assert_eq!(build(&top, &[]), expected);
}

/// Returns a repository with two revisions of what a function reads, and a third in the work tree.
fn three_revisions() -> Repo {
    let repo = Repo::new();
    let kustomization = "generators: [fn.yaml]\n";
    let config = "apiVersion: ex.io/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    \
                  config.kubernetes.io/function: 'exec: {path: ./bin/fn.sh}'\n";
    // The kustomization does not name what it reads, also through a link.
    let script = "#!/bin/sh\necho x > written; cat <<E\napiVersion: v1\nkind: ConfigMap\nmetadata: \
                  {name: made}\ndata: {value: $(cat value ../elsewhere/value link | tr '\\n' -)}\nE\n";
    for (path, text) in [
        ("fn/kustomization.yaml", kustomization),
        ("fn/fn.yaml", config),
        ("fn/bin/fn.sh", script),
        ("fn/value", "one\n"),
        ("elsewhere/value", "same\n"),
        ("app.yaml", APPLICATION),
    ] {
        write(repo.path(), path, text);
    }
    executable(&repo.path().join("fn/bin/fn.sh"));
    std::os::unix::fs::symlink("value", repo.path().join("fn/link")).expect("a link");
    repo.commit();
    write(repo.path(), "fn/value", "two\n");
    repo.commit();
    write(repo.path(), "fn/value", "three\n");
    repo
}

const APPLICATION: &str = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  \
                           destination: {name: prod, namespace: web}\n  \
                           source: {repoURL: 'https://example.com/r', path: fn}\n";

#[test]
fn a_side_that_is_refused_is_built_once() {
    let top =
        folder("functions-refused-once", &[("fn", "#!/bin/sh\necho x >> ../calls\nexit 1\n")]);
    executable(&top.join("fn"));
    let config = "apiVersion: ex.io/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    \
                  config.kubernetes.io/function: 'exec: {path: ../fn}'\n";
    for side in ["a", "b"] {
        write(&top, &format!("{side}/kustomization.yaml"), "generators: [fn.yaml]\n");
        write(&top, &format!("{side}/fn.yaml"), config);
    }
    let on = ["--enable-alpha-plugins", "--enable-exec"];
    let ran = super::kustom(&top, &[&["diff", "a", "b"], &on[..]].concat());
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    let calls = fs::read_to_string(top.join("calls")).expect("calls");
    assert_eq!(calls, "x\nx\n", "{}", ran.err);
}

#[test]
fn applications_see_the_files_of_the_revision_too() {
    let repo = three_revisions();
    let on = ["--enable-alpha-plugins", "--enable-exec"];
    for (revisions, before, after) in [
        (&["--from", "HEAD~1", "--to", "HEAD"][..], "one-same-one-", "two-same-two-"),
        (&["--from", "HEAD"], "two-same-two-", "three-same-three-"),
    ] {
        let ran = super::kustom(
            repo.path(),
            &[&["apps", "diff", "app.yaml"], &on[..], revisions].concat(),
        );
        assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""), "{}", ran.out);
        assert!(ran.out.contains(before) && ran.out.contains(after), "{}", ran.out);
    }
    // Without them there is nothing to compare, and that is said.
    let ran = super::kustom(repo.path(), &["apps", "diff", "app.yaml", "--from", "HEAD"]);
    assert!(ran.out.contains("external plugins disabled"), "{}{}", ran.out, ran.err);
}

#[test]
fn functions_see_the_files_of_the_revision_they_run_for() {
    let repo = three_revisions();
    let tmp = repo.path().join(".git/tmp");
    fs::create_dir(&tmp).expect("a folder");
    for (revisions, before, after) in [
        (&["--from", "HEAD~1", "--to", "HEAD"][..], "one-same-one-", "two-same-two-"),
        (&["--from", "HEAD"], "two-same-two-", "three-same-three-"),
    ] {
        let args = ["diff", "fn", "--format", "unified", "--enable-alpha-plugins", "--enable-exec"];
        let mut command = program(repo.path(), &[&args, revisions].concat());
        let ran = super::Ran::from(command.env("TMPDIR", &tmp).output().expect("it runs"));
        assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""), "{}", ran.out);
        assert!(ran.out.contains(&format!("-  value: {before}")), "{}", ran.out);
        assert!(ran.out.contains(&format!("+  value: {after}")), "{}", ran.out);
        assert_eq!(fs::read_dir(&tmp).expect("a folder").count(), 0, "something is left");
        let is_in_tree = repo.path().join("fn/written").exists();
        assert_eq!(is_in_tree, !revisions.contains(&"--to"), "only the work tree is written to");
    }
    // A root whose function cannot run is one, and hides no other.
    let ran =
        super::kustom(repo.path(), &["diff", ".", "--from", "HEAD", "--enable-alpha-plugins"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
}

/// Returns a repository with a root whose function is a program in another folder, one whose container sees a
/// folder, and one without functions.
fn with_inputs(name: &str) -> (Repo, PathBuf) {
    let repo = Repo::new();
    let bin = folder(name, &[]);
    write(&bin, "docker", "#!/bin/sh\ncat\n");
    executable(&bin.join("docker"));
    let config = |function: &str| {
        format!(
            "apiVersion: ex.io/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    \
             config.kubernetes.io/function: '{function}'\n"
        )
    };
    let script = "#!/bin/sh\nsed \"s/name: a/name: $(head -n 1 data/name)/\"\n";
    for (path, text) in [
        ("program/kustomization.yaml", "resources: [map.yaml]\ntransformers: [fn.yaml]\n"),
        ("program/fn.yaml", &config("exec: {path: ../tools/fn.sh}")),
        ("program/map.yaml", &super::config_map("a")),
        ("program/data/name", "one\n"),
        ("tools/fn.sh", script),
        ("sees/kustomization.yaml", "resources: [map.yaml]\ntransformers: [steps]\n"),
        ("sees/steps/kustomization.yaml", "resources: [fn.yaml]\n"),
        (
            "sees/steps/fn.yaml",
            &config("container: {image: x, mounts: [{type: bind, src: data, dst: /x}]}"),
        ),
        ("sees/map.yaml", &super::config_map("a")),
        ("sees/data/x", "one\n"),
        ("sees/notes", "one\n"),
        ("plain/kustomization.yaml", "resources: [map.yaml]\n"),
        ("plain/map.yaml", &super::config_map("a")),
    ] {
        write(repo.path(), path, text);
    }
    executable(&repo.path().join("tools/fn.sh"));
    repo.commit();
    (repo, bin)
}

/// Runs it with functions switched on.
fn on(repo: &Repo, bin: &Path, args: &[&str]) -> String {
    let switches = ["--enable-alpha-plugins", "--enable-exec"];
    let mut command = program(repo.path(), &[args, &switches].concat());
    let path = std::env::var("PATH").expect("a path");
    command.env("PATH", format!("{}:{path}", bin.display()));
    let ran = super::Ran::from(command.output().expect("it runs"));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    ran.out
}

#[test]
fn a_change_of_what_a_function_is_or_reads_touches_its_root() {
    let (repo, bin) = with_inputs("functions-affected");
    for (path, root) in [
        ("tools/fn.sh", "program\n"),
        ("program/data/name", "program\n"),
        ("sees/data/x", "sees\n"),
        ("sees/data/new", "sees\n"),
        // What no container sees.
        ("sees/notes", ""),
        ("plain/map.yaml", "plain\n"),
    ] {
        let before = fs::read_to_string(repo.path().join(path)).ok();
        let text = before.clone().unwrap_or_default() + "# changed\n";
        write(repo.path(), path, &text);
        let roots = ["program", "sees", "plain"];
        let affected = on(&repo, &bin, &[&["affected", "--since", "HEAD"][..], &roots].concat());
        assert_eq!(affected, root, "{path}");
        let affected = ["build", "--affected", "--since", "HEAD", "program", "sees", "plain"];
        let built = on(&repo, &bin, &affected);
        assert_eq!(built.matches("kind: ConfigMap").count(), root.lines().count(), "{path}");
        match before {
            Some(before) => write(repo.path(), path, &before),
            None => fs::remove_file(repo.path().join(path)).expect("it is there"),
        }
    }
    let deps = on(&repo, &bin, &["deps", "program"]);
    for line in ["file      tools/fn.sh\n", "tree      program\n"] {
        assert!(deps.contains(line), "{line}: {deps}");
    }
    let deps = on(&repo, &bin, &["deps", "sees"]);
    assert!(deps.contains("tree      sees/data\n"), "{deps}");
}

#[test]
fn no_link_leads_a_mount_out_of_its_folder() {
    let (repo, bin) = with_inputs("functions-mount-link");
    let data = repo.path().join("sees/data");
    fs::remove_dir_all(&data).expect("it is there");
    for (target, is_refused) in [("/etc", true), ("../plain", true), ("more", false)] {
        fs::create_dir_all(repo.path().join("sees/more")).expect("a folder");
        std::os::unix::fs::symlink(target, &data).expect("a link");
        let mut command = program(repo.path(), &["build", "sees", "--enable-alpha-plugins"]);
        let path = std::env::var("PATH").expect("a path");
        command.env("PATH", format!("{}:{path}", bin.display()));
        let ran = super::Ran::from(command.output().expect("it runs"));
        assert_eq!(ran.code, Some(i32::from(is_refused)), "{target}: {}", ran.err);
        let words = "with mount path 'data' is not permitted; by a link it leads to /";
        assert_eq!(ran.err.contains(words), is_refused, "{target}: {}", ran.err);
        fs::remove_file(&data).expect("it is there");
    }
}
