//! `kustom diff --watch`: compares again when a file of one of the roots changes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use kustom::diff::Report;
use kustom::roots::References;
use kustom::{DiskFs, FileKind, FileSystem, clean_path};

use crate::exclude::Excluded;
use crate::git::{Revision, WorkTree};
use crate::output;
use crate::paths::Shown;
use crate::roots::is_kustomization_file;
use crate::search;
use crate::watch::{Watched, millis, names};

/// The most files that are watched of folders of kustomizations.
const MOST: usize = 100_000;

/// What is done again and again.
pub(super) struct Job<'a> {
    pub(super) tops: &'a [PathBuf],
    pub(super) excluded: &'a Excluded,
    /// Compares the roots below some paths; nothing if that failed, which stderr has been told.
    pub(super) compare: &'a dyn Fn(&[PathBuf]) -> Option<Report>,
    pub(super) show: &'a dyn Fn(&Report),
    /// The revision that the roots are compared with, each by itself; nothing for other comparisons.
    pub(super) base: &'a dyn Fn() -> Option<Revision>,
}

impl Job<'_> {
    /// Compares, waits for a change, compares again; ends only with the process.
    pub(super) fn run(&self) -> ExitCode {
        let shown = Shown::from_here();
        let mut base = (self.base)();
        let mut last = (self.compare)(self.tops);
        last.iter().for_each(self.show);
        let mut roots = Roots::find(self.tops, self.excluded);
        let mut watched = Watched::new(roots.files.clone());
        output::note("watching");
        loop {
            let changed = watched.wait();
            let start = Instant::now();
            let now = (self.base)();
            let same_base =
                base.as_ref().zip(now.as_ref()).is_some_and(|(a, b)| a.has_same_files(b));
            let touched = roots.touched(&changed);
            let part = last.take().filter(|_| same_base);
            last = part
                .and_then(|last| self.part(last, touched.clone()?))
                .or_else(|| (self.compare)(self.tops));
            base = now;
            last.iter().for_each(self.show);
            output::note(&format!("{}: compared in {}", names(&changed, &shown), millis(start)));
            // What is no kustomization changes neither which roots there are nor what they are made of.
            if touched.is_none() {
                roots = Roots::find(self.tops, self.excluded);
                watched.set(roots.files.clone());
            }
        }
    }

    /// Compares some roots and puts them into the last report; nothing if it takes all roots to tell.
    fn part(&self, mut last: Report, touched: Vec<PathBuf>) -> Option<Report> {
        // A root that moved or failed brings others in.
        let stands = |report: &Report| {
            report.roots.iter().all(|root| root.failure.is_none() && root.moved_from.is_none())
        };
        let part = Some(&last).filter(|last| stands(last)).map(|_| (self.compare)(&touched))??;
        if part.roots.len() != touched.len() || !stands(&part) {
            return None;
        }
        for root in part.roots {
            let old = last.roots.iter_mut().find(|old| old.root == root.root)?;
            *old = root;
        }
        Some(last)
    }
}

/// The roots below some paths, and what they are made of.
#[derive(Default)]
struct Roots {
    /// Each with the folders and files that it is made of, as far as its files tell.
    closures: Vec<(PathBuf, BTreeSet<PathBuf>)>,
    /// All files in the folders of their kustomizations, what these name elsewhere, and files that were
    /// named themselves.
    files: BTreeSet<PathBuf>,
}

impl Roots {
    fn find(tops: &[PathBuf], excluded: &Excluded) -> Roots {
        let mut references = References::new(&DiskFs);
        let mut roots = Roots::default();
        let mut found = BTreeSet::new();
        let files = WorkTree::default();
        for top in tops {
            let is_pattern = top.to_string_lossy().contains(['*', '?']);
            let Ok(absolute) = DiskFs.absolute(top) else { continue };
            if !is_pattern {
                found.insert(clean_path(&absolute));
            }
            let below = search::find(&[&files], std::slice::from_ref(top), excluded);
            for root in below.unwrap_or_default() {
                let real = DiskFs.absolute(&root).and_then(|root| DiskFs.canonicalize(&root));
                let Ok(real) = real else { continue };
                let closure = references.closure(&real).0;
                found.extend(closure.iter().cloned());
                roots.closures.push((root, closure));
            }
        }
        let mut waiting: Vec<PathBuf> = found.into_iter().collect();
        while let Some(path) = waiting.pop() {
            if roots.files.len() >= MOST || !roots.files.insert(path.clone()) {
                continue;
            }
            if matches!(DiskFs.kind(&path), Ok(FileKind::Directory)) {
                let entries = fs::read_dir(&path).into_iter().flatten().flatten();
                let entries = entries.filter(|entry| entry.file_name() != ".git");
                waiting.extend(entries.map(|entry| entry.path()));
            }
        }
        roots
    }

    /// Returns the roots that a change touches; nothing if it may touch which roots there are.
    fn touched(&self, changed: &[PathBuf]) -> Option<Vec<PathBuf>> {
        let is_plain = |path: &PathBuf| path.is_file() && !is_kustomization_file(path);
        if !changed.iter().all(is_plain) {
            return None;
        }
        let is_of = |closure: &BTreeSet<PathBuf>| {
            let within = |path: &Path| path.ancestors().any(|above| closure.contains(above));
            changed.iter().any(|path| within(path))
        };
        let touched = self.closures.iter().filter(|(_, closure)| is_of(closure));
        let touched: Vec<PathBuf> = touched.map(|(root, _)| root.clone()).collect();
        (!touched.is_empty()).then_some(touched)
    }
}
