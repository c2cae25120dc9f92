//! Transformers: each one file, in the order of [`ORDER`].

mod patch_config;
mod patches;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::fieldspec::TransformerConfig;
use crate::kustomization::Kustomization;
use crate::layer::Layer;
use crate::load::Files;
use crate::resource::ResourceSet;
use crate::yaml::{DecodeMode, Node, Pos, from_node};

/// A configured step that changes the resources of a layer.
pub(crate) trait Transformer {
    /// Runs the step.
    ///
    /// # Errors
    /// If the step cannot do its work on a resource.
    fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()>;

    /// Returns how many steps of upstream this one stands for; the transformer annotations count
    /// them.
    fn steps(&self) -> usize {
        1
    }
}

/// What a step is configured from.
pub(crate) struct Configure<'a> {
    pub(crate) files: &'a Files,
    pub(crate) layer: &'a Layer,
    pub(crate) config: &'a TransformerConfig,
    pub(crate) cx: &'a Context,
}

/// A configured step and the kind it is known by.
pub(crate) struct Step {
    pub(crate) kind: &'static str,
    pub(crate) transformer: Box<dyn Transformer>,
}
