//! Merging and ordering of lists of field specs.

use std::borrow::Cow;

use ecow::{EcoString, EcoVec, eco_format};
use rustc_hash::FxHashMap;

use super::{FieldSpec, NameReference, kind_rank};
use crate::error::{Error, ErrorKind, Result};
use crate::resource::Gvk;

/// Adds to `specs` those of `incoming` that it does not cover.
///
/// A spec is covered by the first one with the same path whose group, version and kind each equal
/// its own, or anything where its own is empty. So a general spec gives way to an existing special
/// one, and the other kinds lose it.
///
/// # Errors
/// If the covering spec differs in `create`.
pub(crate) fn merge_specs(specs: &mut EcoVec<FieldSpec>, incoming: &[FieldSpec]) -> Result<()> {
    if incoming.is_empty() {
        return Ok(());
    }
    let mut index = Index::default();
    specs.iter().enumerate().for_each(|(i, spec)| index.add(i, spec));
    for spec in incoming {
        let covering =
            index.candidates(spec).find_map(|i| specs.get(i).filter(|s| covers(s, spec)));
        match covering.map(|s| s.create) {
            Some(create) if create == spec.create => {}
            Some(_) => {
                let error = Error::new(ErrorKind::Kustomization, "conflicting fieldspecs");
                return Err(error.at(spec.pos));
            }
            None => {
                index.add(specs.len(), spec);
                specs.push(spec.clone());
            }
        }
    }
    Ok(())
}

/// Merges references to the same kind and appends the others.
///
/// # Errors
/// As [`merge_specs`].
pub(super) fn merge_references(
    references: &mut EcoVec<NameReference>,
    incoming: &[NameReference],
) -> Result<()> {
    let mut index: FxHashMap<Gvk, usize> =
        references.iter().enumerate().rev().map(|(i, r)| (r.gvk.clone(), i)).collect();
    for reference in incoming {
        match index.get(&reference.gvk).and_then(|&i| references.make_mut().get_mut(i)) {
            Some(existing) => merge_specs(&mut existing.fields, &reference.fields)?,
            None => {
                index.insert(reference.gvk.clone(), references.len());
                references.push(reference.clone());
            }
        }
    }
    Ok(())
}

/// Sorts by the rank of the kind, then by group, version and kind.
pub(super) fn sort_by_gvk<T: Clone>(list: &mut EcoVec<T>, gvk: fn(&T) -> &Gvk) {
    list.make_mut().sort_by_cached_key(|item| {
        let gvk = gvk(item);
        let or = |text: &EcoString, none: &str| {
            if text.is_empty() { EcoString::from(none) } else { text.clone() }
        };
        let text = eco_format!(
            "{}_{}_{}",
            or(&gvk.group, "~G"),
            or(&gvk.version, "~V"),
            or(&gvk.kind, "~K")
        );
        (kind_rank(&gvk.kind), text)
    });
}

fn covers(existing: &FieldSpec, spec: &FieldSpec) -> bool {
    existing.gvk.is_selected_by(&spec.gvk) && existing.path.text == spec.path.text
}

type Text = Cow<'static, str>;

/// Positions of specs by path, and by path and kind.
#[derive(Default)]
struct Index {
    by_path: FxHashMap<Text, Vec<usize>>,
    by_kind: FxHashMap<(Text, EcoString), Vec<usize>>,
}

impl Index {
    fn add(&mut self, i: usize, spec: &FieldSpec) {
        let path = &spec.path.text;
        self.by_path.entry(path.clone()).or_default().push(i);
        self.by_kind.entry((path.clone(), spec.gvk.kind.clone())).or_default().push(i);
    }

    /// Returns the positions of the specs that may cover one, in order.
    fn candidates<'a>(&'a self, spec: &FieldSpec) -> impl Iterator<Item = usize> + 'a {
        let path = spec.path.text.clone();
        let found = if spec.gvk.kind.is_empty() {
            self.by_path.get(&path)
        } else {
            self.by_kind.get(&(path, spec.gvk.kind.clone()))
        };
        found.into_iter().flatten().copied()
    }
}
