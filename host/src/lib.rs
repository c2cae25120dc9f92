//! Gives [kustom] access to the outside world through real programs: helm renders charts, programs and
//! containers run functions, and git fetches remote trees.
//!
//! The library itself starts nothing and opens no connection. It asks for charts, functions and remote
//! trees through the traits of [`kustom::outside`], which this crate implements. Without an implementation,
//! a build that needs one is refused.
#![forbid(unsafe_code)]

pub mod cache;
pub mod charts;
mod duration;
mod folders;
pub mod functions;
pub mod process;
pub mod remote;
pub mod scratch;
pub mod watch;
