//! `HashTransformer`: hashes names at once instead of at the end of the build
//! (docs/spec/transformers.md, section 6).

use super::Transformer;
use crate::build_context::Context;
use crate::diagnostics::Result;
use crate::generate;
use crate::resource::ResourceSet;

/// Appends content hashes to names.
///
/// Odd: the end of the build appends them again (case plugins/hash-twice).
#[derive(Debug)]
pub(crate) struct Hash;

impl Transformer for Hash {
    fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()> {
        generate::append_hashes(resources, &cx.schema, None)
    }
}
