//! Lists of field specs and of name references: tables of the defaults, or others.

use std::borrow::Cow;
use std::ops::Deref;
use std::{iter, mem, ptr};

use ecow::EcoVec;

use super::merge::{merge_references, merge_specs, sort_by_gvk};
use super::table::{ReferenceTable, Table};
use super::{FieldSpec, SpecRef, SpecTree};
use crate::diagnostics::Result;
use crate::resource::{Gvk, GvkRef};

/// A list of field specs.
pub(crate) type SpecList = List<FieldSpec, Table>;

/// A list of name references.
pub(crate) type ReferenceList = List<NameReference, ReferenceTable>;

/// A list: a table of the defaults, untouched, or one of its own.
#[derive(Clone, Debug)]
pub(crate) enum List<T, B: 'static> {
    /// A table.
    Builtin(&'static B),
    /// Any other list.
    Own(Own<T, B>),
}

/// A list that is no table, with what is known of merging it: on the way up, each layer merges it into
/// nothing, and then the table into it, over and over.
#[derive(Clone, Debug)]
pub(crate) struct Own<T, B: 'static> {
    items: EcoVec<T>,
    /// Whether it is known to be sorted.
    is_sorted: bool,
    /// Whether it is what comes of merging it into nothing.
    is_closed: bool,
    /// A table of which nothing is left to be merged into it.
    table: Option<&'static B>,
}

/// A kind of object, and the fields in which others name one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NameReference {
    /// The kind referred to; empty parts mean "any".
    pub(crate) gvk: Gvk,
    /// The fields that do, in the order in which they are followed.
    pub(crate) fields: EcoVec<FieldSpec>,
}

impl<T: Clone, B: Clone> Own<T, B> {
    /// Merges another list if that takes no work; returns `true` if it did.
    fn merge_at_once(&mut self, other: &Self) -> bool {
        if self.items.is_empty() && other.is_closed {
            *self = other.clone();
            return true;
        }
        let is_itself = ptr::eq(self.items.as_slice(), other.items.as_slice());
        other.items.is_empty() || (self.is_closed && is_itself)
    }

    /// Returns `true` if merging a table changes nothing.
    fn holds(&self, table: &'static B) -> bool {
        self.table.is_some_and(|known| ptr::eq(known, table))
    }
}

impl<T, B> From<EcoVec<T>> for Own<T, B> {
    fn from(items: EcoVec<T>) -> Self {
        Own { items, is_sorted: false, is_closed: false, table: None }
    }
}

impl<T, B> Deref for Own<T, B> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T: Clone + PartialEq, B: Clone> List<T, B> {
    /// Merges another list if that takes no work; returns `true` if it did: a table merged into nothing
    /// or into itself is the table.
    fn merge_at_once(&mut self, other: &Self) -> bool {
        match (&mut *self, other) {
            (List::Own(old), List::Own(new)) => old.merge_at_once(new),
            (List::Own(old), List::Builtin(table)) if old.is_empty() => {
                *self = List::Builtin(table);
                true
            }
            (List::Own(old), List::Builtin(table)) => old.holds(table),
            (List::Builtin(_), List::Own(new)) => new.is_empty(),
            (List::Builtin(old), List::Builtin(new)) => ptr::eq(*old, *new),
        }
    }

    /// Merges another list and sorts: `rows` are the items of a list, and `add` adds some to others and tells
    /// whether any is new.
    fn merge_and_sort(
        &mut self,
        other: &Self,
        rows: fn(&Self) -> EcoVec<T>,
        add: fn(&mut EcoVec<T>, &[T]) -> Result<bool>,
        gvk: fn(&T) -> &Gvk,
    ) -> Result<()> {
        if self.merge_at_once(other) {
            return Ok(());
        }
        // What nobody else has is changed where it is.
        let (mut items, is_sorted, is_closed) = match mem::take(self) {
            List::Own(Own { items, is_sorted, is_closed, .. }) => (items, is_sorted, is_closed),
            table @ List::Builtin(_) => (rows(&table), true, false),
        };
        let before = items.len();
        let is_new = add(&mut items, &rows(other))?;
        sort_by_gvk(&mut items, if is_sorted { before } else { 0 }, gvk);
        *self = List::Own(match other {
            List::Own(new) if before == 0 && items == new.items => {
                Own { is_sorted: true, is_closed: true, ..new.clone() }
            }
            List::Builtin(table) if is_sorted && !is_new => {
                Own { items, is_sorted, is_closed, table: Some(table) }
            }
            _ => Own { is_sorted: true, ..items.into() },
        });
        Ok(())
    }
}

impl<T, B> From<EcoVec<T>> for List<T, B> {
    fn from(items: EcoVec<T>) -> Self {
        List::Own(items.into())
    }
}

impl<T, B> Default for List<T, B> {
    fn default() -> Self {
        EcoVec::new().into()
    }
}

impl SpecList {
    /// Returns a list in the order of all lists.
    pub(super) fn sorted(mut specs: EcoVec<FieldSpec>) -> SpecList {
        sort_by_gvk(&mut specs, 0, |spec| &spec.gvk);
        specs.into()
    }

    /// Returns `true` if this is a table of the defaults, untouched.
    pub(crate) fn is_table(&self) -> bool {
        matches!(self, SpecList::Builtin(_))
    }

    /// Returns the specs; a table is turned into them on each call.
    pub(crate) fn specs(&self) -> EcoVec<FieldSpec> {
        match self {
            SpecList::Builtin(table) => table.rows().iter().map(FieldSpec::from).collect(),
            SpecList::Own(specs) => specs.items.clone(),
        }
    }

    /// Adds the specs of another list that this one does not cover, and leaves the order as it is.
    ///
    /// # Errors
    /// If specs of the same field differ in `create`.
    pub(crate) fn add(&mut self, other: &SpecList) -> Result<()> {
        if !self.merge_at_once(other) {
            *self = self.with(other)?.into();
        }
        Ok(())
    }

    /// Adds the specs of another list that this one does not have, whatever they create.
    pub(crate) fn extend(&mut self, other: &SpecList) {
        if self.merge_at_once(other) {
            return;
        }
        let mut specs = self.specs();
        for spec in other.specs() {
            if !specs.iter().any(|known| known.gvk == spec.gvk && known.path == spec.path) {
                specs.push(spec);
            }
        }
        *self = specs.into();
    }

    /// Merges another list into this one, and sorts it.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub(super) fn merge(&mut self, other: &SpecList) -> Result<()> {
        self.merge_and_sort(other, SpecList::specs, merge_specs, |spec| &spec.gvk)
    }

    fn with(&self, other: &SpecList) -> Result<EcoVec<FieldSpec>> {
        let mut specs = self.specs();
        merge_specs(&mut specs, &other.specs())?;
        Ok(specs)
    }
}

impl ReferenceList {
    /// Returns a list in the order of all lists.
    pub(super) fn sorted(mut references: EcoVec<NameReference>) -> ReferenceList {
        sort_by_gvk(&mut references, 0, |reference| &reference.gvk);
        references.into()
    }

    /// Returns the fields that hold names, in the order in which they are followed.
    pub(crate) fn fields(&self) -> Cow<'_, [SpecRef<'_>]> {
        match self {
            ReferenceList::Builtin(table) => Cow::Borrowed(table.fields()),
            ReferenceList::Own(references) => {
                let fields = references.iter().flat_map(|reference| &reference.fields);
                fields.map(FieldSpec::borrowed).collect()
            }
        }
    }

    /// Returns the kinds that the fields name.
    pub(crate) fn targets(&self) -> Cow<'_, [GvkRef<'_>]> {
        match self {
            ReferenceList::Builtin(table) => Cow::Borrowed(table.targets()),
            ReferenceList::Own(references) => {
                let targets = references.iter().flat_map(|NameReference { gvk, fields }| {
                    iter::repeat_n(gvk.borrowed(), fields.len())
                });
                targets.collect()
            }
        }
    }

    /// Returns the [`fields`](Self::fields) put together.
    pub(crate) fn tree<'a>(&'a self, fields: &[SpecRef<'a>]) -> SpecTree<'a> {
        match self {
            ReferenceList::Builtin(table) => table.tree().clone(),
            ReferenceList::Own(_) => SpecTree::new(fields),
        }
    }

    /// Returns the references; a table is turned into them on each call.
    pub(crate) fn references(&self) -> EcoVec<NameReference> {
        match self {
            ReferenceList::Builtin(table) => {
                let rows: Vec<_> = iter::zip(table.targets(), table.fields()).collect();
                let same = rows.chunk_by(|(a, _), (b, _)| a == b);
                same.filter_map(NameReference::of_rows).collect()
            }
            ReferenceList::Own(references) => references.items.clone(),
        }
    }

    /// Merges another list into this one, and sorts it.
    ///
    /// # Errors
    /// If fields of the same path differ in `create`.
    pub(super) fn merge(&mut self, other: &ReferenceList) -> Result<()> {
        self.merge_and_sort(other, ReferenceList::references, merge_references, |reference| {
            &reference.gvk
        })
    }
}

impl NameReference {
    /// Returns rows of a table that refer to the same kind as one reference.
    fn of_rows(rows: &[(&GvkRef<'static>, &SpecRef<'static>)]) -> Option<NameReference> {
        let fields = rows.iter().map(|&(_, field)| FieldSpec::from(field)).collect();
        rows.first().map(|&(&target, _)| NameReference { gvk: target.into(), fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fieldspec::TransformerConfig;
    use crate::test_support::json;

    /// Merges as a layer does: a base into nothing, then the table into that.
    fn layer(base: &SpecList, table: &SpecList) -> SpecList {
        let mut list = SpecList::default();
        list.merge(base).unwrap();
        list.merge(table).unwrap();
        list
    }

    #[test]
    fn what_is_known_of_a_list_changes_no_merge() {
        let table = TransformerConfig::builtin().common_labels;
        for file in [
            r#"{"commonLabels":[{"path":"spec/new","kind":"Foo","create":true}]}"#,
            // The second one gives way to the first if they are merged in this order.
            r#"{"commonLabels":[{"path":"a","kind":"Zoo"},{"path":"a"},{"path":"a","kind":"Bar"}]}"#,
            r#"{"commonLabels":[{"path":"metadata/labels","kind":"Bar","create":true}]}"#,
        ] {
            let file = TransformerConfig::from_file(&json(file)).unwrap().common_labels;
            let mut own = table.clone();
            own.merge(&file).unwrap();
            for base in [&own, &file] {
                let mut known = base.clone();
                for _ in 0..3 {
                    let forgotten = SpecList::from(known.specs());
                    known = layer(&known, &table);
                    assert_eq!(known.specs(), layer(&forgotten, &table).specs());
                }
                let SpecList::Own(list) = &known else { panic!("a table") };
                assert!(list.is_closed && list.table.is_some());
            }
        }
    }
}
