//! Patterns of AppProjects and generators are matched in bounded time, and what would take longer is told.

use super::{folder, kustom};

const LIMIT: &str = "limit `pattern_work`";

fn applications(count: usize, url: impl Fn(usize) -> String) -> String {
    let one = |i: usize| {
        let url = url(i);
        format!(
            "{{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {{name: a{i}}}, spec: {{project: p, \
             source: {{repoURL: '{url}', path: .}}, destination: {{server: '{url}', namespace: x}}}}}}\n"
        )
    };
    (0..count).map(one).collect::<Vec<_>>().join("---\n")
}

fn project(sources: &[String], servers: &[String]) -> String {
    let quoted = |text: &String| format!("'{text}'");
    let sources: Vec<String> = sources.iter().map(quoted).collect();
    let servers = servers.iter().map(|it| format!("{{server: '{it}', namespace: '*'}}"));
    format!(
        "---\napiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {{name: p}}\nspec: {{sourceRepos: [{}], \
         destinations: [{}]}}\n",
        sources.join(","),
        servers.collect::<Vec<_>>().join(",")
    )
}

#[test]
fn patterns_of_projects_are_bounded() {
    let deep = "{a,".repeat(9000) + "b" + &"}".repeat(9000);
    let long = "a".repeat(30_000);
    let any = || vec!["*".to_owned()];
    let many = |of: &str| (0..500).map(|i| format!("{of}{i}")).collect::<Vec<_>>();
    for (name, apps, project, is_limited) in [
        ("deep", applications(1, |_| "a".to_owned()), project(&any(), &[deep]), false),
        (
            "alternatives",
            applications(1, |_| long.clone()),
            project(&["{a,aa}".repeat(5000) + "b"], &["{a*,*a}".repeat(5000) + "b"]),
            true,
        ),
        (
            "classes",
            applications(1, |_| long.clone()),
            project(&["[a-b]*".repeat(5000) + "c"], &any()),
            true,
        ),
        (
            "same",
            applications(200, |_| "a".repeat(50)),
            project(&vec!["*a*a*a*a*b".to_owned(); 500], &vec!["*a*a*b".to_owned(); 200]),
            false,
        ),
        (
            "many",
            applications(300, |i| "a".repeat(50) + &i.to_string()),
            project(&many("*a*a*a*a*a*a*a*a*a*b"), &many("*a*a*a*a*a*a*a*a*a*b")),
            true,
        ),
    ] {
        let dir = folder(&format!("apps-patterns-{name}"), &[("app.yaml", &*(apps + &project))]);
        let ran = kustom(&dir, &["apps", "lint", "app.yaml", "--only", "source-forbidden"]);
        assert_eq!(ran.err.contains(LIMIT), is_limited, "{name}: {}", ran.err);
        assert!(!is_limited || ran.code == Some(1));
    }
}

#[test]
fn patterns_of_generators_are_bounded() {
    let patterns: Vec<String> = (0..1000)
        .map(|i| format!("{{path: '**/*a*/**/*aaaaaaaaaaaaaaaaaaaa{i}*a.yaml'}}"))
        .collect();
    let set = |patterns: &[String]| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: s}}\nspec:\n  goTemplate: true\n  \
             generators: [{{git: {{repoURL: 'https://x/a/b', files: [{}]}}}}]\n  template: {{metadata: {{name: \
             '{{{{.path.filename}}}}'}}, spec: {{}}}}\n",
            patterns.join(", ")
        )
    };
    let few = vec!["{path: '**/*a*/**/*.yaml'}".to_owned(); 1000];
    let [all, few] = [set(&patterns), set(&few)];
    let names: Vec<String> = (0..300)
        .map(|i| format!("{}d{i}/{}.yaml", "aaaaaaaaa/".repeat(10), "a".repeat(200)))
        .collect();
    let mut files = vec![("all.yaml", &*all), ("few.yaml", &*few)];
    files.extend(names.iter().map(|name| (name.as_str(), "a: b\n")));
    let dir = folder("apps-patterns-files", &files);
    let ran = kustom(&dir, &["apps", "all.yaml", "--root", "."]);
    assert!(ran.err.contains(LIMIT), "{}", ran.err);
    // A pattern that is there a thousand times is matched once.
    let ran = kustom(&dir, &["apps", "few.yaml", "--root", "."]);
    assert!(!ran.err.contains(LIMIT) && ran.out.lines().count() == 301, "{}{}", ran.err, ran.out);
}
