//! The order of the output (docs/spec/output.md).

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use rustc_hash::FxHashMap;

use crate::diagnostics::hints::SORT_OPTIONS;
use crate::diagnostics::{Error, ErrorKind, Result, parse_name};
use crate::fieldspec::{ORDER_FIRST, ORDER_LAST, kind_text};
use crate::kustomization::SortOptions;
use crate::resource::{GvkRef, Resource};

/// What the caller of the build says about the order; deprecated in favour of `sortOptions`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reorder {
    /// Nothing: `sortOptions` decides, and legacy order is used without them.
    #[default]
    Unspecified,
    /// Legacy order.
    Legacy,
    /// The order in which resources were added.
    None,
}

/// Writes `unspecified`, or the value of upstream's flag: `legacy` or `none`.
impl fmt::Display for Reorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Reorder::Unspecified => "unspecified",
            Reorder::Legacy => "legacy",
            Reorder::None => "none",
        })
    }
}

/// Reads what `Display` writes.
impl FromStr for Reorder {
    type Err = Error;

    fn from_str(text: &str) -> Result<Reorder> {
        parse_name("order", &[Reorder::Unspecified, Reorder::Legacy, Reorder::None], text)
    }
}

/// The order of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order<'a> {
    /// The order in which resources were added.
    Fifo,
    /// By kind, then by group, version, namespace and name.
    Legacy {
        /// Kinds to put first, in order.
        first: Vec<&'a str>,
        /// Kinds to put last, in order.
        last: Vec<&'a str>,
    },
}

/// What kinds are sorted by.
#[derive(PartialEq, Eq)]
struct KindKey<'a> {
    rank: i64,
    gvk: GvkRef<'a>,
}

impl Ord for KindKey<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let texts = || {
            let order = kind_text(self.gvk).cmp(kind_text(other.gvk));
            match (self.is_core_namespace(), other.is_core_namespace()) {
                (true, true) => order.reverse(),
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) => order,
            }
        };
        self.rank.cmp(&other.rank).then_with(texts).then_with(|| self.gvk.cmp(&other.gvk))
    }
}

impl PartialOrd for KindKey<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl KindKey<'_> {
    /// Odd: namespaces of the core group are compared the wrong way round, so that they come first and
    /// `v2` comes before `v1`
    /// (case order/legacy-namespaces-reversed). Without a rank of their own they stand among other kinds, where going
    /// the wrong way round would be no order at all.
    fn is_core_namespace(&self) -> bool {
        self.rank != 0 && self.gvk.group.is_empty() && self.gvk.kind == "Namespace"
    }
}

impl<'a> Order<'a> {
    /// Decides on the order; also returns a line to log if file and caller both have a say.
    ///
    /// # Errors
    /// If the options make no sense.
    pub(crate) fn decide(
        options: Option<&'a SortOptions>,
        reorder: Reorder,
    ) -> Result<(Order<'a>, Option<&'static str>)> {
        let Some(options) = options else {
            let order = match reorder {
                Reorder::None => Order::Fifo,
                Reorder::Legacy | Reorder::Unspecified => Order::legacy(),
            };
            return Ok((order, None));
        };
        let kinds = |list: &'a [String]| list.iter().map(String::as_str).collect();
        let order = match (options.order.as_str(), &options.legacy_sort_options) {
            ("fifo", None) => Order::Fifo,
            ("fifo", Some(_)) => {
                return Err(wrong(
                    "the field 'sortOptions.legacySortOptions' is set but the selected sort \
                     order is 'fifo', not 'legacy'",
                )
                .hint(&SORT_OPTIONS));
            }
            ("legacy", None) => Order::legacy(),
            ("legacy", Some(lists)) => {
                Order::Legacy { first: kinds(&lists.order_first), last: kinds(&lists.order_last) }
            }
            _ => {
                return Err(wrong("the field 'sortOptions.order' must be one of [fifo, legacy]"));
            }
        };
        let both = "Warning: Sorting order is set both in 'kustomization.yaml' ('sortOptions') \
                    and in a CLI flag ('--reorder'). Using the kustomization file over the CLI flag.";
        Ok((order, (reorder != Reorder::Unspecified).then_some(both)))
    }

    /// Returns legacy order with the usual lists.
    pub(crate) fn legacy() -> Order<'a> {
        Order::Legacy { first: ORDER_FIRST.to_vec(), last: ORDER_LAST.to_vec() }
    }

    /// Sorts resources.
    pub(crate) fn sort(&self, resources: Vec<Resource>) -> Vec<Resource> {
        let Order::Legacy { first, last } = self else {
            return resources;
        };
        // The kinds are few: they are sorted first, and then only their places are compared.
        let mut numbers: FxHashMap<GvkRef<'_>, usize> = FxHashMap::default();
        let (mut keys, mut kinds) = (Vec::new(), Vec::with_capacity(resources.len()));
        for resource in &resources {
            kinds.push(*numbers.entry(resource.gvk_ref()).or_insert_with_key(|&gvk| {
                keys.push(KindKey { rank: 0, gvk });
                keys.len() - 1
            }));
        }
        let mut ranks: FxHashMap<&str, i64> = keys.iter().map(|key| (key.gvk.kind, 0)).collect();
        let from_end = (0..).map(|i: i64| i - first.len() as i64);
        for (kind, place) in first.iter().zip(from_end).chain(last.iter().zip(1..)) {
            if let Some(rank) = ranks.get_mut(kind) {
                *rank = place;
            }
        }
        for key in &mut keys {
            key.rank = ranks.get(key.gvk.kind).copied().unwrap_or_default();
        }
        let places = places(&keys);
        let key =
            |(i, resource)| (kinds.get(i).and_then(|k| places.get(*k)), Name::of(resource), i);
        let mut sorted: Vec<_> = resources.iter().enumerate().map(key).collect();
        sorted.sort_unstable();
        let sorted: Vec<usize> = sorted.into_iter().map(|(_, _, i)| i).collect();
        let mut resources: Vec<Option<Resource>> = resources.into_iter().map(Some).collect();
        sorted.into_iter().filter_map(|i| resources.get_mut(i)?.take()).collect()
    }
}

/// Returns the place of each item in sorted order; equal ones have the same.
fn places<T: Ord>(items: &[T]) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..items.len()).collect();
    sorted.sort_by(|&a, &b| items[a].cmp(&items[b]));
    let mut places = vec![0; items.len()];
    for pair in sorted.windows(2) {
        let differs = items[pair[0]] != items[pair[1]];
        places[pair[1]] = places[pair[0]] + usize::from(differs);
    }
    places
}

/// What resources of one kind are sorted by: the text `namespace|name`.
#[derive(PartialEq, Eq)]
struct Name<'a> {
    namespace: &'a str,
    name: &'a str,
}

impl<'a> Name<'a> {
    fn of(resource: &'a Resource) -> Name<'a> {
        let (namespace, name) = resource.namespace_and_name();
        Name { namespace: or(namespace, "~X"), name: or(name, "~N") }
    }

    fn bytes(&self) -> impl Iterator<Item = u8> {
        self.namespace.bytes().chain(*b"|").chain(self.name.bytes())
    }
}

impl Ord for Name<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.namespace == other.namespace {
            self.name.cmp(other.name)
        } else {
            self.bytes().cmp(other.bytes())
        }
    }
}

impl PartialOrd for Name<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn or<'a>(text: &'a str, stand_in: &'a str) -> &'a str {
    if text.is_empty() { stand_in } else { text }
}

fn wrong(message: &str) -> Error {
    Error::new(ErrorKind::Kustomization, message).in_field("sortOptions.order")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kustomization::LegacySortOptions;
    use crate::test_support::json;

    /// Sorts objects given as apiVersion, kind and `namespace/name`.
    fn sorted(order: &Order, objects: &[(&str, &str, &str)]) -> Vec<String> {
        let resource = |(version, kind, name): &(&str, &str, &str)| {
            let (namespace, name) = name.split_once('/').unwrap_or(("", name));
            let metadata = format!(r#"{{"name":"{name}","namespace":"{namespace}"}}"#);
            let head = format!(r#""apiVersion":"{version}","kind":"{kind}""#);
            Resource::new(json(&format!(r#"{{{head},"metadata":{metadata}}}"#)))
        };
        let resources = order.sort(objects.iter().map(resource).collect());
        let show = |r: &Resource| {
            [r.api_version(), r.kind(), r.namespace(), r.name()].join(" ").replace("  ", " ")
        };
        resources.iter().map(show).collect()
    }

    #[test]
    fn sorts_as_upstream_does() {
        let objects = [
            ("v1", "Foo", "Z/x"),
            ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "w"),
            ("a.io/v1", "Bar", "x"),
            ("a.io/v2", "Bar", "x"),
            ("a.io/v1", "Foo", "x"),
            ("v1", "Foo", "x"),
            ("v1beta1", "Foo", "x"),
            ("v1", "Foo", "Z-z/x"),
            ("v1", "Secret", "s"),
            ("v1", "Namespace", "n"),
            ("foo/v1", "Namespace", "n"),
            ("v2", "Namespace", "n"),
        ];
        let wanted = [
            "v2 Namespace n",
            "v1 Namespace n",
            "foo/v1 Namespace n",
            "v1 Secret s",
            "a.io/v1 Bar x",
            "a.io/v1 Foo x",
            "a.io/v2 Bar x",
            "v1 Foo Z-z x",
            "v1 Foo Z x",
            "v1 Foo x",
            "v1beta1 Foo x",
            "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration w",
        ];
        assert_eq!(sorted(&Order::legacy(), &objects), wanted);
    }

    #[test]
    fn the_last_list_wins() {
        let order = Order::Legacy { first: vec!["B", "A"], last: vec!["B"] };
        let objects = ["A", "B", "C"].map(|kind| ("v1", kind, "x"));
        assert_eq!(sorted(&order, &objects), ["v1 A x", "v1 C x", "v1 B x"]);
    }

    #[test]
    fn the_file_decides() {
        let options = |order: &str, lists| SortOptions {
            order: order.to_owned(),
            legacy_sort_options: lists,
        };
        fn decide(options: Option<&SortOptions>, reorder: Reorder) -> Result<(Order<'_>, bool)> {
            Order::decide(options, reorder).map(|(order, log)| (order, log.is_some()))
        }
        let lists = Some(LegacySortOptions::default());
        let empty = Order::Legacy { first: Vec::new(), last: Vec::new() };
        assert_eq!(decide(None, Reorder::None).unwrap(), (Order::Fifo, false));
        assert_eq!(decide(None, Reorder::Unspecified).unwrap(), (Order::legacy(), false));
        let fifo = options("fifo", None);
        assert_eq!(decide(Some(&fifo), Reorder::Legacy).unwrap(), (Order::Fifo, true));
        let own = options("legacy", lists.clone());
        assert_eq!(decide(Some(&own), Reorder::Unspecified).unwrap(), (empty, false));
        assert!(decide(Some(&options("fifo", lists)), Reorder::None).is_err());
        assert!(decide(Some(&options("Fifo", None)), Reorder::None).is_err());
    }
}
