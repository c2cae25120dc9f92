//! Stand-in.
use crate::error::Result;
use crate::yaml::Node;
pub(crate) fn content_hash(_: &Node) -> Result<String> { Ok(String::new()) }
