//! ConfigMaps and Secrets of a build, and the containers that use them.

use rustc_hash::FxHashMap;

use crate::checks::kubernetes::is_container_list;
use crate::resource::Resource;
use crate::yaml::Node;

/// The objects with data of a build, by kind, namespace and name.
pub(in crate::checks) type Maps<'a> = FxHashMap<(&'a str, &'a str, &'a str), &'a Resource>;

/// Returns the containers of a Pod.
pub(in crate::checks) fn containers(pod: &Node) -> impl Iterator<Item = &Node> {
    let lists = pod.as_map().into_iter().flatten();
    let lists = lists.filter(|entry| entry.key.text().is_some_and(is_container_list));
    lists.flat_map(|entry| entry.value.as_seq().into_iter().flatten())
}

/// Returns the elements of the list that a mapping has under a key.
pub(in crate::checks) fn list<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = &'n Node> {
    node.get(key).and_then(Node::as_seq).into_iter().flatten()
}
