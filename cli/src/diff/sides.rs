//! Renders both sides of a comparison and pairs their roots.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use kustom::diff::{self, Options, Report, RootReport};
use kustom::{Builder, DiskFs, Error, FileSystem};

use super::git::{Repository, Revision};
use super::manifests::{read, read_folder};
use super::moves::moved;
use super::roots as diff_roots;
use super::set::Set;
use crate::parallel;
use crate::report::ErrorFormat;

/// Why nothing could be compared.
pub(crate) enum Failure {
    /// Something that stderr has been told already.
    Told,
    Other(String),
}

impl From<String> for Failure {
    fn from(message: String) -> Failure {
        Failure::Other(message)
    }
}

/// One side of a comparison: files, and how they are called in messages.
#[derive(Clone, Copy)]
struct Side<'s> {
    files: &'s dyn FileSystem,
    builder: &'s Builder,
    name: &'s str,
}

/// How to compare.
pub(crate) struct Comparison {
    pub(crate) options: Options,
    /// What both sides are built with, but for their files.
    pub(crate) builder: Builder,
    pub(crate) format: ErrorFormat,
}

impl Comparison {
    /// Compares two directories or files.
    pub(crate) fn paths(&self, before: &Path, after: &Path) -> Result<Report, Failure> {
        if before == Path::new("-") && after == Path::new("-") {
            return Err("stdin cannot be both sides".to_owned().into());
        }
        let builder = self.builder.clone();
        let side = |name| Side { files: &DiskFs, builder: &builder, name };
        let [names_before, names_after] = ["before", "after"].map(side);
        if !(before.is_dir() && after.is_dir()) {
            let set = |path: &Path, side| match path.is_dir() {
                true => self.render_one(side, path),
                false => Ok(Set::Read(read(path)?)),
            };
            return Ok(self.single(set(before, names_before)?, set(after, names_after)?));
        }
        let roots = |top: &Path| -> Result<Vec<PathBuf>, String> {
            let found = diff_roots::find(&[&DiskFs], &[top.to_path_buf()])?;
            let top = diff_roots::clean(top);
            let below = |root: &PathBuf| root.strip_prefix(&top).unwrap_or(root).to_path_buf();
            Ok(found.iter().map(below).collect())
        };
        let (roots_before, roots_after) = match (roots(before), roots(after)) {
            (Err(_), Err(_)) => {
                // Neither has kustomizations: what was rendered into files.
                let sets = (Set::Read(read_folder(before)?), Set::Read(read_folder(after)?));
                return Ok(self.single(sets.0, sets.1));
            }
            (a, b) => (a?, b?),
        };
        let mut all: Vec<PathBuf> = roots_before.iter().chain(&roots_after).cloned().collect();
        all.sort();
        all.dedup();
        let sets = |side, top: &Path, roots: &[PathBuf]| {
            let place = |root: &PathBuf| roots.contains(root).then(|| top.join(root));
            self.render(side, &all.iter().map(place).collect::<Vec<_>>())
        };
        let before = sets(names_before, before, &roots_before);
        let after = sets(names_after, after, &roots_after);
        Ok(self.compare(&all, before, after, ["before", "after"]))
    }

    /// Compares roots between two revisions, or a revision and the work tree.
    pub(crate) fn revisions(
        &self,
        from: Option<&str>,
        to: Option<&str>,
        roots: &[PathBuf],
    ) -> Result<Report, Failure> {
        let first = roots.first().map(PathBuf::as_path).unwrap_or(Path::new("."));
        let repository = Repository::discover(first)?;
        let from = match from {
            Some(from) => from.to_owned(),
            None => repository.merge_base(to.unwrap_or("HEAD"))?,
        };
        let revision: Revision = repository.revision(&from)?;
        let builder = self.builder(revision.clone());
        let before = Side { files: &revision, builder: &builder, name: &from };
        match to {
            None => {
                let builder = self.builder.clone();
                let after = Side { files: &DiskFs, builder: &builder, name: "the work tree" };
                self.sides(before, after, roots)
            }
            Some(to) => {
                let revision = repository.revision(to)?;
                let builder = self.builder(revision.clone());
                self.sides(before, Side { files: &revision, builder: &builder, name: to }, roots)
            }
        }
    }

    fn sides(
        &self,
        before: Side<'_>,
        after: Side<'_>,
        paths: &[PathBuf],
    ) -> Result<Report, Failure> {
        let roots = diff_roots::find(&[before.files, after.files], paths)?;
        let sets = |side: Side<'_>| {
            let is_there = |root: &PathBuf| {
                diff_roots::is_kustomization(side.files, root).then(|| root.clone())
            };
            self.render(side, &roots.iter().map(is_there).collect::<Vec<_>>())
        };
        let (names, mut before, after) = ([before.name, after.name], sets(before), sets(after));
        let moved = moved(&before, &after);
        let mut report = Report::default();
        let mut gone = vec![false; roots.len()];
        for &(from, to) in &moved {
            before.swap(from, to);
            gone[from] = true;
        }
        let compared = self.compare(&roots, before, after, names).roots;
        for (to, mut root) in compared.into_iter().enumerate().filter(|(i, _)| !gone[*i]) {
            let from = moved.iter().find(|(_, other)| *other == to);
            root.moved_from = from.map(|(from, _)| roots[*from].display().to_string());
            report.roots.push(root);
        }
        Ok(report)
    }

    /// Compares roots with what a cluster has.
    pub(crate) fn with_live(&self, live: &Path, paths: &[PathBuf]) -> Result<Report, Failure> {
        let live = Set::Read(read(live)?);
        let builder = self.builder.clone();
        let side = Side { files: &DiskFs, builder: &builder, name: "manifest" };
        let roots = diff_roots::find(&[&DiskFs], paths)?;
        let sets = self.render(side, &roots.iter().cloned().map(Some).collect::<Vec<_>>());
        let work: Vec<_> = roots.iter().zip(&sets).collect();
        Ok(each(&work, |(root, set)| self.root(root, [&live, set], ["live", "manifest"])))
    }

    fn single(&self, before: Set, after: Set) -> Report {
        let root = self.root(Path::new(""), [&before, &after], ["before", "after"]);
        Report { roots: vec![root] }
    }

    fn compare(
        &self,
        roots: &[PathBuf],
        before: Vec<Set>,
        after: Vec<Set>,
        names: [&str; 2],
    ) -> Report {
        let work: Vec<_> = roots.iter().zip(before.iter().zip(&after)).collect();
        // Of two directories, the only root needs no name.
        let name = |root: &PathBuf| match root.as_os_str().is_empty() && roots.len() > 1 {
            true => PathBuf::from("."),
            false => root.clone(),
        };
        each(&work, |(root, (before, after))| self.root(&name(root), [before, after], names))
    }

    fn root(&self, root: &Path, sides: [&Set; 2], names: [&str; 2]) -> RootReport {
        let mut failed_before = false;
        let compared = match sides.map(Set::resources) {
            [Ok(before), Ok(after)] => {
                diff::diff(before, after, &self.options).map_err(|e| e.to_string())
            }
            // What is wrong on both sides is told once.
            [Err(before), Err(after)] if before == after => {
                failed_before = true;
                Err(format!("both sides: {after}"))
            }
            [Err(before), Err(after)] => {
                Err(format!("{}: {before}\n{}: {after}", names[0], names[1]))
            }
            [Err(error), Ok(_)] => Err(format!("{}: {error}", names[0])),
            [Ok(_), Err(error)] => Err(format!("{}: {error}", names[1])),
        };
        let root = root.display().to_string();
        match compared {
            Ok(diff) => RootReport { root, diff, ..RootReport::default() },
            Err(error) => {
                RootReport { root, error: Some(error), failed_before, ..RootReport::default() }
            }
        }
    }

    fn builder(&self, files: impl FileSystem + 'static) -> Builder {
        self.builder.clone().file_system(files)
    }

    fn render_one(&self, side: Side<'_>, root: &Path) -> Result<Set, Failure> {
        match self.render(side, &[Some(root.to_path_buf())]).pop() {
            Some(Set::Refused(message)) => Err(match self.format {
                ErrorFormat::Json => Failure::Told,
                ErrorFormat::Human => Failure::Other(message),
            }),
            set => Ok(set.unwrap_or(Set::Nothing)),
        }
    }

    /// Renders roots, with what they share once.
    fn render(&self, side: Side<'_>, roots: &[Option<PathBuf>]) -> Vec<Set> {
        let here = |root: &PathBuf| match root.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => root.clone(),
        };
        let present: Vec<PathBuf> = roots.iter().flatten().map(here).collect();
        let results = side.builder.build_all(&present).into_iter().zip(&present);
        let mut sets = results.map(|(result, root)| match result {
            Ok(build) => Set::Built(Box::new(build)),
            Err(error) => Set::Refused(self.refused(side, root, &error)),
        });
        let mut set = |root: &Option<PathBuf>| root.as_ref().and_then(|_| sets.next());
        roots.iter().map(|root| set(root).unwrap_or(Set::Nothing)).collect()
    }

    /// Returns what there is to say of a root that cannot be rendered, without what the files that
    /// were read have of Secrets.
    fn refused(&self, side: Side<'_>, root: &Path, error: &Error) -> String {
        let (_, inputs) = side.builder.build_with_inputs(root);
        let read = |path: &Path| Some((path.to_path_buf(), side.files.read(path).ok()?));
        let files: Vec<(PathBuf, Vec<u8>)> = inputs.files().filter_map(read).collect();
        let conceal =
            |text: &str| diff::conceal(text, files.iter().map(|(path, content)| (path, content)));
        if self.format == ErrorFormat::Json {
            self.format.error_of_side(error, side.name, &conceal);
        }
        conceal(&error.to_string())
    }
}

/// Compares roots on several threads and returns what was found in their order.
fn each<T: Sync>(roots: &[T], work: impl Fn(&T) -> RootReport + Sync) -> Report {
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
