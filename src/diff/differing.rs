//! Two trees without what is the same in both, so that little becomes JSON.

use super::deep::DEEPEST;
use crate::work;
use crate::yaml::{Entry, Keys, Mapping, Node};

/// Returns what two trees do not have in common, as far as mappings lead there; nothing if one is no mapping
/// or has a key twice, which is for others to refuse.
///
/// A comparison of the two finds what one of the whole trees finds.
pub(super) fn differing(before: &Node, after: &Node) -> Option<(Node, Node)> {
    work::node();
    let (
        Node::Map { map: one, flow: one_flow, pos: one_pos },
        Node::Map { map: other, flow: other_flow, pos: other_pos },
    ) = (before, after)
    else {
        return None;
    };
    let (mut left_before, mut left_after) = (Mapping::new(), Mapping::new());
    // Where each entry of the one stands in the other; mostly behind the last.
    let (mut keys, mut met) = (Keys::of(other), vec![false; other.len()]);
    for entry in one {
        let key = entry.key.text()?;
        let Some((at, twin)) = keys.find(key) else {
            left_before.push(entry.key.clone(), entry.value.clone());
            continue;
        };
        if std::mem::replace(met.get_mut(at)?, true) {
            return None;
        }
        add(entry, twin, &mut left_before, &mut left_after);
    }
    let new = other.iter().zip(&met).filter(|(_, met)| !**met);
    new.for_each(|(entry, _)| left_after.push(entry.key.clone(), entry.value.clone()));
    Some((
        Node::Map { map: left_before, flow: *one_flow, pos: *one_pos },
        Node::Map { map: left_after, flow: *other_flow, pos: *other_pos },
    ))
}

/// Adds what differs in the values of one key.
fn add(before: &Entry, after: &Entry, left_before: &mut Mapping, left_after: &mut Mapping) {
    let is_same_key = same(&before.key, &after.key, 0);
    let (one, other) = match differing(&before.value, &after.value).filter(|_| is_same_key) {
        Some((one, other)) if is_empty(&one) && is_empty(&other) => return,
        Some(sides) => sides,
        None if is_same_key && same(&before.value, &after.value, 0) => return,
        None => (before.value.clone(), after.value.clone()),
    };
    left_before.push(before.key.clone(), one);
    left_after.push(after.key.clone(), other);
}

fn is_empty(node: &Node) -> bool {
    node.as_map().is_some_and(Mapping::is_empty)
}

/// Tells quickly that two trees have the same value; that they have not may be an error.
pub(super) fn same(a: &Node, b: &Node, depth: usize) -> bool {
    work::node();
    match (a, b) {
        (
            Node::Scalar { text: t1, style: s1, tag: g1, .. },
            Node::Scalar { text: t2, style: s2, tag: g2, .. },
        ) => t1 == t2 && s1 == s2 && g1 == g2,
        _ if depth > DEEPEST => false,
        (Node::Seq { items: a, flow: f1, .. }, Node::Seq { items: b, flow: f2, .. }) => {
            f1 == f2 && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b, depth + 1))
        }
        (Node::Map { map: a, flow: f1, .. }, Node::Map { map: b, flow: f2, .. }) => {
            let mut entries = a.iter().zip(b);
            f1 == f2
                && a.len() == b.len()
                && entries.all(|(a, b)| {
                    same(&a.key, &b.key, depth + 1) && same(&a.value, &b.value, depth + 1)
                })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_there_twice_is_left_to_others() {
        let map = |text: &str| {
            let entries = text
                .split(' ')
                .map(|key| Entry { key: Node::plain(&key[..1]), value: Node::plain(&key[1..]) });
            Node::map(entries.collect())
        };
        assert!(differing(&map("a1 b2 a1"), &map("a1 b2")).is_none());
        let (one, other) = differing(&map("a1 b2 c3"), &map("b2 d4 a5")).unwrap();
        assert_eq!(one.get("a").and_then(Node::text), Some("1"));
        assert_eq!(other.get("a").and_then(Node::text), Some("5"));
        assert!(one.get("b").is_none() && other.get("b").is_none());
        assert!(one.get("c").is_some() && other.get("d").is_some());
    }
}
