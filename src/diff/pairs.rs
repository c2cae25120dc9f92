//! Which object of one set is which of the other.

use std::hash::Hash;

use ecow::EcoString;
use rustc_hash::FxHashMap;

use super::options::{Options, stem};
use crate::resource::{NO_NAMESPACE, Resource};
use crate::schema::Schema;

/// Two states of one object, or one of an object that the other side does not have.
#[derive(Clone, Copy)]
pub(super) struct Pair<'r> {
    pub(super) before: Option<&'r Resource>,
    pub(super) after: Option<&'r Resource>,
}

/// Pairs the objects of two sets.
///
/// Pairs are looked for in this order, and what is left over in the end was added or removed:
/// 1. the same group, version, kind, namespace and name;
/// 2. the same but for the version, if one on each side is left: the server stores one object under
///    all versions. `extensions` counts as the group that its kinds have moved to;
/// 3. for ConfigMaps and Secrets, the same but for the content hash at the end of the name, if one on
///    each side is left;
/// 4. of a cluster, the same with a side that names no namespace, if one on each side is left;
/// 5. of two overlays, the same without what each puts around the names, if one on each side is left.
pub(super) fn pairs<'r>(
    before: &'r [Resource],
    after: &'r [Resource],
    options: &Options,
) -> Vec<Pair<'r>> {
    let schema = Schema::builtin();
    let ids = |resources: &'r [Resource]| {
        resources.iter().map(|r| Some((Id::of(r, &schema), r))).collect::<Vec<_>>()
    };
    let (mut left, mut right) = (ids(before), ids(after));
    let mut pairs = Vec::with_capacity(left.len().max(right.len()));
    // In a set that was built no two objects have the same id. In a text they may: the first is
    // paired with the first, and so on.
    pair_by(&mut left, &mut right, &mut pairs, false, |id| Some(id.clone()));
    pair_by(&mut left, &mut right, &mut pairs, true, |id| {
        Some(Id { version: EcoString::new(), ..id.clone() })
    });
    pair_by(&mut left, &mut right, &mut pairs, true, |id| {
        let name = matches!(id.kind.as_str(), "ConfigMap" | "Secret").then(|| stem(&id.name))?;
        Some(Id { version: EcoString::new(), name: name.into(), ..id.clone() })
    });
    if options.live {
        let nowhere = |side: &[Option<(Id, &Resource)>]| {
            side.iter().flatten().any(|(_, resource)| resource.namespace().is_empty())
        };
        if nowhere(&left) || nowhere(&right) {
            pair_by(&mut left, &mut right, &mut pairs, true, |id| {
                let (version, namespace) = (EcoString::new(), EcoString::new());
                Some(Id { version, namespace, name: stem(&id.name).into(), ..id.clone() })
            });
        }
    }
    if let Some([one, other]) = &options.names {
        for (side, naming) in [(&mut left, one), (&mut right, other)] {
            for (id, _) in side.iter_mut().flatten() {
                let is_named = [id.name.as_str(), ""].contains(&naming.namespace.as_str());
                id.name = match is_named && id.group.is_empty() && id.kind == "Namespace" {
                    // What its own objects are in.
                    true => EcoString::new(),
                    false => naming.bare(&id.name).into(),
                };
                let is_put_there = id.namespace == naming.namespace
                    || naming.namespace.is_empty() && id.namespace != NO_NAMESPACE;
                if is_put_there {
                    id.namespace = EcoString::new();
                }
            }
        }
        pair_by(&mut left, &mut right, &mut pairs, true, |id| {
            Some(Id { version: EcoString::new(), ..id.clone() })
        });
    }
    let rest = |side: Vec<Option<(Id, &'r Resource)>>| side.into_iter().flatten().map(|(_, r)| r);
    pairs.extend(rest(left).map(|r| Pair { before: Some(r), after: None }));
    pairs.extend(rest(right).map(|r| Pair { before: None, after: Some(r) }));
    pairs
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Id {
    group: EcoString,
    version: EcoString,
    kind: EcoString,
    namespace: EcoString,
    name: EcoString,
}

impl Id {
    fn of(resource: &Resource, schema: &Schema) -> Id {
        let id = resource.id(schema);
        let namespace = id.effective_namespace().into();
        let mut group = id.gvk.group;
        if group == "extensions" {
            group = match id.gvk.kind.as_str() {
                "Ingress" | "NetworkPolicy" => "networking.k8s.io".into(),
                "Deployment" | "DaemonSet" | "ReplicaSet" => "apps".into(),
                "PodSecurityPolicy" => "policy".into(),
                _ => group,
            };
        }
        Id { group, version: id.gvk.version, kind: id.gvk.kind, namespace, name: id.name }
    }
}

/// Moves the objects with the same key out of the two sides into pairs; `alone`, only if no other
/// object of their side has that key.
fn pair_by<'r, K: Eq + Hash>(
    left: &mut [Option<(Id, &'r Resource)>],
    right: &mut [Option<(Id, &'r Resource)>],
    pairs: &mut Vec<Pair<'r>>,
    alone: bool,
    key: impl Fn(&Id) -> Option<K>,
) {
    let mut places: FxHashMap<K, (Vec<usize>, Vec<usize>)> = FxHashMap::default();
    for (i, (id, _)) in left.iter().enumerate().filter_map(|(i, o)| Some((i, o.as_ref()?))) {
        if let Some(key) = key(id) {
            places.entry(key).or_default().0.push(i);
        }
    }
    for (j, (id, _)) in right.iter().enumerate().filter_map(|(j, o)| Some((j, o.as_ref()?))) {
        if let Some(places) = key(id).and_then(|key| places.get_mut(&key)) {
            places.1.push(j);
        }
    }
    // The order of the map does not show: the differences are sorted in the end.
    for (lefts, rights) in places.into_values() {
        if alone && (lefts.len() != 1 || rights.len() != 1) {
            continue;
        }
        for (i, j) in lefts.into_iter().zip(rights) {
            let (before, after) = (left[i].take(), right[j].take());
            pairs.push(Pair { before: before.map(|(_, r)| r), after: after.map(|(_, r)| r) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_hashes_may_differ() {
        let read = |text: &str| crate::diff::read(text.as_bytes()).unwrap();
        let object = |api: &str, kind: &str, name: &str| {
            format!("---\n{{apiVersion: {api}, kind: {kind}, metadata: {{name: {name}}}}}\n")
        };
        let pairs_of = |a: &str, b: &str| {
            let (a, b) = (read(a), read(b));
            pairs(&a, &b, &Options::default())
                .iter()
                .filter(|p| p.before.is_some() && p.after.is_some())
                .count()
        };
        let hpa = |version| object(version, "HorizontalPodAutoscaler", "a");
        assert_eq!(pairs_of(&hpa("autoscaling/v1"), &hpa("autoscaling/v2")), 1);
        let both = hpa("autoscaling/v1") + &hpa("autoscaling/v2");
        assert_eq!(pairs_of(&both, &hpa("autoscaling/v2")), 1);
        let old = object("extensions/v1beta1", "Ingress", "a");
        assert_eq!(pairs_of(&old, &object("networking.k8s.io/v1", "Ingress", "a")), 1);
        let map = |name| object("v1", "ConfigMap", name);
        assert_eq!(pairs_of(&map("a-9m4h7k2tbc"), &map("a-6ct58987ht")), 1);
        let two = map("a-6ct58987ht") + &map("a-4h2mbtbbt6");
        assert_eq!(pairs_of(&map("a-9m4h7k2tbc"), &two), 0);
        assert_eq!(pairs_of(&map("b-9m4h7k2tbc"), &map("a-6ct58987ht")), 0);
    }
}
