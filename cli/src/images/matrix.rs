//! The images of every app in every environment, from what is rendered.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use kustom::{Build, Builder};

use super::layout::Placed;
use super::lists::decisions;
use super::places;
use crate::image_uses::{Found, Use, found, images_of};
use crate::parallel::{default_jobs, in_order};
use crate::waiting;

/// The images of a tree.
#[derive(Debug, Default)]
pub(crate) struct Matrix {
    /// By app, environment and name of the image.
    pub(crate) cells: BTreeMap<String, BTreeMap<String, Cell>>,
}

/// An app in an environment.
#[derive(Debug)]
pub(crate) struct Cell {
    /// The directory.
    pub(crate) dir: PathBuf,
    /// By the name before `images` of any kustomization gave it another; or why it cannot be rendered.
    pub(crate) images: kustom::Result<BTreeMap<String, Vec<Use>>>,
    /// All images of a list, of which those of the apps in it are not among its own.
    pub(crate) all: Option<BTreeMap<String, Vec<Use>>>,
    /// The names of those that a list of the app decides.
    pub(crate) overruled: BTreeSet<String>,
    /// What was rendered, if that was to be kept.
    pub(crate) rendered: Option<Rendered>,
}

/// What a directory renders.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) build: Build,
    pub(crate) found: Vec<Found>,
}

impl Matrix {
    /// Renders all these places. What cannot be rendered is in the matrix as such; what is, is kept if `keep`
    /// says so.
    pub(crate) fn of(
        places: &[Placed],
        builder: &Builder,
        keep: impl Fn(&Placed) -> bool + Sync,
    ) -> Matrix {
        let mut lists: BTreeMap<&Path, &Placed> = BTreeMap::new();
        for list in places.iter().flat_map(|placed| &placed.lists) {
            lists.insert(&list.dir, list);
        }
        let all: Vec<&Placed> = places.iter().chain(lists.into_values()).collect();
        let _working = waiting::working(|| waiting::on_kustomizations("rendering", all.len()));
        let mut rendered = Vec::with_capacity(all.len());
        in_order(
            &all,
            default_jobs(),
            |placed| {
                let trace = builder.explain(&placed.dir)?;
                let found = found(&trace);
                let build = keep(placed).then(|| trace.build().clone());
                Ok::<_, kustom::Error>((found, build))
            },
            |_| {},
            |_, one| {
                rendered.push(one);
                ControlFlow::Continue(())
            },
        );
        let of_lists = rendered.split_off(places.len().min(rendered.len()));
        let mut matrix = Matrix::default();
        let mut overruled: BTreeMap<usize, BTreeMap<usize, Use>> = BTreeMap::new();
        let mut cells = Vec::new();
        let lists = all.iter().skip(places.len()).zip(of_lists);
        // What lies above others counts last.
        let mut lists: Vec<_> = lists.collect();
        lists.sort_by_key(|(list, _)| Reverse(list.dir.components().count()));
        for (list, of_list) in lists {
            let is_in = |placed: &Placed| placed.lists.iter().any(|other| other.dir == list.dir);
            let listed = places.iter().zip(&rendered).enumerate();
            let listed: Vec<_> = listed.filter(|(_, (placed, _))| is_in(placed)).collect();
            let apps =
                listed.iter().map(|(i, (_, app))| Some((*i, app.as_ref().ok()?.0.as_slice())));
            // What cannot be rendered is told once.
            let Some(apps) = apps.collect::<Option<Vec<_>>>() else { continue };
            let (numbers, apps): (Vec<usize>, Vec<&[Found]>) = apps.into_iter().unzip();
            let (found, build) = match of_list {
                Ok(of_list) => of_list,
                Err(error) => {
                    cells.push((*list, Cell::failed(list, error)));
                    continue;
                }
            };
            let decisions = decisions(&found, &apps);
            for (app, image, instead) in decisions.instead {
                let Some(app) = numbers.get(app) else { continue };
                overruled.entry(*app).or_default().insert(image, instead.image.clone());
            }
            let images = images_of(decisions.own);
            if !images.is_empty() {
                let all = Some(images_of(&found));
                let rendered = build.map(|build| Rendered { build, found });
                let cell = Cell { images: Ok(images), all, rendered, ..Cell::of(list) };
                cells.push((*list, cell));
            }
        }
        for (i, (placed, of_app)) in places.iter().zip(rendered).enumerate() {
            let cell = match of_app {
                Ok((found, build)) => {
                    let mut cell = Cell { images: Ok(images_of(&found)), ..Cell::of(placed) };
                    if let Some(overruled) = overruled.get(&i) {
                        cell.overrule(&found, overruled);
                    }
                    cell.rendered = build.map(|build| Rendered { build, found });
                    cell
                }
                Err(error) => Cell::failed(placed, error),
            };
            cells.push((placed, cell));
        }
        for (Placed { place, .. }, cell) in cells {
            matrix.cells.entry(place.app.clone()).or_default().insert(place.env.clone(), cell);
        }
        matrix
    }

    /// Returns the environments, in the order of the way of a change.
    pub(crate) fn environments(&self) -> Vec<&str> {
        places::in_order(self.cells.values().flat_map(|app| app.keys().map(String::as_str)))
    }

    /// Returns what could not be rendered: the app, the environment, and why.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&str, &str, &kustom::Error)> {
        self.cells.iter().flat_map(|(app, cells)| {
            cells.iter().filter_map(move |(env, cell)| {
                Some((app.as_str(), env.as_str(), cell.images.as_ref().err()?))
            })
        })
    }
}

impl Cell {
    fn of(placed: &Placed) -> Cell {
        Cell {
            dir: placed.dir.clone(),
            images: Ok(BTreeMap::new()),
            all: None,
            overruled: BTreeSet::new(),
            rendered: None,
        }
    }

    fn failed(placed: &Placed, error: kustom::Error) -> Cell {
        Cell { images: Err(error), ..Cell::of(placed) }
    }

    /// Puts what a list has for images of the app, by their numbers, in the place of these.
    fn overrule(&mut self, found: &[Found], overruled: &BTreeMap<usize, Use>) {
        let mut images: BTreeMap<String, Vec<Use>> = BTreeMap::new();
        for (i, found) in found.iter().enumerate() {
            let instead = overruled.get(&i);
            if instead.is_some() {
                self.overruled.insert(found.first_name().to_owned());
            }
            let (image, uses) = (
                instead.unwrap_or(&found.image),
                images.entry(found.first_name().to_owned()).or_default(),
            );
            if !uses.contains(image) {
                uses.push(image.clone());
            }
        }
        images.values_mut().for_each(|uses| uses.sort());
        self.images = Ok(images);
    }
}
