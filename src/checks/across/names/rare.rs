//! Names that many objects use, where one uses a name that is nearly the same.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::across::names::known::{Known, MOST, Near, is_of_build};
use crate::checks::across::names::table::{CLUSTER, IMAGE, Reference};
use crate::checks::across::roots::place_in;
use crate::checks::slips::{is_slip_in_name, meant};
use crate::load::Files;
use crate::resource::Resource;
use crate::work;
use crate::yaml::Pos;

/// How many other names must lead somewhere for one that leads nowhere to be wrong.
const OTHERS: usize = 3;

/// The kinds of which a repository that has some has mostly all.
const MOSTLY_ALL: &[&str] = &["AppProject", "ClusterIssuer", "ClusterSecretStore", "GatewayClass"];

/// How often a file may have been read, by roots side by side.
const READ_AGAIN: usize = 16;

/// How often a name must be used for one that is nearly the same to be a slip.
const OFTEN: usize = 3;

/// How many names a hint has.
const SHOWN: usize = 5;

const USED: &str = "the others are called so, as at";

/// What uses a name: where it is written, and of which objects of which roots.
#[derive(Default)]
pub(in crate::checks) struct Uses<'a> {
    pub(in crate::checks) places: FxHashSet<Pos>,
    pub(in crate::checks) objects: FxHashSet<(usize, &'a str, &'a str)>,
}

/// All uses, by kind and name.
pub(in crate::checks) type AllUses<'a> = FxHashMap<&'a str, FxHashMap<&'a str, Uses<'a>>>;

/// A reference and the root that it is of.
pub(in crate::checks) type Found<'a> = (usize, Reference<'a>);

pub(in crate::checks) fn uses<'a>(all: &[Found<'a>]) -> AllUses<'a> {
    let mut uses = AllUses::default();
    for (root, found) in all {
        let of = uses.entry(found.kind).or_default().entry(found.name).or_default();
        of.places.insert(found.node.pos());
        of.objects.insert((*root, found.by.kind(), found.by.name()));
    }
    uses
}

/// Returns the name that many use where one use of one that is nearly the same is found.
pub(in crate::checks) fn usual(
    files: &Files,
    found: &Reference<'_>,
    uses: &AllUses<'_>,
    folders: &FxHashSet<&str>,
) -> Option<Near> {
    let of_kind = uses.get(found.kind).filter(|of_kind| of_kind.len() <= MOST)?;
    let own = of_kind.get(found.name)?;
    let may_be_once = own.objects.len() == 1 || own.places.len() <= READ_AGAIN;
    if is_of_build(found.kind) || !may_be_once {
        return None;
    }
    work::check();
    let least = if found.kind == CLUSTER { 1 } else { OFTEN };
    let is_often = |name: &str, of: &Uses<'_>| {
        let same = |(_, kind, name): &&(usize, &str, &str)| {
            *kind == found.by.kind() && *name == found.by.name()
        };
        // Two images may be called nearly the same, those of an object in two roots hardly.
        let is_usual = found.kind != IMAGE
            && of.objects.len() >= least
            && of.objects.len() > own.objects.len() * (least - 1).max(1);
        // Of two clusters that are named as often, that is right which a folder is called after.
        let is_folder =
            found.kind == CLUSTER && folders.contains(name) && !folders.contains(found.name);
        is_usual || is_folder || of.objects.iter().filter(same).count() >= 2
    };
    let near = of_kind.iter().filter(|(name, _)| is_slip_in_name(name, found.name));
    // What one object names beside the other is another one.
    let is_beside = |of: &Uses<'_>| own.objects.iter().any(|object| of.objects.contains(object));
    let near =
        near.filter(|(name, of)| is_often(name, of) && !is_beside(of)).map(|(name, _)| *name);
    let name = meant(near, found.name)?;
    if own.objects.len() > 1 && !is_one_place(files, own) {
        return None;
    }
    let places = &of_kind.get(name)?.places;
    let placed = places.iter().filter_map(|pos| Some((place_in(files, *pos)?, *pos)));
    let (_, at) = placed.min()?;
    Some(Near { label: USED, at, hint: format!("did you mean `{name}`?") })
}

/// Finds the name only if the roots have objects of the kind, and all other references are to these.
pub(in crate::checks) fn all_others(
    files: &Files,
    known: &Known<'_>,
    found: &Reference<'_>,
    uses: &AllUses<'_>,
    missing: &FxHashMap<&str, FxHashSet<&str>>,
) -> Option<Near> {
    if !MOSTLY_ALL.contains(&found.kind) {
        return None;
    }
    let objects = known.objects.get(found.kind)?;
    let mut names: Vec<&str> = objects.keys().copied().collect();
    names.sort_unstable();
    let is_alone = missing.get(found.kind).is_some_and(|names| names.len() == 1);
    let of_kind = uses.get(found.kind)?;
    let places = names.iter().filter_map(|name| of_kind.get(name));
    let places: usize = places.map(|uses| uses.objects.len()).sum();
    let is_once = of_kind.get(found.name).is_some_and(|own| is_one_place(files, own));
    let is_strong = match found.kind {
        "AppProject" => is_once && places > 1,
        _ => is_alone && places >= OTHERS,
    };
    if !is_strong {
        return None;
    }
    let first = objects.get(names.first()?)?.first()?;
    let shown: Vec<String> = names.iter().take(6).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > 6 { ", …" } else { "" };
    let hint = format!("the repository has {}{more}", shown.join(", "));
    Some(Near { label: "the first of them is at", at: first.node.pos(), hint })
}

/// Finds the name of what an object of Flux waits for, if the roots have others of its kind and namespace: whoever has the
/// one has the other.
pub(in crate::checks) fn waits_for(known: &Known<'_>, found: &Reference<'_>) -> Option<Near> {
    if !found.path.contains(&"dependsOn") {
        return None;
    }
    let namespace = found.namespace.unwrap_or(found.by.namespace());
    let is_beside = |object: &&Resource| object.namespace() == namespace;
    let objects = known.objects.get(found.kind)?;
    let mut others: Vec<(&str, &Resource)> = objects
        .iter()
        .filter(|(name, _)| **name != found.by.name())
        .filter_map(|(name, objects)| Some((*name, *objects.iter().find(|it| is_beside(it))?)))
        .collect();
    others.sort_unstable_by_key(|(name, _)| *name);
    let (_, first) = others.first()?;
    let shown: Vec<String> =
        others.iter().take(SHOWN).map(|(name, _)| format!("`{name}`")).collect();
    let more = if others.len() > SHOWN { ", …" } else { "" };
    let hint = format!(
        "it waits for ever for what is not there: name one of {}{more}, or take it out",
        shown.join(", ")
    );
    Some(Near { label: "the first of the others is at", at: first.node.pos(), hint })
}

/// Returns `true` if a name is written in one place, which several roots may have read.
fn is_one_place(files: &Files, uses: &Uses<'_>) -> bool {
    let places = || uses.places.iter().map(|pos| place_in(files, *pos));
    uses.places.len() <= READ_AGAIN && places().collect::<FxHashSet<_>>().len() == 1
}
