//! Folders that objects of Argo CD and Flux name, and that the repository does not have.
//!
//! Many of them lie in other repositories. So a folder is reported only if others of the same source are there, or if
//! one is that is nearly called so.

use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::across::names::table::follow;
use crate::checks::across::repository::Repository;
use crate::checks::across::roots::{Root, Suspect};
use crate::checks::files::path_parts;
use crate::checks::kubernetes::is_filled_in;
use crate::checks::positions::place_or;
use crate::checks::slips::meant;
use crate::diagnostics::{Warning, WarningKind};
use crate::load::{FileKind, Files};
use crate::resource::Resource;
use crate::work;
use crate::yaml::{Node, Pos};

/// How many folders a pattern is followed into.
const MOST: usize = 2_000;

/// How many levels above a root its repository may start, if nothing marks its top.
const LEVELS_ABOVE: usize = 6;

/// Of how many paths that are there one may be missing.
const MOST_MISSING: usize = 10;

/// How many names a hint has.
const SHOWN: usize = 6;

/// A folder that an object names.
struct Named<'a> {
    root: usize,
    folder: &'a Path,
    by: &'a Resource,
    /// What says which repository it is in.
    source: String,
    path: &'a Node,
    is_pattern: bool,
}

/// What became of a path.
enum Outcome {
    /// It is there, from this folder on.
    There(PathBuf),
    /// It is not there: the folders that are, up to the part that is not, and this part.
    Missing {
        reached: Vec<PathBuf>,
        parts: usize,
        part: String,
    },
    Unknown,
}

/// What is known of the paths of one source.
#[derive(Default)]
struct Source<'a> {
    /// The folder that they start from.
    top: Option<&'a Path>,
    there: FxHashSet<&'a str>,
    missing: FxHashSet<&'a str>,
}

impl Source<'_> {
    /// Returns `true` if all but a few paths are there; else it is another repository, or this is a part of one.
    fn is_whole(&self) -> bool {
        !self.there.is_empty() && self.missing.len() <= 1.max(self.there.len() / MOST_MISSING)
    }
}

/// Looks at all roots.
pub(super) fn check<'a>(
    files: &Files,
    repository: &Repository<'_>,
    roots: &'a [Root<'a>],
    suspects: &mut Vec<Suspect<'a>>,
) {
    let mut all: Vec<Named<'a>> = Vec::new();
    for root in roots {
        for by in root.resources {
            work::check();
            add(root, by, &mut all);
        }
    }
    let outcomes: Vec<Outcome> =
        all.iter().map(|named| outcome(files, repository, named)).collect();
    let mut here: FxHashMap<&str, Source<'_>> = FxHashMap::default();
    for (named, outcome) in all.iter().zip(&outcomes) {
        let source = here.entry(&named.source).or_default();
        let path = named.path.text().unwrap_or_default();
        match outcome {
            Outcome::There(top) => {
                source.top.get_or_insert(top);
                source.there.insert(path);
            }
            Outcome::Missing { .. } | Outcome::Unknown => {}
        }
    }
    let mut misses = Vec::new();
    for (named, outcome) in all.iter().zip(&outcomes) {
        let Outcome::Missing { reached, parts, part } = outcome else { continue };
        let Some(source) = here.get_mut(named.source.as_str()) else { continue };
        // Nothing of it is anywhere: what is nearly called so lies where the others are.
        let top = source.top.or(repository.root()).map(Path::to_path_buf);
        let reached = if *parts == 0 { top.into_iter().collect() } else { reached.clone() };
        let there = folders_in(files, &reached);
        let near = near(named, &there, *parts, part);
        if near.is_none() {
            source.missing.insert(named.path.text().unwrap_or_default());
        }
        misses.push((named, *parts, there, near));
    }
    let mut told: FxHashSet<Pos> = FxHashSet::default();
    for (named, parts, there, near) in misses {
        let given = named.path.text().unwrap_or_default();
        let place = place_or(named.path.pos(), named.by);
        let is_whole = here.get(named.source.as_str()).is_some_and(Source::is_whole);
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if is_whole => what_is_there(given, parts, &there),
            None => continue,
        };
        if told.insert(place) {
            let what = match named.is_pattern {
                true => format!("`{given}` of its generator matches no folder of the repository"),
                false => format!("the path `{given}` is no folder of the repository"),
            };
            let text = format!("{} {}: {what}", named.by.kind(), named.by.name());
            let warning = Warning::new(WarningKind::UnknownPath, text, place).hint(hint);
            suspects.push(Suspect { root: named.root, warning, missing: None });
        }
    }
}

/// Adds the folders that an object names.
fn add<'a>(root: &'a Root<'a>, by: &'a Resource, all: &mut Vec<Named<'a>>) {
    let group = by.gvk_ref().group;
    let mut push = |source: String, path: &'a Node, is_pattern: bool| {
        let is_text = path.text().is_some_and(|text| !text.is_empty() && !is_filled_in(text));
        if is_text && !path.is_null() {
            all.push(Named {
                root: root.number,
                folder: &root.folder,
                by,
                source,
                path,
                is_pattern,
            });
        }
    };
    let of_source = |source: &'a Node, push: &mut dyn FnMut(String, &'a Node, bool)| {
        let url = source.get("repoURL").and_then(Node::text).unwrap_or_default();
        if source.get("chart").is_none()
            && let Some(path) = source.get("path")
        {
            push(without_end(url).to_owned(), path, false);
        }
    };
    let spec = match (group, by.kind()) {
        ("argoproj.io", "Application") => by.node.get("spec"),
        ("argoproj.io", "ApplicationSet") => {
            if let Some(generators) = by.node.get_path(&["spec", "generators"]) {
                of_generators(generators, &mut push);
            }
            by.node.get_path(&["spec", "template", "spec"])
        }
        ("kustomize.toolkit.fluxcd.io", "Kustomization") => {
            let kind = by.node.get_path(&["spec", "sourceRef", "kind"]).and_then(Node::text);
            let name = by.node.get_path(&["spec", "sourceRef", "name"]).and_then(Node::text);
            if let (Some("GitRepository"), Some(path)) = (kind, by.node.get_path(&["spec", "path"]))
            {
                push(format!("flux {}", name.unwrap_or_default()), path, false);
            }
            return;
        }
        _ => return,
    };
    let Some(spec) = spec else { return };
    follow(spec, &["source"], &mut |source| of_source(source, &mut push));
    follow(spec, &["sources", "[]"], &mut |source| of_source(source, &mut push));
}

/// Hands out the folders that generators look for, at any depth of matrix and merge.
fn of_generators<'a>(generators: &'a Node, push: &mut dyn FnMut(String, &'a Node, bool)) {
    let mut left = vec![generators];
    while let Some(node) = left.pop() {
        match node {
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => left.extend(items.iter().rev()),
            Node::Map { map, .. } => {
                let url = map.get("repoURL").and_then(Node::text);
                let folders = map.get("directories").and_then(Node::as_seq);
                if let (Some(url), Some(folders)) = (url, folders) {
                    let is_wanted =
                        |folder: &&Node| folder.get("exclude").and_then(Node::text) != Some("true");
                    let paths = folders.iter().filter(is_wanted).filter_map(|f| f.get("path"));
                    paths.for_each(|path| push(without_end(url).to_owned(), path, true));
                } else {
                    left.extend(map.iter().rev().map(|entry| &entry.value));
                }
            }
        }
    }
}

/// Returns an address as all write it.
fn without_end(url: &str) -> &str {
    url.trim_end_matches('/').trim_end_matches(".git")
}

fn outcome(files: &Files, repository: &Repository<'_>, named: &Named<'_>) -> Outcome {
    let given = named.path.text().unwrap_or_default();
    let parts = parts_of(given);
    if parts.is_empty() || parts.iter().any(|part| *part == ".." || part.contains("**")) {
        return Outcome::Unknown;
    }
    let tops = tops(repository, named.folder);
    let mut best: Option<(usize, Vec<PathBuf>)> = None;
    for top in tops {
        let (done, reached) = walk(files, top.clone(), &parts);
        if done == parts.len() {
            return Outcome::There(top);
        }
        if best.as_ref().is_none_or(|(most, _)| done > *most) {
            best = Some((done, reached));
        }
    }
    match best {
        Some((parts_done, reached)) => {
            let part = parts.get(parts_done).copied().unwrap_or_default().to_owned();
            Outcome::Missing { reached, parts: parts_done, part }
        }
        None => Outcome::Unknown,
    }
}

fn parts_of(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !matches!(*part, "" | ".")).collect()
}

/// Returns the folders that the paths of objects of a root may start from.
fn tops(repository: &Repository<'_>, folder: &Path) -> Vec<PathBuf> {
    match repository.root_of_git() {
        Some(root) => vec![root.to_path_buf()],
        None => {
            let above = folder.ancestors().skip(1).take(LEVELS_ABOVE);
            above.filter(|folder| folder.parent().is_some()).map(Path::to_path_buf).collect()
        }
    }
}

/// Returns the folders, as paths from the root of the repository, that patterns of a root in `folder` match; each has
/// whether it leaves folders out. Patterns that start with a `*` match folders of any repository, and are not followed.
pub(super) fn folders_of(
    files: &Files,
    repository: &Repository<'_>,
    folder: &Path,
    patterns: Vec<(&str, bool)>,
) -> Vec<String> {
    let is_vague = |part: &&str| part.contains("**") || *part == "..";
    let (mut found, mut left_out) = (Vec::new(), Vec::new());
    for (pattern, is_excluded) in patterns {
        let parts = parts_of(pattern);
        if parts.iter().any(is_vague) || parts.first().is_none_or(|part| part.contains('*')) {
            return Vec::new();
        }
        for top in tops(repository, folder) {
            let (done, reached) = walk(files, top.clone(), &parts);
            if done < parts.len() {
                continue;
            }
            let to = if is_excluded { &mut left_out } else { &mut found };
            let paths = reached.iter().filter_map(|path| path.strip_prefix(&top).ok()?.to_str());
            to.extend(paths.map(str::to_owned));
            break;
        }
    }
    found.retain(|path| !left_out.contains(path));
    found.sort_unstable();
    found.dedup();
    found
}

/// Follows a path as far as it leads; returns the number of parts that are there, and where they lead to.
fn walk(files: &Files, top: PathBuf, parts: &[&str]) -> (usize, Vec<PathBuf>) {
    let is_folder = |path: &PathBuf| files.fs().kind(path).ok() == Some(FileKind::Directory);
    let mut reached = vec![top];
    for (done, part) in parts.iter().enumerate() {
        let mut next = Vec::new();
        for folder in &reached {
            if part.contains(['*', '?', '[']) {
                let names = files.fs().list(folder).unwrap_or_default();
                let names = names.iter().filter(|name| !name.starts_with('.') && fits(name, part));
                next.extend(names.map(|name| folder.join(name)).filter(is_folder));
            } else {
                next.extend(Some(folder.join(part)).filter(is_folder));
            }
            if next.len() > MOST {
                break;
            }
        }
        if next.is_empty() {
            return (done, reached);
        }
        reached = next;
    }
    (parts.len(), reached)
}

/// Returns the names of the folders in some.
fn folders_in(files: &Files, folders: &[PathBuf]) -> Vec<String> {
    let is_folder = |path: &Path| files.fs().kind(path).ok() == Some(FileKind::Directory);
    let mut there: Vec<String> = Vec::new();
    for folder in folders.iter().take(MOST) {
        let names = files.fs().list(folder).unwrap_or_default();
        let is_one = |name: &String| !name.starts_with('.') && is_folder(&folder.join(name));
        there.extend(names.into_iter().filter(is_one));
    }
    there.sort_unstable();
    there.dedup();
    there
}

/// Returns the path with the name of a folder that is nearly called as the part which is not there.
fn near(named: &Named<'_>, there: &[String], done: usize, part: &str) -> Option<String> {
    if part.contains('*') {
        return None;
    }
    let near = meant(there.iter().map(String::as_str), part)?;
    let mut parts: Vec<&str> = named.path.text()?.split('/').collect();
    let slot = parts.iter_mut().filter(|part| !matches!(**part, "" | ".")).nth(done)?;
    *slot = near;
    Some(parts.join("/"))
}

/// Returns what lies where a path leads no further.
fn what_is_there(given: &str, done: usize, there: &[String]) -> String {
    let shown: Vec<String> = there.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = if there.len() > SHOWN { ", …" } else { "" };
    let before: Vec<&str> =
        given.split('/').filter(|part| !matches!(*part, "" | ".")).take(done).collect();
    let folder = match before.is_empty() {
        true => "the repository".to_owned(),
        false => format!("`{}`", before.join("/")),
    };
    match shown.is_empty() {
        true => format!("{folder} has no folders: correct the path, or make it"),
        false => format!("{folder} has {}{more}: correct the path, or make it", shown.join(", ")),
    }
}

/// Returns `true` if a name fits a part of a pattern; what has more than `*` fits anything.
fn fits(name: &str, part: &str) -> bool {
    part.contains(['?', '[', '{', '\\']) || path_parts::matches(name, part)
}
