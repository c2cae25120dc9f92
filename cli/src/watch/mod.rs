//! `kustom build --watch`: what a build looked at decides what is watched, missing files included.

mod watched;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use kustom::{Build, Builder, Inputs};

use crate::output;
use crate::paths::Shown;
pub(crate) use watched::Watched;

/// A directory that is rendered, and what that looked at.
struct Root<'a> {
    dir: &'a Path,
    inputs: Inputs,
}

/// What is done with the result of the directory of this number.
pub(crate) type Done<'a> = &'a dyn Fn(usize, kustom::Result<Build>) -> Result<(), ExitCode>;

/// Renders, and again what is touched on every change; ends only if `done` does not go on.
pub(crate) fn run(dirs: &[PathBuf], builder: &Builder, done: Done<'_>) -> ExitCode {
    let mut roots: Vec<Root> = Vec::new();
    let start = Instant::now();
    for (i, dir) in dirs.iter().enumerate() {
        match render(i, dir, builder, done) {
            Ok(inputs) => roots.push(Root { dir, inputs }),
            Err(code) => return code,
        }
    }
    let shown = Shown::from_here();
    let count = roots.len();
    let mut watched = Watched::new(paths(&roots));
    output::note(&format!("rendered {count} in {}, watching", millis(start)));
    loop {
        let changed = watched.wait();
        let start = Instant::now();
        let mut rendered = 0;
        for (i, root) in roots.iter_mut().enumerate() {
            if !changed.iter().any(|path| root.inputs.touched_by(path)) {
                continue;
            }
            match render(i, root.dir, builder, done) {
                Ok(inputs) => root.inputs = inputs,
                Err(code) => return code,
            }
            rendered += 1;
        }
        let names = names(&changed, &shown);
        output::note(&format!("{names}: rendered {rendered} of {count} in {}", millis(start)));
        watched.set(paths(&roots));
    }
}

fn render(i: usize, dir: &Path, builder: &Builder, done: Done<'_>) -> Result<Inputs, ExitCode> {
    let (build, inputs) = builder.build_with_inputs(dir);
    done(i, build)?;
    Ok(inputs)
}

fn paths(roots: &[Root<'_>]) -> Vec<PathBuf> {
    roots.iter().flat_map(|root| root.inputs.iter().map(|input| input.path)).collect()
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
