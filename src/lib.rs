//! Renders Kustomize overlays byte for byte as `kustomize build` does.
#![forbid(unsafe_code)]

mod accumulator;
mod advice;
mod build;
mod builder;
mod context;
mod deep;
pub mod diff;
mod error;
mod fieldspec;
mod filenames;
mod generate;
mod json_patch;
mod kustomization;
mod layer;
mod layer_config;
mod lint;
mod load;
mod merge;
mod openapi;
mod order;
mod parallel;
mod plan;
mod plugin;
mod provenance;
mod refs;
mod replace;
mod resource;
mod schema;
mod select;
mod shared;
#[cfg(test)]
mod test_support;
mod transform;
mod typed;
mod vars;
mod warning;
pub mod yaml;

pub use builder::{Build, Builder, Session, build, build_all};
pub use error::{Error, ErrorKind, Excerpt, Location, Result};
pub use load::{DiskFs, FileKind, FileSystem, Input, InputKind, Inputs, LoadRestriction, MemoryFs};
pub use order::Reorder;
pub use resource::{Gvk, ResId, Resource};
pub use warning::{Warning, WarningKind};
