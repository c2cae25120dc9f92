//! Counts what grows when something is looked at too often; only with the feature `work`, for benches
//! and the growth test.
//!
//! The counts are those of the thread, so whoever wants them builds with one thread.

/// The work of one thread so far.
#[cfg(feature = "work")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Values that a walk came by.
    pub nodes: u64,
    /// Ids, names and selectors that were compared with a resource.
    pub ids: u64,
    /// Values that were looked at for warnings.
    pub checks: u64,
}

#[cfg(feature = "work")]
thread_local! {
    static DONE: std::cell::Cell<Work> = const { std::cell::Cell::new(Work { nodes: 0, ids: 0, checks: 0 }) };
}

/// Returns the work of this thread since the last call.
#[cfg(feature = "work")]
pub fn take() -> Work {
    DONE.take()
}

/// Counts a value.
#[inline(always)]
pub(crate) fn node() {
    #[cfg(feature = "work")]
    DONE.set(Work { nodes: DONE.get().nodes + 1, ..DONE.get() });
}

/// Counts an id.
#[inline(always)]
pub(crate) fn id() {
    #[cfg(feature = "work")]
    DONE.set(Work { ids: DONE.get().ids + 1, ..DONE.get() });
}

/// Counts a value that is looked at for warnings.
#[inline(always)]
pub(crate) fn check() {
    #[cfg(feature = "work")]
    DONE.set(Work { checks: DONE.get().checks + 1, ..DONE.get() });
}
