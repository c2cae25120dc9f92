//! Renders Kustomize overlays byte for byte as `kustomize build` does.
#![allow(dead_code)] // while the pipeline is being laid

mod context;
mod error;
mod fieldspec;
mod generate;
mod kustomization;
mod resource;
mod schema;
mod transform;
pub mod yaml;

pub use error::{Error, ErrorKind, Location, Result};
pub use resource::{Gvk, ResId, Resource};
