//! What JSON patches have left of a resource, which the next one need not convert.

use crate::yaml::Node;

/// What is known of a resource from the JSON patches that were applied to it.
#[derive(Clone, Debug, Default)]
pub(crate) enum Settled {
    /// There was none.
    #[default]
    New,
    /// There was one, but nothing is known.
    Patched,
    /// The tree after the last one, which another would convert to the same.
    ///
    /// This is a second owner of all of it, so that whoever changes a part changes a copy: what is found here by
    /// its address is still what it was, with all that is inside.
    Tree(Node),
}
