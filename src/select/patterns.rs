//! The patterns of a build: each is read at once, so that what is wrong with it is told where it stands,
//! and compiled when a text is first compared with it; equal ones are one.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use regex_syntax::hir::Hir;
use rustc_hash::FxHashMap;

use super::machine::Machine;
use super::re2::{self, Read};
use crate::diagnostics::Result;
use crate::limits::{Account, Limit};
use crate::parallel::on_stack_of;

/// The height up to which a pattern is compiled on the caller's stack.
const SHALLOW: usize = 16;
/// The stack that compiling the highest pattern needs, many times over; it is only reserved.
const STACK: usize = 64 << 20;

/// Compiles patterns, each once.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    account: Arc<Account>,
    known: Mutex<FxHashMap<String, Arc<Program>>>,
}

/// A pattern that may match anywhere in a text.
#[derive(Debug)]
pub(crate) struct Program {
    hir: Hir,
    height: usize,
    /// Nothing if the account has no work left for it.
    machine: OnceLock<Option<Machine>>,
    account: Arc<Account>,
}

impl Patterns {
    /// Returns patterns whose work is spent on an account.
    pub(crate) fn new(account: Arc<Account>) -> Patterns {
        Patterns { account, known: Mutex::default() }
    }

    /// Reads an RE2 pattern.
    ///
    /// # Errors
    /// With upstream's words if it is none; of kind `Limit` if it is too large.
    pub(crate) fn read(&self, pattern: &str) -> Result<Arc<Program>> {
        if let Some(known) = self.known().get(pattern) {
            return Ok(Arc::clone(known));
        }
        let Read { hir, height } = re2::read(pattern, &self.account)?;
        let (machine, account) = (OnceLock::new(), Arc::clone(&self.account));
        let program = Arc::new(Program { hir, height, machine, account });
        self.known().insert(pattern.to_owned(), Arc::clone(&program));
        Ok(program)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, FxHashMap<String, Arc<Program>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Program {
    /// Returns `true` if a part of a text matches; see [`Machine::is_match`].
    pub(crate) fn is_match(&self, text: &str) -> bool {
        let Some(machine) = self.machine.get_or_init(|| self.compile()) else {
            // Whoever asks again has no answer either.
            self.account.spend(Limit::PatternWork, u64::MAX);
            return false;
        };
        machine.is_match(text, &self.account)
    }

    fn compile(&self) -> Option<Machine> {
        let compile = || Machine::new(&self.hir, &self.account);
        let machine =
            if self.height <= SHALLOW { compile() } else { on_stack_of(STACK, compile).ok()? };
        machine.ok()
    }
}
