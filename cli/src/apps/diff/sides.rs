//! The two sides of a comparison: what each has of the files that are named.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustom::Builder;
use kustom::document::Reading;
use kustom_apps::{Preview, Problem, Rendered, Repository};

use crate::apps::inputs::{Inputs, is_stdin};
use crate::checked_out;
use crate::flags::How;
use crate::git::{Repository as Git, Revision};
use crate::path_patterns;
use crate::paths::physical;
use crate::revisions::Revisions;

/// A revision, or the work tree.
pub(super) struct Side {
    /// What it is called.
    name: String,
    repository: Repository,
    builder: Builder,
    /// The files and directories that each argument stands for.
    found: Vec<BTreeSet<PathBuf>>,
}

/// Opens both sides.
///
/// # Errors
/// If an argument stands for nothing on either side: what is there on one side only is new, or gone.
pub(super) fn open(
    inputs: &Inputs,
    how: &How,
    revisions: &Revisions,
) -> Result<(Side, Side), String> {
    let builder = how.builder()?;
    let first = inputs.files.first().map_or(Path::new("."), |file| file);
    let git = Git::discover(first)?;
    for file in &inputs.files {
        if is_stdin(file) {
            return Err("no revision has stdin: name the file, or the directory of the kustomization that builds it, \
                        which is read on both sides"
                .into());
        }
        if !physical(file).starts_with(git.root()) {
            let (file, root) = (file.display(), git.root().display());
            return Err(format!("{file} is outside of the repository {root}"));
        }
    }
    let side = |name: String, revision: Revision| {
        let builder = checked_out::builder(builder.clone(), &how.outside, &revision)?;
        let found = inputs.files_in(&revision);
        let repository = inputs.repository_in(revision)?;
        Ok::<_, String>(Side { name, repository, builder, found })
    };
    let (name, before) = revisions.before(&git)?;
    let before = side(name, before)?;
    let after = match revisions.after(&git)? {
        Some(after) => side(revisions.to.clone().unwrap_or_default(), after)?,
        None => {
            let found = inputs.files_in(&kustom::DiskFs);
            let name = "the work tree".to_owned();
            let repository = inputs.repository_beside_revision()?;
            Side { name, repository, builder, found }
        }
    };
    for ((argument, one), other) in inputs.files.iter().zip(&before.found).zip(&after.found) {
        if one.is_empty() && other.is_empty() {
            let (one, other) = (&before.name, &after.name);
            let file = argument.display();
            return Err(match path_patterns::is_pattern(&argument.to_string_lossy()) {
                true => format!("{file} matches no file, neither in {one} nor in {other}"),
                false => format!("there is no file {file}, neither in {one} nor in {other}"),
            });
        }
    }
    Ok((before, after))
}

impl Side {
    /// Makes the Applications of its files.
    pub(super) fn preview(
        &self,
        inputs: &Inputs,
        reading: &Arc<Reading>,
    ) -> Result<Preview, String> {
        inputs
            .preview_of(&self.found, &self.repository, &self.builder, reading)
            .map_err(|e| format!("{e} (in {})", self.name))
    }

    /// Renders its Applications.
    pub(super) fn render(&self, preview: &Preview) -> Vec<Rendered> {
        kustom_apps::render(&preview.applications, &self.repository, &self.builder)
    }
}

/// Returns what is to say of both sides. A file that has Applications on one side only is no fault.
pub(super) fn problems<'p>(
    before: &'p Preview,
    after: &'p Preview,
) -> impl Iterator<Item = &'p Problem> {
    let of = |side: &'p Preview, other: &'p Preview| {
        side.problems.iter().filter(|problem| {
            let has_some = || {
                let mut files = other.applications.iter().map(|app| &app.origin().file);
                files.any(|file| Some(file) == problem.file.as_ref())
            };
            problem.code != "nothing-found" || !has_some()
        })
    };
    let both = |problem: &&Problem| before.problems.contains(problem);
    of(before, after).chain(of(after, before).filter(move |problem| !both(problem)))
}
