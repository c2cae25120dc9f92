//! What values of a tree take in memory, about, and the same on every machine.

/// A value in a list.
pub(crate) const VALUE: u64 = 24;
/// A key and its value in a map.
pub(crate) const ENTRY: u64 = 2 * VALUE;
/// The list or map itself, beside its values.
const ALLOCATION: u64 = 32;
/// As many values as the smallest one has room for.
const ROOM: u64 = 4;
/// A map of few entries.
pub(crate) const COLLECTION: u64 = ALLOCATION + ROOM * ENTRY;
/// A resource, beside its tree.
pub(crate) const RESOURCE: u64 = 512;

/// Returns what a collection of `len` values takes, each of which takes `each`.
pub(crate) fn collection(len: usize, each: u64) -> u64 {
    (len as u64).max(ROOM).saturating_mul(each).saturating_add(ALLOCATION)
}
