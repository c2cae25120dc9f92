//! What stands last is replaced, and something comes behind it: both have their place.

use proptest::prelude::*;

use super::tests::{check, map, seq};
use super::*;
use crate::yaml::node::{Entry, Mapping};

#[test]
fn a_text_of_several_lines_takes_no_comment_for_its_own() {
    let text = |root: &mut Node| map(root).set("a", Node::str("v\nw\n"));
    check("a: b\n# c\n", text, "a: |\n  v\n  w\n# c\n");
    check("a: b\n  # c\n", text, "a: \"v\\nw\\n\"\n  # c\n");
    check("a: |\n    b\n  # c\n", text, "a: \"v\\nw\\n\"\n  # c\n");
    check("a:\n  b: c\n  # c\n", text, "a: \"v\\nw\\n\"\n  # c\n");
    let item = |root: &mut Node| seq(root, "a").push(Node::str("v\nw\n"));
    check("a:\n- b\n  # c\n", item, "a:\n- b\n  # c\n- |\n  v\n  w\n");
    let list = |root: &mut Node| map(root).set("a", Node::seq([Node::str("v\nw\n")].into()));
    check("a:\n  b: c\n    # c\n", list, "a:\n    # c\n- |\n  v\n  w\n");
}

#[test]
fn a_field_comes_behind_one_that_is_replaced() {
    let change = |root: &mut Node| {
        let entry = map(&mut seq(root, "l").make_mut()[0]);
        let mut options = Mapping::new();
        options.set("h", Node::bool(true));
        let old = entry.get("o").unwrap().pos();
        entry.set("o", Node::map(options).at(old));
        entry.set("k", Node::seq([Node::str("v")].into()));
    };
    for (before, after) in [
        ("l:\n- n: x\n  o:\n    a:\n      b: c\n", "l:\n- n: x\n  o:\n    h: true\n  k:\n  - v\n"),
        ("l:\n- n: x\n  o:\n    a: b", "l:\n- n: x\n  o:\n    h: true\n  k:\n  - v\n"),
        ("l:\n- o:\n    a: b\n    c: d\nm: n\n", "l:\n- o:\n    h: true\n  k:\n  - v\nm: n\n"),
        ("l:\r\n- o:\r\n    a: b\r\n", "l:\r\n- o:\r\n    h: true\r\n  k:\r\n  - v\r\n"),
        (
            "l:\n- o: # o\n    a: b\n      # deeper\n    # below\nm: n\n",
            "l:\n- o: # o\n    h: true\n    # below\n  k:\n  - v\nm: n\n",
        ),
        ("l:\n- o: {a: b} # c\n", "l:\n- o: {h: true} # c\n  k:\n  - v\n"),
        ("l: [{o: {a: b}}]\n", "l: [{o: {h: true}, k: [v]}]\n"),
    ] {
        check(before, change, after);
    }
}

/// A value in lines, each with what stands before it: `!` for the column of its key, and two blanks for each step.
const VALUES: [&str; 16] = [
    " b",
    " 'b' # c",
    " {a: b}",
    " [a, b] # c",
    "",
    " |\n!  b\n!  c",
    " |+ # c\n!  b\n",
    " b\n!  c",
    "\n!  a: b",
    " # c\n!  a: b # d\n!  # e\n!  c: d",
    "\n!  a:\n!    b: c\n!      # deeper\n!    # below",
    "\n!  a: b\n!      # deeper\n\n!  # below",
    "\n!- a\n!- b",
    "\n!  - a # c\n!  # d\n!  - b: c\n!      # deeper",
    "\n!  - - a\n!  a: |\n!    b",
    "\n!  a: |+\n!    b\n",
];

/// What stands around the field `o`, whose column is that of `!`.
const AROUND: [(&str, &str, usize); 6] = [
    ("", "", 0),
    ("n: x\n", "", 0),
    ("l:\n- n: x\n  ", "", 2),
    ("l:\n- ", "\n- n: y", 2),
    ("l:\n  m:\n    n: x\n    ", "\nm: n", 4),
    ("l:\n  -   n: x\n      ", "\n  # last\n\n  - n: y\n# end", 6),
];

/// Returns a new value that replaces one, of which it may keep the first entry.
fn replaced(old: &Node, kind: usize) -> Node {
    let first = |old: &Node| old.as_map().and_then(|map| map.iter().next().cloned());
    let mut map = Mapping::new();
    match kind {
        0 => {}
        1 => map.set("h", Node::bool(true)),
        2 => {
            map = first(old).into_iter().collect();
            map.set("h", Node::str("v\nw\n"));
        }
        3 => {
            let new = Entry { key: Node::plain("h"), value: Node::bool(true) };
            map = [new].into_iter().chain(first(old)).collect();
        }
        4 => return Node::str("v").at(old.pos()),
        5 => return Node::str("v\nw\n").at(old.pos()),
        6 => return Node::seq([Node::str("v")].into()).at(old.pos()),
        _ => {
            let kept = old.as_seq().and_then(|items| items.first().cloned());
            return Node::seq(kept.into_iter().chain([Node::str("v")]).collect()).at(old.pos());
        }
    }
    Node::map(map).at(old.pos())
}

/// Returns the mapping that has the field `o`.
fn holder(root: &mut Node) -> &mut Mapping {
    let here = root.get("o").is_some();
    if here {
        return map(root);
    }
    match root.get_mut("l").unwrap() {
        Node::Seq { items, .. } => map(&mut items.make_mut()[0]),
        list => map(list.get_mut("m").unwrap()),
    }
}

fn own_lines(text: &str) -> usize {
    text.lines().filter(|line| line.trim_start().starts_with('#')).count()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_last_goes_and_another_comes_behind_it(
        (value, around) in (0..VALUES.len(), 0..AROUND.len()),
        kind in prop::option::of(0..8usize),
        new in prop::collection::vec(0..4usize, 1..3),
        outer in any::<bool>(),
        crlf in any::<bool>(),
        open in any::<bool>(),
    ) {
        let (before, behind, column) = AROUND[around];
        let value = VALUES[value].replace('!', &lines::blanks(column));
        let mut text = format!("{before}o:{value}{behind}\n");
        if open {
            text.truncate(text.trim_end_matches('\n').len());
        }
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        let Ok(source) = Source::read(text.as_bytes()) else { return Ok(()) };
        let mut wanted = source.root().clone();
        let entry = holder(&mut wanted);
        let old = entry.get("o").unwrap().clone();
        match kind {
            Some(kind) => entry.set("o", replaced(&old, kind)),
            None => drop(entry.remove("o")),
        }
        for (i, kind) in new.iter().enumerate() {
            let value = match kind {
                0 => Node::str("v"),
                1 => Node::str("v\nw\n"),
                2 => Node::seq([Node::str("v")].into()),
                _ => Node::map([Entry { key: Node::plain("k"), value: Node::str("v") }].into_iter().collect()),
            };
            entry.set(&format!("new{i}"), value);
        }
        if outer {
            map(&mut wanted).set("outer", Node::str("v"));
        }
        let changed = source.rewrite(&wanted);
        prop_assert!(changed.is_ok(), "{text}\n{changed:?}");
        let keeping = Keeping { kept: Kept::Fields, heirs: &[] };
        let changed = source.rewrite_keeping(&wanted, &[], keeping);
        let changed = changed.map_err(|e| TestCaseError::fail(format!("{text}\n{e}")))?.text;
        // What follows its key on the line has no place for those of a collection that it replaces.
        let fits = matches!(kind, Some(0 | 4 | 5)) || own_lines(&text) <= own_lines(&changed);
        prop_assert!(fits, "{text}\n{changed}");
        let mixed = text.contains('\r') && changed.replace("\r\n", "").contains('\n');
        prop_assert!(!mixed, "{changed:?}");
    }
}
