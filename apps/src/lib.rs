//! Previews what Argo CD and Flux make of a repository, without a cluster: the Applications that
//! ApplicationSets generate, what they would sync, and settings that people regret.
//!
//! ```
//! use kustom::{DiskFs, FileSystem};
//! use kustom_apps::{Preview, Repository};
//!
//! let repository = Repository::new(DiskFs, "../testdata/infra-config".as_ref())?;
//! let file = repository.root().join("clusters/prod-us-east-1/apps.yaml");
//! let mut preview = Preview::default();
//! preview.add_file(&file, &DiskFs.read(&file)?, &repository, &[]);
//! assert!(preview.applications.iter().any(|application| application.name() == "payments-api"));
//! # Ok::<(), std::io::Error>(())
//! ```
#![forbid(unsafe_code)]

mod application;
mod application_set;
mod artifacts;
mod boolean_keys;
mod built;
mod clusters;
#[cfg(test)]
mod costs;
mod document;
mod failures;
mod fate;
mod flux;
mod flux_values;
mod functions;
mod generators;
mod glob;
mod globs;
mod letters;
pub mod lint;
mod listed;
mod named;
mod owner;
mod params;
mod path_pattern;
mod pattern_work;
mod patterns;
mod preview;
mod problem;
mod pruning;
mod render;
mod repository;
mod same_name;
mod selector;
mod sets;
mod settings;
mod size;
#[cfg(test)]
mod small_inputs;
mod staged;
mod substitute;
mod sync_options;
pub mod template;
mod template_patch;
mod types;
mod unknown;
mod unmade;

pub use application::{Application, Origin};
pub use clusters::Cluster;
pub use fate::{Fate, fate, hold_back};
pub use owner::{OwnerChange, owner_change};
pub use preview::Preview;
pub use problem::{Problem, Severity};
pub use pruning::{LeftBehind, left_behind};
pub use render::{Manifest, Rendered, render, render_some};
pub use repository::Repository;
pub use settings::settings;
