//! Renders Kustomize overlays byte for byte as `kustomize build` does.
#![allow(dead_code)] // while the pipeline is being laid

mod context;
mod error;
mod fieldspec;
mod filenames;
mod kustomization;
mod order;
mod provenance;
mod refs;
mod resource;
mod schema;
#[cfg(test)]
mod test_support;
mod transform;
mod typed;
mod vars;
pub mod yaml;

pub use error::{Error, ErrorKind, Location, Result};
pub use order::Reorder;
pub use resource::{Gvk, ResId, Resource};
