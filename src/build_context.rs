//! What a build carries along: the schema in force, and what it may take.

use std::sync::Arc;

use crate::diagnostics::Lint;
use crate::limits::Account;
use crate::schema::Schema;

/// The context of one build, passed first to everything that needs it.
#[derive(Debug)]
pub(crate) struct Context {
    /// The schema in force.
    pub(crate) schema: Schema,
    /// Where warnings go, if they are wanted.
    pub(crate) lint: Option<Lint>,
    /// What the build may take and has taken.
    pub(crate) account: Arc<Account>,
}

impl Context {
    /// Returns the context of a build that gathers no warnings and has the default limits.
    #[cfg(test)]
    pub(crate) fn new(schema: Schema) -> Context {
        Context { schema, lint: None, account: Arc::default() }
    }
}
