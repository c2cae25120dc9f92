//! Kustomizations that list the apps of an environment, as `envs/prod` does with `envs/prod/web`: no apps of their own,
//! but what they decide counts.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::path::{Path, PathBuf};

use kustom::DiskFs;
use kustom::roots::References;

use super::layout::Placed;
use crate::image_uses::Found;
use crate::paths;

/// The apps that lists refer to, by the folders of the lists.
type Listed = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// Takes out the folders of environments that refer to the apps in them, and adds them to these as their lists; not
/// where another environment has something else in such a folder.
pub(super) fn take_out(placed: &mut Vec<(Placed, String)>) {
    let all: BTreeMap<&Path, &str> =
        placed.iter().map(|(one, _)| (one.dir.as_path(), one.place.env.as_str())).collect();
    let mut references = References::new(&DiskFs);
    let mut listed_by = |one: &Placed| -> BTreeSet<PathBuf> {
        let below = (Bound::Excluded(one.dir.as_path()), Bound::Unbounded);
        let below = all.range::<Path, _>(below).take_while(|(dir, _)| dir.starts_with(&one.dir));
        let own = below.filter(|(_, env)| **env == one.place.env);
        let own: Vec<&Path> = own.map(|(dir, _)| *dir).collect();
        if own.is_empty() {
            return BTreeSet::new();
        }
        let built = references.closure(&paths::physical(&one.dir)).0;
        let own = own.into_iter().filter(|dir| built.contains(&paths::physical(dir)));
        own.map(Path::to_path_buf).collect()
    };
    let mut lists: BTreeMap<&str, Option<Listed>> = BTreeMap::new();
    for (one, app) in &*placed {
        let known = lists.entry(app).or_insert_with(|| Some(Listed::new()));
        let listed = known.as_ref().map(|_| listed_by(one)).filter(|listed| !listed.is_empty());
        match (known.as_mut(), listed) {
            (Some(all), Some(listed)) => drop(all.insert(one.dir.clone(), listed)),
            _ => *known = None,
        }
    }
    let lists = lists.into_iter().filter_map(|(app, listed)| Some((app.to_owned(), listed?)));
    let lists: BTreeMap<String, Listed> = lists.collect();
    let (out, mut apps): (Vec<_>, Vec<_>) =
        std::mem::take(placed).into_iter().partition(|(_, app)| lists.contains_key(app));
    let names: BTreeSet<String> = apps.iter().map(|(one, _)| one.place.app.clone()).collect();
    // What is nearest to an app comes first.
    let mut out: Vec<(Placed, BTreeSet<PathBuf>)> = out
        .into_iter()
        .filter_map(|(mut list, app)| {
            let listed = lists.get(&app)?.get(&list.dir)?.clone();
            if names.contains(&list.place.app) {
                list.place.app = app;
            }
            Some((list, listed))
        })
        .collect();
    out.sort_by_key(|(list, _)| std::cmp::Reverse(list.dir.components().count()));
    for (one, _) in &mut apps {
        let own = out.iter().filter(|(_, listed)| listed.contains(&one.dir));
        one.lists = own.map(|(list, _)| list.clone()).collect();
    }
    *placed = apps;
}

/// What a list decides.
#[derive(Debug, Default)]
pub(super) struct Decisions<'f> {
    /// What it has other versions of than the apps that it lists: the number of the app, that of its image, and what
    /// there is instead.
    pub(super) instead: Vec<(usize, usize, &'f Found)>,
    /// What none of these apps has, or which of them is not known.
    pub(super) own: Vec<&'f Found>,
}

/// Returns what a list renders that the apps in it do not.
pub(super) fn decisions<'f>(list: &'f [Found], apps: &[&[Found]]) -> Decisions<'f> {
    let mut decisions = Decisions::default();
    for found in list {
        let of_apps = apps.iter().enumerate().flat_map(|(app, all)| {
            all.iter().enumerate().map(move |(number, image)| (app, number, image))
        });
        let mut same: Vec<_> = of_apps.filter(|(_, _, image)| found.is_from(image)).collect();
        let is_it = |image: &Found| {
            (&image.image.name, &image.image.version) == (&found.image.name, &found.image.version)
        };
        if same.iter().any(|(_, _, image)| is_it(image)) {
            continue;
        }
        if same.len() > 1 {
            same.retain(|(_, _, image)| image.field == found.field);
        }
        match same.as_slice() {
            [(app, number, _)] => decisions.instead.push((*app, *number, found)),
            _ => decisions.own.push(found),
        }
    }
    decisions
}
