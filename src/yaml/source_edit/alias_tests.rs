//! What becomes of aliases and of what they stand for.

use super::Source;
use super::tests::{check, map, seq};
use crate::yaml::Node;

#[test]
fn an_alias_has_its_own_comment_alone() {
    let set = |root: &mut Node| {
        let map = map(root);
        let pos = map.get("b").unwrap().pos();
        map.set("b", Node::str("x").at(pos));
    };
    check("a: &t v # a\nb: *t # b\n", set, "a: &t v # a\nb: x # b\n");
    check("a: &t v # a\nb: *t\n", set, "a: &t v # a\nb: x\n");
    let inner = |root: &mut Node| {
        let inner = map(root.get_mut("b").unwrap());
        let pos = inner.get("k").unwrap().pos();
        inner.set("k", Node::str("x").at(pos));
    };
    let anchored = "a: &t\n  k: v # k\n  l: m # l\n";
    for (before, after) in [
        ("b: *t # b\n", "b: # b\n  k: x\n  l: m\n"),
        ("b:\n  <<: *t # b\n", "b:\n  <<: *t # b\n  k: x\n"),
        // A mapping of its own.
        ("b:\n  <<: {k: v}\n  l: *t\n", "b:\n  <<: {k: v}\n  l: *t\n  k: x\n"),
    ] {
        check(&format!("{anchored}{before}"), inner, &format!("{anchored}{after}"));
    }
    let source = Source::read(b"a: &t {k: v}\nb: *t\nc:\n- *t\n").unwrap();
    let line = |key| source.line_of(source.root().get(key).unwrap().pos());
    assert_eq!((line("a"), line("b")), (1, 2));
}

#[test]
fn aliases_stay_where_all_are_to_say_the_same() {
    let set = |keys: &'static [&'static str]| {
        move |root: &mut Node| keys.iter().for_each(|key| map(root).set(key, Node::str("x")))
    };
    let before = "a: &t v # a\nb: *t # b\n";
    check(before, set(&["a", "b"]), "a: &t x # a\nb: *t # b\n");
    check(before, set(&["a"]), "a: &t x # a\nb: v # b\n");
    let third = format!("{before}c: [*t]\n");
    check(&third, set(&["a", "b"]), "a: &t x # a\nb: x # b\nc: [v]\n");
    let differ = |root: &mut Node| {
        map(root).set("a", Node::str("x"));
        map(root).set("b", Node::str("z"));
    };
    check(before, differ, "a: &t x # a\nb: z # b\n");
    let gone = |root: &mut Node| {
        map(root).set("a", Node::str("x"));
        _ = map(root).remove("b");
    };
    check(before, gone, "a: &t x # a\n");
    let list = "a: &t\n- v\nb: *t\n";
    let push = |root: &mut Node| {
        ["a", "b"].into_iter().for_each(|key| seq(root, key).push(Node::str("x")));
    };
    check(list, push, "a: &t\n- v\n- x\nb:\n- v\n- x\n");
}
