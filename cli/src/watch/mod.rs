//! `kustom build --watch`: what a build looked at decides what is watched, missing files included.

mod stamp;
mod system;
mod watched;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Instant, SystemTime};

use kustom::{Build, Builder, DiskFs, FileKind, FileSystem, InputKind, Inputs, Session};

use crate::output;
use crate::parallel;
use crate::paths::{Shown, physical};
pub(crate) use stamp::{Aspect, Point};
pub(crate) use watched::Watched;

/// What is done with the result of the directory of this number.
pub(crate) type Done<'a> = &'a dyn Fn(usize, kustom::Result<Build>) -> Result<(), ExitCode>;

/// Renders, and again what is touched on every change; ends only if `done` does not go on.
pub(crate) fn run(dirs: &[PathBuf], builder: &Builder, done: Done<'_>) -> ExitCode {
    let mut looks = vec![Looked::default(); dirs.len()];
    let (start, since) = (Instant::now(), SystemTime::now());
    let all: Vec<usize> = (0..dirs.len()).collect();
    let mut session = builder.session();
    let failed = match render(&all, dirs, &session, done, &mut looks) {
        Ok(failed) => failed,
        Err(code) => return code,
    };
    let shown = Shown::from_here();
    let count = dirs.len();
    let mut watched = Watched::new(points(dirs, &looks), since);
    let rendered = said(count, failed, count);
    output::note(&format!("{rendered} in {}, watching", millis(start)));
    loop {
        let changed = watched.wait();
        let (start, since) = (Instant::now(), SystemTime::now());
        session.changed(&changed);
        let is_touched = |i: &usize| {
            let touches = |path: &PathBuf| looks[*i].is_touched_by(&dirs[*i], path);
            changed.iter().any(touches)
        };
        let touched: Vec<usize> = all.iter().copied().filter(is_touched).collect();
        let failed = match render(&touched, dirs, &session, done, &mut looks) {
            Ok(failed) => failed,
            Err(code) => return code,
        };
        let (names, rendered) = (names(&changed, &shown), said(touched.len(), failed, count));
        output::note(&format!("{names}: {rendered} in {}", millis(start)));
        watched.set(points(dirs, &looks), since);
    }
}

/// What a build looked at.
#[derive(Clone, Default)]
struct Looked {
    inputs: Inputs,
    /// Whether it failed, so that what it would have looked at besides is not known.
    failed: bool,
}

impl Looked {
    /// Returns `true` if the result for a directory may be another one after a path has changed.
    fn is_touched_by(&self, dir: &Path, path: &Path) -> bool {
        let is_near = || {
            let dir = physical(dir);
            path.starts_with(&dir) || dir.starts_with(path)
        };
        self.inputs.touched_by(path) || (self.failed && is_near())
    }
}

/// Says how many of all kustomizations were rendered, and how many could not be.
fn said(tried: usize, failed: usize, all: usize) -> String {
    let rendered = format!("rendered {} of {all}", tried - failed.min(tried));
    if failed > 0 { format!("{rendered}, {failed} failed,") } else { rendered }
}

/// Renders the directories of these numbers side by side, and notes what each looked at; returns how many
/// failed.
fn render(
    numbers: &[usize],
    dirs: &[PathBuf],
    session: &Session,
    done: Done<'_>,
    looks: &mut [Looked],
) -> Result<usize, ExitCode> {
    let (mut said, mut failed) = (Ok(()), 0);
    let work = |&i: &usize| {
        let build = session.build(&dirs[i]);
        (build, session.inputs(&dirs[i]).unwrap_or_default())
    };
    parallel::in_order(
        numbers,
        parallel::default_jobs(),
        work,
        |_| (),
        |&i, (build, looked_at)| {
            looks[i] = Looked { inputs: looked_at, failed: build.is_err() };
            failed += usize::from(build.is_err());
            said = done(i, build);
            if said.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        },
    );
    said.map(|()| failed)
}

/// Returns what decides about the results for some directories: what was looked at, and they themselves.
fn points(dirs: &[PathBuf], looks: &[Looked]) -> Vec<Point> {
    let own = dirs.iter().map(|dir| Point::new(physical(dir), Aspect::Content));
    own.chain(looks.iter().flat_map(|looked| points_of(&looked.inputs))).collect()
}

/// Returns what decides about a build that looked at these.
pub(crate) fn points_of(inputs: &Inputs) -> Vec<Point> {
    let mut points = Vec::new();
    for (path, kind) in inputs.paths() {
        if kind == InputKind::Tree {
            add_tree(path, &mut points);
        }
        let was_there = Some(kind != InputKind::Missing);
        points.push(Point { path: path.to_path_buf(), aspect: Aspect::Content, was_there });
    }
    points
}

/// Adds all that lies below a folder, and the names that it has.
fn add_tree(top: &Path, points: &mut Vec<Point>) {
    let mut waiting = vec![top.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for (name, kind) in DiskFs.entries(&folder).unwrap_or_default() {
            match kind {
                // No result depends on what git keeps there.
                FileKind::Directory if name == ".git" => {}
                FileKind::Directory => waiting.push(folder.join(name)),
                _ => points.push(Point::new(folder.join(name), Aspect::Content)),
            }
        }
        points.push(Point::new(folder, Aspect::Names));
    }
}

/// Returns the names of what has changed, of very many the first ones.
pub(crate) fn names(changed: &[PathBuf], shown: &Shown) -> String {
    const MOST: usize = 5;
    let names: Vec<String> = changed.iter().take(MOST).map(|path| shown.line(path)).collect();
    match changed.len().saturating_sub(MOST) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// Returns how long something took since `start`.
pub(crate) fn millis(start: Instant) -> String {
    format!("{:.1} ms", start.elapsed().as_secs_f64() * 1000.0)
}
