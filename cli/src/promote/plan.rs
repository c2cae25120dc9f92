//! What is to be promoted, what cannot be, and the texts of the files afterwards.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kustom::DiskFs;
use kustom::edit::{Edit, ImageArg, ImageChange, KeptImage};

use crate::images::{Cell, Matrix, Use, short};

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
    /// The new texts of the files.
    pub(super) texts: BTreeMap<PathBuf, String>,
    /// Why files cannot be changed.
    pub(super) unwritable: Vec<kustom::Error>,
}

/// An image that is in one environment and not in the other.
pub(super) struct Step<'m> {
    pub(super) app: &'m str,
    pub(super) name: &'m str,
    pub(super) from: &'m Use,
    pub(super) to: Option<&'m Use>,
    /// The directory to copy from.
    source: &'m Path,
    /// The directory to change.
    target: &'m Path,
    /// Why it cannot be promoted.
    pub(super) refused: Option<String>,
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
    pub(super) fn new(matrix: &'m Matrix, from: &'m str, to: &'m str) -> Plan<'m> {
        let mut plan = Plan {
            from,
            to,
            steps: Vec::new(),
            unrendered: Vec::new(),
            missing: Vec::new(),
            texts: BTreeMap::new(),
            unwritable: Vec::new(),
        };
        for (app, cells) in &matrix.cells {
            match (cells.get(from), cells.get(to)) {
                (Some(source), Some(target)) => plan.compare(app, source, target),
                (Some(_), None) => plan.missing.push(Missing { app, image: None }),
                _ => {}
            }
        }
        plan.rewrite();
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
    fn compare(&mut self, app: &'m str, source: &'m Cell, target: &'m Cell) {
        for (env, cell) in [(self.from, source), (self.to, target)] {
            if let Err(error) = &cell.images {
                self.unrendered.push(Unrendered { app, env, dir: &cell.dir, error });
            }
        }
        let (Ok(here), Ok(there)) = (&source.images, &target.images) else { return };
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
                to: others.first(),
                source: &source.dir,
                target: &target.dir,
                refused: None,
            };
            if uses.iter().any(|other| other.version != image.version) {
                step.refused = Some("it is there in several versions at once".to_owned());
            } else if image.version.is_empty() {
                step.refused = Some("it has neither a tag nor a digest to copy".to_owned());
            } else if !step.comes_from_own_entry() {
                let decided = &image.decided;
                let entry =
                    if decided.entry.is_empty() { "no images entry" } else { &decided.entry };
                step.refused =
                    Some(format!("its version comes from {} ({entry})", decided.place()));
            }
            self.steps.push(step);
        }
    }

    /// Makes the new texts of the files; what has no entry to be changed is refused.
    fn rewrite(&mut self) {
        for group in self.steps.chunk_by_mut(|a, b| a.target == b.target) {
            let Some(dir) = group.first().map(|step| step.target) else { continue };
            match rewritten(dir, group) {
                Ok(Some((file, text))) => drop(self.texts.insert(file, text)),
                Ok(None) => {}
                Err(error) => {
                    let reason = format!("{} cannot be changed", dir.display());
                    for step in group.iter_mut().filter(|step| step.refused.is_none()) {
                        step.refused = Some(reason.clone());
                    }
                    self.unwritable.push(error);
                }
            }
        }
    }
}

/// Returns the file of a directory and its new text, if there is one.
fn rewritten(dir: &Path, steps: &mut [Step<'_>]) -> kustom::Result<Option<(PathBuf, String)>> {
    let mut edit = Edit::open(DiskFs, dir)?;
    for step in steps.iter_mut().filter(|step| step.refused.is_none()) {
        if !matches!(edit.keep_image(&step.wanted_entry()), KeptImage::Entries(_)) {
            let file = edit.file().display();
            step.refused = Some(format!("{file} has no images entry of that name"));
        }
    }
    let rewritten = edit.finish()?;
    let file = edit.file().to_path_buf();
    Ok((!rewritten.is_unchanged()).then_some((file, rewritten.text)))
}

fn versions(uses: &[Use]) -> Vec<&str> {
    let mut all: Vec<&str> = uses.iter().map(|image| image.version.as_str()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

impl Step<'_> {
    /// Returns the version that the target has, for people.
    pub(super) fn old(&self) -> String {
        self.to.map_or_else(String::new, |image| short(&image.version))
    }

    /// Returns the version that it is to have, for people.
    pub(super) fn wanted(&self) -> String {
        short(&self.from.version)
    }

    fn wanted_entry(&self) -> ImageArg {
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let mut image = ImageArg::default();
        self.name.clone_into(&mut image.name);
        image.tag = filled(&self.from.tag);
        image.digest = filled(&self.from.digest);
        image
    }

    /// Returns `true` if the version comes from `images` of the source's own kustomization, or that says
    /// the same as what lies below it.
    fn comes_from_own_entry(&self) -> bool {
        let resolve = |path: &Path| path.canonicalize().ok();
        let decided = &self.from.decided;
        let file = decided.file.as_deref();
        let is_decided_there = decided.entry.starts_with("images")
            && file.and_then(Path::parent).and_then(|parent| {
                let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
                resolve(parent)
            }) == resolve(self.source);
        is_decided_there
            || Edit::open(DiskFs, self.source).is_ok_and(|mut edit| {
                match edit.keep_image(&self.wanted_entry()) {
                    KeptImage::Entries(entries) => entries.iter().all(ImageChange::is_unchanged),
                    _ => false,
                }
            })
    }
}
