//! Builds whose documents nest deeper than the stack of a caller can be trusted with.
//!
//! Nearly all code follows trees by recursion. A build is tried with a limit that any stack bears;
//! only when something is deeper than that (nothing in practice) is it run again with the real limit,
//! on a thread with a stack for it. The resources of such a build know that they are deep.

use std::io;

use crate::limits::Limits;
use crate::parallel::on_stack_of;

/// The depth of trees up to which builds run on the caller's stack.
const SHALLOW: u64 = 64;
/// The depth of trees that can be explained.
pub(crate) const EXPLAINED: u64 = 500;
/// How many kustomizations may lead from one to the next there.
const FEW_LAYERS: u64 = 16;
/// The stack of the thread for all others. It is only reserved: what is not needed is never there.
const STACK: usize = 512 << 20;

/// Returns limits with which a build may run on the caller's stack.
pub(crate) fn shallow(limits: Limits) -> Limits {
    Limits { nesting: limits.nesting.min(SHALLOW), layers: limits.layers.min(FEW_LAYERS), ..limits }
}

/// Runs `work` on a thread with a large stack.
///
/// # Errors
/// If the system does not give one.
pub(crate) fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    on_stack_of(STACK, work)
}
