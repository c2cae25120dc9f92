//! Functions of bases in charts that a build has fetched, whose folder is not on the disk, and links into such charts.
#![cfg(unix)]

use crate::diff::Repo;
use crate::elsewhere::executable;
use crate::{Ran, config_map, program};

const CHART: &str = "helmCharts: [{name: web, repo: 'https://charts.example.com', version: 1.0.0, releaseName: r}]\n";

/// Fetches a chart that has a base with two functions, and renders nothing.
const HELM: &str = r#"#!/bin/sh
case $1 in
version) echo v4.0.0 ;;
pull)
  mkdir -p "$4/$7/fn"
  cd "$4/$7"
  printf 'apiVersion: v2\nname: web\nversion: 1.0.0\n' > Chart.yaml
  : > values.yaml
  echo '[{"op": "add", "path": "/data", "value": {"of": "chart"}}]' > patch.yaml
  printf 'generators: [here.yaml]\ntransformers: [box.yaml]\n' > fn/kustomization.yaml
  made='apiVersion: v1\nkind: ConfigMap\nmetadata: {name: of-%%s}\n'
  printf "cat > written; printf '$made' \"\$(sed -n 's/name: //p' ../Chart.yaml)\"\n" > fn/program
  config='apiVersion: ex.io/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    config.kubernetes.io/function:'
  printf "$config"' "exec: {path: sh, args: [program]}"\n' > fn/here.yaml
  printf "$config"' "container: {image: box}"\n' > fn/box.yaml ;;
esac
"#;

fn tree() -> Repo {
    let repo = Repo::empty();
    repo.write("b/kustomization.yaml", CHART);
    repo.write("o/kustomization.yaml", "resources: [../b, ../b/charts/web-1.0.0/web/fn]\n");
    repo.write("bin/helm", HELM);
    repo.write("bin/docker", "#!/bin/sh\ncat\n");
    ["bin/helm", "bin/docker"].iter().for_each(|path| executable(&repo.path().join(path)));
    repo
}

fn run(repo: &Repo, args: &[&str]) -> Ran {
    let flags = ["--enable-helm", "--enable-alpha-plugins", "--enable-exec"];
    let mut command = program(repo.path(), &[args, &flags].concat());
    let path = std::env::var("PATH").expect("a path");
    command.env("PATH", format!("{}:{path}", repo.path().join("bin").display()));
    command.output().expect("it runs").into()
}

#[test]
fn they_run_in_a_copy_of_the_chart() {
    let repo = tree();
    let made = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: of-web\n";
    assert_eq!(run(&repo, &["build", "o"]).good(), made);
    assert!(!repo.path().join("b/charts").exists());
    // As upstream has it, which writes the chart into the tree.
    assert_eq!(run(&repo, &["build", "o", "--helm-write-charts"]).good(), made);
    assert!(repo.path().join("b/charts/web-1.0.0/web/fn").is_dir());
}

#[test]
fn they_run_for_a_revision_too() {
    let repo = tree();
    repo.commit();
    repo.write(
        "o/kustomization.yaml",
        "namePrefix: x-\nresources: [../b, ../b/charts/web-1.0.0/web/fn]\n",
    );
    let ran = run(&repo, &["diff", "o", "--from", "HEAD"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("metadata.name: of-web → x-of-web"), "{}{}", ran.out, ran.err);
}

#[test]
fn links_into_a_chart_are_followed() {
    let repo = tree();
    repo.write("p/map.yaml", &config_map("m"));
    for (link, target, patch) in [
        ("file", "charts/web-1.0.0/web/patch.yaml", "file"),
        ("folder", "charts/web-1.0.0/web", "folder/patch.yaml"),
        ("twice", "./folder", "twice/fn/../patch.yaml"),
    ] {
        std::os::unix::fs::symlink(target, repo.path().join("p").join(link)).expect("a link");
        let uses = format!(
            "{CHART}resources: [map.yaml]\npatches: [{{path: {patch}, target: {{kind: ConfigMap}}}}]\n"
        );
        repo.write("p/kustomization.yaml", &uses);
        let built = run(&repo, &["build", "p"]).good();
        assert!(built.contains("data:\n  of: chart\n"), "{patch}: {built}");
    }
    // As ever, of what the folder of the kustomization holds.
    std::os::unix::fs::symlink("../b/charts/web-1.0.0/web/patch.yaml", repo.path().join("p/out"))
        .expect("a link");
    repo.write(
        "p/kustomization.yaml",
        "resources: [../b, map.yaml]\npatches: [{path: out, target: {kind: ConfigMap}}]\n",
    );
    let refused = run(&repo, &["build", "p"]);
    assert!(refused.err.contains("is not in or below"), "{}{}", refused.out, refused.err);
}
