//! How much memory objects take.

use serde_json::Value as Json;

use crate::template::map_places;

/// What the allocator and a text take besides its bytes.
const TEXT: usize = 24;

/// Returns how many bytes a value takes besides its place in what it is in, without what is in it.
pub(crate) fn of_node(value: &Json) -> usize {
    match value {
        Json::Null | Json::Bool(_) | Json::Number(_) => 0,
        Json::String(text) => of_text(text.len()),
        Json::Array(items) => items.len().saturating_mul(size_of::<Json>()).saturating_add(TEXT),
        Json::Object(members) if members.is_empty() => 0,
        Json::Object(members) => {
            let member = size_of::<String>() + size_of::<Json>();
            map_places(members.len()).saturating_mul(member).saturating_add(TEXT)
        }
    }
}

/// Returns how many bytes a text of a length takes, such as a key.
pub(crate) fn of_text(length: usize) -> usize {
    length.saturating_add(TEXT)
}

/// Returns how many bytes a value takes, with all that is in it.
pub(crate) fn of_tree(value: &Json) -> usize {
    let mut all = 0usize;
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        all = all.saturating_add(of_node(value));
        match value {
            Json::Array(items) => open.extend(items),
            Json::Object(members) => {
                all = members.keys().fold(all, |all, key| all.saturating_add(of_text(key.len())));
                open.extend(members.values());
            }
            _ => {}
        }
    }
    all
}
