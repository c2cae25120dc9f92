//! What a build carries along: the schema in force, and later the loader's source map and warnings.

use crate::schema::Schema;

/// The context of one build, passed first to everything that needs it.
#[derive(Debug)]
pub(crate) struct Context {
    /// The schema in force.
    pub(crate) schema: Schema,
}
