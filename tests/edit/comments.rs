//! What becomes of the comments of what moves and goes.

use kustom::edit::{Edit, GeneratorKind, ImageArg, List, PairField};
use kustom::{MemoryFs, Result};
use proptest::prelude::*;

use super::open;

/// Fixes deprecated fields of a file whose patches are files of the directory.
fn fixed(text: &str) -> String {
    let mut files = MemoryFs::new();
    for name in ["m.yaml", "p.json"] {
        files.insert(format!("/app/{name}"), "");
    }
    files.insert("/app/kustomization.yaml", text);
    let mut edit = Edit::open(files, "/app").unwrap();
    edit.fix().unwrap();
    edit.finish().unwrap().text
}

#[test]
fn deprecated_fields_keep_their_comments() {
    const HEADER: &str = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
    for (before, after) in [
        (
            "# merges\npatchesStrategicMerge: # both\n# the first\n- m.yaml # its own\n# the second\n- |- # inline\n  a: b # kept\n\n  c: d\n\
             # ops\npatchesJson6902:\n# for web\n- target: {kind: A, name: b} # who\n  # what\n  path: p.json # where\nnamePrefix: a-\n",
            "# merges\n@# ops\npatches:\n# for web\n- target: {kind: A, name: b} # who\n  # what\n  path: p.json # where\n\
             # both\n# the first\n- path: m.yaml # its own\n# the second\n# inline\n- patch: |-\n    a: b # kept\n\n    c: d\nnamePrefix: a-\n",
        ),
        (
            "patchesJson6902:\n- target: {kind: A, name: b} # who\n  path: p.json\npatches: # mine\n- path: m.yaml # m\n",
            "@patches: # mine\n- path: m.yaml # m\n- target: {kind: A, name: b} # who\n  path: p.json\n",
        ),
        (
            "bases: # below\n# one\n- ../x # two\nresources: [a.yaml]\nimageTags: # T\n- name: b # b\n  newTag: v1 # v\nimages:\n- name: a # a\n",
            "@resources:\n- a.yaml\n# below\n# one\n- ../x # two\nimages:\n- name: a # a\n# T\n- name: b # b\n  newTag: v1 # v\n",
        ),
        // What is new in front stays in front.
        (
            "# top\nbases: [base]   # b\nresources: [m.yaml]\n",
            "# top\n@# b\nresources: [m.yaml, base]\n",
        ),
        (
            "commonLabels: # L\n  # of a\n  a: b # c\n",
            "@labels: # L\n- includeSelectors: true\n  pairs:\n    # of a\n    a: b # c\n",
        ),
    ] {
        assert_eq!(fixed(before), after.replace('@', HEADER), "{before}");
    }
}

#[test]
fn a_comment_on_a_line_of_its_own_outlives_what_it_stands_in() {
    let remove = |before: &str, change: &dyn Fn(&mut Edit) -> Result<()>| {
        let mut edit = open(before).unwrap();
        change(&mut edit).unwrap();
        edit.finish().unwrap().text
    };
    let resources = |edit: &mut Edit| edit.remove_entries(List::Resources, &["*"]);
    for (before, after) in [
        (
            "# why\nresources: # all\n  # one\n  - a.yaml # ours\n\n  # two\n  - b.yaml\n\nnamePrefix: a-\n",
            "# why\n# one\n# two\n\nnamePrefix: a-\n",
        ),
        (
            "namePrefix: a-\nresources: [\n  # one\n  a.yaml, # ours\n  b.yaml\n]\n",
            "namePrefix: a-\n# one\n",
        ),
        ("namePrefix: a-\r\nresources:\r\n# one\r\n- a.yaml", "namePrefix: a-\r\n# one\r\n"),
    ] {
        assert_eq!(remove(before, &resources), after);
    }
    let map = "configMapGenerator:\n- name: a # ours\n  # some\n  literals:\n  # one\n  - a=#1\n";
    let rest = "- name: b\n  literals: [a=1]\n";
    let maps = |edit: &mut Edit| edit.remove_generators(GeneratorKind::ConfigMap, &["a"], None);
    let before = format!("{map}{rest}");
    let after = format!("configMapGenerator:\n# some\n# one\n{rest}");
    assert_eq!(remove(&before, &maps), after);
    let labels = "commonLabels:\n  # one\n  a: b # ours\nnamePrefix: a-\n";
    let remove_label = |edit: &mut Edit| edit.remove_pairs(PairField::Labels, &["a"], false);
    assert_eq!(remove(labels, &remove_label), "# one\nnamePrefix: a-\n");
}

/// Changes a file, with line feeds and with CRLF, which must come to the same.
fn changed(before: &str, change: &dyn Fn(&mut Edit) -> Result<()>) -> String {
    let [text, with_returns] = [before.to_owned(), before.replace('\n', "\r\n")].map(|text| {
        let mut files = MemoryFs::new();
        for name in ["m.yaml", "p.json"] {
            files.insert(format!("/app/{name}"), "");
        }
        files.insert("/app/kustomization.yaml", text.as_str());
        let mut edit = Edit::open(files, "/app").unwrap();
        change(&mut edit).unwrap();
        edit.finish().unwrap().text
    });
    assert_eq!(with_returns, text.replace('\n', "\r\n"), "{before}");
    text
}

fn fix(before: &str) -> String {
    let header = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
    changed(before, &|edit| edit.fix().map(drop)).replacen(header, "", 1)
}

#[test]
fn what_stands_behind_the_header_of_a_block_scalar_moves_along() {
    let body = "\n  a: b\n\n  # text\n";
    for header in ["|-", "|", "|+", "|2-", "|-2", ">-", ">+2"] {
        for comment in [" # why", "   # why", "\t# why"] {
            let one = |name: &str| format!("- {header}{comment} {name}{body}");
            let merges = format!("patchesStrategicMerge:\n{}- m.yaml\n{}", one("one"), one("two"));
            for patches in ["", "patches:\n- path: m.yaml\n", "patches: [path: m.yaml] # p\n"] {
                let after = fix(&format!("{merges}namePrefix: a-\n{patches}"));
                for name in ["one", "two"] {
                    let own = format!("# why {name}\n- patch: ");
                    let beside = format!("' # why {name}\n");
                    assert!(after.contains(&own) || after.contains(&beside), "{header}: {after}");
                }
            }
        }
    }
    let json = "patchesJson6902:\n- target: {kind: A, name: b}\n  patch: |- # why\n    - op: test\n      path: /a\n";
    let patch = json.trim_start_matches("patchesJson6902:\n");
    let patches = "patches:\n- path: m.yaml\n";
    assert_eq!(fix(&format!("{json}{patches}")), format!("{patches}{patch}"));
    let chart = "helmChartInflationGenerator:\n- chartName: a\n  valuesLocal:\n    b: |- # why\n      c\n\n      d\n";
    let charts = "helmCharts:\n- name: c\n";
    assert_eq!(
        fix(&format!("{chart}{charts}")),
        format!("{charts}- name: a\n  valuesInline:\n    b: |- # why\n      c\n\n      d\n")
    );
    let base = |edit: &mut Edit| edit.add_bases::<&str>(&[]);
    assert_eq!(
        changed("bases:\n- >- # why\n  ../x\nresources: [a.yaml]\n", &base),
        "resources:\n- a.yaml\n- >- # why\n  ../x\n"
    );
}

#[test]
fn what_moves_out_of_brackets_takes_its_comments_along() {
    for (before, after) in [
        (
            "bases: [../x] # c\nnamePrefix: a-\nresources: [r.yaml]\n",
            "namePrefix: a-\n# c\nresources: [r.yaml, ../x]\n",
        ),
        (
            "bases: [../x, ../y] # c\nnamePrefix: a-\nresources: # r\n  - r.yaml\n",
            "namePrefix: a-\nresources: # r\n  - r.yaml\n  # c\n  - ../x\n  - ../y\n",
        ),
        (
            "bases: [ # a\n  ../x, # b\n  # c\n  ../y # d\n  # e\n] # f\nnamePrefix: a-\nresources: [r.yaml] # r\n",
            "namePrefix: a-\nresources: # r\n- r.yaml\n# a\n# f\n- ../x # b\n# c\n# e\n- ../y # d\n",
        ),
        (
            "bases: [../x] # c\nnamePrefix: a-\nresources: [\n  r.yaml # r\n]\n",
            "namePrefix: a-\n# c\nresources: [\n  r.yaml, # r\n  ../x\n]\n",
        ),
        (
            "bases: [] # none\nnamePrefix: a-\nresources: [r.yaml]\n",
            "namePrefix: a-\n# none\nresources: [r.yaml]\n",
        ),
        (
            "imageTags: [{name: b, newTag: v1}] # c\nnamePrefix: a-\nimages:\n- name: a\n",
            "namePrefix: a-\nimages:\n- name: a\n# c\n- name: b\n  newTag: v1\n",
        ),
        (
            "patchesStrategicMerge: [m.yaml] # m\npatchesJson6902: [{path: p.json}] # p\nnamePrefix: a-\npatches:\n- path: m.yaml\n",
            "namePrefix: a-\npatches:\n- path: m.yaml\n# p\n- path: p.json\n# m\n- path: m.yaml\n",
        ),
        (
            "commonLabels: {a: b} # c\nnamePrefix: a-\nlabels: [pairs: {c: d}]\n",
            "namePrefix: a-\n# c\nlabels: [pairs: {c: d}, {includeSelectors: true, pairs: {a: b}}]\n",
        ),
        (
            "commonLabels: {} # c\nnamePrefix: a-\nlabels:\n- pairs: {c: d}\n",
            "namePrefix: a-\n# c\nlabels:\n- pairs: {c: d}\n",
        ),
        (
            "commonLabels: # l\n  a: b # c\n\n  # d\n  e: f\n  # g: h\nnamePrefix: a-\nlabels:\n- pairs: {c: d}\n",
            "namePrefix: a-\nlabels:\n- pairs: {c: d}\n# l\n- includeSelectors: true\n  pairs:\n    a: b # c\n\n    # d\n    e: f\n    # g: h\n",
        ),
        (
            "configMapGenerator:\n- env: a # c\n  literals: [b=c]\n  name: d\n  envs: [e]\n",
            "configMapGenerator:\n- literals: [b=c]\n  name: d\n  envs:\n  - e\n  - a # c\n",
        ),
        (
            "helmChartInflationGenerator:\n- chartName: a\n  chartHome: h # h\n  helmBin: b # b\nnamePrefix: a-\n",
            "helmCharts:\n- name: a\n  # b\nnamePrefix: a-\nhelmGlobals:\n  chartHome: h # h\n",
        ),
    ] {
        assert_eq!(fix(before), after, "{before}");
    }
}

#[test]
fn the_lines_between_moved_entries_stay() {
    let add = |edit: &mut Edit| {
        edit.add_unverified(List::Resources, &["new.yaml"]);
        Ok(())
    };
    for (before, after) in [
        (
            "bases:\n- ../x\n\n# about y\n- ../y\nresources:\n- r.yaml\n",
            "resources:\n- r.yaml\n- ../x\n\n# about y\n- ../y\n- new.yaml\n",
        ),
        (
            "bases: # b\n\n  # all\n\n  # x\n  - ../x # X\n\n\n  - ../y\n  # - ../z\n\nresources: [r.yaml]\n",
            "\nresources:\n  - r.yaml\n  # b\n  # all\n\n  # x\n  - ../x # X\n\n\n  - ../y\n  # - ../z\n  - new.yaml\n",
        ),
        ("bases: [../x] # c\nresources: [r.yaml]\n", "# c\nresources: [r.yaml, ../x, new.yaml]\n"),
    ] {
        assert_eq!(changed(before, &add), after, "{before}");
    }
}

#[test]
fn what_stands_behind_a_field_that_goes_gets_a_line() {
    let (tag, digest) = ("  newTag: v1 # tag\n", "  digest: sha256:a # by hand\n");
    let (name, suffix) = ("  newName: b # name\n", "  tagSuffix: -c # suffix\n");
    for (lines, arg, after) in [
        (format!("- name: a\n{tag}{name}"), "a=", "- name: a\n  # tag\n  # name\n"),
        (format!("- name: a\n{tag}{name}"), "a:v2", "- name: a\n  newTag: v2 # tag\n  # name\n"),
        (
            format!("- name: a\n{suffix}{digest}{tag}{name}"),
            "a:v2",
            "- name: a\n  # suffix\n  # by hand\n  newTag: v2 # tag\n  # name\n",
        ),
        (
            format!("-{}  name: a # a\n", &name[1..]),
            "a:v1",
            "# name\n- name: a # a\n  newTag: v1\n",
        ),
        (
            "- {name: a, newTag: v1, # tag\n   newName: b # name\n  }\n".to_owned(),
            "a:v2",
            "- {name: a, newTag: v2 # tag\n   # name\n  }\n",
        ),
        // The order of patterns says something.
        (
            format!("# about b\n- name: b\n{tag}\n# about a\n- name: a+ # a\n"),
            "b:v2",
            "\n# about a\n- name: a+ # a\n# about b\n- name: b\n  newTag: v2 # tag\n",
        ),
    ] {
        let set = |edit: &mut Edit| edit.replace_images(&[arg.parse::<ImageArg>()?]);
        let after = format!("images:\n{after}");
        assert_eq!(changed(&format!("images:\n{lines}"), &set), after, "{lines}");
    }
}

#[test]
fn of_several_entries_of_an_image_the_first_inherits_all_comments() {
    for (before, arg, after) in [
        (
            "- name: a\n  newTag: v1 # one\n\n# why v2\n- name: a # again\n  # tag\n  newTag: v2 # two\n  # end\n- name: b # b\n",
            "a:v3",
            "# why v2\n# again\n# tag\n# two\n# end\n- name: a\n  newTag: v3 # one\n- name: b # b\n",
        ),
        // Not named, but a change of another tidies up.
        (
            "- {name: a, newTag: v1} # one\n- name: c\n- {name: a, newTag: v2} # two\n- {name: a} # three\n",
            "c:v2",
            "# two\n# three\n- {name: a, newTag: v1} # one\n- name: c\n  newTag: v2\n",
        ),
        // The first may move.
        (
            "- name: b+ # b\n# second\n- name: b+ # b2\n# of a\n- name: a # a\n- name: a # a2\n",
            "a:v2",
            "# of a\n# a2\n- name: a # a\n  newTag: v2\n# second\n# b2\n- name: b+ # b\n",
        ),
    ] {
        let set = |edit: &mut Edit| edit.replace_images(&[arg.parse::<ImageArg>()?]);
        let after = format!("images:\n{after}");
        assert_eq!(changed(&format!("images:\n{before}"), &set), after, "{before}");
    }
    let set = |edit: &mut Edit| edit.replace_images(&["a:v3".parse::<ImageArg>()?]);
    assert_eq!(
        changed(
            "images: [\n  {name: a, newTag: v1}, # one\n  # two\n  {name: a, newTag: v2}, # behind\n  {name: b}\n]\n",
            &set
        ),
        "images: [\n  # behind\n  {name: a, newTag: v3}, # one\n  # two\n  {name: b}\n]\n"
    );
}

/// Fields that `fix` moves to others, with entries of both.
const MOVES: [(&str, &str, [&str; 2], &str); 5] = [
    ("bases", "resources", ["../x", "'../y'"], "r.yaml"),
    ("imageTags", "images", ["{name: a, newTag: v1}", "{newTag: v2, name: b}"], "{name: c}"),
    ("patchesStrategicMerge", "patches", ["m.yaml", "\"a: b\""], "{path: m.yaml}"),
    (
        "patchesJson6902",
        "patches",
        ["{path: p.json}", "{target: {kind: A}, path: p.json}"],
        "{path: m.yaml}",
    ),
    ("commonLabels", "labels", ["a: b", "\"c\": 'd'"], "{pairs: {e: f}}"),
];

/// Writes a field; `style` says how, and each bit of `comments` whether there is one in one of the places.
fn written(field: &str, entries: &[&str], style: u8, comments: u16) -> String {
    let mut left =
        (0..16).filter(|bit| comments & (1 << bit) != 0).map(|bit| format!("# {field}{bit}."));
    let mut place = 0..16;
    let mut comment = |before: &str, behind: &str| match place.next() {
        Some(bit) if comments & (1 << bit) != 0 => {
            left.next().map(|comment| format!("{before}{comment}{behind}")).unwrap_or_default()
        }
        _ => String::new(),
    };
    let is_map = field == "commonLabels";
    let brackets = if is_map { ["{", "}"] } else { ["[", "]"] };
    if style == 0 {
        return format!(
            "{field}: {}{}{}{}\n",
            brackets[0],
            entries.join(", "),
            brackets[1],
            comment(" ", "")
        );
    }
    let mut text = match style {
        1 => format!("{field}: {}{}\n", brackets[0], comment(" ", "")),
        _ => format!("{field}:{}\n", comment(" ", "")),
    };
    for entry in entries {
        text += &comment("  ", "\n");
        match (style, is_map) {
            (1, _) => text += &format!("  {entry},{}\n", comment(" ", "")),
            (_, true) => text += &format!("  {entry}{}\n", comment(" ", "")),
            _ => text += &format!("  - {entry}{}\n", comment(" ", "")),
        }
        text += ["", "\n"][usize::from(comments & 0x8000 != 0)];
    }
    text += &comment("  ", "\n");
    if style == 1 {
        text += &format!("  {}{}\n", brackets[1], comment(" ", ""));
    }
    text
}

/// Returns the fields in which a comment stands, or above which; several where that is not clear.
fn fields_of<'t>(text: &'t str, comment: &str) -> Vec<&'t str> {
    let key = |line: &&'t str| line.starts_with(|c: char| c.is_ascii_alphabetic());
    let name = |line: &'t str| line.split(':').next().unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| line.ends_with(comment)).unwrap_or_default();
    let within = lines[..=at].iter().rev().copied().find(|line| key(line)).map(name);
    let is_above = |line: &&&str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let next = lines[at..].iter().find(|line| !is_above(line)).copied();
    let next = next.filter(|line| is_above(&&lines[at]) && key(line)).map(name);
    within.into_iter().chain(next).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fix_takes_every_comment_to_where_its_field_goes(
        which in 0..MOVES.len(),
        styles in (0..3u8, 0..4u8),
        comments in (any::<u16>(), any::<u16>()),
        count in 1..3usize,
        new_is_first in any::<bool>(),
    ) {
        let (old, new, entries, other) = MOVES[which];
        let moved = written(old, &entries[..count], styles.0, comments.0);
        let there = if styles.1 == 3 { String::new() } else { written(new, &[other], styles.1, comments.1) };
        let prefix = "namePrefix: a- # prefix.\n";
        let before = match new_is_first {
            true => format!("{there}{prefix}{moved}"),
            false => format!("{moved}{prefix}{there}"),
        };
        let after = fix(&before);
        for comment in before.lines().filter_map(|line| Some(&line[line.find('#')?..])) {
            let count = after.lines().filter(|line| line.ends_with(comment)).count();
            prop_assert_eq!(count, 1, "{}: {}{}", comment, before, after);
            let field = if comment == "# prefix." { "namePrefix" } else { new };
            prop_assert!(fields_of(&after, comment).contains(&field), "{comment}: {before}{after}");
        }
    }
}
