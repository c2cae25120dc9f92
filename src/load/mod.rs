//! Files and directories: where they are, who may load them, and what has been read of them
//! (docs/spec/loading.md).

mod file_tree;
mod files;
mod fs;
mod inputs;
mod lines;
mod loader;
mod named;
mod outside_root;
pub(crate) mod path;
mod read_styles;
mod recorder;
mod regular_file;
pub(crate) mod remote;
mod repo_url;
#[cfg(unix)]
mod rooted;
mod shown;
mod sources;

pub use file_tree::FileTree;
pub(crate) use file_tree::{hash_part, hex};
pub(crate) use files::{Files, ReadFile};
pub use fs::{DiskFs, FileKind, FileSystem, MemoryFs};
pub use inputs::{Input, InputKind, Inputs, RemoteInput};
pub(crate) use lines::Lines;
pub use loader::LoadRestriction;
pub(crate) use loader::{Entered, KUSTOMIZATION_NAMES, Loader};
pub(crate) use named::{Named, NamedEntries};
pub use path::clean as clean_path;
pub(crate) use path::{clean, join};
pub(crate) use read_styles::ReadStyles;
pub(crate) use repo_url::{RepoUrl, is_http};
#[cfg(unix)]
pub use rooted::RootedFs;
pub(crate) use shown::{ShownFiles, excerpt};
