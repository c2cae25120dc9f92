//! The fields of an entry of `images`.

use crate::edit::fields;
use crate::yaml::{Mapping, Node};

/// Returns the name of an entry; empty if there is none.
pub(super) fn name_of(item: &Node) -> &str {
    item.as_map().map_or("", |map| fields::text(map, "name"))
}

/// Returns what a part of an argument gives to a new entry, which has nothing that a `*` could keep.
pub(super) fn given(part: &Option<String>) -> &str {
    part.as_deref().filter(|text| *text != "*").unwrap_or_default()
}

/// Sets tag and digest; one that takes the other's place stands where that stood.
pub(super) fn set_version(entry: &mut Mapping, tag: &str, digest: &str) {
    let has = |field| fields::find(entry, field).is_some();
    match (has("newTag"), has("digest")) {
        (true, false) if tag.is_empty() && !digest.is_empty() => {
            fields::rename(entry, "newTag", "digest");
        }
        (false, true) if digest.is_empty() && !tag.is_empty() => {
            fields::rename(entry, "digest", "newTag");
        }
        _ => {}
    }
    fields::set_text(entry, "digest", digest);
    fields::set_text(entry, "newTag", tag);
}

/// Returns tag and digest of an entry, as they stand behind a name; with the colon of the tag if a digest is all that is
/// in it, so that the two are not taken for one.
pub(super) fn version(entry: &Mapping) -> String {
    match (fields::text(entry, "newTag"), fields::text(entry, "digest")) {
        ("", "") => match fields::text(entry, "tagSuffix") {
            "" => String::new(),
            suffix => format!("*{suffix}"),
        },
        (tag, "") if tag.starts_with('@') => format!(":{tag}"),
        (tag, "") => tag.to_owned(),
        (tag, digest) => format!("{tag}@{digest}"),
    }
}
