//! How much work patterns may make.

use std::cell::Cell;

use kustom::{Limit, Limits};

/// The work that patterns may still make, about one for each state that a character leads to.
#[derive(Debug)]
pub(crate) struct PatternWork(Cell<u64>);

/// What there may be in all.
fn most() -> u64 {
    Limits::default().pattern_work
}

impl Default for PatternWork {
    fn default() -> PatternWork {
        PatternWork(Cell::new(most()))
    }
}

impl PatternWork {
    /// Takes away work; returns `false` if there is none left, from then on for good.
    pub(crate) fn spend(&self, work: usize) -> bool {
        let left = self.0.get().saturating_sub(work as u64);
        self.0.set(left);
        left > 0
    }

    /// Returns `true` if there is no work left, so that what was said of patterns does not count.
    pub(crate) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }

    /// Returns what is to say once no work is left.
    pub(crate) fn told() -> String {
        format!("patterns take more work than {} (limit `{}`)", most(), Limit::PatternWork.as_str())
    }

    #[cfg(test)]
    pub(crate) fn spent(&self) -> u64 {
        most() - self.0.get()
    }
}
