//! Looks at the warnings of all builds of a call together: each is given once, and what one build does not
//! use another may.

use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use super::lint_doubts::{Known, Of, is_doubtful, of_repository};
use super::output::{Build, LintFacts, Rendered};
use crate::checks::across;
use crate::checks::files::copied_values;
use crate::checks::files::deployed::{Deployed, is_homeless};
use crate::checks::files::gitops::{self, Named};
use crate::checks::files::unreached::Reached;
use crate::diagnostics::WarningFilter;
use crate::diagnostics::{ErrorKind, Location, Result};
use crate::diagnostics::{Warning, WarningKind};
use crate::load::{Files, PathSet, ShownFiles};
use crate::yaml::Node;

/// Two warnings with the same key are one.
type Key = (WarningKind, Option<(PathBuf, u32, u32)>, String);

/// Adds the warnings that need several builds, or all files that were read; removes those that are given
/// twice or not wanted. Returns `true` if one that was added may hold values of files.
pub(crate) fn lint_across(
    files: &Files,
    paths: &[&Path],
    filter: &WarningFilter,
    read: PathSet,
    results: &mut [Result<Rendered>],
) -> bool {
    files.aliases().renew();
    let wants = |kind| filter.has(kind);
    let filled_in = match wants(WarningKind::UnexpandedVariable) {
        true => filled_in(files, results),
        false => PathSet::default(),
    };
    let has_values = !filter.is_of_each_root()
        && wants(WarningKind::CopiedValue)
        && of_overlays(files, paths, &read, results);
    let (deployed, is_whole) = deployed(files, filter, results);
    if wants(WarningKind::UnusedFile) || wants(WarningKind::UnreachedKustomization) {
        of_folders(files, paths, read, results);
    }
    let used = used_elsewhere(results);
    let refused = of_refused(files, paths, results);
    let mut known = Known::new(results, (deployed.clone(), is_whole), refused.clone());
    let mut bases = bases_of_others(results);
    bases.extend(refused);
    let targets = results.iter().filter_map(facts).map(|facts| &facts.target);
    let mere: Vec<PathBuf> =
        targets.filter(|target| deployed.is_mere_base(target)).cloned().collect();
    bases.extend(mere);
    of_all(files, paths, filter, (&bases, &deployed), results);
    let referred = referred_elsewhere(results);
    let mut given: FxHashSet<Key> = FxHashSet::default();
    for (i, result) in results.iter_mut().enumerate() {
        let Ok(Rendered { build, facts }) = result else { continue };
        let facts = facts.as_ref();
        // Alone, a component has nothing to work on.
        let is_component = facts.is_some_and(|facts| facts.is_component);
        let is_filled_in = facts.is_some_and(|facts| filled_in.contains(&facts.target));
        let asks = build.warnings().iter().any(|warning| warning.doubts().said.is_some());
        let own = build.resources().iter().filter(|_| asks);
        let namespaces = own.map(|resource| resource.namespace().to_owned()).collect();
        let of = facts.map(|facts| Of { target: &facts.target, namespaces });
        let is_base = facts.is_some_and(|facts| bases.contains(&facts.target));
        build.warnings_mut().retain(|warning| {
            let kind = warning.kind();
            // What is said of flags is said of each build.
            let has_place = kind.is_lint() || warning.location().is_some();
            let is_used =
                |name| referred.get(name).is_some_and(|roots| roots.iter().any(|r| *r != i));
            let is_elsewhere = is_filled_in && kind == WarningKind::UnexpandedVariable
                || is_base && is_of_whole_output(kind)
                || is_component && depends_on_root(kind)
                || of.as_ref().is_some_and(|of| known.explains(files, warning, of))
                || warning.subject().is_some_and(is_used);
            wants(kind)
                && !is_elsewhere
                && !used.contains(&key(warning))
                && (given.insert(key(warning)) || !has_place)
        });
    }
    has_values
}

/// Returns the targets that have variables to tell of, if Flux fills in variables in this repository.
fn filled_in(files: &Files, results: &[Result<Rendered>]) -> PathSet {
    let is_one = |warning: &Warning| warning.kind() == WarningKind::UnexpandedVariable;
    let builds = || results.iter().flatten().filter_map(|r| Some((&r.build, r.facts.as_ref()?)));
    let with_variables = builds().filter(|(build, _)| build.warnings().iter().any(is_one));
    let targets: Vec<&PathBuf> = with_variables.map(|(_, facts)| &facts.target).collect();
    let Some(first) = targets.first() else { return PathSet::default() };
    let mut named = Named::default();
    named.add_repository(files, first, &gitops::likely_root(files, first));
    for (_, facts) in builds() {
        named.merge(facts.named.clone());
    }
    targets.into_iter().filter(|_| named.fills_in()).cloned().collect()
}

/// Returns what objects of Flux and Argo CD say of folders, and whether that is all; the rest of the repository is only asked
/// if something without a namespace makes it worth it.
fn deployed(
    files: &Files,
    filter: &WarningFilter,
    results: &[Result<Rendered>],
) -> (Deployed, bool) {
    let mut deployed = Deployed::default();
    for facts in results.iter().filter_map(facts) {
        deployed.merge(facts.named.deployed());
    }
    let builds = || results.iter().flatten().map(|rendered| &rendered.build);
    let may_be_base = || {
        let builds = results.iter().flatten().filter(|rendered| {
            rendered.build.warnings().iter().any(|warning| is_of_whole_output(warning.kind()))
        });
        let mut targets = builds.filter_map(|rendered| Some(&rendered.facts.as_ref()?.target));
        targets.any(|target| target.iter().any(|name| name == "base" || name == "bases"))
    };
    let is_wanted = builds().flat_map(Build::warnings).any(is_doubtful)
        || !filter.is_of_each_root() && may_be_base()
        || !filter.is_of_each_root() && builds().flat_map(Build::resources).any(is_homeless);
    let first = results.iter().find_map(facts).filter(|_| is_wanted);
    if let Some(first) = first {
        deployed.merge(&of_repository(files, &first.target));
    }
    (deployed, first.is_some())
}

/// Adds warnings about the folders.
fn of_folders(files: &Files, paths: &[&Path], mut read: PathSet, results: &mut [Result<Rendered>]) {
    let (mut folders, mut named) = (PathSet::default(), Named::default());
    for facts in results.iter_mut().flatten().filter_map(|rendered| rendered.facts.as_mut()) {
        read.extend(std::mem::take(&mut facts.read));
        facts.entered.iter().for_each(|folder| folders.add(folder));
        named.merge(std::mem::take(&mut facts.named));
    }
    let mut reached = Reached::new(read, folders, named);
    for (_, path) in results.iter().zip(paths).filter(|(result, _)| result.is_err()) {
        if let Ok(target) = files.fs().absolute(path) {
            reached.add_refused(files, target);
        }
    }
    if results.len() > 1 {
        let entered = results.iter().filter_map(facts).flat_map(|facts| &facts.entered);
        reached.look_around(files, entered);
    }
    for (result, path) in results.iter_mut().zip(paths) {
        let Ok(Rendered { build, facts: Some(facts) }) = result else { continue };
        let found = reached.check(files, &facts.target, &facts.entered);
        if !found.is_empty() {
            let shown = ShownFiles::new(files, path);
            build.warnings_mut().extend(found.into_iter().map(|warning| warning.resolve(&shown)));
        }
    }
}

/// Adds warnings about values that one overlay has of another; returns `true` if there are any.
fn of_overlays(
    files: &Files,
    paths: &[&Path],
    read: &PathSet,
    results: &mut [Result<Rendered>],
) -> bool {
    let targets: Vec<(usize, PathBuf)> = results
        .iter()
        .enumerate()
        .filter_map(|(i, result)| Some((i, facts(result)?.target.clone())))
        .collect();
    let roots: Vec<(usize, &Path)> =
        targets.iter().map(|(i, target)| (*i, target.as_path())).collect();
    let found = copied_values::check(files, &roots, read);
    let has_any = !found.is_empty();
    for (i, warning) in found {
        if let (Some(Ok(rendered)), Some(path)) = (results.get_mut(i), paths.get(i)) {
            rendered.build.warnings_mut().push(warning.resolve(&ShownFiles::new(files, path)));
        }
    }
    has_any
}

/// Adds warnings about all roots together; bases are judged where they are used.
fn of_all(
    files: &Files,
    paths: &[&Path],
    filter: &WarningFilter,
    (bases, deployed): (&PathSet, &Deployed),
    results: &mut [Result<Rendered>],
) {
    let root = |(number, result): (usize, &'_ Result<Rendered>)| -> Option<_> {
        let facts = facts(result)?;
        let folder = facts.target.clone();
        (!facts.is_component && !bases.contains(&folder)).then_some((number, folder))
    };
    let roots: Vec<(usize, PathBuf)> = results.iter().enumerate().filter_map(root).collect();
    let roots: Vec<across::Root<'_>> = roots
        .into_iter()
        .filter_map(|(number, folder)| {
            let build = &results.get(number)?.as_ref().ok()?.build;
            let typed = paths.get(number)?;
            let home = deployed.home(&folder);
            Some(across::Root::new(number, (folder, typed), home, build.resources()))
        })
        .collect();
    let is_refused = |result: &Result<Rendered>| {
        result.as_ref().is_err_and(|error| error.kind() != ErrorKind::External)
    };
    let all_are_there = !results.iter().any(is_refused);
    let found = across::check(files, &roots, all_are_there, filter);
    let place = |warning: &Warning| {
        let at = warning.location()?;
        Some((at.file.clone(), at.line, at.column))
    };
    // Where as much is said already, by the roots.
    let mut said: FxHashMap<usize, FxHashSet<(PathBuf, u32, u32)>> = FxHashMap::default();
    for (i, warning) in found {
        let (Some(Ok(rendered)), Some(path)) = (results.get_mut(i), paths.get(i)) else { continue };
        let build = &mut rendered.build;
        let warning = warning.resolve(&ShownFiles::new(files, path));
        let said = said.entry(i).or_insert_with(|| {
            let as_much = build.warnings().iter().filter(|said| says_as_much(said.kind()));
            as_much.filter_map(place).collect()
        });
        let at = place(&warning);
        if at.as_ref().is_some_and(|at| said.contains(at)) {
            continue;
        }
        said.extend(at.filter(|_| says_as_much(warning.kind())));
        build.warnings_mut().push(warning);
    }
}

/// Returns `true` for kinds that make a warning about all roots together superfluous.
fn says_as_much(kind: WarningKind) -> bool {
    matches!(
        kind,
        WarningKind::CopiedValue
            | WarningKind::DanglingReference
            | WarningKind::InvalidValue
            | WarningKind::SelectsNothing
            | WarningKind::WrongReference
    )
}

/// Returns the keys of warnings about steps of a component or base that do nothing in one build and something in
/// another that uses it as well.
fn used_elsewhere(results: &[Result<Rendered>]) -> FxHashSet<Key> {
    let is_one = |warning: &Warning| depends_on_root(warning.kind());
    if !results.iter().flatten().any(|rendered| rendered.build.warnings().iter().any(is_one)) {
        return FxHashSet::default();
    }
    let mut users: FxHashMap<&Path, usize> = FxHashMap::default();
    let mut holders: FxHashMap<Key, (usize, &Path)> = FxHashMap::default();
    for Rendered { build, facts } in results.iter().flatten() {
        for folder in facts.iter().flat_map(|facts| &facts.entered) {
            *users.entry(folder).or_default() += 1;
        }
        let mut seen = FxHashSet::default();
        for warning in build.warnings().iter().filter(|warning| is_one(warning)) {
            let Some(folder) = warning.layer().and_then(|file| file.parent()) else { continue };
            let key = key(warning);
            if seen.insert(key.clone()) {
                holders.entry(key).or_insert((0, folder)).0 += 1;
            }
        }
    }
    holders
        .into_iter()
        .filter(|(_, (holders, folder))| users.get(folder).is_some_and(|users| users > holders))
        .map(|(key, _)| key)
        .collect()
}

/// Returns the folders that targets which were refused would have read.
fn of_refused(files: &Files, paths: &[&Path], results: &[Result<Rendered>]) -> PathSet {
    let mut reached = Reached::new(PathSet::default(), PathSet::default(), Named::default());
    for (_, path) in results.iter().zip(paths).filter(|(result, _)| result.is_err()) {
        if let Ok(target) = files.fs().absolute(path) {
            reached.add_refused(files, target);
        }
    }
    reached.folders
}

/// Returns the targets that another target has read as a base or component.
fn bases_of_others(results: &[Result<Rendered>]) -> PathSet {
    let mut bases = PathSet::default();
    for facts in results.iter().filter_map(facts) {
        let is_other = |folder: &&PathBuf| folder.as_os_str() != facts.target.as_os_str();
        facts.entered.iter().filter(is_other).for_each(|folder| bases.add(folder));
    }
    bases
}

/// Returns the names of generated objects that no other object of their build refers to, each with the
/// builds that have the name in a field; an empty map if there are no such names.
fn referred_elsewhere(results: &[Result<Rendered>]) -> FxHashMap<String, Vec<usize>> {
    let warnings = || results.iter().flatten().flat_map(|rendered| rendered.build.warnings());
    let mut referred: FxHashMap<String, Vec<usize>> =
        warnings().filter_map(|w| Some((w.subject()?.to_owned(), Vec::new()))).collect();
    if referred.is_empty() || results.len() < 2 {
        return FxHashMap::default();
    }
    for (i, result) in results.iter().enumerate() {
        for resource in result.iter().flat_map(|rendered| rendered.build.resources()) {
            let own = resource.name();
            let mut left = vec![&resource.node];
            while let Some(node) = left.pop() {
                match node {
                    Node::Scalar { text, .. } if text != own => {
                        if let Some(builds) = referred.get_mut(text.as_str())
                            && builds.last() != Some(&i)
                        {
                            builds.push(i);
                        }
                    }
                    Node::Scalar { .. } => {}
                    Node::Seq { items, .. } => left.extend(items),
                    Node::Map { map, .. } => left.extend(map.iter().map(|entry| &entry.value)),
                }
            }
        }
    }
    referred
}

/// Returns `true` for kinds that are about all resources of a build: for a base they are judged where it
/// is used, which may give it a namespace, or what refers to its objects.
fn is_of_whole_output(kind: WarningKind) -> bool {
    matches!(
        kind,
        WarningKind::DanglingReference
            | WarningKind::WrongReference
            | WarningKind::UnusedGenerated
            | WarningKind::LeftOverVar
            | WarningKind::UnexpandedVariable
            | WarningKind::MissingVolume
            | WarningKind::SelectsNothing
            | WarningKind::WrongBackend
            | WarningKind::MissingPort
            | WarningKind::MissingField
            | WarningKind::InvalidValue
            | WarningKind::MissingKey
            | WarningKind::IncompleteSecret
    )
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
            | WarningKind::UnexpandedVariable
    )
}

/// Returns what the lint knows of a result.
fn facts(result: &Result<Rendered>) -> Option<&LintFacts> {
    result.as_ref().ok()?.facts.as_ref()
}

fn key(warning: &Warning) -> Key {
    let place = |place: &Location| (place.file.clone(), place.line, place.column);
    (warning.kind(), warning.location().map(place), warning.message().to_owned())
}
