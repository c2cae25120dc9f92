//! Failures of roots that cannot be rendered here anyway: what charts, remote trees and functions would add mends no
//! file that is missing, so a root that was broken besides is told from one that only lacks a switch.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kustom::outside::{
    ChartPull, ChartRenderer, ChartTemplate, Failure, FailureKind, FileAnswer, FileRequest,
    FileTree, Function, FunctionCall, FunctionOutput, FunctionRunner, PluginKind, RemoteSource,
    RemoteTree, TreeRequest,
};
use kustom::{Builder, Error, ErrorKind, FileKind, FileSystem, Inputs};

use super::doubt::needs_a_switch;
use super::set::Set;
use super::side::{Side, refused};
use crate::paths::FILE_NAMES;

/// Finds roots that a change broke among those of which a side needs what is not switched on, and takes their own
/// failure in the place of that.
///
/// `places` are the folders of each root on the two sides.
pub(super) fn find_broken(
    [before, after]: [Side<'_>; 2],
    places: &[[&PathBuf; 2]],
    [old, new]: [&[Set]; 2],
) -> Vec<(usize, Set)> {
    let doubted = |set: &Set| match set {
        Set::Refused(refusal) => refusal.may_differ && needs_a_switch(refusal),
        _ => false,
    };
    let candidates: Vec<usize> = (0..places.len()).filter(|i| doubted(&new[*i])).collect();
    let failed = Past::of(after).failures(candidates, |i| places[i][1]);
    let is_refused = |i: &usize| matches!(&old[*i], Set::Refused(it) if needs_a_switch(it));
    let again = failed.iter().map(|(i, ..)| *i).filter(is_refused).collect();
    let before = Past::of(before).failures(again, |i| places[i][0]);
    let was_broken = |i: usize| match &old[i] {
        Set::Refused(refusal) if !needs_a_switch(refusal) => true,
        _ => before.iter().any(|(before, ..)| *before == i),
    };
    let failed = failed.into_iter().filter(|(i, ..)| !was_broken(*i));
    failed
        .map(|(i, error, inputs)| (i, Set::Refused(Box::new(refused(after, &inputs, error)))))
        .collect()
}

/// Builds past what is not switched on.
struct Past<'s> {
    side: Side<'s>,
    builder: Builder,
    stand_in: Arc<Nothing>,
}

impl<'s> Past<'s> {
    fn of(side: Side<'s>) -> Past<'s> {
        let stand_in = Arc::new(Nothing::default());
        let mut builder = side.builder.clone().remotes(Arc::clone(&stand_in));
        if builder.get_charts().is_none() {
            builder = builder.charts(Arc::clone(&stand_in));
        }
        if builder.get_functions().is_none() {
            builder = builder.functions(Arc::clone(&stand_in));
        }
        Past { side, builder, stand_in }
    }

    /// Returns which roots fail for a cause of their own, with what they looked at.
    fn failures<'r>(
        &self,
        roots: Vec<usize>,
        place: impl Fn(usize) -> &'r PathBuf,
    ) -> Vec<(usize, Error, Inputs)> {
        let places: Vec<&Path> = roots
            .iter()
            .map(|i| match place(*i) {
                here if here.as_os_str().is_empty() => Path::new("."),
                place => place,
            })
            .collect();
        let built = self.builder.build_all_with_inputs(&places);
        let failed = roots.into_iter().zip(places).zip(built);
        let failed = failed.filter_map(|((i, place), (result, inputs))| {
            let error = result.err()?;
            self.is_own(place, &error, &inputs).then_some((i, error, inputs))
        });
        failed.collect()
    }

    /// Returns `true` if the error of a root is there whatever stands in for what is not here.
    fn is_own(&self, root: &Path, error: &Error, inputs: &Inputs) -> bool {
        if !self.stand_in.is_own(error, inputs, false) {
            return false;
        }
        if !self.stand_in.has_functions() || self.stand_in.is_own(error, inputs, true) {
            return true;
        }
        // The functions may be those of another root.
        let alone = Past::of(self.side);
        _ = alone.builder.build_all_with_inputs([root]);
        !alone.stand_in.has_functions()
    }
}

/// Stands in for what is elsewhere or does not run, and comes to nothing.
#[derive(Debug, Default)]
struct Nothing {
    /// The folders into which charts would be fetched.
    charts: Mutex<Vec<PathBuf>>,
    has_functions: AtomicBool,
}

impl Nothing {
    /// Returns `true` if a function was left out.
    fn has_functions(&self) -> bool {
        self.has_functions.load(Ordering::Relaxed)
    }

    /// Returns `true` if an error is there whatever charts, remote trees and files hold, and whatever functions make,
    /// if the root has any.
    fn is_own(&self, error: &Error, inputs: &Inputs, has_functions: bool) -> bool {
        let message = error.message();
        let says = |text: &str| message.contains(text);
        let files =
            || inputs.remotes().iter().filter(|it| it.commit.is_none() && it.copy.is_none());
        let file = error.location().map(|place| place.file.to_string_lossy());
        let is_elsewhere = file.is_some_and(|file| {
            file.starts_with(TREE) || file.contains("://") || file.contains("github.com")
        });
        if is_elsewhere || files().flat_map(|it| &it.urls).any(|url| says(url)) {
            return false;
        }
        // What reads a file takes anything else than it would from one with nothing in it, and functions change
        // everything.
        let is_unknown = has_functions || files().next().is_some();
        let charts = self.charts.lock().unwrap_or_else(PoisonError::into_inner);
        match error.kind() {
            ErrorKind::Load => !charts.iter().any(|charts| says(&charts.to_string_lossy())),
            ErrorKind::Syntax | ErrorKind::Cycle => true,
            _ if error.hint_id() == Some("not-a-plugin") => true,
            _ if is_unknown => false,
            ErrorKind::Conflict => true,
            // What stands in is no component.
            ErrorKind::Kustomization | ErrorKind::Resource => !says("Component"),
            // The target may be one of what is elsewhere.
            ErrorKind::Patch => !says("no matches for Id") && !says("failed to find unique target"),
            _ => false,
        }
    }
}

/// Where the trees lie that stand in for remote ones.
const TREE: &str = "/remote";

impl ChartRenderer for Nothing {
    fn version(&self) -> Result<String, Failure> {
        Ok("v4.0.0".to_owned())
    }

    fn pull(&self, pull: &ChartPull) -> Result<FileTree, Failure> {
        let mut charts = self.charts.lock().unwrap_or_else(PoisonError::into_inner);
        charts.push(pull.shown_folder.clone());
        let mut tree = FileTree::new();
        let chart = format!("apiVersion: v2\nname: {}\nversion: 0.0.0\n", pull.name);
        tree.insert("Chart.yaml", chart.into_bytes());
        tree.insert("values.yaml", Vec::new());
        Ok(tree)
    }

    fn template(&self, _: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        Ok(Vec::new())
    }
}

impl RemoteSource for Nothing {
    fn tree(&self, _: &TreeRequest) -> Result<RemoteTree, Failure> {
        Ok(RemoteTree::new(Arc::new(Everywhere), TREE, "0".repeat(40)))
    }

    fn file(&self, _: &FileRequest) -> Result<FileAnswer, Failure> {
        Ok(FileAnswer::Found(Vec::new()))
    }
}

impl FunctionRunner for Nothing {
    fn run(&self, _: &FunctionCall<'_>) -> Result<FunctionOutput, Failure> {
        Err(Failure::new(FailureKind::Refused, "no function is run"))
    }

    fn passes_over(&self, _: &Function) -> bool {
        self.has_functions.store(true, Ordering::Relaxed);
        true
    }

    fn plugin(&self, plugin: &PluginKind) -> Result<PathBuf, Failure> {
        Ok(PathBuf::from(&plugin.kind))
    }
}

/// Files of which every folder has a kustomization with nothing in it.
#[derive(Clone, Copy, Debug)]
struct Everywhere;

impl FileSystem for Everywhere {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        let name = path.file_name().unwrap_or_default();
        match FILE_NAMES.iter().position(|file| name == *file) {
            Some(0) => Ok(FileKind::File),
            Some(_) => Err(io::ErrorKind::NotFound.into()),
            None => Ok(FileKind::Directory),
        }
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.kind(path).map(|_| path.to_path_buf())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.kind(path)? {
            FileKind::File => Ok(b"buildMetadata: []\nresources: []\n".to_vec()),
            _ => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    fn read_at_most(&self, path: &Path, _: u64) -> io::Result<Vec<u8>> {
        self.read(path)
    }

    fn entries(&self, _: &Path) -> io::Result<Vec<(OsString, FileKind)>> {
        Ok(Vec::new())
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_path_buf())
    }
}
