//! YAML as the reference reads and prints it, to the byte. Knows nothing of Kubernetes.

mod de;
mod de_error;
mod de_keys;
mod de_probe;
mod de_scalar;
mod node;
mod pos;
mod reader;
pub mod scalar;
mod spanned;

pub use de::{DecodeError, DecodeMode, from_node};
pub(crate) use de_keys::{fold, get_folded};
pub use node::{Entry, Kind, Mapping, Node, Style, Tag};
pub use pos::Pos;
pub use reader::{Limits, Merges, SyntaxError, decode, read_document};
pub use spanned::Spanned;
