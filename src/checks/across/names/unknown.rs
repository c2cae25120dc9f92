//! Names of classes, issuers, stores, projects, sources and namespaces that no root knows.
//!
//! Much of that comes from elsewhere. So a name is reported only if a near one is known, or if the roots bring the
//! objects of its kind, and all others that are named are among them.

use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::across::names::known::{
    IN_ANOTHER, Known, MOST, Near, OF_OTHER_KIND, is_in_each_cluster,
};
use crate::checks::across::names::rare::{Found, all_others, uses, usual, waits_for};
use crate::checks::across::names::table::{IMAGE, REGISTRY, Reference, is_said_only, references};
use crate::checks::across::roots::{Root, Suspect};
use crate::checks::kubernetes::is_filled_in;
use crate::checks::positions::place_or;
use crate::checks::slips::meant;
use crate::diagnostics::{Warning, WarningKind};
use crate::load::{FileKind, Files, KUSTOMIZATION_NAMES};
use crate::work;
use crate::yaml::{Node, Pos};

/// Looks at all roots.
pub(in crate::checks) fn check<'a>(
    files: &Files,
    roots: &'a [Root<'a>],
    suspects: &mut Vec<Suspect<'a>>,
) {
    let (mut known, mut all) = (Known::default(), Vec::new());
    for root in roots {
        for resource in root.resources {
            work::check();
            known.add(root.number, resource);
            references(resource, &mut |reference| all.push((root.number, reference)));
        }
    }
    let uses = uses(&all);
    let folders: FxHashSet<&str> =
        roots.iter().flat_map(|root| root.folder.iter().filter_map(|name| name.to_str())).collect();
    let mut told: FxHashSet<Pos> = FxHashSet::default();
    let open: Vec<&Found<'a>> = all.iter().filter(|(_, found)| !known.has(found)).collect();
    let mut missing: FxHashMap<&str, FxHashSet<&str>> = FxHashMap::default();
    for (_, found) in &open {
        missing.entry(found.kind).or_default().insert(found.name);
    }
    for (root, found) in open {
        let place = place_or(found.node.pos(), found.by);
        if told.contains(&place) || is_filled_in(found.name) {
            continue;
        }
        let near = known
            .of_other_kind(found)
            .or_else(|| known.near(found))
            .or_else(|| known.in_another_namespace(found))
            .or_else(|| usual(files, found, &uses, &folders))
            .or_else(|| all_others(files, &known, found, &uses, &missing))
            .or_else(|| waits_for(&known, found));
        if let Some(Near { label, at, hint }) = near {
            let number = roots.binary_search_by_key(root, |of| of.number).ok();
            let folder = number.and_then(|i| Some(roots.get(i)?.folder.as_path()));
            let named = folder.and_then(|folder| named_by(files, folder, found));
            let (first, place) = (place, named.unwrap_or(place));
            if !told.insert(place) {
                continue;
            }
            told.insert(first);
            let is_elsewhere = label == IN_ANOTHER;
            let text = format!(
                "{} {}: `{}` names the {} `{}`, which is {}",
                found.by.kind(),
                found.by.name(),
                found.shown(),
                found.kind,
                found.name,
                match label {
                    IN_ANOTHER => "in another namespace",
                    OF_OTHER_KIND => "of another kind",
                    _ if is_said_only(found.kind) => "nowhere else in the repository",
                    _ => "nowhere in the repository",
                }
            );
            // What Flux deploys is in the namespace that it gives, whatever the object says.
            let said = found.namespace.filter(|_| is_elsewhere).unwrap_or_default();
            let is_source = found.shown().contains("sourceRef");
            let warning = Warning::new(WarningKind::UnknownName, text, place)
                .unless_sources_are_patched(is_source)
                .unless_deployed_to(said)
                .related(label, at)
                .hint(hint);
            let is_told = is_elsewhere || is_said_only(found.kind);
            let missing = (!is_told).then_some((found.kind, found.name));
            suspects.push(Suspect { root: *root, warning, missing });
        }
    }
    of_roots(files, roots, &known, suspects);
}

/// Looks at the namespaces of the roots themselves.
fn of_roots<'a>(
    files: &Files,
    roots: &'a [Root<'a>],
    known: &Known<'a>,
    suspects: &mut Vec<Suspect<'a>>,
) {
    let objects = known.objects.get("Namespace");
    let has_object = |name: &str| objects.is_some_and(|objects| objects.contains_key(name));
    if known.namespaces.len() > MOST {
        return;
    }
    for root in roots {
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        for resource in root.resources {
            let namespace = resource.namespace();
            let is_alone = known.namespaces.get(namespace).is_some_and(|roots| roots.len() == 1);
            if !is_alone
                || !seen.insert(namespace)
                || has_object(namespace)
                || is_in_each_cluster(namespace)
                || is_filled_in(namespace)
            {
                continue;
            }
            let with_objects = objects.into_iter().flatten().map(|(name, _)| *name);
            let often = known.namespaces.iter().filter(|(_, roots)| roots.len() > 1);
            let Some(near) = meant(with_objects.chain(often.map(|(name, _)| *name)), namespace)
            else {
                continue;
            };
            let Some(node) = resource.node.get_path(&["metadata", "namespace"]) else { continue };
            let said = said_by(files, &root.folder, namespace);
            let place = said.unwrap_or(place_or(node.pos(), resource));
            let (label, at) = match objects.and_then(|objects| objects.get(near)?.first()) {
                Some(object) => ("that Namespace is at", object.node.pos()),
                None => ("", Pos::NONE),
            };
            let text = format!(
                "the objects of this root are put into the namespace `{namespace}`, which nothing else in the \
                 repository has"
            );
            let warning = Warning::new(WarningKind::UnknownName, text, place)
                .related(label, at)
                .hint(format!("did you mean `{near}`?"));
            let missing = Some(("Namespace", namespace));
            suspects.push(Suspect { root: root.number, warning, missing });
        }
    }
}

/// Returns the kustomization of a folder.
fn kustomization(files: &Files, folder: &Path) -> Option<Node> {
    let is_there = |path: &PathBuf| files.fs().kind(path).ok() == Some(FileKind::File);
    let file = KUSTOMIZATION_NAMES.iter().map(|name| folder.join(name)).find(is_there)?;
    files.documents(&file).ok()?.first().cloned()
}

/// Returns where the kustomization of a folder says a namespace.
fn said_by(files: &Files, folder: &Path, namespace: &str) -> Option<Pos> {
    let root = kustomization(files, folder)?;
    let node = root.get("namespace")?;
    (node.text() == Some(namespace)).then_some(node.pos())
}

/// Returns where the kustomization of a folder gives an image its name.
fn named_by(files: &Files, folder: &Path, found: &Reference<'_>) -> Option<Pos> {
    let image = found.node.text().filter(|_| matches!(found.kind, IMAGE | REGISTRY))?;
    let root = kustomization(files, folder)?;
    let names = root.get("images")?.as_seq()?.iter().filter_map(|entry| entry.get("newName"));
    let is_it = |name: &&Node| {
        let name = name.text().filter(|name| !name.is_empty());
        let rest = name.and_then(|name| image.strip_prefix(name));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '@']))
    };
    let name = names.into_iter().find(is_it)?;
    Some(name.pos())
}
