//! Files that decide about several apps and environments: what is judged is each entry.

use std::fs;
use std::path::{Path, PathBuf};

use super::{folder, kustom, write};

/// Writes apps that run a pod with these images.
fn apps(test: &str, apps: &[(&str, &[&str])]) -> PathBuf {
    let dir = folder(test, &[]);
    for (app, images) in apps {
        let containers: String =
            images.iter().map(|image| format!("  - {{name: {image}, image: {image}}}\n")).collect();
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {app}}}\nspec:\n  containers:\n{containers}"
        );
        write(&dir, &format!("apps/{app}/base/pod.yaml"), &pod);
        write(&dir, &format!("apps/{app}/base/kustomization.yaml"), "resources: [pod.yaml]\n");
    }
    dir
}

fn kustomization(dir: &Path, folder: &str, text: &str) {
    write(dir, &format!("{folder}/kustomization.yaml"), text);
}

fn read(dir: &Path, folder: &str) -> String {
    fs::read_to_string(dir.join(folder).join("kustomization.yaml")).expect("a file")
}

fn entries(versions: &[(&str, &str)]) -> String {
    let entry = |(name, tag): &(&str, &str)| format!("- name: {name}\n  newTag: {tag}\n");
    format!("images:\n{}", versions.iter().map(entry).collect::<String>())
}

fn component(versions: &[(&str, &str)]) -> String {
    format!("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n{}", entries(versions))
}

#[test]
fn an_entry_is_judged_without_those_beside_it() {
    let dir = apps("shared-entries", &[("web", &["web", "side"])]);
    let overlay =
        |tag: &str| format!("resources: [../../base]\n{}", entries(&[("web", tag), ("side", tag)]));
    kustomization(&dir, "apps/web/overlays/dev", &overlay("v2"));
    kustomization(&dir, "apps/web/overlays/staging", &overlay("v1"));
    let prod = format!("resources: [../staging]\n{}", entries(&[("web", "v0")]));
    kustomization(&dir, "apps/web/overlays/prod", &prod);
    let ran = kustom(&dir, &["promote", "dev", "staging", "--write", "--keep-going"]);
    insta::assert_snapshot!(ran.out, @"
    APP  IMAGE  STAGING  DEV
    web  web    v1       v2

    refused:
      web: side v1 -> v2: it would also change web in prod (apps/web/overlays/prod); --with-others allows that
    wrote 1 file
    ");
    let wanted = overlay("v1").replacen("v1", "v2", 1);
    assert_eq!(read(&dir, "apps/web/overlays/staging"), wanted);
}

#[test]
fn what_is_refused_in_the_end_keeps_no_other_entry_back() {
    let dir = apps("shared-causes", &[("web", &["web", "side"]), ("cart", &["cart", "side"])]);
    for (env, tag) in [("dev", "v2"), ("staging", "v1")] {
        let versions = component(&[("web", tag), ("cart", tag), ("side", tag)]);
        kustomization(&dir, &format!("versions/{env}"), &versions);
        for app in ["web", "cart"] {
            let own = if (app, env) == ("cart", "dev") {
                entries(&[("side", "own")])
            } else {
                String::new()
            };
            let text =
                format!("resources: [../../base]\ncomponents: [../../../../versions/{env}]\n{own}");
            kustomization(&dir, &format!("apps/{app}/overlays/{env}"), &text);
        }
    }
    let ran = kustom(&dir, &["promote", "dev", "staging", "--write", "--keep-going"]);
    insta::assert_snapshot!(ran.out, @"
    APP   IMAGE  STAGING  DEV
    cart  cart   v1       v2
    web   web    v1       v2

    refused:
      cart: side v1 -> own: versions/staging/kustomization.yaml:9 (images[2].newTag) decides its version
      web: side v1 -> v2: it would also change cart in staging (apps/cart/overlays/staging); --with-others allows that
    wrote 1 file
    ");
    let wanted = component(&[("web", "v2"), ("cart", "v2"), ("side", "v1")]);
    assert_eq!(read(&dir, "versions/staging"), wanted);
}

#[test]
fn a_second_promotion_changes_nothing() {
    let dir = apps("shared-twice", &[("b", &["b", "side", "log"]), ("c", &["c", "side", "log"])]);
    let old = [("b", "v1"), ("c", "v1"), ("side", "v1"), ("log", "v1")];
    kustomization(&dir, "versions/staging", &component(&old));
    let dev = [
        ("b", [("b", "v2"), ("side", "v2"), ("log", "x1")]),
        ("c", [("c", "v2"), ("side", "v1"), ("log", "v2")]),
    ];
    for (app, versions) in dev {
        let text = format!("resources: [../../base]\n{}", entries(&versions));
        kustomization(&dir, &format!("apps/{app}/overlays/dev"), &text);
        let text = "resources: [../../base]\ncomponents: [../../../../versions/staging]\n";
        kustomization(&dir, &format!("apps/{app}/overlays/staging"), text);
    }
    let args = ["promote", "dev", "staging", "--write", "--keep-going"];
    assert!(kustom(&dir, &args).out.ends_with("wrote 1 file\n"));
    // Each is kept back by a line of the other that is refused itself.
    let wanted = component(&[("b", "v2"), ("c", "v2"), ("side", "v1"), ("log", "v1")]);
    assert_eq!(read(&dir, "versions/staging"), wanted);
    let again = kustom(&dir, &args).out;
    assert!(again.starts_with("refused:") && !again.contains("wrote"), "{again}");
}

#[test]
fn an_app_without_a_region_does_not_keep_another_from_its_own() {
    let dir = apps("shared-regions", &[("web", &["web"]), ("cart", &["cart"])]);
    for (env, tag) in [("dev", "v2"), ("staging", "v1")] {
        let versions = component(&[("web", tag), ("cart", tag)]);
        kustomization(&dir, &format!("versions/{env}"), &versions);
        for (app, region) in [("web", "eu"), ("web", "us"), ("cart", "eu"), ("cart", "us")] {
            if (app, env, region) != ("cart", "dev", "us") {
                let text = format!(
                    "resources: [../../../base]\ncomponents: [../../../../../versions/{env}]\n"
                );
                kustomization(&dir, &format!("apps/{app}/overlays/{env}/{region}"), &text);
            }
        }
    }
    let ran = kustom(&dir, &["promote", "dev", "staging", "--write"]);
    insta::assert_snapshot!(ran.out, @"
    APP      IMAGE  STAGING  DEV
    cart/eu  cart   v1       v2
    web/eu   web    v1       v2
    web/us   web    v1       v2

    also changed:
      cart/us in staging (apps/cart/overlays/staging/us), with versions/staging
    wrote 1 file
    ");
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(read(&dir, "versions/staging"), read(&dir, "versions/dev"));
}

#[test]
fn an_entry_belongs_to_the_environments_that_have_its_image() {
    let dir = apps("shared-canary", &[("web", &["web"]), ("api", &["api"])]);
    for (env, tag) in [("dev", "v2"), ("staging", "v1")] {
        kustomization(&dir, &format!("versions/{env}"), &component(&[("web", tag), ("api", tag)]));
        for app in ["web", "api"] {
            let text =
                format!("resources: [../../base]\ncomponents: [../../../../versions/{env}]\n");
            kustomization(&dir, &format!("apps/{app}/overlays/{env}"), &text);
        }
    }
    // It has the version of the API alone from the file of staging.
    kustomization(&dir, "apps/api/overlays/canary", "resources: [../staging]\n");
    let ran = kustom(&dir, &["promote", "dev", "staging", "--write", "--keep-going"]);
    insta::assert_snapshot!(ran.out, @"
    APP  IMAGE  STAGING  DEV
    web  web    v1       v2

    refused:
      api: api v1 -> v2: apps/api/overlays/staging/kustomization.yaml has no images entry of that name; versions/staging/kustomization.yaml:7 (images[1].newTag) decides
    wrote 1 file
    ");
    assert_eq!(read(&dir, "versions/staging"), component(&[("web", "v2"), ("api", "v1")]));
    // So it has if it says another version itself: who takes that out again gets the one of staging.
    let own = format!("resources: [../staging]\n{}", entries(&[("api", "v0")]));
    kustomization(&dir, "apps/api/overlays/canary", &own);
    let ran = kustom(&dir, &["promote", "dev", "staging", "--write", "--with-others"]);
    assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
    assert_eq!(read(&dir, "versions/staging"), component(&[("web", "v2"), ("api", "v1")]));
}

#[test]
fn entries_of_the_old_field_are_promoted_where_they_stand() {
    let dir = apps("shared-old-field", &[("web", &["web", "side"])]);
    let overlay = |tag: &str| {
        let new = entries(&[("side", tag)]);
        let old = entries(&[("web", tag)]).replace("images", "imageTags");
        format!("resources: [../../base]\n{new}{old}")
    };
    kustomization(&dir, "apps/web/overlays/dev", &overlay("v2"));
    kustomization(&dir, "apps/web/overlays/staging", &overlay("v1"));
    let places = kustom(&dir, &["images", "--places"]).good();
    let place = "v1 (apps/web/overlays/staging/kustomization.yaml:7)";
    assert!(
        places.lines().any(|line| line.starts_with("web  web ") && line.contains(place)),
        "{places}"
    );
    kustom(&dir, &["promote", "dev", "staging", "--write"]).good();
    assert_eq!(read(&dir, "apps/web/overlays/staging"), overlay("v2"));
}
