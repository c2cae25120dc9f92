//! One table per kind of change; the whole text is compared.

use super::*;
use crate::yaml::node::{Entry, Mapping};

pub(super) fn check(before: &str, change: impl Fn(&mut Node), after: &str) {
    let source = Source::read(before.as_bytes()).unwrap();
    let mut wanted = source.root().clone();
    change(&mut wanted);
    let changed = source.rewrite(&wanted).unwrap_or_else(|e| panic!("{before:?}: {e}"));
    assert_eq!(changed.text, after, "from {before:?}");
    let again = Source::read(after.as_bytes()).unwrap();
    assert!(again.rewrite(again.root()).unwrap().is_unchanged());
}

pub(super) fn seq<'a>(root: &'a mut Node, key: &str) -> &'a mut ecow::EcoVec<Node> {
    root.get_mut(key).and_then(Node::as_seq_mut).unwrap()
}

pub(super) fn map(node: &mut Node) -> &mut Mapping {
    node.as_map_mut().unwrap()
}

fn image(name: &str, tag: &str) -> Node {
    let mut image = Mapping::new();
    image.set("name", Node::str(name));
    image.set("newTag", Node::str(tag));
    Node::map(image)
}

#[test]
fn texts_keep_their_quotes_and_comments() {
    for (before, value, after) in [
        ("a: b # c\n", "x", "a: x # c\n"),
        ("a: 'b'   # c\n", "it's", "a: 'it''s'   # c\n"),
        ("a: \"b\"\n", "x\"y", "a: \"x\\\"y\"\n"),
        ("a: b\n", "1.10", "a: \"1.10\"\n"),
        ("a: b\n", "12e4567", "a: \"12e4567\"\n"),
        ("a: b\n", "12:30", "a: \"12:30\"\n"),
        ("a: b\n", "1_000", "a: \"1_000\"\n"),
        ("a: b\n", "2026-01-02", "a: \"2026-01-02\"\n"),
        ("a: b\n", "0o17", "a: \"0o17\"\n"),
        ("a: b\n", "on", "a: \"on\"\n"),
        ("a: b\n", "~", "a: \"~\"\n"),
        ("a: b\n", "", "a: \"\"\n"),
        ("a: b\n", "- x", "a: '- x'\n"),
        ("a: b\n", "x: y", "a: 'x: y'\n"),
        ("a: b\n", "1.27.3", "a: 1.27.3\n"),
        ("a: &t b\n", "x", "a: &t x\n"),
        ("a: !!str 1\n", "x", "a: x\n"),
        ("a:\n", "x", "a: x\n"),
        ("a: # c\n", "x", "a: x # c\n"),
        ("a: null # c\n", "x", "a: x # c\n"),
        ("a:\n  long\n  text # c\n", "x", "a:\n  x # c\n"),
        ("{a: b, c: d}\n", "x, y", "{a: 'x, y', c: d}\n"),
        ("{\"a\":\"b\"}", "x", "{\"a\":\"x\"}"),
        ("a: |  # c\n  b\nc: d\n", "x\ny\n", "a: |  # c\n  x\n  y\nc: d\n"),
        ("a: |\n  b\n\nc: d\n", "x", "a: x\n\nc: d\n"),
        ("a: b # c\n", "x\n\n  y", "a: |- # c\n  x\n\n    y\n"),
    ] {
        check(before, |root| map(root).set("a", Node::str(value)), after);
    }
}

#[test]
fn entries_come_behind_the_last() {
    for (before, after) in [
        ("a: b\n", "a: b\nk: v\n"),
        ("a: b", "a: b\nk: v\n"),
        ("a: b\r\n", "a: b\r\nk: v\r\n"),
        ("\u{feff}a: b\n", "\u{feff}a: b\nk: v\n"),
        ("  a: b\n", "  a: b\n  k: v\n"),
        ("a:\n- b\n# - c\n\n# end\n", "a:\n- b\n# - c\nk: v\n\n# end\n"),
        ("a: b\n---\nc: d\n", "a: b\nk: v\n---\nc: d\n"),
        ("a: |\n  b", "a: |-\n  b\nk: v\n"),
        ("a: |+\n  b", "a: |-\n  b\nk: v\n"),
        ("a: >2+ # c\n  b", "a: >2- # c\n  b\nk: v\n"),
        ("a: |+\n  b\n\n", "a: |+\n  b\n\nk: v\n"),
        ("a: |\n  b\n\n# c\n", "a: |\n  b\nk: v\n\n# c\n"),
        ("{a: b}\n", "{a: b, k: v}\n"),
        ("{\"a\":\"b\"}", "{\"a\":\"b\",\"k\":\"v\"}"),
        ("{\n  \"a\": \"b\"\n}\n", "{\n  \"a\": \"b\",\n  \"k\": \"v\"\n}\n"),
        ("{a: b, # c\n d: e # f\n}\n", "{a: b, # c\n d: e, # f\n k: v\n}\n"),
        ("{}\n", "{k: v}\n"),
        ("{\n  # c\n}\n", "{\n  # c\n  k: v\n}\n"),
        ("<<: &x {a: b}\nc: *x\n", "<<: &x {a: b}\nc: *x\nk: v\n"),
    ] {
        check(before, |root| map(root).set("k", Node::str("v")), after);
    }
    let add = |root: &mut Node| {
        let mut map = Mapping::new();
        map.set("k", Node::str("v"));
        *root = Node::map(map);
    };
    check("", add, "k: v\n");
    check("# c", add, "# c\nk: v\n");
    check("---\n# c\n", add, "---\n# c\nk: v\n");
    check("---\n---\na: b\n", add, "---\nk: v\n---\na: b\n");
}

#[test]
fn items_come_behind_the_last() {
    for (before, after) in [
        ("a:\n- b\n", "a:\n- b\n- {x}\n"),
        ("a:\n  - b # c\n# d\n", "a:\n  - b # c\n  - {x}\n# d\n"),
        ("a:\n-   b\n", "a:\n-   b\n-   {x}\n"),
        ("a: [b]\n", "a: [b, {x}]\n"),
        ("a: [b,]\n", "a: [b, {x},]\n"),
        ("a: [ b, c ]\n", "a: [ b, c, {x} ]\n"),
        ("a: [\n  b # c\n]\n", "a: [\n  b, # c\n  {x}\n]\n"),
        ("a: [\n  b,\n]\n", "a: [\n  b,\n  {x},\n]\n"),
        ("a: []\n", "a: [{x}]\n"),
        ("a: [\n  # c\n  # d\n]\n", "a: [\n  # c\n  # d\n  {x}\n]\n"),
        ("a: [ # c\n]\n", "a: [ # c\n  {x}\n]\n"),
        ("a: [\n    # c\n\n  ] # d\n", "a: [\n    # c\n\n    {x}\n  ] # d\n"),
    ] {
        check(before, |root| seq(root, "a").push(Node::str("x")), &after.replace("{x}", "x"));
    }
}

#[test]
fn collections_are_written_as_the_file_is() {
    for (before, after) in [
        ("a:\n", "a:\n- name: x\n  newTag: v1\n"),
        ("a: # c\nb: c\n", "a: # c\n- name: x\n  newTag: v1\nb: c\n"),
        ("a: ~\nb:\n  - c\n", "a:\n  - name: x\n    newTag: v1\nb:\n  - c\n"),
        ("a: []\n", "a: [{name: x, newTag: v1}]\n"),
        ("a: b # c\n", "a: # c\n- name: x\n  newTag: v1\n"),
        ("a: [b]\n", "a: [{name: x, newTag: v1}]\n"),
        ("{\"a\":null}", "{\"a\":[{\"name\":\"x\",\"newTag\":\"v1\"}]}"),
    ] {
        let items: ecow::EcoVec<Node> = [image("x", "v1")].into_iter().collect();
        check(before, |root| map(root).set("a", Node::seq(items.clone())), after);
    }
}

#[test]
fn what_goes_takes_its_lines_along() {
    for (before, after) in [
        ("a:\n- b\n- c # c\n# e\n- d\n", "a:\n- b\n# e\n- d\n"),
        ("a:\n- b\n- c\n", "a:\n- b\n"),
        ("a:\n- b\n- c: d\n  e:\n  - f\n- g", "a:\n- b\n- g"),
        ("a: [b, c, d]\n", "a: [b, d]\n"),
        ("a: [b, c]\n", "a: [b]\n"),
        ("a: [\n  b, # x\n  c # y\n]\n", "a: [\n  b # x\n]\n"),
        ("a: [\n  b,\n  c,\n  d\n]\n", "a: [\n  b,\n  d\n]\n"),
        ("a: [b,\n  c]\n", "a: [b]\n"),
    ] {
        check(before, |root| drop(seq(root, "a").remove(1)), after);
    }
    check("a:\n- b # c\n", |root| drop(map(root).remove("a")), "{}\n");
    check("# x\na: b\nc: d\n", |root| drop(map(root).remove("a")), "# x\nc: d\n");
    let first = |root: &mut Node| drop(map(&mut seq(root, "a").make_mut()[0]).remove("name"));
    check("a:\n- name: x\n  newTag: y\n", first, "a:\n- newTag: y\n");
    check("a:\n- name: x # c\n  newTag: y\n", first, "a:\n- newTag: y\n");
    check("a:\n- name: x # c\n  # d\n  newTag: y\n", first, "a:\n-\n  # d\n  newTag: y\n");
    check("a: [{name: x, newTag: y}]\n", first, "a: [{newTag: y}]\n");
    check("a: b # c\n", |root| map(root).set("a", Node::seq(<_>::default())), "a: [] # c\n");
    let empty = |root: &mut Node| seq(root, "a").clear();
    check("a: # c\n- b\n- d\n", empty, "a: [] # c\n");
    check("a: # c\n- b\n- d\n", empty, "a: [] # c\n");
}

#[test]
fn a_key_is_renamed_in_its_place() {
    let rename = |root: &mut Node| {
        let image = map(&mut seq(root, "a").make_mut()[0]);
        let entry = image.entries_mut().iter_mut().find(|e| e.key.text() == Some("digest"));
        let Entry { key, value } = entry.unwrap();
        key.set_text("newTag");
        *value = Node::str("v2").at(value.pos());
    };
    check("a:\n- digest: x:y # c\n  name: z\n", rename, "a:\n- newTag: v2 # c\n  name: z\n");
    check("a: [{name: z, digest: x}]\n", rename, "a: [{name: z, newTag: v2}]\n");
}

#[test]
fn an_alias_keeps_what_it_stood_for() {
    let set = |root: &mut Node| map(root).set("a", Node::str("x"));
    check("a: &t v\nb: *t\nc: [*t]\n", set, "a: &t x\nb: v\nc: [v]\n");
    check("b: &t v\na: *t\n", set, "b: &t v\na: x\n");
    let inner = |root: &mut Node| map(root.get_mut("a").unwrap()).set("k", Node::str("x"));
    check("a: &t {k: v}\nb: *t # c\n", inner, "a: &t {k: x}\nb: {k: v} # c\n");
    check(
        "a: &t {k: v}\nb:\n  <<: *t\n  l: m\n",
        inner,
        "a: &t {k: x}\nb:\n  <<: {k: v}\n  l: m\n",
    );
    check(
        "b: &t {k: v}\na: {<<: *t}\nc: [*t]\n",
        |root| drop(map(root).remove("b")),
        "a: {<<: {k: v}}\nc: [{k: v}]\n",
    );
}

#[test]
fn lines_keep_their_ends() {
    let add = |root: &mut Node| map(root).set("c", Node::str("x"));
    check("a: b\nd: e\r\n", add, "a: b\nd: e\r\nc: x\r\n");
    check("a: b\r\nd: e\n", add, "a: b\r\nd: e\nc: x\n");
    let change = |root: &mut Node| {
        _ = map(root).remove("d");
        map(root).set("c", Node::str("x"));
    };
    check("a: b\r\nd: e\n", change, "a: b\r\nc: x\r\n");
    check("a: b\nd: e\r\n", change, "a: b\nc: x\n");
    let sidecar = |root: &mut Node| {
        let images = seq(root, "images");
        _ = map(&mut images.make_mut()[0]).remove("newName");
        images.push(image("b", "v1"));
    };
    let before = "images:\n- name: a\r\n  newName: c\n";
    check(before, sidecar, "images:\n- name: a\r\n- name: b\r\n  newTag: v1\n");
}

#[test]
fn what_takes_more_than_it_concerns_is_refused() {
    let refused = |text: &str, change: &dyn Fn(&mut Node)| {
        let source = Source::read(text.as_bytes()).unwrap();
        let mut wanted = source.root().clone();
        change(&mut wanted);
        assert!(matches!(source.rewrite(&wanted), Err(SourceError::Refused(_))), "{text}");
    };
    refused("? a\n", &|root| map(root).set("a", Node::str("x")));
    refused("a: b\rc: d\r", &|root| map(root).set("e", Node::str("x")));
    check("a: b\rc: d\r", |root| map(root).set("a", Node::str("x")), "a: x\rc: d\r");
    assert_eq!(Source::read(b"\xFF\xFEa").unwrap_err(), SourceError::Encoding);
    assert!(matches!(Source::read(b"a: [").unwrap_err(), SourceError::Syntax(_)));
}

#[test]
fn a_merge_key_is_written_out_where_a_part_of_it_goes() {
    let change = |root: &mut Node| {
        let inner = map(root.get_mut("a").unwrap());
        inner.remove("k");
        inner.set("l", Node::str("x"));
    };
    check(
        "b: &t {k: v, q: o}\na:\n  <<: *t # c\n",
        change,
        "b: &t {k: v, q: o}\na:\n  q: o\n  l: x\n",
    );
    check(
        "b: &t {k: v, q: o}\na: {<<: *t, m: p}\n",
        change,
        "b: &t {k: v, q: o}\na: {q: o, m: p, l: x}\n",
    );
    check("b: &t {k: v}\na:\n  <<: *t\n  k: w\n", change, "b: &t {k: v}\na:\n  l: x\n");
    let item = |root: &mut Node| {
        let item = map(&mut seq(root, "a").make_mut()[1]);
        item.remove("k");
        item.set("q", Node::str("x"));
    };
    let before = "a:\n- &t\n  k: v\n  q: o\n- <<: *t\n  m: p\n";
    check(before, item, "a:\n- &t\n  k: v\n  q: o\n- m: p\n  q: x\n");
    let over = |root: &mut Node| map(root.get_mut("a").unwrap()).set("k", Node::str("x"));
    check("b: &t {k: v}\na: {<<: *t}\n", over, "b: &t {k: v}\na: {<<: *t, k: x}\n");
    check("b: &t {k: v}\na: {<<: *t, k: w}\n", over, "b: &t {k: v}\na: {<<: *t, k: x}\n");
}

#[test]
fn keys_with_a_question_mark_have_their_place() {
    let add = |root: &mut Node| map(root).set("c", Node::str("x"));
    check("? a\n: b\n", add, "? a\n: b\nc: x\n");
    check("d: e\n? a\n: - b\n", add, "d: e\n? a\n: - b\nc: x\n");
    check("? a\n", add, "? a\nc: x\n");
    check("? a\n: b\nd: e\n", |root| drop(map(root).remove("a")), "d: e\n");
    check("d: e\n? a\n: b\n", |root| drop(map(root).remove("a")), "d: e\n");
    check("? a\n: - b\n", |root| seq(root, "a").push(Node::str("x")), "? a\n: - b\n  - x\n");
}

#[test]
fn a_null_makes_room() {
    let set = |root: &mut Node| {
        let mut wanted = Mapping::new();
        wanted.set("a", Node::str("x"));
        wanted.set("b", Node::seq([Node::str("z")].into_iter().collect()));
        *root = Node::map(wanted);
    };
    let after = "a: x\nb:\n- z";
    check("null\n", set, &format!("{after}\n"));
    check("~", set, after);
    check("# c\nnull\n", set, &format!("# c\n{after}\n"));
    check("--- null\n...\n", set, &format!("--- \n{after}\n...\n"));
    check("---\nnull\n---\nc: d\n", set, &format!("---\n{after}\n---\nc: d\n"));
}

#[test]
fn a_last_line_without_an_end_stays_unless_lines_follow() {
    let add = |root: &mut Node| map(root).set("c", Node::str("x"));
    check("a: b\r\nd: e", add, "a: b\r\nd: e\r\nc: x\r\n");
    check("a: b\nc: d", add, "a: b\nc: x");
    check("a:\n- b\n- d", |root| drop(seq(root, "a").remove(0)), "a:\n- d");
    check("a: b", |root| map(root).set("c", Node::str("x\nz")), "a: b\nc: |-\n  x\n  z\n");
    check("a: b", |root| map(root).set("c", Node::str("x\nz\n")), "a: b\nc: |\n  x\n  z\n");
}

#[test]
fn what_moves_takes_its_comment_along() {
    let moved = |root: &mut Node| {
        let items = seq(root, "b").clone();
        seq(root, "a").extend(items);
        map(root).remove("b");
    };
    check(
        "b:\n- x # one\n- 'y'  # two\n- \"z\" # three\na:\n- w\n",
        moved,
        "a:\n- w\n- x # one\n- 'y'  # two\n- \"z\" # three\n",
    );
    let nested = |root: &mut Node| {
        let value = map(root).remove("b").unwrap_or_default();
        map(root.get_mut("a").unwrap()).set("k", value);
    };
    check("a:\n  l: m\nb:\n  x: y # one\n", nested, "a:\n  l: m\n  k:\n    x: y # one\n");
    check("a:\n  l: m\nb: y # one\n", nested, "a:\n  l: m\n  k: y # one\n");
}

#[test]
fn what_goes_makes_room_for_what_comes_behind_it() {
    let sidecar = |root: &mut Node| {
        let images = seq(root, "images");
        let nginx = map(&mut images.make_mut()[0]);
        nginx.set("newTag", Node::str("v2"));
        _ = nginx.remove("digest");
        _ = nginx.remove("newName");
        images.push(image("sidecar", "v3"));
    };
    let before = "images:\n- name: nginx\n  newTag: v1\n  digest: sha256:aa\n";
    let after = "images:\n- name: nginx\n  newTag: v2\n- name: sidecar\n  newTag: v3\n";
    check(before, sidecar, after);
    check(before.trim_end(), sidecar, after);
    check(&format!("{before}  newName: b\n"), sidecar, after);
    check(&before.replace('\n', "\r\n"), sidecar, &after.replace('\n', "\r\n"));
    check(&format!("{before}# end\nx: y\n"), sidecar, &format!("{after}# end\nx: y\n"));
    let between = "images:\n- name: nginx\n  newName: b\n  newTag: v1\n  digest: c\n\n# end\n";
    check(between, sidecar, &format!("{after}\n# end\n"));
}

#[test]
fn what_moves_takes_its_comments_along() {
    let into = |from: &'static str, to: &'static str| {
        move |root: &mut Node| {
            let moved = seq(root, from).clone();
            seq(root, to).extend(moved);
            map(root).retain(|entry| entry.key.text() != Some(from));
        }
    };
    for (before, after) in [
        (
            "a: # behind a\n# above\n- k: v # beside\n  # inside\n  l: |-\n    x\n\n    y\n# above d\n- d # d\nb:\n  - e # e\nc: f\n",
            "b:\n  - e # e\n  # behind a\n  # above\n  - k: v # beside\n    # inside\n    l: |-\n      x\n\n      y\n  # above d\n  - d # d\nc: f\n",
        ),
        // Between brackets there is no place for comments.
        ("b: [e, 'f']\na:\n- g # g\n", "b:\n- e\n- 'f'\n- g # g\n"),
        ("b: [e]\na:\n- g\n", "b: [e, g]\n"),
        ("b: []\na:\n- g # g\n", "b:\n- g # g\n"),
        // Who refers to another is written out.
        ("x: &x {k: z}\na:\n- *x\nb:\n- e\n", "x: &x {k: z}\nb:\n- e\n- k: z\n"),
        ("a:\r\n  # c\r\n  - k: v\r\nb:\r\n- e\r\n", "b:\r\n- e\r\n# c\r\n- k: v\r\n"),
    ] {
        check(before, into("a", "b"), after);
    }
}

#[test]
fn comments_that_stand_deeper_stay_with_what_precedes_them() {
    let add = |root: &mut Node| seq(root, "images").push(image("new", "1"));
    let new = "- name: new\n  newTag: \"1\"\n";
    for (before, below) in [
        ("images:\n- name: a\n  newTag: \"1\"\n  # digest: x\n", ""),
        ("images:\n- name: a\n  newTag: \"1\"\n\n    # digest: x\n", ""),
        ("images:\n- name: a\n  newTag: \"1\"\n  # digest: x\n", "# of b\nb: c\n"),
        ("images:\n- name: a\n", "# below\n"),
        ("images:\n- name: a\n  # deeper\n", "# below\n"),
        ("images:\n- name: a\n  newTag: |\n    b\n  # deeper\n", "\n# below\nb: c\n"),
    ] {
        check(&format!("{before}{below}"), add, &format!("{before}{new}{below}"));
    }
    let in_map = "a:\n  b:\n    c: d\n    # of c\n";
    let add = |root: &mut Node| map(root.get_mut("a").unwrap()).set("e", Node::str("f"));
    check(in_map, add, &format!("{in_map}  e: f\n"));
}
