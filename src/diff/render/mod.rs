//! Writes a [`Report`](super::Report) for people: terminal, Markdown, HTML, patch.
//!
//! ```text
//! sections ── titles               what is said once for all roots that have it
//! lines, words, embedded            what differs inside a value
//! reveal, shorten                   what of it is shown
//! terminal, markdown, html, unified the four forms
//! ```
//!
//! Left out by an embedder that needs the data alone: feature `reports` of this crate, which is on by
//! default.

mod embedded;
mod html;
mod lines;
mod markdown;
mod reveal;
pub(super) mod sections;
mod shorten;
mod terminal;
mod titles;
mod unified;
mod words;

pub use html::html;
pub use markdown::{COMMENT_LIMIT, escaped_markdown, markdown};
pub use terminal::{Color, terminal};
pub use unified::unified;
