//! How much a program may use.

use std::time::Duration;

/// What a program may use before it is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest that it may run.
    pub time: Duration,
    /// The most bytes that it may write to stdout, and to stderr, of which the first [`MAX_STDERR`] are kept.
    pub output: usize,
    /// The most bytes that it and what it has started may have in memory, where `/proc` tells.
    pub memory: u64,
}

/// The most bytes of stderr that are kept; what follows is read and dropped, up to the limit of output.
pub const MAX_STDERR: usize = 1 << 20;

impl Default for Limits {
    /// Returns two minutes, 128 MiB of output and 2 GiB in memory.
    fn default() -> Limits {
        Limits { time: Duration::from_secs(120), output: 128 << 20, memory: 2 << 30 }
    }
}

impl Limits {
    /// Returns the limits with another time.
    #[must_use]
    pub fn time(self, time: Duration) -> Limits {
        Limits { time, ..self }
    }

    /// Returns the limits with another size of the output, in bytes.
    #[must_use]
    pub fn output(self, output: usize) -> Limits {
        Limits { output, ..self }
    }

    /// Returns the limits with another size in memory, in bytes.
    #[must_use]
    pub fn memory(self, memory: u64) -> Limits {
        Limits { memory, ..self }
    }
}
