//! Where apps and environments are, as far as promotion and the matrix of images are concerned.

use std::fs;
use std::path::{Path, PathBuf};

use super::{folder, kustom, write};

/// Makes a repository called `shop-config` with apps in folders, and for each its environments below its overlays.
pub(crate) fn repository(test: &str, apps: &[&str], environments: &[&str]) -> PathBuf {
    let dir = folder(test, &[]).join("shop-config");
    fs::create_dir_all(dir.join(".git")).expect("a folder");
    for app in apps {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: web}]}\n";
        write(&dir, &format!("{app}/base/pod.yaml"), pod);
        write(&dir, &format!("{app}/base/kustomization.yaml"), "resources: [pod.yaml]\n");
        for env in environments {
            let base = "../".repeat(env.split('/').count() + 1);
            let text = format!(
                "resources: [{base}base]\nimages: [{{name: web, newTag: {}}}]\n",
                env.replace('/', "-")
            );
            write(&dir, &overlay(app, env), &text);
        }
    }
    dir
}

pub(crate) fn overlay(app: &str, env: &str) -> String {
    format!("{app}/overlays/{env}/kustomization.yaml")
}

pub(crate) fn images(dir: &Path, args: &[&str]) -> String {
    kustom(dir, &[&["images"], args].concat()).good()
}

#[test]
fn a_repository_may_be_one_app() {
    let dir = repository("layout-one-app", &["."], &["dev", "staging"]);
    let table = "APP          IMAGE  DEV  STAGING\nshop-config  web    dev  staging\n";
    assert_eq!(images(&dir, &[]), table);
    assert_eq!(images(&dir, &["--by", "overlays/{env}"]), table);
    assert_eq!(images(&dir, &["--by", "{app}/overlays/{env}"]), table);
    assert_eq!(images(&dir.join("overlays"), &[]), table);
    let said = kustom(&dir, &["promote", "dev", "staging", "--only", "shop-config"]).good();
    assert!(said.contains("shop-config  web    staging  dev"), "{said}");
    // So it may without a folder for the environments, and with one kustomization for all.
    for holder in ["envs", "."] {
        let dir = repository(&format!("layout-{}-one", holder.len()), &[], &[]);
        for env in ["dev", "prod"] {
            let pod = format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: c, image: 'web:{env}'}}]}}\n"
            );
            write(&dir, &format!("{holder}/{env}/pod.yaml"), &pod);
            write(&dir, &format!("{holder}/{env}/kustomization.yaml"), "resources: [pod.yaml]\n");
        }
        let table = "APP          IMAGE  DEV  PROD\nshop-config  web    dev  prod\n";
        assert_eq!(images(&dir, &[]), table, "{holder}");
    }
}

#[test]
fn a_pattern_without_app_takes_the_folder_above() {
    let dir = repository("layout-above", &["a/web", "cart"], &["dev", "prod"]);
    let table = "APP   IMAGE  DEV  PROD\ncart  web    dev  prod\nweb   web    dev  prod\n";
    assert_eq!(images(&dir, &["--by", "overlays/{env}"]), table);
    let ran = kustom(&dir, &["images", "--by", "overlays"]);
    assert!(ran.code == Some(2) && ran.err.contains("expected {env}"), "{}", ran.err);
}

#[test]
fn a_folder_for_manifests_is_no_app() {
    let apps = ["services/web/k8s", "services/cart/k8s"];
    let dir = repository("layout-inside", &apps, &["dev", "staging"]);
    let cart = "APP   IMAGE  DEV  STAGING\ncart  web    dev  staging\n";
    let web = "web   web    dev  staging\n";
    assert_eq!(images(&dir, &[]), format!("{cart}{web}"));
    // An app has one name, wherever it is seen from.
    assert_eq!(images(&dir.join("services/cart"), &[]), cart);
    assert_eq!(images(&dir.join("services/cart/k8s"), &[]), cart);
    let said = kustom(&dir, &["promote", "dev", "staging", "--only", "web"]).good();
    assert_eq!(said, "APP  IMAGE  STAGING  DEV\nweb  web    staging  dev\n");
    let none = kustom(&dir, &["promote", "dev", "staging", "--only", "payments"]);
    assert!(none.err.contains("there is no app \"payments\"; there are cart, web"), "{}", none.err);
    let one = repository("layout-inside-one", &["k8s"], &["dev", "prod"]);
    assert_eq!(images(&one, &[]), "APP          IMAGE  DEV  PROD\nshop-config  web    dev  prod\n");
}

#[test]
fn regions_are_promoted_each_to_its_own() {
    let environments = ["dev/eu", "dev/us", "dev/ap", "staging/eu", "staging/us"];
    let dir = repository("layout-regions", &["apps/web", "apps/cart"], &environments);
    let said = kustom(&dir, &["promote", "dev", "staging", "--only", "web", "--write"]).good();
    assert_eq!(
        said,
        "APP     IMAGE  STAGING     DEV\nweb/eu  web    staging-eu  dev-eu\nweb/us  web    staging-us  dev-us\n\n\
         not in staging:\n  web/ap\nwrote 2 files\n"
    );
    for region in ["eu", "us"] {
        let text = fs::read_to_string(dir.join(overlay("apps/web", &format!("staging/{region}"))));
        assert!(text.expect("a file").contains(&format!("newTag: dev-{region}")), "{region}");
    }
    let one = kustom(&dir, &["promote", "dev", "staging", "--only", "cart/us"]).good();
    assert_eq!(one, "APP      IMAGE  STAGING     DEV\ncart/us  web    staging-us  dev-us\n");
    // One of them can still be named.
    let region = kustom(&dir, &["promote", "dev/eu", "staging/us", "--only", "cart"]).good();
    assert_eq!(region, "APP   IMAGE  STAGING/US  DEV/EU\ncart  web    staging-us  dev-eu\n");
}

#[test]
fn each_app_has_regions_or_none() {
    let dir = repository(
        "layout-regions-some",
        &["apps/web"],
        &["dev/eu", "dev/us", "staging/eu", "staging/us"],
    );
    let add = |app: &str, env: &str| {
        let base = "../".repeat(env.split('/').count() + 1);
        let tag = env.replace('/', "-");
        let text = format!("resources: [{base}base]\nimages: [{{name: web, newTag: {tag}}}]\n");
        write(&dir, &overlay(app, env), &text);
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: web}]}\n";
        write(&dir, &format!("{app}/base/pod.yaml"), pod);
        write(&dir, &format!("{app}/base/kustomization.yaml"), "resources: [pod.yaml]\n");
    };
    add("apps/cart", "dev");
    add("apps/cart", "staging");
    let table = "APP     IMAGE  STAGING     DEV\ncart    web    staging     dev\n\
                 web/eu  web    staging-eu  dev-eu\nweb/us  web    staging-us  dev-us\n";
    assert_eq!(kustom(&dir, &["promote", "dev", "staging"]).good(), table);
    let only = kustom(&dir, &["promote", "dev", "staging", "--only", "web"]).good();
    assert!(only.contains("web/us") && !only.contains("cart"), "{only}");
    // Where the two environments of an app do not have the same shape, that is told.
    add("apps/api", "dev");
    add("apps/api", "staging/eu");
    add("apps/db", "dev");
    add("apps/db", "dev/eu");
    add("apps/db", "staging");
    let ran = kustom(&dir, &["promote", "dev", "staging"]);
    assert!(ran.out.contains("not in staging:\n  api\n") && ran.out.contains("db "), "{}", ran.out);
    for said in [
        "api: it has dev and staging/eu; these are not compared, unless they are named, as in `promote dev staging/REGION`\n",
        "db: it has dev, dev/eu and staging; regions are environments of their own there",
    ] {
        assert!(ran.err.contains(said), "{}", ran.err);
    }
}

#[test]
fn an_app_at_the_top_is_there_beside_others() {
    let dir = repository("layout-top", &[".", "cart"], &["dev", "prod"]);
    let table = "APP          IMAGE  DEV  PROD\ncart         web    dev  prod\nshop-config  web    dev  prod\n";
    assert_eq!(images(&dir, &[]), table);
    assert_eq!(images(&dir, &["--by", "overlays/{env}"]), table);
    assert_eq!(images(&dir, &["--by", "{app}/overlays/{env}"]), table);
    // Placeholders alone mean no folder of the top.
    let ran = kustom(&dir, &["images", "--by", "{app}/{env}"]);
    assert!(!ran.out.contains("shop-config"), "{}", ran.out);
    // What is left out all the same is told.
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: web}]}\n";
    write(&dir, "prod/a/b/c/pod.yaml", pod);
    write(&dir, "prod/a/b/c/kustomization.yaml", "resources: [pod.yaml]\n");
    let ran = kustom(&dir, &["images"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), table));
    assert!(
        ran.err.contains("which app they are: ") && ran.err.contains("prod/a/b/c; "),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("base"), "{}", ran.err);
}

/// Writes kustomizations of one app that runs `web` in a pod.
fn with_base(test: &str, files: &[(&str, &str)]) -> PathBuf {
    let dir = repository(test, &["apps/web"], &[]);
    for (path, text) in files {
        write(&dir, &format!("{path}/kustomization.yaml"), text);
    }
    dir
}

const ON_BASE: &str = "resources: [../base]\n";

fn environment(tag: &str) -> String {
    format!("resources: [../../../base]\nimages: [{{name: web, newTag: {tag}}}]\n")
}

#[test]
fn regions_go_with_the_base_of_their_environment() {
    let (dev, staging) = (environment("v2"), environment("v1"));
    let files = [
        ("apps/web/overlays/dev/base", dev.as_str()),
        ("apps/web/overlays/dev/eu", ON_BASE),
        ("apps/web/overlays/dev/us", ON_BASE),
        ("apps/web/overlays/staging/base", &staging),
        ("apps/web/overlays/staging/eu", ON_BASE),
        ("apps/web/overlays/staging/us", ON_BASE),
        // The source has no such region.
        ("apps/web/overlays/staging/ap", ON_BASE),
    ];
    let dir = with_base("layout-region-base", &files);
    let said = kustom(&dir, &["promote", "dev", "staging", "--write"]).good();
    assert_eq!(
        said,
        "APP       IMAGE  STAGING  DEV\nweb/base  web    v1       v2\nweb/eu    web    v1       v2\nweb/us    web    v1       v2\n\n\
         also changed:\n  web/ap in staging (apps/web/overlays/staging/ap), with apps/web/overlays/staging/base\nwrote 1 file\n"
    );
    let read =
        |path: &str| fs::read_to_string(dir.join(path).join("kustomization.yaml")).expect("a file");
    assert_eq!(read("apps/web/overlays/staging/base"), dev);
    for (path, text) in &files[4..] {
        assert_eq!(read(path), *text);
    }
    // A region of another version does not go with the base.
    let own = "resources: [../base]\nimages: [{name: web, newTag: v3}]\n";
    write(&dir, "apps/web/overlays/dev/eu/kustomization.yaml", own);
    write(&dir, "apps/web/overlays/staging/base/kustomization.yaml", &staging);
    let ran = kustom(&dir, &["promote", "dev", "staging", "--write"]);
    assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("it would also change web/eu in staging"), "{}", ran.out);
    assert_eq!(read("apps/web/overlays/staging/base"), staging);
}

#[test]
fn a_region_goes_with_no_other_than_its_own() {
    let (old, new) = (environment("v1"), environment("v2"));
    let files = [
        ("apps/web/overlays/dev/eu", new.as_str()),
        ("apps/web/overlays/dev/us", &old),
        ("apps/web/overlays/staging/base", &old),
        ("apps/web/overlays/staging/eu", ON_BASE),
        ("apps/web/overlays/staging/us", ON_BASE),
    ];
    let dir = with_base("layout-region-own", &files);
    let base = || {
        let file = dir.join("apps/web/overlays/staging/base/kustomization.yaml");
        fs::read_to_string(file).expect("a file")
    };
    let refused = |args: &[&str]| {
        let ran = kustom(&dir, &[&["promote", "dev", "staging", "--write"], args].concat());
        assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("it would also change web/us in staging"), "{}", ran.out);
        assert_eq!(base(), old);
    };
    // There it is what the source has.
    refused(&[]);
    refused(&["--only", "web/eu"]);
    write(&dir, "apps/web/overlays/dev/us/kustomization.yaml", &new);
    refused(&["--only", "web/eu"]);
    kustom(&dir, &["promote", "dev", "staging", "--write"]).good();
    assert_eq!(base(), new);
    assert_eq!(kustom(&dir, &["promote", "dev", "staging", "--check"]).code, Some(0));
}

#[test]
fn a_component_of_an_environment_is_promoted_to_that_of_another() {
    let component = |tag: &str| {
        format!(
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages: [{{name: web, newTag: {tag}}}] # bot\n"
        )
    };
    let overlay = |path: &str| format!("resources: [../../base]\ncomponents: [{path}]\n");
    for (i, [components, from]) in
        [["apps/web/components", "../../components"], ["versions", "../../../../versions"]]
            .iter()
            .enumerate()
    {
        let dir = repository(&format!("layout-component-{i}"), &["apps/web", "apps/cart"], &[]);
        let file = |env: &str| format!("{components}/{env}/kustomization.yaml");
        let apps: &[&str] = if i == 0 { &["web"] } else { &["web", "cart"] };
        for (env, tag) in [("dev", "v2"), ("staging", "v1"), ("prod", "v0")] {
            write(&dir, &file(env), &component(tag));
            for app in apps {
                let path = format!("apps/{app}/overlays/{env}/kustomization.yaml");
                write(&dir, &path, &overlay(&format!("{from}/{env}")));
            }
        }
        let said = kustom(&dir, &["promote", "dev", "staging", "--write"]).good();
        assert!(said.ends_with("wrote 1 file\n"), "{said}");
        let read = |env: &str| fs::read_to_string(dir.join(file(env))).expect("a file");
        assert_eq!(read("staging"), component("v2"));
        assert_eq!(read("prod"), component("v0"));
        // What another environment uses as well is not to be changed for this one.
        let path = "apps/web/overlays/prod/kustomization.yaml";
        write(&dir, path, &overlay(&format!("{from}/staging")));
        write(&dir, &file("staging"), &component("v1"));
        let ran = kustom(&dir, &["promote", "dev", "staging", "--write", "--with-others"]);
        assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
        assert_eq!(read("staging"), component("v1"));
    }
}

#[test]
#[cfg(unix)]
fn a_link_to_an_environment_is_one() {
    let link = |dir: &Path, to: &str, from: &str| {
        std::os::unix::fs::symlink(to, dir.join(from)).expect("a link");
    };
    let dir = repository("layout-link", &["apps/web"], &["dev", "staging"]);
    link(&dir, "staging", "apps/web/overlays/prod");
    // What only leads to all of it is another name, and no app.
    link(&dir, "apps", "current");
    link(&dir, "..", "apps/prod");
    assert_eq!(
        images(&dir, &[]),
        "APP  IMAGE  DEV  STAGING  PROD\nweb  web    dev  staging  staging\n"
    );
    for (target, other) in [("staging", "prod"), ("prod", "staging")] {
        let ran = kustom(&dir, &["promote", "dev", target, "--write"]);
        let wanted = format!("it would also change web in {other} (apps/web/overlays/{other})");
        assert!(ran.code == Some(2) && ran.out.contains(&wanted), "{}{}", ran.out, ran.err);
    }
    let said = kustom(&dir, &["promote", "dev", "staging", "--write", "--with-others"]).good();
    assert!(said.contains("also changed:\n  web in prod"), "{said}");
    // So may a whole folder of apps be.
    let dir = repository("layout-link-folder", &[], &[]);
    for env in ["dev", "staging"] {
        write(&dir, &format!("envs/{env}/web/kustomization.yaml"), "resources: [pod.yaml]\n");
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: c, image: 'web:{env}'}}]}}\n"
        );
        write(&dir, &format!("envs/{env}/web/pod.yaml"), &pod);
    }
    link(&dir, "staging", "envs/prod");
    assert_eq!(
        images(&dir, &[]),
        "APP  IMAGE  DEV  STAGING  PROD\nweb  web    dev  staging  staging\n"
    );
}

#[test]
fn a_list_of_all_apps_of_an_environment_is_no_app() {
    let lists = "resources: [web, api]\n";
    for (i, (holder, tagged)) in [
        ("environments/", false),
        ("envs/", true),
        ("overlays/", false),
        ("env/", false),
        ("stages/", false),
        ("deploy/envs/", false),
        ("", false),
    ]
    .into_iter()
    .enumerate()
    {
        let dir = repository(&format!("layout-lists-{i}"), &[], &[]);
        let up = "../".repeat(holder.matches('/').count() + 2);
        for app in ["web", "api"] {
            let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: IMAGE}]}\n";
            write(
                &dir,
                &format!("base/{app}/pod.yaml"),
                &pod.replace("IMAGE", app).replace("p}", &format!("{app}}}")),
            );
            write(&dir, &format!("base/{app}/kustomization.yaml"), "resources: [pod.yaml]\n");
            for env in ["dev", "staging", "prod"] {
                let text = format!(
                    "resources: [{up}base/{app}]\nimages: [{{name: {app}, newTag: {env}}}]\n"
                );
                write(&dir, &format!("{holder}{env}/{app}/kustomization.yaml"), &text);
            }
        }
        for env in ["staging", "prod"] {
            let more = if tagged { "namePrefix: all-\n" } else { "" };
            write(&dir, &format!("{holder}{env}/kustomization.yaml"), &format!("{lists}{more}"));
        }
        let table = "APP  IMAGE  DEV  STAGING  PROD\napi  api    dev  staging  prod\nweb  web    dev  staging  prod\n";
        assert_eq!(images(&dir, &[]), table, "{holder}");
        let said = kustom(&dir, &["promote", "dev", "staging", "--write"]).good();
        assert!(said.ends_with("wrote 2 files\n"), "{holder}: {said}");
    }
}

#[test]
fn a_list_that_decides_images_is_no_mere_list() {
    let dir = repository("layout-lists-that-decide", &[], &[]);
    write(
        &dir,
        "pod.yaml",
        "kind: Pod\napiVersion: v1\nmetadata: {name: own}\nspec: {containers: [{name: c, image: own:1}]}\n",
    );
    write(&dir, "namespace.yaml", "kind: Namespace\napiVersion: v1\nmetadata: {name: shop}\n");
    for env in ["dev", "prod"] {
        let web = "resources: [pod.yaml]\nnamePrefix: web-\nimages: [{name: own, newName: web}]\n";
        write(&dir, &format!("envs/{env}/web/kustomization.yaml"), web);
        let pod = fs::read(dir.join("pod.yaml")).expect("a file");
        write(&dir, &format!("envs/{env}/web/pod.yaml"), &String::from_utf8_lossy(&pod));
        write(&dir, &format!("envs/{env}/own.yaml"), &String::from_utf8_lossy(&pod));
        write(
            &dir,
            &format!("envs/{env}/namespace.yaml"),
            "kind: Namespace\napiVersion: v1\nmetadata: {name: shop}\n",
        );
    }
    for (more, is_mere) in [
        ("[web]\n", true),
        ("[web, namespace.yaml]\nnamespace: shop\nlabels: [{pairs: {a: b}}]\n", true),
        ("[web]\nimages: [{name: web, newTag: ENV}]\n", false),
        (
            "[web]\npatches: [{target: {kind: Pod}, patch: '{kind: Pod, apiVersion: v1, metadata: {name: x, labels: {a: b}}}'}]\n",
            false,
        ),
        ("[web, own.yaml]\n", false),
    ] {
        for env in ["dev", "prod"] {
            let text = format!("resources: {}", more.replace("ENV", env));
            write(&dir, &format!("envs/{env}/kustomization.yaml"), &text);
        }
        let rows = images(&dir, &[]);
        assert_eq!(rows.lines().count() == 2, is_mere, "{more}{rows}");
    }
}

#[test]
fn a_region_that_only_the_target_has_is_told() {
    let dir = repository("layout-region-left", &["web"], &["dev/eu", "prod/eu", "prod/ap"]);
    let title = |format| {
        if format == "markdown" { "Not in dev:\n\n- web/ap " } else { "not in dev:\n  web/ap " }
    };
    let promote = |from: &str, more: &[&str]| {
        kustom(&dir, &[&["promote", from, "prod"], more].concat()).good()
    };
    for write in [true, false] {
        for format in ["markdown", "text"] {
            let said = promote("dev", &["--format", format]);
            assert!(said.contains(title(format)), "{said}");
            assert_eq!(said.to_lowercase().contains("nothing to promote"), !write, "{said}");
        }
        let said = promote("dev", &["--format", "json", "--write"]);
        let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
        let left = serde_json::json!([{"app": "web/ap", "dir": "web/overlays/prod/ap"}]);
        assert_eq!((&said["leftBehind"], &said["missing"]), (&left, &serde_json::json!([])));
    }
    // An app that only the target has is none of a change.
    let dir = repository("layout-app-left", &["web"], &["dev", "prod"]);
    let all = "resources: [../../../web/base]\nimages: [{name: web, newTag: x}]\n";
    write(&dir, &overlay("cart", "prod"), all);
    let said = kustom(&dir, &["promote", "dev", "prod"]).good();
    assert!(!said.contains("not in dev"), "{said}");
}
