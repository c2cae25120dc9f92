//! A walk over the kustomizations below some roots, ahead of their builds.

use std::path::Path;
use std::sync::Arc;

use super::cache::Cache;
use super::layer::Layer;
use crate::load::{LoadRestriction, Loader};
use crate::resource::provenance::Origin;

/// The most kustomizations that are visited; components may be visited often.
const MAX_VISITS: usize = 100_000;

/// The kustomizations that are left to visit. Faulty ones are left out: the builds report them.
pub(super) struct LayerWalk<'a> {
    cache: &'a Cache,
    /// The next one is the last.
    waiting: Vec<Layer>,
    visits: usize,
}

impl<'a> LayerWalk<'a> {
    /// Starts with `roots`, in order.
    pub(super) fn new(
        cache: &'a Cache,
        roots: &[&Path],
        restriction: LoadRestriction,
    ) -> LayerWalk<'a> {
        let mut walk = LayerWalk { cache, waiting: Vec::new(), visits: 0 };
        for root in roots.iter().rev() {
            if let Ok(loader) = Loader::target(&cache.files, root, restriction) {
                walk.push(walk.read(Arc::new(loader)));
            }
        }
        walk
    }

    /// Returns those that are left to visit.
    pub(super) fn waiting(&self) -> &[Layer] {
        &self.waiting
    }

    /// Returns the next kustomization, or `None` at the end or after too many visits.
    pub(super) fn next(&mut self) -> Option<Layer> {
        let layer = self.waiting.pop()?;
        self.visits += 1;
        (!self.is_cut_off()).then_some(layer)
    }

    /// Returns `true` after too many visits.
    pub(super) fn is_cut_off(&self) -> bool {
        self.visits > MAX_VISITS
    }

    /// Returns the kustomization that an entry of another names, if it can be read.
    pub(super) fn enter(&self, layer: &Layer, entry: &str) -> Option<Layer> {
        self.read(layer.loader.enter(&self.cache.files, entry).ok()?)
    }

    /// Returns the kustomization in a directory, if it can be read.
    pub(super) fn read(&self, loader: Arc<Loader>) -> Option<Layer> {
        self.cache.layer(loader, Origin::default(), &mut Vec::new()).ok()
    }

    /// Lets a kustomization come next.
    pub(super) fn push(&mut self, layer: Option<Layer>) {
        self.waiting.extend(layer);
    }

    /// Lets the kustomizations below one come next, in order.
    pub(super) fn push_all(&mut self, below: Vec<Layer>) {
        self.waiting.extend(below.into_iter().rev());
    }
}
