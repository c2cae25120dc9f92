//! Writing of label and annotation entries.

use ecow::{EcoString, EcoVec};
use rustc_hash::FxHashMap;

use super::each::change_each;
use crate::context::Context;
use crate::error::Result;
use crate::fieldspec::{Create, FieldSpec, SpecsByKind, wrong_kind};
use crate::kustomization::StringMap;
use crate::resource::ResourceSet;
use crate::yaml::{Kind, Mapping, Node, Pos, Style, Tag};

/// The product of the numbers of entries up to which plain searching is fast enough.
const FEW: usize = 1024;

/// Entries to write into every mapping that the field specs name.
#[derive(Clone, Debug)]
pub(super) struct Entries {
    /// Keys and values, by key.
    pairs: Vec<(EcoString, EcoString)>,
    /// Where they were read.
    pos: Pos,
    /// The mappings.
    specs: EcoVec<FieldSpec>,
}

impl Entries {
    /// Configures the step.
    pub(super) fn new(pairs: &StringMap, pos: Pos, specs: EcoVec<FieldSpec>) -> Entries {
        let mut pairs: Vec<(EcoString, EcoString)> =
            pairs.iter().map(|(key, value)| (key.as_str().into(), value.as_str().into())).collect();
        pairs.sort_unstable();
        Entries { pairs, pos, specs }
    }

    /// Writes the entries into all resources.
    pub(super) fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()> {
        if self.pairs.is_empty() {
            return Ok(());
        }
        let mut specs = SpecsByKind::new(&self.specs);
        change_each(cx, resources, &self.specs, |resource| {
            for spec in specs.of(resource.api_version(), resource.kind()).iter() {
                spec.apply(resource, &cx.schema, Create::Map, &mut |leaf| self.write(leaf))?;
            }
            Ok(())
        })
    }

    fn write(&self, leaf: &mut Node) -> Result<()> {
        let map = match leaf {
            Node::Map { map, .. } => map,
            // Odd: a null that the spec does not create stays as it is.
            null if null.is_null() => return Ok(()),
            other => return Err(wrong_kind(other, Kind::Map)),
        };
        let index = (map.len().saturating_mul(self.pairs.len()) > FEW).then(|| index(map));
        for (key, value) in &self.pairs {
            let at = match &index {
                Some(index) => index.get(key).copied(),
                None => map.index_of(key),
            };
            match at.and_then(|i| map.entries_mut().get_mut(i)) {
                Some(entry) => {
                    let style = match entry.value {
                        Node::Scalar { style, .. } => style,
                        _ => Style::Plain,
                    };
                    entry.value = Node::scalar(value.clone(), style, Tag::Str, self.pos);
                }
                // Odd: the key is untagged, so that one such as `true` is no string and cannot be
                // printed.
                None => map.push(
                    Node::plain(key.clone()).at(self.pos),
                    Node::str(value.clone()).at(self.pos),
                ),
            }
        }
        Ok(())
    }
}

/// Returns the position of each key.
fn index(map: &Mapping) -> FxHashMap<EcoString, usize> {
    let keys = map.iter().enumerate().rev();
    keys.filter_map(|(i, entry)| Some((entry.key.text()?.into(), i))).collect()
}
