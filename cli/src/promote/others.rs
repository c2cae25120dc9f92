//! Apps and environments that are not promoted to, and that change all the same: they are built on a target, or
//! have its file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kustom::roots::References;
use kustom::{Build, Builder, FileSystem};

use super::rewrite::rewritten;
use super::step::Step;
use crate::images::Placed;
use crate::overlay::OverlayFs;
use crate::paths::FILE_NAMES;
use crate::remembered::RememberedFs;

/// What is beside the two environments, and whether it may change.
pub(super) struct Beside<'m> {
    pub(super) places: &'m [Placed],
    pub(super) files: &'m RememberedFs,
    pub(super) may_change: bool,
    /// The app of each region.
    pub(super) apps: &'m BTreeMap<&'m str, &'m str>,
}

/// An app in an environment that changes with a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Other {
    pub(super) app: String,
    pub(super) env: String,
    pub(super) dir: PathBuf,
    /// The directory with the entry that it changes with.
    pub(super) target: PathBuf,
}

impl Other {
    fn said(&self) -> String {
        format!("{} in {} ({})", self.app, self.env, self.dir.display())
    }

    pub(super) fn line(&self) -> String {
        format!("{}, with {}", self.said(), self.target.display())
    }
}

/// What new texts change beside the targets.
pub(super) struct Reached {
    pub(super) others: Vec<Other>,
    /// The numbers of the steps that change what they should not, and the reasons.
    pub(super) refused: Vec<(usize, String)>,
}

/// New texts of files.
type Texts = BTreeMap<PathBuf, String>;

/// Finds what changes beside the targets of the steps, and which of these are to be refused for it.
pub(super) fn reached(
    steps: &[Step<'_>],
    [from, to]: [&str; 2],
    texts: &Texts,
    beside: &Beside<'_>,
    builder: &Builder,
) -> Reached {
    let folders: BTreeSet<&Path> = texts.keys().filter_map(|it| it.parent()).collect();
    let changed = steps.iter().filter(|step| folders.contains(step.holder.as_path()));
    let holders: BTreeSet<&Path> = changed.clone().map(|step| step.holder.as_path()).collect();
    let done: BTreeSet<&Path> =
        changed.filter(|step| step.is_written()).map(|step| step.target).collect();
    let places = beside.places.iter();
    let places: Vec<&Placed> =
        places.filter(|placed| !done.contains(placed.dir.as_path())).collect();
    let all = changing(&places, beside.files, &holders, texts, builder);
    let blamed = blamed(&all, steps, builder);
    let others: Vec<Other> = all
        .iter()
        .enumerate()
        .map(|(number, Changing { placed, holders, .. })| {
            let mut steps = steps.iter().zip(&blamed);
            let step = steps.find(|(_, blamed)| blamed.contains(&number));
            let target = step.map(|(step, _)| step.holder.as_path());
            Other {
                app: placed.place.app.clone(),
                env: placed.place.env.clone(),
                dir: placed.dir.clone(),
                target: target.or(holders.first().copied()).unwrap_or(&placed.dir).to_path_buf(),
            }
        })
        .collect();
    if beside.may_change {
        return Reached { others, refused: Vec::new() };
    }
    let app = |name: &'_ str| beside.apps.get(name).copied();
    let refused: BTreeSet<&Path> =
        steps.iter().filter(|step| step.refused.is_some()).map(|step| step.target).collect();
    let of_source = beside.places.iter().filter(|placed| placed.place.env == from);
    let of_source: BTreeSet<&str> = of_source.map(|placed| placed.place.app.as_str()).collect();
    // A region that the source does not have goes with those that it has.
    let goes_along = |other: &Other, step: &Step<'_>| {
        let is_part = app(&other.app).is_some() && app(&other.app) == app(step.app);
        let is_own = of_source.contains(other.app.as_str());
        is_part && other.env == to && !is_own && !refused.contains(other.dir.as_path())
    };
    let reason = |(i, blamed): (usize, &BTreeSet<usize>)| {
        let step = steps.get(i)?;
        let others = blamed.iter().filter_map(|number| others.get(*number));
        let others = others.filter(|other| !goes_along(other, step));
        let said: Vec<String> = others.map(Other::said).collect();
        let said = Some(said.join(", ")).filter(|said| !said.is_empty())?;
        Some((i, format!("it would also change {said}; --with-others allows that")))
    };
    let refused = blamed.iter().enumerate().filter_map(reason).collect();
    Reached { others, refused }
}

/// A place that renders something else with new texts.
struct Changing<'p> {
    placed: &'p Placed,
    /// The folders of changed files that it uses.
    holders: Vec<&'p Path>,
    before: Build,
}

/// Returns which of some places, none of which is a target, render something else with the new texts of the files
/// in some folders. What cannot be rendered as it is does not count.
fn changing<'p>(
    places: &[&'p Placed],
    files: &RememberedFs,
    holders: &BTreeSet<&'p Path>,
    texts: &Texts,
    builder: &Builder,
) -> Vec<Changing<'p>> {
    let real: BTreeMap<PathBuf, &Path> =
        holders.iter().filter_map(|dir| Some((files.real(dir).ok()?, *dir))).collect();
    let mut references = References::new(files);
    let reached: Vec<(&Placed, Vec<&Path>)> = places
        .iter()
        .filter_map(|placed| {
            let dir = files.real(&placed.dir).ok()?;
            let linked =
                FILE_NAMES.iter().find_map(|name| files.canonicalize(&dir.join(name)).ok());
            let folders: BTreeSet<PathBuf> = references.closure(&dir).0;
            let near = linked.iter().filter_map(|file| file.parent());
            let near = near.chain(folders.iter().map(PathBuf::as_path));
            let mut holders: Vec<&Path> = Vec::new();
            for holder in near.filter_map(|folder| real.get(folder)) {
                if !holders.contains(holder) {
                    holders.push(holder);
                }
            }
            (!holders.is_empty()).then_some((*placed, holders))
        })
        .collect();
    let dirs: Vec<&Path> = reached.iter().map(|(placed, _)| placed.dir.as_path()).collect();
    if dirs.is_empty() {
        return Vec::new();
    }
    let before = builder.clone().build_all(&dirs);
    let after = with(texts, builder).build_all(&dirs);
    let all = reached.into_iter().zip(before.into_iter().zip(after));
    all.filter_map(|((placed, holders), (before, after))| {
        let before = before.ok()?;
        is_other(&before, &after).then_some(Changing { placed, holders, before })
    })
    .collect()
}

fn with(texts: &Texts, builder: &Builder) -> Builder {
    let mut files = OverlayFs::over(builder);
    texts.iter().for_each(|(file, text)| files.insert(file, text.as_str()));
    builder.clone().file_system(files)
}

fn is_other(before: &Build, after: &kustom::Result<Build>) -> bool {
    after.as_ref().map_or(true, |after| after.as_yaml() != before.as_yaml())
}

/// Returns for each step which places change because of it. Of several steps that may be why one changes, these are
/// those whose own lines change it; all of them where that is none.
fn blamed(all: &[Changing<'_>], steps: &[Step<'_>], builder: &Builder) -> Vec<BTreeSet<usize>> {
    let mut blamed: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); steps.len()];
    let suspects = |changing: &Changing<'_>| -> Vec<usize> {
        let may_be = |step: &Step<'_>| {
            step.is_written() && changing.holders.contains(&step.holder.as_path())
        };
        steps.iter().enumerate().filter(|(_, step)| may_be(step)).map(|(i, _)| i).collect()
    };
    let suspects: Vec<Vec<usize>> = all.iter().map(suspects).collect();
    let mut changed_by: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (i, step) in steps.iter().enumerate() {
        let numbers = suspects.iter().enumerate();
        let numbers: Vec<usize> = numbers
            .filter(|(_, suspects)| suspects.len() > 1 && suspects.contains(&i))
            .map(|(number, _)| number)
            .collect();
        if numbers.is_empty() {
            continue;
        }
        let alone = rewritten(&[step]).ok().and_then(|alone| alone.changed);
        let places: Vec<&Changing<'_>> = numbers.iter().filter_map(|n| all.get(*n)).collect();
        let dirs: Vec<&Path> = places.iter().map(|it| it.placed.dir.as_path()).collect();
        let after = with(&alone.into_iter().collect(), builder).build_all(&dirs);
        for ((number, place), after) in numbers.into_iter().zip(places).zip(after) {
            if is_other(&place.before, &after) {
                changed_by.entry(number).or_default().insert(i);
            }
        }
    }
    for (number, suspects) in suspects.into_iter().enumerate() {
        let found = changed_by.remove(&number).map(|found| found.into_iter().collect());
        for i in found.unwrap_or(suspects) {
            if let Some(blamed) = blamed.get_mut(i) {
                blamed.insert(number);
            }
        }
    }
    blamed
}
