//! What the lint finds: each rule where it should, and nothing where all is well.

use kustom::{Builder, MemoryFs};
use kustom_apps::lint::{Moment, RULES, Verdict, generate_paths, lint, sync_at};
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
            GOOD.replace("prune: true", "prune: false"),
            object(
                "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.x, annotations: {argocd.argoproj.io/sync-wave: '1'}}\nspec: {group: x, scope: Namespaced, names: {kind: Thing}}\n---\napiVersion: x/v1\nkind: Thing\nmetadata: {name: a}\n",
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
fn the_namespaces_of_objects_count_as_well() {
    let project =
        PROJECT.replace("{server: '*', namespace: '!web-x'}", "{name: prod, namespace: shared}");
    let objects = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: web-2}\n---\n\
                   apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: shared}\n---\n\
                   apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: kube-system}\n---\n\
                   apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: d, namespace: kube-system}\n---\n\
                   apiVersion: v1\nkind: Namespace\nmetadata: {name: e, namespace: odd, annotations: {argocd.argoproj.io/sync-options: Prune=false}}\n";
    let found = found(&[&project, GOOD], &[("app/objects.yaml", objects)]);
    assert_eq!(
        found,
        [
            "destination-forbidden: the AppProject apps does not allow the namespace \"kube-system\" of prod, which is that of ConfigMap kube-system/c, Role kube-system/d",
            "kind-forbidden: the AppProject apps does not allow Namespace odd/e",
        ]
    );
    let named = |name: &str| {
        let list = format!(
            "  clusterResourceWhitelist: [{{group: '', kind: Namespace, name: '{name}'}}]\n"
        );
        let found =
            self::found(&[&format!("{project}{list}"), GOOD], &[("app/objects.yaml", objects)]);
        found.iter().any(|line| line.starts_with("kind-forbidden"))
    };
    assert_eq!((named("e*"), named("x"), named("")), (false, true, false));
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
    let file = "cGFzc3dvcmQ6IEVOQ1tBRVMyNTZfR0NNLGRhdGE6eF0K";
    for fields in [
        format!("stringData: {{k: '{sops}'}}\nsops: {{version: 3.9.0}}"),
        format!("data: {{k: '{sops}', other: '{file}', empty: ''}}"),
        "data: {}".to_owned(),
        "stringData: {k: ''}".to_owned(),
    ] {
        assert!(!plain(&fields), "{fields}");
    }
    for fields in [
        format!("stringData: {{k: '{sops}', forgotten: v}}"),
        "data: {k: dg==}".to_owned(),
        "stringData: {k: v}".to_owned(),
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
    // The order of hooks of helm is no matter of waves.
    let early = "apiVersion: v1\nkind: Namespace\nmetadata: {name: web, annotations: {argocd.argoproj.io/sync-wave: '1'}}\n---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: a, namespace: web, annotations: {helm.sh/hook: pre-install}}\n";
    let found = found(&[PROJECT, GOOD], &[("app/job.yaml", early)]);
    let is_early = |line: &&String| line.starts_with("sync-wave-order");
    assert!(!found.iter().filter(is_early).any(|line| line.contains("Job")), "{found:?}");
}

#[test]
fn the_paths_that_a_build_reads_are_known_exactly() {
    let application = GOOD.replace(
        "{name: web}",
        "{name: web, annotations: {argocd.argoproj.io/manifest-generate-paths: .}}",
    );
    let files = [
        ("app/kustomization.yaml", "resources: [../base]\n"),
        ("base/kustomization.yaml", "resources: [map.yaml]\n"),
        ("base/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"),
    ];
    assert_eq!(
        found(&[PROJECT, &application], &files),
        ["manifest-generate-paths: a change at or below base is not noticed"]
    );
    let exact = application.replace("paths: .}", "paths: .;/base}");
    assert_eq!(found(&[PROJECT, &exact], &files), Vec::<String>::new());
}

#[test]
fn a_file_above_does_not_stand_for_all_that_is_below() {
    let files = [
        ("app/kustomization.yaml", "resources: [map.yaml, ../shared.yaml]\n"),
        ("shared.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n"),
    ];
    let repository = repository(&files);
    let mut preview = Preview::default();
    preview.add_file("apps.yaml".as_ref(), GOOD.as_bytes(), &repository, &[]);
    let builder = Builder::new().load_restriction(kustom::LoadRestriction::None);
    let rendered = render(&preview.applications, &repository, &builder);
    let paths = generate_paths(&preview, &rendered, &repository, &builder);
    assert_eq!(paths[0].value, ".;../shared.yaml");
    let exact = paths[0].write(GOOD).expect("it can be written");
    let mut preview = Preview::default();
    preview.add_file("apps.yaml".as_ref(), exact.as_bytes(), &repository, &[]);
    let rendered = render(&preview.applications, &repository, &builder);
    assert_eq!(generate_paths(&preview, &rendered, &repository, &builder), []);
}

#[test]
fn a_set_for_several_clusters_is_named() {
    let set = "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: set}
spec:
  generators: [{list: {elements: [{c: one}, {c: two}]}}]
  template:
    metadata: {name: 'a-{{c}}'}
    spec: {project: default, source: {path: app, repoURL: r}, destination: {name: '{{c}}', namespace: n}}
";
    assert_eq!(
        found(&[set], &[]),
        ["crosses-clusters: deploys from one cluster into several: one, two"]
    );
}

#[test]
fn windows_say_when_a_sync_may_run() {
    let repository = repository(&[]);
    let verdict = |project: &str, time: &str| {
        let mut preview = Preview::default();
        let text = format!("{project}---\n{GOOD}");
        preview.add_file("apps.yaml".as_ref(), text.as_bytes(), &repository, &[]);
        let rendered = render(&preview.applications, &repository, &Builder::new());
        let moment = Moment::parse(time).expect("a time");
        let summer = |zone: &str, moment: Moment| {
            (zone == "Europe/Paris" && moment.seconds() > 1_782_000_000).then_some(120)
        };
        sync_at(&preview, &rendered, moment, &summer).remove(0)
    };
    assert_eq!(verdict(PROJECT, "2026-11-27T15:59Z"), Verdict::Allowed);
    assert_eq!(verdict(PROJECT, "2026-11-28T12:00Z"), Verdict::ManualOnly);
    let allow = PROJECT.replace("kind: deny", "kind: allow").replace(", manualSync: true", "");
    assert_eq!(verdict(&allow, "2026-11-27T15:59Z"), Verdict::Denied);
    assert_eq!(verdict(&allow, "2026-11-28T12:00Z"), Verdict::Allowed);
    let zone = PROJECT.replace("duration", "timeZone: Europe/Berlin, duration");
    assert!(matches!(verdict(&zone, "2026-11-28T12:00Z"), Verdict::Unknown(_)));
    let paris = PROJECT.replace("duration", "timeZone: Europe/Paris, duration");
    assert_eq!(verdict(&paris, "2026-06-26T13:30Z"), Verdict::Allowed);
    assert_eq!(verdict(&paris, "2026-06-26T14:30Z"), Verdict::ManualOnly);
    let ahead = PROJECT.replace("duration", "timeZone: Etc/GMT-2, duration");
    assert_eq!(verdict(&ahead, "2026-11-27T14:30Z"), Verdict::ManualOnly);
    assert_eq!(verdict(&ahead, "2026-11-27T13:30Z"), Verdict::Allowed);
    let none = PROJECT.replace("duration", "timeZone: Europe/Berln, duration");
    assert_eq!(verdict(&none, "2026-11-28T12:00Z"), Verdict::ManualOnly);
    let own = PROJECT.replace("0 16 * * 5", "CRON_TZ=Etc/GMT-2 0 16 * * 5");
    assert_eq!(verdict(&own, "2026-11-27T14:30Z"), Verdict::ManualOnly);
}

#[test]
fn windows_that_argo_cd_reads_otherwise_are_invalid() {
    for (from, to, said) in [
        ("0 16 * * 5", "'@weekly'", "does not take \"@weekly\""),
        ("0 16 * * 5", "CRON_TZ=Mars/Olympus 0 16 * * 5", "there is no time zone \"Mars/Olympus\""),
        ("duration", "timeZone: Europe/Berln, duration", "Argo CD takes UTC instead"),
    ] {
        let found = found(&[&PROJECT.replace(from, to), GOOD], &[]);
        let is_it = |line: &String| line.starts_with("window-invalid") && line.contains(said);
        assert!(found.iter().any(is_it), "{to}: {found:?}");
    }
}

#[test]
fn the_rules_are_sorted_and_documented() {
    let docs = include_str!("../../../docs/argocd.md");
    for rule in RULES {
        assert!(docs.contains(&format!("| `{}` |", rule.code)), "{}", rule.code);
    }
    assert!(RULES.is_sorted_by_key(|rule| rule.code));
}

#[test]
fn the_annotation_is_written_where_the_application_is() {
    let set = "# kept
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: set}
spec:
  generators: [{list: {elements: [{a: one}, {a: two}]}}]
  template:
    metadata: {name: 'a-{{a}}'} # here
    spec: {project: default, source: {path: 'apps/{{a}}', repoURL: r}, destination: {name: c, namespace: n}}
";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let files = [
        ("apps/one/kustomization.yaml", "resources: [../../base]\n"),
        ("apps/two/kustomization.yaml", "resources: [../../base, ../more]\n"),
        ("apps/more/kustomization.yaml", "resources: [m.yaml]\nnamePrefix: b-\n"),
        ("apps/more/m.yaml", map),
        ("base/kustomization.yaml", "resources: [map.yaml]\n"),
        ("base/map.yaml", map),
    ];
    let repository = repository(&files);
    let missing = |text: &str| {
        let mut preview = Preview::default();
        preview.add_file("apps.yaml".as_ref(), text.as_bytes(), &repository, &[]);
        let rendered = render(&preview.applications, &repository, &Builder::new());
        generate_paths(&preview, &rendered, &repository, &Builder::new())
    };
    let text = format!("{PROJECT}---\n{set}");
    let found = missing(&text);
    assert_eq!(found[0].value, ".;../../base;../more");
    let written = found[0].write(&text).expect("it can be changed");
    let line = "metadata: {name: 'a-{{a}}', annotations: {argocd.argoproj.io/manifest-generate-paths: .;../../base;../more}} # here";
    assert_eq!(written, text.replace("metadata: {name: 'a-{{a}}'} # here", line));
    assert_eq!(missing(&written), []);
}

#[test]
fn a_window_has_to_be_about_the_application_and_shut_when_nobody_is_there() {
    let of = |windows: &str| {
        let start = PROJECT.split_once("  syncWindows:").map_or("", |(start, _)| start);
        let found = found(&[&format!("{start}  syncWindows: [{windows}]\n"), GOOD], &[]);
        let line = found.iter().find_map(|line| line.strip_prefix("no-sync-window: "));
        line.unwrap_or("").to_owned()
    };
    let deny = "kind: deny, schedule: 0 16 * * 5, duration: 64h";
    let none = "no sync window of the AppProject apps keeps Friday afternoons and weekend nights out of production";
    let open =
        |when: &str| format!("the sync windows of the AppProject apps let it be synced {when}");
    for (windows, wanted) in [
        (format!("{{{deny}, applications: ['*']}}"), String::new()),
        (format!("{{{deny}, applications: [we?]}}"), String::new()),
        (format!("{{{deny}, namespaces: [web]}}"), String::new()),
        (format!("{{{deny}, clusters: [prod]}}"), String::new()),
        (format!("{{{deny}, timeZone: America/New_York, clusters: ['p*']}}"), String::new()),
        (format!("{{{deny}, applications: [other], clusters: [prod]}}"), String::new()),
        // Not about this Application.
        (String::new(), none.to_owned()),
        (format!("{{{deny}}}"), none.to_owned()),
        (format!("{{{deny}, applications: [other]}}"), none.to_owned()),
        (format!("{{{deny}, namespaces: ['web-*']}}"), none.to_owned()),
        (format!("{{{deny}, clusters: [dev, '']}}"), none.to_owned()),
        (format!("{{{deny}, andOperator: true, applications: [web], clusters: [dev]}}"), none.to_owned()),
        ("{kind: allow, schedule: 0 8 * * 1-5, duration: 4h, applications: [other]}".to_owned(), none.to_owned()),
        // Not shut when it should be.
        ("{kind: allow, schedule: '* * * * *', duration: 1h, applications: ['*']}".to_owned(), open("on Friday afternoons")),
        ("{kind: allow, schedule: 0 8 * * *, duration: 16h, applications: ['*']}".to_owned(), open("on Friday afternoons")),
        ("{kind: allow, schedule: 0 8 * * 1-5, duration: 4h, applications: ['*']}".to_owned(), String::new()),
        ("{kind: allow, schedule: 0 0 * * 1-4, duration: 24h, applications: ['*']}".to_owned(), String::new()),
        ("{kind: deny, schedule: 0 16 * * 5, duration: 2h, applications: ['*']}".to_owned(), open("in the night from Friday to Saturday")),
        ("{kind: deny, schedule: 0 16 * * 5, duration: 24h, applications: ['*']}".to_owned(), open("in the night from Saturday to Sunday")),
        ("{kind: deny, schedule: 0 16 1-7 * 5, duration: 0s, applications: ['*']}".to_owned(), open("on Friday afternoons")),
        ("{kind: deny, schedule: 0 0 20 12 *, duration: 200h, applications: ['*']}".to_owned(), open("on Friday afternoons")),
        ("{kind: deny, schedule: 0 0 1 1 *, duration: 2000h, applications: ['*']}".to_owned(), open("on Friday afternoons in some weeks")),
        ("{kind: deny, schedule: 0 0 * * 3, duration: 24h, applications: ['*']}".to_owned(), open("on Friday afternoons")),
        // Two together.
        (format!("{{{deny}, applications: [other]}}, {{{deny}, applications: [web]}}"), String::new()),
        (
            "{kind: deny, schedule: 0 12 * * 5, duration: 12h, applications: ['*']}, {kind: deny, schedule: 0 22 * * 5-6, duration: 9h, applications: ['*']}".to_owned(),
            String::new(),
        ),
        // One that cannot be read is none.
        (format!("{{{}, applications: ['*']}}", deny.replace("64h", "64x")), open("on Friday afternoons")),
    ] {
        assert_eq!(of(&windows), wanted, "{windows}");
    }
}

#[test]
fn windows_are_asked_for_in_production_only() {
    let project = PROJECT
        .replace("['*']", "[other]")
        .replace("name: prod, namespace: web*", "name: '*', namespace: '*'");
    for (from, to, wanted) in [
        ("name: prod", "name: non-prod", false),
        ("name: prod", "name: prd-1", true),
        ("name: prod", "name: main", false),
        ("name: prod, namespace: web", "name: main, namespace: web-prod1", true),
        ("name: prod, namespace: web", "name: nonprod, namespace: web-prod", false),
        (
            "automated: {prune: true, selfHeal: true}",
            "automated: {enabled: false, prune: true}",
            false,
        ),
        ("automated: {prune: true, selfHeal: true}", "automated: {}", true),
        ("automated: {prune: true, selfHeal: true}", "managedNamespaceMetadata: {}", false),
    ] {
        let found = found(&[&project, &GOOD.replace(from, to)], &[]);
        let is_found = found.iter().any(|line| line.starts_with("no-sync-window"));
        assert_eq!(is_found, wanted, "{to}: {found:?}");
    }
}

#[test]
fn a_destination_is_one_cluster_that_there_is() {
    let of = |destination: &str, clusters: &str| {
        let repository = repository(&[]);
        let clusters = kustom_apps::Cluster::read_all(clusters.as_bytes()).expect("clusters");
        let text = GOOD.replace("{name: prod, namespace: web}", destination);
        let mut preview = Preview::default();
        preview.add_file("apps.yaml".as_ref(), text.as_bytes(), &repository, &clusters);
        let rendered = render(&preview.applications, &repository, &Builder::new());
        let problems = lint(&preview, &rendered, &repository, &Builder::new());
        let found = problems.into_iter().find(|problem| problem.code == "destination-invalid");
        found.map(|problem| problem.message).unwrap_or_default()
    };
    let clusters = "clusters: [{name: prod, server: 'https://p'}, {name: two, server: 'https://a'}, {name: two, server: 'https://b'}]";
    for (destination, without, with) in [
        ("{name: prod, namespace: web}", "", ""),
        ("{server: 'https://p/', namespace: web}", "", ""),
        ("{name: in-cluster, namespace: web}", "", ""),
        ("{server: 'https://kubernetes.default.svc', namespace: web}", "", ""),
        ("{name: prd, namespace: web}", "", "there is no cluster prd"),
        ("{server: 'https://q'}", "", "there is no cluster https://q"),
        ("{name: two}", "", "there are 2 clusters two"),
    ] {
        assert_eq!(
            (of(destination, "").as_str(), of(destination, clusters).as_str()),
            (without, with),
            "{destination}"
        );
    }
    assert_eq!(of("{namespace: web}", ""), "the destination has neither a name nor a server");
    assert_eq!(
        of("{name: prod, server: 'https://p'}", clusters),
        "the destination has both the name prod and the server https://p"
    );
}
