//! What a build looked at, and whether a change touches it.

use std::fmt;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashSet};

/// Everything that a build looked at, in the order in which it first did.
///
/// A build is a function of its options and these answers of the file system: as long as nothing
/// touches one of them, building again gives the same result.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    inputs: IndexMap<PathBuf, InputKind, FxBuildHasher>,
    /// The directories above all of them.
    above: FxHashSet<PathBuf>,
    remotes: Vec<RemoteInput>,
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
    /// The commit of a tree, in hexadecimal; nothing for a file.
    pub commit: Option<String>,
    /// The vendored copy, whose files are inputs too; nothing for what was fetched.
    pub copy: Option<PathBuf>,
}

/// What a build found at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InputKind {
    /// A file, which was read.
    File,
    /// A directory.
    Directory,
    /// A directory all of which counts, such as a chart's; a file that appears below it may change
    /// the result.
    Tree,
    /// A symbolic link, which was followed.
    Link,
    /// Nothing; a file that appears there may change the result.
    Missing,
    /// A file that is there but was not, or could not be, read.
    Unread,
}

impl Inputs {
    /// Iterates over what was looked at, in order.
    pub fn iter(&self) -> impl Iterator<Item = Input> {
        self.inputs.iter().map(|(path, &kind)| Input { path: path.clone(), kind })
    }

    /// Iterates over the files that were read, in order.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.inputs.iter().filter(|(_, kind)| **kind == InputKind::File).map(|(p, _)| p.as_path())
    }

    /// Returns what came from elsewhere: trees, then files, sorted.
    pub fn remotes(&self) -> &[RemoteInput] {
        &self.remotes
    }

    pub(super) fn with_remotes(self, remotes: Vec<RemoteInput>) -> Inputs {
        Inputs { remotes, ..self }
    }

    /// Returns what was found at an absolute path, if the build looked there.
    pub fn get(&self, path: &Path) -> Option<InputKind> {
        self.inputs.get(path).copied()
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
        self.inputs.contains_key(path)
            // A file took the place of a directory, or the other way round.
            || self.above.contains(path)
            // Nothing was there, and now there is a directory with this file in it; or all of it counts.
            || path
                .ancestors()
                .skip(1)
                .any(|p| matches!(self.get(p), Some(InputKind::Missing | InputKind::Tree)))
    }

    /// Adds directories all of which count.
    #[must_use]
    pub(crate) fn with_trees(mut self, trees: Vec<PathBuf>) -> Inputs {
        self.inputs.extend(trees.into_iter().map(|tree| (tree, InputKind::Tree)));
        self
    }
}

impl FromIterator<Input> for Inputs {
    fn from_iter<I: IntoIterator<Item = Input>>(inputs: I) -> Inputs {
        let mut out = Inputs::default();
        for Input { path, kind } in inputs {
            for above in path.ancestors().skip(1) {
                if !out.above.insert(above.to_path_buf()) {
                    break;
                }
            }
            out.inputs.insert(path, kind);
        }
        out
    }
}

impl fmt::Display for InputKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            InputKind::File => "file",
            InputKind::Directory => "directory",
            InputKind::Tree => "tree",
            InputKind::Link => "link",
            InputKind::Missing => "missing",
            InputKind::Unread => "unread",
        })
    }
}
