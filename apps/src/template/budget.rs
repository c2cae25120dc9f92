//! How much templates may do.

use std::sync::atomic::{AtomicU64, Ordering};

use super::error::{TemplateError, TemplateErrorKind};

/// What templates may still do together: a template that never ends, or grows without end, answers
/// with an error.
#[derive(Debug)]
pub struct Budget {
    steps: AtomicU64,
    bytes: AtomicU64,
}

impl Budget {
    /// Returns a budget of so many steps, each about the evaluation of an operand, and bytes that are
    /// made.
    pub fn new(steps: u64, bytes: u64) -> Budget {
        Budget { steps: AtomicU64::new(steps), bytes: AtomicU64::new(bytes) }
    }

    /// Takes away steps.
    pub(super) fn steps(&self, count: usize) -> Result<(), TemplateError> {
        take(&self.steps, count, "takes too many steps")
    }

    /// Takes away bytes, before they are made.
    pub(crate) fn bytes(&self, count: usize) -> Result<(), TemplateError> {
        take(&self.bytes, count, "makes too much text")
    }
}

/// Enough for all the Applications of a call, thousands of them, and about a second's work.
impl Default for Budget {
    fn default() -> Budget {
        Budget::new(20_000_000, 96 << 20)
    }
}

fn take(left: &AtomicU64, count: usize, what: &str) -> Result<(), TemplateError> {
    match left.load(Ordering::Relaxed).checked_sub(count as u64) {
        Some(rest) => {
            left.store(rest, Ordering::Relaxed);
            Ok(())
        }
        None => {
            left.store(0, Ordering::Relaxed);
            Err(TemplateError::new(TemplateErrorKind::Limit, format!("the template {what}")))
        }
    }
}
