//! What is wrong with objects, whatever Applications they are of.

use super::{GOOD, PROJECT, found};

/// Returns what is found of one object, without what else there is to say.
fn of(object: &str, policy: &str) -> Vec<String> {
    let policy = format!("    syncOptions: [{policy}PrunePropagationPolicy=background]");
    let app = GOOD.replace("    syncOptions: [PrunePropagationPolicy=background]", &policy);
    found(&[PROJECT, &app], &[("app/map.yaml", object)])
}

#[test]
fn names_and_labels_are_those_that_kubernetes_takes() {
    let object = |api: &str, kind: &str, metadata: &str| {
        of(&format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{{metadata}}}\n"), "")
    };
    for (api, kind, metadata) in [
        ("v1", "ConfigMap", "name: a.b-1"),
        ("v1", "ConfigMap", "generateName: a-"),
        ("v1", "Service", "name: web"),
        ("rbac.authorization.k8s.io/v1", "Role", "name: 'system:a_B'"),
        ("apps/v1", "Deployment", "name: 1a, labels: {app.kubernetes.io/name: Web_1.2, empty: ''}"),
        ("user.openshift.io/v1", "Group", "name: 'ldap:Team A', namespace: web"),
        ("v1", "ConfigMap", "name: a, annotations: {Example.com/Any: 'any thing'}"),
    ] {
        assert_eq!(object(api, kind, metadata), Vec::<String>::new(), "{kind} {metadata}");
    }
    for (api, kind, metadata, code) in [
        (
            "v1",
            "ConfigMap",
            "name: a_b",
            "name-invalid: ConfigMap web/a_b: the name \"a_b\" must have only",
        ),
        ("v1", "ConfigMap", "labels: {a: b}", "name-invalid: ConfigMap web/: the name is missing"),
        ("v1", "ConfigMap", "name: '${NAME}'", "name-invalid"),
        (
            "v1",
            "Service",
            "name: 1a",
            "name-invalid: Service web/1a: the name \"1a\" must begin with a letter",
        ),
        ("v1", "Service", "name: a.b", "name-invalid"),
        ("rbac.authorization.k8s.io/v1", "Role", "name: a/b", "name-invalid"),
        (
            "batch/v1",
            "CronJob",
            "name: a-name-that-is-far-too-long-for-what-becomes-of-it-here",
            "name-invalid",
        ),
        (
            "v1",
            "ConfigMap",
            "name: a, labels: {a: 'b c'}",
            "label-invalid: ConfigMap web/a: the label a is \"b c\"",
        ),
        (
            "v1",
            "ConfigMap",
            "name: a, labels: {version: 1.2}",
            "label-invalid: ConfigMap web/a: the label version is a number",
        ),
        ("v1", "ConfigMap", "name: a, labels: {a/b/c: d}", "label-invalid"),
        (
            "v1",
            "ConfigMap",
            "name: a, annotations: {argocd.argoproj.io/sync-wave: 1}",
            "label-invalid",
        ),
    ] {
        let found = object(api, kind, metadata);
        assert!(found.len() == 1 && found[0].starts_with(code), "{metadata}: {found:?}");
    }
    let app = GOOD.replace("name: web}", "name: my_app}");
    assert!(
        found(&[PROJECT, &app], &[])[0].starts_with("name-invalid: the name of the Application")
    );
}

#[test]
fn what_argo_cd_does_not_know_does_nothing() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {NOTE}}\n";
    for (note, policy, code) in [
        ("argocd.argoproj.io/sync-options: 'Prune=false,Replace=true'", "", ""),
        ("argocd.argoproj.io/something-else: x", "", ""),
        ("a: b", "CreateNamespace=true, PruneLast=true, ", ""),
        (
            "argocd.argoproj.io/sync-options: Prune=False",
            "",
            "sync-option-unknown: ConfigMap web/a: the sync option \"Prune=False\" does nothing",
        ),
        (
            "a: b",
            "CreateNamespaces=true, ",
            "sync-option-unknown: there is no sync option \"CreateNamespaces\"; there is CreateNamespace",
        ),
        ("a: b", "CreateNamespace, ", "sync-option-unknown"),
        ("a: b", "Bogus=1, ", "sync-option-unknown: there is no sync option \"Bogus\""),
        (
            "argocd.argoproj.io/sync-waves: '1'",
            "",
            "annotation-unknown: ConfigMap web/a: Argo CD has no annotation argocd.argoproj.io/sync-waves; there is argocd.argoproj.io/sync-wave",
        ),
        ("argocd.argoproj.io/hook-delete-policy: HookSucceeded", "", "hook-policy-unused"),
        (
            "argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/hook-delete-policy: HookSucceeded",
            "",
            "",
        ),
    ] {
        let found = of(&map.replace("NOTE", note), policy);
        match code {
            "" => assert_eq!(found, Vec::<String>::new(), "{note}"),
            code => assert!(found.len() == 1 && found[0].starts_with(code), "{note}: {found:?}"),
        }
    }
}

#[test]
fn an_object_is_there_once() {
    let map = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
    let (one, two) = (map("b"), map("c"));
    let repeated = found(
        &[PROJECT, GOOD],
        &[("app/x.yaml", &one), ("app/y.yaml", &one), ("app/z.yaml", &two)],
    );
    assert_eq!(
        repeated,
        ["object-repeated: has more than once, of which Argo CD applies the last: ConfigMap web/b"]
    );
    let other = GOOD.replace("name: web}", "name: other}").replace("path: app", "path: other");
    let of = |other: &str, text: &str| found(&[PROJECT, GOOD, other], &[("other/x.yaml", text)]);
    assert_eq!(of(&other, &one), Vec::<String>::new());
    let shared = "object-shared: has what Application other has as well, so that each takes it from the other: ConfigMap web/a";
    assert_eq!(of(&other, &map("a")), [shared]);
    let third = format!("{other}---\n{}", other.replace("name: other}", "name: third}"));
    let found_of = of(&third, &map("a"));
    assert!(
        found_of[0].contains("has what Applications other, third have as well"),
        "{found_of:?}"
    );
    assert_eq!(found_of.len(), 1, "{found_of:?}");
    // In another namespace, or of a name that is made, it is another object.
    assert_eq!(of(&other, &map("a, namespace: web-b")), Vec::<String>::new());
    let made = map("a").replace("name: a", "generateName: a");
    assert_eq!(
        found(&[PROJECT, GOOD], &[("app/x.yaml", &made), ("app/y.yaml", &made)]),
        Vec::<String>::new()
    );
    // What may be another cluster is no other Application's.
    let elsewhere = other.replace("{name: prod, ", "{server: 'https://prod', ");
    let found = of(&elsewhere, &map("a"));
    assert!(!found.iter().any(|line| line.starts_with("object-shared")), "{found:?}");
}

#[test]
fn an_application_says_where_it_goes() {
    let without = GOOD.replace(", namespace: web}", "}");
    let missing = "namespace-missing: neither the destination nor they themselves have a namespace: ConfigMap a";
    assert!(found(&[PROJECT, &without], &[]).contains(&missing.to_owned()));
    let project = GOOD.replace("  project: apps\n", "");
    let found = found(&[PROJECT, &project], &[]);
    assert!(found.iter().any(|line| line.starts_with("project-missing")), "{found:?}");
    let empty = GOOD.replace("project: apps", "project: ''");
    assert!(!self::found(&[PROJECT, &empty], &[]).iter().any(|line| line.starts_with("project-")));
}

#[test]
fn data_is_held_by_what_takes_it_along() {
    let set = |policy: &str| {
        format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: a}}\nspec: {{volumeClaimTemplates: [{{metadata: {{name: d}}}}], {policy}}}\n"
        )
    };
    let volume = |policy: &str| {
        format!(
            "apiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: a}}\nspec: {{{policy}}}\n"
        )
    };
    let claim = |annotations: &str| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: a, annotations: {annotations}}}\n"
        )
    };
    for (object, wanted) in [
        (set(""), false),
        (set("persistentVolumeClaimRetentionPolicy: {whenScaled: Delete}"), false),
        (set("persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}"), true),
        (volume(""), false),
        (volume("persistentVolumeReclaimPolicy: Retain"), false),
        (volume("persistentVolumeReclaimPolicy: Delete"), true),
        (claim("{}"), true),
        (claim("{argocd.argoproj.io/hook: PreSync}"), false),
        (claim("{helm.sh/hook: pre-install}"), false),
        (claim("{argocd.argoproj.io/hook: Skip}"), true),
    ] {
        let found = of(&object, "");
        assert_eq!(
            found.iter().any(|line| line.starts_with("prunes-data")),
            wanted,
            "{object}{found:?}"
        );
    }
}

#[test]
fn secrets_of_files_that_nobody_renders_count_too() {
    let secret =
        |fields: &str| format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: db{fields}\n");
    let plain = secret("}\nstringData: {k: v}");
    let of = |path: &str, text: &str| {
        let found = found(&[PROJECT, GOOD], &[(path, text)]);
        found.iter().filter(|line| line.starts_with("plain-secret")).count()
    };
    assert_eq!(of("forgotten/db.yaml", &plain), 1);
    assert_eq!(
        of(
            "forgotten/db.json",
            "{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"data\": {\"k\": \"dg==\"}}"
        ),
        1
    );
    // Once, not as a file as well.
    assert_eq!(of("app/db.yaml", &plain), 1);
    for (path, text) in [
        ("tests/db.yaml", &plain),
        ("chart/templates/db.yaml", &plain),
        ("forgotten/db.yaml", &secret("}\nstringData: {k: CHANGE_ME}")),
        ("forgotten/db.yaml", &plain.replace("kind: Secret", "kind: SecretStore")),
        (
            "clusters.yaml",
            &secret(
                ", labels: {argocd.argoproj.io/secret-type: repository}}\nstringData: {type: git, url: 'https://x'}",
            ),
        ),
    ] {
        assert_eq!(of(path, text), 0, "{path} {text}");
    }
}

#[test]
fn secrets_of_lists_and_generators_count_too() {
    let of = |files: &[(&str, &str)]| {
        let found = found(&[PROJECT, GOOD], files);
        let lines = found.iter().filter_map(|line| line.strip_prefix("plain-secret: "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let list = |value: &str| {
        format!(
            "apiVersion: v1\nkind: List\nitems:\n- {{apiVersion: v1, kind: ConfigMap, metadata: {{name: a}}}}\n- apiVersion: v1\n  \
             kind: List\n  items:\n  - apiVersion: v1\n    kind: Secret\n    metadata: {{name: db}}\n    stringData: {{k: {value}}}\n"
        )
    };
    let secret = "Secret db has its values in the repository";
    assert_eq!(of(&[("x/list.yaml", &list("v"))]), [secret]);
    assert_eq!(of(&[("x/list.yaml", &list("${PASSWORD}"))]), [""; 0]);
    let generator = "secretGenerator db has its values in the repository";
    let files = [
        ("x/a.env", "# k=v\nk=v\n"),
        ("x/none.env", "# k=v\nk=\n"),
        ("x/file", "hunter2"),
        ("x/sops", "k: ENC[AES256_GCM,data:x]"),
    ];
    for (fields, wanted) in [
        ("literals: [k=v]", true),
        ("literals: ['k=']", false),
        ("literals: ['k=$(PASSWORD)']", false),
        ("envs: [none.env]", false),
        ("envs: [none.env, a.env]", true),
        ("env: a.env", true),
        ("files: [k=file]", true),
        ("files: [sops]", false),
        ("files: [missing]", false),
    ] {
        let text = format!("secretGenerator:\n- name: db\n  {fields}\n");
        let mut all = files.to_vec();
        all.push(("x/kustomization.yaml", &text));
        let wanted: Vec<&str> = wanted.then_some(generator).into_iter().collect();
        assert_eq!(of(&all), wanted, "{fields}");
    }
    // Once, if an Application renders it.
    let text = "secretGenerator:\n- name: db\n  literals: [k=v]\n";
    assert_eq!(of(&[("app/kustomization.yaml", text)]).len(), 1);
    assert_eq!(of(&[("examples/x/kustomization.yaml", text)]), [""; 0]);
}

#[test]
fn texts_are_texts() {
    let of = |from: &str, to: &str| {
        let repository = super::repository(&[]);
        let mut preview = kustom_apps::Preview::default();
        let text = GOOD.replace(from, to);
        preview.add_file("apps.yaml".as_ref(), text.as_bytes(), &repository, &[]);
        preview.check(&repository);
        preview
            .problems
            .iter()
            .map(|p| format!("{}: {}", p.code, p.message))
            .find(|p| p.starts_with("not-a-text"))
    };
    for (from, to, wanted) in [
        (
            "namespace: web",
            "namespace: n",
            "not-a-text: spec.destination.namespace is false, not a text: so YAML 1.1",
        ),
        (
            "path: app",
            "path: app, targetRevision: 1.20",
            "not-a-text: source.targetRevision is 1.2, not a text",
        ),
        ("project: apps", "project: 7", "not-a-text: spec.project is 7, not a text"),
    ] {
        let found = of(from, to).unwrap_or_default();
        assert!(found.starts_with(wanted), "{found}");
    }
    assert_eq!(of("namespace: web", "namespace: 'n'"), None);
}
