//! Copying a value from a field of one resource to fields of others (docs/spec/replacements.md).
//!
//! ```text
//! source    which value is copied
//! target    which resources receive it
//! path      the field paths of both, parsed
//! get       finds the one field that a source's path names
//! find      finds, or creates, all fields that a target's path names
//! write     puts the value into a field
//! embedded  the same for a field inside YAML or JSON that is itself the text of a field
//! ```

mod embedded;
mod find;
mod get;
mod path;
mod siblings;
mod source;
mod target;
mod tree;
mod write;

pub(crate) use get::step_or_create;
pub(crate) use path::Part;
pub(crate) use source::Source;
pub(crate) use target::{Applied, Target};
