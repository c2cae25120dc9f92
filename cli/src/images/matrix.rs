//! The images of every app in every environment, from what is rendered.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use kustom::{Builder, Event, Image};

use super::places::{self, Placed};
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
    /// Renders all these places. What cannot be rendered is in the matrix as such.
    pub(crate) fn of(places: &[Placed], builder: &Builder) -> Matrix {
        let mut matrix = Matrix::default();
        let _working = waiting::working(|| waiting::on_kustomizations("rendering", places.len()));
        in_order(
            places,
            default_jobs(),
            |placed| images_of(&placed.dir, builder),
            |_| {},
            |Placed { dir, place }, images| {
                let cell = Cell { dir: dir.clone(), images };
                matrix.cells.entry(place.app.clone()).or_default().insert(place.env.clone(), cell);
                ControlFlow::Continue(())
            },
        );
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

/// Returns the images that a directory renders, by their first names.
fn images_of(dir: &Path, builder: &Builder) -> kustom::Result<BTreeMap<String, Vec<Use>>> {
    let trace = builder.explain(dir)?;
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
