//! The roots that a comparison watches, and what decides about them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kustom::roots::References;
use kustom::vendor::{Copies, VENDOR_MARKER};
use kustom::{Build, DiskFs, ErrorKind, FileKind, FileSystem, InputKind, Inputs, Session};

use crate::exclude::Excluded;
use crate::git::WorkTree;
use crate::path_patterns::is_pattern;
use crate::paths::FILE_NAMES;
use crate::paths::physical;
use crate::search;
use crate::watch::{Aspect, Point, points_of};

/// The most files that are watched of roots of which nobody knows what they look at.
const MOST: usize = 100_000;

/// The roots below some paths, and what decides about them.
pub(super) struct Roots {
    roots: Vec<Root>,
    /// What was named.
    tops: Vec<PathBuf>,
    /// The folders in which there may be roots.
    folders: BTreeSet<PathBuf>,
    /// The kustomization files there.
    kustomizations: BTreeSet<PathBuf>,
}

/// A root, and what its build looked at.
struct Root {
    name: PathBuf,
    inputs: Inputs,
    /// The folders and files that one refers to which has functions, or fails for want of something: what those
    /// look at is not known.
    closure: BTreeSet<PathBuf>,
}

impl Roots {
    /// Finds the roots below some paths; those that were not rendered yet are, to learn what they look at. With
    /// functions, all that they refer to counts.
    pub(super) fn find(
        tops: &[PathBuf],
        excluded: &Excluded,
        session: &Session,
        has_functions: bool,
    ) -> Roots {
        let files = WorkTree::default();
        let mut found = Roots {
            roots: Vec::new(),
            tops: tops.iter().map(|top| physical(top)).collect(),
            folders: BTreeSet::new(),
            kustomizations: BTreeSet::new(),
        };
        let mut names = BTreeSet::new();
        for top in tops {
            found.walk(&files, top, excluded);
            let below = search::find(&[&files], std::slice::from_ref(top), excluded);
            names.extend(below.unwrap_or_default());
        }
        let names: Vec<PathBuf> = names.into_iter().collect();
        found.roots = Root::look(&names, session, has_functions);
        found
    }

    /// Notes the folders and kustomization files below a path; of a pattern, below what it begins with.
    fn walk(&mut self, files: &WorkTree, top: &Path, excluded: &Excluded) {
        let is_plain =
            |part: &std::path::Component<'_>| !is_pattern(&part.as_os_str().to_string_lossy());
        let top: PathBuf = top.components().take_while(is_plain).collect();
        let mut waiting = vec![top.clone()];
        let mut copies = Copies::default();
        while let Some(folder) = waiting.pop() {
            let real = physical(&folder);
            let real = real.canonicalize().unwrap_or(real);
            if !real.is_dir() || self.folders.len() >= MOST || !self.folders.insert(real.clone()) {
                continue;
            }
            let entries = files.entries(&real).unwrap_or_default();
            let is_copy = entries.iter().any(|(name, _)| name == VENDOR_MARKER);
            if copies.has(files, &real, is_copy) || (folder != top && excluded.matches(&folder)) {
                continue;
            }
            for (name, kind) in entries {
                if kind != FileKind::Directory {
                    let is_kustomization = FILE_NAMES.iter().any(|file| name == *file);
                    self.kustomizations.extend(is_kustomization.then(|| real.join(name)));
                } else if name != ".git" {
                    waiting.push(folder.join(name));
                }
            }
        }
    }

    /// Returns `true` if a folder is one in which there may be roots.
    pub(super) fn has_folder(&self, path: &Path) -> bool {
        self.folders.contains(path)
    }

    /// Returns `true` if all that a folder has counts for a root: a new name in it may change the result.
    pub(super) fn reads_all_of(&self, folder: &Path) -> bool {
        let counts = |root: &Root, above: &Path| {
            root.closure.contains(above) || root.inputs.get(above) == Some(InputKind::Tree)
        };
        self.roots.iter().any(|root| folder.ancestors().any(|above| counts(root, above)))
    }

    /// Returns `true` if these are the roots, and the kustomizations, that others are.
    pub(super) fn are_those_of(&self, other: &Roots) -> bool {
        let names = |roots: &'_ Roots| -> Vec<PathBuf> {
            roots.roots.iter().map(|root| root.name.clone()).collect()
        };
        names(self) == names(other) && self.kustomizations == other.kustomizations
    }

    /// Returns the roots that a change of a path touches.
    pub(super) fn touched(&self, path: &Path) -> Vec<PathBuf> {
        let is_touched = |root: &&Root| {
            root.inputs.touched_by(path)
                || path.ancestors().any(|above| root.closure.contains(above))
        };
        self.roots.iter().filter(is_touched).map(|root| root.name.clone()).collect()
    }

    /// Looks again at what some roots look at.
    pub(super) fn look_again(&mut self, names: &[PathBuf], session: &Session, has_functions: bool) {
        for new in Root::look(names, session, has_functions) {
            if let Some(root) = self.roots.iter_mut().find(|root| root.name == new.name) {
                *root = new;
            }
        }
    }

    /// Returns what decides about the roots, and, without a root, about which there are; `is_kept` tells of what a
    /// result from before the last change is kept.
    pub(super) fn points(&self, is_kept: &dyn Fn(Option<&Path>) -> bool) -> Vec<Point> {
        let content =
            |path: &PathBuf| Point::new(path.clone(), Aspect::Content).kept(is_kept(None));
        let mut points: Vec<Point> =
            self.tops.iter().chain(&self.kustomizations).map(content).collect();
        let folders = self.folders.iter().cloned();
        points.extend(folders.map(|folder| Point::new(folder, Aspect::Kustomizations)));
        let mut seen = BTreeSet::new();
        for root in &self.roots {
            let is_kept = is_kept(Some(&root.name));
            let inputs = points_of(&root.inputs).into_iter();
            points.extend(inputs.map(|point| point.kept(is_kept)));
            let mut waiting: Vec<PathBuf> = root.closure.iter().cloned().collect();
            while let Some(path) = waiting.pop().filter(|_| seen.len() < MOST) {
                if !seen.insert(path.clone()) {
                    continue;
                }
                points.push(Point::new(path.clone(), Aspect::Content).kept(is_kept));
                if path.is_dir() {
                    let entries = DiskFs.entries(&path).unwrap_or_default();
                    let entries = entries.into_iter().filter(|(name, _)| name != ".git");
                    waiting.extend(entries.map(|(name, _)| path.join(name)));
                    points.push(Point::new(path, Aspect::Names));
                }
            }
        }
        points
    }
}

impl Root {
    /// Builds roots, unless the session has what came of them, and notes what they look at.
    fn look(names: &[PathBuf], session: &Session, has_functions: bool) -> Vec<Root> {
        let here = |name: &PathBuf| match name.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => name.clone(),
        };
        let named: Vec<PathBuf> = names.iter().map(here).collect();
        let results = session.build_all(&named);
        let mut references = References::new(&DiskFs);
        let root = |((name, named), result): ((&PathBuf, &PathBuf), kustom::Result<Build>)| {
            let real = physical(named);
            let real = real.canonicalize().unwrap_or(real);
            let inputs = session.inputs(named);
            let is_open = has_functions || is_open(result.err().as_ref(), inputs.as_ref());
            let closure = is_open.then(|| references.closure(&real).0);
            Root {
                name: name.clone(),
                inputs: inputs.unwrap_or_default(),
                closure: closure.unwrap_or_default(),
            }
        };
        names.iter().zip(&named).zip(results).map(root).collect()
    }
}

/// Returns `true` if more counts for a root than what its build has looked at. Where the build has failed for want of
/// what lies outside, of room, or of a submodule, it is compared by all that it would read; any other failure stays
/// the same as long as what was looked at does.
fn is_open(error: Option<&kustom::Error>, inputs: Option<&Inputs>) -> bool {
    let (Some(error), Some(inputs)) = (error, inputs) else { return inputs.is_none() };
    let is_empty = |folder: &Path| DiskFs.entries(folder).is_ok_and(|entries| entries.is_empty());
    let is_in_empty = |(path, kind): (&Path, InputKind)| {
        kind == InputKind::Missing
            && path.ancestors().skip(1).find(|it| it.is_dir()).is_some_and(is_empty)
    };
    match error.kind() {
        ErrorKind::Load | ErrorKind::Restricted => inputs.paths().any(is_in_empty),
        ErrorKind::External
        | ErrorKind::Fetch
        | ErrorKind::Lock
        | ErrorKind::Limit
        | ErrorKind::Cancelled
        | ErrorKind::Generator
        | ErrorKind::Option => true,
        _ => false,
    }
}
