//! Files and directories: where they are, who may load them, and what has been read of them
//! (docs/spec/loading.md).

mod added;
mod change;
mod file_tree;
mod files;
mod fs;
pub(crate) mod glob;
mod input_kind;
mod inputs;
mod lines;
mod loader;
mod log;
mod named;
mod outside_root;
pub(crate) mod path;
mod path_set;
mod physical;
mod read_styles;
mod recording_fs;
mod regular_file;
pub(crate) mod remote;
mod repo_url;
mod resolve;
#[cfg(unix)]
mod rooted;
mod shown;
mod sources;
mod texts;

pub(crate) use added::{AddedChart, Watch};
pub(crate) use change::Change;
pub use file_tree::FileTree;
pub(crate) use file_tree::{Folder, hash_part, hex};
pub(crate) use files::{Files, ReadFile};
pub use fs::{DiskFs, FileKind, FileSystem, MemoryFs};
pub use input_kind::InputKind;
pub use inputs::{ChartInput, Input, Inputs, RemoteInput};
pub(crate) use lines::Lines;
pub use loader::LoadRestriction;
pub(crate) use loader::{Entered, KUSTOMIZATION_NAMES, Loader};
pub(crate) use log::{Looks, Part};
pub(crate) use named::{Named, NamedEntries};
pub use path::clean as clean_path;
pub(crate) use path::{clean, common_folder, join};
pub(crate) use path_set::PathSet;
pub(crate) use physical::physical;
pub(crate) use read_styles::ReadStyles;
pub(crate) use repo_url::{RepoUrl, is_http};
#[cfg(unix)]
pub use rooted::RootedFs;
pub(crate) use shown::{ShownFiles, excerpt};
