//! The proof that the new texts of files do what they are for, and nothing else.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use kustom::diff::{self, ChangeKind, ResourceDiff};
use kustom::explain::Trace;
use kustom::{Build, Builder, Error};
use serde_json::Value;

use super::step::{Images, Step, versions};
use crate::image_uses::{Found, Use, found, images_of};
use crate::overlay::OverlayFs;
use crate::parallel::{default_jobs, in_order};

/// What the new texts do to a target that they should not, or do beside.
pub(super) enum Doubt {
    /// The image of this step would not be what is wanted.
    Step(usize, String),
    /// Something else would change.
    All(String),
    /// The target could not be rendered any more.
    Failed(Error),
    /// The image of this step, for which nothing is written, would be what is wanted.
    Follows(usize),
}

/// Renders the targets with the new texts, and compares; the answers are in the order of the targets, each of
/// which is a group of steps.
pub(super) fn doubts(
    targets: &[&mut [Step<'_>]],
    texts: &BTreeMap<PathBuf, String>,
    builder: &Builder,
) -> Vec<Vec<Doubt>> {
    let mut files = OverlayFs::over(builder);
    texts.iter().for_each(|(file, text)| files.insert(file, text.as_str()));
    let after = builder.clone().file_system(files);
    let dirs: Vec<&Path> = targets.iter().filter_map(|steps| Some(steps.first()?.target)).collect();
    let built = after.build_all(&dirs);
    let pairs: Vec<_> = targets.iter().zip(built).collect();
    let mut all = Vec::new();
    in_order(
        &pairs,
        default_jobs(),
        |(steps, built)| match built {
            Ok(built) if is_just_that(steps, built) => Vec::new(),
            _ => of_target(steps, &after).unwrap_or_else(|error| vec![Doubt::Failed(error)]),
        },
        |_| {},
        |_, doubts| {
            all.push(doubts);
            ControlFlow::Continue(())
        },
    );
    all
}

/// Returns `true` if a target changes by the images of its steps, all of which are written, and by nothing else;
/// most do, and nobody has to look closer.
fn is_just_that(steps: &[Step<'_>], after: &Build) -> bool {
    let Some(before) = steps.first().map(|step| step.before) else { return false };
    let wanted = |found: &Found| {
        let step = steps.iter().find(|step| step.name == found.first_name())?;
        let separator = if step.from.tag.is_empty() { "" } else { ":" };
        Some(format!("{}{separator}{}", found.image.name, step.from.version))
    };
    let mut left: BTreeMap<(String, String), String> = BTreeMap::new();
    for found in &before.found {
        if let Some(wanted) = wanted(found).filter(|text| found.texts.last() != Some(text)) {
            left.insert((found.object.clone(), found.field.to_string()), wanted);
        }
    }
    let Ok(diff) = diff::compare(&before.build, after, &diff::Options::new()) else { return false };
    let is_wanted = diff.resources.iter().all(|resource| {
        let id = resource.id().filter(|_| resource.change == ChangeKind::Changed);
        let object = id.map(|id| format!("{}/{}", id.kind, id.name)).unwrap_or_default();
        resource.fields.iter().all(|field| {
            let wanted = left.remove(&(object.clone(), field.path.to_string()));
            wanted.is_some_and(|wanted| field.after == Some(Value::String(wanted)))
        }) && id.is_some()
    });
    is_wanted && left.is_empty() && steps.iter().all(Step::is_written)
}

fn of_target(steps: &[Step<'_>], after: &Builder) -> kustom::Result<Vec<Doubt>> {
    let Some(first) = steps.first() else { return Ok(Vec::new()) };
    let (before, after) = (&first.before.build, after.explain(first.target)?);
    let found = found(&after);
    let images = images_of(&found);
    let mut doubts = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        let uses = images.get(step.name).map_or(&[][..], Vec::as_slice);
        let other = uses.iter().find(|image| image.version != step.from.version);
        match other {
            Some(other) if step.is_written() => {
                let reason = format!("{} decides its version", other.decided.said());
                doubts.push(Doubt::Step(i, reason));
            }
            None if step.is_written() && uses.is_empty() => {
                doubts.push(Doubt::Step(i, "it would not be there any more".to_owned()));
            }
            _ if step.refused.is_some()
                && step
                    .wanted
                    .get(step.name)
                    .is_some_and(|all| versions(all) == versions(uses)) =>
            {
                doubts.push(Doubt::Follows(i));
            }
            _ => {}
        }
    }
    let is_wrong = doubts.iter().any(|doubt| matches!(doubt, Doubt::Step(..)));
    if let (false, Some(reason)) = (is_wrong, other_change(steps, before, &after, &found)?) {
        doubts.push(Doubt::All(reason));
    }
    Ok(doubts)
}

/// Names something that changes and is neither an image as the source has it, nor a text that shows the version
/// of one.
fn other_change(
    steps: &[Step<'_>],
    before: &Build,
    after: &Trace,
    images: &[Found],
) -> kustom::Result<Option<String>> {
    let Some(wanted) = steps.first().map(|step| step.wanted) else { return Ok(None) };
    let diff = diff::compare(before, after.build(), &diff::Options::new())?;
    for resource in &diff.resources {
        let Some(id) = resource.id() else { continue };
        let verb = match resource.change {
            ChangeKind::Added => "add",
            ChangeKind::Removed => "remove",
            _ => "change",
        };
        let field = resource.own_fields().find(|field| {
            let path = field.path.to_string();
            let image = images
                .iter()
                .find(|found| is_of(found, resource) && found.field.to_string() == path);
            match (&field.before, &field.after) {
                _ if field.masked => false,
                _ if image.is_some_and(|found| is_wanted(found, wanted)) => false,
                (Some(Value::String(old)), Some(Value::String(new))) if image.is_none() => {
                    !steps.iter().any(|step| shows_version(step, old, new))
                }
                _ => true,
            }
        });
        let field = match field {
            Some(field) => format!(": {}", field.path),
            None if resource.change != ChangeKind::Changed => String::new(),
            None => continue,
        };
        return Ok(Some(format!("it would also {verb} {id}{field}")));
    }
    Ok(None)
}

fn is_of(found: &Found, resource: &ResourceDiff) -> bool {
    resource.after.as_ref().is_some_and(|id| found.object == format!("{}/{}", id.kind, id.name))
}

/// Returns `true` if an image has become one that the source has.
fn is_wanted(found: &Found, wanted: &Images) -> bool {
    let is_it = |image: &Use| image.version == found.image.version;
    wanted.get(found.first_name()).is_some_and(|uses| uses.iter().any(is_it))
}

/// Returns `true` if a text changes as the version of an image does, which it was copied from.
fn shows_version(step: &Step<'_>, old: &str, new: &str) -> bool {
    let to = step.from;
    step.is_written()
        && step.to.iter().any(|from| {
            [(&from.version, &to.version), (&from.tag, &to.tag), (&from.digest, &to.digest)]
                .into_iter()
                .any(|(from, to)| !from.is_empty() && old.replace(from.as_str(), to) == new)
        })
}
