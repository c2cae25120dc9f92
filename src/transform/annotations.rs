//! `commonAnnotations` (docs/spec/transformers.md, section 3).

use serde::Deserialize;

use super::Transformer;
use super::each::specs_of;
use super::entries::Entries;
use crate::build_context::Context;
use crate::diagnostics::Result;
use crate::fieldspec::TransformerConfig;
use crate::kustomization::{FieldSpecArgs, Kustomization, StringMap};
use crate::resource::ResourceSet;
use crate::yaml::Pos;

/// Sets annotations.
#[derive(Clone, Debug)]
pub(crate) struct Annotations(Entries);

/// The config of an `AnnotationsTransformer`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct AnnotationsConfig {
    /// The annotations.
    pub(crate) annotations: StringMap,
    /// Where they go.
    pub(crate) field_specs: Vec<FieldSpecArgs>,
}

impl Annotations {
    /// Configures the step, if there is one.
    pub(crate) fn from_kustomization(
        kustomization: &Kustomization,
        config: &TransformerConfig,
    ) -> Option<Annotations> {
        let annotations = &kustomization.common_annotations;
        let specs = || config.common_annotations.clone();
        (!annotations.is_empty())
            .then(|| Annotations(Entries::new(annotations, Pos::NONE, specs())))
    }

    /// Configures the step of a plugin.
    pub(crate) fn from_config(config: &AnnotationsConfig) -> Annotations {
        Annotations(Entries::new(&config.annotations, Pos::NONE, specs_of(&config.field_specs)))
    }
}

impl Transformer for Annotations {
    fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()> {
        self.0.run(cx, resources)
    }
}
