//! Renders Kustomize overlays byte for byte as `kustomize build` does.
//!
//! ```
//! let build = kustom::build("testdata/infra-config/apps/payments-api/overlays/prod")?;
//! assert!(build.to_string().starts_with("apiVersion: v1\n"));
//! # Ok::<(), kustom::Error>(())
//! ```
//!
//! - [`build`] renders a directory; [`Builder`] adds options and lets you choose the [`FileSystem`].
//! - A [`Build`] holds the [`Resource`]s in order, their text, and [`Warning`]s.
//! - An [`Error`] has a kind, a message, a place, and the kustomizations that led there.
//! - [`roots`] finds the kustomizations below directories, and those that a change touches.
//! - [`Inputs`] says what a build looked at, and whether a change matters to it.
//! - [`Builder::lint`] warns about what upstream drops silently, [`Builder::explain`] shows where every value
//!   came from, and [`hints`] lists the mistakes that errors recognize.
//! - A [`Session`] shares bases between calls; [`build_all`] shares them within one call.
//! - [`diff`] compares rendered objects, [`edit`] changes a kustomization file and nothing else in it, and
//!   [`outside`] has the traits for charts, remote bases and functions.
//! - [`Limits`] bounds what a build may use: by default 64 MiB per file, 512 MiB of files, and 64 MiB of
//!   output. [`Limits::untrusted`] is for input from strangers. A [`Cancel`] stops a build.
//!
//! # Features
//!
//! Both are on by default.
//!
//! - `parallel` reads and builds on several threads.
//! - `reports` adds [`diff::render`].
//!
//! The directory `examples` of the repository shows each use: in memory, a fleet, a review, functions inside
//! the process, and typed objects.
//!
//! # No side effects
//!
//! A build is a function of its file system and its options: the library starts no process, opens no
//! connection, reads neither environment nor clock, and keeps nothing between calls.
#![forbid(unsafe_code)]

mod build;
mod build_context;
mod builder;
mod charts;
mod checks;
mod diagnostics;
pub mod diff;
pub mod document;
pub mod edit;
mod fieldspec;
mod finish;
mod functions;
mod generate;
mod json_patch;
mod kustomization;
mod limits;
mod load;
mod localize;
mod masked;
mod merge;
mod mistakes;
mod once_map;
pub mod outside;
mod parallel;
mod refs;
mod replace;
mod resource;
pub mod roots;
mod schema;
mod secret_words;
mod select;
#[cfg(test)]
mod test_support;
mod trace;
mod transform;
mod vars;
pub mod vendor;
mod visible;
// For the tests and benches of this package.
#[cfg(feature = "work")]
#[doc(hidden)]
pub mod work;
#[cfg(not(feature = "work"))]
mod work;
#[cfg(feature = "work")]
#[doc(hidden)]
pub mod yaml;
#[cfg(not(feature = "work"))]
#[allow(unreachable_pub)] // public with the feature
mod yaml;

pub use build::{Build, StepKind};
pub use builder::{Builder, Session, build, build_all};
pub use diagnostics::{
    Error, ErrorKind, Excerpt, Hint, Location, Result, Warning, WarningFilter, WarningKind,
};
pub use finish::Reorder;
pub use limits::{Cancel, Limit, Limits};
#[cfg(unix)]
pub use load::RootedFs;
pub use load::{
    ChartInput, DiskFs, FileKind, FileSystem, Input, InputKind, Inputs, LoadRestriction, MemoryFs,
    RemoteInput,
};
pub use localize::Localized;
pub use mistakes::hints;
pub use resource::{Gvk, Image, Resource};
pub use schema::is_cluster_scoped;

/// Where every value of a build came from; see [`Builder::explain`].
pub mod explain {
    pub use crate::trace::{Event, FieldPath, Object, Trace};
}

/// Texts and paths as people are shown them.
pub mod text {
    pub use crate::load::clean_path;
    pub use crate::masked::masked;
    pub use crate::visible::{visible, visible_colored, visible_json, visible_line};
    pub use crate::yaml::go_quote;

    /// Puts a pattern of RE2, the language of Go, into the words of the crate `regex`.
    ///
    /// There, `\d` and `\w` are of Unicode, classes nest, and a `{` that opens no repetition is a fault.
    ///
    /// ```
    /// assert_eq!(kustom::text::from_re2(r"^(?P<n>\d)")?, "(?:^)(?P<n>[0-9])");
    /// assert!(kustom::text::from_re2("(?=a)").is_err());
    /// # Ok::<(), kustom::Error>(())
    /// ```
    ///
    /// # Errors
    /// With Go's words if it is no pattern of RE2, or is nested too deep for Go.
    pub fn from_re2(pattern: &str) -> Result<String, crate::Error> {
        crate::select::translate(pattern)
    }

    /// Returns the name that `word` may have been meant to be, if one is near.
    ///
    /// ```
    /// let names = ["replicas", "resources"].into_iter();
    /// assert_eq!(kustom::text::nearest_name(names, "resource"), Some("resources"));
    /// ```
    pub fn nearest_name<'a>(names: impl Iterator<Item = &'a str>, word: &str) -> Option<&'a str> {
        crate::yaml::nearest(names, word)
    }
}

/// Tests what the README shows.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
