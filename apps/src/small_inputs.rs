//! Small ApplicationSets that would become large, or would not end, are errors instead.

use std::sync::Arc;

use kustom::{Limits, MemoryFs};

use crate::application::Origin;
use crate::application_set::generate;
use crate::document;
use crate::preview::Preview;
use crate::repository::Repository;
use crate::size;
use crate::substitute::TOO_MUCH;
use crate::template::Budget;

/// What the Applications of a test may take.
const BYTES: usize = 12 << 20;

const TOO_MUCH_TEXT: &str = "makes too much text";
const ALIASES: &str = "aliases stand for too much";

/// Makes the Applications of a spec, and checks that an error says so; what is there does not take too much.
#[track_caller]
fn refused(spec: &str, why: &str) {
    assert!(spec.len() < 30_000, "{}", spec.len());
    let text = format!("metadata: {{name: set}}\nspec:\n{spec}");
    let set = document::read(text.as_bytes()).expect("a set");
    let mut files = MemoryFs::new();
    files.insert("/repo/bomb.yaml", format!("- {{a: {}}}\n", aliases(4)));
    let repository = Repository::new(files, "/repo".as_ref()).expect("a directory");
    let budget = Arc::new(Budget::new(12_000_000, BYTES as u64));
    let (applications, problems) = generate(&set, &Origin::default(), &repository, &[], &budget);
    let held: usize = applications.iter().map(|made| size::of_tree(made.object())).sum();
    assert!(held < BYTES * 2, "{held}");
    let problems: Vec<String> = problems.iter().map(|(_, problem)| problem.to_string()).collect();
    assert!(problems.iter().any(|problem| problem.contains(why)), "{problems:?}");
}

fn list(count: usize, element: &str) -> String {
    format!("{{list: {{elements: [{}]}}}}", vec![element; count].join(", "))
}

/// A matrix of so many sets times so many.
fn matrix(count: usize) -> String {
    let [one, other] = ["{a: x}", "{b: y}"].map(|element| list(count, element));
    format!("{{matrix: {{generators: [{one}, {other}]}}}}")
}

fn spec(generator: &str, spec: &str) -> String {
    format!(
        "  goTemplate: true\n  generators: [{generator}]\n  template: {{metadata: {{name: a}}, spec: {{{spec}}}}}\n"
    )
}

/// A list that stands for ten times as many values with each level.
fn aliases(levels: usize) -> String {
    let level = |i: usize| format!("&l{} [{}]", i + 1, vec![format!("*l{i}"); 10].join(", "));
    let levels: Vec<String> = (0..levels).map(level).collect();
    format!("[&l0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], {}]", levels.join(", "))
}

#[test]
fn applications_are_paid_for_with_all_that_is_in_them() {
    for part in [
        "x: [{}, {a: 1, b: [1, 2, {c: 1}]}, {d: 1}]".to_owned(),
        format!("x: [{}]", "1, ".repeat(1000)),
        format!("x: [{}]", "{a: 1}, ".repeat(500)),
    ] {
        refused(&spec(&matrix(60), &part), TOO_MUCH);
    }
    // Without parameters a template stays as it is.
    refused(&spec(&list(1500, "{}"), &format!("x: [{}]", "1, ".repeat(500))), TOO_MUCH);
    let patch = |set: &str, patch: &str| format!("{set}  templatePatch: '{patch}'\n");
    refused(&patch(&spec(&matrix(60), ""), &format!("spec: {{x: {}}}", aliases(2))), TOO_MUCH);
    refused(&patch(&spec(&matrix(60), ""), &format!("spec: {{x: {}}}", aliases(4))), ALIASES);
}

#[test]
fn names_in_braces_are_paid_for() {
    let set = spec(
        &list(60, &format!("{{a: {}}}", "v".repeat(300))),
        &format!("x: '{}'", "{{a}}".repeat(1000)),
    );
    refused(&set.replace("goTemplate: true", "goTemplate: false"), TOO_MUCH_TEXT);
}

#[test]
fn sets_are_paid_for_wherever_they_come_from() {
    let wide = list(
        100,
        &format!("{{{}}}", (0..20).map(|i| format!("k{i}: v")).collect::<Vec<_>>().join(", ")),
    );
    refused(
        &spec(&format!("{{matrix: {{generators: [{wide}, {}]}}}}", list(60, "{b: y}")), ""),
        TOO_MUCH,
    );
    let none = ", selector: {matchLabels: {c: d}}}";
    let second = list(1000, "{}");
    let second = format!("{}{none}", second.strip_suffix('}').unwrap_or_default());
    // None is left of very many.
    let firsts = list(2000, "{}");
    refused(&spec(&format!("{{matrix: {{generators: [{firsts}, {second}]}}}}"), ""), TOO_MUCH);
    let elements = format!("{{list: {{elementsYaml: '[{{a: {}}}]'}}}}", aliases(4));
    refused(&spec(&elements, ""), ALIASES);
    refused(&spec("{git: {files: [{path: bomb.yaml}]}}", ""), ALIASES);
}

#[test]
fn failures_are_paid_for() {
    let fails = spec(&matrix(60), "x: '{{fail (repeat 20000 .a)}}'");
    refused(&fails, TOO_MUCH_TEXT);
}

#[test]
fn nothing_is_made_once_the_budget_is_used_up() {
    let made = |spec: &str, more: usize, limits: &Limits| {
        let set = |name: usize| {
            format!(
                "---\napiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: s{name}}}\nspec:\n{spec}"
            )
        };
        let text: String = (0..=more).map(set).collect();
        let mut files = MemoryFs::new();
        files.insert("/repo/app/kustomization.yaml", "");
        let repository = Repository::new(files, "/repo".as_ref()).expect("a directory");
        let mut preview = Preview::default().limits(limits);
        preview.add_file("a.yaml".as_ref(), text.as_bytes(), &repository, &[]);
        let said = preview.problems.iter().map(|it| format!("{it}: {:?}", it.hint)).collect();
        (preview.applications.len(), said)
    };
    let source = "{repoURL: r, path: app}, ".repeat(1000);
    let many = matrix(140).replace("a: x", "a: x, c: '1'");
    let sources = spec(&many, &format!("sources: [{source}]"));
    let small = spec(&many, "project: p, source: {repoURL: r, path: app}");
    for (spec, limits, most, is_enough) in [
        (&sources, Limits::default(), 100, false),
        (&sources, Limits::untrusted(), 10, false),
        (&small, Limits::default(), 20_000, true),
        (&small, Limits::untrusted(), 3_000, false),
    ] {
        let (applications, said): (usize, Vec<String>) = made(spec, 0, &limits);
        assert!((1..=most).contains(&applications), "{applications}");
        assert_eq!(said.is_empty(), is_enough, "{said:?}");
        // What comes after it is not tried, and not told.
        let (again, said) = made(spec, 3, &limits);
        assert!(again < most + applications, "{again}");
        let [told] = said.as_slice() else { panic!("{said:?}") };
        assert!(told.contains(TOO_MUCH) && told.contains("nothing more is made, after"), "{told}");
    }
}

#[test]
fn applications_that_somebody_wrote_count_with_all_sources() {
    let source = "{repoURL: r, path: app}, ".repeat(1000);
    let application = format!(
        "{{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {{name: a}}, spec: {{sources: [{source}]}}}}"
    );
    let text = format!("kind: List\nitems:\n- &a {application}\n{}", "- *a\n".repeat(14));
    let repository = Repository::new(MemoryFs::new(), "/".as_ref()).expect("a directory");
    let mut limits = Limits::untrusted();
    let mut preview = Preview::default().limits(&limits);
    preview.add_file("a.yaml".as_ref(), text.as_bytes(), &repository, &[]);
    let said: Vec<&str> = preview.problems.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(said, ["there are too many Applications, or they have too many sources"]);
    assert_eq!(preview.applications.len(), 9);
    limits.nodes *= 10;
    let mut preview = Preview::default().limits(&limits);
    preview.add_file("a.yaml".as_ref(), text.as_bytes(), &repository, &[]);
    assert_eq!((preview.applications.len(), preview.problems.len()), (15, 0));
}
