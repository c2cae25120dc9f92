//! Transformers: each one file, in the order of `ORDER`.

mod affix;
mod annotations;
mod each;
mod entries;
mod image_fields;
mod image_names;
mod images;
mod labels;
mod namespace;
mod replicas;

pub(crate) use affix::{Affix, PrefixSuffixConfig};
pub(crate) use annotations::{Annotations, AnnotationsConfig};
pub(crate) use images::{ImageTagConfig, Images};
pub(crate) use labels::{LabelConfig, Labels};
pub(crate) use namespace::{Namespace, NamespaceConfig};
pub(crate) use replicas::{ReplicaCountConfig, Replicas};

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

    /// Returns how many steps of upstream this one stands for; its transformer annotations name each.
    fn count(&self) -> usize {
        1
    }
}
