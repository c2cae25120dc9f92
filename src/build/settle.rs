//! What several builds have to say together: each finding once, and what one build does not use another
//! may.

use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use super::output::Build;
use crate::checks::folders::Reached;
use crate::checks::gitops::Named;
use crate::diagnostics::WarningFilter;
use crate::diagnostics::{Location, Result};
use crate::diagnostics::{Warning, WarningKind};
use crate::load::{Files, ShownFiles};

/// What makes two findings one.
type Finding = (WarningKind, Option<(PathBuf, u32, u32)>, String);

/// Adds what can be said of folders, takes out what is said twice or not wanted.
pub(crate) fn settle(
    files: &Files,
    paths: &[&Path],
    filter: &WarningFilter,
    results: &mut [Result<Build>],
) {
    let wants = |kind| filter.has(kind);
    if wants(WarningKind::UnusedFile) || wants(WarningKind::UnreachedKustomization) {
        of_folders(files, paths, results);
    }
    let used = used_elsewhere(results);
    let mut told: FxHashSet<Finding> = FxHashSet::default();
    for build in results.iter_mut().flatten() {
        // Alone, a component has nothing to work on.
        let component = build.lint.as_ref().and_then(|facts| facts.component.clone());
        build.warnings_mut().retain(|warning| {
            let kind = warning.kind();
            let is_alone = component.is_some() && warning.layer() == component.as_ref();
            wants(kind)
                && !(is_alone && depends_on_root(kind))
                && !used.contains(&finding(warning))
                && (!kind.is_lint() || told.insert(finding(warning)))
        });
        build.lint = None;
    }
}

/// Adds what there is to say of the folders; nothing as long as a build has failed, for nobody knows what
/// it would have read.
fn of_folders(files: &Files, paths: &[&Path], results: &mut [Result<Build>]) {
    let mut read = files.read_so_far();
    let (mut folders, mut named) = (FxHashSet::default(), Named::default());
    for result in results.iter_mut() {
        let Ok(build) = result else { return };
        read.extend(std::mem::take(&mut build.read));
        if let Some(facts) = &mut build.lint {
            folders.extend(facts.entered.iter().cloned());
            named.merge(std::mem::take(&mut facts.named));
        }
    }
    let mut reached = Reached::new(read, folders, named);
    for (build, path) in results.iter_mut().flatten().zip(paths) {
        let Some(facts) = &build.lint else { continue };
        let Some(target) = facts.entered.first() else { continue };
        let found = reached.check(files, target, &facts.entered);
        if !found.is_empty() {
            let shown = ShownFiles::new(files, path);
            build.warnings_mut().extend(found.into_iter().map(|warning| warning.resolve(&shown)));
        }
    }
}

/// Returns the findings of steps of a component or base that do nothing in one build and something in
/// another that uses it as well.
fn used_elsewhere(results: &[Result<Build>]) -> FxHashSet<Finding> {
    let mut users: FxHashMap<&Path, usize> = FxHashMap::default();
    let mut holders: FxHashMap<Finding, (usize, &Path)> = FxHashMap::default();
    for build in results.iter().flatten() {
        for folder in build.lint.iter().flat_map(|facts| &facts.entered) {
            *users.entry(folder).or_default() += 1;
        }
        let mut seen = FxHashSet::default();
        for warning in build.warnings().iter().filter(|warning| depends_on_root(warning.kind())) {
            let Some(folder) = warning.layer().and_then(|file| file.parent()) else { continue };
            let finding = finding(warning);
            if seen.insert(finding.clone()) {
                holders.entry(finding).or_insert((0, folder)).0 += 1;
            }
        }
    }
    holders
        .into_iter()
        .filter(|(_, (holders, folder))| users.get(folder).is_some_and(|users| users > holders))
        .map(|(finding, _)| finding)
        .collect()
}

/// Returns `true` for kinds that are about what a step does not find in the resources of one root.
fn depends_on_root(kind: WarningKind) -> bool {
    matches!(
        kind,
        WarningKind::UnusedPatch
            | WarningKind::UnusedImage
            | WarningKind::UnusedReplacement
            | WarningKind::UnusedLabel
            | WarningKind::NoOpPatch
    )
}

fn finding(warning: &Warning) -> Finding {
    let place = |place: &Location| (place.file.clone(), place.line, place.column);
    (warning.kind(), warning.location().map(place), warning.message().to_owned())
}
