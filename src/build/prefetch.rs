//! Looks ahead: which files and bases the builds will ask for, and how often.
//!
//! Many or large resource files of one root are then read side by side, and what is asked for once is changed in place
//! instead of copied. The plan decides nothing else: what it gets wrong (it does not look at plugins)
//! is read again or kept too long, and whatever is faulty is left to the build to find.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::cache::Cache;
use super::layer::Layer;
use crate::load::{LoadRestriction, Loader};
use crate::parallel::Threads;
use crate::resource::provenance::Origin;

/// The most kustomizations that are looked at; components may be visited often.
pub(super) const MAX_VISITS: usize = 100_000;

/// What will be asked for.
#[derive(Default)]
struct Plan {
    files: FxHashMap<OsString, u32>,
    /// The same files, in the order in which they are met.
    order: Vec<Arc<Path>>,
    bases: FxHashMap<OsString, u32>,
    /// Whether bases are accumulated once each; else nothing is known of how often.
    shares_bases: bool,
}

/// Reads all kustomization files and resource files of the builds of `roots`; if there will be no
/// others, counts their uses.
pub(crate) fn read_ahead(
    cache: &Cache,
    roots: &[&Path],
    restriction: LoadRestriction,
    threads: Threads,
    no_others: bool,
) {
    let mut plan = Plan { shares_bases: true, ..Plan::default() };
    plan.walk(cache, roots, restriction, threads);
    // Of several roots, each is best read by the thread that will build it.
    if roots.len() == 1 {
        cache.files.read_ahead(&plan.order, threads);
    }
    if no_others && plan.shares_bases {
        cache.expect(plan.files, plan.bases);
    }
}

impl Plan {
    fn walk(
        &mut self,
        cache: &Cache,
        roots: &[&Path],
        restriction: LoadRestriction,
        threads: Threads,
    ) {
        let read = |loader| cache.layer(loader, Origin::default(), &mut Vec::new()).ok();
        let target = |root: &&Path| Loader::target(&cache.files, root, restriction).ok();
        let mut waiting: Vec<Layer> =
            roots.iter().rev().filter_map(target).map(Arc::new).filter_map(read).collect();
        self.shares_bases = waiting.iter().all(|top| top.kustomization.build_metadata.is_empty());
        let mut entered: FxHashSet<PathBuf> = FxHashSet::default();
        let mut elsewhere: Vec<(Layer, String, bool)> = Vec::new();
        let mut visits = 0;
        loop {
            let Some(layer) = waiting.pop() else {
                if elsewhere.is_empty() {
                    return;
                }
                fetch(cache, &elsewhere, threads);
                for (layer, entry, is_resource) in elsewhere.drain(..).rev() {
                    if is_resource {
                        self.resource(cache, &layer, &entry, &mut entered, &mut waiting);
                    } else {
                        let loader = layer.loader.enter(&cache.files, &entry);
                        waiting.extend(loader.ok().and_then(read));
                    }
                }
                continue;
            };
            visits += 1;
            if visits > MAX_VISITS {
                self.shares_bases = false;
                return;
            }
            let kustomization = &layer.kustomization;
            self.shares_bases &= kustomization.openapi.is_empty();
            let below = waiting.len();
            for entry in &kustomization.resources {
                if Loader::is_remote(entry) {
                    elsewhere.push((layer.clone(), entry.to_string(), true));
                } else {
                    self.resource(cache, &layer, entry, &mut entered, &mut waiting);
                }
            }
            for entry in &kustomization.components {
                if Loader::is_remote(entry) {
                    elsewhere.push((layer.clone(), entry.to_string(), false));
                } else {
                    let loader = layer.loader.enter(&cache.files, entry);
                    waiting.extend(loader.ok().and_then(read));
                }
            }
            waiting[below..].reverse();
        }
    }

    /// Counts a file, or a base, which will be walked through if it is new.
    fn resource(
        &mut self,
        cache: &Cache,
        layer: &Layer,
        entry: &str,
        entered: &mut FxHashSet<PathBuf>,
        waiting: &mut Vec<Layer>,
    ) {
        if let Some(file) = file(cache, layer, entry) {
            self.add_file(file);
        } else if let Ok(loader) = layer.loader.enter(&cache.files, entry) {
            let uses = self.bases.entry(loader.root().into()).or_default();
            *uses = uses.saturating_add(1);
            if entered.insert(loader.root().to_path_buf()) {
                let read = cache.layer(loader, Origin::default(), &mut Vec::new());
                waiting.extend(read.ok());
            }
        }
    }

    fn add_file(&mut self, file: Arc<Path>) {
        let uses = self.files.entry(file.as_os_str().to_owned()).or_default();
        *uses = uses.saturating_add(1);
        if *uses == 1 {
            self.order.push(file);
        }
    }
}

/// Returns the file that an entry names. A page about a repository is none.
fn file(cache: &Cache, layer: &Layer, entry: &str) -> Option<Arc<Path>> {
    let file = layer.loader.file_or_directory(&cache.files, entry).ok().flatten()?;
    if Loader::is_remote(entry) && cache.files.documents(&file).is_err() {
        return None;
    }
    Some(file)
}

/// Fetches what is elsewhere, side by side.
fn fetch(cache: &Cache, elsewhere: &[(Layer, String, bool)], threads: Threads) {
    if !cache.files.remotes().has_source() {
        return;
    }
    threads.for_waiting().map(elsewhere, 1, |(layer, entry, is_resource)| {
        let cache = cache.view();
        if !is_resource || file(&cache, layer, entry).is_none() {
            // The build will tell what is wrong.
            _ = layer.loader.enter(&cache.files, entry);
        }
    });
}
