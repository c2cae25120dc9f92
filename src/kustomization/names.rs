//! Which fields of a kustomization name files, directories and what is elsewhere, whatever else the file says.

use crate::yaml::{Mapping, Node, Pos, fold};

/// What an entry stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A file with resources, or a base.
    Resource,
    /// A component.
    Component,
    /// The configuration of a step, in place or as a file or base.
    Config,
    /// A file that names nothing else.
    File,
}

/// The fields that list files or directories.
const LISTS: [(&str, Role); 9] = [
    ("resources", Role::Resource),
    ("bases", Role::Resource),
    ("components", Role::Component),
    ("generators", Role::Config),
    ("transformers", Role::Config),
    ("validators", Role::Config),
    ("crds", Role::File),
    ("configurations", Role::File),
    ("patchesStrategicMerge", Role::File),
];

/// The fields that list mappings, or are one, with the path of a file under `path`.
pub(crate) const WITH_PATH: [&str; 4] = ["patches", "patchesJson6902", "replacements", "openapi"];

/// The fields that list mappings with files that become data.
pub(crate) const GENERATORS: [&str; 2] = ["configMapGenerator", "secretGenerator"];

/// The fields of charts.
pub(crate) const CHARTS: [&str; 2] = ["helmCharts", "helmChartInflationGenerator"];
/// The fields of a chart that name files.
pub(crate) const CHART_FILES: [&str; 3] = ["valuesFile", "additionalValuesFiles", "values"];

/// The fields of an entry of [`GENERATORS`] that name files.
const SOURCES: [&str; 3] = ["files", "envs", "env"];

/// The fields of the configuration of a built-in step that name files.
const OF_CONFIG: [&str; 8] = [
    "path",
    "paths",
    "files",
    "envs",
    "targetFilePath",
    CHART_FILES[0],
    CHART_FILES[1],
    CHART_FILES[2],
];

/// An entry that names something, and its place.
pub(crate) type Name = (Role, String, Pos);

/// Returns what the entries of a field stand for, if it lists files or directories.
pub(crate) fn role_of_list(field: &str) -> Option<Role> {
    LISTS.iter().find(|(name, _)| fold(field).eq(fold(name))).map(|(_, role)| *role)
}

/// Returns `true` if a field is one of these; names of fields match without regard to case.
pub(crate) fn is_one_of(field: &str, names: &[&str]) -> bool {
    names.iter().any(|name| fold(field).eq(fold(name)))
}

/// Returns what a kustomization names, in order; fields of another shape name nothing.
pub(crate) fn of_kustomization(root: &Node) -> Vec<Name> {
    let mut names = Vec::new();
    for entry in root.as_map().into_iter().flat_map(Mapping::iter) {
        let Some(field) = entry.key.text() else { continue };
        let value = &entry.value;
        if let Some(role) = role_of_list(field) {
            texts(value, role, &mut names);
        } else if is_one_of(field, &WITH_PATH) {
            each(value, |map| fields(map, &["path"], &mut names));
        } else if is_one_of(field, &CHARTS) {
            each(value, |map| fields(map, &CHART_FILES, &mut names));
        } else if is_one_of(field, &GENERATORS) {
            each(value, |map| fields(map, &SOURCES, &mut names));
        }
    }
    names
}

/// Returns the files that the configuration of a built-in step names.
pub(crate) fn of_config(root: &Node) -> Vec<Name> {
    let mut names = Vec::new();
    for entry in root.as_map().into_iter().flat_map(Mapping::iter) {
        let Some(field) = entry.key.text() else { continue };
        if is_one_of(field, &OF_CONFIG) {
            texts(&entry.value, Role::File, &mut names);
        } else if is_one_of(field, &WITH_PATH) {
            each(&entry.value, |map| fields(map, &["path"], &mut names));
        }
    }
    names
}

fn fields(map: &Mapping, fields: &[&str], names: &mut Vec<Name>) {
    for entry in map.iter() {
        if entry.key.text().is_some_and(|field| is_one_of(field, fields)) {
            texts(&entry.value, Role::File, names);
        }
    }
}

/// Adds a text, or the texts of a list. Of `key=path` the path counts, too.
fn texts(node: &Node, role: Role, names: &mut Vec<Name>) {
    let items = node.as_seq().map_or(std::slice::from_ref(node), |items| items.as_slice());
    for item in items {
        let Some(text) = item.text().filter(|text| !text.is_empty()) else { continue };
        let path = match text.split_once('=') {
            Some((key, path)) if role == Role::File && !key.contains(['/', '?']) => path,
            _ => text,
        };
        names.push((role, path.to_owned(), item.pos()));
    }
}

/// Calls `take` for a mapping, or each of a list.
fn each(node: &Node, mut take: impl FnMut(&Mapping)) {
    match node.as_seq() {
        Some(items) => items.iter().filter_map(Node::as_map).for_each(take),
        None => node.as_map().into_iter().for_each(&mut take),
    }
}
