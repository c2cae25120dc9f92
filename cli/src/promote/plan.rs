//! What is to be promoted, what cannot be, and the texts of the files afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use kustom::edit::Edit;
use kustom::{Builder, DiskFs};

use super::holders::Holders;
use super::others::{self, Beside, Other};
use super::proof::{self, Doubt};
use super::rewrite::{Rewritten, rewritten};
use super::step::{Step, versions};
use crate::image_uses::Use;
use crate::images::{Cell, Matrix, Placed};
use crate::parallel::{default_jobs, in_order};

/// What there is to do between two environments.
pub(super) struct Plan<'m> {
    pub(super) from: &'m str,
    pub(super) to: &'m str,
    /// The images that differ.
    pub(super) steps: Vec<Step<'m>>,
    /// The apps that cannot be rendered.
    pub(super) unrendered: Vec<Unrendered<'m>>,
    /// What is in the one environment and not at all in the other.
    pub(super) missing: Vec<Missing<'m>>,
    /// What cannot be compared, and why.
    pub(super) not_compared: Vec<String>,
    /// The regions of apps that only the target has, which so stay as they are.
    pub(super) left_behind: Vec<&'m Placed>,
    /// The new texts of the files.
    pub(super) texts: BTreeMap<PathBuf, String>,
    /// What there is to say of the changes of files.
    pub(super) notes: Vec<(PathBuf, String)>,
    /// Why files cannot be changed.
    pub(super) unwritable: Vec<kustom::Error>,
    /// What changes beside the targets.
    pub(super) others: Vec<Other>,
}

/// An app that cannot be rendered in one of the environments.
pub(super) struct Unrendered<'m> {
    pub(super) app: &'m str,
    pub(super) env: &'m str,
    pub(super) dir: &'m Path,
    pub(super) error: &'m kustom::Error,
}

/// An app, or one of its images, that the target does not have.
pub(super) struct Missing<'m> {
    pub(super) app: &'m str,
    pub(super) image: Option<&'m str>,
}

impl<'m> Plan<'m> {
    /// Compares two environments, of which the first one `alone` has some apps; what is to be written is
    /// rendered with `builder` first, and so is what of `beside` it reaches.
    pub(super) fn new(
        matrix: &'m Matrix,
        from: &'m str,
        to: &'m str,
        alone: &BTreeSet<&'m str>,
        beside: &Beside<'_>,
        builder: &Builder,
    ) -> Plan<'m> {
        let mut plan = Plan {
            from,
            to,
            steps: Vec::new(),
            unrendered: Vec::new(),
            missing: Vec::new(),
            not_compared: Vec::new(),
            left_behind: Vec::new(),
            texts: BTreeMap::new(),
            notes: Vec::new(),
            unwritable: Vec::new(),
            others: Vec::new(),
        };
        let mut holders = Holders::of(beside.places, beside.files, builder);
        for (app, cells) in &matrix.cells {
            if let (Some(source), Some(target)) = (cells.get(from), cells.get(to)) {
                plan.compare(app, source, target, &mut holders);
            }
        }
        plan.missing.extend(alone.iter().map(|&app| Missing { app, image: None }));
        plan.missing.sort_by_key(|missing| missing.app);
        plan.rewrite(beside, builder);
        plan
    }

    /// Returns how many apps and images cannot be promoted.
    pub(super) fn refused(&self) -> usize {
        self.refused_steps() + self.unrendered.len()
    }

    pub(super) fn refused_steps(&self) -> usize {
        self.steps.iter().filter(|step| step.refused.is_some()).count()
    }

    /// Returns `true` if something went wrong, unlike what is refused for what it says.
    pub(super) fn has_failed(&self) -> bool {
        !self.unrendered.is_empty() || !self.unwritable.is_empty()
    }

    /// Adds the images of an app that differ.
    fn compare(
        &mut self,
        app: &'m str,
        source: &'m Cell,
        target: &'m Cell,
        holders: &mut Holders<'_>,
    ) {
        for (env, cell) in [(self.from, source), (self.to, target)] {
            if let Err(error) = &cell.images {
                self.unrendered.push(Unrendered { app, env, dir: &cell.dir, error });
            }
        }
        let (Ok(here), Ok(there)) = (&source.images, &target.images) else { return };
        let Some(before) = &target.rendered else { return };
        for (name, uses) in here {
            let Some(others) = there.get(name) else {
                self.missing.push(Missing { app, image: Some(name) });
                continue;
            };
            if versions(uses) == versions(others) {
                continue;
            }
            let Some(image) = uses.first() else { continue };
            let mut step = Step {
                app,
                name,
                from: image,
                to: others,
                source: &source.dir,
                target: &target.dir,
                origin: holders.folder(std::slice::from_ref(image), &source.dir, self.from),
                holder: holder(name, others, &target.dir, self.to, holders),
                before,
                wanted: here,
                refused: None,
                is_for_beside: false,
                follows: false,
            };
            if uses.iter().any(|other| other.version != image.version) {
                step.refused = Some("it is there in several versions at once".to_owned());
            } else if image.version.is_empty() {
                step.refused = Some("it has neither a tag nor a digest to copy".to_owned());
            } else if image.version.starts_with(':') {
                let place = image.decided.said();
                let reason = format!("its tag is empty and stands before a digest, by {place}");
                step.refused = Some(reason);
            } else if let Err(error) = step.wanted_entry(name).validate() {
                // A template, most often.
                step.refused = Some(error.message().to_owned());
            } else if image.decided.is_suffix() {
                let place = image.decided.said();
                step.refused =
                    Some(format!("it has its tag from below, with the suffix of {place}"));
            } else if let Some(suffix) = others.iter().find(|image| image.decided.is_suffix()) {
                let place = suffix.decided.said();
                let reason = format!("{place} puts a suffix behind whatever tag lies below");
                step.refused = Some(reason);
            } else if !step.comes_from_own_entry() {
                step.refused = Some(step.said_origin());
            }
            self.steps.push(step);
        }
    }

    /// Makes the new texts of the files. What would change something beside its image is tried once more, line by line,
    /// without what is refused in the end, which may have been the cause.
    fn rewrite(&mut self, beside: &Beside<'_>, builder: &Builder) {
        self.settle(beside, builder);
        // Each time one line more is written, so this comes to an end.
        while self.kept_back().into_iter().any(|i| self.retry(i, beside, builder)) {}
    }

    /// Returns the numbers of the lines that are refused for something beside their images, where another line of the
    /// file that is refused may be the cause.
    fn kept_back(&self) -> Vec<usize> {
        let mut refused: BTreeMap<&Path, usize> = BTreeMap::new();
        for step in self.steps.iter().filter(|step| step.refused.is_some()) {
            *refused.entry(&step.holder).or_default() += 1;
        }
        let is_kept = |step: &Step<'_>| {
            let has_others = refused.get(step.holder.as_path()).is_some_and(|count| *count > 1);
            step.is_for_beside && step.refused.is_some() && has_others
        };
        let kept = self.steps.iter().enumerate().filter(|(_, step)| is_kept(step));
        kept.map(|(i, _)| i).collect()
    }

    /// Tries a line once more; returns `true` if it is written then, and nothing else is refused for it.
    fn retry(&mut self, i: usize, beside: &Beside<'_>, builder: &Builder) -> bool {
        let before: Vec<(Option<String>, bool)> =
            self.steps.iter().map(|step| (step.refused.clone(), step.follows)).collect();
        let failed = self.unwritable.len();
        if let Some(step) = self.steps.get_mut(i) {
            step.refused = None;
        }
        self.settle(beside, builder);
        let is_worse = self.unwritable.len() > failed
            || self.steps.iter().zip(&before).any(|(step, (refused, follows))| {
                refused.is_none() && step.refused.is_some() || *follows && !step.follows
            });
        if !is_worse && self.steps.get(i).is_some_and(Step::is_written) {
            return true;
        }
        self.unwritable.truncate(failed);
        for (step, (refused, follows)) in self.steps.iter_mut().zip(before) {
            step.refused = refused;
            step.follows = follows;
        }
        self.settle(beside, builder);
        false
    }

    /// Makes the new texts of the files. What has no entry to be changed is refused, and what the new texts
    /// would not bring about; then they are made anew without it.
    fn settle(&mut self, beside: &Beside<'_>, builder: &Builder) {
        loop {
            self.texts.clear();
            self.notes.clear();
            for step in &mut self.steps {
                // What it follows may be refused by now.
                if std::mem::take(&mut step.follows) {
                    step.refused = Some(step.said_origin());
                }
            }
            let mut numbers: BTreeMap<&Path, Vec<usize>> = BTreeMap::new();
            for (i, step) in self.steps.iter().enumerate() {
                numbers.entry(&step.holder).or_default().push(i);
            }
            let mut numbers: Vec<Vec<usize>> = numbers.into_values().collect();
            // What a kustomization itself is to have counts more than what is built on it.
            let is_own = |i: &usize| self.steps.get(*i).is_some_and(|it| it.holder == it.target);
            numbers.iter_mut().for_each(|group| group.sort_by_key(is_own));
            let groups: Vec<Vec<&Step<'m>>> = numbers
                .iter()
                .map(|group| group.iter().filter_map(|i| self.steps.get(*i)).collect())
                .collect();
            let mut all = Vec::with_capacity(groups.len());
            let done = |_: &Vec<&Step<'m>>, done| {
                all.push(done);
                ControlFlow::Continue(())
            };
            in_order(&groups, default_jobs(), |group| rewritten(group), |_| {}, done);
            for (group, done) in numbers.into_iter().zip(all) {
                match done {
                    Ok(Rewritten { changed, notes, refused }) => {
                        if let Some((file, text)) = changed {
                            self.notes.extend(notes.into_iter().map(|note| (file.clone(), note)));
                            self.texts.insert(file, text);
                        }
                        for (i, reason) in refused {
                            let step = group.get(i).and_then(|i| self.steps.get_mut(*i));
                            if let Some(step) = step {
                                step.refused = Some(reason);
                            }
                        }
                    }
                    Err(error) => {
                        for i in group {
                            let Some(step) = self.steps.get_mut(i) else { continue };
                            let reason = format!("{} cannot be changed", step.holder.display());
                            refuse(std::slice::from_mut(step), &reason);
                        }
                        self.unwritable.push(error);
                    }
                }
            }
            if !self.is_doubted(builder) && !self.reaches_others(beside, builder) {
                return;
            }
        }
    }

    /// Renders the targets with the new texts; refuses what these do not bring about, and tells whether there is
    /// such.
    fn is_doubted(&mut self, builder: &Builder) -> bool {
        let mut groups: Vec<&mut [Step<'m>]> =
            self.steps.chunk_by_mut(|a, b| a.target == b.target).collect();
        groups.retain(|group| group.iter().any(Step::is_written));
        let doubts = proof::doubts(&groups, &self.texts, builder);
        let mut is_doubted = false;
        for (group, doubts) in groups.into_iter().zip(doubts) {
            for doubt in doubts {
                match doubt {
                    Doubt::Step(i, reason) => {
                        if let Some(step) = group.get_mut(i) {
                            is_doubted |= step.is_written();
                            step.refused = Some(reason);
                        }
                    }
                    Doubt::All(reason) => {
                        is_doubted = true;
                        group.iter_mut().for_each(|step| step.is_for_beside |= step.is_written());
                        refuse(group, &reason);
                    }
                    Doubt::Failed(error) => {
                        is_doubted = true;
                        refuse(group, "the target could not be rendered afterwards");
                        self.unwritable.push(error);
                    }
                    Doubt::Follows(i) => {
                        if let Some(step) = group.get_mut(i) {
                            step.refused = None;
                            step.follows = true;
                        }
                    }
                }
            }
        }
        is_doubted
    }

    /// Finds what changes beside the targets; unless that may be, refuses what would change it, and tells whether
    /// there is such.
    fn reaches_others(&mut self, beside: &Beside<'_>, builder: &Builder) -> bool {
        let ends = [self.from, self.to];
        let reached = others::reached(&self.steps, ends, &self.texts, beside, builder);
        self.others = reached.others;
        let is_refused = !reached.refused.is_empty();
        for (i, reason) in reached.refused {
            if let Some(step) = self.steps.get_mut(i) {
                step.refused = Some(reason);
            }
        }
        is_refused
    }
}

/// Returns the directory with the entry that is to change for a target.
fn holder(
    name: &str,
    uses: &[Use],
    target: &Path,
    env: &str,
    holders: &mut Holders<'_>,
) -> PathBuf {
    let folder = holders.folder(uses, target, env).filter(|folder| folder != target);
    // An entry of its own comes after all others, though it may say the same now.
    let has_own = || {
        let names = |edit: Edit| (0..).map_while(|i| edit.image_name(i)).any(|own| own == name);
        Edit::open_unchecked(DiskFs, target).is_ok_and(names)
    };
    folder.filter(|_| !has_own()).unwrap_or_else(|| target.to_path_buf())
}

/// Refuses all that would be written.
fn refuse(steps: &mut [Step<'_>], reason: &str) {
    for step in steps.iter_mut().filter(|step| step.is_written()) {
        step.refused = Some(reason.to_owned());
    }
}
