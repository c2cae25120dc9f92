//! YAML as the reference reads and prints it, to the byte. Knows nothing of Kubernetes.

mod node;
mod pos;
mod reader;
mod spanned;

pub use node::{Entry, Kind, Mapping, Node, Style, Tag};
pub use pos::Pos;
pub use reader::{Limits, Merges, SyntaxError, decode, max_depth, read_document, read_stream};
pub use spanned::Spanned;
