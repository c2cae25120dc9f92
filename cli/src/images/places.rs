//! The directories of a tree that are an app in an environment.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::path::{Path, PathBuf};

use kustom::document::NodeView;
use kustom::roots::References;
use kustom::{FileKind, FileSystem};

use super::guess::Guess;
use super::layout::{Layout, Place, Placed};
use super::stages::{is_environment, is_inside, stage};
use super::told;
use super::tops::Tops;
use crate::exclude::Excluded;
use crate::git::WorkTree;
use crate::remembered::RememberedFs;
use crate::report::ErrorFormat;
use crate::{paths, roots, search};

/// Finds all of them below `dirs`, each with a place of its own.
///
/// # Errors
/// If a directory cannot be read, there is none of that layout, or two are the same app and environment.
pub(crate) fn find(
    files: &RememberedFs,
    dirs: &[PathBuf],
    by: &[Layout],
    excluded: &Excluded,
    format: ErrorFormat,
) -> Result<Vec<Placed>, String> {
    let found = search::directories(dirs)?;
    let found = roots::find_in(&WorkTree::over(files.clone()), &found, excluded, format)?;
    let links = links(files, &found).into_iter().filter(|link| !excluded.matches(link));
    let found: BTreeSet<PathBuf> = found.iter().cloned().chain(links).collect();
    let found: Vec<PathBuf> =
        found.into_iter().filter(|dir| !kustom::roots::is_component(files, dir)).collect();
    // Whoever stands in an app, or in its overlays, names neither; and an app may have a repository of its own.
    let tops = Tops::of(files);
    let all_named: [&dyn Fn(&Path) -> PathBuf; 3] =
        [&Path::to_path_buf, &|dir| tops.in_repository(dir), &|dir| tops.with_repository(dir)];
    let mut placed = Vec::new();
    for named in all_named {
        let others = place(&found, by, named);
        let is_better =
            placed.is_empty() || by.is_empty() && !are_named(&placed) && are_named(&others);
        if is_better {
            placed = others;
        }
    }
    add_top(files, &mut placed, &found, by, &tops);
    if by.is_empty() {
        leave_out_lists(files, &mut placed);
    }
    if by.is_empty() && !placed.is_empty() {
        told::left_out(files, &placed, &found, format);
    }
    told::above(files, &placed, &found, format);
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

/// Returns the links beside kustomizations that lead to one of them, and those beside environments that lead to the
/// folder of another, with what is below: one environment under two names.
fn links(files: &RememberedFs, found: &[PathBuf]) -> Vec<PathBuf> {
    let folders: BTreeSet<&Path> = found.iter().flat_map(|dir| dir.ancestors().skip(1)).collect();
    let links_in = |folder: &&Path| {
        let entries = files.real(folder).and_then(|real| files.entries(&real)).unwrap_or_default();
        let links = entries.into_iter().filter(|(_, kind)| *kind == FileKind::Link);
        links.map(|(name, _)| name).collect::<Vec<_>>()
    };
    let linked = folders.iter().map(|folder| (*folder, links_in(folder)));
    let linked: Vec<_> = linked.filter(|(_, names)| !names.is_empty()).collect();
    if linked.is_empty() {
        return Vec::new();
    }
    let mut reals: BTreeMap<PathBuf, &Path> = BTreeMap::new();
    let mut beside = BTreeSet::new();
    for dir in found {
        let Ok(real) = files.real(dir) else { continue };
        reals.insert(real, dir);
        beside.extend(dir.parent());
    }
    let mut links = Vec::new();
    for (folder, names) in linked {
        for name in names {
            let link = folder.join(&name);
            let Ok(target) = files.real(&link) else { continue };
            let is_one = beside.contains(folder) && reals.contains_key(&target);
            if !is_one && !is_environment(&name.to_string_lossy()) {
                continue;
            }
            let below =
                reals.range::<Path, _>((Bound::Included(target.as_path()), Bound::Unbounded));
            let below = below.map_while(|(real, _)| real.strip_prefix(&target).ok());
            // A link to a folder that it lies in has no end.
            let is_circle = files.real(folder).is_ok_and(|folder| folder.starts_with(&target));
            if !is_circle {
                links.extend(below.map(|rest| match rest.as_os_str().is_empty() {
                    true => link.clone(),
                    false => link.join(rest),
                }));
            }
        }
    }
    links
}

/// Adds the environments of an app that is the whole repository, where other apps lie below it.
fn add_top(
    files: &RememberedFs,
    placed: &mut Vec<(Placed, String)>,
    found: &[PathBuf],
    by: &[Layout],
    tops: &Tops<'_>,
) {
    let known: BTreeSet<PathBuf> = placed.iter().map(|(one, _)| one.dir.clone()).collect();
    // A pattern of placeholders alone would fit any folder at the top.
    if known.is_empty() || !by.is_empty() && !by.iter().any(Layout::has_text) {
        return;
    }
    let is_of_top = |(one, path): &(Placed, String)| {
        !known.contains(&one.dir)
            && tops
                .top(&files.physical(&one.dir))
                .is_some_and(|top| top.file_name().is_some_and(|name| name == path.as_str()))
    };
    let named = |dir: &Path| tops.with_repository(dir);
    placed.extend(place(found, by, named).into_iter().filter(is_of_top));
}

/// Leaves out the folders of environments that list the apps in them and say nothing of images, as `envs/prod` does with
/// `envs/prod/web`: these are no apps of their own, unless another environment has something else in such a folder. So it
/// is with those that list the regions of an app, as `overlays/prod` does with `overlays/prod/eu`.
fn leave_out_lists(files: &RememberedFs, placed: &mut Vec<(Placed, String)>) {
    let all: BTreeMap<&Path, (&Place, &str)> =
        placed.iter().map(|(one, app)| (one.dir.as_path(), (&one.place, app.as_str()))).collect();
    let mut references = References::new(files);
    let mut is_list_of = |dir: &Path, own: &[PathBuf]| {
        if own.is_empty() {
            return false;
        }
        let built = references.closure(&files.physical(dir)).0;
        own.iter().any(|dir| built.contains(dir)) && is_mere_list(files, dir, own)
    };
    let mut lists: BTreeMap<&str, bool> = BTreeMap::new();
    let mut of_regions: BTreeMap<&str, (bool, Vec<&Path>)> = BTreeMap::new();
    for (one, app) in &*placed {
        let below = (Bound::Excluded(one.dir.as_path()), Bound::Unbounded);
        let below = all.range::<Path, _>(below).take_while(|(dir, _)| dir.starts_with(&one.dir));
        let (mut apps, mut regions) = (Vec::new(), Vec::new());
        for (dir, (place, other)) in below {
            let rest = place.env.strip_prefix(&one.place.env);
            if rest == Some("") {
                apps.push(files.physical(dir));
            } else if other == app && rest.is_some_and(|rest| rest.starts_with('/')) {
                regions.push(files.physical(dir));
            }
        }
        let all_are = lists.entry(app).or_insert(true);
        *all_are = *all_are && is_list_of(&one.dir, &apps);
        // An environment that is none of these is to be compared with those that are.
        if !one.place.env.contains('/') || !regions.is_empty() {
            let (all_are, dirs) = of_regions.entry(app).or_insert((true, Vec::new()));
            *all_are = *all_are && is_list_of(&one.dir, &regions);
            dirs.push(&one.dir);
        }
    }
    let lists = lists.into_iter().filter(|(_, all_are)| *all_are);
    let lists: BTreeSet<String> = lists.map(|(app, _)| app.to_owned()).collect();
    let of_regions = of_regions.into_values().filter(|(all_are, _)| *all_are);
    let of_regions: BTreeSet<PathBuf> =
        of_regions.flat_map(|(_, dirs)| dirs).map(Path::to_path_buf).collect();
    placed.retain(|(one, app)| !lists.contains(app) && !of_regions.contains(&one.dir));
}

/// The fields of a kustomization that neither change images nor add workloads; and `resources`, which are looked at.
const OF_LISTS: [&str; 14] = [
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "namespace",
    "namePrefix",
    "nameSuffix",
    "labels",
    "commonLabels",
    "commonAnnotations",
    "buildMetadata",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
];

/// Returns `true` if a kustomization does nothing to images: it lists some of `apps` and files without images.
fn is_mere_list(files: &RememberedFs, dir: &Path, apps: &[PathBuf]) -> bool {
    let file = paths::FILE_NAMES.iter().map(|name| dir.join(name)).find(|file| file.is_file());
    let Some(root) = file.and_then(|file| NodeView::read(&files.read(&file).ok()?).ok()) else {
        return false;
    };
    let is_harmless = |path: &Path| match files.kind(path) {
        Ok(FileKind::Directory) => apps.contains(&files.physical(path)),
        // Whatever a workload calls its images, the word is in it.
        Ok(_) => files.read(path).is_ok_and(|bytes| {
            let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
            !text.contains("image") && !text.contains("container")
        }),
        Err(_) => false,
    };
    root.entries().all(|(key, _)| key.text().is_some_and(|key| OF_LISTS.contains(&key)))
        && root.get("resources").is_some_and(|resources| {
            let mut paths = resources.items();
            paths.all(|path| path.text().is_some_and(|path| is_harmless(&dir.join(path))))
        })
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

/// Returns names of environments, each once, in the order of the way of a change.
pub(crate) fn in_order<'a>(environments: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let all: BTreeSet<&str> = environments.collect();
    let mut all: Vec<&str> = all.into_iter().collect();
    all.sort_by_key(|env| stage(env));
    all
}
