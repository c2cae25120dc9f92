//! Transformers: each one file, in the order of [`order::ORDER`] (docs/spec/transformers.md).

mod affix;
mod annotations;
mod each;
mod entries;
mod hash;
mod images;
mod known;
mod labels;
mod namespace;
mod order;
mod patch_config;
mod patches;
mod replacements;
mod replicas;
mod value_add;

pub(crate) use images::{ImageEntries, is_named};
pub(crate) use known::Known;
pub(crate) use order::{decode, decode_silently, from_config, is_builtin, kinds, of_layer};

use std::sync::Arc;

use crate::build_context::Context;
use crate::diagnostics::{Lint, Result};
use crate::fieldspec::{SpecList, TransformerConfig};
use crate::kustomization::{Kustomization, Place};
use crate::load::{Files, Loader};
use crate::outside::FunctionRunner;
use crate::resource::ResourceSet;
use crate::select::Patterns;

/// A configured step that changes the resources of a layer.
pub(crate) trait Transformer {
    /// Runs the step.
    ///
    /// # Errors
    /// If the step cannot do its work on a resource.
    fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()>;

    /// Returns `true` if the step will look up in the schema how to merge.
    fn merges(&self, _cx: &Context, _resources: &ResourceSet) -> bool {
        false
    }

    /// Returns `true` if the step may leave resources in the set of which nothing is left.
    fn may_leave_empty(&self) -> bool {
        true
    }

    /// Returns the fields, beside those of containers, in which the step looks for images.
    fn image_fields(&self) -> Option<&SpecList> {
        None
    }

    /// Returns how many steps of upstream this one stands for; its transformer annotations name each.
    fn count(&self) -> usize {
        1
    }
}

/// A configured step and the kind it is known by.
pub(crate) struct Step {
    pub(crate) kind: &'static str,
    /// What asked for it.
    pub(crate) place: Place,
    pub(crate) transformer: Box<dyn Transformer>,
}

/// What a step is configured from.
pub(crate) struct Configure<'a> {
    pub(crate) files: &'a Files,
    /// The directory of the kustomization, and what it may read.
    pub(crate) loader: &'a Loader,
    pub(crate) kustomization: &'a Kustomization,
    pub(crate) config: &'a TransformerConfig,
    /// What the entries of the layer have read so far.
    pub(crate) known: &'a Known,
    /// The patterns of the build.
    pub(crate) patterns: &'a Patterns,
    /// Where warnings go, if they are wanted.
    pub(crate) lint: Option<&'a Lint>,
    /// What runs functions, if any may run.
    pub(crate) functions: Option<&'a Arc<dyn FunctionRunner>>,
}
