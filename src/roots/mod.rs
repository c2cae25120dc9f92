//! Finds the kustomizations of a repository, and which of them a change touches.
//!
//! ```
//! use kustom::{Builder, DiskFs, roots};
//!
//! let found = roots::find(&DiskFs, ["testdata/infra-config/apps/payments-api"]);
//! let changed = ["testdata/infra-config/apps/payments-api/overlays/dev/kustomization.yaml"];
//! let affected = roots::affected(&Builder::new(), &found, changed);
//! assert_eq!(affected.len(), 1);
//! assert!(affected[0].root.ends_with("overlays/dev"));
//! ```

mod affected;
mod charts;
mod configs;
mod deployment;
mod find;
mod links;
mod looked_at;
mod moved;
mod references;
mod texts;

pub use affected::{Affected, affected, affected_since};
pub use deployment::is_built_unrestricted;
pub use find::{find, is_component, is_kustomization, top_level};
pub use looked_at::may_differ;
pub use moved::{has_same_files, moved_may_differ};
pub use references::{References, Sameness};
