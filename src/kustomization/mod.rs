//! The kustomization file, typed (spec page kustomization-file).

pub(crate) mod types;

pub(crate) use types::*;
