//! How much a fetch may take.

use std::time::Duration;

/// How much may be fetched, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchLimits {
    /// The most bytes of a repository's objects, and of the files of a tree.
    pub tree_bytes: u64,
    /// The most files of a tree.
    pub tree_files: usize,
    /// The most bytes of a file over HTTP.
    pub file_bytes: u64,
    /// The longest that a file may take, with all redirects.
    pub file_time: Duration,
    /// The longest that a tree may take with all its submodules, whatever a URL says of single steps.
    pub tree_time: Duration,
}

impl FetchLimits {
    /// Returns limits for repositories of strangers: 64 MiB, 20,000 files, 4 MiB, 27 seconds and two minutes.
    pub fn untrusted() -> FetchLimits {
        FetchLimits {
            tree_bytes: 64 << 20,
            tree_files: 20_000,
            file_bytes: 4 << 20,
            tree_time: Duration::from_secs(120),
            ..FetchLimits::default()
        }
    }
}

impl Default for FetchLimits {
    /// Returns 1 GiB, 200,000 files, 64 MiB, 27 seconds and ten minutes.
    fn default() -> FetchLimits {
        FetchLimits {
            tree_bytes: 1 << 30,
            tree_files: 200_000,
            file_bytes: 64 << 20,
            file_time: Duration::from_secs(27),
            tree_time: Duration::from_secs(600),
        }
    }
}
