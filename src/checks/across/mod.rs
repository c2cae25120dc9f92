//! What only all roots of a call together show: names that none of them knows, hosts that two of them claim.
//!
//! All objects are walked once, by the tables of what refers to what; whatever is compared afterwards is an
//! index of that. What seems to be missing is looked for in the other files of the repository before it is
//! reported, as charts and plain folders bring objects too.

mod copied_objects;
mod custom_resources;
mod generated_apps;
mod hosts;
mod names;
mod peers;
mod pod_needs;
mod projects;
mod repository;
mod roots;
mod routes;
mod same_folder;
mod source_folders;

use crate::diagnostics::{Warning, WarningFilter, WarningKind};
use crate::load::Files;
use repository::Repository;
pub(crate) use roots::Root;
use roots::Suspect;

/// Returns the warnings about all roots, each with the number of its root. `all_are_there` is whether
/// none of the call was refused.
pub(crate) fn check(
    files: &Files,
    roots: &[Root<'_>],
    all_are_there: bool,
    filter: &WarningFilter,
) -> Vec<(usize, Warning)> {
    let mut suspects = Vec::new();
    // What may be wrong within one root as well.
    if filter.has(WarningKind::SelectsNothing) {
        peers::check(roots, &mut suspects);
    }
    if filter.has(WarningKind::UnknownField) || filter.has(WarningKind::WrongType) {
        custom_resources::fields::check(roots, filter, &mut suspects);
    }
    if filter.has(WarningKind::DanglingReference) {
        pod_needs::check(roots, &mut suspects);
    }
    if !filter.is_of_each_root() {
        of_the_repository(files, roots, all_are_there, filter, &mut suspects);
    }
    let mut repository = Repository::new(files, roots);
    if filter.has(WarningKind::UnknownPath) && !filter.is_of_each_root() {
        source_folders::check(files, &repository, roots, &mut suspects);
    }
    if filter.has(WarningKind::SharedObject) && !filter.is_of_each_root() {
        same_folder::check(files, &repository, roots, &mut suspects);
    }
    if filter.has(WarningKind::NotPermitted) && !filter.is_of_each_root() {
        generated_apps::check(files, &repository, roots, &mut suspects);
    }
    repository.look_for(suspects.iter().filter_map(|suspect| suspect.missing));
    let is_missing = |suspect: &Suspect<'_>| {
        suspect.missing.is_none_or(|(kind, name)| !repository.has(kind, name))
    };
    let found = suspects.into_iter().filter(is_missing);
    found.map(|suspect| (suspect.root, suspect.warning)).collect()
}

/// Looks at what says little of one root alone.
fn of_the_repository<'a>(
    files: &Files,
    roots: &'a [Root<'a>],
    all_are_there: bool,
    filter: &WarningFilter,
    suspects: &mut Vec<Suspect<'a>>,
) {
    if filter.has(WarningKind::UnknownName) {
        names::unknown::check(files, roots, suspects);
    }
    if filter.has(WarningKind::SharedHost) || filter.has(WarningKind::UnknownHost) {
        hosts::claims::check(files, roots, suspects);
    }
    if filter.has(WarningKind::UnknownHost) || filter.has(WarningKind::MissingPort) {
        hosts::unknown::check(roots, all_are_there, filter, suspects);
    }
    if filter.has(WarningKind::SharedObject) {
        copied_objects::check(files, roots, suspects);
    }
    if filter.has(WarningKind::NotPermitted) {
        projects::check(roots, suspects);
    }
    if filter.has(WarningKind::NotPermitted) || filter.has(WarningKind::UnknownName) {
        routes::check(roots, suspects);
    }
}
