//! YAML as the reference reads and prints it, to the byte. Knows nothing of Kubernetes.

mod block;
mod chars;
mod entries;
mod json;
mod key_order;
mod node;
mod number;
mod pos;
mod printer;
#[cfg(test)]
mod printer_tests;
mod quoting;
mod render_error;
mod reread;
mod scalar;
mod serialize;
mod spanned;
mod text_writer;
mod timestamp;
mod unicode;

pub use json::{from_value, go_quote, to_json, to_value};
pub use node::{Entry, Kind, Mapping, Node, Style, Tag};
pub use pos::Pos;
pub use printer::print;
pub use render_error::RenderError;
pub use scalar::{Rules, Value, resolve};
pub use spanned::Spanned;

pub(crate) use json::{Numbers, write_json, write_string};
pub(crate) use number::{format_g, format_json};
