//! Sources that are more than what the Application says.

use kustom::{Builder, MemoryFs};
use kustom_apps::{Preview, Rendered, Repository, render};

use super::render::DEPLOYMENT;

fn rendered(files: &[(&str, &str)], name: &str, spec: &str) -> Rendered {
    let mut all = MemoryFs::new();
    all.insert("/repo/app/kustomization.yaml", "resources: [deployment.yaml]\n");
    all.insert("/repo/app/deployment.yaml", DEPLOYMENT);
    for (path, text) in files {
        all.insert(format!("/repo/{path}"), *text);
    }
    let repository = Repository::new(all, "/repo".as_ref()).expect("a directory");
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: team}}\nspec: {{{spec}}}\n"
    );
    let mut preview = Preview::default();
    preview.add_file("app.yaml".as_ref(), text.as_bytes(), &repository, &[]);
    render(&preview.applications, &repository, &Builder::new()).remove(0)
}

fn yaml(rendered: &Rendered) -> String {
    assert!(rendered.problems.is_empty(), "{:?}", rendered.problems);
    rendered.to_yaml()
}

#[test]
fn files_beside_the_manifests_go_over_the_source() {
    let all = ("app/.argocd-source.yaml", "kustomize: {images: ['web=web:all'], namePrefix: a-}\n");
    let own = ("app/.argocd-source-web.yaml", "kustomize:\n  images:\n  - web=web:own\n");
    let source = "source: {path: app, kustomize: {images: ['web=web:said'], nameSuffix: -s}}";
    for (files, name, wanted) in [
        (&[][..], "web", ["name: web-s", "image: web:said"]),
        (&[all], "web", ["name: a-web-s", "image: web:all"]),
        (&[own], "web", ["name: web-s", "image: web:own"]),
        (&[all, own], "web", ["name: a-web-s", "image: web:own"]),
        (&[all, own], "other", ["name: a-web-s", "image: web:all"]),
        (&[("app/.argocd-source-team_web.yaml", own.1)], "web", ["name: web-s", "image: web:own"]),
        (
            &[("app/.argocd-source.yaml", "kustomize: null\n")],
            "web",
            ["name: web\n", "image: web:1"],
        ),
        (&[("app/.argocd-source.yaml", "")], "web", ["name: web-s", "image: web:said"]),
        // Names of members are read in whatever case, and where the manifests are is not changed.
        (
            &[(
                "app/.argocd-source.yaml",
                "{path: nowhere, chart: c, Kustomize: {NAMEPREFIX: b-}}\n",
            )],
            "web",
            ["name: b-web-s", "image: web:said"],
        ),
    ] {
        let yaml = yaml(&rendered(files, name, source));
        assert!(wanted.iter().all(|part| yaml.contains(part)), "{files:?} {name}: {yaml}");
    }
    let plain = yaml(&rendered(&[own], "web", "source: {path: app}"));
    assert!(plain.contains("image: web:own"), "{plain}");
    for (text, wanted) in [
        ("- a\n", "app/.argocd-source.yaml is a list, not a map"),
        ("a: [\n", "app/.argocd-source.yaml: "),
    ] {
        let rendered = rendered(&[("app/.argocd-source.yaml", text)], "web", source);
        assert!(rendered.problems[0].message.contains(wanted), "{:?}", rendered.problems);
    }
}

#[test]
fn files_beside_plain_manifests_count_as_well() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: deep}\n";
    let files =
        [("plain/x/map.yaml", map), ("plain/.argocd-source.yaml", "directory: {recurse: true}\n")];
    assert!(yaml(&rendered(&files, "web", "source: {path: plain}")).contains("name: deep"));
    assert!(yaml(&rendered(&files[..1], "web", "source: {path: plain}")).is_empty());
}

#[test]
fn of_a_hydrator_the_dry_source_is_rendered() {
    let spec = "sourceHydrator: {drySource: {repoURL: r, path: app, kustomize: {namePrefix: dry-}}, \
                syncSource: {targetBranch: env/prod, path: out}}";
    assert!(yaml(&rendered(&[], "web", spec)).contains("name: dry-web"));
}

#[test]
fn several_sources_go_before_one() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n";
    let spec = "source: {path: app}, sources: [{path: plain}]";
    let yaml = yaml(&rendered(&[("plain/map.yaml", map)], "web", spec));
    assert!(yaml.contains("name: other") && !yaml.contains("name: web"), "{yaml}");
}
