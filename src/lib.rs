//! Renders Kustomize overlays byte for byte as `kustomize build` does.
#![forbid(unsafe_code)]

mod accumulator;
mod advice;
mod build;
mod builder;
mod context;
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
mod openapi;
mod order;
mod plugin;
mod provenance;
mod refs;
mod replace;
mod resource;
mod schema;
mod select;
#[cfg(test)]
mod test_support;
mod trace;
mod transform;
mod typed;
mod vars;
mod warning;
pub mod yaml;

pub use builder::{Build, Builder, build};
pub use error::{Error, ErrorKind, Excerpt, Location, Result};
pub use load::{DiskFs, FileKind, FileSystem, Input, InputKind, Inputs, LoadRestriction, MemoryFs};
pub use order::Reorder;
pub use resource::{Gvk, ResId, Resource};
pub use trace::{Event, FieldPath, Object, StepKind, Trace};
pub use warning::{Warning, WarningKind};
