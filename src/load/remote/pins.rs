//! From where things come.

use std::path::PathBuf;
use std::sync::Arc;

use super::lock::Lock;

/// From where things come.
#[derive(Clone, Debug, Default)]
pub(crate) enum Mode {
    /// From the vendored copies that a lock file lists, and where there is none from the source.
    #[default]
    Build,
    /// From the copies alone; where there is no lock file, as if one in this directory listed nothing.
    Check(PathBuf),
    /// From the source, but for what is pinned; no lock file is looked for.
    Vendor(Arc<Pins>),
}

/// What stays as a lock file has it.
#[derive(Debug)]
pub(crate) struct Pins {
    pub(crate) lock: Lock,
    /// The lock file until now, with what is to move.
    pub(crate) before: Lock,
    /// Whether copies that are as the lock file says are taken, and nothing is fetched for them.
    pub(crate) copies: bool,
    /// Whether files and charts are fetched too, of which copies lack nothing.
    pub(crate) is_anew: bool,
}

impl Mode {
    /// Returns the lock of what is pinned, or `None` where a build looks for one.
    pub(super) fn pins(&self) -> Option<&Lock> {
        match self {
            Mode::Build | Mode::Check(_) => None,
            Mode::Vendor(pins) => Some(&pins.lock),
        }
    }

    /// Returns the lock file until now where another one is written.
    pub(super) fn listed(&self) -> Option<&Lock> {
        match self {
            Mode::Build | Mode::Check(_) => None,
            Mode::Vendor(pins) => Some(&pins.before),
        }
    }

    /// Returns `true` if the copies of pinned files and charts are taken, and these are not fetched.
    pub(super) fn takes_whole_copies(&self) -> bool {
        matches!(self, Mode::Vendor(pins) if !pins.is_anew)
    }

    /// Returns the lock if its copies are taken for what is pinned.
    pub(super) fn copies(&self) -> Option<&Lock> {
        match self {
            Mode::Vendor(pins) if pins.copies => Some(&pins.lock),
            _ => None,
        }
    }
}
