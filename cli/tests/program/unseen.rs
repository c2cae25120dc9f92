//! What git does not look at on the disk: files of a sparse checkout, and those that it is to assume unchanged.

use super::config_map;
use super::diff::Repo;
use crate::kustom_with_input;

/// Returns a repository with three roots.
fn repo() -> Repo {
    let repo = Repo::empty();
    for root in ["a", "b", "c/d"] {
        repo.write(&format!("{root}/kustomization.yaml"), "resources: [map.yaml]\n");
        repo.write(&format!("{root}/map.yaml"), &config_map("map"));
    }
    repo.commit();
    repo
}

fn affected(repo: &Repo, args: &[&str]) -> (Option<i32>, String, String) {
    let args = [&["affected", "--since", "HEAD"], args].concat();
    let ran = kustom_with_input(repo.path(), &args, "");
    (ran.code, ran.out, ran.err)
}

#[test]
fn what_a_sparse_checkout_left_out_is_not_removed() {
    for index in ["--no-sparse-index", "--sparse-index"] {
        let repo = repo();
        repo.git(&["sparse-checkout", "set", index, "a"]);
        for (args, file) in [(".", "b"), ("c", "c/d"), ("c/d", "c/d"), ("c/*", "c/d")] {
            let said = format!(
                "{file}/kustomization.yaml: git has not checked it out (a sparse checkout)"
            );
            let answer = repo.diff(&[args, "--from", "HEAD"]);
            assert_eq!((answer.code, answer.out.as_str()), (2, ""), "{index} {args}");
            assert!(answer.err.contains(&said), "{index} {args}: {}", answer.err);
            let (code, out, err) = affected(&repo, &[args]);
            assert_eq!((code, out.as_str()), (Some(1), ""), "{index} {args}");
            assert!(err.contains(&said), "{index} {args}: {err}");
        }
        let answer = repo.diff(&["a", "--from", "HEAD"]);
        assert_eq!((answer.code, answer.out.as_str()), (0, "no differences\n"), "{}", answer.err);
        assert_eq!(affected(&repo, &["a"]), (Some(0), String::new(), String::new()));
        let rest = [".", "--from", "HEAD", "--exclude", "b", "--exclude", "c"];
        let answer = repo.diff(&rest);
        assert_eq!((answer.code, answer.out.as_str()), (0, "no differences\n"), "{}", answer.err);
        let answer = repo.diff(&[".", "--from", "HEAD", "--to", "HEAD", "--render-all"]);
        assert_eq!(answer.code, 0, "{}", answer.err);
    }
}

#[test]
fn what_has_changed_and_is_not_checked_out_counts() {
    for index in ["--no-sparse-index", "--sparse-index"] {
        let repo = repo();
        repo.write("a/kustomization.yaml", "resources: [../b]\n");
        repo.write("b/kustomization.yaml", "resources: [../c/d, ../e]\n");
        repo.write("e/kustomization.yaml", "resources: [map.yaml]\n");
        repo.write("e/map.yaml", &config_map("e"));
        repo.write("f/kustomization.yaml", "resources: [../e]\n");
        repo.commit();
        repo.write("c/d/map.yaml", &config_map("new"));
        repo.commit();
        repo.git(&["sparse-checkout", "set", index, "a", "f"]);
        let since = |revision: &str, args: &[&str]| {
            let ran = kustom_with_input(repo.path(), &[args, &[revision, "a", "f"]].concat(), "");
            (ran.code, ran.out)
        };
        let affected = ["affected", "--since"];
        assert_eq!(since("HEAD~1", &affected), (Some(0), "a\n".to_owned()), "{index}");
        assert_eq!(since("HEAD", &affected), (Some(0), String::new()), "{index}");
        let diff = ["diff", "--from"];
        let (code, out) = since("HEAD~1", &diff);
        assert_eq!(code, Some(1), "{index}: {out}");
        let all_roots =
            "no differences in 2 roots; 3 roots may differ, but could not be compared\n";
        assert!(out.ends_with(all_roots), "{index}: {out}");
        assert_eq!(since("HEAD", &diff).0, Some(0), "{index}");
        // What the index does not have either is gone.
        repo.git(&["rm", "-r", "-q", "--cached", "--sparse", "c"]);
        let (code, out) = since("HEAD", &diff);
        assert_eq!(
            (code, out.contains("c/d\n- ConfigMap new\n")),
            (Some(1), true),
            "{index}: {out}"
        );
    }
}

#[test]
fn files_that_git_assumes_unchanged_count_as_they_are() {
    let repo = repo();
    repo.git(&["update-index", "--assume-unchanged", "a/map.yaml", "c/d/map.yaml"]);
    repo.git(&["update-index", "--skip-worktree", "b/map.yaml"]);
    repo.write("a/map.yaml", &config_map("new"));
    repo.write("b/map.yaml", &config_map("new"));
    assert_eq!(repo.git(&["status", "--short"]), "");
    let answer = repo.diff(&[".", "--from", "HEAD"]);
    assert_eq!((answer.code, answer.out.contains("2 roots: a, b\n")), (1, true), "{}", answer.out);
    assert_eq!(affected(&repo, &["."]), (Some(0), "a\nb\n".to_owned(), String::new()));
}
