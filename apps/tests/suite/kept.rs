//! What the manifests of all Applications take together is limited, and what is the same is there once.

use kustom::{Builder, Limits, MemoryFs};
use kustom_apps::{Preview, Rendered, Repository, render};

const APPLICATIONS: usize = 60;

/// Renders Applications of one directory with some 10 KB of manifests, as `source` has them: `N` is a number.
fn rendered(source: &str, output_bytes: u64) -> Vec<Rendered> {
    let mut files = MemoryFs::new();
    files.insert("/repo/app/kustomization.yaml", "resources: [r.yaml]\n");
    files.insert("/repo/plain/r.yaml", map());
    files.insert("/repo/app/r.yaml", map());
    let repository = Repository::new(files, "/repo".as_ref()).expect("a directory");
    let one = |i: usize| {
        let source = source.replace('N', &i.to_string());
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a{i}}}\n\
             spec: {{source: {{repoURL: r, {source}}}, destination: {{name: c, namespace: ns}}}}\n"
        )
    };
    let all: Vec<String> = (0..APPLICATIONS).map(one).collect();
    let mut preview = Preview::default();
    preview.add_file("a.yaml".as_ref(), all.join("---\n").as_bytes(), &repository, &[]);
    assert_eq!(preview.applications.len(), APPLICATIONS);
    let mut limits = Limits::default();
    limits.output_bytes = output_bytes;
    render(&preview.applications, &repository, &Builder::new().limits(limits))
}

fn map() -> String {
    let lines: String = (0..400).map(|i| format!("  key-{i}: some text of {i}\n")).collect();
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m}}\ndata:\n{lines}")
}

fn refused(all: &[Rendered]) -> usize {
    let is_limit = |rendered: &&Rendered| {
        let mut problems = rendered.problems.iter();
        problems.any(|p| {
            p.message.contains("of all Applications")
                && p.message.contains("(limit `output_bytes`)")
        })
    };
    all.iter().filter(is_limit).count()
}

#[test]
fn manifests_of_all_applications_are_limited() {
    for source in
        ["path: app, kustomize: {namePrefix: pN-}", "path: plain, directory: {exclude: 'N'}"]
    {
        // One of them is far below the limit.
        let all = rendered(source, 100_000);
        let count = refused(&all);
        assert!((10..APPLICATIONS).contains(&count), "{source}: {count}");
        let failed = all.iter().filter(|rendered| rendered.failed()).count();
        assert_eq!(failed, count, "{source}");
        assert_eq!(refused(&rendered(source, 10_000_000)), 0, "{source}");
    }
}

#[test]
fn equal_renderings_are_there_once() {
    for source in ["path: app", "path: app, kustomize: {namePrefix: p-}"] {
        let all = rendered(source, 30_000);
        assert_eq!(refused(&all), 0, "{source}");
        let texts: Vec<&str> = all.iter().map(|one| one.manifests[0].as_yaml()).collect();
        assert!(texts[0].contains("namespace: ns"));
        assert!(texts.iter().all(|text| std::ptr::eq(*text, texts[0])), "{source}");
    }
}
