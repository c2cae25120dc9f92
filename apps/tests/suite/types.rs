//! Fields of another type than Argo CD's definition says.

use kustom::{Builder, MemoryFs};
use kustom_apps::{Preview, Repository, Severity, render};

/// Returns what is said of an Application, or an ApplicationSet with it, and whether it is rendered.
fn said(spec: &str, is_set: bool) -> (Vec<String>, bool) {
    let mut files = MemoryFs::new();
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    for path in ["plain/map.yaml", "kustomize/map.yaml", "chart/templates/map.yaml"] {
        files.insert(format!("/repo/{path}"), map);
    }
    files.insert("/repo/kustomize/kustomization.yaml", "resources: [map.yaml]\n");
    files.insert("/repo/chart/Chart.yaml", "name: chart\n");
    let spec = format!("{{project: p, destination: {{name: c, namespace: x}}, {spec}}}");
    let text = match is_set {
        false => format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec: {spec}\n"
        ),
        true => format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: s}}\nspec:\n  \
             generators: [{{list: {{elements: [{{auto: 'true'}}]}}}}]\n  \
             template: {{metadata: {{name: a}}, spec: {spec}}}\n"
        ),
    };
    let repository = Repository::new(files, "/repo".as_ref()).expect("a directory");
    let mut preview = Preview::default();
    preview.add_file("app.yaml".as_ref(), text.as_bytes(), &repository, &[]);
    preview.check(&repository);
    let rendered = render(&preview.applications, &repository, &Builder::new()).remove(0);
    let problems = preview.problems.iter().filter(|problem| problem.code == "wrong-type");
    let said = problems.map(|problem| {
        assert_eq!(problem.severity, Severity::Error);
        problem.message.clone()
    });
    // What is told already is told once, in the same words.
    let is_told = |problem| preview.problems.contains(problem) || rendered.problems.len() == 1;
    assert!(rendered.problems.iter().all(is_told), "{:?}", rendered.problems);
    (said.collect(), !rendered.failed())
}

#[test]
fn fields_have_their_types() {
    for (spec, wanted) in [
        (
            "source: {path: chart, helm: {parameters: [{name: a, value: 3}, {name: b, value: true}]}}",
            &[
                "source.helm.parameters[0].value is 3, not a text",
                "source.helm.parameters[1].value is true, not a text",
            ][..],
        ),
        (
            "source: {path: chart, helm: {skipCrds: \"true\", valueFiles: vals, values: {a: b}}}",
            &[
                "source.helm.valueFiles is a string, not a list",
                "source.helm.values is a map, not a text",
                "source.helm.skipCrds is \"true\", not true or false",
            ],
        ),
        ("source: {path: chart, helm: [a]}", &["source.helm is a list, not a map"]),
        (
            "source: {path: plain, directory: {recurse: 'true', include: [a]}}",
            &[
                "source.directory.recurse is \"true\", not true or false",
                "source.directory.include is a list, not a text",
            ],
        ),
        (
            "source: {path: kustomize, kustomize: {patches: [{patch: {a: b}}], replicas: [{name: a, count: true}]}}",
            &[
                "source.kustomize.replicas[0].count is true, not a number",
                "source.kustomize.patches[0].patch is a map, not a text",
            ],
        ),
        (
            "sources: [{path: plain}, {path: kustomize, kustomize: {images: [1]}}]",
            &["source.kustomize.images[0] is 1, not a text"],
        ),
    ] {
        let (found, is_rendered) = said(spec, false);
        assert_eq!(found, wanted, "{spec}");
        assert!(!is_rendered, "{spec}");
    }
    for (spec, wanted) in [
        ("prune: 'yes'", "spec.syncPolicy.automated.prune is \"yes\", not true or false"),
        ("selfHeal: 1", "spec.syncPolicy.automated.selfHeal is 1, not true or false"),
    ] {
        let spec = format!("source: {{path: plain}}, syncPolicy: {{automated: {{{spec}}}}}");
        assert_eq!(said(&spec, false), (vec![wanted.to_owned()], true));
    }
    let options = "source: {path: plain}, syncPolicy: {syncOptions: PruneLast=true}";
    let wanted = "spec.syncPolicy.syncOptions is a string, not a list".to_owned();
    assert_eq!(said(options, false), (vec![wanted], true));
    // What is right, or not said, is neither.
    for spec in [
        "source: {path: kustomize, kustomize: {replicas: [{name: a, count: '2'}], images: null}}",
        "source: {path: plain, directory: {recurse: false}}, syncPolicy: null",
        "source: {path: plain, directory: null}, syncPolicy: {automated: {}}",
    ] {
        assert!(said(spec, false).0.is_empty(), "{spec}");
    }
}

#[test]
fn a_template_makes_texts_only() {
    let (found, is_rendered) =
        said("source: {path: plain, directory: {recurse: '{{auto}}'}}", true);
    assert_eq!(found, ["source.directory.recurse is \"true\", not true or false"]);
    assert!(!is_rendered);
    let (found, _) =
        said("source: {path: plain}, syncPolicy: {automated: {prune: '{{auto}}'}}", true);
    assert_eq!(found, ["spec.syncPolicy.automated.prune is \"true\", not true or false"]);
}

#[test]
fn sources_are_maps_and_lists_of_such() {
    for (spec, wanted) in [
        ("source: [{path: plain}]", "spec.source is a list, not a map"),
        ("source: a", "spec.source is a string, not a map"),
        ("sources: {path: plain}", "spec.sources is a map, not a list"),
        ("sources: [plain]", "spec.sources[0] is a string, not a map"),
        ("sources: [{path: plain}, [a]]", "spec.sources[1] is a list, not a map"),
        (
            "sourceHydrator: {drySource: [plain]}",
            "spec.sourceHydrator.drySource is a list, not a map",
        ),
    ] {
        for is_set in [false, true] {
            assert_eq!(said(spec, is_set), (vec![wanted.to_owned()], false), "{spec}");
        }
    }
}

/// Returns the errors about an object, and what it renders.
fn of_object(text: &str) -> (Vec<(&'static str, String)>, String) {
    let mut files = MemoryFs::new();
    files.insert("/repo/p/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    let repository = Repository::new(files, "/repo".as_ref()).expect("a directory");
    let mut preview = Preview::default();
    preview.add_file("app.yaml".as_ref(), text.as_bytes(), &repository, &[]);
    preview.check(&repository);
    let rendered = render(&preview.applications, &repository, &Builder::new()).remove(0);
    let errors = preview.problems.iter().chain(&rendered.problems);
    let errors = errors.filter(|problem| problem.severity == Severity::Error);
    let mut errors: Vec<_> = errors.map(|it| (it.code, it.message.clone())).collect();
    errors.dedup();
    assert_eq!(errors.is_empty(), !rendered.failed(), "{errors:?}");
    (errors, rendered.to_yaml())
}

#[test]
fn an_application_has_a_source() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n";
    for spec in ["", "spec: null\n", "spec: {project: p}\n", "spec: {sources: []}\n"] {
        let (errors, yaml) = of_object(&format!("{application}{spec}"));
        assert_eq!((errors, yaml.as_str()), (vec![("no-source", "has no source".to_owned())], ""));
    }
    let patched = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s}\nspec:\n  \
                   goTemplate: true\n  generators: [{list: {elements: [{a: b}]}}]\n  \
                   template: {metadata: {name: a}, spec: {project: p, source: {path: p}, destination: {name: c}}}\n  \
                   templatePatch: |\n    spec: {source: [{path: p}]}\n";
    let (errors, yaml) = of_object(patched);
    let wanted = ("wrong-type", "spec.source is a list, not a map".to_owned());
    assert_eq!((errors, yaml.as_str()), (vec![wanted], ""));
}

#[test]
fn fields_of_flux_have_their_types() {
    let flux =
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\n";
    for (spec, wanted) in [
        ("{path: [p]}", "spec.path is a list, not a text"),
        ("{path: p, targetNamespace: [x]}", "spec.targetNamespace is a list, not a text"),
        ("{path: p, prune: 'true'}", "spec.prune is \"true\", not true or false"),
        ("{path: p, patches: {patch: a}}", "spec.patches is a map, not a list"),
        ("{path: p, images: {name: a}}", "spec.images is a map, not a list"),
        ("{path: p, components: c}", "spec.components is a string, not a list"),
        (
            "{path: p, commonMetadata: {labels: [a]}}",
            "spec.commonMetadata.labels is a list, not a map",
        ),
        (
            "{path: p, postBuild: {substitute: {a: 3}}}",
            "spec.postBuild.substitute.a is 3, not a text",
        ),
        ("{path: p, sourceRef: git}", "spec.sourceRef is a string, not a map"),
        ("[a]", "spec is a list, not a map"),
    ] {
        let (errors, yaml) = of_object(&format!("{flux}spec: {spec}\n"));
        assert_eq!(
            (errors, yaml.as_str()),
            (vec![("wrong-type", wanted.to_owned())], ""),
            "{spec}"
        );
    }
    let (errors, _) = of_object(&format!("{flux}spec: null\n"));
    assert_eq!(errors, [("no-source", "has no spec".to_owned())]);
    let (errors, _) =
        of_object(&format!("{flux}spec: {{path: p, images: [{{name: a, newTag: 1.0}}]}}\n"));
    assert!(
        errors[0].1.contains("images: newTag is 1.0, not a text; put quotes around it"),
        "{errors:?}"
    );
    assert!(of_object(&format!("{flux}spec: {{path: p}}\n")).0.is_empty());
}
