//! Kustomizations that list the apps of an environment: what they decide counts.

use std::fs;
use std::path::{Path, PathBuf};

use super::{folder, kustom, write};

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: NAME}\nspec:\n  containers:\n  - name: c\n    image: reg/NAME\n";

/// The text of the list of an environment.
type ListOf<'a> = &'a dyn Fn(&str) -> String;

/// Makes a repository with two apps, each with a version of its own for each environment, and a list for each.
fn repository(test: &str, list_of: impl Fn(&str) -> String) -> PathBuf {
    let dir = folder(test, &[]).join("shop");
    fs::create_dir_all(dir.join(".git")).expect("a folder");
    for app in ["web", "api"] {
        write(&dir, &format!("base/{app}/pod.yaml"), &POD.replace("NAME", app));
        write(&dir, &format!("base/{app}/kustomization.yaml"), "resources: [pod.yaml]\n");
        for env in ["dev", "prod"] {
            let text = format!(
                "resources: [../../../base/{app}]\nimages: [{{name: reg/{app}, newTag: {env}}}]\n"
            );
            write(&dir, &format!("envs/{env}/{app}/kustomization.yaml"), &text);
        }
    }
    for env in ["dev", "prod"] {
        write(&dir, &format!("envs/{env}/kustomization.yaml"), &list_of(env));
    }
    dir
}

fn images(dir: &Path, args: &[&str]) -> String {
    kustom(dir, &[&["images"], args].concat()).good()
}

#[test]
fn a_list_that_changes_no_image_says_nothing() {
    let dir = repository("lists-plain", |env| {
        format!("resources: [web, api]\nnamePrefix: {env}-\nnamespace: {env}\n")
    });
    let table = "APP  IMAGE    DEV  PROD\napi  reg/api  dev  prod\nweb  reg/web  dev  prod\n";
    assert_eq!(images(&dir, &[]), table);
    let said = kustom(&dir, &["promote", "dev", "prod", "--write"]).good();
    assert!(said.ends_with("wrote 2 files\n"), "{said}");
}

#[test]
fn a_list_that_sets_an_image_decides_it() {
    let sets = |env: &str| {
        format!("resources: [web, api]\nimages: [{{name: reg/web, newTag: of-{env}}}]\n")
    };
    let patches = |env: &str| {
        format!(
            "resources: [web, api]\nnameSuffix: -x\npatches:\n- patch: |\n    apiVersion: v1\n    kind: Pod\n    metadata: {{name: web}}\n    spec: {{containers: [{{name: side, image: proxy}}, {{name: c, image: 'reg/web:of-{env}'}}]}}\n"
        )
    };
    let lists: [(&str, ListOf<'_>); 2] = [("sets", &sets), ("patches", &patches)];
    for (name, list) in lists {
        let dir = repository(&format!("lists-{name}"), list);
        let table = images(&dir, &[]);
        assert!(
            table.contains("web   reg/web  of-dev  of-prod\n")
                || table.contains("web  reg/web  of-dev  of-prod\n"),
            "{name}: {table}"
        );
        assert_eq!(table.matches("reg/web").count(), 1, "{name}: {table}");
        assert_eq!(table.contains("shop  proxy"), name == "patches", "{table}");
        assert!(images(&dir, &["--places"]).contains("of-prod (envs/prod/kustomization.yaml:"));
        let before = fs::read(dir.join("envs/prod/web/kustomization.yaml")).expect("a file");
        let ran = kustom(&dir, &["promote", "dev", "prod", "--only", "web", "--write"]);
        assert_eq!(ran.code, Some(2), "{name}: {} {}", ran.out, ran.err);
        assert!(ran.out.contains("envs/prod/kustomization.yaml:"), "{}", ran.out);
        assert!(ran.out.contains("decides its version"), "{}", ran.out);
        let after = fs::read(dir.join("envs/prod/web/kustomization.yaml")).expect("a file");
        assert_eq!(before, after, "{name}");
        // The other app is its own.
        kustom(&dir, &["promote", "dev", "prod", "--only", "api", "--write"]).good();
    }
}

#[test]
fn a_list_that_overrules_one_environment_alone_is_told() {
    let dir = repository("lists-one", |env| match env {
        "prod" => "resources: [web]\nimages: [{name: reg/web, newTag: held}]\n".to_owned(),
        _ => "resources: [web]\n".to_owned(),
    });
    assert!(images(&dir, &[]).contains("web  reg/web  dev  held\n"));
    let ran = kustom(&dir, &["promote", "dev", "prod", "--only", "web"]);
    assert!(
        ran.code == Some(2) && ran.out.contains("decides its version"),
        "{} {}",
        ran.out,
        ran.err
    );
    let ran = kustom(&dir, &["promote", "prod", "dev", "--only", "web"]);
    let origin = "its version comes from envs/prod/kustomization.yaml:2";
    assert!(ran.code == Some(2) && ran.out.contains(origin), "{} {}", ran.out, ran.err);
}

#[test]
fn a_workload_of_the_list_is_its_own() {
    let dir = repository("lists-own", |env| {
        format!(
            "resources: [web, api, mesh.yaml]\nimages: [{{name: reg/mesh, newTag: of-{env}}}]\n"
        )
    });
    for env in ["dev", "prod"] {
        write(&dir, &format!("envs/{env}/mesh.yaml"), &POD.replace("NAME", "mesh"));
    }
    let table = "APP   IMAGE     DEV     PROD\napi   reg/api   dev     prod\nshop  reg/mesh  of-dev  of-prod\nweb   reg/web   dev     prod\n";
    assert_eq!(images(&dir, &[]), table);
    let said = kustom(&dir, &["promote", "dev", "prod", "--only", "shop"]).good();
    assert_eq!(said, "APP   IMAGE     PROD     DEV\nshop  reg/mesh  of-prod  of-dev\n");
    let said = kustom(&dir, &["promote", "dev", "prod", "--write"]).good();
    assert!(said.ends_with("wrote 3 files\n"), "{said}");
    let list = fs::read_to_string(dir.join("envs/prod/kustomization.yaml")).expect("a file");
    assert!(list.contains("newTag: of-dev"), "{list}");
    assert!(kustom(&dir, &["promote", "dev", "prod", "--check"]).code == Some(0));
}
