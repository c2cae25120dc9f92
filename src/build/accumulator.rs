//! What one layer has gathered: resources, field configuration and vars.

use crate::diagnostics::Result;
use crate::fieldspec::{SpecList, TransformerConfig};
use crate::resource::ResourceSet;
use crate::schema::Schema;
use crate::vars::Vars;

/// The state that a kustomization and its components work on, and that a base hands up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accumulator {
    /// The resources, in order.
    pub(crate) resources: ResourceSet,
    /// Which fields the transformers and the reference fix-up know.
    pub(crate) config: TransformerConfig,
    /// Vars of this layer and everything below.
    pub(crate) vars: Vars,
    /// Fields of images that configs of `transformers` name, beside those of [`config`](Self::config).
    pub(crate) image_fields: SpecList,
}

impl Accumulator {
    /// Takes in everything that a base has gathered.
    ///
    /// # Errors
    /// If an id or a var is there already, or field specs conflict.
    pub(crate) fn merge(&mut self, base: Accumulator, schema: &Schema) -> Result<()> {
        self.resources.append_all(base.resources, schema)?;
        self.config.merge(&base.config)?;
        self.image_fields.extend(&base.image_fields);
        self.vars.merge(base.vars)
    }
}
