//! What a build carries along: the schema in force, and what it may take.

use std::sync::Arc;

use crate::diagnostics::Lint;
use crate::limits::Account;
use crate::schema::Schema;
use crate::yaml::{Node, Pos};

/// The context of one build, passed first to everything that needs it.
#[derive(Debug)]
pub(crate) struct Context {
    /// The schema in force.
    pub(crate) schema: Schema,
    /// Where warnings go, if they are wanted.
    pub(crate) lint: Option<Lint>,
    /// What the build may take and has taken.
    pub(crate) account: Arc<Account>,
    /// Where the entry stands that asks for the running step, if the build is recorded; else nowhere.
    pub(crate) step: Pos,
}

impl Context {
    /// Returns the context of a build that gathers no warnings and has the default limits.
    #[cfg(test)]
    pub(crate) fn new(schema: Schema) -> Context {
        Context { schema, lint: None, account: Arc::default(), step: Pos::NONE }
    }

    /// Gives a scalar that has the text already that a step is about to write the place of the step, so
    /// that the record of the build shows who wrote it again. Without a record nothing is done.
    pub(crate) fn mark_again(&self, leaf: &mut Node, new: &str) {
        if !self.step.is_some() {
            return;
        }
        if let Node::Scalar { text, pos, .. } = leaf
            && text == new
            && pos.shared_number().is_none()
        {
            *pos = self.step;
        }
    }
}
