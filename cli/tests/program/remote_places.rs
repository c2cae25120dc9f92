//! From where may be fetched, as the flags say it.

use crate::elsewhere::Elsewhere;
use crate::{config_map, folder};

/// Returns a repository with a base at its top.
fn base(test: &str) -> Elsewhere {
    let elsewhere = Elsewhere::new(test);
    let map = config_map("base");
    let files = [("kustomization.yaml", "resources: [map.yaml]\n"), ("map.yaml", map.as_str())];
    elsewhere.commit("acme/base", "v1", &files);
    elsewhere
}

#[test]
fn a_host_is_no_folder_of_this_machine() {
    let elsewhere = base("places-host");
    let top = folder("places-host", &[]);
    let path = format!("{}/bare/acme/base", elsewhere.top.display());
    for host in ["srv13", "localhost", "LOCALHOST", "%2F", "."] {
        for scheme in ["file", "FILE", "git::file"] {
            let url = format!("{scheme}://{host}{path}");
            for place in ["file:///srv13", "file:///localhost", "file:///", "*"] {
                let flag = format!("--allow-remote={place}");
                let refused = elsewhere.kustom(&top, &["build", &flag, &url]);
                assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""), "{url}");
                assert!(refused.err.contains("names a host, which git would drop"), "{refused:?}");
            }
        }
    }
    assert!(elsewhere.calls().is_empty(), "{:?}", elsewhere.calls());
    let (url, flag) = (format!("file://{path}"), format!("--allow-remote=file://{path}"));
    assert_eq!(elsewhere.kustom(&top, &["build", &flag, &url]).good(), config_map("base"));
}

#[cfg(unix)]
#[test]
fn a_repository_leads_git_only_to_what_is_allowed() {
    let elsewhere = base("places-led");
    let secret = elsewhere.top.join("bare/acme/base");
    let named = format!("gitdir: {}\n", secret.join(".git").display());
    let top = folder(
        "places-led",
        &[
            ("file", named.as_str()),
            ("shared/HEAD", "ref: refs/heads/main\n"),
            ("shared/commondir", &secret.join(".git").display().to_string()),
        ],
    );
    std::os::unix::fs::symlink(&secret, top.join("link")).expect("a link");
    let up = "..%2F".repeat(secret.components().count() + 9);
    let escaped = format!("shared/{up}{}", secret.display());
    for path in ["file", "shared", "link", escaped.as_str()] {
        let url = format!("file://{}/{path}", top.display());
        let own = format!("--allow-remote=file://{}", top.display());
        for flags in [[own.as_str(), "--root=/"], ["--allow-remote=file:///", "--root=."]] {
            let refused = elsewhere.kustom(&top, &["build", flags[0], flags[1], &url]);
            assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""), "{url}");
            let is_told =
                refused.err.contains("is not below") || refused.err.contains("it leads to");
            assert!(is_told, "{path}: {}", refused.err);
        }
    }
    assert!(elsewhere.calls().is_empty(), "{:?}", elsewhere.calls());
}

#[test]
fn a_repository_may_be_named_with_its_suffix_or_without() {
    let elsewhere = base("places-suffix");
    let top = folder(
        "places-suffix",
        &[
            ("one/kustomization.yaml", "resources: ['github.com/acme/base//?ref=v1']\n"),
            ("two/kustomization.yaml", "resources: ['https://github.com/acme/base.git?ref=v1']\n"),
        ],
    );
    let build = |root: &str, place: &str| {
        let flag = format!("--allow-remote={place}");
        elsewhere.kustom(&top, &["build", &flag, root])
    };
    for place in
        ["github.com/acme/base", "github.com/acme/base.git", "git@github.com:acme/base.git"]
    {
        assert_eq!(build("one", place).good(), config_map("base"), "{place}");
        // Git is asked for it, whether it is there or not.
        let asked = build("two", place);
        assert!(asked.err.contains("failed to run 'git fetch"), "{place}: {}", asked.err);
    }
    for place in ["github.com/acme.git", "github.com/acme/base.git.git", "github.com/acme/bas"] {
        for root in ["one", "two"] {
            let refused = build(root, place);
            assert!(refused.err.contains("is remote: "), "{place}: {}", refused.err);
        }
    }
}

#[test]
fn what_is_built_of_addresses_has_names_that_stay_below_the_output() {
    let elsewhere = base("places-names");
    let top = folder("places-names", &[]);
    let own = |path: &str| format!("file://{}/bare/acme/base{path}", elsewhere.top.display());
    let flags = ["build", "--allow-remote", "--allow-remote=file:///", "-o", "out"];
    let addresses =
        ["https://github.com/acme/base?ref=v1", "github.com/acme/base", &own("?ref=main")];
    elsewhere.kustom(&top, &[&flags[..], &addresses].concat()).good();
    let of_own = format!("{}/bare/acme/base@main.yaml", elsewhere.top.display());
    for name in ["github.com/acme/base@v1.yaml", "github.com/acme/base.yaml", &of_own[1..]] {
        let text = std::fs::read_to_string(top.join("out").join(name)).expect(name);
        assert_eq!(text, config_map("base"));
    }
    assert_eq!(std::fs::read_dir(top.join("out")).expect("a folder").count(), 2);
    // What would be one file is refused before anything is fetched or written.
    std::fs::remove_dir_all(top.join("out")).expect("it is there");
    let first = "https://github.com/acme/base?ref=v1";
    for same in ["github.com/acme/base//?ref=v1", "github.com/acme/base//none/..?ref=v1"] {
        let refused = elsewhere.kustom(&top, &[&flags[..], &[first, "a", same]].concat());
        let words =
            format!("{first} and {same} would both be written to out/github.com/acme/base@v1.yaml");
        assert!(refused.code == Some(2) && refused.err.contains(&words), "{}", refused.err);
    }
    assert!(!top.join("out").exists());
    let args = ["deps", "--allow-remote", "--format=make", addresses[0]];
    let rule = elsewhere.kustom(&top, &args).good();
    assert!(rule.starts_with("github.com/acme/base@v1.yaml:"), "{rule}");
}
