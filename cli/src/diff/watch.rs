//! `kustom diff --watch`: compares again when something changes that decides about one of the roots, or about which
//! roots there are.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Instant, SystemTime};

use kustom::diff::Report;
use kustom::{Builder, Session};

use super::watched_roots::Roots;
use crate::exclude::Excluded;
use crate::git::Revision;
use crate::output;
use crate::paths::Shown;
use crate::roots::is_kustomization_file;
use crate::watch::{Aspect, Point, Readings, TICK, Watched, millis, names};

/// What is done again and again.
pub(super) struct Job<'a> {
    pub(super) tops: &'a [PathBuf],
    pub(super) excluded: &'a Excluded,
    /// Compares the roots below some paths; nothing if that failed, which stderr has been told.
    pub(super) compare: &'a dyn Fn(&[PathBuf], &Session) -> Option<Report>,
    pub(super) show: &'a dyn Fn(&Report),
    /// The revision that the roots are compared with, each by itself; nothing for other comparisons.
    pub(super) base: &'a dyn Fn() -> Option<Revision>,
    /// The files by which git says which revision is checked out.
    pub(super) heads: &'a [PathBuf],
    /// Whether functions may run, of which nobody knows what they read.
    pub(super) has_functions: bool,
}

/// What a change touches.
enum Touched {
    Nothing,
    Some(Vec<PathBuf>),
    /// It may touch which roots there are.
    All,
}

impl Job<'_> {
    /// Compares, waits for a change, compares again; ends only with the process.
    pub(super) fn run(&self, builder: Builder) -> ExitCode {
        let shown = Shown::from_here();
        let (builder, readings) = Readings::of(builder);
        let mut session = builder.session();
        let since = SystemTime::now();
        let mut base = (self.base)();
        let mut last = (self.compare)(self.tops, &session);
        last.iter().for_each(self.show);
        let mut roots = self.find(&session);
        let mut watched = Watched::new(self.points(&roots, &Touched::All), since, readings);
        watched.doubt_newer(since);
        output::note("watching");
        loop {
            let changed = watched.wait();
            // What has changed is older than this moment, whatever the clock of the file system.
            std::thread::sleep(TICK);
            let (start, since) = (Instant::now(), SystemTime::now());
            session.changed(&changed);
            let now = (self.base)();
            let (had_base, has_base) = (base.is_some(), now.is_some());
            let same = base.as_ref().zip(now.as_ref()).is_some_and(|(a, b)| a.has_same_files(b));
            base = now;
            let mut touched = self.touched(&changed, &roots);
            if (had_base || has_base) && !same {
                touched = Touched::All;
            }
            // A folder that comes or goes need not have a root.
            if changed.iter().any(|path| roots.has_folder(path)) {
                let found = self.find(&session);
                if !found.are_those_of(&roots) {
                    touched = Touched::All;
                }
                roots = found;
            }
            match &touched {
                Touched::Nothing => {
                    self.watch(&mut watched, &mut session, &roots, &touched, since);
                    continue;
                }
                Touched::Some(touched) => {
                    let part = last.take().filter(|_| same);
                    last = part
                        .and_then(|last| self.part(last, touched, &session))
                        .or_else(|| (self.compare)(self.tops, &session));
                    roots.look_again(touched, &session, self.has_functions);
                }
                Touched::All => {
                    last = (self.compare)(self.tops, &session);
                    roots = self.find(&session);
                }
            }
            last.iter().for_each(self.show);
            output::note(&format!("{}: compared in {}", names(&changed, &shown), millis(start)));
            self.watch(&mut watched, &mut session, &roots, &touched, since);
        }
    }

    fn find(&self, session: &Session) -> Roots {
        Roots::find(self.tops, self.excluded, session, self.has_functions)
    }

    /// Watches what decides about the roots from now on. The comparison may have taken git's word for a file that was
    /// read only afterwards, so what is newer than its beginning is looked at once more.
    fn watch(
        &self,
        watched: &mut Watched,
        session: &mut Session,
        roots: &Roots,
        touched: &Touched,
        since: SystemTime,
    ) {
        session.changed(watched.set(self.points(roots, touched), since));
        watched.doubt_newer(since);
    }

    /// Returns what decides about the roots, of which those were compared again that a change touched.
    fn points(&self, roots: &Roots, touched: &Touched) -> Vec<Point> {
        let heads = self.heads.iter().map(|head| Point::new(head.clone(), Aspect::Content));
        let is_kept = |root: Option<&Path>| match touched {
            Touched::Nothing => true,
            Touched::Some(touched) => !root.is_some_and(|root| touched.iter().any(|it| it == root)),
            Touched::All => false,
        };
        heads.chain(roots.points(&is_kept)).collect()
    }

    /// Says what a change touches, but for folders that have come or gone and another revision to compare with.
    fn touched(&self, changed: &[PathBuf], roots: &Roots) -> Touched {
        let mut all = Vec::new();
        for path in changed {
            let is_folder = path.is_dir() && roots.has_folder(path) && !roots.reads_all_of(path);
            if is_folder || self.heads.contains(path) {
                continue;
            }
            let touched = roots.touched(path);
            if touched.is_empty() || !is_plain(path) {
                return Touched::All;
            }
            all.extend(touched.into_iter().filter(|root| !all.contains(root)).collect::<Vec<_>>());
        }
        if all.is_empty() { Touched::Nothing } else { Touched::Some(all) }
    }

    /// Compares some roots and puts them into the last report; nothing if it takes all roots to tell.
    fn part(&self, mut last: Report, touched: &[PathBuf], session: &Session) -> Option<Report> {
        // A root that moved or failed brings others in.
        let stands = |report: &Report| {
            report.roots.iter().all(|root| root.failure.is_none() && root.moved_from.is_none())
        };
        let part =
            Some(&last).filter(|last| stands(last)).map(|_| (self.compare)(touched, session))??;
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

/// Returns `true` for what changes neither which roots there are nor what they are made of.
fn is_plain(path: &Path) -> bool {
    path.is_file() && !is_kustomization_file(path)
}
