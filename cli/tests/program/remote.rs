//! Remote bases and files.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::elsewhere::{Elsewhere, Server, executable};
use crate::{Ran, config_map, folder, kustom, write};

const BASE: &str = "resources: ['github.com/acme/infra//base?ref=v1']\n";

/// Returns repositories with a base and what uses it.
fn infra(test: &str) -> Elsewhere {
    let elsewhere = Elsewhere::new(test);
    let map = config_map("infra");
    let files = [
        ("base/kustomization.yaml", "resources: [map.yaml]\n"),
        ("base/map.yaml", map.as_str()),
        ("nested/kustomization.yaml", "resources: ['github.com/acme/infra//base?ref=v1']\n"),
    ];
    elsewhere.commit("acme/infra", "v1", &files);
    elsewhere
}

#[test]
fn the_question_mark_of_an_address_is_no_pattern() {
    let elsewhere = Elsewhere::new("question-mark");
    let map = config_map("infra");
    let files =
        [("base/kustomization.yaml", "resources: [map.yaml]\n"), ("base/map.yaml", map.as_str())];
    elsewhere.commit("acme/infra", "v1", &files);
    let top = folder("remote-question-mark", &[("bases/kustomization.yaml", "namePrefix: a-\n")]);
    for address in ["github.com/acme/infra//base?ref=v1", "github.com/acme/infra//base?"] {
        let built = elsewhere.kustom(&top, &["build", "--allow-remote", address]);
        assert!(built.err.is_empty() && built.out == map, "{address}: {}", built.err);
        let refused = elsewhere.kustom(&top, &["diff", address]);
        assert!(refused.err.contains("is an address"), "{address}: {}", refused.err);
    }
    // A folder is matched by one as before.
    elsewhere.kustom(&top, &["build", "base?"]).good();
}

#[test]
fn are_refused_unless_they_are_allowed() {
    let elsewhere = infra("off");
    let top = folder("remote-off", &[("kustomization.yaml", BASE)]);
    let refused = elsewhere.kustom(&top, &["build", "."]);
    assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""));
    assert!(refused.err.contains("'https://github.com/acme/infra' is remote"), "{}", refused.err);
    assert!(refused.err.contains("allow it with --allow-remote"), "{}", refused.err);
    let named = elsewhere.kustom(&top, &["build", "--allow-remote=github.com/other", "."]);
    assert!(
        named.err.contains("only what lies below github.com/other is allowed"),
        "{}",
        named.err
    );
    assert!(elsewhere.calls().is_empty(), "git was called: {:?}", elsewhere.calls());
    for place in ["", "=github.com", "=github.com/acme", "=*", "=gitlab.com,github.com/acme/infra"]
    {
        let flag = format!("--allow-remote{place}");
        assert_eq!(elsewhere.kustom(&top, &["build", &flag, "."]).good(), config_map("infra"));
    }
    let mut by_env = elsewhere.program(&top, &["build", "."], &[]);
    let by_env: Ran = by_env.env("KUSTOM_ALLOW_REMOTE", "1").output().expect("it runs").into();
    assert_eq!(by_env.good(), config_map("infra"));
    let odd = kustom(&top, &["build", "--allow-remote=a*b"]);
    assert!(odd.err.contains("--allow-remote: 'a*b' is no place"), "{}", odd.err);
}

#[test]
fn can_be_built_themselves() {
    let elsewhere = infra("target");
    let top = folder("remote-target", &[]);
    let args = ["build", "--allow-remote", "https://github.com/acme/infra//nested?ref=v1"];
    assert_eq!(elsewhere.kustom(&top, &args).good(), config_map("infra"));
}

#[test]
fn are_fetched_once_for_many_roots() {
    let elsewhere = infra("once");
    let top = folder("remote-once", &[]);
    let roots: Vec<String> = (0..90).map(|i| format!("r{i}")).collect();
    for root in &roots {
        write(&top, &format!("{root}/kustomization.yaml"), &format!("namePrefix: {root}-\n{BASE}"));
    }
    let mut args = vec!["build", "--allow-remote"];
    args.extend(roots.iter().map(String::as_str));
    let out = elsewhere.kustom(&top, &args).good();
    assert_eq!(out.matches("kind: ConfigMap").count(), 90);
    assert_eq!(elsewhere.fetches(), 1, "{:?}", elsewhere.calls());
    // Other commands have one source for all their builds.
    for args in [
        ["deps", "--allow-remote", "r1", "r2", "r3"].as_slice(),
        &["build", "--warn", "--allow-remote", "r1", "r2", "r3"],
    ] {
        let before = elsewhere.fetches();
        assert_eq!(elsewhere.kustom(&top, args).code, Some(0));
        assert_eq!(elsewhere.fetches() - before, 1, "{args:?}");
    }
}

#[test]
fn nothing_that_looks_like_an_option_reaches_git() {
    let elsewhere = infra("option");
    let marker = elsewhere.top.join("marker");
    let touch = format!("--upload-pack=touch%20{}", marker.display());
    for url in [
        format!("github.com/acme/infra//base?ref={touch}"),
        format!("file://{}/bare/acme/infra?ref={touch}", elsewhere.top.display()),
        "github.com/acme/infra//base?ref=-h".to_owned(),
        "ssh://-oProxyCommand=touch/acme/infra".to_owned(),
        "git@-oProxyCommand=touch:acme/infra.git".to_owned(),
        "https://-x/acme/infra.git".to_owned(),
    ] {
        let top =
            folder("remote-option", &[("kustomization.yaml", &format!("resources: ['{url}']"))]);
        for target in [".", url.as_str()] {
            let refused = elsewhere.kustom(&top, &["build", "--allow-remote", "--", target]);
            assert_eq!(refused.code, Some(1), "{url}");
            assert!(refused.err.contains("would be taken for an option of git"), "{}", refused.err);
        }
    }
    assert!(elsewhere.calls().is_empty() && !marker.exists(), "{:?}", elsewhere.calls());
}

#[test]
fn a_fetched_tree_stays_away_from_this_machine() {
    let elsewhere = infra("machine");
    let local = format!("file://{}/bare/acme/infra//base?ref=v1", elsewhere.top.display());
    let files = [("kustomization.yaml", &*format!("resources: ['{local}']"))];
    elsewhere.commit("acme/evil", "v1", &files);
    let top = folder(
        "remote-machine",
        &[
            ("own/kustomization.yaml", &format!("resources: ['{local}']")),
            ("theirs/kustomization.yaml", "resources: ['github.com/acme/evil?ref=v1']"),
        ],
    );
    assert_eq!(
        elsewhere
            .kustom(&top, &["build", "--allow-remote", "--allow-remote=file:///", "own"])
            .good(),
        config_map("infra")
    );
    let unnamed = elsewhere.kustom(&top, &["build", "--allow-remote", "own"]);
    assert!(unnamed.err.contains("allow it with --allow-remote=file:///"), "{}", unnamed.err);
    let refused = elsewhere.kustom(
        &top,
        &["build", "--allow-remote", "--allow-remote=file:///", "--root", "own", "own"],
    );
    assert!(refused.err.contains("is not below"), "{}", refused.err);
    let refused =
        elsewhere.kustom(&top, &["build", "--allow-remote", "--allow-remote=file:///", "theirs"]);
    assert!(
        refused.err.contains("is on this machine, and a fetched tree asks for it"),
        "{}",
        refused.err
    );
    let id = |root: &str, id: &str| {
        let args = ["build", "--allow-remote", "--error-format", "json", root];
        let refused = elsewhere.kustom(&top, &args);
        assert!(refused.err.contains(&format!("\"hint_id\":\"{id}\"")), "{}", refused.err);
        refused.err
    };
    id("theirs", "local-address-elsewhere");
    write(&top, "none/kustomization.yaml", "resources: ['github.com/acme/none?ref=v1']");
    id("none", "not-fetched");
    // A link leads nowhere either, and no flag would change that.
    let files =
        [("x/kustomization.yaml", "resources: [map.yaml]"), ("x/map.yaml", "-> ../map.yaml")];
    elsewhere.commit("acme/link", "v1", &files);
    elsewhere.commit("acme/link", "v1", &[("map.yaml", &config_map("link"))]);
    write(&top, "link/kustomization.yaml", "resources: ['github.com/acme/link//x?ref=v1']");
    let refused = id("link", "outside-of-fetched");
    let is_plain = !refused.contains("LoadRestrictionsNone") && !refused.contains("/tmp/");
    assert!(is_plain, "{refused}");
    let named = elsewhere.kustom(&top, &["build", "--allow-remote=github.com", "own"]);
    assert!(
        named.err.contains("is on this machine, which is not among the places"),
        "{}",
        named.err
    );
}

#[test]
fn fetched_trees_are_restricted() {
    let elsewhere = infra("restricted");
    let generator = "configMapGenerator: [{name: g, files: [../base/map.yaml]}]\n";
    elsewhere.commit("acme/infra", "v1", &[("up/kustomization.yaml", generator)]);
    let kustomization = BASE.replace("base?", "up?");
    let top = folder("remote-restricted", &[("kustomization.yaml", &kustomization)]);
    let args = ["build", "--allow-remote", "--load-restrictor", "LoadRestrictionsNone", "."];
    let refused = elsewhere.kustom(&top, &args);
    assert!(refused.err.contains("is not in or below"), "{}", refused.err);
}

/// Gives a repository the submodule `sub`, which is at the first version of acme/infra, as its version v1.
fn add_submodule(elsewhere: &Elsewhere, name: &str) {
    let bare = elsewhere.top.join("bare");
    let sub = elsewhere.git(&bare.join("acme/infra"), &["rev-parse", "v1"]);
    let work = bare.join(name);
    let entry = format!("160000,{sub},sub");
    elsewhere.git(&work, &["update-index", "--add", "--cacheinfo", &entry]);
    elsewhere.git(&work, &["commit", "--quiet", "-m", "v1"]);
    elsewhere.git(&work, &["tag", "v1"]);
}

#[test]
fn submodules_are_jailed() {
    let elsewhere = infra("submodules");
    let marker = elsewhere.top.join("marker");
    let with = |name: &str, url: &str| {
        let modules = format!("[submodule \"sub\"]\n\tpath = sub\n\turl = {url}\n");
        let files =
            [(".gitmodules", modules.as_str()), ("kustomization.yaml", "resources: [sub/base]\n")];
        elsewhere.commit(name, "v0", &files);
        add_submodule(&elsewhere, name);
        let top = folder(
            "remote-submodules",
            &[("kustomization.yaml", &format!("resources: ['github.com/{name}?ref=v1']"))],
        );
        elsewhere.kustom(&top, &["build", "--allow-remote", "."])
    };
    assert_eq!(with("acme/good", "https://github.com/acme/infra").good(), config_map("infra"));
    assert_eq!(with("acme/relative", "../infra").good(), config_map("infra"));
    let local = format!("file://{}/bare/acme/infra", elsewhere.top.display());
    let path = elsewhere.top.join("bare/acme/infra").display().to_string();
    let ext = format!("ext::sh -c touch% {}", marker.display());
    for (name, url) in [
        ("acme/file", local.as_str()),
        ("acme/path", path.as_str()),
        ("acme/ext", ext.as_str()),
        ("acme/option", "--upload-pack=touch"),
        ("acme/loopback", "http://127.0.0.1:9/acme/infra"),
        ("acme/up", "../../../localhost/acme/infra"),
    ] {
        let refused = with(name, url);
        assert_eq!(refused.code, Some(1), "{url}");
        let calls = elsewhere.calls().join("\n");
        assert!(!calls.contains("submodule--helper") || !marker.exists(), "{calls}");
    }
    assert!(!marker.exists());
}

#[test]
fn submodules_are_taken_as_git_does() {
    let elsewhere = infra("as-git");
    let with = |name: &str, modules: &str, resources: &str| {
        let kustomization = format!("resources: [{resources}]\n");
        let mut files = vec![("kustomization.yaml", kustomization.as_str())];
        if !modules.is_empty() {
            files.push((".gitmodules", modules));
        }
        files.push(("map.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: own}}\n"));
        elsewhere.commit(name, "v0", &files);
        add_submodule(&elsewhere, name);
        let root = format!("resources: ['github.com/{name}?ref=v1']");
        let top = folder("remote-as-git", &[("kustomization.yaml", &root)]);
        elsewhere.kustom(&top, &["build", "--allow-remote", "."])
    };
    let url = "url = https://github.com/acme/infra";
    let none = "No url found for submodule path 'sub' in .gitmodules";
    for (name, modules, message) in [
        ("acme/no-list", String::new(), none),
        ("acme/other", format!("[submodule \"x\"]\n\tpath = x\n\t{url}\n"), none),
        ("acme/out", format!("[submodule \"../../x\"]\n\tpath = sub\n\t{url}\n"), none),
        ("acme/broken", "[submodule\n".to_owned(), "bad config line 1"),
    ] {
        let refused = with(name, &modules, "map.yaml");
        assert!(refused.code == Some(1) && refused.err.contains(message), "{}", refused.err);
    }
    // It stays empty.
    let off = format!("[submodule \"sub\"]\n\tpath = sub\n\t{url}\n\tupdate = none\n");
    assert!(with("acme/off", &off, "map.yaml").good().contains("name: own"));
    assert_eq!(with("acme/off2", &off, "sub/base").code, Some(1));
}

#[test]
fn hooks_and_filters_do_not_run() {
    let elsewhere = infra("hooks");
    let marker = elsewhere.top.join("marker");
    let touch = format!("touch {}", marker.display());
    let template = elsewhere.top.join("template");
    for hook in ["post-checkout", "reference-transaction", "post-index-change"] {
        write(&template, &format!("hooks/{hook}"), &format!("#!/bin/sh\n{touch}\n"));
        executable(&template.join("hooks").join(hook));
    }
    let template = template.display().to_string();
    let hooks = format!("{template}/hooks");
    elsewhere.commit("acme/infra", "v2", &[(".gitattributes", "* filter=evil\n")]);
    let top = folder("remote-hooks", &[("kustomization.yaml", &BASE.replace("v1", "v2"))]);
    let smudge = format!("sh -c '{touch}; cat'");
    let settings = [
        ("filter.evil.smudge", smudge.as_str()),
        ("filter.evil.required", "true"),
        ("init.templateDir", template.as_str()),
        ("core.hooksPath", hooks.as_str()),
        ("core.fsmonitor", touch.as_str()),
    ];
    let mut command = elsewhere.program(&top, &["build", "--allow-remote", "."], &settings);
    let ran: Ran = command.output().expect("it runs").into();
    assert_eq!(ran.good(), config_map("infra"));
    assert!(!marker.exists());
}

#[test]
fn other_repositories_of_the_environment_do_not_count() {
    let elsewhere = infra("environment");
    let top = folder("remote-environment", &[("kustomization.yaml", BASE)]);
    let mut command = elsewhere.program(&top, &["build", "--allow-remote", "."], &[]);
    command.env("GIT_DIR", top.join("nothing")).env("GIT_WORK_TREE", &top);
    let ran: Ran = command.output().expect("it runs").into();
    assert_eq!(ran.good(), config_map("infra"));
}

#[test]
fn files_come_over_http() {
    let server = Server::start(|path| match path {
        "/map.yaml" => (200, String::new(), config_map("http")),
        "/moved" => (302, "Location: /map.yaml\r\n".to_owned(), String::new()),
        "/loop" => (302, "Location: /loop\r\n".to_owned(), String::new()),
        _ => (404, String::new(), String::new()),
    });
    let at = &server.address;
    let top = folder(
        "remote-http",
        &[
            ("moved/kustomization.yaml", &format!("resources: ['http://{at}/moved']")),
            ("loop/kustomization.yaml", &format!("resources: ['http://{at}/loop']")),
            ("none/kustomization.yaml", &format!("resources: ['http://{at}/none']")),
        ],
    );
    let build = |allowed: &str, dir: &str| {
        kustom(&top, &["build", &format!("--allow-remote{allowed}"), dir])
    };
    let named = format!("={at}");
    assert_eq!(build(&named, "moved").good(), config_map("http"));
    assert!(build(&named, "none").err.contains("HTTP Error: status code 404 (Not Found)"));
    assert!(build(&named, "loop").err.contains("stopped after 10 redirects"));
    let before = server.asked().len();
    let public = build("", "moved").err;
    assert!(public.contains("its host is not a public one, and has to be named"), "{public}");
    assert!(public.contains(&format!("allow it with --allow-remote={at}")), "{public}");
    assert_eq!(server.asked().len(), before, "it was asked nevertheless");
}

#[test]
fn a_redirect_leads_only_where_it_may() {
    let inner = Server::start(|_| (200, String::new(), config_map("secret")));
    let location = format!("Location: http://{}/metadata\r\n", inner.address);
    let outer = Server::start(move |_| (302, location.clone(), String::new()));
    let kustomization = format!("resources: ['http://{}/map.yaml']", outer.address);
    let top = folder("remote-redirect", &[("kustomization.yaml", &kustomization)]);
    let allowed = format!("--allow-remote={}", outer.address);
    let refused = kustom(&top, &["build", "--allow-remote", &allowed, "."]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("redirects: "), "{}", refused.err);
    assert!(inner.asked().is_empty(), "it was asked");
}

#[test]
fn git_follows_no_redirect() {
    let inner = Server::start(|_| (200, String::new(), String::new()));
    let location = format!("Location: http://{}/info/refs\r\n", inner.address);
    let outer = Server::start(move |path| match path.contains("info/refs") {
        true => (302, location.clone(), String::new()),
        false => (404, String::new(), String::new()),
    });
    let kustomization = format!("resources: ['http://{}/acme/infra.git']", outer.address);
    let top = folder("remote-git-redirect", &[("kustomization.yaml", &kustomization)]);
    let allowed = format!("--allow-remote={}", outer.address);
    let refused = kustom(&top, &["build", &allowed, "."]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("redirects: "), "{}", refused.err);
    assert!(inner.asked().is_empty(), "it was asked");
}

#[test]
fn a_repository_that_does_not_answer_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("an address");
    let kustomization = format!("resources: ['ssh://git@{at}/acme/infra.git?timeout=1']");
    let top = folder("remote-silent", &[("kustomization.yaml", &kustomization)]);
    let start = std::time::Instant::now();
    let refused = kustom(&top, &["build", "--allow-remote=127.0.0.1", "."]);
    assert_eq!(refused.code, Some(1));
    let seconds = start.elapsed().as_secs();
    assert!(seconds < 20, "{seconds} s");
    // Without ssh on this machine it ends at once.
    let has_ssh = Command::new("ssh").arg("-V").output().is_ok();
    assert!(!has_ssh || refused.err.contains("hit 1s timeout running"), "{}", refused.err);
}

#[test]
fn says_that_git_is_missing() {
    let top = folder("remote-no-git", &[("kustomization.yaml", BASE)]);
    let mut command = crate::program(&top, &["build", "--allow-remote", "."]);
    let ran: Ran = command.env("PATH", &top).output().expect("it runs").into();
    assert!(ran.err.contains("no 'git' program on path"), "{}", ran.err);
    assert!(ran.err.contains("install git"), "{}", ran.err);
}

#[test]
fn errors_name_places_in_fetched_trees() {
    let elsewhere = infra("errors");
    elsewhere.commit("acme/infra", "v3", &[("base/map.yaml", "a: [\n")]);
    let top = folder("remote-errors", &[("kustomization.yaml", &BASE.replace("v1", "v3"))]);
    let refused = elsewhere.kustom(&top, &["build", "--allow-remote", "."]).err;
    let place = "https://github.com/acme/infra//base/map.yaml?ref=v3";
    assert!(refused.contains(place), "{refused}");
    assert!(!refused.contains("/tmp/"), "{refused}");
    _ = fs::remove_dir_all(&elsewhere.top);
}

#[test]
fn no_time_for_one_url_leaves_others_alone() {
    let elsewhere = infra("short");
    elsewhere.commit("acme/infra", "v2", &[("base/kustomization.yaml", "resources: []\n")]);
    let short = |reference: &str| BASE.replace("v1", &format!("{reference}&timeout=1ns"));
    let files = [
        ("short/kustomization.yaml", short("v2").as_str()),
        ("same/kustomization.yaml", short("v1").as_str()),
        ("long/kustomization.yaml", BASE),
    ]
    .map(|(path, text)| (path, text.to_owned()));
    let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
    let top = folder("remote-short", &files);
    for dirs in [&["short", "long"][..], &["long", "short"], &["same", "long"]] {
        let ran =
            elsewhere.kustom(&top, &[&["deps", "--allow-remote", "--format=json"], dirs].concat());
        let all: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
        for one in all.as_array().expect("a list") {
            let error = one["error"].as_str().unwrap_or_default();
            match one["directory"].as_str().expect("a name") {
                "long" => assert_eq!(error, "", "{dirs:?}"),
                "short" => {
                    assert!(error.contains("hit 1ns timeout running 'git init"), "{error}");
                }
                // What the other has fetched meanwhile is there.
                _ => assert!(error.is_empty() || error.contains("timeout running"), "{error}"),
            }
        }
    }
}

/// Runs a command line of kustom on a terminal, and returns what that shows; nothing where there is no `script`.
#[cfg(target_os = "linux")] // it has other options elsewhere
fn on_terminal(top: &Path, line: &str) -> Option<String> {
    let command = format!("{} {line} > out", env!("CARGO_BIN_EXE_kustom"));
    let mut script = Command::new("script");
    script.current_dir(top).args(["-q", "-e", "-c", &command, "/dev/null"]);
    let ran = script.stdin(std::process::Stdio::null()).output().ok()?;
    Some(String::from_utf8_lossy(&ran.stdout).into_owned())
}

#[cfg(target_os = "linux")]
#[test]
fn a_chart_that_takes_long_is_told_on_a_terminal() {
    let helm = "#!/bin/sh\ncase $1 in\nversion) echo v4.0.0 ;;\npull) sleep 1.5; mkdir -p $4/web; echo 'a: 1' > \
                $4/web/values.yaml ;;\nesac\n";
    let entry = "helmCharts: [{name: web, repo: 'https://charts.example', releaseName: r}]\n";
    let top = folder("chart-progress", &[("app/kustomization.yaml", entry), ("helm", helm)]);
    executable(&top.join("helm"));
    let line = "build app --enable-helm --helm-command ./helm";
    let Some(terminal) = on_terminal(&top, line) else { return };
    assert!(terminal.contains("fetching web of https://charts.example (1 s)"), "{terminal:?}");
    // What is left after the chart has come may be told, but never in turn with it.
    let later = terminal.split_once("rendering").map_or("", |(_, later)| later);
    assert!(!later.contains("fetching"), "one line for both: {terminal:?}");
    assert!(terminal.trim_end().ends_with("\u{1b}[K"), "the line is taken away: {terminal:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn what_takes_long_is_told_on_a_terminal() {
    let slow = || {
        Server::start(|_| {
            std::thread::sleep(std::time::Duration::from_millis(1500));
            (200, String::new(), config_map("slow"))
        })
    };
    let server = slow();
    let kustomization = format!("resources: ['http://{}/map.yaml']", server.address);
    let top = folder("remote-progress", &[("kustomization.yaml", &kustomization)]);
    let allowed = format!("--allow-remote={}", server.address);
    // Not on a terminal, not a word.
    assert_eq!(kustom(&top, &["build", &allowed, "."]).good(), config_map("slow"));
    let Some(terminal) = on_terminal(&top, &format!("build {allowed} .")) else { return };
    let line = format!("fetching http://{}/map.yaml", server.address);
    assert!(terminal.contains(&line), "{terminal:?}");
    assert!(terminal.trim_end().ends_with("\u{1b}[K"), "the line is taken away: {terminal:?}");
    assert_eq!(fs::read_to_string(top.join("out")).expect("a file"), config_map("slow"));
}
