//! How a text is read.

use super::error::LineRule;
use super::scanner::Dialect;
use crate::limits::{Account, Limit};

/// How deep and large a document may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The nesting of flow collections, and that of block indentation. A tree is at most four times
    /// as deep: a sequence may stand at the column of its key, the two kinds are counted apart, and
    /// aliases repeat what they stand for.
    pub depth: usize,
    /// How many nodes all aliases of a text together may stand for.
    pub nodes: usize,
}

impl Limits {
    /// Returns the limits for reading one more text on an account.
    pub(crate) fn of(account: &Account) -> Limits {
        let number = |number| usize::try_from(number).unwrap_or(usize::MAX);
        Limits {
            depth: number(account.limits().nesting),
            nodes: number(account.left(Limit::Nodes)),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits { depth: 10_000, nodes: 10_000_000 }
    }
}

/// How merge keys (`<<`) are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merges {
    /// As in resources and patches: the mapping's own keys win, and a quoted `<<` is dropped.
    Resource,
    /// As in kustomization files and JSON patches: what comes last wins, and a quoted `<<` is a key.
    /// A mapping with a merge key has no duplicate keys afterwards.
    Plain,
    /// As in values of charts that are merged: as in resources, but aliases that are values of maps, of merge
    /// keys too, are not resolved (`Node::is_unresolved_alias`).
    Values,
}

impl Merges {
    pub(super) fn dialect(self) -> Dialect {
        match self {
            Merges::Resource | Merges::Values => Dialect::Comments,
            Merges::Plain => Dialect::NoComments,
        }
    }

    pub(super) fn line_rule(self) -> LineRule {
        match self {
            Merges::Resource | Merges::Values => LineRule::ContextFirst,
            Merges::Plain => LineRule::ProblemFirst,
        }
    }
}
