//! What a build carries along: the schema in force, and later the loader's source map and warnings.

use crate::diagnostics::Lint;
use crate::schema::Schema;

/// The context of one build, passed first to everything that needs it.
#[derive(Debug)]
pub(crate) struct Context {
    /// The schema in force.
    pub(crate) schema: Schema,
    /// Where remarks go, if they are wanted.
    pub(crate) lint: Option<Lint>,
}

impl Context {
    /// Returns the context of a build that gathers no remarks.
    pub(crate) fn new(schema: Schema) -> Context {
        Context { schema, lint: None }
    }
}
