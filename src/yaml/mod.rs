//! YAML as upstream reads and prints it, to the byte (docs/spec/yaml.md). Knows nothing of
//! Kubernetes.

// Circle: entries, json, round_trip: a key that cannot be one is shown as JSON in the message.
mod alias_budget;
mod block;
mod chars;
mod de;
mod debug;
mod duplicates;
pub(crate) mod edit;
mod entries;
mod json;
mod key_order;
mod keys;
mod located;
mod location;
mod measure;
mod nearest;
mod node;
mod number;
mod pos;
mod printer;
#[cfg(test)]
mod printer_tests;
mod quoting;
mod reader;
mod render_error;
mod round_trip;
mod scalar;
mod scalar_type;
mod serialize;
pub(crate) mod source_edit;
mod source_style;
mod source_tree;
mod span_tree;
mod style;
mod text_writer;
mod through_json;
mod timestamp;
mod unicode;
mod wrong_kind;

pub(crate) use alias_budget::AliasBudget;
pub(crate) use de::keys::{fold, get_folded};
pub(crate) use de::scalar::short_float;
pub use de::{DecodeError, DecodeMode, Slip, from_node};
pub(crate) use duplicates::duplicate_key;
pub(crate) use json::{Numbers, write_json, write_string};
pub use json::{from_value, go_quote, to_json, to_value};
pub(crate) use key_order::sort_as_printed;
pub(crate) use keys::Keys;
pub use located::Located;
pub(crate) use located::{Embedded, embedded};
pub(crate) use location::{Location, at, at_mut};
pub(crate) use measure::{
    charge_copies, charge_tree, held_as_json, held_beside, held_bytes, measure, measure_bytes,
};
pub(crate) use nearest::nearest;
pub use node::{Entry, Kind, Mapping, Node};
pub(crate) use number::{format_g, format_json};
pub use pos::Pos;
pub(crate) use printer::Documents;
pub use printer::print;
pub(crate) use printer::print_unbroken;
pub(crate) use quoting::{needs_quotes, printed_style, set_string, set_string_of_map};
pub use reader::{Limits, Merges, SyntaxError, decode, max_depth, read_document, read_stream};
pub(crate) use reader::{is_empty, read_documents};
pub use render_error::RenderError;
pub use scalar::{Rules, Value, resolve};
pub(crate) use scalar_type::{ScalarType, is_string, scalar_type, tag_of};
pub(crate) use source_edit::same;
pub use source_edit::{Keeping, Kept, Rewritten, Source, SourceError, Splice};
pub(crate) use source_style::{SourceStyle, SourceStyles};
pub use style::{Marks, Style, Tag};
pub(crate) use through_json::{as_printed, round_trip_key, round_trip_value, through_json};
pub(crate) use wrong_kind::wrong_kind;
