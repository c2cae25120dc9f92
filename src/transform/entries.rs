//! Writing of label and annotation entries.

use ecow::EcoString;
use rustc_hash::FxHashMap;

use super::each::change_each;
use crate::build_context::Context;
use crate::diagnostics::Result;
use crate::fieldspec::{Create, SpecList, SpecRef, wrong_kind};
use crate::kustomization::StringMap;
use crate::limits::{Account, Limit, VALUE};
use crate::resource::{Resource, ResourceSet};
use crate::yaml::{self, Kind, Mapping, Marks, Node, Pos, Style, Tag};

/// Up to this number of entries to write, plain searching is faster than an index of all that are there.
const FEW: usize = 8;
/// Up to this product of the numbers of entries, too.
const SMALL: usize = 1024;

/// Searching maps of so many entries is not worth counting.
const LONG: usize = 64;

/// Entries to write into every mapping that the field specs name.
#[derive(Clone, Debug)]
pub(super) struct Entries {
    /// Keys and values, by key.
    pairs: Vec<Pair>,
    /// Where they were read.
    pos: Pos,
    /// The mappings.
    specs: SpecList,
}

#[derive(Clone, Debug)]
struct Pair {
    key: EcoString,
    value: EcoString,
    /// The value where there was none before.
    new: Node,
}

impl Entries {
    /// Configures the step.
    pub(super) fn new(pairs: &StringMap, pos: Pos, specs: impl Into<SpecList>) -> Entries {
        let pair = |(key, value): (&String, &String)| {
            let value = EcoString::from(value);
            Pair { key: key.into(), new: yaml::set_string(value.clone()), value }
        };
        let mut pairs: Vec<Pair> = pairs.iter().map(pair).collect();
        pairs.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        Entries { pairs, pos, specs: specs.into() }
    }

    /// Returns `true` if there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Returns the keys and values.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|pair| (pair.key.as_str(), pair.value.as_str()))
    }

    /// Returns where they were read.
    pub(super) fn pos(&self) -> Pos {
        self.pos
    }

    /// Writes the entries into all resources.
    pub(super) fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()> {
        if self.pairs.is_empty() {
            return Ok(());
        }
        change_each(cx, resources, &self.specs, |resource, specs| self.change(cx, resource, specs))
    }

    fn change(&self, cx: &Context, resource: &mut Resource, specs: &[SpecRef<'_>]) -> Result<()> {
        let mut writer = Writer {
            entries: self,
            // Nothing of `metadata` is in several places.
            first_number: match specs {
                [only] if only.path.text.starts_with("metadata/") => None,
                _ => Some(resource.history.shared.len()),
            },
            created: Vec::new(),
            wrote_shared: false,
            account: &cx.account,
            pos: if self.pos.is_some() { self.pos } else { cx.step },
        };
        for spec in specs {
            spec.apply(resource, cx, Create::Map, &mut |leaf| writer.write(leaf))?;
        }
        let Writer { created, wrote_shared, .. } = writer;
        if !created.is_empty() {
            cx.account.charge_created(VALUE.saturating_mul(created.len() as u64))?;
            let shared = self.pairs.iter().zip(&created);
            let shared =
                shared.map(|(pair, times)| (*times > 1).then(|| pair.new.clone().written()));
            resource.history.shared.extend(shared);
        }
        if wrote_shared {
            resource.write_through();
        }
        Ok(())
    }
}

/// Writes entries into the mappings of one resource.
struct Writer<'a> {
    entries: &'a Entries,
    /// What the first entry is numbered as a shared scalar, if it may be one.
    first_number: Option<usize>,
    /// How often each entry was created under its number; empty for none at all.
    created: Vec<usize>,
    /// Whether a scalar was written that is shared already.
    wrote_shared: bool,
    account: &'a Account,
    /// The place of what is written.
    pos: Pos,
}

impl Writer<'_> {
    fn write(&mut self, leaf: &mut Node) -> Result<()> {
        let map = match leaf {
            Node::Map { map, .. } => map,
            // Odd: a null that the spec does not create stays as it is
            // (case transform/labels-null-where-nothing-is-created).
            null if null.is_null() => return Ok(()),
            other => return Err(wrong_kind(other, Kind::Map)),
        };
        let Entries { pairs, .. } = self.entries;
        // Odd: an empty key means the mapping itself (case transform/label-without-key).
        if pairs.first().is_some_and(|pair| pair.key.is_empty()) {
            return Err(wrong_kind(leaf, Kind::Scalar));
        }
        // Keys are written once each, so what is added is not found again.
        let had = map.len();
        let is_small = pairs.len() <= FEW || had.saturating_mul(pairs.len()) <= SMALL;
        self.account.charge_entries(pairs.len())?;
        let index = (!is_small).then(|| index(map));
        if index.is_none() && had > LONG {
            let compared = had.saturating_mul(pairs.len()) / 2;
            self.account.charge(Limit::Comparisons, compared as u64)?;
        }
        for (i, Pair { key, value, new }) in pairs.iter().enumerate() {
            let at = match &index {
                Some(index) => index.get(key).copied(),
                None => map.index_of_first(had, key),
            };
            match at.and_then(|i| map.entries_mut().get_mut(i)) {
                Some(entry) => {
                    let old = entry.value.pos();
                    let shared = old.shared_number().is_some();
                    self.wrote_shared |= shared;
                    let (style, tag, marks) = match entry.value {
                        // In quotes it is a string without a tag too, unless it had one.
                        Node::Scalar { style, tag, marks, .. }
                            if style != Style::Plain && tag.is_implicit() =>
                        {
                            (style, Tag::None, marks)
                        }
                        Node::Scalar { style, marks, .. } => (style, Tag::Str, marks),
                        _ => (Style::Plain, Tag::Str, Marks::NONE),
                    };
                    let pos = if shared { old } else { self.pos };
                    let (text, marks) = (value.clone(), marks.and(Marks::WRITTEN));
                    entry.value = Node::Scalar { style, tag, marks, pos, text };
                }
                None => {
                    let pos = self.create(i);
                    // Odd: the key is untagged, so that one such as `true` is no string and cannot be
                    // printed (case transform/labels-key-read-as-boolean).
                    let key = Node::plain(key.clone()).at(self.pos);
                    map.push(key, new.clone().at(pos).written());
                }
            }
        }
        self.account.give_back_entries(pairs.len().saturating_sub(map.len().saturating_sub(had)));
        Ok(())
    }

    /// Counts the creation of entry `i` and returns its position or mark.
    fn create(&mut self, i: usize) -> Pos {
        let Some(first) = self.first_number else {
            return self.pos;
        };
        self.created.resize(self.entries.pairs.len(), 0);
        if let Some(times) = self.created.get_mut(i) {
            *times += 1;
        }
        Pos::shared(first + i)
    }
}

/// Returns the position of each key.
fn index(map: &Mapping) -> FxHashMap<EcoString, usize> {
    let keys = map.iter().enumerate().rev();
    keys.filter_map(|(i, entry)| Some((entry.key.text()?.into(), i))).collect()
}
