//! What the library promises: templates as Go renders them, generators, limits.

mod built;
mod clusters;
mod fate;
mod flux;
mod generators;
mod ignored;
mod kept;
mod limits;
mod lint;
mod overrides;
mod owner;
mod plain;
mod render;
mod scopes;
mod source_files;
mod templates;
mod types;
