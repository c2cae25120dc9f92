//! Transformers: each one file, in the order of [`order::ORDER`].

mod affix;
mod annotations;
mod each;
mod entries;
mod hash;
mod image_fields;
mod image_names;
mod images;
mod labels;
mod namespace;
mod order;
mod patch_config;
mod patches;
mod replacements;
mod replicas;
mod value_add;

pub(crate) use order::{decode, from_config, is_builtin, merges_by_schema, of_layer};

use crate::context::Context;
use crate::error::Result;
use crate::fieldspec::TransformerConfig;
use crate::layer::Layer;
use crate::load::Files;
use crate::resource::ResourceSet;

/// A configured step that changes the resources of a layer.
pub(crate) trait Transformer {
    /// Runs the step.
    ///
    /// # Errors
    /// If the step cannot do its work on a resource.
    fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()>;

    /// Returns how many steps of upstream this one stands for; its transformer annotations name each.
    fn count(&self) -> usize {
        1
    }
}

/// A configured step and the kind it is known by.
pub(crate) struct Step {
    pub(crate) kind: &'static str,
    pub(crate) transformer: Box<dyn Transformer>,
}

/// What a step is configured from.
pub(crate) struct Configure<'a> {
    pub(crate) files: &'a Files,
    pub(crate) layer: &'a Layer,
    pub(crate) config: &'a TransformerConfig,
}
