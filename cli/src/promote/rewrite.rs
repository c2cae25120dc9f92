//! The texts of files in which images are set.

use std::path::PathBuf;

use kustom::edit::{Edit, UpdateOutcome};
use kustom::{DiskFs, Image};

use super::step::Step;

/// A file with its new text, if that changes, and what cannot be changed in it and why.
#[derive(Default)]
pub(super) struct Rewritten {
    pub(super) changed: Option<(PathBuf, String)>,
    pub(super) notes: Vec<String>,
    pub(super) refused: Vec<(usize, String)>,
}

/// Changes the file that some steps are about for those for which that can be done.
pub(super) fn rewritten(steps: &[&Step<'_>]) -> kustom::Result<Rewritten> {
    let mut done = Rewritten::default();
    loop {
        let is_left = |i: usize| done.refused.iter().all(|(refused, _)| *refused != i);
        let written = steps.iter().enumerate().filter(|(i, step)| step.is_written() && is_left(*i));
        let written: Vec<(usize, &Step<'_>)> = written.map(|(i, step)| (i, *step)).collect();
        let Some((_, first)) = written.first() else { return Ok(done) };
        let mut edit = Edit::open(DiskFs, &first.holder)?;
        let refused = written.iter().find_map(|(i, step)| Some((*i, keep(&mut edit, step)?)));
        if let Some(refused) = refused {
            // What was changed for it already is not to stay.
            done.refused.push(refused);
            continue;
        }
        let rewritten = edit.finish()?;
        let file = edit.file().to_path_buf();
        done.notes = edit.notes().to_vec();
        done.changed = (!rewritten.is_unchanged()).then_some((file, rewritten.text));
        return Ok(done);
    }
}

/// Sets the image of a step, or says why that cannot be.
fn keep(edit: &mut Edit, step: &Step<'_>) -> Option<String> {
    step.entries(edit).iter().find_map(|name| {
        let kept = edit.update_image(&step.written_entry(name));
        let file = edit.file().display();
        match kept {
            UpdateOutcome::Updated(changes) => changes.iter().find_map(|change| {
                // What is written beside it would come behind that.
                let has_own = !Image::parse(&change.new_name).version().is_empty();
                let name = &change.new_name;
                has_own.then(|| format!("the newName in {file} has a version in it: {name}"))
            }),
            UpdateOutcome::Template { line, text } => {
                let line = line.map_or_else(String::new, |line| format!(":{line}"));
                Some(format!("{file}{line} has a template, which is not changed: {text}"))
            }
            _ => {
                let decided = step.to.first().map(|image| image.decided.said());
                let decided = decided.unwrap_or_default();
                Some(format!("{file} has no images entry of that name; {decided} decides"))
            }
        }
    })
}
