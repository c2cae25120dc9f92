//! YAML as the reference reads and prints it, to the byte. Knows nothing of Kubernetes.

mod location;
mod node;
mod pos;
mod spanned;

pub(crate) use location::{Location, at, at_mut};
pub use node::{Entry, Kind, Mapping, Node, Style, Tag};
pub use pos::Pos;
pub use spanned::Spanned;
