//! Manifests that no kustomization reads: Argo CD is less strict with them.

use std::sync::Arc;

use kustom::outside::{ChartPull, ChartRenderer, ChartTemplate, Failure, FileTree};
use kustom::{Builder, MemoryFs};
use kustom_apps::{Preview, Repository, render};

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

/// Renders an Application of a path, or says why that fails.
fn rendered(path: &str, file: &str, text: &str) -> Result<String, String> {
    #[derive(Debug)]
    struct Printer(Vec<u8>);
    impl ChartRenderer for Printer {
        fn version(&self) -> Result<String, Failure> {
            Ok("v3.18.0".to_owned())
        }
        fn pull(&self, _: &ChartPull) -> Result<FileTree, Failure> {
            Ok(FileTree::new())
        }
        fn template(&self, _: &ChartTemplate) -> Result<Vec<u8>, Failure> {
            Ok(self.0.clone())
        }
    }
    let mut files = MemoryFs::new();
    files.insert(format!("/repo/{path}/{file}"), text);
    files.insert("/repo/chart/Chart.yaml", "name: c");
    files.insert("/repo/kustomize/kustomization.yaml", "resources: [map.yaml]\n");
    files.insert(
        "/repo/charts/kustomization.yaml",
        "helmCharts: [{name: c}]\nhelmGlobals: {chartHome: .}\n",
    );
    files.insert("/repo/charts/c/Chart.yaml", "name: c");
    files.insert("/repo/charts/c/values.yaml", "");
    let repository = Repository::new(files, "/repo".as_ref()).expect("a directory");
    let application = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n  destination: {{name: prod}}\n  source: {{path: {path}}}\n"
    );
    let mut preview = Preview::default();
    preview.add_file("app.yaml".as_ref(), application.as_bytes(), &repository, &[]);
    let builder = Builder::new().charts(Arc::new(Printer(text.as_bytes().to_vec())));
    let rendered = render(&preview.applications, &repository, &builder).remove(0);
    match rendered.problems.first() {
        Some(problem) => Err(problem.message.clone()),
        None => Ok(rendered.to_yaml()),
    }
}

#[test]
fn the_last_of_equal_keys_counts_and_keys_become_texts() {
    for (data, wanted) in [
        ("\n  k: v1\n  k: v2", "  k: v2\n"),
        (" {true: a, 1.5: b, 9000: c}", "  \"1.5\": b\n  \"9000\": c\n  \"true\": a\n"),
        (" {\"a\": x, a: z}", "  a: z\n"),
    ] {
        let text = format!("{MAP}data:{data}\n");
        let wanted =
            format!("apiVersion: v1\ndata:\n{wanted}kind: ConfigMap\nmetadata:\n  name: a\n");
        assert_eq!(rendered("plain", "map.yaml", &text).as_ref(), Ok(&wanted), "{data}");
        assert_eq!(rendered("chart", "templates/map.yaml", &text).as_ref(), Ok(&wanted), "{data}");
    }
    // What a kustomization reads is read as upstream does, its charts too.
    let twice = format!("{MAP}data:\n  k: v1\n  k: v2\n");
    for (path, file) in [("kustomize", "map.yaml"), ("charts", "c/templates/map.yaml")] {
        let refused = rendered(path, file, &twice).expect_err("refused");
        assert!(refused.contains("\"k\" already defined"), "{refused}");
    }
}

#[test]
fn json_is_read_as_json() {
    let of = |data: &str| {
        let text = format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\n\t\"metadata\":{{\"name\":\"a\"}},\"data\":{data}}}"
        );
        rendered("plain", "map.json", &text)
    };
    for (data, wanted) in [
        (r#"{"a":"\ud83d\ude00 \/"}"#, "  a: \"\\U0001F600 /\"\n"),
        (r#"{"a":"1","a":"2"}"#, "  a: \"2\"\n"),
    ] {
        let wanted =
            format!("apiVersion: v1\ndata:\n{wanted}kind: ConfigMap\nmetadata:\n  name: a\n");
        assert_eq!(of(data), Ok(wanted), "{data}");
    }
}

#[test]
fn an_include_that_leaves_no_file_is_told() {
    let mut files = MemoryFs::new();
    files.insert("/repo/plain/map.yaml", MAP);
    files.insert("/repo/plain/below/map.yaml", MAP);
    let repository = Repository::new(files, "/repo".as_ref()).expect("a directory");
    for (path, directory, told) in [
        (
            ".",
            "include: 'plain/*'",
            "the include \"plain/*\" leaves no file: without `recurse: true` only those of . itself are looked at",
        ),
        (".", "include: 'plain/*', recurse: true", ""),
        ("plain", "include: '*.yml'", "the include \"*.yml\" leaves no file of plain"),
        ("plain", "include: '*.yaml'", ""),
        (".", "exclude: '*.yaml'", ""),
    ] {
        let application = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n  destination: {{name: prod}}\n  source: {{path: {path}, directory: {{{directory}}}}}\n"
        );
        let mut preview = Preview::default();
        preview.add_file("app.yaml".as_ref(), application.as_bytes(), &repository, &[]);
        let rendered = render(&preview.applications, &repository, &Builder::new()).remove(0);
        let said: Vec<&str> = rendered.problems.iter().map(|it| it.message.as_str()).collect();
        assert_eq!((said.join("\n").as_str(), rendered.failed()), (told, false), "{directory}");
    }
}
