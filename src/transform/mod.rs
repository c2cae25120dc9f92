//! Transformers: each one file, in the order of `ORDER`.

use crate::context::Context;
use crate::error::Result;
use crate::resource::ResourceSet;

/// A configured step that changes the resources of a layer.
pub(crate) trait Transformer {
    /// Runs the step.
    ///
    /// # Errors
    /// If the step cannot do its work on a resource.
    fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()>;
}
