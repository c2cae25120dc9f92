//! Many paths at once.

use std::iter;

use super::SpecRef;
use super::path::{Lookup, MAX_PARTS};
use crate::work;
use crate::yaml::Node;

/// The field specs of a list put together by kind and path, so that one walk through an object finds
/// those that reach something there.
///
/// That of a table is made by the compiler.
#[derive(Clone, Debug)]
pub(crate) struct SpecTree<'a> {
    /// The first branch is the root, and those below it are kinds.
    branches: Parts<'a, Branch<'a>>,
    /// For each spec, the one before it that ends at the same branch in the same way.
    before: Parts<'a, Link>,
}

/// Parts of a tree that the compiler or the program has grown.
#[derive(Clone, Debug)]
enum Parts<'a, T> {
    Builtin(&'a [T]),
    Own(Vec<T>),
}

/// The number of a branch, or one more than that of a spec; 0 for none.
pub(super) type Link = u32;

/// Specs whose kind and path start the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Branch<'a> {
    /// The kind, or the last key.
    name: &'a str,
    /// The first branch below, and the next one beside it.
    child: Link,
    sibling: Link,
    /// The last spec whose path ends here.
    end: Link,
    /// The last spec whose path goes on from here in another way than by keys.
    open: Link,
}

impl Branch<'_> {
    /// What no spec has started yet.
    pub(super) const NEW: Branch<'static> =
        Branch { name: "", child: 0, sibling: 0, end: 0, open: 0 };
}

/// Returns how many branches specs have at most.
pub(super) const fn most_branches(specs: &[SpecRef<'_>]) -> usize {
    let (mut most, mut i) = (1, 0);
    while i < specs.len() {
        most += 1 + specs[i].path.parts.len();
        i += 1;
    }
    most
}

/// Puts specs into enough new branches and as many links; answers the number of branches in use.
const fn grow<'a>(
    specs: &[SpecRef<'a>],
    branches: &mut [Branch<'a>],
    before: &mut [Link],
) -> usize {
    let (mut used, mut i) = (1, 0);
    while i < specs.len() {
        let SpecRef { gvk, path, .. } = &specs[i];
        let mut at = child(branches, &mut used, 0, gvk.kind);
        let (mut part, mut by_keys) = (0, true);
        while by_keys && part < path.parts.len() {
            by_keys = part < MAX_PARTS && matches!(path.parts[part].lookup, Lookup::Key);
            if by_keys {
                at = child(branches, &mut used, at, path.name(&path.parts[part]));
                by_keys = !path.parts[part].list;
            }
            part += 1;
        }
        let last = if by_keys { &mut branches[at].end } else { &mut branches[at].open };
        before[i] = *last;
        i += 1;
        *last = i as Link;
    }
    used
}

/// Returns the branch of this name below another.
const fn child<'a>(
    branches: &mut [Branch<'a>],
    used: &mut usize,
    parent: usize,
    name: &'a str,
) -> usize {
    let mut found = branches[parent].child as usize;
    while found != 0 && !is_same(branches[found].name, name) {
        found = branches[found].sibling as usize;
    }
    if found == 0 {
        found = *used;
        *used += 1;
        let sibling = branches[parent].child;
        branches[found] = Branch { name, sibling, ..Branch::NEW };
        branches[parent].child = found as Link;
    }
    found
}

/// Returns `true` if two texts are the same, to the compiler as well.
const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

/// What the compiler grows of `N` specs: at most `M` branches, of which so many are in use.
pub(super) struct Grown<const M: usize, const N: usize> {
    branches: [Branch<'static>; M],
    pub(super) used: usize,
    pub(super) before: [Link; N],
}

impl<const M: usize, const N: usize> Grown<M, N> {
    pub(super) const fn of(specs: &[SpecRef<'static>]) -> Self {
        let (mut branches, mut before) = ([Branch::NEW; M], [0; N]);
        let used = grow(specs, &mut branches, &mut before);
        Grown { branches, used, before }
    }

    /// Returns the branches in use.
    pub(super) const fn branches<const USED: usize>(&self) -> [Branch<'static>; USED] {
        let mut branches = [Branch::NEW; USED];
        let mut i = 0;
        while i < USED {
            branches[i] = self.branches[i];
            i += 1;
        }
        branches
    }
}

impl SpecTree<'static> {
    /// Returns a tree that the compiler has grown.
    pub(super) const fn grown(
        branches: &'static [Branch<'static>],
        before: &'static [Link],
    ) -> Self {
        SpecTree { branches: Parts::Builtin(branches), before: Parts::Builtin(before) }
    }
}

impl<'a> SpecTree<'a> {
    /// Puts specs together; each is known by its number.
    pub(crate) fn new(specs: &[SpecRef<'a>]) -> SpecTree<'a> {
        let mut branches = vec![Branch::NEW; most_branches(specs)];
        let mut before = vec![0; specs.len()];
        let used = grow(specs, &mut branches, &mut before);
        branches.truncate(used);
        SpecTree { branches: Parts::Own(branches), before: Parts::Own(before) }
    }

    /// Returns the numbers, in order, of the specs of a kind whose paths [reach](super::reaches)
    /// something that `wanted` accepts in an object.
    ///
    /// One whose path is more than keys is among them as soon as there is what its first keys lead to.
    pub(crate) fn find(
        &self,
        kind: &str,
        object: &Node,
        wanted: &mut dyn FnMut(&Node) -> bool,
    ) -> Vec<usize> {
        let mut search = Search { tree: self, wanted, found: Vec::new() };
        let of_kind = |branch: &&Branch<'_>| branch.name == kind || branch.name.is_empty();
        for branch in self.below(self.branches.get(0)).filter(of_kind) {
            search.add(branch.open);
            search.descend(branch, object);
        }
        // A list has all of its elements searched, so some may be there more than once.
        search.found.sort_unstable();
        search.found.dedup();
        search.found
    }

    fn below(&self, branch: Option<&Branch<'_>>) -> impl Iterator<Item = &Branch<'a>> {
        let first = branch.map_or(0, |branch| branch.child);
        iter::successors(self.branch(first), |branch| self.branch(branch.sibling))
    }

    fn branch(&self, link: Link) -> Option<&Branch<'a>> {
        self.branches.get(link as usize).filter(|_| link != 0)
    }
}

impl<T> Parts<'_, T> {
    fn get(&self, i: usize) -> Option<&T> {
        match self {
            Parts::Builtin(parts) => parts.get(i),
            Parts::Own(parts) => parts.get(i),
        }
    }
}

struct Search<'s> {
    tree: &'s SpecTree<'s>,
    wanted: &'s mut dyn FnMut(&Node) -> bool,
    found: Vec<usize>,
}

impl Search<'_> {
    fn descend(&mut self, branch: &Branch<'_>, node: &Node) {
        work::node();
        match node {
            Node::Map { map, .. } => {
                for child in self.tree.below(Some(branch)) {
                    let Some(value) = map.get(child.name) else { continue };
                    self.add(child.open);
                    if child.end != 0 && (self.wanted)(value) {
                        self.add(child.end);
                    }
                    if child.child != 0 {
                        self.descend(child, value);
                    }
                }
            }
            Node::Seq { items, .. } => items.iter().for_each(|item| self.descend(branch, item)),
            null if null.is_null() => {}
            // A walk of whatever comes below would fail here.
            Node::Scalar { .. } => {
                self.tree.below(Some(branch)).for_each(|child| self.add_all(child));
            }
        }
    }

    /// Adds the specs that end at a branch or below it.
    fn add_all(&mut self, branch: &Branch<'_>) {
        self.add(branch.open);
        self.add(branch.end);
        self.tree.below(Some(branch)).for_each(|child| self.add_all(child));
    }

    /// Adds a spec and those before it that end in the same way.
    fn add(&mut self, last: Link) {
        let number = |link: &Link| (*link as usize).checked_sub(1);
        let before = |&i: &usize| self.tree.before.get(i).and_then(number);
        self.found.extend(iter::successors(number(&last), before));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fieldspec::{FieldSpec, reaches};
    use crate::test_support::json;

    #[test]
    fn finds_what_each_path_finds() {
        let texts = [
            "a", "a/b", "a/b/c", "a/x", "l/n", "l/n/m", "l[]/n", "", "s/t/u", "z/y", " a /b", "a/b",
        ];
        let specs: Vec<FieldSpec> =
            texts.iter().map(|text| FieldSpec::any_kind(text, false)).collect();
        let specs: Vec<SpecRef<'_>> = specs.iter().map(FieldSpec::borrowed).collect();
        let tree = SpecTree::new(&specs);
        for text in [
            "{}",
            r#"{"a":{"b":"yes"}}"#,
            r#"{"a":{"b":"no","x":"yes"}}"#,
            r#"{"a":[{"b":{"c":"yes"}},{"x":null}]}"#,
            r#"{"a":null}"#,
            r#"{"l":[{"n":"no"},{"n":"yes"}],"s":"scalar"}"#,
            r#"{"l":null,"s":{"t":["yes"]}}"#,
            r#"{"l":[[{"n":["yes"]}]],"z":{"y":{"yes":"yes"}}}"#,
            r#"["yes",{"a":"yes"}]"#,
        ] {
            let node = json(text);
            let wanted = &mut |leaf: &Node| leaf.text() == Some("yes");
            let found = tree.find("Any", &node, wanted);
            for (i, spec) in specs.iter().enumerate() {
                let expected = reaches(&node, spec.path, wanted);
                let may_be_more = !spec.path.is_keys();
                let is_found = found.contains(&i);
                assert!(is_found == expected || (is_found && may_be_more), "{text} {}", texts[i]);
            }
        }
    }

    #[test]
    fn finds_the_specs_of_a_kind() {
        let of_kinds = ["Foo", "", "Bar", "Foo"].map(|kind| {
            let mut spec = FieldSpec::any_kind("a", false);
            spec.gvk.kind = kind.into();
            spec
        });
        let tree = SpecTree::new(&of_kinds.each_ref().map(FieldSpec::borrowed));
        let find = |kind| tree.find(kind, &json(r#"{"a":"b"}"#), &mut |_| true);
        assert_eq!((find("Foo"), find("Bar"), find("Baz")), (vec![0, 1, 3], vec![1, 2], vec![1]));
    }
}
