//! What kustomizations that are not asked for need of the trees that those use which are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::failed::Failures;
use super::no_fetch::NoFetch;
use super::not_run::NotRun;
use crate::build::cache::Cache;
use crate::builder::Builder;
use crate::diagnostics::{Error, Result};
use crate::load::Input;
use crate::load::remote::{Lock, Mode, Pins, Remotes, TreeKey, UsedTree};
use crate::outside::{
    Failure, FailureKind, FileAnswer, FileRequest, RemoteSource, RemoteTree, TreeRequest,
};

/// What is known of the others.
pub(super) enum Found {
    /// All can be built, and need this.
    Needs(Needs),
    /// Not all can be built, so that what they need is not known: these cannot with what has moved.
    Failed(Vec<(PathBuf, Error)>),
}

/// What the others need.
pub(super) struct Needs {
    /// What they look at.
    pub(super) looked_at: Vec<Input>,
    /// The URLs by which they name trees.
    pub(super) urls: BTreeMap<TreeKey, BTreeSet<String>>,
}

/// Builds kustomizations with the trees that were fetched, and with copies else; nothing more is fetched.
///
/// # Errors
/// If it was stopped.
pub(super) fn needs(
    builder: &Builder,
    roots: &[PathBuf],
    before: &Lock,
    remotes: &Remotes,
) -> Result<Found> {
    let mut trees = remotes.used().trees;
    trees.retain(|key, _| before.trees.contains_key(key));
    if trees.is_empty() {
        return Ok(Found::Needs(Needs { looked_at: Vec::new(), urls: BTreeMap::new() }));
    }
    let has_moved = |(key, tree): (&TreeKey, &UsedTree)| {
        before.trees.get(key).is_some_and(|before| before.commit != tree.found.commit)
    };
    let has_moved = trees.iter().any(has_moved);
    // Where a copy was taken, they take it too.
    trees.retain(|_, tree| remotes.mounts().has(&tree.found.root));
    let mut lock = before.clone();
    lock.trees.retain(|key, _| !trees.contains_key(key));
    let files = remotes.shared_mounts();
    let tree = |(key, UsedTree { found, .. }): (&TreeKey, &UsedTree)| {
        let tree = RemoteTree::new(Arc::clone(&files), found.root.to_path_buf(), &*found.commit);
        (key.clone(), tree)
    };
    let had = Had(trees.iter().map(tree).collect());
    let (builder, _) = NotRun::without_functions(builder);
    let charts = NoFetch::to_check(builder.get_charts().cloned());
    let builder = builder.remotes(Arc::new(had)).charts(Arc::new(charts));
    let pins = Pins { lock, before: before.clone(), copies: true, is_anew: false };
    let files = builder.files(Mode::Vendor(Arc::new(pins))).recorded();
    let cache = Cache::new(files, builder.renderings());
    let built = builder.call_of_several(&cache, &Arc::default()).build_all(roots);
    let errors = roots.iter().zip(&built);
    let errors =
        errors.filter_map(|(root, built)| Some((root.clone(), built.as_ref().err()?.clone())));
    let errors: Vec<(PathBuf, Error)> = errors.collect();
    let failures = Failures::of(&builder, &cache, roots, built);
    if let Some(stopped) = failures.stopped() {
        return Err(stopped.clone());
    }
    if !failures.is_empty() {
        return Ok(Found::Failed(if has_moved { errors } else { Vec::new() }));
    }
    let used = cache.files.remotes().used().trees.into_iter();
    Ok(Found::Needs(Needs {
        looked_at: cache.files.log().all().looked_at(),
        urls: used.map(|(key, tree)| (key, tree.urls)).collect(),
    }))
}

/// Has the trees that were fetched, and nothing else.
#[derive(Debug)]
struct Had(BTreeMap<TreeKey, RemoteTree>);

impl RemoteSource for Had {
    fn tree(&self, request: &TreeRequest) -> std::result::Result<RemoteTree, Failure> {
        let key = TreeKey {
            repository: request.repository().to_owned(),
            reference: request.reference().map(str::to_owned),
            submodules: request.submodules(),
        };
        self.0.get(&key).cloned().ok_or_else(|| not_fetched(request.repository()))
    }

    fn file(&self, request: &FileRequest) -> std::result::Result<FileAnswer, Failure> {
        Err(not_fetched(request.url()))
    }
}

fn not_fetched(what: &str) -> Failure {
    Failure::new(FailureKind::Refused, format!("'{what}' has no copy, and nobody asks for it"))
}
