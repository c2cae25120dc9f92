//! The images of every app in every environment, from what is rendered.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use kustom::{Builder, DiskFs, Event, Image};

use super::layout::{Layout, Place, stage};
use crate::exclude::Excluded;
use crate::parallel::{default_jobs, in_order};
use crate::report::ErrorFormat;
use crate::{roots, search, waiting};

/// The images of a tree.
#[derive(Debug, Default)]
pub(crate) struct Matrix {
    /// By app, environment and name of the image.
    pub(crate) cells: BTreeMap<String, BTreeMap<String, Cell>>,
}

/// An app in an environment.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    /// The directory.
    pub(crate) dir: PathBuf,
    /// By the name before `images` of any kustomization gave it another.
    pub(crate) images: BTreeMap<String, Vec<Use>>,
}

/// A version of an image that is in use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Use {
    /// The name as it is rendered.
    pub(crate) name: String,
    /// Tag and digest.
    pub(crate) version: String,
    pub(crate) tag: String,
    pub(crate) digest: String,
    /// What decides it.
    pub(crate) decided: Decided,
}

/// The text that decides a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Decided {
    /// The file.
    pub(crate) file: Option<PathBuf>,
    /// The line, from 1; 0 if only the file is known.
    pub(crate) line: u32,
    /// The field of the kustomization, such as `images[0].newTag`.
    pub(crate) entry: String,
}

impl Decided {
    fn of(event: Option<&Event>) -> Decided {
        let location = event.and_then(|event| event.location.as_ref());
        Decided {
            file: location.map(|place| place.file.clone()),
            line: location.map_or(0, |place| place.line),
            entry: event.and_then(|event| event.entry.clone()).unwrap_or_default(),
        }
    }

    /// Returns `file:line`.
    pub(crate) fn place(&self) -> String {
        let file = self.file.as_deref().map(|file| file.display().to_string()).unwrap_or_default();
        match self.line {
            0 => file,
            line => format!("{file}:{line}"),
        }
    }
}

impl Matrix {
    /// Renders all kustomizations below `dirs` that are an app in an environment.
    ///
    /// # Errors
    /// If a directory cannot be read or a kustomization is refused, or there is none of that layout.
    pub(crate) fn read(
        dirs: &[PathBuf],
        by: &[Layout],
        excluded: &Excluded,
        format: ErrorFormat,
    ) -> Result<Matrix, Vec<Failure>> {
        let other = |e| vec![Failure::Other(e)];
        let found = search::directories(dirs).and_then(|dirs| roots::find(&dirs, excluded, format));
        let found = found.map_err(other)?;
        let found: Vec<PathBuf> =
            found.into_iter().filter(|dir| !kustom::roots::is_component(&DiskFs, dir)).collect();
        let guessed = Layout::guess(found.iter().map(PathBuf::as_path));
        let layouts = if by.is_empty() { &guessed } else { by };
        let place = |dir: &Path| layouts.iter().find_map(|layout| layout.place(dir));
        let placed: Vec<(PathBuf, Place)> =
            found.into_iter().filter_map(|dir| place(&dir).map(|place| (dir, place))).collect();
        if placed.is_empty() {
            let shown: Vec<String> = dirs.iter().map(|dir| dir.display().to_string()).collect();
            return Err(vec![Failure::Other(format!(
                "no kustomization below {} is an app in an environment{}",
                shown.join(", "),
                match by {
                    [] => "; say where they are with --by 'apps/{app}/overlays/{env}'",
                    _ => " by that pattern",
                }
            ))]);
        }
        let (mut matrix, mut failures) = (Matrix::default(), Vec::new());
        let _working = waiting::working(|| waiting::on_kustomizations("rendering", placed.len()));
        in_order(
            &placed,
            default_jobs(),
            |(dir, _)| images_of(dir),
            |_| {},
            |(dir, place), result| {
                match result {
                    Ok(images) => {
                        let cell = Cell { dir: dir.clone(), images };
                        matrix
                            .cells
                            .entry(place.app.clone())
                            .or_default()
                            .insert(place.env.clone(), cell);
                    }
                    Err(error) => failures.push(Failure::Build(error)),
                }
                ControlFlow::Continue(())
            },
        );
        if failures.is_empty() { Ok(matrix) } else { Err(failures) }
    }

    /// Returns the environments, in the order of the way of a change.
    pub(crate) fn environments(&self) -> Vec<&str> {
        let all: BTreeSet<&str> =
            self.cells.values().flat_map(|app| app.keys().map(String::as_str)).collect();
        let mut all: Vec<&str> = all.into_iter().collect();
        all.sort_by_key(|env| stage(env));
        all
    }
}

/// Why there is no matrix.
pub(crate) enum Failure {
    Build(kustom::Error),
    Other(String),
}

impl Failure {
    /// Says all of them.
    pub(crate) fn report(failures: &[Failure], format: ErrorFormat) {
        for failure in failures {
            match failure {
                Failure::Build(error) => drop(format.error(error)),
                Failure::Other(message) => drop(format.fail(message)),
            }
        }
    }
}

/// Returns the images that a directory renders, by their first names.
fn images_of(dir: &Path) -> kustom::Result<BTreeMap<String, Vec<Use>>> {
    let trace = Builder::new().explain(dir)?;
    let mut images: BTreeMap<String, Vec<Use>> = BTreeMap::new();
    for object in trace.objects() {
        for field in object.images() {
            let Some(value) = object.value(&field) else { continue };
            let Some(text) = value.text() else { continue };
            let image = Image::parse(text);
            let history = object.history_of(&field);
            let found = Use {
                name: image.name().to_owned(),
                version: image.version(),
                tag: image.tag().to_owned(),
                digest: image.digest().to_owned(),
                decided: Decided::of(history.last()),
            };
            let uses = images.entry(first_name(&history, image.name())).or_default();
            if !uses.contains(&found) {
                uses.push(found);
            }
        }
    }
    images.values_mut().for_each(|uses| uses.sort());
    Ok(images)
}

/// Returns the name that an image had before it got another by `images`.
fn first_name(history: &[Event], name: &str) -> String {
    let mut first = name.to_owned();
    for event in history.iter().rev() {
        if event.field().is_none_or(|field| !field.starts_with("images")) {
            break;
        }
        if let Some(before) = event.before.as_ref().and_then(|node| node.text()) {
            first = Image::parse(before).name().to_owned();
        }
    }
    first
}
