//! Objects that two roots have, each from a file of its own: one was copied from the other and keeps its names.
//!
//! Variants of one application have the same objects as well, so only roots of two applications for the same stage
//! count.

use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::across::roots::{Root, Suspect, is_same_place, place_in};
use crate::checks::files::stages;
use crate::diagnostics::{Warning, WarningKind};
use crate::load::{Files, common_folder};
use crate::resource::Resource;
use crate::work;

/// How many objects of the same name are compared; if there are more, it is one that all are to have.
const MOST: usize = 64;

/// Folders whose subfolders are variants of one thing.
const OF_VARIANTS: &[&str] = &[
    "cluster",
    "clusters",
    "components",
    "env",
    "environments",
    "envs",
    "examples",
    "overlays",
    "regions",
    "samples",
    "sites",
    "tests",
    "variants",
];

/// Group, kind, namespace and name.
type Key<'a> = (&'a str, &'a str, &'a str, &'a str);

/// Looks at all roots.
pub(super) fn check<'a>(files: &Files, roots: &'a [Root<'a>], suspects: &mut Vec<Suspect<'a>>) {
    if roots.len() < 2 {
        return;
    }
    let mut all: FxHashMap<Key<'a>, Vec<(usize, &Resource)>> = FxHashMap::default();
    for (i, root) in roots.iter().enumerate() {
        for resource in root.resources.iter().filter(|resource| !resource.namespace().is_empty()) {
            work::check();
            let key =
                (resource.gvk_ref().group, resource.kind(), resource.namespace(), resource.name());
            all.entry(key).or_default().push((i, resource));
        }
    }
    // What two roots have in common, by the roots.
    let mut pairs: FxHashMap<(usize, usize), Vec<(&Resource, &Resource)>> = FxHashMap::default();
    for found in all.values() {
        if !(2..=MOST).contains(&found.len()) {
            continue;
        }
        for (n, (i, one)) in found.iter().enumerate() {
            for (j, other) in found.iter().skip(n + 1) {
                let of_two = roots.get(*i).zip(roots.get(*j)).filter(|_| i != j);
                if of_two.is_some_and(|(one, other)| may_meet(one, other))
                    && !is_same_place(files, one.node.pos(), other.node.pos())
                {
                    pairs.entry((*i, *j)).or_default().push((one, other));
                }
            }
        }
    }
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    pairs.sort_unstable_by_key(|(roots, _)| *roots);
    let mut told = FxHashSet::default();
    for ((i, j), mut objects) in pairs {
        let (Some(one), Some(other)) = (roots.get(i), roots.get(j)) else { continue };
        objects.sort_unstable_by_key(|(_, object)| (object.kind(), object.name()));
        let Some((first, own)) = objects.first() else { continue };
        // The same bases are used for several stages.
        if told.insert([first, own].map(|object| place_in(files, object.node.pos()))) {
            suspects.push(remark(one, other, first, own, objects.len()));
        }
    }
}

/// Returns `true` if two roots are of two applications, for the same stage: `a/overlays/prod` and `b/overlays/prod`.
fn may_meet(one: &Root<'_>, other: &Root<'_>) -> bool {
    let stage = one.folder.file_name().filter(|name| other.folder.file_name() == Some(name));
    if !stage.and_then(|name| name.to_str()).is_some_and(stages::is_known) {
        return false;
    }
    let parting = common_folder([one.folder.as_path(), other.folder.as_path()].into_iter());
    let parting = parting.as_deref().and_then(Path::file_name).unwrap_or_default();
    let parts = one.folder.iter().zip(&other.folder);
    one.folder.iter().count() == other.folder.iter().count()
        && parts.filter(|(one, other)| one != other).count() == 1
        && !OF_VARIANTS.iter().any(|name| parting == *name)
}

fn remark<'a>(
    one: &Root<'_>,
    other: &Root<'_>,
    first: &Resource,
    own: &Resource,
    count: usize,
) -> Suspect<'a> {
    let name = |root: &Root<'_>| root.typed.to_string_lossy().replace('\\', "/");
    let more = match count {
        1 => String::new(),
        2 => " and one more".to_owned(),
        _ => format!(" and {} more", count - 1),
    };
    let text = format!(
        "`{}` has the {} `{}` in the namespace `{}`{more}, which `{}` has too, from another file",
        name(other),
        own.kind(),
        own.name(),
        own.namespace(),
        name(one)
    );
    let warning = Warning::new(WarningKind::SharedObject, text, own.node.pos())
        .related("the other is at", first.node.pos())
        .hint(
            "in one cluster each overwrites the other: give one of them another name or namespace",
        );
    Suspect { root: other.number, warning, missing: None }
}
