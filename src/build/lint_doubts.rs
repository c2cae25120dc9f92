//! What all roots of a call say about doubtful warnings: patches that change nothing on purpose, namespaces that are in
//! use elsewhere, components of roots that were refused.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::output::Rendered;
use crate::checks::files::deployed::Deployed;
use crate::checks::files::gitops::{self, Named};
use crate::checks::files::mentions::Mentions;
use crate::checks::files::no_change::{self, Layers};
use crate::diagnostics::{Result, Warning, WarningKind};
use crate::load::{Files, PathSet};
use crate::yaml::Node;

/// The root that a warning is of.
pub(super) struct Of<'a> {
    pub(super) target: &'a Path,
    /// The namespaces of its objects, if a warning asks for them.
    pub(super) namespaces: FxHashSet<String>,
}

/// What is known of all roots.
pub(super) struct Known {
    /// Whether there are several.
    has_several: bool,
    /// How many roots have read each folder, if a patch wants to know.
    users: FxHashMap<PathBuf, usize>,
    /// The entries of components that found something in some root.
    useful: FxHashSet<(Arc<Path>, String)>,
    /// The folders of kustomizations that refused roots would have read.
    refused: PathSet,
    /// Of the namespaces that warnings ask for, those that are in use.
    in_use: FxHashSet<String>,
    /// Where folders are deployed to.
    deployed: Deployed,
    /// Whether that is all that the repository says.
    is_whole: bool,
    mentions: Mentions,
    layers: Layers,
}

impl Known {
    /// Gathers what the warnings of some builds ask for.
    pub(super) fn new(
        results: &[Result<Rendered>],
        (deployed, is_whole): (Deployed, bool),
        refused: PathSet,
    ) -> Known {
        let warnings = || results.iter().flatten().flat_map(|rendered| rendered.build.warnings());
        let mut known = Known {
            has_several: results.len() > 1,
            users: FxHashMap::default(),
            useful: FxHashSet::default(),
            refused,
            in_use: namespaces(warnings(), results),
            deployed,
            is_whole,
            mentions: Mentions::default(),
            layers: Layers::default(),
        };
        if warnings().any(|warning| warning.doubts().patch.is_some()) {
            for facts in results.iter().flatten().filter_map(|rendered| rendered.facts.as_ref()) {
                for folder in &facts.entered {
                    *known.users.entry(folder.clone()).or_default() += 1;
                }
            }
        }
        if warnings().any(|warning| warning.kind() == WarningKind::UnusedPatch) {
            let facts = results.iter().flatten().filter_map(|rendered| rendered.facts.as_ref());
            known.useful = facts.flat_map(|facts| facts.useful.iter().cloned()).collect();
        }
        known
    }

    /// Returns `true` if there is nothing to say of the root `target`, as the roots explain what is doubtful.
    pub(super) fn explains(&mut self, files: &Files, warning: &Warning, of: &Of<'_>) -> bool {
        let target = of.target;
        let doubts = warning.doubts();
        if doubts.is_minor && self.has_several {
            return true;
        }
        if doubts.namespace.as_ref().is_some_and(|namespace| self.in_use.contains(namespace)) {
            return true;
        }
        if !self.is_whole && is_doubtful(warning) {
            self.is_whole = true;
            self.deployed.merge(&of_repository(files, target));
        }
        let home = || self.deployed.home(target);
        if doubts.home.as_ref().is_some_and(|namespace| home().may_be(namespace))
            || doubts.is_of_source && self.deployed.has_patched_sources()
            || doubts.is_filled_in && self.deployed.has_target_namespace(target)
            || depends_on_components(warning.kind()) && self.deployed.adds_components(target)
        {
            return true;
        }
        let has = |said: &String| of.namespaces.contains(said.as_str()) || home().may_be(said);
        if doubts.said.as_ref().is_some_and(has) {
            return true;
        }
        let Some(file) = warning.layer() else { return false };
        let layer = &**file;
        let entry = warning.field().and_then(|field| field.split('.').next());
        if warning.kind() == WarningKind::UnusedPatch
            && entry
                .is_some_and(|entry| self.useful.contains(&(Arc::clone(file), entry.to_owned())))
        {
            return true;
        }
        if warning.kind() == WarningKind::UnusedPatch
            && warning
                .field()
                .is_some_and(|field| no_change::is_a_case(files, layer, field, &mut self.layers))
        {
            return true;
        }
        if does_nothing_here(warning)
            && layer.parent().is_some_and(|folder| self.refused.contains(folder))
        {
            return true;
        }
        doubts.patch.as_ref().is_some_and(|patch| {
            let place = (layer, warning.field().unwrap_or_default());
            let known = (&mut self.mentions, &mut self.layers);
            no_change::is_on_purpose(files, patch, place, &self.users, known)
        })
    }
}

/// Returns `true` for what objects may need that a component brings.
fn depends_on_components(kind: WarningKind) -> bool {
    matches!(
        kind,
        WarningKind::UnusedGenerated
            | WarningKind::UnusedImage
            | WarningKind::UnusedLabel
            | WarningKind::UnusedPatch
            | WarningKind::UnusedReplacement
    )
}

/// Returns what the files of the repository of a folder say of what they deploy.
pub(super) fn of_repository(files: &Files, folder: &Path) -> Deployed {
    let mut named = Named::default();
    named.add_repository(files, folder, &gitops::likely_root(files, folder));
    named.deployed().clone()
}

/// Returns `true` for what the files of a repository may explain that deploy it.
pub(super) fn is_doubtful(warning: &Warning) -> bool {
    let doubts = warning.doubts();
    doubts.home.is_some()
        || doubts.is_filled_in
        || doubts.is_of_source
        || doubts.said.is_some()
        || depends_on_components(warning.kind())
}

/// Returns `true` for a step that does nothing in one root; in others it may.
fn does_nothing_here(warning: &Warning) -> bool {
    matches!(
        warning.kind(),
        WarningKind::NoOpPatch
            | WarningKind::UnusedPatch
            | WarningKind::UnusedImage
            | WarningKind::UnusedReplacement
    )
}

/// Returns those of the namespaces that warnings ask for that some object is in, makes, deploys to or names.
fn namespaces<'a>(
    warnings: impl Iterator<Item = &'a Warning>,
    results: &[Result<Rendered>],
) -> FxHashSet<String> {
    let asked: FxHashSet<&str> =
        warnings.filter_map(|warning| warning.doubts().namespace.as_deref()).collect();
    let mut in_use = FxHashSet::default();
    if asked.is_empty() {
        return in_use;
    }
    for resource in results.iter().flatten().flat_map(|rendered| rendered.build.resources()) {
        let text = |path: &[&str]| resource.node.get_path(path).and_then(Node::text);
        let own = (resource.kind() == "Namespace").then(|| resource.name());
        let deployed_to =
            [text(&["spec", "destination", "namespace"]), text(&["spec", "targetNamespace"])];
        let all = deployed_to.into_iter().flatten().chain(own).chain([resource.namespace()]);
        in_use.extend(all.filter(|namespace| asked.contains(namespace)).map(str::to_owned));
        // What only refers to an object may have the same slip.
        if !resource.kind().ends_with("Binding") && !resource.kind().contains("Webhook") {
            let mut left = vec![&resource.node];
            while let Some(node) = left.pop() {
                match node {
                    Node::Scalar { text, .. } if asked.contains(text.as_str()) => {
                        in_use.insert(text.to_string());
                    }
                    Node::Scalar { .. } => {}
                    Node::Seq { items, .. } => left.extend(items),
                    Node::Map { map, .. } => left.extend(map.iter().map(|entry| &entry.value)),
                }
            }
        }
    }
    in_use
}
