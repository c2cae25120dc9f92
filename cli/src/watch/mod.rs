//! `kustom build --watch`: what a build looked at decides what is watched, missing files included.

mod watched;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use kustom::{Build, Builder, Inputs, Session};

use crate::output;
use crate::parallel;
use crate::paths::Shown;
pub(crate) use watched::Watched;

/// What is done with the result of the directory of this number.
pub(crate) type Done<'a> = &'a dyn Fn(usize, kustom::Result<Build>) -> Result<(), ExitCode>;

/// Renders, and again what is touched on every change; ends only if `done` does not go on.
pub(crate) fn run(dirs: &[PathBuf], builder: &Builder, done: Done<'_>) -> ExitCode {
    let mut inputs = vec![Inputs::default(); dirs.len()];
    let start = Instant::now();
    let all: Vec<usize> = (0..dirs.len()).collect();
    let mut session = builder.session();
    let failed = match render(&all, dirs, &session, done, &mut inputs) {
        Ok(failed) => failed,
        Err(code) => return code,
    };
    let shown = Shown::from_here();
    let count = dirs.len();
    let mut watched = Watched::new(paths(&inputs));
    let rendered = said(count, failed, count);
    output::note(&format!("{rendered} in {}, watching", millis(start)));
    loop {
        let changed = watched.wait();
        let start = Instant::now();
        session.changed(&changed);
        let is_touched = |i: &usize| changed.iter().any(|path| inputs[*i].touched_by(path));
        let touched: Vec<usize> = all.iter().copied().filter(is_touched).collect();
        let failed = match render(&touched, dirs, &session, done, &mut inputs) {
            Ok(failed) => failed,
            Err(code) => return code,
        };
        let (names, rendered) = (names(&changed, &shown), said(touched.len(), failed, count));
        output::note(&format!("{names}: {rendered} in {}", millis(start)));
        watched.set(paths(&inputs));
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
    inputs: &mut [Inputs],
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
            inputs[i] = looked_at;
            failed += usize::from(build.is_err());
            said = done(i, build);
            if said.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        },
    );
    said.map(|()| failed)
}

fn paths(inputs: &[Inputs]) -> Vec<PathBuf> {
    inputs.iter().flat_map(|inputs| inputs.iter().map(|input| input.path)).collect()
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
