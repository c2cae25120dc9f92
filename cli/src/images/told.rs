//! What is said of the kustomizations that are no app in an environment.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kustom::FileSystem;
use kustom::document::NodeView;
use kustom::roots::References;
use kustom::text::visible_line;

use super::guess::CLUSTERS;
use super::layout::{Placed, names};
use super::stages::{HOLDERS, is_environment};
use crate::paths;
use crate::remembered::RememberedFs;
use crate::report::ErrorFormat;

/// Says which kustomizations a guess leaves out although an environment is in their paths: no other one refers to
/// them, as to a base, and they do not gather what is not left out.
pub(super) fn left_out(
    files: &RememberedFs,
    placed: &[(Placed, String)],
    found: &[PathBuf],
    format: ErrorFormat,
) {
    let known: BTreeSet<&Path> = placed.iter().map(|(one, _)| one.dir.as_path()).collect();
    let has_environment = |dir: &Path| {
        names(dir).any(|name| is_environment(&name) || HOLDERS.contains(&name.as_str()))
    };
    // A cluster is an environment, of no app.
    let is_cluster = |dir: &Path| {
        let above = dir.parent().and_then(Path::file_name);
        above.is_some_and(|above| CLUSTERS.iter().any(|known| above == *known))
    };
    let is_out =
        |dir: &&PathBuf| !known.contains(dir.as_path()) && has_environment(dir) && !is_cluster(dir);
    if !found.iter().any(|dir| is_out(&dir)) {
        return;
    }
    let top: BTreeSet<PathBuf> =
        kustom::roots::top_level(files, found).iter().map(|dir| files.physical(dir)).collect();
    let places: BTreeSet<PathBuf> = known.iter().map(|dir| files.physical(dir)).collect();
    // What gathers apps in environments, as a cluster does, is no app of its own.
    let mut gathers = gathers(files, &places);
    let mut is_alone = |dir: &PathBuf| {
        let dir = files.physical(dir);
        top.contains(&dir) && !gathers(&dir)
    };
    let out: Vec<&PathBuf> = found.iter().filter(|dir| is_out(dir) && is_alone(dir)).collect();
    if !out.is_empty() {
        let shown = shown(out.into_iter());
        let said = format!(
            "left out, since their paths do not say which app they are: {shown}; --by says where apps are"
        );
        format.note("note", &said);
    }
}

/// Says which kustomizations set images of the apps that they gather, as a cluster may: what they set is what runs there,
/// and no place of an app.
pub(super) fn above(
    files: &RememberedFs,
    placed: &[(Placed, String)],
    found: &[PathBuf],
    format: ErrorFormat,
) {
    let known: BTreeSet<&Path> = placed.iter().map(|(one, _)| one.dir.as_path()).collect();
    let is_other = |dir: &&PathBuf| !known.contains(dir.as_path()) && sets_images(files, dir);
    let mut above: Vec<&PathBuf> = found.iter().filter(is_other).collect();
    if above.is_empty() {
        return;
    }
    let places: BTreeSet<PathBuf> = known.iter().map(|dir| files.physical(dir)).collect();
    let mut gathers = gathers(files, &places);
    above.retain(|dir| gathers(&files.physical(dir)));
    if !above.is_empty() {
        let shown = shown(above.into_iter());
        let said = format!(
            "not looked at are the images that these set for the apps they list: {shown}; --by says where apps are"
        );
        format.note("note", &said);
    }
}

/// Returns what knows whether a kustomization is built on one of some places.
fn gathers(files: &RememberedFs, places: &BTreeSet<PathBuf>) -> impl FnMut(&Path) -> bool {
    let mut references = References::new(files);
    move |dir| references.closure(dir).0.iter().any(|dir| places.contains(dir))
}

/// Returns `true` if a kustomization has images to set.
fn sets_images(files: &RememberedFs, dir: &Path) -> bool {
    let Ok(dir) = files.absolute(dir) else { return false };
    let mut names = paths::FILE_NAMES.iter().map(|name| dir.join(name));
    let Some(bytes) = names.find_map(|file| files.read(&file).ok()) else { return false };
    let text = String::from_utf8_lossy(&bytes);
    ["images", "imageTags"].iter().any(|field| text.contains(field))
        && NodeView::read(&bytes).is_ok_and(|root| {
            let mut lists = ["images", "imageTags"].iter().filter_map(|field| root.get(field));
            lists.any(|list| list.items().next().is_some())
        })
}

/// Returns paths for people, the first few.
fn shown<'d>(dirs: impl ExactSizeIterator<Item = &'d PathBuf>) -> String {
    const SHOWN: usize = 5;
    let more = match dirs.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let shown: Vec<String> =
        dirs.take(SHOWN).map(|dir| visible_line(&dir.to_string_lossy()).into_owned()).collect();
    shown.join(", ") + &more
}
