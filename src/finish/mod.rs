//! The end of a build: the order of the output, the names of its files, and comments that cannot be
//! printed (docs/spec/output.md).

pub(crate) mod comment_check;
mod file_names;
mod order;

pub(crate) use file_names::file_names;
pub(crate) use order::Order;
pub use order::Reorder;
