//! The directories of a tree that are an app in an environment.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kustom::DiskFs;

use super::layout::{HOLDERS, Layout, Place, stage};
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
    let mut placed = place(&found, by, Path::to_path_buf);
    if placed.is_empty() {
        // Whoever stands in an app, or in its overlays, names neither.
        placed = place(&found, by, paths::physical);
    }
    if placed.is_empty() {
        let shown: Vec<String> = dirs.iter().map(|dir| dir.display().to_string()).collect();
        return Err(format!(
            "no kustomization below {} is an app in an environment{}",
            shown.join(", "),
            match by {
                [] => "; say where they are with --by 'apps/{app}/overlays/{env}'",
                _ => " by that pattern",
            }
        ));
    }
    tell_apart(&mut placed, by.is_empty());
    let mut seen: BTreeMap<&Place, &Path> = BTreeMap::new();
    for Placed { dir, place } in &placed {
        if let Some(other) = seen.insert(place, dir) {
            let (Place { app, env }, other, dir) = (place, other.display(), dir.display());
            return Err(format!("{other} and {dir} are both {app} in {env}; name one of them"));
        }
    }
    Ok(placed)
}

/// Returns those directories whose names say what they are, or the names that `named` gives them.
fn place(dirs: &[PathBuf], by: &[Layout], named: impl Fn(&Path) -> PathBuf) -> Vec<Placed> {
    let names: Vec<PathBuf> = dirs.iter().map(|dir| named(dir)).collect();
    let guessed = Layout::guess(names.iter().map(PathBuf::as_path));
    let layouts = if by.is_empty() { &guessed } else { by };
    let place = |name: &Path| layouts.iter().find_map(|layout| layout.place(name));
    let placed = dirs.iter().zip(&names);
    placed
        .filter_map(|(dir, name)| Some(Placed { dir: dir.clone(), place: place(name)? }))
        .collect()
}

/// Gives apps of one name, which lie in several folders, the names of these as well. Whoever says the
/// layouts may mean that an app lies in several.
fn tell_apart(placed: &mut [Placed], is_guess: bool) {
    let mut keys: BTreeMap<Place, BTreeSet<String>> = BTreeMap::new();
    let key = |placed: &Placed| {
        let env = if is_guess { String::new() } else { placed.place.env.clone() };
        Place { env, ..placed.place.clone() }
    };
    for one in placed.iter() {
        keys.entry(key(one)).or_default().insert(qualified(one));
    }
    let several: BTreeSet<String> =
        keys.into_iter().filter(|(_, all)| all.len() > 1).map(|(key, _)| key.app).collect();
    for one in placed {
        if several.contains(&one.place.app) {
            one.place.app = qualified(one);
        }
    }
}

/// Returns the path of an app, without its environment.
fn qualified(placed: &Placed) -> String {
    let names: Vec<String> =
        placed.dir.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    let env = names.iter().rposition(|name| *name == placed.place.env);
    let mut names: Vec<&str> = names
        .iter()
        .enumerate()
        .filter(|(i, name)| Some(*i) != env && name.as_str() != ".")
        .map(|(_, name)| name.as_str())
        .collect();
    names.retain(|name| !HOLDERS.contains(name));
    names.join("/")
}

/// Returns names of environments, each once, in the order of the way of a change.
pub(crate) fn in_order<'a>(environments: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let all: BTreeSet<&str> = environments.collect();
    let mut all: Vec<&str> = all.into_iter().collect();
    all.sort_by_key(|env| stage(env));
    all
}
