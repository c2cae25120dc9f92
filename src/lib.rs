//! Renders Kustomize overlays byte for byte as `kustomize build` does.
//!
//! ```
//! let build = kustom::build("testdata/infra-config/apps/payments-api/overlays/prod")?;
//! assert!(build.to_string().starts_with("apiVersion: v1\n"));
//! # Ok::<(), kustom::Error>(())
//! ```
//!
//! - [`build`] renders a directory; a [`Builder`] has options and a [`FileSystem`] of your choice.
//! - A [`Build`] is the [`Resource`]s in order and their text, with [`Warning`]s.
//! - An [`Error`] has a kind, a message, a place, and the kustomizations that led there.
//! - [`Inputs`] tell what a build looked at, and whether a change matters to it.
//!
//! A build is a function of its file system and its options: the library starts no process, opens no
//! connection, reads neither environment nor clock, and keeps nothing between calls.
#![forbid(unsafe_code)]

mod accumulator;
mod advice;
mod build;
mod builder;
mod comments;
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
mod trace;
mod transform;
mod typed;
mod vars;
mod warning;
#[doc(hidden)]
pub mod work;
pub mod yaml;

pub use builder::{Build, Builder, Session, build, build_all};
pub use error::{Error, ErrorKind, Excerpt, Location, Result};
pub use load::{DiskFs, FileKind, FileSystem, Input, InputKind, Inputs, LoadRestriction, MemoryFs};
pub use order::Reorder;
pub use resource::{Gvk, ResId, Resource};
pub use trace::{Event, FieldPath, Object, StepKind, Trace};
pub use warning::{Warning, WarningKind};

/// Tests what the README shows.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
