//! What a comparison and its report may take.

use kustom::diff::render::{self, COMMENT_LIMIT, Color};
use kustom::diff::{self, Diff, Options, Report, RootReport, compare, read};
use kustom::{Error, ErrorKind, Limit, Limits, Resource};

fn objects(text: &str) -> Vec<Resource> {
    read(text.as_bytes()).expect("objects")
}

/// Returns ConfigMaps of these names, each with some keys of one value.
fn maps(names: &[&str], keys: usize, value: &str) -> String {
    let data: String = (0..keys).map(|i| format!("  k{i}: '{value}'\n")).collect();
    let map = |name: &&str| {
        format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n{data}")
    };
    names.iter().map(map).collect()
}

/// Returns an object with a list of lists and maps.
fn lists(kind: &str, items: usize, each: usize, salt: usize) -> String {
    let words =
        |i: usize| (0..each).map(|j| format!("'{}'", i * j + j % (salt + 2))).collect::<Vec<_>>();
    let item =
        |i: usize| format!("    - a: [{}]\n      b: {{c: {}}}\n", words(i).join(", "), i + salt);
    let all: String = (0..items).map(item).collect();
    format!(
        "---\napiVersion: example.com/v1\nkind: {kind}\nmetadata:\n  name: x\nspec:\n    items:\n{all}"
    )
}

fn limits(set: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    set(&mut limits);
    limits
}

fn found(before: &str, after: &str, limits: Limits) -> Result<Diff, Error> {
    compare(&objects(before), &objects(after), &Options::new().limits(limits))
}

/// Pairs of sets in which much differs, each in its own way.
fn much() -> Vec<(&'static str, String, String)> {
    let secret =
        "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {p: hunter2hunter2}\n";
    let text = |word: &str| {
        let lines: String = (0..120).map(|i| format!("    {word} {i}\n")).collect();
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: t}}\ndata:\n  text: |\n{lines}"
        )
    };
    vec![
        ("fields", maps(&["a", "b"], 60, "v"), maps(&["a", "b"], 60, "u")),
        ("added", String::new(), maps(&["a", "b", "c"], 80, "v")),
        ("removed", maps(&["a", "b", "c"], 80, "v"), String::new()),
        ("renamed", maps(&["a1", "a2"], 40, "v"), maps(&["b1", "b2"], 40, "v")),
        (
            "masked",
            secret.to_owned() + &maps(&["a"], 60, "x hunter2hunter2"),
            maps(&["a"], 60, "u"),
        ),
        ("lists", lists("List1", 12, 12, 0), lists("List1", 12, 12, 1)),
        ("moved", lists("List1", 12, 3, 0), lists("List1", 11, 3, 5)),
        ("texts", text("one"), text("two")),
    ]
}

type Write = fn(&Report) -> Result<String, Error>;

/// All forms of a report.
const FORMS: [(&str, Write); 6] = [
    ("text", |report| render::terminal(report, Color::Never)),
    ("colored", |report| render::terminal(report, Color::Always)),
    ("unified", render::unified),
    ("markdown", |report| render::markdown(report, COMMENT_LIMIT)),
    ("json", diff::json),
    ("html", render::html),
];

fn report(diff: &Diff, limits: Limits) -> Report {
    Report::new(vec![RootReport::new("a", diff.clone())]).within(limits)
}

/// Returns the least number that passes, between one that does not and one that does.
fn least(passes: impl Fn(u64) -> bool, mut no: u64, mut yes: u64) -> u64 {
    assert!(passes(yes) && !passes(no), "{no} and {yes}");
    while yes - no > 1 {
        let middle = no + (yes - no) / 2;
        if passes(middle) { yes = middle } else { no = middle }
    }
    yes
}

#[test]
fn what_is_beyond_a_limit_is_an_error_and_never_half_a_difference() {
    type Set = fn(&mut Limits) -> &mut u64;
    let all: [(Limit, Set); 2] = [
        (Limit::DiffBytes, |limits| &mut limits.diff_bytes),
        (Limit::Comparisons, |limits| &mut limits.comparisons),
    ];
    for (what, before, after) in much() {
        let whole = found(&before, &after, Limits::default()).expect("a difference");
        for (limit, set) in all {
            let of = |most| found(&before, &after, limits(|limits| *set(limits) = most));
            let back = |most| found(&after, &before, limits(|limits| *set(limits) = most));
            let enough = least(|most| of(most).is_ok(), 0, 1 << 24);
            assert_eq!(of(enough).expect("enough"), whole, "{what}");
            for most in [0, enough / 3, enough - 1] {
                let error = of(most).expect_err("too much");
                assert_eq!(
                    (error.kind(), error.limit()),
                    (ErrorKind::Limit, Some(limit)),
                    "{what}"
                );
                assert!(error.to_string().contains("--limits none"), "{error}");
            }
            if !matches!(what, "added" | "removed") {
                assert!(back(enough).is_ok(), "{what}: both directions take the same");
            }
        }
    }
}

#[test]
fn what_differs_grows_with_the_objects_and_not_with_their_square() {
    let takes = |keys: usize, limit: fn(&mut Limits) -> &mut u64| {
        let (one, other) = (maps(&["a"], keys, "v"), maps(&["a"], keys, "u"));
        let passes = |most| found(&one, &other, limits(|limits| *limit(limits) = most)).is_ok();
        least(passes, 0, 1 << 30)
    };
    for limit in
        [(|limits: &mut Limits| &mut limits.diff_bytes) as fn(&mut Limits) -> &mut u64, |limits| {
            &mut limits.comparisons
        }]
    {
        let (few, many) = (takes(100, limit), takes(1_000, limit));
        assert!(many <= few * 11, "{few} {many}");
    }
}

#[test]
fn objects_are_told_in_the_same_way_however_they_are_kept() {
    for (what, before, after) in much() {
        let whole = found(&before, &after, Limits::default()).expect("a difference");
        let room = limits(|limits| limits.diff_bytes = 400_000);
        let small = found(&before, &after, room).expect("room enough");
        assert_eq!(small, whole, "{what}");
        for (form, write) in FORMS {
            let [one, other] = [&small, &whole]
                .map(|diff| write(&report(diff, Limits::default())).expect("a report"));
            assert_eq!(one, other, "{what}, {form}");
            assert!(!one.contains("hunter2hunter2"), "{what}, {form}");
        }
        let again: Diff = serde_json::from_str(&serde_json::to_string(&small).expect("JSON"))
            .expect("a difference");
        assert_eq!(again, whole, "{what}");
    }
}

#[test]
fn a_report_that_is_too_long_is_an_error_in_each_form() {
    for (what, before, after) in much() {
        let diff = found(&before, &after, Limits::default()).expect("a difference");
        for (form, write) in FORMS {
            let text = write(&report(&diff, Limits::default())).expect("a report");
            let within = |most| write(&report(&diff, limits(|limits| limits.output_bytes = most)));
            let length = text.len() as u64;
            assert_eq!(within(length).expect("room enough"), text, "{what}, {form}");
            for most in [0, length / 2, length - 1] {
                let error = within(most).expect_err("too long");
                assert_eq!(error.limit(), Some(Limit::OutputBytes), "{what}, {form}: {error}");
            }
        }
    }
}

#[test]
fn without_work_left_a_report_says_the_same_less_nicely() {
    for (what, before, after) in much() {
        let diff = found(&before, &after, Limits::default()).expect("a difference");
        let lines = |text: &str| text.lines().filter(|line| line.contains(['-', '+'])).count();
        for (form, write) in FORMS {
            let all = write(&report(&diff, Limits::default())).expect("a report");
            let none = limits(|limits| limits.comparisons = 0);
            let plain = write(&report(&diff, none)).expect("a report");
            assert!(!plain.contains("no differences"), "{what}, {form}");
            // Of the lines that one has, the other has as many or more.
            assert!(lines(&plain) >= lines(&all), "{what}, {form}: {plain}");
        }
        let none = limits(|limits| limits.comparisons = 0);
        let text = render::terminal(&report(&diff, none), Color::Never).expect("a report");
        if what == "renamed" {
            let whole = render::terminal(&report(&diff, Limits::default()), Color::Never);
            assert!(whole.expect("a report").contains("a new object that differs"));
            assert!(!text.contains("a new object that differs"), "{text}");
            assert_eq!(
                (text.matches("+ ConfigMap").count(), text.matches("- ConfigMap").count()),
                (2, 2)
            );
        }
    }
}

#[test]
fn comparisons_that_belong_together_have_room_together() {
    let (one, other) = (maps(&["a"], 60, "v"), maps(&["a"], 60, "u"));
    let (one, other) = (objects(&one), objects(&other));
    let takes = least(
        |most| {
            let options =
                Options::new().limits(limits(|limits| limits.call_bytes = most)).together();
            compare(&one, &other, &options).is_ok()
        },
        0,
        1 << 24,
    );
    let options = Options::new().limits(limits(|limits| limits.call_bytes = 2 * takes));
    for (options, most) in [(options.clone(), 4), (options.together(), 2)] {
        for i in 0..4 {
            let found = compare(&one, &other, &options.clone());
            assert_eq!(found.is_ok(), i < most);
            assert_eq!(options.check().is_ok(), i < most);
            if let Err(error) = found {
                assert_eq!(error.limit(), Some(Limit::CallBytes), "{error}");
            }
        }
    }
}

#[test]
fn dangers_have_room_of_their_own() {
    let pods: String = (0..200)
        .map(|i| {
            format!(
                "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{i}}}\nspec:\n  containers:\n  \
                 - {{name: a, image: x, securityContext: {{privileged: true}}}}\n"
            )
        })
        .collect();
    let diff = found("", &pods, Limits::default()).expect("a difference");
    let all = report(&diff, Limits::default()).risks().len();
    let few = limits(|limits| limits.diff_bytes = 40_000);
    assert!(all >= 200 && report(&diff, few).risks().len() < all);
    for (form, write) in FORMS.iter().filter(|(form, _)| *form != "unified") {
        let error = write(&report(&diff, few)).expect_err("too many");
        assert_eq!(error.limit(), Some(Limit::DiffBytes), "{form}: {error}");
    }
}
