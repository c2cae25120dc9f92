//! The texts that ids consist of, in order, so that patterns with a literal start look only there.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::OnceLock;

use ecow::EcoString;

use super::id::{DEFAULT_NAMESPACE, NO_NAMESPACE};
use super::resource::Resource;
use super::slots::Slots;
use crate::work;

/// A part of ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdPart {
    Group,
    Version,
    Kind,
    Name,
    Namespace,
}

/// The slots of every text of each part; those of a part are made when they are first asked for.
///
/// On the heap, for sets of resources stand on the stack of each layer.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts(OnceLock<Box<[OnceLock<ByText>; 5]>>);

/// The slots of every text of one part, by text.
type ByText = BTreeMap<EcoString, Slots>;

const PARTS: [IdPart; 5] =
    [IdPart::Group, IdPart::Version, IdPart::Kind, IdPart::Name, IdPart::Namespace];

impl Texts {
    /// Returns the texts of a part that begin like this, with the slots of the resources, of those given,
    /// that have or had them.
    pub(super) fn starting<'a>(
        &'a self,
        part: IdPart,
        prefix: &'a str,
        resources: impl Iterator<Item = (usize, &'a Resource)>,
    ) -> impl Iterator<Item = (&'a str, &'a [u32])> {
        let parts = self.0.get_or_init(Box::default);
        let texts = parts[part as usize].get_or_init(|| {
            let mut texts = BTreeMap::new();
            for (slot, resource) in resources.inspect(|_| work::id()) {
                add(&mut texts, part, resource, slot as u32);
            }
            texts
        });
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let found =
            texts.range::<str, _>(from).take_while(move |(text, _)| text.starts_with(prefix));
        found.inspect(|_| work::id()).map(|(text, slots)| (text.as_str(), slots.as_slice()))
    }

    /// Takes note of the texts that a resource has got.
    pub(super) fn note(&mut self, resource: &Resource, slot: u32) {
        let known = self.0.get_mut().into_iter().flat_map(|parts| parts.iter_mut());
        for (part, texts) in PARTS.into_iter().zip(known) {
            if let Some(texts) = texts.get_mut() {
                add(texts, part, resource, slot);
            }
        }
    }
}

/// Adds all texts of a resource, present and former.
fn add(texts: &mut ByText, part: IdPart, resource: &Resource, slot: u32) {
    let mut add = |text: &str| match texts.get_mut(text) {
        Some(slots) => _ = slots.add(slot),
        None => _ = texts.insert(text.into(), Slots::One(slot)),
    };
    let former = resource.history.previous.iter();
    match part {
        IdPart::Group => add(resource.gvk_ref().group),
        IdPart::Version => add(resource.gvk_ref().version),
        IdPart::Kind => {
            former.for_each(|former| add(&former.kind));
            add(resource.kind());
        }
        IdPart::Name => {
            former.for_each(|former| add(&former.name));
            add(resource.name());
        }
        IdPart::Namespace => {
            // As written and as effective, whatever the scope.
            for namespace in
                former.map(|former| former.namespace.as_str()).chain([resource.namespace()])
            {
                add(if namespace.is_empty() { DEFAULT_NAMESPACE } else { namespace });
            }
            add(NO_NAMESPACE);
        }
    }
}
