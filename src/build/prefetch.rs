//! Looks ahead: which files and bases the builds will ask for, and how often.
//!
//! Many or large resource files of one root are then read side by side, and what is asked for once is changed in place
//! instead of copied. The plan decides nothing else: what it gets wrong (it does not look at plugins)
//! is read again or kept too long, and whatever is faulty is left to the build to find.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::cache::Cache;
use super::layer::Layer;
use super::layer_walk::LayerWalk;
use crate::load::{LoadRestriction, Loader, PathSet};
use crate::parallel::Threads;

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

/// An entry that names something elsewhere.
struct Elsewhere {
    layer: Layer,
    entry: String,
    /// Whether it is one of `resources`, else one of `components`.
    is_resource: bool,
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
        let mut walk = LayerWalk::new(cache, roots, restriction);
        let tops = walk.waiting();
        self.shares_bases = tops.iter().all(|top| top.kustomization.build_metadata.is_empty());
        let mut entered: PathSet = PathSet::default();
        let mut elsewhere: Vec<Elsewhere> = Vec::new();
        loop {
            let Some(layer) = walk.next() else {
                self.shares_bases &= !walk.is_cut_off();
                if walk.is_cut_off() || elsewhere.is_empty() {
                    return;
                }
                fetch(cache, &elsewhere, threads);
                for Elsewhere { layer, entry, is_resource } in elsewhere.drain(..).rev() {
                    let below = match is_resource {
                        true => self.resource(cache, &walk, &layer, &entry, &mut entered),
                        false => walk.enter(&layer, &entry),
                    };
                    walk.push(below);
                }
                continue;
            };
            let kustomization = &layer.kustomization;
            self.shares_bases &= kustomization.openapi.is_empty();
            let resources = kustomization.resources.iter().map(|entry| (entry, true));
            let components = kustomization.components.iter().map(|entry| (entry, false));
            let mut below = Vec::new();
            for (entry, is_resource) in resources.chain(components) {
                if Loader::is_remote(entry) {
                    let (layer, entry) = (layer.clone(), entry.to_string());
                    elsewhere.push(Elsewhere { layer, entry, is_resource });
                } else if is_resource {
                    below.extend(self.resource(cache, &walk, &layer, entry, &mut entered));
                } else {
                    below.extend(walk.enter(&layer, entry));
                }
            }
            walk.push_all(below);
        }
    }

    /// Counts a file or a base; returns the base if it is new.
    fn resource(
        &mut self,
        cache: &Cache,
        walk: &LayerWalk<'_>,
        layer: &Layer,
        entry: &str,
        entered: &mut PathSet,
    ) -> Option<Layer> {
        if let Some(file) = file(cache, layer, entry) {
            self.add_file(file);
            return None;
        }
        let loader = layer.loader.enter(&cache.files, entry).ok()?;
        let uses = self.bases.entry(loader.root().into()).or_default();
        *uses = uses.saturating_add(1);
        entered.insert(loader.root().to_path_buf()).then(|| walk.read(loader))?
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
fn fetch(cache: &Cache, elsewhere: &[Elsewhere], threads: Threads) {
    if !cache.files.remotes().has_source() {
        return;
    }
    threads.for_waiting().map(elsewhere, 1, |Elsewhere { layer, entry, is_resource }| {
        let cache = cache.view();
        if !is_resource || file(&cache, layer, entry).is_none() {
            // The build will tell what is wrong.
            _ = layer.loader.enter(&cache.files, entry);
        }
    });
}
