//! Resources: one object, its id and history, and the ordered set of them (docs/spec/resources.md).

mod annotation_map;
pub(crate) mod annotations;
mod deep;
mod hints;
mod history;
mod id;
mod images;
mod near_path;
mod origin;
pub(crate) mod provenance;
#[allow(clippy::module_inception)]
mod resource;
mod set;
mod settled;
mod shared;
mod slots;
mod stable_lists;
pub(crate) mod stream;
mod texts;
mod tracking;

pub(crate) use hints::near_miss;
pub(crate) use history::{Behavior, History, PreviousId};
pub use id::Gvk;
pub(crate) use id::GvkRef;
pub(crate) use id::ResId;
pub(crate) use id::{DEFAULT_NAMESPACE, NO_NAMESPACE};
pub use images::Image;
pub(crate) use images::image_locations;
pub(crate) use near_path::near_path;
pub use resource::Resource;
pub(crate) use set::ResourceSet;
pub(crate) use settled::Settled;
pub(crate) use shared::unmark;
pub(crate) use slots::Label;
pub(crate) use stable_lists::StableLists;
pub(crate) use texts::IdPart;
