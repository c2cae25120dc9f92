//! How much templates may do.

use std::cell::Cell;

use super::error::{TemplateError, TemplateErrorKind};

/// What templates may still do together: a template that never ends, or grows without end, answers
/// with an error.
#[derive(Debug)]
pub struct Budget {
    steps: Cell<u64>,
    bytes: Cell<u64>,
}

impl Budget {
    /// Returns a budget of so many steps, each about the evaluation of an operand, and bytes that are
    /// made.
    pub fn new(steps: u64, bytes: u64) -> Budget {
        Budget { steps: Cell::new(steps), bytes: Cell::new(bytes) }
    }

    /// Takes away steps.
    pub(super) fn steps(&self, count: usize) -> Result<(), TemplateError> {
        take(&self.steps, count, "takes too many steps")
    }

    /// Takes away bytes, before they are made.
    pub(super) fn bytes(&self, count: usize) -> Result<(), TemplateError> {
        take(&self.bytes, count, "makes too much text")
    }
}

/// Enough for thousands of Applications, and a second's work at most.
impl Default for Budget {
    fn default() -> Budget {
        Budget::new(20_000_000, 256 << 20)
    }
}

fn take(left: &Cell<u64>, count: usize, what: &str) -> Result<(), TemplateError> {
    match left.get().checked_sub(count as u64) {
        Some(rest) => {
            left.set(rest);
            Ok(())
        }
        None => {
            left.set(0);
            Err(TemplateError::new(TemplateErrorKind::Limit, format!("the template {what}")))
        }
    }
}
