//! Builds whose documents nest deeper than the stack of a caller can be trusted with.
//!
//! Nearly all code follows trees by recursion. A build is tried with a limit that any stack bears;
//! only when something is deeper than that (nothing in practice) is it run again with the real limit,
//! on a thread with a stack for it. The resources of such a build know that they are deep.

use crate::limits::Limits;
use crate::parallel::SHALLOW;

/// The depth of trees that can be explained.
pub(crate) const EXPLAINED: u64 = 500;
/// How many kustomizations may lead from one to the next there.
const FEW_LAYERS: u64 = 16;

/// Returns limits with which a build may run on the caller's stack.
pub(crate) fn shallow(limits: Limits) -> Limits {
    let nesting = limits.nesting.min(SHALLOW as u64);
    Limits { nesting, layers: limits.layers.min(FEW_LAYERS), ..limits }
}
