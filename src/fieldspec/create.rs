//! What a walk along a path creates.

/// What a walk makes of a missing field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Create {
    /// Nothing: the walk stops there.
    No,
    /// A scalar without text at the leaf, maps on the way; a null there becomes a string of its text.
    String,
    /// A scalar without text at the leaf, maps on the way; a null there is tagged as an integer.
    Int,
    /// A map at the leaf and on the way.
    Map,
}
