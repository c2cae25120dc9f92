//! What to do about the commonest mistakes in operations.

use crate::diagnostics::Error;

/// Words of a message, and what to do.
const OPERATIONS: &[(&str, &str)] = &[
    (
        "Unable to remove nonexistent key",
        "the resource has no such field; a `/` inside of a key is written `~1`",
    ),
    (
        "operation does not apply",
        "everything on the path but its last part must be there: add that first; a `/` inside of a \
         key is written `~1`",
    ),
    ("test failed", "the resource has another value there"),
    ("Unexpected kind", "`op` is one of add, remove, replace, move, copy and test"),
    ("failed to decode path", "give the operation a `path` such as /spec/replicas"),
    ("failed to decode from", "give the operation a `from` such as /spec/replicas"),
];

/// Says what to do about an operation that failed.
pub(crate) fn with_hint(error: Error) -> Error {
    match OPERATIONS.iter().find(|(words, _)| error.message().contains(words)) {
        Some((_, hint)) => error.hint(*hint),
        None => error,
    }
}
