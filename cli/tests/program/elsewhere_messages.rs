//! What is said when charts, functions and what is remote do not work out.
#![cfg(unix)]

use super::elsewhere::{Elsewhere, Server, executable};
use super::{Ran, config_map, folder, kustom, write};

/// Builds a kustomization whose only transformer is a function with this script, or a container.
fn function(test: &str, script: &str, flags: &[&str]) -> Ran {
    let config = "apiVersion: ex.io/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    \
                  config.kubernetes.io/function: |\n      exec: {path: ./fn.sh}\n";
    let top = folder(
        test,
        &[
            ("kustomization.yaml", "resources: [map.yaml]\ntransformers: [fn.yaml]\n"),
            ("map.yaml", &config_map("a")),
            ("fn.yaml", config),
            ("fn.sh", &format!("#!/bin/sh\n{script}\n")),
        ],
    );
    executable(&top.join("fn.sh"));
    kustom(&top, &[&["build", "."], flags].concat())
}

const ON: [&str; 2] = ["--enable-alpha-plugins", "--enable-exec"];

#[test]
fn what_is_on_is_not_advised() {
    let off = function("said-off", "cat", &[]);
    assert!(off.err.contains("external plugins disabled"), "{}", off.err);
    assert!(off.err.contains("starts with --enable-alpha-plugins"), "{}", off.err);
    for (script, said) in [("exit 3", "exit status 3"), ("echo '{'", "Malformed"), ("yes", "bytes")]
    {
        let failed = function("said-on", script, &ON);
        assert_eq!(failed.code, Some(1));
        assert!(failed.err.contains(said), "{}", failed.err);
        assert!(!failed.err.contains("--enable"), "{}", failed.err);
    }
    let loud = function("said-loud", "yes", &ON);
    assert!(loud.err.contains("--limits none lifts this limit"), "{}", loud.err);
    assert!(!loud.err.contains("--process-timeout"), "{}", loud.err);
}

#[test]
fn what_cannot_be_started_is_told_with_what_helps() {
    let start = |name: &str, spec: &str, file: &[u8], is_executable: bool| {
        let config = format!(
            "apiVersion: ex.io/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    \
             config.kubernetes.io/function: '{spec}'\n"
        );
        let files = [("kustomization.yaml", "generators: [fn.yaml]\n"), ("fn.yaml", &*config)];
        let top = folder(name, &files);
        std::fs::write(top.join("fn.sh"), file).expect("a file");
        if is_executable {
            executable(&top.join("fn.sh"));
        }
        let flags = ["build", ".", "--container-command", "no-such-docker"];
        kustom(&top, &[&flags[..], &ON].concat()).err
    };
    for (spec, file, is_executable, said, hint) in [
        (
            "container: {image: fn}",
            "",
            false,
            "not found in $PATH",
            "is 'no-such-docker' installed?",
        ),
        (
            "exec: {path: ./none}",
            "",
            false,
            "said-start/none: no such file",
            "counts from the folder",
        ),
        ("exec: {path: no-such-program}", "", false, "not found in $PATH", "looked up in PATH"),
        ("exec: {path: ./fn.sh}", "#!/bin/sh\n", false, "starting", "has to be executable"),
        ("exec: {path: fn.sh/}", "exit", true, "starting", "has to be executable"),
        ("exec: {path: \"\"}", "", false, "exec: no command", "names its program in `path`"),
    ] {
        let error = start("said-start", spec, file.as_bytes(), is_executable);
        assert!(error.contains(said) && error.contains(hint), "{spec}: {error}");
    }
}

#[test]
fn what_functions_say_does_not_steer_the_terminal() {
    let steer = "printf 'a\\033]0;evil\\007b\\r\\n' >&2";
    for (script, is_good) in [(format!("{steer}; cat"), true), (format!("{steer}; exit 1"), false)]
    {
        let ran = function("said-escapes", &script, &ON);
        assert_eq!(ran.code == Some(0), is_good, "{}", ran.err);
        assert!(ran.err.contains("a\\u{1b}]0;evil\\u{7}b"), "{}", ran.err);
        assert!(!ran.err.contains(['\u{1b}', '\u{7}', '\r']), "{:?}", ran.err);
    }
}

#[test]
fn an_address_is_no_pattern_of_files() {
    let top = folder("said-address", &[]);
    for text in [
        "resources: ['http://127.0.0.1:9/a.yaml?x=1']",
        "components: ['http://127.0.0.1:9/a.yaml?x=1']",
        "patches: [{path: 'http://127.0.0.1:9/a.yaml?x=[1]'}]",
        "configMapGenerator: [{name: a, files: ['http://127.0.0.1:9/a?x*']}]",
        "components: ['github.com/acme/infra//a?ref=v1']",
        "configMapGenerator: [{name: a, files: ['github.com/acme/infra//a?ref=v1']}]",
    ] {
        write(&top, "kustomization.yaml", text);
        for flags in [&[][..], &["--allow-remote=127.0.0.1"]] {
            let ran = kustom(&top, &[&["build", "."], flags].concat());
            assert_eq!(ran.code, Some(1), "{text}");
            assert!(!ran.err.contains("globs"), "{text}: {}", ran.err);
            assert!(!ran.err.contains("path is absolute"), "{text}: {}", ran.err);
        }
    }
}

#[test]
fn a_fetched_tree_learns_nothing_of_the_machine() {
    let elsewhere = Elsewhere::new("said-machine");
    // Names that are nearly those of what lies beside the clone, and above it.
    write(&elsewhere.top, "tmp-secrets/passwords/kustomization.yaml", "resources: []\n");
    let entries = [
        "../../../../tmp-secrets/password",
        "../../../../../elsewhere-said-machin",
        "../../tmp-secrets/passwords",
        "../../../../tmp-secrets/nothing",
    ];
    for (i, entry) in entries.into_iter().enumerate() {
        let files = [("base/kustomization.yaml", &*format!("resources: ['{entry}']\n"))];
        elsewhere.commit("acme/nosy", &format!("v{i}"), &files);
        let base = format!("resources: ['github.com/acme/nosy//base?ref=v{i}']\n");
        let top = folder("said-machine", &[("kustomization.yaml", &base)]);
        let ran = elsewhere.kustom(&top, &["build", ".", "--allow-remote"]);
        assert_eq!(ran.code, Some(1));
        let is_told = ["did you mean", "is there", "has ", "= help"];
        assert!(!is_told.iter().any(|words| ran.err.contains(words)), "{entry}: {}", ran.err);
    }
    // Inside of it, advice is as good as elsewhere.
    let files = [
        ("base/kustomization.yaml", "resources: [maps.yaml]\n"),
        ("base/map.yaml", &*config_map("a")),
    ];
    elsewhere.commit("acme/nosy", "good", &files);
    let base = "resources: ['github.com/acme/nosy//base?ref=good']\n";
    let top = folder("said-machine", &[("kustomization.yaml", base)]);
    let ran = elsewhere.kustom(&top, &["build", ".", "--allow-remote"]);
    assert!(ran.err.contains("did you mean `map.yaml`?"), "{}", ran.err);
}

#[test]
fn further_values_are_files_of_the_tree() {
    // As upstream, which fetches them, and then has helm look for a file of that name.
    let server = Server::start(|_| (200, String::new(), "a: 2\n"));
    let url = format!("http://{}/values.yaml", server.address);
    let top = folder(
        "said-values",
        &[("charts/web/Chart.yaml", "name: web\n"), ("charts/web/values.yaml", "a: 1\n")],
    );
    let helm = "#!/bin/sh\n[ $1 = version ] && echo v3.18.4 && exit\ncat <<E\napiVersion: v1\n\
                kind: ConfigMap\nmetadata: {name: a}\nE\n";
    write(&top, "helm", helm);
    executable(&top.join("helm"));
    let flags =
        ["build", ".", "--enable-helm", "--helm-command=./helm", "--allow-remote=127.0.0.1"];
    for (field, is_good) in [("valuesFile: ", true), ("additionalValuesFiles: - ", false)] {
        let field = field.replace("- ", "\n  - ");
        let entry = format!("helmCharts:\n- name: web\n  releaseName: r\n  {field}{url}\n");
        write(&top, "kustomization.yaml", &entry);
        let ran = kustom(&top, &flags);
        assert_eq!(ran.code == Some(0), is_good, "{}", ran.err);
        let words = "values.yaml: no such file or directory";
        assert_eq!(ran.err.contains(words), !is_good, "{}", ran.err);
        assert_eq!(ran.err.contains("`valuesFile` may be an address"), !is_good, "{}", ran.err);
    }
}

#[test]
fn addresses_are_told_from_directories() {
    let top = folder("said-addresses", &[("a/kustomization.yaml", "namePrefix: a-\n")]);
    for command in ["lint", "verify", "diff", "vendor", "affected"] {
        let ran = kustom(&top, &[command, "https://example.com/a/b"]);
        let words = "https://example.com/a/b is an address, and this command takes directories";
        assert!(ran.code != Some(0) && ran.err.contains(words), "{command}: {}", ran.err);
    }
    // A place that does not stand behind `=`.
    for place in ["github.com", "github.com/acme", "localhost"] {
        let ran = kustom(&top, &["build", "--allow-remote", place, "a"]);
        let words = format!("a place stands behind `=`: --allow-remote={place}\n");
        assert!(ran.code == Some(1) && ran.err.contains(&words), "{}", ran.err);
    }
    assert_eq!(kustom(&top, &["build", "--allow-remote", "a"]).code, Some(0));
    let network = kustom(&top, &["build", "--allow-remote=10.0.0.0/8", "a"]);
    assert!(network.err.contains("each host is named, and no network"), "{}", network.err);
    let empty = kustom(&top, &["build", "--container-command=", "a"]);
    assert!(empty.err.contains("a value is required"), "{}", empty.err);
    // As upstream, which looks at it only when a chart is rendered.
    assert_eq!(kustom(&top, &["build", "--helm-command=", "a"]).code, Some(0));
    for (url, is_public) in [
        ("http://127.0.0.1:1/a.yaml", false),
        ("http://10.1.2.3/a.yaml", false),
        ("http://[::1]/a.yaml", false),
        ("http://intranet/a.yaml", false),
        ("http://8.8.8.8/a.yaml", true),
        ("http://example.com:81/a.yaml", true),
    ] {
        write(&top, "a/kustomization.yaml", &format!("resources: ['{url}']\n"));
        let err = kustom(&top, &["build", "a"]).err;
        assert_eq!(err.contains("or any public host"), is_public, "{err}");
    }
}

#[test]
fn a_packed_chart_is_no_folder() {
    let entry = "helmCharts: [{name: web.tgz, releaseName: r}]\n";
    let top = folder("said-packed", &[("charts/web.tgz", "x"), ("kustomization.yaml", entry)]);
    write(&top, "helm", "#!/bin/sh\necho v3.18.4\n");
    executable(&top.join("helm"));
    let ran = kustom(&top, &["build", ".", "--enable-helm", "--helm-command=./helm"]);
    assert!(ran.err.contains("hint: a chart is a folder, and `web.tgz` is a file"), "{}", ran.err);
}

#[test]
fn hints_about_fetched_trees_name_what_people_know() {
    let elsewhere = Elsewhere::new("said-fetched");
    let files = [
        ("kustomization.yaml", "resources: [gone]\n"),
        ("map.yaml", "a: 1\n"),
        ("linked/other.yaml", "a: 1\n"),
        ("linked/kustomization.yaml", "-> ../other.yaml"),
        ("other.yaml", "resources: []\n"),
    ];
    elsewhere.commit("acme/infra", "v1", &files);
    let top = folder("said-fetched", &[]);
    let flags = ["--allow-remote", "--load-restrictor", "LoadRestrictionsNone"];
    let build = |url| elsewhere.kustom(&top, &[&["build", url], &flags[..]].concat()).err;
    let gone = build("github.com/acme/infra?ref=v1");
    let words = "there is no `gone` in the folder `https://github.com/acme/infra?ref=v1`";
    assert!(gone.contains(words), "{gone}");
    let linked = build("github.com/acme/infra//linked?ref=v1");
    assert!(linked.contains("put a copy in its place"), "{linked}");
    assert!(!linked.contains("LoadRestrictionsNone"), "{linked}");
}

#[test]
fn what_could_not_be_fetched_before_is_told_with_what_helps() {
    let repo = super::diff::Repo::new();
    let remote = "resources: ['github.com/acme/infra?ref=v1']\n";
    write(repo.path(), "a/kustomization.yaml", remote);
    repo.commit();
    write(repo.path(), "a/kustomization.yaml", "namePrefix: a-\n");
    let ran = kustom(repo.path(), &["diff", "--from", "HEAD"]);
    assert!(ran.out.contains("    hint: run `kustom vendor`, which adds it\n"), "{}", ran.out);
}
