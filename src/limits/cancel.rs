//! Stopping a build.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// What lets a caller stop a build; all clones stop the same builds.
///
/// ```
/// let cancel = kustom::Cancel::new();
/// let builder = kustom::Builder::new().cancel(&cancel);
/// cancel.stop();
/// let error = builder.build("testdata/infra-config/apps/payments-api/overlays/dev").unwrap_err();
/// assert_eq!(error.kind(), kustom::ErrorKind::Cancelled);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<Stopped>);

#[derive(Debug, Default)]
struct Stopped {
    is_stopped: AtomicBool,
    why: OnceLock<String>,
}

impl Cancel {
    /// Returns one that stops nothing yet.
    pub fn new() -> Cancel {
        Cancel::default()
    }

    /// Stops the builds that were given this one: each ends with an error of the kind
    /// [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled) when it comes to its next step.
    pub fn stop(&self) {
        self.0.is_stopped.store(true, Ordering::Release);
    }

    /// As [`stop`](Self::stop), with words for the error; only those of the first call count.
    ///
    /// ```
    /// let cancel = kustom::Cancel::new();
    /// let builder = kustom::Builder::new().cancel(&cancel);
    /// cancel.stop_because("shutting down");
    /// let error = builder.build("testdata/infra-config/apps/payments-api/overlays/dev").unwrap_err();
    /// assert_eq!(error.message(), "the build was cancelled: shutting down");
    /// ```
    pub fn stop_because(&self, why: impl Into<String>) {
        _ = self.0.why.set(why.into());
        self.stop();
    }

    /// Returns the words that were given.
    pub(super) fn why(&self) -> Option<&str> {
        self.0.why.get().map(String::as_str)
    }

    /// Returns `true` once [`stop`](Self::stop) was called.
    pub fn is_stopped(&self) -> bool {
        self.0.is_stopped.load(Ordering::Acquire)
    }
}
