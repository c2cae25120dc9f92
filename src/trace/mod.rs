//! Where every value of a build came from.
//!
//! A traced build notes what each step changed ([`Recorder`]); the rest is worked out when somebody
//! asks: which steps touched a field ([`change`]), and which text in which file made them do so
//! ([`blame`]).

// Circle: blame, object: a name was taken from another object, whose history has it.
mod blame;
mod change;
mod event;
mod find;
mod follow;
mod generated;
mod images;
mod object;
mod path;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::build::Build;
use crate::build::recorder::Recorder;
use crate::diagnostics::{Location, Sources};
use crate::load::{Files, ShownFiles};
use crate::once_map::OnceMap;
use crate::resource::Resource;
use crate::transform::ImageEntries;
use crate::yaml::Pos;

pub use event::Event;
pub use object::Object;
pub use path::FieldPath;

/// A build together with the history of every value in it; made by
/// [`Builder::explain`](crate::Builder::explain).
///
/// ```
/// let trace = kustom::Builder::new()
///     .explain("testdata/infra-config/apps/payments-api/overlays/prod")?;
/// let deployment = trace.object("deployment/payments-api", None)?;
/// let field = deployment.field("spec.replicas")?;
/// let places: Vec<String> =
///     deployment.history_of(&field).iter().map(ToString::to_string).collect();
/// let app = "testdata/infra-config/apps/payments-api";
/// assert_eq!(
///     places,
///     [
///         format!("{app}/base/deployment.yaml:6:13: resources[1]: spec.replicas: 2"),
///         format!("{app}/overlays/prod/kustomization.yaml:20:10: replicas[0].count: spec.replicas: 2 -> 6"),
///     ]
/// );
/// # Ok::<(), kustom::Error>(())
/// ```
#[derive(Debug)]
pub struct Trace {
    build: Build,
    files: Files,
    /// The target as it was given.
    target: PathBuf,
    recorder: Recorder,
    /// The position in the output by serial number.
    output: FxHashMap<u32, usize>,
    /// Paths as the user would type them.
    shown: Mutex<FxHashMap<OsString, PathBuf>>,
    /// The `images` of each layer that somebody has asked about.
    image_entries: OnceMap<usize, Arc<ImageEntries>>,
}

impl Trace {
    pub(crate) fn new(build: Build, recorder: Recorder, files: Files, target: PathBuf) -> Trace {
        let serials = build.resources().iter().map(|resource| resource.history.serial);
        let output = serials.enumerate().map(|(i, serial)| (serial, i)).collect();
        let (shown, image_entries) = (Mutex::default(), OnceMap::default());
        Trace { build, files, target, recorder, output, shown, image_entries }
    }

    /// Returns the files that the build has read, with what they hold; see
    /// [`diff::SecretValues`](crate::diff::SecretValues).
    pub fn contents(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let read = self.files.read_so_far().into_iter();
        let content = |path: PathBuf| self.files.read_again(&path).map(|content| (path, content));
        let mut contents: Vec<_> = read.filter_map(content).collect();
        contents.sort();
        contents
    }

    /// Returns the build.
    pub fn build(&self) -> &Build {
        &self.build
    }

    /// Returns the resources of the output in order, and then those that a step removed.
    pub fn objects(&self) -> impl Iterator<Item = Object<'_>> {
        let serials = self.build.resources().iter().map(|resource| resource.history.serial);
        let removed = self.recorder.objects.iter().enumerate().filter_map(|(i, snapshots)| {
            snapshots.last().filter(|last| last.node.is_none()).map(|_| i as u32 + 1)
        });
        serials.chain(removed).filter_map(|serial| Object::new(self, serial))
    }

    fn resource(&self, serial: u32) -> Option<&Resource> {
        self.build.resources().get(*self.output.get(&serial)?)
    }

    /// Returns a path as the user would type it.
    fn path(&self, path: &Path) -> PathBuf {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = shown.get(path.as_os_str()) {
            return known.clone();
        }
        let new = ShownFiles::new(&self.files, &self.target).shown(path);
        shown.insert(path.into(), new.clone());
        new
    }

    /// Returns file, line and column of a position.
    fn locate(&self, pos: Pos) -> Option<Location> {
        let location = self.files.locate(pos)?;
        Some(Location { file: self.path(&location.file), ..location })
    }
}
