//! Finds the specs that apply to a kind, once per kind.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{FieldSpec, SpecList};
use crate::resource::Gvk;

/// Something for each kind met so far.
pub(crate) struct ByKind<T> {
    met: FxHashMap<String, Rc<T>>,
    key: String,
}

/// Specs, and which of them apply to the kinds met so far.
pub(crate) struct SpecsByKind<'a> {
    specs: &'a SpecList,
    met: ByKind<SpecsOfKind>,
}

/// The specs that apply to a kind, in order.
pub(crate) struct SpecsOfKind {
    /// The specs.
    pub(crate) specs: Vec<FieldSpec>,
    /// Whether one of them may change the id of an object.
    pub(crate) may_change_id: bool,
}

impl<T> ByKind<T> {
    /// Starts with no kind met.
    pub(crate) fn new() -> Self {
        ByKind { met: FxHashMap::default(), key: String::with_capacity(64) }
    }

    /// Returns what there is for an `apiVersion` and a `kind`, made when they are met first.
    pub(crate) fn of(
        &mut self,
        api_version: &str,
        kind: &str,
        make: impl FnOnce(&Gvk) -> T,
    ) -> Rc<T> {
        self.key.clear();
        self.key.push_str(api_version);
        self.key.push('\n');
        self.key.push_str(kind);
        if let Some(found) = self.met.get(&self.key) {
            return Rc::clone(found);
        }
        let made = Rc::new(make(&Gvk::parse(api_version, kind)));
        self.met.insert(self.key.clone(), Rc::clone(&made));
        made
    }
}

impl<'a> SpecsByKind<'a> {
    /// Starts with no kind met.
    pub(crate) fn new(specs: &'a SpecList) -> Self {
        SpecsByKind { specs, met: ByKind::new() }
    }

    /// Returns the specs that apply to an `apiVersion` and a `kind`.
    pub(crate) fn of(&mut self, api_version: &str, kind: &str) -> Rc<SpecsOfKind> {
        self.met.of(api_version, kind, |gvk| {
            let specs = self.specs.of_kind(gvk);
            let may_change_id = specs.iter().any(|spec| spec.path.may_change_id());
            SpecsOfKind { specs, may_change_id }
        })
    }
}
