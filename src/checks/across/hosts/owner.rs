//! Decides which of two applications a host is named after.

use std::path::{Component, Path};

use crate::checks::across::roots::Root;
use crate::checks::files::stages;
use crate::resource::Resource;

/// Returns how many words of a host are in the folder of a root, and in the name and namespace of an object.
pub(in crate::checks) fn claims_of(
    host: &str,
    root: &Root<'_>,
    by: &Resource,
    common: &Path,
) -> (usize, usize) {
    let folder = folders(root, common);
    let names = [by.name(), by.namespace()];
    let count = |names: &mut dyn Iterator<Item = &str>| {
        let own: Vec<&str> = names.flat_map(words).collect();
        words(host).filter(|word| counts(word) && own.contains(word)).count()
    };
    (count(&mut folder.into_iter()), count(&mut names.into_iter()))
}

/// Returns a host that is named after one application for the one that is named after another, or `None` if no whole
/// label of it has such a name.
pub(in crate::checks) fn as_own(
    host: &str,
    (root, by): (&Root<'_>, &Resource),
    (other, other_by): (&Root<'_>, &Resource),
    common: &Path,
) -> Option<String> {
    let (own, theirs) = (folders(root, common), folders(other, common));
    let (label, rest) = host.split_once('.')?;
    let is_of_other = |name: &&&str| **name == label || name.split('-').next() == Some(label);
    // The folder that the two do not share, and that the host is named after.
    let folder = theirs.iter().filter(|name| !own.contains(name)).find(is_of_other);
    let name = match folder {
        Some(_) => own.iter().find(|name| !theirs.contains(name) && !stages::is_known(name))?,
        None if is_of_other(&&other_by.name()) => by.name(),
        None => return None,
    };
    Some(format!("{name}.{rest}"))
}

/// Returns the names of the folders that lead to a root.
fn folders<'r>(root: &'r Root<'_>, common: &Path) -> Vec<&'r str> {
    let below = root.folder.strip_prefix(common).unwrap_or(&root.folder);
    let names = below.components().filter_map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    names.collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
}

/// Returns `true` for words that distinguish one application from another.
fn counts(word: &str) -> bool {
    word.len() > 2 && !stages::is_known(word)
}
