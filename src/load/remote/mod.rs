//! What kustomizations use from elsewhere: trees of git repositories and files behind web addresses.
//!
//! [`Remotes`] knows, for one call, what has been fetched; where it comes from is either a
//! [`RemoteSource`] that was handed in, or, where there is a `kustom.lock`, the vendored copies that it
//! lists. What is found is a folder or a file of the build like any other: fetched things are
//! [mounted](mounts) where their source says, vendored ones lie in the tree.

mod charts;
mod copied;
mod digest;
mod errors;
mod lock;
mod lock_read;
mod lock_write;
mod mounts;
mod of_git;
mod pins;
mod places;
mod remotes;
mod source;
mod status;
mod vendored;

pub(crate) use charts::{ChartPin, chart_version};
pub(crate) use copied::{content, drop_ways_out, whole_tree};
pub(crate) use digest::{Content, hash_bytes, hash_contents, hash_files, slashed};
pub(crate) use errors::{not_whole, other_chart};
pub use lock::LOCK_FILE;
pub(crate) use lock::{ChartKey, Kept, Lock, LockedChart, LockedFile, LockedTree, TreeKey};
pub(crate) use lock_read::{is_commit, is_version};
pub(crate) use mounts::Mounts;
pub(crate) use of_git::{changes_by_user, path_in_copy};
pub(crate) use pins::{Mode, Pins};
pub(crate) use places::{below, is_gits};
pub(crate) use remotes::{FoundFile, FoundTree, LocalChart, Remotes, Scope, Used, UsedTree};
pub use source::{FileAnswer, FileRequest, RemoteSource, RemoteTree, TreeRequest};
pub(crate) use vendored::{check_owner, lock_places};
