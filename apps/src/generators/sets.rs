//! The sets that a generator makes, each paid for.

use crate::params::{self, Params};
use crate::substitute::{TOO_MUCH, Unfilled};
use crate::template::{Budget, TemplateError};

use super::fault;

/// How many sets a generator may make.
const MOST_SETS: usize = 20_000;

/// Sets of parameters: not too many, and none for which a budget does not last.
pub(super) struct Sets<'a> {
    all: Vec<Params>,
    budget: &'a Budget,
}

impl<'a> Sets<'a> {
    pub(super) fn new(budget: &'a Budget) -> Sets<'a> {
        Sets { all: Vec::new(), budget }
    }

    /// Adds a set.
    ///
    /// # Errors
    /// If that is one too many.
    pub(super) fn push(&mut self, set: Params) -> Result<(), Unfilled> {
        if self.all.len() >= MOST_SETS {
            return Err(fault("", format!("the generator makes more than {MOST_SETS} sets")));
        }
        pay(&set, self.budget)?;
        self.all.push(set);
        Ok(())
    }

    pub(super) fn into_all(self) -> Vec<Params> {
        self.all
    }
}

/// Takes away what a new set costs.
pub(super) fn pay(set: &Params, budget: &Budget) -> Result<(), Unfilled> {
    let paid = || {
        budget.steps(8 + set.len())?;
        budget.keeps(params::made(set)?)
    };
    paid().map_err(|_: TemplateError| fault("", TOO_MUCH))
}
