//! What a build looked at, and whether a change touches it.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustc_hash::FxHashSet;

use super::input_kind::InputKind;
use super::log::{Part, Seen};
use super::path;
use super::path_set::PathSet;
use super::physical::{Paths, Physical};
use super::remote::Remotes;

/// Everything that a build looked at, in the order in which it first did.
///
/// A build is a function of its options and these answers of the file system: as long as nothing
/// touches one of them, building again gives the same result. What only the hint of an error has looked
/// at, such as the files beside one that is missing, is not among them.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    inputs: Paths,
    /// The directories above all of them, once somebody asks.
    above: OnceLock<FxHashSet<OsString>>,
    remotes: Vec<RemoteInput>,
    charts: Vec<ChartInput>,
}

/// One path that a build looked at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Input {
    /// The path, absolute, with the links of its directories resolved.
    pub path: PathBuf,
    /// What was there.
    pub kind: InputKind,
}

/// A tree or a file from elsewhere that a build used.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RemoteInput {
    /// The URLs as written, sorted: all that name the same tree, or the one of a file.
    pub urls: Vec<String>,
    /// The commit of a tree, in hexadecimal, or `None` for a file.
    pub commit: Option<String>,
    /// The vendored copy, whose files are inputs too, or `None` for what was fetched.
    pub copy: Option<PathBuf>,
}

/// A chart of a repository of charts that a build used.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ChartInput {
    /// The chart.
    pub name: String,
    /// The repository: `https://…` or `oci://…`.
    pub repo: String,
    /// The version or range of versions as written; empty for the newest.
    pub version: String,
    /// The version that the chart says it has.
    pub resolved: Option<String>,
    /// The vendored copy, whose files are inputs too, or `None` for what was fetched.
    pub copy: Option<PathBuf>,
}

impl Inputs {
    /// Iterates over what was looked at, in order.
    pub fn iter(&self) -> impl Iterator<Item = Input> {
        self.paths().map(|(path, kind)| Input { path: path.to_path_buf(), kind })
    }

    /// Iterates over the paths that were looked at and what was there, in order.
    pub fn paths(&self) -> impl Iterator<Item = (&Path, InputKind)> {
        self.inputs.iter().map(|(path, &kind)| (&*path.0, kind))
    }

    /// Iterates over the files that were read, in order.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.paths().filter(|(_, kind)| *kind == InputKind::File).map(|(path, _)| path)
    }

    /// Returns what came from elsewhere: trees, then files, sorted.
    pub fn remotes(&self) -> &[RemoteInput] {
        &self.remotes
    }

    /// Returns the charts that came from elsewhere, sorted by repository.
    pub fn charts(&self) -> &[ChartInput] {
        &self.charts
    }

    /// Returns what was found at an absolute path, if the build looked there.
    pub fn get(&self, path: &Path) -> Option<InputKind> {
        self.inputs.get(clean(path).as_os_str()).copied()
    }

    /// Returns `true` if the result may differ after `path` was added, changed or removed.
    ///
    /// `path` is absolute, with the links of its directories resolved, and names what a version
    /// control system tracks: a file or a link. Whoever changes several has to ask for each.
    ///
    /// A watcher keeps the inputs of each root, and builds those again that a change touches:
    ///
    /// ```
    /// use std::path::PathBuf;
    ///
    /// let apps = PathBuf::from("testdata/infra-config/apps/payments-api").canonicalize()?;
    /// let roots = ["dev", "prod"].map(|name| apps.join("overlays").join(name));
    /// let builder = kustom::Builder::new();
    /// let watched = roots.map(|root| (builder.build_with_inputs(&root).1, root));
    ///
    /// let changed = apps.join("overlays/dev/kustomization.yaml");
    /// let stale: Vec<_> = watched.iter().filter(|(inputs, _)| inputs.touched_by(&changed)).collect();
    /// assert_eq!(stale.len(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn touched_by(&self, path: &Path) -> bool {
        let path = &*clean(path);
        let get = |path: &Path| self.inputs.get(path.as_os_str());
        get(path).is_some()
            // A file took the place of a directory, or the other way round.
            || self.above().contains(path.as_os_str())
            // Nothing was there, and now there is a directory with this file in it; or all of it counts.
            || path
                .ancestors()
                .skip(1)
                .any(|p| matches!(get(p), Some(InputKind::Missing | InputKind::Tree)))
    }

    fn above(&self) -> &FxHashSet<OsString> {
        self.above.get_or_init(|| {
            let mut all = FxHashSet::default();
            for path in self.inputs.keys() {
                for above in path.0.ancestors().skip(1) {
                    if all.contains(above.as_os_str()) {
                        break;
                    }
                    all.insert(above.as_os_str().to_os_string());
                }
            }
            all
        })
    }
}

impl FromIterator<Input> for Inputs {
    fn from_iter<I: IntoIterator<Item = Input>>(inputs: I) -> Inputs {
        let pair = |Input { path, kind }| (Physical(clean(&path).into()), kind);
        Inputs { inputs: inputs.into_iter().map(pair).collect(), ..Inputs::default() }
    }
}

impl Part {
    /// Returns all that was looked at, what was used of remotes apart.
    pub(crate) fn inputs(&self, remotes: &Remotes) -> Inputs {
        let Seen { mut paths, mut trees, urls } = self.seen();
        let mounts = remotes.mounts();
        if mounts.any() {
            paths.retain(|path, _| !mounts.is_around(&path.0));
            trees.retain(|tree| !mounts.is_around(tree));
        }
        paths.extend(trees.into_iter().map(|tree| (Physical(tree), InputKind::Tree)));
        let (remotes, charts) = match urls.is_empty() {
            true => Default::default(),
            false => (remotes.inputs(&urls), remotes.chart_inputs(&urls)),
        };
        Inputs { inputs: paths, above: OnceLock::new(), remotes, charts }
    }

    /// Returns all paths that were looked at, in order, then the directories of which everything counts.
    pub(crate) fn looked_at(&self) -> Vec<Input> {
        let Seen { paths, trees, .. } = self.seen();
        let paths = paths.into_iter().map(|(path, kind)| (path.0.to_path_buf(), kind));
        let trees = trees.into_iter().map(|tree| (tree.to_path_buf(), InputKind::Tree));
        paths.chain(trees).map(|(path, kind)| Input { path, kind }).collect()
    }

    /// Adds the files that were read.
    pub(crate) fn add_files(&self, files: &mut PathSet) {
        let paths = self.seen().paths.into_iter();
        let read = paths.filter(|(_, kind)| *kind == InputKind::File);
        files.extend(read.map(|(path, _)| path.0.to_path_buf()));
    }
}

/// Spells a path as physical ones are spelt.
fn clean(given: &Path) -> Cow<'_, Path> {
    if path::is_clean(given) { Cow::Borrowed(given) } else { Cow::Owned(path::clean(given)) }
}
