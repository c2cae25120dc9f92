//! Renders both sides of a comparison and pairs their roots.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustom::diff::{self, Naming, Options, Report, RootReport, SideError};
use kustom::document::Reading;
use kustom::roots::{self, References, Sameness};
use kustom::{Builder, DiskFs, Session};

use super::doubt::{
    doubt_what_changed, doubt_what_had_no_room, doubt_what_has_no_copy,
    doubt_what_is_not_checked_out, doubt_what_moved, doubt_what_needs_a_switch, lacks_objects,
};
use super::manifests::{read, read_folder};
use super::moves::{Moved, NOT_ALL, moved};
use super::past::find_broken;
use super::set::{Refusal, Set, hide_from_each_other, refuse_too_much};
use super::side::{COPIES_BESIDE, COPIES_OF_REVISION, Side, refused};
use crate::checked_out;
use crate::exclude::Excluded;
use crate::git::{Between, Committed, Repository, Revision, Sparse, WorkTree};
use crate::outside::OutsideArgs;
use crate::parallel;
use crate::parsed::Parsed;
use crate::path_patterns::named_part;
use crate::report::ErrorFormat;
use crate::revisions::Revisions;
use crate::search::{self, Known};
use crate::waiting;

/// Why nothing could be compared.
pub(crate) enum Stopped {
    /// Something that stderr has been told already.
    Told,
    Other(String),
}

impl From<String> for Stopped {
    fn from(message: String) -> Stopped {
        Stopped::Other(message)
    }
}

/// What the sides are called where two paths are compared.
const PATHS: [&str; 2] = ["before", "after"];

/// What was found of some roots.
struct Compared {
    roots: Vec<RootReport>,
    /// What each was found of.
    sets: Vec<[Set; 2]>,
    /// Whether all that moved were looked for.
    is_all: bool,
}

/// How to compare.
pub(crate) struct Comparison<'a> {
    pub(crate) options: Options,
    /// What both sides are built with, but for their files.
    pub(crate) builder: Builder,
    pub(crate) outside: &'a OutsideArgs,
    pub(crate) format: ErrorFormat,
    /// Whether to render what the change cannot touch too.
    pub(crate) all: bool,
    /// Whether roots without differences need not be named.
    pub(crate) only_changes: bool,
    pub(crate) excluded: Excluded,
    /// What knows what was rendered of the disk before, if that is kept.
    pub(crate) session: Option<&'a Session>,
}

impl Comparison<'_> {
    /// Compares two directories or files.
    pub(crate) fn paths(&self, before: &Path, after: &Path) -> Result<Report, Stopped> {
        if before == Path::new("-") && after == Path::new("-") {
            return Err("stdin cannot be both sides".to_owned().into());
        }
        let builder = self.builder.clone();
        let side = |name| Side::new(&DiskFs, &builder, name);
        let [names_before, names_after] = PATHS.map(side);
        let reading = Reading::new(self.outside.bounds.limits.set());
        if !(before.is_dir() && after.is_dir()) {
            let set = |path: &Path, side| match path.is_dir() {
                true => self.render_one(side, path),
                false => Ok(Set::Read(read(path, &reading)?)),
            };
            return Ok(self.single(set(before, names_before)?, set(after, names_after)?));
        }
        let roots = |top: &Path| -> Result<Vec<PathBuf>, String> {
            let found =
                search::find(&[&WorkTree::default()], &[top.to_path_buf()], &self.excluded)?;
            let top = kustom::text::clean_path(top);
            let below = |root: &PathBuf| root.strip_prefix(&top).unwrap_or(root).to_path_buf();
            Ok(found.iter().map(below).collect())
        };
        let (roots_before, roots_after) = match (roots(before), roots(after)) {
            (Err(_), Err(_)) => {
                // Neither has kustomizations: what was rendered into files.
                let set = |folder| read_folder(folder, &reading).map(Set::Read);
                return Ok(self.single(set(before)?, set(after)?));
            }
            (a, b) => (a?, b?),
        };
        let mut all: Vec<PathBuf> = roots_before.iter().chain(&roots_after).cloned().collect();
        all.sort();
        all.dedup();
        // What is a root on one side may be a base on the other.
        let sets = |side, top: &Path, roots: &[PathBuf]| {
            let is_there = |root: &PathBuf, folder: &Path| {
                let is_base = || {
                    roots::is_kustomization(&DiskFs, folder)
                        && !roots::is_component(&DiskFs, folder)
                };
                roots.contains(root) || is_base()
            };
            let place = |root: &PathBuf| {
                let folder = top.join(root);
                is_there(root, &folder).then_some(folder)
            };
            self.render(side, &all.iter().map(place).collect::<Vec<_>>())
        };
        let compared = format!(
            "{} and {} are compared with each other (--from REV compares each with a revision)",
            before.display(),
            after.display()
        );
        let (one, other) = (naming(before), naming(after));
        let options = match one == other {
            true => self.options.clone(),
            false => self.options.clone().names(one, other),
        };
        let before = sets(names_before, before, &roots_before);
        let after = sets(names_after, after, &roots_after);
        let comparison = Comparison {
            options,
            builder: self.builder.clone(),
            excluded: self.excluded.clone(),
            ..*self
        };
        let report = comparison.compare(&all, before, after, PATHS);
        Ok(report.comparing(compared))
    }

    /// Compares roots between two revisions, or a revision and the work tree.
    pub(crate) fn revisions(
        &self,
        revisions: &Revisions,
        roots: &[PathBuf],
    ) -> Result<Report, Stopped> {
        let first = roots.first().map(PathBuf::as_path).unwrap_or(Path::new("."));
        let repository = Repository::discover(first)?;
        let (from, revision) = revisions.before(&repository)?;
        let builder = |of| checked_out::builder(self.builder.clone(), self.outside, of);
        let (builder_before, copies) = match revisions.to {
            Some(_) => (builder(&revision)?, Some(COPIES_OF_REVISION)),
            None => {
                let builder = self.builder.clone();
                let beside = checked_out::builder_beside(builder, self.outside, &revision)?;
                (beside, Some(COPIES_BESIDE))
            }
        };
        let before = Side { copies, ..Side::new(&revision, &builder_before, &from) };
        match (revisions.after(&repository)?, revisions.to.as_deref()) {
            (None, _) | (_, None) => {
                let named: Vec<PathBuf> = roots.iter().map(|root| named_part(root)).collect();
                let folders = named.iter().map(PathBuf::as_path);
                repository.check_checked_out(folders, &self.excluded)?;
                let mut builder = self.builder.clone();
                let skipped = repository.skipped();
                if let Some(skipped) = &skipped {
                    builder = builder.file_system(Sparse::new(Arc::clone(skipped), &revision));
                } else if let Some(files) = Committed::of(&revision) {
                    builder = builder.file_system(files);
                }
                let files = WorkTree::default();
                let after = Side {
                    ignored: Some(&files),
                    skipped: skipped.as_deref(),
                    ..Side::new(&files, &builder, "the work tree")
                };
                let between = Between::on_disk(&revision, skipped.clone());
                let report = self.sides(before, after, roots, &between)?;
                complete(report, [Some(&revision), None])
            }
            (Some(other), Some(to)) => {
                if !self.all && self.only_changes && revision.has_same_files(&other) {
                    search::expect(&revision, roots)?;
                    let same = format!("{from} and {to} have the same files");
                    return Ok(Report::default().comparing(same));
                }
                let builder = builder(&other)?;
                let copies = Some(COPIES_OF_REVISION);
                let after = Side { copies, ..Side::new(&other, &builder, to) };
                let between = Between::new(&revision, Some(&other));
                let report = self.sides(before, after, roots, &between)?;
                complete(report, [Some(&revision), Some(&other)])
            }
        }
    }

    fn sides(
        &self,
        before: Side<'_>,
        after: Side<'_>,
        paths: &[PathBuf],
        same: &dyn Sameness,
    ) -> Result<Report, Stopped> {
        let parsed = Parsed::default();
        let known = Known { parsed: &parsed, same: Some(same) };
        let roots = search::find_with(&[before.files, after.files], paths, &self.excluded, &known)?;
        let mut compared = self.between(before, after, roots.clone(), &known);
        let mut is_all = compared.is_all;
        // A root that cannot be rendered hides nothing: what it refers to is compared in its place.
        let mut seen: BTreeSet<PathBuf> = roots.into_iter().collect();
        let mut failed = failed_roots(&compared.roots);
        while !failed.is_empty() {
            let mut inner = BTreeSet::new();
            for side in [before, after] {
                let mut graph = References::new(side.files);
                let here = side.files.absolute(Path::new("."));
                let mut waiting: Vec<PathBuf> =
                    failed.iter().flat_map(|root| graph.direct(Path::new(root))).collect();
                let mut entered = BTreeSet::new();
                while let Some(folder) = waiting.pop() {
                    // Nothing is built of a component alone, but of what it refers to.
                    if roots::is_component(side.files, &folder) {
                        if entered.insert(folder.clone()) {
                            waiting.extend(graph.direct(&folder));
                        }
                        continue;
                    }
                    let is_root = roots::is_kustomization(side.files, &folder);
                    let folder = search::relative(&folder, here.as_deref().ok());
                    if is_root && !self.excluded.matches(&folder) && seen.insert(folder.clone()) {
                        inner.insert(folder);
                    }
                }
            }
            if inner.is_empty() {
                break;
            }
            let more = self.between(before, after, inner.into_iter().collect(), &known);
            failed = failed_roots(&more.roots);
            is_all &= more.is_all;
            compared.roots.extend(more.roots);
            compared.sets.extend(more.sets);
        }
        let mut report = Report::new(compared.roots);
        let sets = compared.sets.iter().map(|[one, two]| [one, two]);
        hide_from_each_other(&mut report, sets);
        report.roots.sort_by(|a, b| Path::new(&a.root).cmp(Path::new(&b.root)));
        match is_all {
            true => Ok(report),
            false => Ok(report.comparing(NOT_ALL)),
        }
    }

    /// Renders and compares the roots that the change may touch.
    fn between(
        &self,
        before: Side<'_>,
        after: Side<'_>,
        roots: Vec<PathBuf>,
        known: &Known<'_>,
    ) -> Compared {
        let mut graph = References::new(before.files);
        let mut is_untouched = |root: &PathBuf| {
            !self.all && known.same.is_some_and(|same| graph.is_untouched(root, same))
        };
        let untouched: Vec<bool> = roots.iter().map(&mut is_untouched).collect();
        let sets = |side: Side<'_>| {
            let is_there = |(root, untouched): (&PathBuf, &bool)| {
                let there = !untouched && side.has(root);
                there.then(|| root.clone())
            };
            let present: Vec<Option<PathBuf>> =
                roots.iter().zip(&untouched).map(is_there).collect();
            let mut sets = self.render(side, &present);
            for (set, _) in sets.iter_mut().zip(&untouched).filter(|(_, untouched)| **untouched) {
                *set = Set::Same;
            }
            sets
        };
        let sides = [before, after];
        let builders = [before.builder, after.builder];
        let (names, mut before, mut after) = ([before.name, after.name], sets(before), sets(after));
        if let Some(same) = known.same {
            for (root, (before, after)) in roots.iter().zip(before.iter_mut().zip(&mut after)) {
                doubt_what_changed(builders, root, [before, after], same);
            }
        }
        let Moved { pairs: moved, is_all } = moved(sides, [&before, &after], &roots);
        let mut gone = vec![false; roots.len()];
        for &(from, to) in &moved {
            before.swap(from, to);
            gone[from] = true;
            if let (Some(same), Some(old), Some(new)) =
                (known.same, before.get_mut(to), after.get_mut(to))
            {
                doubt_what_moved(sides, [&roots[from], &roots[to]], [old, new], same);
            }
        }
        for (old, new) in before.iter().zip(&mut after) {
            doubt_what_needs_a_switch(old, new);
        }
        for (old, new) in before.iter_mut().zip(&mut after) {
            doubt_what_has_no_copy(old, new);
            doubt_what_had_no_room(old, new);
            doubt_what_is_not_checked_out(old, new);
        }
        let place = |to: usize| {
            let from = moved.iter().find(|(_, other)| *other == to).map_or(to, |(from, _)| *from);
            [&roots[from], &roots[to]]
        };
        let places: Vec<[&PathBuf; 2]> = (0..roots.len()).map(place).collect();
        for (i, broken) in find_broken(sides, &places, [&before, &after]) {
            after[i] = broken;
        }
        let all = self.each_root(&roots, &before, &after, names).into_iter();
        let all = all.zip(before.into_iter().zip(after)).enumerate();
        let mut compared = Compared { roots: Vec::new(), sets: Vec::new(), is_all };
        for (to, (mut root, (before, after))) in all.filter(|(i, _)| !gone[*i]) {
            let from = moved.iter().find(|(_, other)| *other == to);
            root.moved_from = from.map(|(from, _)| roots[*from].display().to_string());
            compared.roots.push(root);
            compared.sets.push([before, after]);
        }
        compared
    }

    fn single(&self, before: Set, after: Set) -> Report {
        let root = self.root(Path::new(""), [&before, &after], PATHS);
        Report::new(vec![root])
    }

    fn compare(
        &self,
        roots: &[PathBuf],
        before: Vec<Set>,
        after: Vec<Set>,
        names: [&str; 2],
    ) -> Report {
        let mut report = Report::new(self.each_root(roots, &before, &after, names));
        hide_from_each_other(&mut report, before.iter().zip(&after).map(|(one, two)| [one, two]));
        report
    }

    /// Compares roots, without hiding from one what the Secrets of the others have.
    fn each_root(
        &self,
        roots: &[PathBuf],
        before: &[Set],
        after: &[Set],
        names: [&str; 2],
    ) -> Vec<RootReport> {
        let work: Vec<_> = roots.iter().zip(before.iter().zip(after)).collect();
        // Of two directories, the only root needs no name.
        let name = |root: &PathBuf| match root.as_os_str().is_empty() && roots.len() > 1 {
            true => PathBuf::from("."),
            false => root.clone(),
        };
        let compare = |(root, (before, after)): &(&PathBuf, (&Set, &Set))| {
            self.root(&name(root), [before, after], names)
        };
        let mut roots = each(&work, compare).roots;
        refuse_too_much(&mut roots, &self.options);
        roots
    }

    pub(super) fn root(&self, root: &Path, sides: [&Set; 2], names: [&str; 2]) -> RootReport {
        let root = root.display().to_string();
        let (before, after) = match sides.map(Set::resources) {
            [Ok(before), Ok(after)] => {
                return match diff::compare(before, after, &self.options) {
                    Ok(diff) => RootReport::new(root, diff),
                    Err(error) => {
                        let trouble = SideError::of(&error, str::to_owned);
                        RootReport::failed(root, diff::RootFailure::new(None, Some(trouble)))
                    }
                };
            }
            [before, after] => (before.err(), after.err()),
        };
        let trouble = |side: Option<&Refusal>| side.map(|refusal| refusal.trouble.clone());
        // Of two directories neither is what the other was before, so each has to be rendered.
        let failure = match (names == PATHS, trouble(before), trouble(after)) {
            (true, before, after) => diff::RootFailure::new(None, after.or(before)),
            (false, before, after) => diff::RootFailure::new(before, after),
        };
        // Of a side that this clone does not have, nothing is known.
        let absent = [before, after].into_iter().flatten().find(|refusal| lacks_objects(refusal));
        let failure = match absent {
            Some(refusal) => diff::RootFailure::new(None, Some(refusal.trouble.clone())),
            None => failure,
        };
        // What cannot be rendered and is there no more was not mended.
        let is_gone = names != PATHS && matches!(sides[1], Set::Nothing);
        let failure = if is_gone { failure.gone() } else { failure };
        let may_differ = after.or(before).is_some_and(|refusal| refusal.may_differ);
        let failure = if may_differ { failure.may_differ() } else { failure };
        if self.format == ErrorFormat::Json && failure.standing() == diff::Standing::Broken {
            for (refusal, name) in [(before, names[0]), (after, names[1])] {
                refusal.into_iter().for_each(|refusal| self.tell(refusal, name));
            }
        }
        RootReport::failed(root, failure)
    }

    /// Tells stderr of a root that could not be rendered, in the form for programs.
    fn tell(&self, refusal: &Refusal, side: &str) {
        let secrets = || refusal.secrets.iter().map(|(path, content)| (path, content));
        self.format.error_of_side(&refusal.error, side, &|text| diff::redact(text, secrets()));
    }

    fn render_one(&self, side: Side<'_>, root: &Path) -> Result<Set, Stopped> {
        match self.render(side, &[Some(root.to_path_buf())]).pop() {
            Some(Set::Refused(refusal)) => Err(match self.format {
                ErrorFormat::Json => {
                    self.tell(&refusal, side.name);
                    Stopped::Told
                }
                ErrorFormat::Human => Stopped::Other(refusal.trouble.message),
            }),
            set => Ok(set.unwrap_or(Set::Nothing)),
        }
    }

    /// Renders roots, with what they share once.
    pub(super) fn render(&self, side: Side<'_>, roots: &[Option<PathBuf>]) -> Vec<Set> {
        let here = |root: &PathBuf| match root.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => root.clone(),
        };
        let present: Vec<PathBuf> = roots.iter().flatten().map(here).collect();
        let working = waiting::working(|| waiting::on_kustomizations("rendering", present.len()));
        let results = match self.session.filter(|_| side.copies.is_none() && side.skipped.is_none())
        {
            Some(session) => {
                let builds = session.build_all(&present).into_iter();
                let inputs = |root| session.inputs(root).unwrap_or_default();
                builds.zip(&present).map(|(build, root)| (build, inputs(root))).collect()
            }
            None => side.builder.build_all_with_inputs(&present),
        };
        drop(working);
        let mut sets = results.into_iter().map(|(result, inputs)| match result {
            Ok(build) => Set::Built(Box::new(build)),
            Err(error) => Set::Refused(Box::new(refused(side, &inputs, error))),
        });
        let mut set = |root: &Option<PathBuf>| root.as_ref().and_then(|_| sets.next());
        roots.iter().map(|root| set(root).unwrap_or(Set::Nothing)).collect()
    }
}

/// Returns a report, unless something was not found for want of objects, and no root tells.
fn complete(report: Report, sides: [Option<&Revision>; 2]) -> Result<Report, Stopped> {
    let is_broken = |root: &RootReport| root.standing() == Some(diff::Standing::Broken);
    let lacking = sides.into_iter().flatten().find_map(Revision::lacking);
    match lacking.filter(|_| !report.roots.iter().any(is_broken)) {
        Some(message) => Err(message.into()),
        None => Ok(report),
    }
}

/// Returns the roots of which a side could not be rendered.
fn failed_roots(roots: &[RootReport]) -> Vec<String> {
    let failed = roots.iter().filter(|root| root.failure.is_some());
    failed.map(|root| root.root.clone()).collect()
}

/// Returns how an overlay calls its objects, as its kustomization file says.
fn naming(folder: &Path) -> Naming {
    let text = |field| search::field(&DiskFs, folder, field).unwrap_or_default();
    Naming::new(text("namespace"), text("namePrefix"), text("nameSuffix"))
}

/// Compares roots on several threads and returns what was found in their order.
pub(super) fn each<T: Sync>(roots: &[T], work: impl Fn(&T) -> RootReport + Sync) -> Report {
    let mut report = Report::default();
    parallel::in_order(
        roots,
        parallel::default_jobs(),
        work,
        |_| {},
        |_, root| {
            report.roots.push(root);
            ControlFlow::Continue(())
        },
    );
    report
}
