//! Folders without a kustomization.

use std::path::{Path, PathBuf};

use super::Mistake;
use super::paths::search;
use super::scene::{Finding, Scene};
use crate::diagnostics::hints::REACHED_TWICE;
use crate::diagnostics::{Hint, Location};
use crate::load::KUSTOMIZATION_NAMES;
use crate::yaml::{Node, nearest};

/// How many entries of a list are looked at.
const MOST: usize = 100;

pub(super) static MISTAKES: &[Mistake] = &[
    Mistake {
        hint: Hint {
            id: "overlays-of-one-base",
            looks_at: "Two overlays of one base are built together, and make the same objects of it.",
            example: "resources: [overlays/staging, overlays/prod] # both list ../../base",
            remedy: "Give one of them another `namespace`, `namePrefix` or `nameSuffix`, or build them separately.",
        },
        find: |scene| {
            if scene.error.hint_id() != Some(REACHED_TWICE.id) {
                return None;
            }
            let (second, folder) = (scene.entry()?, scene.folder()?);
            let bases = bases_of_overlay(scene, &crate::load::join(folder, second));
            let shares = |entry: &&str| {
                let others = bases_of_overlay(scene, &crate::load::join(folder, entry));
                others.iter().any(|base| bases.contains(base))
            };
            let entries = scene.get("resources")?.as_seq()?.iter().filter_map(Node::text);
            let first = entries.take_while(|entry| *entry != second).find(shares)?;
            Some(Finding::new(format!(
                "{first} and {second} both make it from the same base: give one of them another `namespace`, \
                 `namePrefix` or `nameSuffix`, in {} or in that of the other, or build them separately",
                kustomization_of(scene, folder, second)
            )))
        },
    },
    Mistake {
        hint: Hint {
            id: "chart-as-resource",
            looks_at: "The folder of a Helm chart is listed as a resource.",
            example: "resources:\n- charts/web # has a Chart.yaml",
            remedy: "Inflate it with `helmCharts`, or run `helm template` and list what it prints.",
        },
        find: |scene| {
            let folder = folder_without_kustomization(scene)?;
            scene.files.fs().kind(&folder.join("Chart.yaml")).ok()?;
            let name = folder.file_name()?.to_str()?.to_owned();
            Some(Finding::new(format!(
                "this is a Helm chart: inflate it, as in `helmCharts: [{{name: {name}, releaseName: {name}}}]` with \
                 --enable-helm, or run `helm template` and list what it prints"
            )))
        },
    },
    Mistake {
        hint: Hint {
            id: "misspelled-kustomization-file",
            looks_at: "The folder has a file that is nearly named kustomization.yaml.",
            example: "base/kustomisation.yaml",
            remedy: "Rename it to kustomization.yaml.",
        },
        find: |scene| {
            let folder = folder_without_kustomization(scene)?;
            let names = scene.files.fs().list(&folder).ok()?;
            let stem = |name: &str| {
                let lower = name.to_ascii_lowercase();
                lower.split('.').next().unwrap_or_default().to_owned()
            };
            // A program may be called `kustomize`.
            let is_nearly = |name: &&String| {
                let stem = stem(name);
                stem == "kustomization"
                    || name.contains('.') && stem == "kustomize"
                    || nearest(["kustomization"].into_iter(), &stem).is_some()
            };
            let mut names: Vec<&String> = names.iter().filter(is_nearly).collect();
            names.sort();
            if let Some(name) = names.iter().find(|n| KUSTOMIZATION_NAMES.contains(&n.as_str())) {
                // Out of a folder of a fetched tree no link leads, whatever is allowed.
                let or = match scene.files.remotes().mounts().has(&folder) {
                    true => "",
                    false => ", or allow such links with --load-restrictor LoadRestrictionsNone",
                };
                return Some(Finding::new(format!(
                    "`{name}` is there, but is a link that leads out of its folder, or no file: put a copy in its \
                     place{or}"
                )));
            }
            let name = names.first()?;
            Some(Finding {
                also: Some((
                    "nearly named so",
                    Location { file: folder.join(name.as_str()), line: 0, column: 0 },
                )),
                ..Finding::new(format!(
                    "`{name}` is there: rename it to `kustomization.yaml`, exactly so"
                ))
            })
        },
    },
    Mistake {
        hint: Hint {
            id: "kustomizations-below",
            looks_at: "The folder has no kustomization file, but folders below it have.",
            example: "kustom build app # with app/overlays/prod/kustomization.yaml",
            remedy: "Name one of the folders below.",
        },
        find: |scene| {
            let folder = folder_without_kustomization(scene)?;
            let found = kustomizations_below(scene, &folder);
            let first = found.first()?;
            let shown: Vec<String> =
                found.iter().take(4).map(|path| format!("`{}`", path.display())).collect();
            let more = if found.len() > 4 { " and others" } else { "" };
            Some(Finding::new(format!(
                "below it are kustomizations: name one of {}{more}, or list them in a new kustomization.yaml, as in \
                 `- {}`",
                shown.join(", "),
                first.display()
            )))
        },
    },
];

/// Returns the folder in which a kustomization file was looked for.
fn folder_without_kustomization(scene: &Scene<'_>) -> Option<PathBuf> {
    let message = scene.error.message();
    let folder = message.contains("unable to find one of 'kustomization.yaml'");
    let (_, rest) = message.rsplit_once("in directory '").filter(|_| folder)?;
    Some(PathBuf::from(rest.trim_end().trim_end_matches('\'')))
}

/// Returns the folders with a kustomization below a folder, nearest first, relative to it.
fn kustomizations_below(scene: &Scene<'_>, folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    search(scene, folder, &mut |path, name| {
        if KUSTOMIZATION_NAMES.contains(&name)
            && let Some(Ok(below)) = path.parent().map(|parent| parent.strip_prefix(folder))
        {
            found.push(below.to_path_buf());
        }
        false
    });
    found.sort();
    found.dedup();
    found
}

/// Returns an entry of `resources` that is the base of another one, and that one.
pub(super) fn base_and_overlay<'s>(scene: &'s Scene<'_>) -> Option<(&'s str, &'s str)> {
    let folder = scene.folder()?;
    let entries: Vec<&str> =
        scene.get("resources")?.as_seq()?.iter().filter_map(Node::text).take(MOST).collect();
    let paths: Vec<PathBuf> = entries.iter().map(|it| crate::load::join(folder, it)).collect();
    entries.iter().zip(&paths).find_map(|(entry, path)| {
        let bases = bases_of_overlay(scene, path);
        let base = paths.iter().position(|path| bases.contains(path))?;
        Some((*entries.get(base)?, *entry))
    })
}

/// Returns the kustomization of a folder that an entry names, as the user would write it.
fn kustomization_of(scene: &Scene<'_>, folder: &Path, entry: &str) -> String {
    let is_there =
        |name: &&str| scene.files.fs().kind(&crate::load::join(folder, entry).join(name)).is_ok();
    let name = KUSTOMIZATION_NAMES.into_iter().find(is_there).unwrap_or(KUSTOMIZATION_NAMES[0]);
    format!("`{}/{name}`", entry.trim_end_matches('/'))
}

/// Returns what a folder's kustomization lists, if it changes what it lists.
fn bases_of_overlay(scene: &Scene<'_>, folder: &Path) -> Vec<PathBuf> {
    let mut files = KUSTOMIZATION_NAMES.iter().map(|name| folder.join(name));
    let Some(file) = files.find(|file| scene.files.fs().kind(file).is_ok()) else {
        return Vec::new();
    };
    let lists = ["apiVersion", "kind", "metadata", "resources", "bases"];
    let is_step = |key: &str| !lists.contains(&key);
    let documents = scene.documents(&file);
    let mut fields = documents.first().and_then(Node::as_map).into_iter().flatten();
    if !fields.any(|entry| entry.key.text().is_some_and(is_step)) {
        return Vec::new();
    }
    // A component that two share is listed once where they join.
    let components = documents.first().and_then(|root| root.get("components")?.as_seq());
    let components = components.into_iter().flatten().filter_map(Node::text);
    let components: Vec<PathBuf> = components.map(|it| crate::load::join(folder, it)).collect();
    let mut named = scene.named_by(&file);
    named.retain(|path| !components.contains(path));
    named
}
