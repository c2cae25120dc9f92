//! The texts of a tree.

use rustc_hash::FxHashSet;

use crate::document::NodeView;

/// Texts in their order, each with the key that it or its list stands under, and once.
#[derive(Default)]
pub(super) struct Texts {
    pub(super) all: Vec<(String, String)>,
    seen: FxHashSet<(String, String)>,
}

impl Texts {
    /// Returns the texts of what stands under a key.
    pub(super) fn of(key: &str, node: &NodeView) -> Texts {
        let mut texts = Texts::default();
        texts.add(key, node);
        texts
    }

    /// Adds the texts of what stands under a key.
    pub(super) fn add(&mut self, key: &str, node: &NodeView) {
        let text = node.text().map(|text| (key.to_owned(), text.to_owned()));
        if let Some(text) = text.filter(|text| self.seen.insert(text.clone())) {
            self.all.push(text);
        }
        node.items().for_each(|item| self.add(key, &item));
        for (key, value) in node.entries() {
            self.add(key.text().unwrap_or_default(), &value);
        }
    }
}
