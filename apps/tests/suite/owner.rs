//! What becomes of Applications that another ApplicationSet makes.

use kustom::{Builder, MemoryFs};
use kustom_apps::{Preview, Repository, hold_back, owner_change, render};

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

fn preview(text: &str, repository: &Repository) -> Preview {
    let mut preview = Preview::default();
    preview.add_file("apps.yaml".as_ref(), text.as_bytes(), repository, &[]);
    preview.finish();
    preview
}

/// Says what the change of owner does to Application `a`, and which revision it is at then.
fn told(before: &str, after: &str, object: &str) -> (Option<String>, String) {
    let mut files = MemoryFs::new();
    files.insert("/repo/app/object.yaml", object);
    let repository = Repository::new(files, "/repo".as_ref()).expect("a directory");
    let (before, mut after) = (preview(before, &repository), preview(after, &repository));
    hold_back(&mut after, &before);
    let rendered = render(&before.applications, &repository, &Builder::new());
    let old = before.applications.iter().zip(&rendered).find(|(app, _)| app.name() == "a");
    let new = after.applications.iter().find(|app| app.name() == "a").expect("a");
    let change = owner_change(old.expect("a"), new, &after);
    let revision = new.sources()[0]["targetRevision"].as_str().unwrap_or_default().to_owned();
    (change.map(|change| change.to_string()), revision)
}

fn set(name: &str, policy: &str, apps: &str, revision: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{{name}}}\nspec:\n  \
         generators: [{{list: {{elements: [{apps}]}}}}]\n  syncPolicy: {{{policy}}}\n  template:\n    \
         metadata: {{name: '{{{{app}}}}'}}\n    spec: {{project: p, source: {{path: app, repoURL: r, \
         targetRevision: {revision}}}, destination: {{name: prod, namespace: web}}}}\n"
    )
}

#[test]
fn an_application_goes_with_its_old_set_and_is_made_again() {
    let one = |policy: &str| set("name: one", policy, "{app: a}", "v1");
    let two = |policy: &str| set("name: two", policy, "{app: a}", "v2");
    let change = "owner changes from ApplicationSet one to ApplicationSet two: ";
    let again = "the Application and its objects are deleted and made again";
    let kept = MAP.replace("{name: a}", "{name: a, annotations: {KEY: Delete=OPTION}}");
    let kept = kept.replace("KEY", "argocd.argoproj.io/sync-options");
    for (before, after, object, wanted, revision) in [
        (one(""), two(""), MAP, again, "v2"),
        // What the new set may change counts for what is there, which it is not.
        (one(""), two("applicationsSync: create-only"), MAP, again, "v2"),
        (one("applicationsSync: create-only"), two(""), MAP, again, "v2"),
        // The old one makes fewer than before.
        (
            one(""),
            format!("{}---\n{}", set("name: one", "", "{app: b}", "v1"), two("")),
            MAP,
            again,
            "v2",
        ),
        (
            one(""),
            format!(
                "{}---\n{}",
                set("name: one", "applicationsSync: create-update", "{app: b}", "v1"),
                two("")
            ),
            MAP,
            "it stays, and so do its objects: its ApplicationSet has applicationsSync: create-update",
            "v2",
        ),
        (
            one("preserveResourcesOnDeletion: true"),
            two(""),
            MAP,
            "the Application is deleted and made again, and its objects stay: \
             its ApplicationSet has preserveResourcesOnDeletion",
            "v2",
        ),
        (
            one(""),
            two(""),
            &kept.replace("OPTION", "false"),
            "the Application is deleted and made again, and its objects stay: each of them says so",
            "v2",
        ),
        (
            one(""),
            two(""),
            &kept.replace("OPTION", "confirm"),
            "the Application and its objects are deleted and made again once that is confirmed",
            "v2",
        ),
    ] {
        let (said, at) = told(&before, &after, object);
        assert_eq!(said, Some(format!("{change}{wanted}")), "{before}{after}");
        assert_eq!(at, revision, "{before}{after}");
    }
    let alone = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec: \
                 {source: {path: app, repoURL: r}, destination: {name: prod, namespace: web}}\n";
    let (said, _) = told(&one(""), alone, MAP);
    assert_eq!(said, Some(format!("owner changes from ApplicationSet one to none: {again}")));
    // Without an owner before, nobody takes it along.
    assert_eq!(told(alone, &one(""), MAP).0, None);
}

#[test]
fn a_set_is_the_same_by_its_name_and_namespace() {
    let of = |name: &str, revision: &str| set(name, "", "{app: a}", revision);
    assert_eq!(told(&of("name: one", "v1"), &of("name: one", "v2"), MAP).0, None);
    let (said, _) = told(
        &of("name: one, namespace: argocd", "v1"),
        &of("name: one, namespace: other", "v1"),
        MAP,
    );
    assert!(said.is_some_and(|said| said.contains("deleted and made again")));
}
