//! What becomes of Applications that a change takes away.

use kustom::{Builder, MemoryFs};
use kustom_apps::{Fate, Preview, Rendered, Repository, fate, hold_back, render};

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

fn preview(text: &str, object: &str) -> (Preview, Vec<Rendered>) {
    let mut files = MemoryFs::new();
    files.insert("/repo/app/object.yaml", object);
    let repository = Repository::new(files, "/repo".as_ref()).expect("a directory");
    let mut preview = Preview::default();
    preview.add_file("apps.yaml".as_ref(), text.as_bytes(), &repository, &[]);
    preview.finish();
    let rendered = render(&preview.applications, &repository, &Builder::new());
    (preview, rendered)
}

/// Says what becomes of the first Application of a file that is another one after.
fn told(before: &str, after: &str, object: &str) -> String {
    let (before, rendered) = preview(before, object);
    assert!(!rendered[0].failed(), "{:?}", rendered[0].problems);
    let (after, _) = preview(after, object);
    let (fate, deleted) = fate(&before.applications[0], &rendered[0], &after);
    // What stays is not among what is deleted.
    let is_deleted = deleted.contains("name: a\n");
    assert_eq!(is_deleted, matches!(fate, Fate::Deleted { .. }), "{fate}: {deleted}");
    assert!(!deleted.contains("name: b\n") && !deleted.contains("things.x"), "{deleted}");
    fate.to_string()
}

fn application(metadata: &str, spec: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web{metadata}}}\nspec:\n  \
         source: {{path: app, repoURL: r}}\n  destination: {{name: prod, namespace: web}}\n{spec}"
    )
}

#[test]
fn a_finalizer_decides_whether_argo_cd_deletes() {
    let finalizer =
        |name: &str| format!(", finalizers: [resources-finalizer.argocd.argoproj.io{name}]");
    for (metadata, spec, object, wanted) in [
        (finalizer(""), "", "", "its objects are deleted"),
        (finalizer("/background"), "", "", "its objects are deleted"),
        (finalizer("/foreground"), "", "", "its objects are deleted"),
        (finalizer("/unknown"), "", "", "its objects stay: it has no resources-finalizer"),
        (String::new(), "", "", "its objects stay: it has no resources-finalizer"),
        (
            ", finalizers: [post-delete-finalizer.argocd.argoproj.io]".to_owned(),
            "",
            "",
            "its objects stay: it has no resources-finalizer",
        ),
        (
            finalizer(""),
            "",
            "argocd.argoproj.io/sync-options: Delete=false",
            "its objects stay: each of them says so",
        ),
        (
            finalizer(""),
            "",
            "argocd.argoproj.io/sync-options: Prune=false",
            "its objects are deleted",
        ),
        (
            finalizer(""),
            "",
            "helm.sh/resource-policy: keep",
            "its objects stay: each of them says so",
        ),
        (
            finalizer(""),
            "",
            "argocd.argoproj.io/sync-options: 'Prune=false, Delete=confirm'",
            "its objects are deleted once that is confirmed",
        ),
        (
            finalizer(""),
            "  syncPolicy: {syncOptions: [Delete=false]}\n",
            "",
            "its objects stay: each of them says so",
        ),
        (
            finalizer(""),
            "  syncPolicy: {syncOptions: [Delete=false]}\n",
            "argocd.argoproj.io/sync-options: Delete=true",
            "its objects are deleted",
        ),
    ] {
        let map = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, annotations: {{{object}}}}}\n"
        );
        let said = told(&application(&metadata, spec), "", &map);
        assert_eq!(said, wanted, "{metadata} {spec} {object}");
    }
    // A definition is never deleted with its Application.
    let both = format!(
        "{MAP}---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: things.x}}\n"
    );
    assert_eq!(
        told(&application(&finalizer(""), ""), "", &both),
        "its objects are deleted, but for CustomResourceDefinition things.x"
    );
}

#[test]
fn an_application_that_goes_elsewhere_leaves_its_objects() {
    let before = application(", finalizers: [resources-finalizer.argocd.argoproj.io]", "");
    let after = before.replace("name: prod", "name: other");
    assert_eq!(told(&before, &after, MAP), "it goes to other, and its objects stay here");
    let other = after.replace("name: web", "name: more");
    assert_eq!(told(&before, &other, MAP), "its objects are deleted");
}

#[test]
fn what_another_set_makes_elsewhere_is_deleted_with_its_old_set() {
    let two = |name: &str, policy: &str, one: &str, two: &str| {
        let first = set("", policy, one, "main").replace("name: set", &format!("name: {name}"));
        let second = set("", "", two, "main").replace("name: set", "name: second");
        format!("{first}---\n{}", second.replace("name: prod", "name: other"))
    };
    let before = two("first", "", "{app: a}, {app: b}", "{app: c}");
    // From one list to the other.
    let after = two("first", "", "{app: b}", "{app: c}, {app: a}");
    assert_eq!(told(&before, &after, MAP), "its objects are deleted");
    // The set has another name, and another destination.
    let [old, new] = [("", "prod"), ("new", "other")].map(|(metadata, to)| {
        set(metadata, "", "{app: a}", "main").replace("name: prod", &format!("name: {to}"))
    });
    assert_eq!(told(&old, &new, MAP), "its objects are deleted");
    // A set that keeps what it no longer makes still owns it.
    let policy = "applicationsSync: create-update";
    let (before, _) = preview(&two("first", policy, "{app: a}", "{app: c}"), MAP);
    let (mut after, _) = preview(&two("first", policy, "{app: b}", "{app: c}, {app: a}"), MAP);
    hold_back(&mut after, &before);
    let places: Vec<_> = after.applications.iter().map(|app| (app.name(), app.cluster())).collect();
    assert_eq!(places, [("b", "prod"), ("c", "other"), ("a", "prod")]);
    let held = after.problems.iter().find(|problem| problem.code == "not-updated");
    let message = held.map(|problem| problem.message.as_str()).unwrap_or_default();
    assert!(message.contains("applicationsSync: create-update"), "{message}");
    // Without a destination nothing goes anywhere.
    let nowhere = new.replace("name: setnew", "name: set").replace("name: other", "name: ''");
    assert_eq!(
        told(&old, &nowhere, MAP),
        "it has no destination any more, and its objects stay here"
    );
}

fn set(metadata: &str, policy: &str, names: &str, value: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: set{metadata}}}\nspec:\n  \
         generators: [{{list: {{elements: [{names}]}}}}]\n  syncPolicy: {{{policy}}}\n  template:\n    \
         metadata: {{name: '{{{{app}}}}'}}\n    spec: {{project: p, source: {{path: app, repoURL: r, \
         targetRevision: {value}}}, destination: {{name: prod, namespace: web}}}}\n"
    )
}

#[test]
fn an_application_set_may_keep_what_it_no_longer_makes() {
    let policy = |name: &str| format!("applicationsSync: {name}");
    let finalizer = ", finalizers: [resources-finalizer.argocd.argoproj.io]";
    let kept = |policy: &str| {
        format!(
            "it stays, and so do its objects: its ApplicationSet has applicationsSync: {policy}"
        )
    };
    let deleted = "its objects are deleted".to_owned();
    let gone = Some("{app: b}");
    for (metadata, policy, after, wanted) in [
        ("", String::new(), gone, deleted.clone()),
        ("", policy("sync"), gone, deleted.clone()),
        ("", policy("create-delete"), gone, deleted.clone()),
        ("", policy("create-only"), gone, kept("create-only")),
        ("", policy("create-update"), gone, kept("create-update")),
        (
            "",
            "preserveResourcesOnDeletion: true".to_owned(),
            gone,
            "its objects stay: its ApplicationSet has preserveResourcesOnDeletion".to_owned(),
        ),
        // The set itself is gone.
        ("", String::new(), None, deleted.clone()),
        ("", policy("create-only"), None, deleted.clone()),
        (finalizer, policy("create-only"), None, kept("create-only and a finalizer")),
        (finalizer, policy("sync"), None, deleted.clone()),
    ] {
        let of = |names: &str| set(metadata, &policy, names, "main");
        let said = told(&of("{app: a}, {app: b}"), &after.map(of).unwrap_or_default(), MAP);
        assert_eq!(said, wanted, "{metadata} {policy} {after:?}");
    }
    // The policy that counts is the one that the set has by then.
    let (before, after) =
        (set("", "", "{app: a}", "main"), set("", &policy("create-only"), "{app: b}", "main"));
    assert_eq!(told(&before, &after, MAP), kept("create-only"));
}

#[test]
fn an_application_set_may_change_nothing_that_is_there() {
    for (policy, is_held) in
        [("create-only", true), ("create-delete", true), ("create-update", false), ("sync", false)]
    {
        let policy = format!("applicationsSync: {policy}");
        let (before, _) = preview(&set("", &policy, "{app: a}", "main"), MAP);
        let (mut after, _) = preview(&set("", &policy, "{app: a}, {app: b}", "next"), MAP);
        hold_back(&mut after, &before);
        let revisions: Vec<_> = after
            .applications
            .iter()
            .map(|app| app.sources()[0]["targetRevision"].clone())
            .collect();
        assert_eq!(revisions, [if is_held { "main" } else { "next" }, "next"], "{policy}");
        let held = after.problems.iter().filter(|problem| problem.code == "not-updated").count();
        assert_eq!(held, usize::from(is_held), "{policy}");
    }
}

#[test]
fn flux_prunes_by_its_own_rules() {
    let kustomization = |spec: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: web}}\nspec: {{path: app, {spec}}}\n"
        )
    };
    let deleted = "its objects are deleted";
    for (spec, wanted) in [
        ("prune: true", deleted),
        ("prune: false", "its objects stay: it has no prune: true"),
        ("interval: 1m", "its objects stay: it has no prune: true"),
        ("prune: true, suspend: true", "its objects stay: it is suspended"),
        ("prune: true, deletionPolicy: Orphan", "its objects stay: its deletionPolicy is Orphan"),
        ("prune: false, deletionPolicy: Delete", deleted),
        ("prune: false, deletionPolicy: WaitForTermination", deleted),
        ("prune: true, deletionPolicy: MirrorPrune", deleted),
        ("prune: false, deletionPolicy: MirrorPrune", "its objects stay: it has no prune: true"),
    ] {
        assert_eq!(told(&kustomization(spec), "", MAP), wanted, "{spec}");
    }
    // A finalizer is Flux's own matter.
    let with = kustomization("prune: false")
        .replace("name: web", "name: web, finalizers: [finalizers.fluxcd.io]");
    assert_eq!(told(&with, "", MAP), "its objects stay: it has no prune: true");
    for (field, key, value) in [
        ("labels", "prune", "disabled"),
        ("annotations", "prune", "Disabled"),
        ("annotations", "reconcile", "disabled"),
        ("annotations", "ssa", "Ignore"),
    ] {
        let kept = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: b, {field}: {{kustomize.toolkit.fluxcd.io/{key}: {value}}}}}\n"
        );
        let said = told(&kustomization("prune: true"), "", &format!("{MAP}---\n{kept}"));
        assert_eq!(said, "its objects are deleted, but for ConfigMap b", "{field} {key}");
    }
}
