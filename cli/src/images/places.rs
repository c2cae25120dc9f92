//! The directories of a tree that are an app in an environment.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kustom::DiskFs;

use super::guess::Guess;
use super::layout::{Layout, Place};
use super::stages::{is_inside, stage};
use crate::exclude::Excluded;
use crate::report::ErrorFormat;
use crate::{paths, roots, search};

/// A directory that is an app in an environment.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) dir: PathBuf,
    pub(crate) place: Place,
}

/// Finds all of them below `dirs`, each with a place of its own.
///
/// # Errors
/// If a directory cannot be read, there is none of that layout, or two are the same app and environment.
pub(crate) fn find(
    dirs: &[PathBuf],
    by: &[Layout],
    excluded: &Excluded,
    format: ErrorFormat,
) -> Result<Vec<Placed>, String> {
    let found = search::directories(dirs).and_then(|dirs| roots::find(&dirs, excluded, format))?;
    let found: Vec<PathBuf> =
        found.into_iter().filter(|dir| !kustom::roots::is_component(&DiskFs, dir)).collect();
    // Whoever stands in an app, or in its overlays, names neither; and an app may have a repository of its own.
    let all_named: [fn(&Path) -> PathBuf; 3] = [Path::to_path_buf, in_repository, with_repository];
    let mut placed = Vec::new();
    for named in all_named {
        let others = place(&found, by, named);
        let is_better =
            placed.is_empty() || by.is_empty() && !are_named(&placed) && are_named(&others);
        if is_better {
            placed = others;
        }
    }
    if placed.is_empty() {
        let shown: Vec<String> = dirs.iter().map(|dir| dir.display().to_string()).collect();
        return Err(format!(
            "no kustomization below {} is an app in an environment{}",
            shown.join(", "),
            match by {
                [] =>
                    "; say where they are with --by 'apps/{app}/overlays/{env}', or --by 'overlays/{env}' for one app",
                _ => " by that pattern",
            }
        ));
    }
    let placed = told_apart(placed, by.is_empty());
    let mut seen: BTreeMap<&Place, &Path> = BTreeMap::new();
    for Placed { dir, place } in &placed {
        if let Some(other) = seen.insert(place, dir) {
            let (Place { app, env }, other, dir) = (place, other.display(), dir.display());
            return Err(format!("{other} and {dir} are both {app} in {env}; name one of them"));
        }
    }
    Ok(placed)
}

/// Returns `true` if an app has a name that says which it is, as `k8s` does not.
fn are_named(placed: &[(Placed, String)]) -> bool {
    placed.iter().any(|(placed, _)| !is_inside(&placed.place.app))
}

/// Returns those directories whose names say what they are, or the names that `named` gives them; with each the path
/// of its app.
fn place(
    dirs: &[PathBuf],
    by: &[Layout],
    named: impl Fn(&Path) -> PathBuf,
) -> Vec<(Placed, String)> {
    let names: Vec<PathBuf> = dirs.iter().map(|dir| named(dir)).collect();
    let guess = Guess::of(names.iter().map(PathBuf::as_path));
    let layout = |name: &Path| match by {
        [] => guess.layout(name),
        by => by.iter().find(|layout| layout.place(name).is_some()).cloned(),
    };
    let placed = dirs.iter().zip(&names).filter_map(|(dir, name)| {
        let layout = layout(name)?;
        let placed = Placed { dir: dir.clone(), place: layout.place(name)? };
        Some((placed, layout.path_of_app(name)))
    });
    placed.collect()
}

/// Gives apps of one name, which lie in several folders, the names of these as well. Whoever says the
/// layouts may mean that an app lies in several.
fn told_apart(placed: Vec<(Placed, String)>, is_guess: bool) -> Vec<Placed> {
    let mut keys: BTreeMap<Place, BTreeSet<&str>> = BTreeMap::new();
    for (one, path) in &placed {
        let env = if is_guess { String::new() } else { one.place.env.clone() };
        keys.entry(Place { env, ..one.place.clone() }).or_default().insert(path);
    }
    let several = keys.into_iter().filter(|(_, paths)| paths.len() > 1);
    let several: BTreeSet<String> = several.map(|(key, _)| key.app).collect();
    let told = |(mut one, path): (Placed, String)| {
        if several.contains(&one.place.app) {
            one.place.app = path;
        }
        one
    };
    placed.into_iter().map(told).collect()
}

/// Returns a directory as seen from the top of its repository.
fn in_repository(dir: &Path) -> PathBuf {
    let physical = paths::physical(dir);
    let top = physical.ancestors().find(|above| above.join(".git").exists());
    let below = top.and_then(|top| physical.strip_prefix(top).ok()).map(Path::to_path_buf);
    below.unwrap_or(physical)
}

/// Returns a directory as seen from the folder that holds its repository.
fn with_repository(dir: &Path) -> PathBuf {
    let physical = paths::physical(dir);
    let top = physical.ancestors().find(|above| above.join(".git").exists());
    let beside = top.and_then(Path::parent);
    let below = beside.and_then(|beside| physical.strip_prefix(beside).ok());
    below.map(Path::to_path_buf).unwrap_or(physical)
}

/// Returns names of environments, each once, in the order of the way of a change.
pub(crate) fn in_order<'a>(environments: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let all: BTreeSet<&str> = environments.collect();
    let mut all: Vec<&str> = all.into_iter().collect();
    all.sort_by_key(|env| stage(env));
    all
}
