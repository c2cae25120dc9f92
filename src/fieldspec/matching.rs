//! Finds the specs that apply to a kind.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::table::{mark, marked};
use super::{FieldSpec, SpecList, SpecRef};
use crate::resource::GvkRef;

/// Something for each kind met so far.
pub(crate) struct ByKind<T> {
    met: FxHashMap<String, Rc<T>>,
    key: String,
}

/// The specs of a list, of which those of other kinds are not looked at.
pub(crate) struct SpecsByKind<'a> {
    specs: &'a SpecList,
    /// The [`mark`] of the kind of each spec, if they are no table.
    marks: Vec<u8>,
    /// What was found last.
    found: Vec<SpecRef<'a>>,
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
        make: impl FnOnce(GvkRef<'_>) -> T,
    ) -> Rc<T> {
        self.key.clear();
        self.key.push_str(api_version);
        self.key.push('\n');
        self.key.push_str(kind);
        if let Some(found) = self.met.get(&self.key) {
            return Rc::clone(found);
        }
        let made = Rc::new(make(GvkRef::parse(api_version, kind)));
        self.met.insert(self.key.clone(), Rc::clone(&made));
        made
    }
}

impl<'a> SpecsByKind<'a> {
    /// Gets ready to look into a list.
    pub(crate) fn new(specs: &'a SpecList) -> Self {
        let marks = match specs {
            SpecList::Builtin(_) => Vec::new(),
            SpecList::Own(specs) => specs.iter().map(|spec| mark(&spec.gvk.kind)).collect(),
        };
        SpecsByKind { specs, marks, found: Vec::new() }
    }

    /// Returns the specs that apply to a kind, in order.
    pub(crate) fn of(&mut self, gvk: GvkRef<'_>) -> &[SpecRef<'a>] {
        self.found.clear();
        match self.specs {
            SpecList::Builtin(table) => self.found.extend(table.of_kind(gvk)),
            SpecList::Own(specs) => {
                let spec = |i| specs.get(i).map(FieldSpec::borrowed);
                let applies = |spec: &SpecRef<'_>| gvk.is_selected_by(spec.gvk);
                self.found.extend(marked(&self.marks, gvk.kind).filter_map(spec).filter(applies));
            }
        }
        &self.found
    }
}
