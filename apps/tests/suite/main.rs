//! What the library promises: templates as Go renders them, generators, limits.

mod generators;
mod limits;
mod lint;
mod render;
mod templates;
