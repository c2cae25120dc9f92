//! `kustom build --watch`
//!
//! What a build looked at decides what is watched, missing files included. It is looked at every few
//! milliseconds rather than waited for: a few hundred files take a fraction of one, nothing is missed while
//! an editor replaces files, and it works where the system reports no changes, as on network mounts and in
//! containers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use kustom::{Build, Builder, Inputs};

use crate::output;
use crate::paths::Shown;

/// How often the files are looked at.
const PAUSE: Duration = Duration::from_millis(8);

/// How often that is waited for before files are rendered that do not come to rest.
const MOST_PAUSES: usize = 60;

/// What tells one content of a file from another; nothing if there is no file.
type Stamp = Option<(bool, Option<SystemTime>, u64)>;

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
    output::note(&format!("rendered {count} in {}, watching", millis(start)));
    let mut stamps = stamps(&roots);
    loop {
        thread::sleep(PAUSE);
        let changed = changed(&stamps);
        if changed.is_empty() {
            continue;
        }
        let start = Instant::now();
        // What changes while it is read shows as a change after this moment.
        let before = settled(&roots);
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
        stamps = self::stamps(&roots);
        for (path, stamp) in before {
            stamps.entry(path).and_modify(|known| *known = stamp);
        }
        let names: Vec<String> = changed.iter().map(|path| shown.path(path)).collect();
        let names = names.join(", ");
        output::note(&format!("{names}: rendered {rendered} of {count} in {}", millis(start)));
    }
}

fn render(i: usize, dir: &Path, builder: &Builder, done: Done<'_>) -> Result<Inputs, ExitCode> {
    let (build, inputs) = builder.build_with_inputs(dir);
    done(i, build)?;
    Ok(inputs)
}

fn stamps(roots: &[Root]) -> BTreeMap<PathBuf, Stamp> {
    let paths: BTreeSet<PathBuf> =
        roots.iter().flat_map(|root| root.inputs.iter().map(|input| input.path)).collect();
    paths.into_iter().map(|path| (path.clone(), stamp(&path))).collect()
}

/// Waits until nothing changes for a moment, for who writes a file empties it first.
fn settled(roots: &[Root]) -> BTreeMap<PathBuf, Stamp> {
    let mut before = stamps(roots);
    for _ in 0..MOST_PAUSES {
        thread::sleep(PAUSE);
        let now = stamps(roots);
        if now == before {
            break;
        }
        before = now;
    }
    before
}

fn stamp(path: &Path) -> Stamp {
    let there = fs::symlink_metadata(path).ok()?;
    // What changes in a directory shows in the files that are looked at.
    let is_directory = there.is_dir();
    let modified = there.modified().ok().filter(|_| !is_directory);
    Some((is_directory, modified, if is_directory { 0 } else { there.len() }))
}

fn changed(stamps: &BTreeMap<PathBuf, Stamp>) -> Vec<PathBuf> {
    let differs = |(path, old): &(&PathBuf, &Stamp)| stamp(path) != **old;
    stamps.iter().filter(differs).map(|(path, _)| path.clone()).collect()
}

fn millis(start: Instant) -> String {
    format!("{:.1} ms", start.elapsed().as_secs_f64() * 1000.0)
}
