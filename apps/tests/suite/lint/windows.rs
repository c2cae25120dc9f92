//! Sync windows.

use kustom::Builder;
use kustom_apps::lint::{Moment, Verdict, sync_at};
use kustom_apps::{Preview, render};

use super::{GOOD, PROJECT, found, repository};

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
fn the_default_project_has_no_windows_unless_it_is_among_the_files() {
    let of = |name: &str, others: &[&str]| {
        let application = GOOD.replace("project: apps", &format!("project: {name}"));
        let found = found(&[others, &[&application]].concat(), &[]);
        let found: Vec<String> =
            found.into_iter().filter(|line| line.starts_with("no-sync-window")).collect();
        found.join("; ")
    };
    let wanted = "no-sync-window: no sync window of the AppProject default keeps Friday afternoons and weekend \
                  nights out of production";
    for name in ["default", "''"] {
        assert_eq!(of(name, &[]), wanted, "{name}");
        assert_eq!(of(name, &[PROJECT]), wanted, "{name}");
        let own = PROJECT.replace("{name: apps}", "{name: default}");
        assert_eq!(of(name, &[&own]), "", "{name}");
    }
    // That of any other has to be among the files.
    assert_eq!(of("other", &[]), "");
}

#[test]
fn a_window_with_a_name_that_is_nearly_there_is_about_nothing() {
    let start = PROJECT.split_once("  syncWindows:").map_or("", |(start, _)| start);
    let good = GOOD
        .replace("{name: web}", "{name: storefront-a}")
        .replace("{name: prod,", "{name: prod-us-east-1,")
        .replace("namespace: web}", "namespace: payments}");
    for (given, wanted) in [
        ("clusters: [prod]", "clusters: no cluster is called \"prod\""),
        ("clusters: [staging, prod-us-eats-1]", "called \"prod-us-eats-1\""),
        ("namespaces: [payment]", "namespaces: no namespace is called \"payment\""),
        ("applications: [storefront-a]", ""),
        ("applications: [storefront-b, other, '*']", ""),
        ("clusters: ['prod*', prod-us-east-2, dev, 'https://prod']", ""),
        ("namespaces: [pay, payments-eu]", ""),
    ] {
        let window = format!("{{kind: deny, schedule: 0 16 * * 5, duration: 64h, {given}}}");
        let found = found(&[&format!("{start}  syncWindows: [{window}]\n"), &good], &[]);
        let line = found.iter().find_map(|line| line.strip_prefix("window-unmatched: "));
        let line = line.unwrap_or_default();
        assert_eq!(line.is_empty(), wanted.is_empty(), "{given}: {line}");
        assert!(line.contains(wanted), "{given}: {line}");
    }
}

#[test]
fn a_window_whose_date_never_comes_is_always_open() {
    for (schedule, kind, wanted) in [
        ("0 12 30 2 *", "deny", "window-invalid"),
        ("0 12 30 2 *", "allow", "window-invalid no-sync-window"),
        ("0 12 28 2 *", "deny", "no-sync-window"),
    ] {
        let project = PROJECT
            .replace("0 16 * * 5, duration: 64h", &format!("'{schedule}', duration: 1h"))
            .replace("kind: deny", &format!("kind: {kind}"));
        let found = found(&[&project, GOOD], &[]);
        for code in ["window-invalid", "no-sync-window"] {
            let is_found = found.iter().any(|line| line.starts_with(code));
            assert_eq!(is_found, wanted.contains(code), "{schedule} {kind}: {found:?}");
        }
    }
}
