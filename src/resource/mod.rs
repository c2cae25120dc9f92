//! Resources: one object, its id and history, and the ordered set of them.

mod history;
mod id;
#[allow(clippy::module_inception)]
mod resource;
mod set;
mod shared;

pub(crate) use history::{Behavior, History, PreviousId};
pub use id::{Gvk, ResId};
pub(crate) use id::{DEFAULT_NAMESPACE, NO_NAMESPACE};
pub use resource::Resource;
pub(crate) use set::ResourceSet;
pub(crate) use shared::unmark;
