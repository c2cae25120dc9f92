//! Which kustomizations a change touches.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::References;
use super::links::{Links, links_to};
use crate::build::Build;
use crate::builder::Builder;
use crate::diagnostics::Result;
use crate::load::{FileKind, FileSystem, InputKind, Inputs, physical};
use crate::vendor::{LockChange, VENDOR_MARKER, lock_places, past_charts, read_past};
use crate::work;

/// A kustomization that a change touches.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Affected {
    /// Its directory, as it was named.
    pub root: PathBuf,
    /// The changed paths that it looks at, absolute and sorted.
    pub because: Vec<PathBuf>,
}

/// Returns which of some kustomizations look at anything that has changed, in their order: at files, links,
/// or places where a file was missing.
///
/// None whose output changes is left out; one may be named although its output stays the same. The files
/// of a kustomization tell of most that no change is near, and only the others are built. One that cannot
/// be built is named if anything changed in its directory or in those that it refers to, behind links in
/// them, or in what it uses from elsewhere; where links lead to too much to be searched, whatever changed.
/// Without a renderer, charts come to nothing, and their files count all the same.
///
/// Changed paths need not exist any more; a directory stands for all below it.
pub fn affected<P: AsRef<Path>>(
    builder: &Builder,
    roots: &[PathBuf],
    changed: impl IntoIterator<Item = P>,
) -> Vec<Affected> {
    affected_since(builder, roots, changed, &|_| None)
}

/// As [`affected`], with what changed files held `before`, if that is known: a changed `kustom.lock` then touches
/// only those that use one of the entries that changed.
pub fn affected_since<P: AsRef<Path>>(
    builder: &Builder,
    roots: &[PathBuf],
    changed: impl IntoIterator<Item = P>,
    before: &dyn Fn(&Path) -> Option<Vec<u8>>,
) -> Vec<Affected> {
    References::new(builder.get_file_system()).affected_since(builder, roots, changed, before)
}

impl References<'_> {
    /// As [`affected_since`], where these references are those in the files of the builder.
    pub fn affected_since<P: AsRef<Path>>(
        &mut self,
        builder: &Builder,
        roots: &[PathBuf],
        changed: impl IntoIterator<Item = P>,
        before: &dyn Fn(&Path) -> Option<Vec<u8>>,
    ) -> Vec<Affected> {
        let files = builder.get_file_system();
        let changed: BTreeSet<PathBuf> =
            changed.into_iter().map(|path| physical(files, path.as_ref())).collect();
        let builder = &past_charts(builder);
        let changed = Changed::new(changed);
        let mut near = near(files, roots, &changed, self);
        let all = &changed.all;
        if builder.stays_inside() && all.iter().all(|path| is_plain(files, path)) {
            let far = near.iter().filter(|(_, near)| near.is_empty());
            let elsewhere = elsewhere(far.map(|(root, _)| root.clone()).collect(), all, builder);
            near.retain(|(root, _)| !elsewhere.contains(root));
        }
        let locks = all.iter().filter(|path| LockChange::is_about(path));
        let locks: BTreeMap<&PathBuf, LockChange> = locks
            .filter_map(|path| Some((path, LockChange::of(files, path, &before(path)?)?)))
            .collect();
        let builds = builder.inputs_of_all(near.iter().map(|(root, _)| root));
        let mut links = Links::new(files);
        type Looked = ((PathBuf, Vec<PathBuf>), (Result<()>, Inputs));
        let look = |((root, near), (build, inputs)): Looked| {
            let mut because = touched(&changed, &locks, &inputs);
            if build.is_err() {
                // What would have been looked at after the error is not known.
                because.extend(near);
                let past = read_past(builder, &root);
                because.extend(touched(&changed, &locks, &past.inputs));
                if !past.is_all {
                    because.extend(elsewhere_of(files, &root, all));
                }
                if because.is_empty() {
                    because.extend(behind_links(files, &root, self, &mut links, &changed));
                }
            }
            let because: Vec<PathBuf> = because.into_iter().collect();
            (!because.is_empty()).then_some(Affected { root, because })
        };
        near.into_iter().zip(builds).filter_map(look).collect()
    }
}

/// Returns the changed paths that a build has looked at. Of a lock file it looks at its own entries.
fn touched(
    changed: &Changed,
    locks: &BTreeMap<&PathBuf, LockChange>,
    inputs: &Inputs,
) -> BTreeSet<PathBuf> {
    let mut because = BTreeSet::new();
    for (path, kind) in inputs.paths() {
        let all_below = matches!(kind, InputKind::Missing | InputKind::Tree);
        because.extend(changed.related(path, all_below).iter().cloned());
    }
    because.retain(|path| inputs.touched_by(path));
    because.retain(|path| locks.get(path).is_none_or(|lock| lock.touches(inputs)));
    because
}

/// Returns the changed lock files that count for a kustomization, and the changed copies.
fn elsewhere_of(
    files: &dyn FileSystem,
    root: &Path,
    changed: &BTreeSet<PathBuf>,
) -> BTreeSet<PathBuf> {
    let real = files.absolute(root).and_then(|root| files.canonicalize(&root));
    let places = real.map(|root| lock_places(files, &root)).unwrap_or_default();
    let in_copies = |path: &Path| {
        let marker = |above: &Path| files.kind(&above.join(VENDOR_MARKER)).is_ok();
        path.ancestors().skip(1).any(marker)
    };
    let counts = |path: &&PathBuf| match LockChange::is_about(path) {
        true => path.parent().is_some_and(|place| places.iter().any(|known| known == place)),
        false => places.last().is_some_and(|top| path.starts_with(top)) && in_copies(path),
    };
    changed.iter().filter(counts).cloned().collect()
}

/// Returns the kustomizations that a change may touch, with the changed paths among what their files refer
/// to, as far as these tell.
fn near(
    files: &dyn FileSystem,
    roots: &[PathBuf],
    changed: &Changed,
    references: &mut References<'_>,
) -> Vec<(PathBuf, Vec<PathBuf>)> {
    let near = |root: &PathBuf| {
        let named = files.absolute(root);
        let real = named.as_ref().ok().and_then(|root| files.canonicalize(root).ok());
        let (closure, certain) = match &real {
            Some(real) => references.closure(real),
            None => (BTreeSet::new(), false),
        };
        let mut near: BTreeSet<PathBuf> = BTreeSet::new();
        if let Some(named) = named.ok().filter(|named| real.as_ref() != Some(named)) {
            let links = links_to(files, &named);
            links.iter().for_each(|link| near.extend(changed.related(link, false).iter().cloned()));
        }
        closure.iter().for_each(|path| near.extend(changed.related(path, true).iter().cloned()));
        let is_near = !near.is_empty() || !certain && !changed.all.is_empty();
        is_near.then(|| (root.clone(), near.into_iter().collect()))
    };
    roots.iter().filter_map(near).collect()
}

/// Returns the changed paths behind links in the folders of a root that is refused: how far it would have read there
/// is not known.
fn behind_links(
    files: &dyn FileSystem,
    root: &Path,
    references: &mut References<'_>,
    links: &mut Links<'_>,
    changed: &Changed,
) -> BTreeSet<PathBuf> {
    let real = files.absolute(root).and_then(|root| files.canonicalize(&root));
    let closure = real.map(|root| references.closure(&root).0).unwrap_or_default();
    match links.behind(closure) {
        Some(behind) => {
            behind.iter().flat_map(|path| changed.related(path, true).to_vec()).collect()
        }
        None => changed.all.clone(),
    }
}

/// The paths that have changed.
struct Changed {
    all: BTreeSet<PathBuf>,
    /// What is known of paths that were asked about, without and with all that lies below: many roots look at the
    /// same ones.
    known: [RefCell<FxHashMap<OsString, Rc<[PathBuf]>>>; 2],
}

impl Changed {
    fn new(all: BTreeSet<PathBuf>) -> Changed {
        Changed { all, known: Default::default() }
    }

    /// Returns which of them are a path or lie above it, as a submodule that changed lies above all that is in it,
    /// and if wanted those below it. Many roots and many changes are not all compared with each other.
    fn related(&self, path: &Path, all_below: bool) -> Rc<[PathBuf]> {
        let [plain, with_below] = &self.known;
        let mut known = if all_below { with_below.borrow_mut() } else { plain.borrow_mut() };
        if let Some(found) = known.get(path.as_os_str()) {
            return Rc::clone(found);
        }
        work::id();
        let above = path.ancestors().filter_map(|above| self.all.get(above));
        let below = self.all.range::<Path, _>((Bound::Included(path), Bound::Unbounded));
        let below = below.take_while(|changed| all_below && changed.starts_with(path));
        let found: Rc<[PathBuf]> = above.chain(below).cloned().collect();
        known.insert(path.into(), Rc::clone(&found));
        found
    }
}

/// Builds roots in one call, and returns those that use no folder in which something has changed.
fn elsewhere(
    roots: Vec<PathBuf>,
    changed: &BTreeSet<PathBuf>,
    builder: &Builder,
) -> FxHashSet<PathBuf> {
    let above: FxHashSet<&Path> = changed.iter().flat_map(|path| path.ancestors()).collect();
    let is_elsewhere = |build: &Result<Build>| {
        let folders = build.as_ref().ok().and_then(Build::folders);
        folders.is_some_and(|folders| folders.iter().all(|f| !above.contains(f.as_path())))
    };
    let builds = builder.build_all(&roots);
    let found = roots.into_iter().zip(builds).filter(|(_, build)| is_elsewhere(build));
    found.map(|(root, _)| root).collect()
}

/// Returns `true` if a build can only meet this path in the folders of its kustomizations: it is no link,
/// which may lead to one of them, and does not stand for what is elsewhere.
fn is_plain(files: &dyn FileSystem, path: &Path) -> bool {
    let is_file = match files.kind(path) {
        Ok(kind) => kind == FileKind::File,
        // What cannot be looked at may be anything, such as a submodule that is not here.
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    let is_lock = LockChange::is_about(path);
    let is_copy = |folder: &Path| files.kind(&folder.join(VENDOR_MARKER)).is_ok();
    is_file && !is_lock && !path.ancestors().any(is_copy)
}
