//! How much templates may do.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::error::{TemplateError, TemplateErrorKind};

/// How many bytes of a text a function goes through in the time of a step.
const READ_IN_A_STEP: usize = 4;

/// How many bytes are made in the time of a step.
const MADE_IN_A_STEP: usize = 32;

/// How many bytes may be made at once, if the budget has so many.
const AT_ONCE: u64 = 32 << 20;

const MAKES_TOO_MUCH: &str = "makes too much text";

/// What templates may still do together: a template that never ends, or grows without end, answers
/// with an error.
#[derive(Debug)]
pub struct Budget {
    steps: AtomicU64,
    /// The bytes that may still be kept.
    kept: AtomicU64,
    /// The bytes that may still be made for one text; they are gone when it is done, or kept.
    made: AtomicU64,
    /// How many these are at the start.
    at_once: u64,
    /// Whether steps or kept bytes did not last: then nothing more is made.
    is_spent: AtomicBool,
}

impl Budget {
    /// Returns a budget of so many steps, each about the evaluation of an operand, and bytes that are
    /// kept.
    pub fn new(steps: u64, bytes: u64) -> Budget {
        let at_once = bytes.min(AT_ONCE);
        let [steps, kept, made] = [steps, bytes, at_once].map(AtomicU64::new);
        Budget { steps, kept, made, at_once, is_spent: AtomicBool::new(false) }
    }

    /// Returns `true` if the budget did not last for something; from then on it lasts for nothing.
    pub(crate) fn is_spent(&self) -> bool {
        self.is_spent.load(Ordering::Relaxed)
    }

    fn end(&self) {
        // What went on before does not go on with the rest.
        self.steps.store(0, Ordering::Relaxed);
        self.is_spent.store(true, Ordering::Relaxed);
    }

    /// Takes away steps.
    pub(crate) fn steps(&self, count: usize) -> Result<(), TemplateError> {
        take(&self.steps, count, "takes too many steps").inspect_err(|_| self.end())
    }

    /// Takes away the steps that it takes to go through so many bytes of a text.
    pub(crate) fn reads(&self, bytes: usize) -> Result<(), TemplateError> {
        self.steps(1 + bytes / READ_IN_A_STEP)
    }

    /// Takes away bytes, before they are made.
    pub(crate) fn makes(&self, bytes: usize) -> Result<(), TemplateError> {
        self.steps(bytes / MADE_IN_A_STEP)?;
        take(&self.made, bytes, MAKES_TOO_MUCH)
    }

    /// Checks that so many bytes are left for what is gone again at once.
    pub(crate) fn has_room(&self, bytes: usize) -> Result<(), TemplateError> {
        match self.left_to_make() < bytes as u64 {
            true => Err(too_much(MAKES_TOO_MUCH)),
            false => Ok(()),
        }
    }

    /// Returns how many bytes may still be made.
    pub(super) fn left_to_make(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// Begins another text: what was made for the last one is kept, or gone.
    pub(crate) fn begin(&self) {
        self.made.store(self.at_once, Ordering::Relaxed);
    }

    /// Takes away bytes for what stays.
    pub(crate) fn keeps(&self, bytes: usize) -> Result<(), TemplateError> {
        take(&self.kept, bytes, MAKES_TOO_MUCH).inspect_err(|_| self.end())
    }

    /// Takes away bytes for what may stay, if there are as many.
    pub(crate) fn has_kept(&self, bytes: usize) -> bool {
        take(&self.kept, bytes, MAKES_TOO_MUCH).is_ok()
    }

    /// Runs something, and returns how many bytes it has kept as well.
    pub(crate) fn counted<T>(&self, run: impl FnOnce() -> T) -> (T, u64) {
        let left = || self.kept.load(Ordering::Relaxed);
        let before = left();
        let value = run();
        (value, before.saturating_sub(left()))
    }

    /// Gives back bytes of what was kept and is gone.
    pub(crate) fn gives_back(&self, bytes: u64) {
        self.kept.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// Enough for all the Applications of a call, thousands of them, and about a second's work.
impl Default for Budget {
    fn default() -> Budget {
        Budget::new(20_000_000, 128 << 20)
    }
}

fn take(left: &AtomicU64, count: usize, what: &str) -> Result<(), TemplateError> {
    match left.load(Ordering::Relaxed).checked_sub(count as u64) {
        Some(rest) => {
            left.store(rest, Ordering::Relaxed);
            Ok(())
        }
        None => Err(too_much(what)),
    }
}

fn too_much(what: &str) -> TemplateError {
    TemplateError::new(TemplateErrorKind::Limit, format!("the template {what}"))
}
