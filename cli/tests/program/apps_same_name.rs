//! `kustom apps`: Applications that have the name of another.

use super::apps::committed;
use super::apps_changes::{SET, diff};
use super::{config_map, kustom, write};

#[test]
fn names_that_are_there_twice_are_neither_new_nor_written() {
    let list = "list: {elements: [{app: a, c: c}, {app: b, c: c}]}";
    let set = |name: &str, list: &str| {
        SET.replace("name: one", &format!("name: {name}"))
            .replace("git: {repoURL: r, directories: [{path: 'apps/*'}]}", list)
            .replace("{{.path.basename}}", "{{.app}}")
            .replace("{{.path.path}}", "apps/a")
            .replace("{name: c, namespace: n}", "{name: '{{.c}}', namespace: n}")
    };
    let twice = |c: &str| {
        set(
            "one",
            &format!(
                "list: {{elements: [{{app: a, c: c}}, {{app: b, c: c}}, {{app: b, c: {c}}}]}}"
            ),
        )
    };
    let one = set("one", list);
    let other = set("two", "list: {elements: [{app: b, c: c}]}");
    for (i, (before, after, also)) in [
        (&one, twice("c"), ""),
        (&one, twice("d"), ""),
        (&set("one", "list: {elements: [{app: a, c: c}]}"), twice("d"), ""),
        (&one, format!("{one}---\n{other}"), ""),
        (&one, one.clone(), other.as_str()),
    ]
    .into_iter()
    .enumerate()
    {
        let map = config_map("a");
        let files = [("argo/s.yaml", before.as_str()), ("apps/a/map.yaml", &map)];
        let dir = committed(&format!("apps-twice-{i}"), &files);
        write(&dir, "argo/s.yaml", &after);
        if !also.is_empty() {
            write(&dir, "argo/more/t.yaml", also);
        }
        write(&dir, "apps/a/map.yaml", &config_map("other"));
        let args = ["apps", "diff", "argo/**/*.yaml", "--from", "HEAD"];
        let ran = kustom(&dir, &args);
        assert_eq!(ran.code, Some(2), "{i}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains("duplicate-application"), "{i}: {}", ran.err);
        let about = |title: &str| {
            let start = ran.out.find(title).unwrap_or_else(|| panic!("{i} {title}: {}", ran.out));
            ran.out[start..].split("\n\n").next().unwrap_or_default().to_owned()
        };
        let title = if also.is_empty() { "b on c" } else { "Application b of argo/s.yaml on c" };
        assert!(about(title).contains("could not be generated"), "{i}: {}", ran.out);
        assert!(!about("a on c").contains("could not be generated"), "{i}: {}", ran.out);
        assert!(!ran.out.contains("(new)") && !ran.out.contains("(gone"), "{i}: {}", ran.out);
        // Neither is written, and the others are.
        let ran = kustom(&dir, &["apps", "render", "argo/**/*.yaml", "-o", "out"]);
        assert_eq!(ran.code, Some(1), "{i}: {}{}", ran.out, ran.err);
        let files =
            ["c/a.yaml", "c/b.yaml", "d/b.yaml"].map(|file| dir.join("out").join(file).exists());
        assert_eq!(files, [true, false, false], "{i}: {}", ran.err);
    }
}

#[test]
fn a_name_that_was_there_twice_may_have_been_there() {
    let twice = SET.replace("{{.path.basename}}", "same");
    let (a, b) = (config_map("a"), config_map("b"));
    let files = [("argo/s.yaml", twice.as_str()), ("apps/a/map.yaml", &a), ("apps/b/map.yaml", &b)];
    let dir = committed("apps-was-twice", &files);
    std::fs::remove_dir_all(dir.join("apps/b")).expect("removed");
    let ran = diff(&dir, "text");
    assert!(ran.out.contains("it may be there already"), "{}{}", ran.out, ran.err);
    assert!(!ran.out.contains("(gone") && !ran.out.contains("(2)"), "{}", ran.out);
}

#[test]
fn sets_of_one_name_in_two_files_are_named_with_their_files() {
    let set = SET.replace("{name: c, namespace: n}", "{name: west, namespace: n}");
    let map = config_map("a");
    let files = [
        ("argo/a.yaml", set.as_str()),
        ("argo/b/b.yaml", set.as_str()),
        ("apps/a/map.yaml", map.as_str()),
    ];
    let dir = committed("apps-two-files", &files);
    let ran = kustom(&dir, &["apps", "lint", "argo/**/*.yaml"]);
    let all = format!("{}{}", ran.out, ran.err);
    assert!(
        all.contains("ApplicationSet one of argo/a.yaml, ApplicationSet one of argo/b/b.yaml"),
        "{all}"
    );
    assert!(!all.contains("makes 2"), "{all}");
}
