//! The day of a repository with several services and environments.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{folder, kustom, write};

const SERVICES: [&str; 3] = ["cart", "search", "web"];
const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];

pub(crate) fn git(dir: &Path, args: &[&str]) -> String {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
    let output = Command::new("git").current_dir(dir).args(identity).args(args).output();
    let output = output.expect("git runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Makes the repository with everything at v1.
pub(crate) fn repository(test: &str) -> std::path::PathBuf {
    let dir = folder(test, &[]);
    for service in SERVICES {
        write(
            &dir,
            &format!("apps/{service}/base/deployment.yaml"),
            &format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {service}}}\nspec:\n  template:\n    \
                 spec:\n      containers:\n      - {{name: app, image: shop/{service}}}\n      \
                 - {{name: proxy, image: 'proxy:1'}}\n"
            ),
        );
        let base = format!("apps/{service}/base/kustomization.yaml");
        write(&dir, &base, "resources: [deployment.yaml]\n");
        for env in ENVIRONMENTS {
            write(
                &dir,
                &format!("apps/{service}/overlays/{env}/kustomization.yaml"),
                &format!(
                    "# {service} in {env}\nresources:\n  - ../../base\nimages:\n  - name: shop/{service}\n    \
                     newName: {env}.example.com/{service}\n    newTag: v1 # by the bot\n"
                ),
            );
        }
    }
    git(&dir, &["init", "-q"]);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-qm", "Start"]);
    dir
}

/// Returns the lines that the work tree adds and removes, and forgets them.
pub(crate) fn changed_lines(dir: &Path) -> Vec<String> {
    let diff = git(dir, &["diff", "-U0"]);
    git(dir, &["commit", "-qam", "Change"]);
    let lines = diff.lines().filter(|line| line.starts_with(['+', '-']));
    lines
        .filter(|line| !line.starts_with("+++") && !line.starts_with("---"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_routine_touches_new_tag_and_nothing_else() {
    let dir = repository("promote-routine");
    let nothing = kustom(&dir, &["promote", "dev", "staging", "--check"]).good();
    assert_eq!(nothing, "nothing to promote: staging has what dev has\n");

    // CI of two services.
    kustom(&dir, &["set", "image", "apps/web/overlays/dev", "shop/web:v2"]).good();
    kustom(&dir, &["set", "image", "apps/cart/overlays/dev", "shop/cart:1.10"]).good();
    assert_eq!(
        changed_lines(&dir),
        [
            "-    newTag: v1 # by the bot",
            "+    newTag: \"1.10\" # by the bot",
            "-    newTag: v1 # by the bot",
            "+    newTag: v2 # by the bot"
        ]
    );

    // The nightly job.
    let listed = kustom(&dir, &["promote", "dev", "staging", "--check"]);
    assert_eq!(listed.code, Some(1));
    assert_eq!(
        listed.out,
        "APP   IMAGE      STAGING  DEV\ncart  shop/cart  v1       1.10\nweb   shop/web   v1       v2\n"
    );
    let message = kustom(&dir, &["promote", "dev", "staging", "--format", "message"]).good();
    assert_eq!(message, "Promote dev to staging: cart 1.10, web v2\n");
    let markdown = kustom(&dir, &["promote", "dev", "staging", "--write", "--format", "markdown"]);
    assert_eq!(
        markdown.good(),
        "### Promote dev to staging\n\n| app | image | staging | dev |\n| --- | --- | --- | --- |\n\
         | cart | shop/cart | v1 | 1.10 |\n| web | shop/web | v1 | v2 |\n"
    );
    assert_eq!(changed_lines(&dir).len(), 4);

    // The release of one of them.
    kustom(&dir, &["promote", "staging", "prod", "--only", "web", "--write"]).good();
    assert_eq!(
        changed_lines(&dir),
        ["-    newTag: v1 # by the bot", "+    newTag: v2 # by the bot"]
    );
    assert_eq!(
        kustom(&dir, &["images"]).good(),
        "APP     IMAGE        DEV   STAGING  PROD\n\
         cart    proxy        1     1        1\n\
         cart    shop/cart    1.10  1.10     v1\n\
         search  proxy        1     1        1\n\
         search  shop/search  v1    v1       v1\n\
         web     proxy        1     1        1\n\
         web     shop/web     v2    v2       v2\n"
    );
    let some = kustom(&dir, &["images", "apps/s*"]).good();
    assert!(some.contains("shop/search") && !some.contains("shop/web"), "{some}");
    let near = kustom(&dir, &["images", "web"]);
    assert_eq!(near.code, Some(1));
    assert!(near.err.contains("did you mean apps/web?"), "{}", near.err);
    let prod = kustom(&dir, &["build", "apps/web/overlays/prod"]).good();
    assert!(prod.contains("image: prod.example.com/web:v2\n"), "{prod}");
}

#[test]
fn what_cannot_be_promoted_is_refused_with_a_reason() {
    let dir = repository("promote-refused");
    let patched = "resources: [../../base]\npatches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    \
                   metadata: {name: cart}\n    spec: {template: {spec: {containers: [{name: app, image: 'shop/cart:v9'}]}}}\n";
    write(&dir, "apps/cart/overlays/dev/kustomization.yaml", patched);
    write(&dir, "apps/web/overlays/staging/kustomization.yaml", "resources: [../../base]\n");
    kustom(&dir, &["set", "image", "apps/search/overlays/dev", "shop/search:v2"]).good();
    let ran = kustom(&dir, &["promote", "dev", "staging", "--write"]);
    assert_eq!(ran.code, Some(2));
    for said in [
        "cart: shop/cart v1 -> v9: its version comes from apps/cart/overlays/dev/kustomization.yaml",
        "web: shop/web latest -> v1: apps/web/overlays/staging/kustomization.yaml has no images entry of that name",
    ] {
        assert!(ran.out.contains(said), "{}", ran.out);
    }
    assert!(ran.err.contains("2 cannot be promoted; nothing was written"), "{}", ran.err);
    let staging =
        || fs::read_to_string(dir.join("apps/search/overlays/staging/kustomization.yaml"));
    assert!(staging().expect("a file").contains("newTag: v1"));
    assert_eq!(
        kustom(&dir, &["promote", "dev", "staging", "--write", "--keep-going"]).code,
        Some(0)
    );
    assert!(staging().expect("a file").contains("newTag: v2"));
    let json =
        kustom(&dir, &["promote", "dev", "staging", "--format", "json", "--keep-going"]).good();
    assert!(json.contains("\"refused\": \"its version comes from"), "{json}");
    for (args, said) in [
        (&["promote", "dev", "stagging"][..], "there are dev, staging, prod"),
        (&["promote", "dev", "prod", "--only", "wbe"], "did you mean web?"),
        (&["promote", "dev", "dev"], "dev cannot be promoted to itself"),
        (&["promote", "dev", "prod", "apps/web/base"], "--by"),
    ] {
        let ran = kustom(&dir, args);
        assert_eq!(ran.code, Some(2));
        assert!(ran.err.contains(said), "{}", ran.err);
    }
}

#[test]
fn one_app_that_cannot_be_rendered_does_not_stop_the_others() {
    let dir = repository("promote-broken");
    let broken = "resources: [../../base, nowhere.yaml]\n";
    write(&dir, "apps/cart/overlays/dev/kustomization.yaml", broken);
    write(&dir, "apps/search/overlays/prod/kustomization.yaml", broken);
    kustom(&dir, &["set", "image", "apps/web/overlays/dev", "shop/web:v2"]).good();

    let ran = kustom(&dir, &["images"]);
    assert_eq!(ran.code, Some(1));
    insta::assert_snapshot!(ran.out, @"
    APP     IMAGE        DEV     STAGING  PROD
    cart    proxy        failed  1        1
    cart    shop/cart    failed  v1       v1
    search  proxy        1       1        failed
    search  shop/search  v1      v1       failed
    web     proxy        1       1        1
    web     shop/web     v2      v1       v1
    ");
    assert!(ran.err.contains("apps/cart/overlays/dev/kustomization.yaml"), "{}", ran.err);
    let json = kustom(&dir, &["images", "--format", "json"]).out;
    let json: Vec<serde_json::Value> = serde_json::from_str(&json).expect("JSON");
    let failed: Vec<_> = json.iter().filter(|entry| !entry["error"].is_null()).collect();
    assert_eq!(failed.len(), 2);
    assert_eq!((&failed[0]["app"], &failed[0]["env"]), (&"cart".into(), &"dev".into()));
    assert_eq!(json.len(), 2 + 7 * 2);

    // Only the app is refused, and what is not compared is not rendered.
    let ran = kustom(&dir, &["promote", "dev", "staging", "--only", "web"]);
    assert_eq!(ran.good(), "APP  IMAGE     STAGING  DEV\nweb  shop/web  v1       v2\n");
    kustom(&dir, &["promote", "dev", "staging", "--only", "search"]).good();
    let staging = || fs::read_to_string(dir.join("apps/web/overlays/staging/kustomization.yaml"));
    let ran = kustom(&dir, &["promote", "dev", "staging", "--write"]);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.out, @"
    APP  IMAGE     STAGING  DEV
    web  shop/web  v1       v2

    refused:
      cart: apps/cart/overlays/dev cannot be rendered
    ");
    assert!(ran.err.contains("nowhere.yaml") && ran.err.contains("nothing was written"));
    assert!(staging().expect("a file").contains("newTag: v1"));
    let ran =
        kustom(&dir, &["promote", "dev", "staging", "--write", "--keep-going", "--format", "json"]);
    assert_eq!(ran.code, Some(2));
    let json: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(json["failed"][0]["dir"], "apps/cart/overlays/dev");
    assert_eq!(json["files"][0], "apps/web/overlays/staging/kustomization.yaml");
    assert_eq!((&json["written"], json["files"].as_array().map(Vec::len)), (&true.into(), Some(1)));
    assert!(staging().expect("a file").contains("newTag: v2"));

    // A target that is refused as a file is that app's matter, too.
    write(
        &dir,
        "apps/web/overlays/prod/kustomization.yaml",
        "resources: [../../base]\n? images\n: []\n",
    );
    let ran = kustom(&dir, &["promote", "staging", "prod", "--only", "web"]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
}

#[test]
fn the_flags_of_build_say_how_images_are_found() {
    let dir = repository("promote-flags");
    write(
        &dir,
        "shared.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: 'tool:1'}]}\n",
    );
    for env in ["dev", "staging"] {
        let text = "resources: [../../base, ../../../../shared.yaml]\nimages: [{name: shop/web, newTag: v1}]\n";
        write(&dir, &format!("apps/web/overlays/{env}/kustomization.yaml"), text);
    }
    let free = "--load-restrictor=LoadRestrictionsNone";
    assert_eq!(kustom(&dir, &["images"]).code, Some(1));
    assert!(kustom(&dir, &["images", free]).good().contains("tool"));
    assert_eq!(kustom(&dir, &["promote", "dev", "staging"]).code, Some(2));
    kustom(&dir, &["promote", "dev", "staging", free]).good();
    let set = ["set", "image", "apps/web/overlays/dev", "tool:2"];
    assert_eq!(kustom(&dir, &set).code, Some(1));
    kustom(&dir, &[&set[..], &[free]].concat()).good();
    for command in [&["images"][..], &["promote", "dev", "staging"]] {
        let flags = ["--root=.", "--enable-helm", "--allow-remote", "--limits=untrusted"];
        let ran = kustom(&dir, &[command, &[free], &flags].concat());
        assert_ne!(ran.code, None);
        assert!(!ran.err.contains("unexpected argument"), "{}", ran.err);
    }
}

#[test]
fn what_the_target_lacks_is_told() {
    let dir = repository("promote-missing");
    fs::remove_dir_all(dir.join("apps/cart/overlays/staging")).expect("it was there");
    let text = "resources: [../../base, pod.yaml]\nimages: [{name: shop/web, newTag: v1}]\n";
    write(&dir, "apps/web/overlays/dev/kustomization.yaml", text);
    write(
        &dir,
        "apps/web/overlays/dev/pod.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: 'tool:1'}]}\n",
    );
    let said = kustom(&dir, &["promote", "dev", "staging", "--check"]).good();
    assert_eq!(
        said,
        "nothing to promote of what dev and staging both have\n\nnot in staging:\n  cart\n  web: tool\n"
    );
    // What is not compared is not rendered.
    write(&dir, "apps/cart/overlays/dev/kustomization.yaml", "resources: [nowhere.yaml]\n");
    assert_eq!(kustom(&dir, &["promote", "dev", "staging", "--check"]).good(), said);
    let ran = kustom(&dir, &["promote", "dev", "staging", "--only", "cart"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("there is no staging of the app cart"), "{}", ran.err);
}

#[test]
fn apps_of_one_name_are_told_apart() {
    let dir = repository("promote-twice");
    fs::rename(dir.join("apps/cart"), dir.join("apps/cart.old")).expect("it was there");
    fs::create_dir_all(dir.join("team")).expect("a directory");
    fs::rename(dir.join("apps/cart.old"), dir.join("team/web")).expect("it was there");
    let said = kustom(&dir, &["images"]).good();
    assert!(said.contains("\napps/web") && said.contains("\nteam/web"), "{said}");
    let ran = kustom(&dir, &["images", "--by", "{app}/overlays/{env}"]).good();
    assert!(ran.contains("\nteam/web"), "{ran}");
    kustom(&dir, &["promote", "dev", "staging", "--only", "team/web"]).good();
    let ran = kustom(&dir, &["promote", "dev", "staging", "--only", "web"]);
    assert_eq!(ran.code, Some(2));
    let said = r#""web" may be one of several apps: apps/web, team/web"#;
    assert!(ran.err.contains(said), "{}", ran.err);
    kustom(&dir, &["promote", "dev", "staging", "--only", "search/"]).good();
    let ran = kustom(&dir, &["images", "--by", "{region}/{app}/{env}"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains(r#""{region}" means nothing"#), "{}", ran.err);
}

#[test]
fn an_entry_that_says_what_the_base_says_is_an_entry() {
    let dir = repository("promote-equal");
    let text = "resources: [../../base]\nimages: [{name: proxy, newTag: '1'}]\n";
    write(&dir, "apps/web/overlays/dev/kustomization.yaml", text);
    write(&dir, "apps/web/overlays/staging/kustomization.yaml", &text.replace("'1'", "'0'"));
    let said = kustom(&dir, &["promote", "dev", "staging"]).good();
    assert!(said.contains("proxy") && !said.contains("refused"), "{said}");
}

#[test]
fn an_image_without_a_version_is_not_promoted() {
    let dir = repository("promote-latest");
    let base = dir.join("apps/web/base/deployment.yaml");
    let text = fs::read_to_string(&base).expect("a file");
    fs::write(&base, text.replace("proxy:1", "proxy")).expect("a file");
    let entry =
        |fields: &str| format!("resources: [../../base]\nimages: [{{name: proxy, {fields}}}]\n");
    write(&dir, "apps/web/overlays/dev/kustomization.yaml", &entry("newName: mirror/proxy"));
    write(&dir, "apps/web/overlays/staging/kustomization.yaml", &entry("newTag: '2'"));
    let ran = kustom(&dir, &["promote", "dev", "staging"]);
    assert_eq!(ran.code, Some(2));
    let said = "web: proxy 2 -> latest: it has neither a tag nor a digest to copy";
    assert!(ran.out.contains(said), "{}", ran.out);
    // The other way round there is one.
    let said = kustom(&dir, &["promote", "staging", "dev", "--write"]).good();
    assert!(
        said.contains("web  proxy  mirror/proxy:latest  proxy:2\n")
            && said.contains("wrote 1 file"),
        "{said}"
    );
}

#[test]
fn an_app_is_known_from_within() {
    let dir = repository("promote-within");
    for (place, app) in [("apps", "web"), ("apps/web", "web"), ("apps/web/overlays", "web")] {
        let said = kustom(&dir.join(place), &["images"]).good();
        assert!(said.starts_with("APP ") && said.contains(&format!("\n{app} ")), "{place}: {said}");
        assert!(said.contains("DEV  STAGING  PROD\n"), "{said}");
    }
    let set = kustom(&dir.join("apps/web/overlays/dev"), &["set", "image", "shop/web:v2"]);
    assert_eq!(set.code, Some(0));
    let said = kustom(&dir.join("apps/web"), &["promote", "dev", "staging", "--write"]).good();
    assert!(said.contains("web  shop/web  v1       v2\n"), "{said}");
}

#[test]
fn broken_roots_fail_alone_and_are_named() {
    let dir = repository("promote-broken-roots");
    let chart = "helmCharts: [{name: x, repo: 'https://example.com', releaseName: x}]\n";
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
    for (app, text) in [
        ("chart", chart),
        ("empty", ""),
        ("loop", "resources: [../dev]\n"),
        ("remote", "resources: ['https://github.com/a/b?ref=v1']\n"),
        ("yaml", "resources: [a\n"),
        ("part", component),
    ] {
        write(&dir, &format!("apps/{app}/overlays/dev/kustomization.yaml"), text);
    }
    write(&dir, "apps/two/overlays/dev/kustomization.yaml", "namePrefix: a-\n");
    write(&dir, "apps/two/overlays/dev/kustomization.yml", "namePrefix: a-\n");
    let ran = kustom(&dir, &["images"]);
    assert_eq!(ran.code, Some(1));
    for app in ["chart", "empty", "loop", "remote", "two", "yaml"] {
        assert!(
            ran.out
                .lines()
                .any(|line| line.starts_with(&format!("{app} ")) && line.contains("failed")),
            "{}",
            ran.out
        );
        assert!(ran.err.contains(&format!("apps/{app}/overlays/dev")), "{app}: {}", ran.err);
    }
    // A component is no root.
    assert!(!ran.out.contains("part") && !ran.err.contains("part"), "{}", ran.err);
    assert!(ran.out.contains("web     shop/web     v1      v1       v1\n"), "{}", ran.out);
    // None of them is in staging, so nobody has to know.
    let said = kustom(&dir, &["promote", "dev", "staging", "--check"]).good();
    assert!(said.contains("not in staging:\n  chart\n  empty\n"), "{said}");
}

#[cfg(unix)]
#[test]
fn names_of_environments_stay_in_their_line() {
    let dir = repository("promote-odd-names");
    let odd = "qa\n##vso[task.complete]\n::error::x";
    let path = format!("apps/web/overlays/{odd}/kustomization.yaml");
    let images = "images: [{name: shop/web, newName: qa.example.com/web, newTag: v1}]\n";
    write(&dir, &path, &format!("resources: [../../base]\n{images}"));
    let by = ["--by", "apps/{app}/overlays/{env}"];
    for (words, code) in [
        (&["promote", odd, "prod"][..], 0),
        (&["promote", "prod", odd], 0),
        (&["promote", odd, "prod", "--format", "message"], 0),
        (&["promote", odd, "prod", "--format", "markdown"], 0),
        (&["promote", "none", "prod"], 2),
        (&["promote", odd, odd], 2),
    ] {
        let ran = kustom(&dir, &[words, &by[..]].concat());
        let said = ran.out + &ran.err;
        assert_eq!(ran.code, Some(code), "{said}");
        assert!(said.contains("qa"), "{said}");
        let is_odd =
            |line: &str| line.starts_with("##") && line.contains('[') || line.starts_with("::");
        assert!(!said.contains("##vso[") && !said.lines().any(is_odd), "{said}");
    }
}
