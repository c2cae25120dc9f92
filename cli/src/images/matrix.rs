//! The images of every app in every environment, from what is rendered.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

use kustom::{Build, Builder, Session};

use super::layout::Placed;
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
        let mut matrix = Matrix::default();
        let _working = waiting::working(|| waiting::on_kustomizations("rendering", places.len()));
        let render = |session: &Session, placed: &Placed| {
            let trace = session.explain(&placed.dir)?;
            let found = found(&trace);
            let images = images_of(&found);
            let kept = keep(placed).then(|| Rendered { build: trace.build().clone(), found });
            Ok::<_, kustom::Error>((images, kept))
        };
        // The environments of an app are likely to share its base.
        let mut places: Vec<&Placed> = places.iter().collect();
        places.sort_by(|one, other| one.place.app.cmp(&other.place.app));
        in_order(
            &neighbours(&places),
            default_jobs(),
            |places| {
                let session = builder.session();
                places.iter().map(|placed| render(&session, placed)).collect::<Vec<_>>()
            },
            |_| {},
            |places, all| {
                for (Placed { dir, place }, rendered) in places.iter().copied().zip(all) {
                    let (images, rendered) = match rendered {
                        Ok((images, rendered)) => (Ok(images), rendered),
                        Err(error) => (Err(error), None),
                    };
                    let cell = Cell { dir: dir.clone(), images, rendered };
                    let cells = matrix.cells.entry(place.app.clone()).or_default();
                    cells.insert(place.env.clone(), cell);
                }
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

/// How many places are rendered in one session, which keeps what it reads.
const TOGETHER: usize = 8;

/// Returns sorted places in groups of one app each.
fn neighbours<'p, 'm>(places: &'p [&'m Placed]) -> Vec<&'p [&'m Placed]> {
    let apps = places.chunk_by(|one, next| one.place.app == next.place.app);
    apps.flat_map(|app| app.chunks(TOGETHER)).collect()
}
