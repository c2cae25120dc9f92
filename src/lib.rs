//! Renders Kustomize overlays byte for byte as `kustomize build` does.
#![allow(dead_code)] // while the pipeline is being laid

mod accumulator;
mod build;
mod builder;
mod context;
pub mod diff;
mod error;
mod fieldspec;
mod filenames;
mod generate;
mod json_patch;
mod kustomization;
mod layer;
mod layer_config;
mod load;
mod merge;
mod order;
mod plugin;
mod provenance;
mod refs;
mod resource;
mod schema;
mod select;
#[cfg(test)]
mod test_support;
mod transform;
mod typed;
mod vars;
mod warning;
pub mod yaml;

pub use builder::{Build, Builder, build};
pub use error::{Error, ErrorKind, Location, Result};
pub use load::{DiskFs, FileKind, FileSystem, LoadRestriction, MemoryFs};
pub use order::Reorder;
pub use resource::{Gvk, ResId, Resource};
pub use warning::{Warning, WarningKind};
