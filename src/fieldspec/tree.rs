//! Many paths at once.

use std::iter;

use super::look::reaches;
use super::path::{Lookup, PathRef};
use crate::work;
use crate::yaml::Node;

/// Paths put together, so that one walk through a tree finds what [`reaches`] finds of each of them.
#[derive(Debug, Default)]
pub(crate) struct PathTree<'a> {
    /// The first branch is what all paths start with.
    branches: Vec<Branch<'a>>,
    /// The path that ends where this one does and comes before it, by number.
    before: Vec<Option<usize>>,
    /// The paths that are not plain keys, by number: each is walked by itself.
    alone: Vec<(usize, PathRef<'a>)>,
}

/// What starts with the same keys.
#[derive(Debug, Default)]
struct Branch<'a> {
    /// The last of the keys.
    name: &'a str,
    /// The last path that ends here.
    end: Option<usize>,
    child: Option<usize>,
    sibling: Option<usize>,
}

impl<'a> PathTree<'a> {
    /// Puts paths together; each is known by its number.
    pub(crate) fn new(paths: impl ExactSizeIterator<Item = PathRef<'a>>) -> PathTree<'a> {
        let count = paths.len();
        let mut tree = PathTree {
            branches: Vec::with_capacity(1 + 2 * count),
            before: Vec::with_capacity(count),
            alone: Vec::new(),
        };
        tree.branches.push(Branch::default());
        for (number, path) in paths.enumerate() {
            tree.before.push(None);
            if path.parts.iter().any(|part| part.list || part.lookup != Lookup::Key) {
                tree.alone.push((number, path));
                continue;
            }
            let end = path.parts.iter().fold(0, |branch, part| {
                let name = path.name(part);
                let found = tree.children(branch).find(|&i| tree.branches[i].name == name);
                found.unwrap_or_else(|| tree.grow(branch, name))
            });
            tree.before[number] = tree.branches[end].end.replace(number);
        }
        tree
    }

    fn grow(&mut self, parent: usize, name: &'a str) -> usize {
        let new = self.branches.len();
        let sibling = self.branches[parent].child.replace(new);
        self.branches.push(Branch { name, sibling, ..Branch::default() });
        new
    }

    fn children(&self, branch: usize) -> impl Iterator<Item = usize> {
        iter::successors(self.branches[branch].child, |&i| self.branches[i].sibling)
    }

    /// Tells of each path whether [`reaches`] says yes.
    pub(crate) fn reached(&self, node: &Node, wanted: &mut dyn FnMut(&Node) -> bool) -> Vec<bool> {
        let mut reached = vec![false; self.before.len()];
        for &(number, path) in &self.alone {
            reached[number] = reaches(node, path, wanted);
        }
        self.descend(0, node, wanted, &mut reached);
        reached
    }

    fn descend(
        &self,
        branch: usize,
        node: &Node,
        wanted: &mut dyn FnMut(&Node) -> bool,
        reached: &mut [bool],
    ) {
        work::node();
        match node {
            Node::Map { map, .. } => {
                for child in self.children(branch) {
                    if let Some(value) = map.get(self.branches[child].name) {
                        if self.branches[child].end.is_some() && wanted(value) {
                            self.mark(child, reached);
                        }
                        if self.branches[child].child.is_some() {
                            self.descend(child, value, wanted, reached);
                        }
                    }
                }
            }
            Node::Seq { items, .. } => {
                items.iter().for_each(|item| self.descend(branch, item, wanted, reached));
            }
            // A walk of whatever comes below would fail here.
            scalar if !scalar.is_null() => self.mark_below(branch, reached),
            Node::Scalar { .. } => {}
        }
    }

    fn mark_below(&self, branch: usize, reached: &mut [bool]) {
        for child in self.children(branch) {
            self.mark(child, reached);
            self.mark_below(child, reached);
        }
    }

    /// Marks the paths that end at a branch.
    fn mark(&self, branch: usize, reached: &mut [bool]) {
        let ends = iter::successors(self.branches[branch].end, |&number| self.before[number]);
        ends.for_each(|number| reached[number] = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fieldspec::FieldPath;
    use crate::test_support::json;

    #[test]
    fn finds_what_each_path_finds() {
        let texts = [
            "a", "a/b", "a/b/c", "a/x", "l/n", "l/n/m", "l[]/n", "", "s/t/u", "z/y", " a /b", "a/b",
        ];
        let paths: Vec<FieldPath> = texts.iter().map(|text| FieldPath::parse(text)).collect();
        let tree = PathTree::new(paths.iter().map(FieldPath::borrowed));
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
            let each: Vec<bool> =
                paths.iter().map(|path| reaches(&node, path.borrowed(), wanted)).collect();
            assert_eq!(tree.reached(&node, wanted), each, "{text}");
        }
    }
}
