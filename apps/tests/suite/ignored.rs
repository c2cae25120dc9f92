//! What git ignores is not there, whoever reads the repository.

use std::sync::Arc;

use kustom::outside::{ChartPull, ChartRenderer, ChartTemplate, Failure, FileTree};
use kustom::{Builder, MemoryFs};
use kustom_apps::{Preview, Repository, render};

/// Prints the names of a chart's templates, and the values that it is given.
#[derive(Debug)]
struct Printer;

impl ChartRenderer for Printer {
    fn version(&self) -> Result<String, Failure> {
        Ok("v3.18.0".to_owned())
    }
    fn pull(&self, _: &ChartPull) -> Result<FileTree, Failure> {
        Ok(FileTree::new())
    }
    fn template(&self, template: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        let files = template.chart.iter().map(|(path, _)| path.display().to_string());
        let values = template.values.iter();
        let values = values.map(|file| String::from_utf8_lossy(&file.content).into_owned());
        let data = serde_json::json!({"files": files.collect::<Vec<_>>().join(" "),
                                      "values": values.collect::<String>()});
        Ok(format!("{}data: {data}\n", MAP.replace("NAME", "chart")).into_bytes())
    }
}

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\n";

/// Renders an Application whose source says some things more; `ignored` is what git ignores.
fn rendered(source: &str, files: &[(&str, &str)], ignored: &[&str]) -> Result<String, String> {
    let mut all = MemoryFs::new();
    for (path, text) in files {
        all.insert(format!("/repo/{path}"), *text);
    }
    let names = files.iter().map(|(path, _)| (*path).to_owned());
    let listed = names.filter(|path| !ignored.contains(&path.as_str())).collect();
    let repository = Repository::new(all, "/repo".as_ref()).expect("a directory").only(listed);
    let application = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n  \
         destination: {{name: prod}}\n  source: {{{source}}}\n"
    );
    let mut preview = Preview::default();
    preview.add_file("app.yaml".as_ref(), application.as_bytes(), &repository, &[]);
    let builder = Builder::new().charts(Arc::new(Printer));
    let rendered = render(&preview.applications, &repository, &builder).remove(0);
    match rendered.problems.first() {
        Some(problem) => Err(problem.message.clone()),
        None => Ok(rendered.to_yaml()),
    }
}

#[test]
fn what_is_ignored_is_not_rendered() {
    let map = |name: &str| MAP.replace("NAME", name);
    let (a, b) = (map("a"), map("b"));
    for (source, ignored, files) in [
        (
            "path: k, kustomize: {components: [c], ignoreMissingComponents: true}",
            "k/c/kustomization.yaml",
            &[
                ("k/kustomization.yaml", "resources: [a.yaml]\n"),
                ("k/a.yaml", &*a),
                (
                    "k/c/kustomization.yaml",
                    "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -ignored\n",
                ),
            ][..],
        ),
        (
            "path: k",
            "k/.argocd-source.yaml",
            &[
                ("k/kustomization.yaml", "resources: [a.yaml]\n"),
                ("k/a.yaml", &a),
                ("k/.argocd-source.yaml", "kustomize: {nameSuffix: -ignored}\n"),
            ],
        ),
        (
            "path: chart",
            "chart/templates/ignored.yaml",
            &[
                ("chart/Chart.yaml", "name: chart\n"),
                ("chart/templates/a.yaml", &a),
                ("chart/templates/ignored.yaml", &b),
            ],
        ),
        (
            "path: chart, helm: {valueFiles: [v.yaml], ignoreMissingValueFiles: true}",
            "chart/v.yaml",
            &[("chart/Chart.yaml", "name: chart\n"), ("chart/v.yaml", "a: ignored\n")],
        ),
        (
            "path: chart, helm: {valueFiles: ['v*.yaml'], ignoreMissingValueFiles: true}",
            "chart/v.yaml",
            &[("chart/Chart.yaml", "name: chart\n"), ("chart/v.yaml", "a: ignored\n")],
        ),
        ("path: plain", "plain/b.yaml", &[("plain/a.yaml", &a), ("plain/b.yaml", &map("ignored"))]),
        (
            "path: k",
            "k/kustomization.yaml",
            &[
                ("k/a.yaml", &a),
                ("k/kustomization.yaml", "namePrefix: ignored-\nresources: [a.yaml]\n"),
            ],
        ),
    ] {
        let whole = rendered(source, files, &[]);
        assert!(whole.is_err() || whole.is_ok_and(|it| it.contains("ignored")), "{source}");
        let text = rendered(source, files, &[ignored]).expect(source);
        assert!(!text.contains("ignored") && text.contains("ConfigMap"), "{source}: {text}");
    }
}

#[test]
fn what_is_ignored_and_wanted_is_told() {
    for (source, ignored, files) in [
        (
            "path: k",
            "k/a.yaml",
            &[("k/kustomization.yaml", "resources: [a.yaml]\n"), ("k/a.yaml", MAP)][..],
        ),
        (
            "path: k",
            "k/a.env",
            &[
                ("k/kustomization.yaml", "configMapGenerator: [{name: a, envs: [a.env]}]\n"),
                ("k/a.env", "A=1\n"),
            ],
        ),
        (
            "path: k",
            "b/kustomization.yaml",
            &[
                ("k/kustomization.yaml", "resources: [../b]\n"),
                ("b/kustomization.yaml", "resources: [a.yaml]\n"),
            ],
        ),
        (
            "path: k, kustomize: {nameSuffix: -x}",
            "k/a.yaml",
            &[("k/kustomization.yaml", "resources: [a.yaml]\n"), ("k/a.yaml", MAP)],
        ),
        ("path: k", "k/a.yaml", &[("k/a.yaml", MAP), ("l/a.yaml", MAP)]),
        (
            "path: chart, helm: {valueFiles: [v.yaml]}",
            "chart/v.yaml",
            &[("chart/Chart.yaml", "name: chart\n"), ("chart/v.yaml", "a: b\n")],
        ),
        (
            "path: chart, helm: {fileParameters: [{name: a, path: v.txt}]}",
            "chart/v.txt",
            &[("chart/Chart.yaml", "name: chart\n"), ("chart/v.txt", "a")],
        ),
    ] {
        let said = rendered(source, files, &[ignored]).expect_err(source);
        assert!(said.contains("git ignores it, so no clone has it"), "{source}: {said}");
        assert!(!said.contains("counts from the folder"), "{source}: {said}");
    }
    let files = [("k/kustomization.yaml", "resources: [none.yaml]\n"), ("k/a.yaml", MAP)];
    let said = rendered("path: k", &files, &["k/a.yaml"]).expect_err("it is not there");
    assert!(!said.contains("ignores"), "{said}");
}

#[test]
fn a_repository_within_is_not_called_ignored() {
    let map = MAP.replace("NAME", "a");
    let said = |git: &str| {
        let files = [("sub/p/map.yaml", map.as_str()), (git, "x"), ("q/map.yaml", &map)];
        rendered("path: sub/p", &files, &["sub/p/map.yaml", git]).unwrap_err()
    };
    let own = said("sub/.git/HEAD");
    assert!(own.contains("sub is a repository of its own") && !own.contains("ignores"), "{own}");
    assert!(said("sub/p/.git").contains("sub/p is a repository of its own"));
    let ignored = said(".git/HEAD");
    assert!(ignored.contains("git ignores it"), "{ignored}");
}
