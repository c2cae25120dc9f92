//! Many paths at once.

use std::borrow::Cow;

use super::look::reaches;
use super::path::{FieldPath, Lookup};
use crate::work;
use crate::yaml::Node;

/// Paths put together, so that one walk through a tree finds what [`reaches`] finds of each of them.
#[derive(Debug, Default)]
pub(crate) struct PathTree {
    root: Branch,
    /// The paths that are not plain keys, by number: each is walked by itself.
    alone: Vec<(usize, FieldPath)>,
    len: usize,
}

/// What starts with the same keys.
#[derive(Debug, Default)]
struct Branch {
    children: Vec<(Cow<'static, str>, Branch)>,
    /// The numbers of the paths that end here.
    ends: Vec<usize>,
}

impl PathTree {
    /// Puts paths together; each is known by its number.
    pub(crate) fn new<'a>(paths: impl IntoIterator<Item = &'a FieldPath>) -> PathTree {
        let mut tree = PathTree::default();
        for (number, path) in paths.into_iter().enumerate() {
            tree.len = number + 1;
            if path.parts.iter().any(|part| part.list || part.lookup != Lookup::Key) {
                tree.alone.push((number, path.clone()));
                continue;
            }
            let end = path.parts.iter().fold(&mut tree.root, |branch, part| {
                let i = branch.children.iter().position(|(name, _)| name == path.name(part));
                let i = i.unwrap_or_else(|| {
                    branch.children.push((path.name_to_keep(part), Branch::default()));
                    branch.children.len() - 1
                });
                &mut branch.children[i].1
            });
            end.ends.push(number);
        }
        tree
    }

    /// Tells of each path whether [`reaches`] says yes.
    pub(crate) fn reached(&self, node: &Node, wanted: &mut dyn FnMut(&Node) -> bool) -> Vec<bool> {
        let mut reached = vec![false; self.len];
        for (number, path) in &self.alone {
            mark(&mut reached, *number, reaches(node, path, wanted));
        }
        self.root.descend(node, wanted, &mut reached);
        reached
    }
}

impl Branch {
    fn visit(&self, node: &Node, wanted: &mut dyn FnMut(&Node) -> bool, reached: &mut [bool]) {
        if !self.ends.is_empty() && wanted(node) {
            self.ends.iter().for_each(|&number| mark(reached, number, true));
        }
        self.descend(node, wanted, reached);
    }

    fn descend(&self, node: &Node, wanted: &mut dyn FnMut(&Node) -> bool, reached: &mut [bool]) {
        work::node();
        if self.children.is_empty() {
            return;
        }
        match node {
            Node::Map { map, .. } => {
                for (name, branch) in &self.children {
                    if let Some(value) = map.get(name) {
                        branch.visit(value, wanted, reached);
                    }
                }
            }
            Node::Seq { items, .. } => {
                items.iter().for_each(|item| self.descend(item, wanted, reached));
            }
            // A walk of whatever comes below would fail here.
            scalar if !scalar.is_null() => {
                self.children.iter().for_each(|(_, branch)| branch.mark_all(reached));
            }
            _ => {}
        }
    }

    fn mark_all(&self, reached: &mut [bool]) {
        self.ends.iter().for_each(|&number| mark(reached, number, true));
        self.children.iter().for_each(|(_, branch)| branch.mark_all(reached));
    }
}

fn mark(reached: &mut [bool], number: usize, yes: bool) {
    if let Some(reached) = reached.get_mut(number) {
        *reached |= yes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::json;

    #[test]
    fn finds_what_each_path_finds() {
        let texts = [
            "a", "a/b", "a/b/c", "a/x", "l/n", "l/n/m", "l[]/n", "", "s/t/u", "z/y", " a /b", "a/b",
        ];
        let paths: Vec<FieldPath> = texts.iter().map(|text| FieldPath::parse(text)).collect();
        let tree = PathTree::new(&paths);
        for text in [
            "{}",
            r#"{"a":{"b":"yes"}}"#,
            r#"{"a":{"b":"no","x":"yes"}}"#,
            r#"{"a":[{"b":{"c":"yes"}},{"x":null}]}"#,
            r#"{"l":[{"n":"no"},{"n":"yes"}],"s":"scalar"}"#,
            r#"{"l":null,"s":{"t":["yes"]}}"#,
            r#"{"l":[[{"n":["yes"]}]],"z":{"y":{"yes":"yes"}}}"#,
            r#"["yes",{"a":"yes"}]"#,
        ] {
            let node = json(text);
            let wanted = &mut |leaf: &Node| leaf.text() == Some("yes");
            let each: Vec<bool> = paths.iter().map(|path| reaches(&node, path, wanted)).collect();
            assert_eq!(tree.reached(&node, wanted), each, "{text}");
        }
    }
}
