//! What several builds, or several places of one build, have in common: files, kustomization files
//! and bases, each read, parsed and accumulated once.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockWriteGuard};

use ecow::EcoString;
use memchr::memmem;
use rustc_hash::FxHashMap;

use super::accumulator::Accumulator;
use super::layer::Layer;
use crate::charts::{Folders, Renderings};
use crate::checks::known::KnownFields;
use crate::diagnostics::{Result, Warning};
use crate::kustomization::{self, Kustomization};
use crate::limits::Spent;
use crate::load::{AddedChart, Change, Entered, Files, Loader, Part};
use crate::resource::provenance::Origin;
use crate::select::Patterns;
use crate::yaml::Node;

/// What has been read and made so far.
#[derive(Debug)]
pub(crate) struct Cache {
    pub(crate) files: Files,
    /// What helm has answered, if it may be asked.
    pub(crate) charts: Option<Arc<Renderings>>,
    /// The charts that were read.
    pub(crate) folders: Arc<Folders>,
    pub(crate) patterns: Arc<Patterns>,
    /// What lints have looked up.
    pub(crate) known: Arc<KnownFields>,
    state: Arc<RwLock<State>>,
}

#[derive(Debug, Default)]
struct State {
    kustomizations: FxHashMap<OsString, (ReadFile, Part)>,
    bases: FxHashMap<OsString, Base>,
    uses: Uses,
}

/// How often bases will still be asked for.
#[derive(Debug, Default)]
enum Uses {
    /// Nobody knows: everything is kept.
    #[default]
    Unknown,
    /// As often as this; what is asked for the last time is handed over instead of shared, so that
    /// nothing is copied when it changes.
    Counted(FxHashMap<OsString, u32>),
}

/// A kustomization file that has been read.
#[derive(Clone, Debug)]
struct ReadFile {
    path: Arc<Path>,
    kustomization: Arc<Kustomization>,
    /// The tree of its only document.
    tree: Option<Node>,
    /// The warnings about it.
    warnings: Vec<Warning>,
}

/// A base that has been accumulated, and what that did besides.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    /// The result.
    pub(crate) result: Accumulator,
    /// The warnings that every build gives.
    pub(crate) warnings: Vec<Warning>,
    /// The warnings of a lint.
    pub(crate) lint_warnings: Vec<Warning>,
    /// The directories and URLs of the base and of all below it, none of which may hold what refers to
    /// it.
    pub(crate) entered: Vec<Entered>,
    /// Whether the schema was used.
    pub(crate) used_schema: bool,
    /// The namespace of what asked for it, if a chart was given that.
    pub(crate) namespace: Option<EcoString>,
    /// The charts that were fetched.
    pub(crate) charts: Vec<AddedChart>,
    /// What it took to accumulate it.
    pub(crate) spent: Spent,
    /// What the trees of the result take if nothing is shared, once somebody has asked.
    pub(crate) bytes: Arc<OnceLock<u64>>,
    /// What was looked at.
    pub(crate) part: Part,
}

impl Cache {
    /// Starts with nothing but what helm has answered elsewhere in the same call.
    pub(crate) fn new(files: Files, charts: Option<Arc<Renderings>>) -> Cache {
        let patterns = Arc::new(Patterns::new(files.shared_account()));
        let (folders, known, state) = Default::default();
        Cache { files, charts, folders, patterns, known, state }
    }

    /// Returns the same for one build: what it looks at is noted apart from others, if it is noted.
    pub(crate) fn view(&self) -> Cache {
        Cache {
            files: self.files.view(),
            charts: self.charts.clone(),
            folders: Arc::clone(&self.folders),
            patterns: Arc::clone(&self.patterns),
            known: Arc::clone(&self.known),
            state: Arc::clone(&self.state),
        }
    }

    /// Says how often each file and base will be asked for.
    pub(crate) fn expect(&self, files: FxHashMap<OsString, u32>, bases: FxHashMap<OsString, u32>) {
        self.files.expect(files);
        self.state().uses = Uses::Counted(bases);
    }

    /// Forgets what a change touches; returns `false` if some of it cannot be forgotten.
    pub(crate) fn forget(&self, change: &mut Change) -> bool {
        let mut state = self.state();
        state.kustomizations.retain(|_, (_, part)| !change.touches(part));
        state.bases.retain(|_, base| !change.touches(&base.part));
        self.files.forget(change)
    }

    /// Returns the kustomization in the loader's directory, which is read the first time; `place` is
    /// where it lies as seen from the target.
    ///
    /// # Errors
    /// If there is none or it is wrong.
    pub(crate) fn layer(
        &self,
        loader: Arc<Loader>,
        place: Origin,
        warnings: &mut Vec<Warning>,
    ) -> Result<Layer> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let known = state.kustomizations.get(loader.root().as_os_str()).cloned();
        drop(state);
        let read = match known {
            Some((read, part)) => {
                self.files.log().take_over(&part);
                read
            }
            None => {
                let answers = self.files.added().answers();
                let (read, part) = self.files.log().part(|| self.read(&loader));
                let read = read?;
                if self.files.added().answers() == answers {
                    self.state().kustomizations.insert(loader.root().into(), (read.clone(), part));
                }
                read
            }
        };
        warnings.extend(read.warnings);
        let ReadFile { path, kustomization, tree, .. } = read;
        let namespace = kustomization.namespace.as_str().into();
        Ok(Layer { loader, file: path, kustomization, tree, place, namespace })
    }

    fn read(&self, loader: &Loader) -> Result<ReadFile> {
        let files = &self.files;
        let path = loader.kustomization_file(files)?;
        let (bytes, pos) = files.read_resolved(&path)?;
        let mut warnings = Vec::new();
        let (kustomization, tree) =
            kustomization::parse(&bytes, pos, loader.root(), files.account(), &mut warnings)
                .map_err(|e| e.located_in(&path).through(path.to_path_buf()))?;
        let has_more = memmem::find(&bytes, b"\n---").is_some();
        let tree = tree.filter(|_| !has_more);
        Ok(ReadFile { path, kustomization: Arc::new(kustomization), tree, warnings })
    }

    /// Returns the base in a directory if it has been accumulated and `fits` says so.
    pub(crate) fn base(&self, directory: &Path, fits: impl FnOnce(&Base) -> bool) -> Option<Base> {
        let mut state = self.state();
        if !fits(state.bases.get(directory.as_os_str())?) {
            return None;
        }
        if state.uses.take(directory) {
            state.bases.get(directory.as_os_str()).cloned()
        } else {
            state.bases.remove(directory.as_os_str())
        }
    }

    /// Returns `true` if the base in a directory, which is asked for and not there, should be kept.
    pub(crate) fn wants_base(&self, directory: &Path) -> bool {
        self.state().uses.take(directory)
    }

    /// Keeps the base in a directory.
    pub(crate) fn keep_base(&self, directory: PathBuf, base: Base) {
        self.state().bases.insert(directory.into(), base);
    }

    fn state(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Uses {
    /// Counts one use; returns `true` if there will be more.
    fn take(&mut self, directory: &Path) -> bool {
        match self {
            Uses::Unknown => true,
            Uses::Counted(uses) => uses.get_mut(directory.as_os_str()).is_some_and(|left| {
                *left = left.saturating_sub(1);
                *left > 0
            }),
        }
    }
}
