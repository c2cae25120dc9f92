//! Why something outside did not give what it was asked for.

use std::fmt;

use crate::limits::{Cancel, Stop};
use crate::masked::mask;

/// Why something outside did not give what it was asked for.
///
/// ```
/// use kustom::outside::{Failure, FailureKind};
///
/// let failure = Failure::new(FailureKind::Missing, "no helm here").hint("install helm");
/// assert_eq!(failure.to_string(), "no helm here");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    kind: FailureKind,
    message: String,
    hint: Option<String>,
}

/// The class of a [`Failure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// It is not allowed.
    Refused,
    /// What would do it, or what it is about, is not there.
    Missing,
    /// It was tried and failed.
    Failed,
    /// A limit of time or size was reached.
    Limit,
    /// The caller stopped the build; see [`Failure::cancelled`].
    Cancelled,
}

impl Failure {
    /// Returns a failure with a message for people.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Failure {
        Failure { kind, message: mask(message.into()), hint: None }
    }

    /// Returns the failure of what was stopped together with the build that asked for it.
    ///
    /// ```
    /// use kustom::outside::{Failure, FailureKind};
    ///
    /// let cancel = kustom::Cancel::new();
    /// cancel.stop_because("shutting down");
    /// let failure = Failure::cancelled(&cancel);
    /// assert_eq!(failure.kind(), FailureKind::Cancelled);
    /// assert_eq!(failure.message(), "the build was cancelled: shutting down");
    /// ```
    pub fn cancelled(cancel: &Cancel) -> Failure {
        Failure::new(FailureKind::Cancelled, Stop::cancelled(cancel).to_string())
    }

    /// Returns the failure with another message.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Failure {
        self.message = mask(message.into());
        self
    }

    /// Adds one sentence on what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(mask(hint.into()));
        self
    }

    /// Returns the class.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// Returns the message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns one sentence on what to do.
    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
