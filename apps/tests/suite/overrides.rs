//! `source.kustomize` does what `kustomize edit` does.

use kustom::{Builder, MemoryFs};
use kustom_apps::{Preview, Rendered, Repository, render};

use super::render::DEPLOYMENT;

/// Renders `app` with a kustomization and `source.kustomize`.
fn overridden(kustomization: &str, own: &str) -> Rendered {
    let mut files = MemoryFs::new();
    files.insert(
        "/repo/app/kustomization.yaml",
        format!("resources: [deployment.yaml]\n{kustomization}"),
    );
    files.insert("/repo/app/deployment.yaml", DEPLOYMENT);
    for name in ["a", "b"] {
        let text = format!("kind: Component\ncommonAnnotations: {{{name}: x}}\n");
        files.insert(format!("/repo/parts/{name}/kustomization.yaml"), text);
    }
    let repository = Repository::new(files, "/repo".as_ref()).expect("a directory");
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec: {{source: {{path: app, kustomize: {own}}}}}\n"
    );
    let mut preview = Preview::default();
    preview.add_file("app.yaml".as_ref(), text.as_bytes(), &repository, &[]);
    render(&preview.applications, &repository, &Builder::new()).remove(0)
}

#[test]
fn overrides_do_what_edit_does() {
    // What the kustomization says, what the Application says, and what `kustomize edit` makes of that.
    for (before, own, after) in [
        // Labels go into the first entry that reaches as far, whatever its fields.
        (
            "labels: [{pairs: {a: x}, fields: [{path: spec/own, create: true}]}]",
            "{commonLabels: {b: w}, labelWithoutSelector: true}",
            "labels: [{pairs: {a: x, b: w}, fields: [{path: spec/own, create: true}]}]",
        ),
        (
            "labels: [{pairs: {a: x}, includeSelectors: true}, {pairs: {c: z}, includeTemplates: true}]",
            "{commonLabels: {a: w}, labelWithoutSelector: true, labelIncludeTemplates: true, forceCommonLabels: true}",
            "labels: [{pairs: {a: x}, includeSelectors: true}, {pairs: {c: z, a: w}, includeTemplates: true}]",
        ),
        (
            "labels: [{pairs: {a: x}, includeTemplates: true}]",
            "{commonLabels: {a: w}, labelWithoutSelector: true}",
            "labels: [{pairs: {a: x}, includeTemplates: true}, {pairs: {a: w}}]",
        ),
        (
            "",
            "{commonLabels: {a: '\"1\"'}, commonAnnotations: {note: '\"x\"'}}",
            "commonLabels: {a: '1'}\ncommonAnnotations: {note: x}",
        ),
        // Old entries, entries that are there twice, and arguments that are there twice.
        (
            "imageTags: [{name: web, newTag: '2'}, {name: x, newTag: '1'}]",
            "{images: ['web=*:3']}",
            "images: [{name: web, newTag: '3'}]",
        ),
        (
            "images: [{name: web, newTag: '2'}, {name: web, newName: w}]",
            "{images: ['web=*:*@sha256:ab']}",
            "images: [{name: web, newTag: '2', digest: 'sha256:ab'}]",
        ),
        ("", "{images: ['web:2', 'web:3']}", "images: [{name: web, newTag: '3'}]"),
        (
            "images: [{name: web, newName: w, tagSuffix: -z}]",
            "{images: ['web:3']}",
            "images: [{name: web, newTag: '3'}]",
        ),
        (
            "replicas: [{name: web, count: 2}, {name: web, count: 4}]",
            "{replicas: [{name: web, count: '3'}]}",
            "replicas: [{name: web, count: 3}]",
        ),
        (
            "replicas: [{name: web, count: 2}]",
            "{replicas: [{name: web, count: 3}, {name: web, count: 5}]}",
            "replicas: [{name: web, count: 5}]",
        ),
        // Texts that look like numbers.
        (
            "namePrefix: a-",
            "{namePrefix: '1', nameSuffix: '2e3', namespace: '007'}",
            "namePrefix: '1'\nnameSuffix: '2e3'\nnamespace: '007'",
        ),
        // Patterns of components, one of them there already.
        (
            "components: [../parts/b]",
            "{components: ['../parts/*']}",
            "components: [../parts/b, ../parts/a]",
        ),
        (
            "",
            "{components: ['../parts/*', ../parts/a], ignoreMissingComponents: true}",
            "components: [../parts/a]",
        ),
        (
            "patches: []",
            "{patches: [{target: {kind: Deployment}, patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: z}}', options: {allowNameChange: true}}]}",
            "patches: [{target: {kind: Deployment}, patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: z}}', options: {allowNameChange: true}}]",
        ),
    ] {
        let (made, wanted) = (overridden(before, own), overridden(after, "{}"));
        assert!(
            !made.failed() && !wanted.failed(),
            "{own}: {:?} {:?}",
            made.problems,
            wanted.problems
        );
        assert_eq!(made.to_yaml(), wanted.to_yaml(), "{before} with {own}");
    }
}

#[test]
fn overrides_that_edit_refuses_are_refused() {
    for (before, own, said) in [
        (
            "",
            "{commonLabels: {a: b}, labelIncludeTemplates: true}",
            "--without-selector flag must be specified",
        ),
        (
            "commonLabels: {a: b}",
            "{commonLabels: {a: b}}",
            "label a already in kustomization file; forceCommonLabels",
        ),
        (
            "commonAnnotations: {a: b}",
            "{commonAnnotations: {a: b}}",
            "annotation a already in kustomization file; forceCommonAnnotations",
        ),
        ("", "{images: [web]}", "invalid format of image \"web\""),
        ("", "{namePrefix: 1}", "source.kustomize.namePrefix is 1, not a text"),
        ("", "{commonLabels: {a: 1}}", "source.kustomize.commonLabels.a is 1, not a text"),
        ("", "{commonLabels: [a]}", "commonLabels is a list, not a map"),
        ("", "{images: web}", "images is a string, not a list"),
        ("", "{components: [../parts/c]}", "components: ../parts/c has no match"),
        (
            "",
            "{replicas: [{name: web, count: many}]}",
            "the count of the replicas web is no number",
        ),
        (
            "",
            "{commonLabels: {a: b}, forceCommonLabels: 'yes'}",
            "forceCommonLabels is \"yes\", not true or false",
        ),
        ("nonsense: x", "{namePrefix: a}", "app/kustomization.yaml"),
    ] {
        let rendered = overridden(before, own);
        let messages: Vec<&str> = rendered.problems.iter().map(|p| p.message.as_str()).collect();
        assert!(rendered.failed() && messages[0].contains(said), "{own}: {messages:?}");
        assert!(!messages[0].contains("/repo/"), "{messages:?}");
    }
}

#[test]
fn a_count_that_is_whole_is_one() {
    let yaml = overridden("", "{replicas: [{name: web, count: 5e0}]}").to_yaml();
    assert!(yaml.contains("replicas: 5\n"), "{yaml}");
    for count in ["1.5", "1e17"] {
        let own = format!("{{replicas: [{{name: web, count: {count}}}]}}");
        assert!(overridden("", &own).failed(), "{count}");
    }
}

#[test]
fn what_cannot_be_read_with_the_overrides_is_said_to_be_of_both() {
    let rendered = overridden("", "{patches: [{patch: '[]', target: {kind: 5}}]}");
    let said = &rendered.problems[0].message;
    let wanted = "app/kustomization.yaml with what the Application says: invalid Kustomization";
    assert!(said.contains(wanted), "{said}");
}
