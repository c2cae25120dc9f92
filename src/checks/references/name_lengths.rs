//! The lengths of some names, to look up few texts among them.

/// How long some names are: most texts are no name for that alone.
#[derive(Default)]
pub(in crate::checks) struct Lengths(u64);

impl Lengths {
    /// Notes a name.
    pub(in crate::checks) fn add(&mut self, name: &str) {
        self.0 |= 1 << (name.len() % 64);
    }

    /// Returns `false` if a text is surely none of the names.
    pub(in crate::checks) fn may_have(&self, text: &str) -> bool {
        self.0 & (1 << (text.len() % 64)) != 0
    }
}
