//! The order of the output (spec page output).

use std::cmp::Reverse;

use ecow::{EcoString, eco_format};
use rustc_hash::FxHashMap;

use crate::error::{Error, ErrorKind, Result};
use crate::fieldspec::kind_order::{ORDER_FIRST, ORDER_LAST};
use crate::kustomization::SortOptions;
use crate::resource::{Gvk, Resource};

/// What the caller of the build says about the order; deprecated in favour of `sortOptions`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reorder {
    /// Nothing: `sortOptions` decides, and legacy order is used without them.
    #[default]
    Unspecified,
    /// Legacy order.
    Legacy,
    /// The order in which resources were added.
    None,
}

/// The order of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The order in which resources were added.
    Fifo,
    /// By kind, then by group, version, namespace and name.
    Legacy {
        /// Kinds to put first, in order.
        first: Vec<EcoString>,
        /// Kinds to put last, in order.
        last: Vec<EcoString>,
    },
}

/// What a resource is sorted by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    rank: i64,
    gvk: GvkKey,
    gvk_fields: Gvk,
    name: EcoString,
}

/// The text that orders kinds of the same rank.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum GvkKey {
    /// Odd: namespaces of the core group are compared the wrong way round, so that they come first
    /// and `v2` comes before `v1`.
    CoreNamespace(Reverse<EcoString>),
    Other(EcoString),
}

impl Order {
    /// Decides on the order; also returns a line to log if file and caller both have a say.
    ///
    /// # Errors
    /// If the options make no sense.
    pub(crate) fn decide(
        options: Option<&SortOptions>,
        reorder: Reorder,
    ) -> Result<(Order, Option<&'static str>)> {
        let Some(options) = options else {
            let order = match reorder {
                Reorder::None => Order::Fifo,
                Reorder::Legacy | Reorder::Unspecified => Order::legacy(),
            };
            return Ok((order, None));
        };
        let own = |kinds: &[String]| kinds.iter().map(EcoString::from).collect();
        let order = match (options.order.as_str(), &options.legacy_sort_options) {
            ("fifo", None) => Order::Fifo,
            ("fifo", Some(_)) => {
                return Err(wrong(
                    "the field 'sortOptions.legacySortOptions' is set but the selected sort \
                     order is 'fifo', not 'legacy'",
                ));
            }
            ("legacy", None) => Order::legacy(),
            ("legacy", Some(lists)) => Order::Legacy {
                first: own(&lists.order_first),
                last: own(&lists.order_last),
            },
            _ => {
                return Err(wrong(
                    "the field 'sortOptions.order' must be one of [fifo, legacy]",
                ));
            }
        };
        let both = "Warning: Sorting order is set both in 'kustomization.yaml' ('sortOptions') \
                    and in a CLI flag ('--reorder'). Using the kustomization file over the CLI flag.";
        Ok((order, (reorder != Reorder::Unspecified).then_some(both)))
    }

    /// Returns legacy order with the usual lists.
    pub(crate) fn legacy() -> Order {
        let own = |kinds: &[&str]| kinds.iter().copied().map(EcoString::from).collect();
        Order::Legacy {
            first: own(ORDER_FIRST),
            last: own(ORDER_LAST),
        }
    }

    /// Sorts resources.
    pub(crate) fn sort(&self, resources: &mut [Resource]) {
        let Order::Legacy { first, last } = self else {
            return;
        };
        let from_end = |(i, kind): (usize, _)| (kind, i as i64 - first.len() as i64);
        let mut ranks: FxHashMap<&EcoString, i64> =
            first.iter().enumerate().map(from_end).collect();
        ranks.extend(
            last.iter()
                .enumerate()
                .map(|(i, kind)| (kind, 1 + i as i64)),
        );
        resources.sort_by_cached_key(|resource| key(resource, &ranks));
    }
}

fn key(resource: &Resource, ranks: &FxHashMap<&EcoString, i64>) -> Key {
    let gvk = resource.gvk();
    let rank = ranks.get(&gvk.kind).copied().unwrap_or_default();
    let (group, version) = (or(&gvk.group, "~G"), or(&gvk.version, "~V"));
    let text = eco_format!("{group}_{version}_{}", or(&gvk.kind, "~K"));
    // Without a rank of their own, namespaces stand among other kinds, where going the wrong way
    // round would be no order at all.
    let gvk_key = if rank != 0 && gvk.group.is_empty() && gvk.kind == "Namespace" {
        GvkKey::CoreNamespace(Reverse(text))
    } else {
        GvkKey::Other(text)
    };
    let (namespace, name) = (or(resource.namespace(), "~X"), or(resource.name(), "~N"));
    Key {
        rank,
        gvk: gvk_key,
        gvk_fields: gvk,
        name: eco_format!("{namespace}|{name}"),
    }
}

fn or<'a>(text: &'a str, stand_in: &'a str) -> &'a str {
    if text.is_empty() { stand_in } else { text }
}

fn wrong(message: &str) -> Error {
    Error::new(ErrorKind::Kustomization, message).in_field("sortOptions")
}
