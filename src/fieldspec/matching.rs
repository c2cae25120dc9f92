//! Finds the specs that apply to a kind, once per kind.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::FieldSpec;
use crate::resource::Gvk;

/// Specs, and which of them apply to the kinds met so far.
pub(crate) struct SpecsByKind<'a> {
    specs: &'a [FieldSpec],
    met: FxHashMap<String, Rc<[&'a FieldSpec]>>,
    key: String,
}

impl<'a> SpecsByKind<'a> {
    /// Starts with no kind met.
    pub(crate) fn new(specs: &'a [FieldSpec]) -> Self {
        SpecsByKind { specs, met: FxHashMap::default(), key: String::new() }
    }

    /// Returns the specs that apply to an `apiVersion` and a `kind`, in order.
    pub(crate) fn of(&mut self, api_version: &str, kind: &str) -> Rc<[&'a FieldSpec]> {
        self.key.clear();
        self.key.push_str(api_version);
        self.key.push('\n');
        self.key.push_str(kind);
        if let Some(specs) = self.met.get(&self.key) {
            return Rc::clone(specs);
        }
        let gvk = Gvk::parse(api_version, kind);
        let specs: Rc<[_]> = self.specs.iter().filter(|s| gvk.is_selected_by(&s.gvk)).collect();
        self.met.insert(self.key.clone(), Rc::clone(&specs));
        specs
    }
}
