//! The finished objects of a build, and lists of those that several checks ask for.

use std::ops::Deref;

use crate::checks::outline::Outline;
use crate::checks::pod_templates::template_of;
use crate::resource::{Resource, ResourceSet};
use crate::yaml::Node;

/// The objects of a build.
pub(super) struct Finished<'a> {
    set: &'a ResourceSet,
    /// What makes Pods, or is one, in order.
    pub(super) workloads: Vec<Workload<'a>>,
    /// What is of a group with a dot, as all custom resources are, in order.
    pub(super) of_groups: Vec<&'a Resource>,
}

/// An object that makes Pods, or is one.
#[derive(Clone, Copy)]
pub(super) struct Workload<'a> {
    pub(super) by: &'a Resource,
    /// The Pod, or the template of those that it makes.
    pub(super) template: &'a Node,
    /// The `spec` of the Pod.
    pub(super) spec: Option<&'a Node>,
    /// What is in the `spec`.
    pub(super) has: Outline,
}

impl<'a> Finished<'a> {
    pub(super) fn new(set: &'a ResourceSet) -> Finished<'a> {
        Finished { set, workloads: Vec::new(), of_groups: Vec::new() }
    }

    /// Returns the set itself.
    pub(super) fn set(&self) -> &'a ResourceSet {
        self.set
    }
}

impl Deref for Finished<'_> {
    type Target = ResourceSet;

    fn deref(&self) -> &ResourceSet {
        self.set
    }
}

impl<'a> Workload<'a> {
    /// Returns an object of a kind as one that makes Pods, if it does.
    pub(super) fn of(by: &'a Resource, kind: &str) -> Option<Workload<'a>> {
        let template = template_of(by, kind)?;
        let spec = template.get("spec");
        Some(Workload {
            by,
            template,
            spec,
            has: spec.and_then(Node::as_map).map(Outline::of).unwrap_or_default(),
        })
    }
}
