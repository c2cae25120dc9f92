//! Finds the specs that apply to a kind.

use super::table::{mark, marked};
use super::{FieldSpec, SpecList, SpecRef};
use crate::resource::GvkRef;
use crate::yaml::Node;

/// The specs of a list, of which those of other kinds are not looked at.
pub(crate) struct SpecsByKind<'a> {
    specs: &'a SpecList,
    /// The [`mark`] of the kind of each spec, if they are no table.
    marks: Vec<u8>,
    /// What was found last.
    found: Vec<SpecRef<'a>>,
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

    /// Returns the specs that apply to an object, in order; it may leave out those whose paths reach
    /// nothing there.
    pub(crate) fn in_object(&mut self, gvk: GvkRef<'_>, object: &Node) -> &[SpecRef<'a>] {
        let SpecList::Builtin(table) = self.specs else {
            return self.of(gvk);
        };
        let numbers = table.tree().find(gvk.kind, object, &mut |_| true);
        let rows = numbers.into_iter().filter_map(|i| table.rows().get(i).copied());
        self.found.clear();
        self.found.extend(rows.filter(|spec| gvk.is_selected_by(spec.gvk)));
        &self.found
    }
}
