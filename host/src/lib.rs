//! What a build of [kustom] may ask of the machine, by real programs: charts by helm, functions by
//! programs and containers, remote trees by git.
//!
//! The library itself starts nothing and opens no connection: it asks for what lies outside of the file
//! tree through the traits of [`kustom::outside`], and this crate implements them. A build that is not
//! given any of it refuses what it would need.
#![forbid(unsafe_code)]

pub mod cache;
pub mod charts;
mod folders;
pub mod functions;
pub mod process;
pub mod remote;
pub mod scratch;
pub mod watch;
