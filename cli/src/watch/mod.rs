//! `kustom build --watch`: watches whatever a build looked at, missing files included.

mod readings;
mod stamp;
mod system;
mod watched;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Instant, SystemTime};

use kustom::text::visible_line;
use kustom::{Build, Builder, DiskFs, Error, FileKind, FileSystem, InputKind, Inputs, Session};

use crate::output;
use crate::parallel;
use crate::path_patterns::Named;
use crate::paths::{Shown, physical};
pub(crate) use readings::Readings;
pub(crate) use stamp::{Aspect, Point, TICK};
pub(crate) use watched::Watched;

/// What is done with the build of a directory, for which these were looked at.
pub(crate) type Done<'a> = &'a dyn Fn(&Path, Build, &Inputs) -> Result<(), ExitCode>;

/// Renders, and again what is touched on every change, and what else is `named` then; ends only if `done` does not go
/// on. What is refused each time goes to `refuse`.
pub(crate) fn run(
    mut dirs: Vec<PathBuf>,
    named: &Named<'_>,
    builder: Builder,
    refuse: &dyn Fn(&[&Error]),
    done: Done<'_>,
) -> ExitCode {
    let render = |numbers: &[usize], dirs: &[PathBuf], session: &Session, looks: &mut [Looked]| {
        let (said, errors) = render(numbers, dirs, session, done, looks);
        refuse(&errors.iter().collect::<Vec<_>>());
        said.map(|()| errors.len())
    };
    let (builder, readings) = Readings::of(builder);
    let mut looks = vec![Looked::default(); dirs.len()];
    let (start, since) = (Instant::now(), SystemTime::now());
    let all: Vec<usize> = (0..dirs.len()).collect();
    let mut session = builder.session();
    let failed = match render(&all, &dirs, &session, &mut looks) {
        Ok(failed) => failed,
        Err(code) => return code,
    };
    let shown = Shown::from_here();
    let rendered = vec![true; dirs.len()];
    let mut watched = Watched::new(points(&dirs, named, &looks, &rendered), since, readings);
    let said_first = said(dirs.len(), failed, dirs.len());
    output::note(&format!("{said_first} in {}, watching", millis(start)));
    loop {
        let changed = watched.wait();
        let (start, since) = (Instant::now(), SystemTime::now());
        session.changed(&changed);
        let folders: BTreeSet<PathBuf> = named.folders().iter().map(|it| physical(it)).collect();
        // What comes and goes in the folders of a pattern is no matter of the others there.
        let (listed, contents): (Vec<&PathBuf>, Vec<&PathBuf>) =
            changed.iter().partition(|path| folders.contains(*path) && path.is_dir());
        let is_touched = |i: usize| {
            let (look, dir): (&Looked, &PathBuf) = (&looks[i], &dirs[i]);
            contents.iter().any(|path| look.is_touched_by(dir, path))
                || listed.iter().any(|path| look.has_looked_at(dir, path))
        };
        let touched: Vec<bool> = (0..dirs.len()).map(is_touched).collect();
        let states = looks.into_iter().zip(touched);
        let mut known: BTreeMap<&Path, (Looked, bool)> =
            dirs.iter().map(PathBuf::as_path).zip(states).collect();
        let now = if named.has_patterns() { named.present() } else { dirs.clone() };
        // One that is new is touched.
        let states =
            now.iter().map(|dir| known.remove(dir.as_path()).unwrap_or((Looked::default(), true)));
        let (new_looks, is_touched): (Vec<Looked>, Vec<bool>) = states.unzip();
        let gone: Vec<String> =
            known.keys().map(|dir| visible_line(&dir.to_string_lossy()).into_owned()).collect();
        (looks, dirs) = (new_looks, now);
        let touched: Vec<usize> = (0..dirs.len()).filter(|i| is_touched[*i]).collect();
        if touched.is_empty() && gone.is_empty() && named.has_patterns() {
            // A folder has come that may become one.
            session.changed(watched.set(points(&dirs, named, &looks, &is_touched), since));
            continue;
        }
        let failed = match render(&touched, &dirs, &session, &mut looks) {
            Ok(failed) => failed,
            Err(code) => return code,
        };
        let rendered = said(touched.len(), failed, dirs.len());
        let mut line = format!("{}: {rendered} in {}", names(&changed, &shown), millis(start));
        if !gone.is_empty() {
            line += &format!("; gone: {}", gone.join(", "));
        }
        output::note(&line);
        // What nobody watches is forgotten: it may have changed when something leads there again.
        session.changed(watched.set(points(&dirs, named, &looks, &is_touched), since));
        // One may have been away for just as long as it took to look.
        if named.has_patterns() {
            let (now, seen) = (BTreeSet::from_iter(named.present()), BTreeSet::from_iter(&dirs));
            let now: BTreeSet<&PathBuf> = now.iter().collect();
            watched.doubt(now.symmetric_difference(&seen).map(|dir| physical(dir)));
        }
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
        self.inputs.touched_by(path) || self.may_have_looked_at(dir, path)
    }

    /// Returns `true` if the path itself was looked at, and not only what lies below it.
    fn has_looked_at(&self, dir: &Path, path: &Path) -> bool {
        self.inputs.paths().any(|(own, _)| own == path) || self.may_have_looked_at(dir, path)
    }

    fn may_have_looked_at(&self, dir: &Path, path: &Path) -> bool {
        let is_near = || {
            let dir = physical(dir);
            path.starts_with(&dir) || dir.starts_with(path)
        };
        self.failed && is_near()
    }
}

/// Says how many of all kustomizations were rendered, and how many could not be.
fn said(tried: usize, failed: usize, all: usize) -> String {
    let rendered = format!("rendered {} of {all}", tried - failed.min(tried));
    if failed > 0 { format!("{rendered}, {failed} failed,") } else { rendered }
}

/// Renders the directories of these numbers side by side, and notes what each looked at; returns why some were refused
/// as well.
fn render(
    numbers: &[usize],
    dirs: &[PathBuf],
    session: &Session,
    done: Done<'_>,
    looks: &mut [Looked],
) -> (Result<(), ExitCode>, Vec<Error>) {
    let (mut said, mut errors) = (Ok(()), Vec::new());
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
            match build {
                Ok(build) => said = done(&dirs[i], build, &looks[i].inputs),
                Err(error) => errors.push(error),
            }
            if said.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        },
    );
    (said, errors)
}

/// Returns what decides about the results for some directories: what was looked at, and they themselves, and what may
/// become one; `rendered` tells which of the directories were just now.
fn points(dirs: &[PathBuf], named: &Named<'_>, looks: &[Looked], rendered: &[bool]) -> Vec<Point> {
    let own = dirs.iter().map(|dir| Point::new(physical(dir), Aspect::Content));
    let folders = named.folders().into_iter();
    let folders = folders.map(|folder| Point::new(physical(&folder), Aspect::Kustomizations));
    let looked = looks.iter().zip(rendered).flat_map(|(looked, rendered)| {
        points_of(&looked.inputs).into_iter().map(|point| point.kept(!*rendered))
    });
    own.chain(folders).chain(looked).collect()
}

/// Returns `true` if something that is written changes what a build looked at.
pub(crate) fn is_input(inputs: &Inputs, written: &Path) -> bool {
    let written = physical(written);
    let is_it = |(path, kind): (&Path, InputKind)| {
        path == written || kind == InputKind::Tree && written.starts_with(path)
    };
    inputs.paths().any(is_it)
}

/// Returns what decides about a build that looked at these.
pub(crate) fn points_of(inputs: &Inputs) -> Vec<Point> {
    let mut points = Vec::new();
    for (path, kind) in inputs.paths() {
        if kind == InputKind::Tree {
            add_tree(path, &mut points);
        }
        let (path, seen) = (path.to_path_buf(), Some(kind));
        points.push(Point { path, aspect: Aspect::Content, seen, kept: false });
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
