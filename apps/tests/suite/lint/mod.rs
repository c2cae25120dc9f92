//! What the lint finds: each rule where it should, and nothing where all is well.

mod destinations;
mod objects;
mod order;
mod paths;
mod windows;

use kustom::{Builder, MemoryFs};
use kustom_apps::lint::{RULES, lint};
use kustom_apps::{Preview, Repository, render};

const PROJECT: &str = "apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: apps}
spec:
  sourceRepos: ['https://git/*', '!https://git/secret']
  destinations: [{name: prod, namespace: web*}, {server: '*', namespace: '!web-x'}]
  namespaceResourceBlacklist: [{group: '', kind: LimitRange}]
  syncWindows:
  - {kind: deny, schedule: 0 16 * * 5, duration: 64h, applications: ['*'], manualSync: true}
";

const GOOD: &str = "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  project: apps
  source: {path: app, repoURL: 'https://git/config'}
  destination: {name: prod, namespace: web}
  syncPolicy:
    automated: {prune: true, selfHeal: true}
    syncOptions: [PrunePropagationPolicy=background]
";

fn repository(files: &[(&str, &str)]) -> Repository {
    let mut all = MemoryFs::new();
    all.insert("/repo/app/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    for (path, text) in files {
        all.insert(format!("/repo/{path}"), *text);
    }
    Repository::new(all, "/repo".as_ref()).expect("a directory")
}

/// Returns what is found, as `code: message`.
fn found(objects: &[&str], files: &[(&str, &str)]) -> Vec<String> {
    let repository = repository(files);
    let mut preview = Preview::default();
    preview.add_file("apps.yaml".as_ref(), objects.join("---\n").as_bytes(), &repository, &[]);
    let rendered = render(&preview.applications, &repository, &Builder::new());
    let problems = lint(&preview, &rendered, &repository, &Builder::new());
    problems.iter().map(|problem| format!("{}: {}", problem.code, problem.message)).collect()
}

#[test]
fn a_finding_has_the_line_of_the_field_that_it_is_about() {
    let application = GOOD.replace("syncOptions: [PrunePropagationPolicy=background]", "x: y");
    let application = application
        .replace("destination: {name: prod, namespace: web}", "destination: {name: prod}");
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: set}\nspec:\n  \
               generators: [{list: {elements: [{n: a}]}}]\n  template:\n    metadata: {name: '{{n}}'}\n    spec:\n      \
               project: apps\n      sources:\n      - {path: app, repoURL: 'https://git/config'}\n      \
               - {path: app, repoURL: 'https://git/secret'}\n      destination: {name: prod, namespace: web}\n";
    let repository = repository(&[]);
    let mut preview = Preview::default();
    let text = [PROJECT, &application, set].join("---\n");
    preview.add_file("apps.yaml".as_ref(), text.as_bytes(), &repository, &[]);
    let rendered = render(&preview.applications, &repository, &Builder::new());
    let problems = lint(&preview, &rendered, &repository, &Builder::new());
    let line = |code: &str| {
        let problem = problems.iter().find(|problem| problem.code == code);
        let line = problem.and_then(|problem| problem.line).unwrap_or_default();
        text.lines().nth(line - 1).unwrap_or_default().trim().to_owned()
    };
    assert_eq!(line("prune-without-propagation"), "automated: {prune: true, selfHeal: true}");
    assert_eq!(line("namespace-missing"), "destination: {name: prod}");
    assert_eq!(line("source-forbidden"), "- {path: app, repoURL: 'https://git/secret'}");
}

#[test]
fn all_is_well() {
    assert_eq!(found(&[PROJECT, GOOD], &[]), Vec::<String>::new());
}

#[test]
fn each_rule_finds_what_it_is_for() {
    let object = |text: &'static str| ("app/object.yaml", text);
    let project = PROJECT.replace("['*']", "[other]").replace("64h", "64x");
    let cases: Vec<(&str, String, (&str, &str))> = vec![
        (
            "self-heal-platform",
            GOOD.replace("path: app", "path: platform/x"),
            ("platform/x/m.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"),
        ),
        (
            "prune-without-propagation",
            GOOD.replace("PrunePropagationPolicy=background", "CreateNamespace=true"),
            ("x", ""),
        ),
        ("destination-forbidden", GOOD.replace("namespace: web", "namespace: web-x"), ("x", "")),
        (
            "destination-forbidden",
            GOOD.to_owned(),
            object("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: web-x}\n"),
        ),
        ("source-forbidden", GOOD.replace("git/config", "git/secret"), ("x", "")),
        ("project-unknown", GOOD.replace("project: apps", "project: nope"), ("x", "")),
        (
            "kind-forbidden",
            GOOD.to_owned(),
            object("apiVersion: v1\nkind: LimitRange\nmetadata: {name: a}\n"),
        ),
        (
            "plain-secret",
            GOOD.to_owned(),
            object("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {k: v}\n"),
        ),
        ("sops-file", GOOD.to_owned(), ("secrets/a.yaml", "k: ENC[AES256_GCM,data:x]\n")),
        (
            "prunes-data",
            GOOD.to_owned(),
            object("apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\n"),
        ),
        (
            "sync-wave-invalid",
            GOOD.to_owned(),
            object(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {argocd.argoproj.io/sync-wave: first}}\n",
            ),
        ),
        (
            "hook-unknown",
            GOOD.to_owned(),
            object(
                "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: a, annotations: {argocd.argoproj.io/hook: Presync}}\n",
            ),
        ),
        (
            "hook-never-deleted",
            GOOD.to_owned(),
            object(
                "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a, annotations: {argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/hook-delete-policy: HookFailed}}\n",
            ),
        ),
        (
            "hook-never-deleted",
            GOOD.to_owned(),
            object(
                "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a, annotations: {helm.sh/hook: pre-install, helm.sh/hook-delete-policy: hook-failed}}\n",
            ),
        ),
        (
            "sync-wave-order",
            GOOD.to_owned(),
            object(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, annotations: {argocd.argoproj.io/sync-wave: '1'}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, envFrom: [{configMapRef: {name: c}}]}]}\n",
            ),
        ),
        (
            "manages-itself",
            GOOD.to_owned(),
            object(
                "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: argo-controller, labels: {app.kubernetes.io/name: argocd-application-controller}}\n",
            ),
        ),
        ("no-sync-window", GOOD.to_owned(), ("x", "")),
    ];
    for (code, application, file) in cases {
        let project = if code == "no-sync-window" { project.as_str() } else { PROJECT };
        let found = found(&[project, &application], &[file]);
        assert!(found.iter().any(|line| line.starts_with(code)), "{code}: {found:?}");
    }
    assert!(found(&[&project, GOOD], &[]).iter().any(|line| line.starts_with("window-invalid")));
}

#[test]
fn secrets_without_plain_values_are_no_plain_secrets() {
    let plain = |fields: &str| {
        let secret = format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\n{fields}\n");
        let found = found(&[PROJECT, GOOD], &[("app/secret.yaml", &secret)]);
        found.iter().any(|line| line.starts_with("plain-secret"))
    };
    // SOPS encrypts values in their place, or whole files, of which kustomize makes `data`.
    let sops = "ENC[AES256_GCM,data:x,iv:x,tag:x,type:str]";
    let (certificate, key) = ["CERTIFICATE", "PRIVATE KEY"]
        .map(|what| format!("-----BEGIN {what}-----\\nMIIB\\n-----END {what}-----"))
        .into();
    let file = "cGFzc3dvcmQ6IEVOQ1tBRVMyNTZfR0NNLGRhdGE6eF0K";
    for fields in [
        format!("stringData: {{k: '{sops}'}}\nsops: {{version: 3.9.0}}"),
        format!("data: {{k: '{sops}', other: '{file}', empty: ''}}"),
        "data: {}".to_owned(),
        "stringData: {k: ''}".to_owned(),
        // What something else fills in.
        "stringData: {k: '${PASSWORD}', l: '<path:kv/data/web#password>', m: 'vault:kv/web#k'}"
            .to_owned(),
        "stringData: {k: CHANGE_ME, l: xxxx, m: '<password>', n: '{{ .password }}', o: __TOKEN__}"
            .to_owned(),
        "data: {k: PHBhdGg6a3Y+, l: Y2hhbmdlLW1l}".to_owned(),
        "stringData: {k: \"user: web\\npassword: <path:kv#password>\\n\"}".to_owned(),
        "stringData: {k: \"[db]\\nhost=db\\nport=5432\\nuser=${USER}\\npassword=${PASSWORD}\\n\"}".to_owned(),
        "stringData: {k: 'postgres://web:${PASSWORD}@db:5432/shop', l: 'user-${X}'}".to_owned(),
        "stringData: {k: '{\"auths\": {\"ghcr.io\": {\"auth\": \"$(AUTH)\"}}}', l: 'Bearer {{ .token }}'}"
            .to_owned(),
        // Everybody may see a certificate.
        format!("stringData: {{ca.crt: \"# of the CA\\n{certificate}\\n{certificate}\"}}"),
        "data: {ca.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUIKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=}"
            .to_owned(),
    ] {
        assert!(!plain(&fields), "{fields}");
    }
    for fields in [
        format!("stringData: {{k: '{sops}', forgotten: v}}"),
        "data: {k: dg==}".to_owned(),
        "stringData: {k: v}".to_owned(),
        "stringData: {k: 'postgres://web:hunter2@${HOST}/db'}".to_owned(),
        "stringData: {k: '${USER}:${PASSWORD} and more', l: replacement}".to_owned(),
        "stringData: {k: '${PASSWORD}', l: real}".to_owned(),
        "stringData: {k: \"user=${USER}\\npassword=hunter2\\n\"}".to_owned(),
        "stringData: {k: 'https://${USER}:hunter2@git.example.com/x'}".to_owned(),
        "stringData: {k: '${USER} ghp4f9d2c7b6a51e8f0d3'}".to_owned(),
        format!("stringData: {{tls.crt: \"{certificate}\", tls.key: \"{key}\"}}"),
        format!("stringData: {{tls.pem: \"{certificate}\\n{key}\"}}"),
    ] {
        assert!(plain(&fields), "{fields}");
    }
}

#[test]
fn a_hook_that_is_deleted_before_it_is_made_anew_is_fine() {
    for annotations in [
        "argocd.argoproj.io/hook: PreSync",
        "argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/hook-delete-policy: 'HookFailed, BeforeHookCreation'",
        "argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/hook-delete-policy: HookSucceeded",
        "argocd.argoproj.io/hook: Skip, argocd.argoproj.io/hook-delete-policy: HookFailed",
        "helm.sh/hook: 'post-install,post-upgrade'",
        "helm.sh/hook: crd-install, helm.sh/hook-delete-policy: hook-failed",
    ] {
        let job = format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: a, annotations: {{{annotations}}}}}\n"
        );
        let found = found(&[PROJECT, GOOD], &[("app/job.yaml", &job)]);
        assert!(!found.iter().any(|line| line.starts_with("hook")), "{annotations}: {found:?}");
    }
}

#[test]
fn the_rules_are_sorted_and_documented() {
    let docs = include_str!("../../../../docs/argocd.md");
    for rule in RULES {
        assert!(docs.contains(&format!("| `{}` |", rule.code)), "{}", rule.code);
    }
    assert!(RULES.is_sorted_by_key(|rule| rule.code));
}

#[test]
fn each_cluster_may_have_projects_of_its_own() {
    let repository = repository(&[]);
    let mut preview = Preview::default();
    for (folder, allowed) in [("dev", "dev"), ("prod", "prod")] {
        let project = PROJECT.replace("name: prod,", &format!("name: {allowed},"));
        let application = GOOD.replace("name: prod,", &format!("name: {folder},"));
        let text = format!("{project}---\n{application}");
        preview.add_file(
            format!("clusters/{folder}/apps.yaml").as_ref(),
            text.as_bytes(),
            &repository,
            &[],
        );
    }
    let rendered = render(&preview.applications, &repository, &Builder::new());
    assert_eq!(lint(&preview, &rendered, &repository, &Builder::new()), []);
}
