//! Merging and ordering of lists of field specs.

use std::collections::hash_map::Entry;
use std::hash::{Hash, Hasher};

use ecow::EcoVec;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHasher};

use super::{FieldSpec, NameReference, kind_rank, kind_text};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::resource::Gvk;
use crate::work;

/// So many specs are compared with each other sooner than put into an index.
const FEW: usize = 32;
/// Up to this number of new ones, any number of old ones is.
const HARDLY_ANY: usize = 4;

/// Adds to `specs` those of `incoming` that it does not cover; returns `true` if there are any.
///
/// A spec is covered by the first one with the same path whose group, version and kind each equal
/// its own, or anything where its own is empty. So a general spec gives way to an existing special
/// one, and the other kinds lose it.
///
/// # Errors
/// If the covering spec differs in `create`.
pub(crate) fn merge_specs(specs: &mut EcoVec<FieldSpec>, incoming: &[FieldSpec]) -> Result<bool> {
    let before = specs.len();
    let are_few = incoming.len() <= HARDLY_ANY || before + incoming.len() <= FEW;
    let mut index = (!are_few).then(|| Index::of(specs, incoming.len()));
    for spec in incoming {
        let covering = match &index {
            None => specs.iter().find(|s| covers(s, spec)),
            Some(index) => {
                index.candidates(spec).find_map(|i| specs.get(i).filter(|s| covers(s, spec)))
            }
        };
        match covering.map(|s| s.create) {
            Some(create) if create == spec.create => {}
            Some(_) => {
                let error = Error::new(ErrorKind::Kustomization, "conflicting fieldspecs");
                return Err(error.at(spec.pos));
            }
            None => {
                specs.push(spec.clone());
                if let Some(index) = &mut index {
                    index.add(spec);
                }
            }
        }
    }
    Ok(specs.len() > before)
}

/// Merges references to the same kind and appends the others; returns `true` if anything is new.
///
/// # Errors
/// As [`merge_specs`].
pub(super) fn merge_references(
    references: &mut EcoVec<NameReference>,
    incoming: &[NameReference],
) -> Result<bool> {
    let are_few = incoming.len() <= HARDLY_ANY;
    let mut index: FxHashMap<Gvk, usize> = FxHashMap::default();
    if !are_few {
        index.extend(references.iter().enumerate().rev().map(|(i, r)| (r.gvk.clone(), i)));
    }
    let mut is_new = false;
    for reference in incoming {
        let known = match are_few {
            true => references.iter().position(|known| known.gvk == reference.gvk),
            false => index.get(&reference.gvk).copied(),
        };
        match known {
            // Shared with nobody, so nothing is copied.
            Some(i) if references.is_unique() => {
                is_new |= merge_specs(&mut references.make_mut()[i].fields, &reference.fields)?;
            }
            Some(i) => {
                // What is the same afterwards stays shared.
                let mut fields = references[i].fields.clone();
                if merge_specs(&mut fields, &reference.fields)? {
                    references.make_mut()[i].fields = fields;
                    is_new = true;
                }
            }
            None => {
                if !are_few {
                    index.insert(reference.gvk.clone(), references.len());
                }
                references.push(reference.clone());
                is_new = true;
            }
        }
    }
    Ok(is_new)
}

/// Sorts by the rank of the kind, then by group, version and kind; the first `sorted` are known to be in order.
pub(super) fn sort_by_gvk<T: Clone>(list: &mut EcoVec<T>, sorted: usize, gvk: fn(&T) -> &Gvk) {
    let in_order = |a: &T, b: &T| {
        work::id();
        let (a, b) = (gvk(a), gvk(b));
        let ranks = || kind_rank(&a.kind).cmp(&kind_rank(&b.kind));
        a == b || ranks().then_with(|| kind_text(a.borrowed()).cmp(kind_text(b.borrowed()))).is_le()
    };
    if sorted == list.len() {
        return;
    }
    if sorted > 0 && list.len() - sorted <= HARDLY_ANY {
        for new in sorted..list.len() {
            let item = list[new].clone();
            let place = list[..new].partition_point(|old| in_order(old, &item));
            list.make_mut()[place..=new].rotate_right(1);
        }
        return;
    }
    // They mostly are: then they stay shared.
    if !list.is_sorted_by(in_order) {
        list.make_mut().sort_by_cached_key(|item| {
            let gvk = gvk(item);
            (kind_rank(&gvk.kind), kind_text(gvk.borrowed()).collect::<Vec<u8>>())
        });
    }
}

fn covers(existing: &FieldSpec, spec: &FieldSpec) -> bool {
    work::id();
    existing.path.text == spec.path.text && existing.gvk.is_selected_by(&spec.gvk)
}

/// Where specs with the same path, and those with the same path and kind, stand in a list.
struct Index {
    /// The first and the last of each chain of both sorts, by the hash of what its specs have in
    /// common: should that be the same by chance, a chain is longer than it has to be.
    chains: [FxHashMap<u64, (usize, usize)>; 2],
    /// The next one in the chain of either sort, for each spec; 0, where no chain goes on, for none.
    next: Vec<[usize; 2]>,
}

impl Index {
    fn of(specs: &[FieldSpec], more: usize) -> Index {
        let room = specs.len() + more;
        let chains = || FxHashMap::with_capacity_and_hasher(room, FxBuildHasher);
        let mut index = Index { chains: [chains(), chains()], next: Vec::with_capacity(room) };
        specs.iter().for_each(|spec| index.add(spec));
        index
    }

    /// Adds the spec that comes next in the list.
    fn add(&mut self, spec: &FieldSpec) {
        let i = self.next.len();
        self.next.push([0, 0]);
        for (sort, hash) in hashes(spec).into_iter().enumerate() {
            match self.chains[sort].entry(hash) {
                Entry::Vacant(entry) => {
                    entry.insert((i, i));
                }
                Entry::Occupied(mut entry) => {
                    let (_, last) = entry.get_mut();
                    if let Some(next) = self.next.get_mut(*last) {
                        next[sort] = i;
                    }
                    *last = i;
                }
            }
        }
    }

    /// Returns the positions of the specs that may cover one, in order.
    fn candidates(&self, spec: &FieldSpec) -> impl Iterator<Item = usize> {
        let sort = usize::from(!spec.gvk.kind.is_empty());
        let first = self.chains[sort].get(&hashes(spec)[sort]).map(|(first, _)| *first);
        let next = move |i: &usize| self.next.get(*i).map(|next| next[sort]).filter(|i| *i > 0);
        std::iter::successors(first, next)
    }
}

/// Returns the hashes of the path, and of path and kind.
fn hashes(spec: &FieldSpec) -> [u64; 2] {
    let mut hasher = FxHasher::default();
    spec.path.text.hash(&mut hasher);
    let path = hasher.finish();
    spec.gvk.kind.hash(&mut hasher);
    [path, hasher.finish()]
}
