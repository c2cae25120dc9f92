//! One kustomization in the build: its file, its directory, and what it may read
//! (docs/spec/accumulation.md, section 1).

use std::path::Path;
use std::sync::Arc;

use ecow::EcoString;
use rustc_hash::FxHashMap;

use crate::diagnostics::Error;
use crate::kustomization::{GeneratorArgs, Kustomization};
use crate::load::{Files, Loader};
use crate::resource::provenance::Origin;
use crate::yaml::{Entry, Located, Node, Pos, fold};

/// The field with the configs of generators.
pub(crate) const GENERATORS: &str = "generators";

/// A kustomization that has been read.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) loader: Arc<Loader>,
    /// The kustomization file.
    pub(crate) file: Arc<Path>,
    pub(crate) kustomization: Arc<Kustomization>,
    /// The tree of the file, if it has no other document for sure.
    pub(crate) tree: Option<Node>,
    /// Where it lies as seen from the target, for origin annotations.
    pub(crate) place: Origin,
    /// Its namespace, or that of the nearest layer above that has one.
    pub(crate) namespace: EcoString,
}

impl Layer {
    /// Returns the layer with the namespace of the one above unless it has its own.
    #[must_use]
    pub(crate) fn below(mut self, above: &Layer) -> Layer {
        if !self.has_namespace() {
            self.namespace = above.namespace.clone();
        }
        self
    }

    /// Returns `true` if its kustomization says a namespace.
    pub(crate) fn has_namespace(&self) -> bool {
        !self.kustomization.namespace.is_empty()
    }

    /// Adds to an error that it came from this layer, and finds the field at fault if that is all that
    /// is known.
    pub(crate) fn blame(&self, files: &Files, error: Error) -> Error {
        let place = match error.field().filter(|_| error.is_nowhere()) {
            Some(field) => self.field_pos(files, field),
            None => Pos::NONE,
        };
        error.at(place).through(self.file.to_path_buf())
    }

    /// Returns the place of a field such as `labels[1].pairs`, or of the innermost part of it that is
    /// there; the file is read again.
    pub(crate) fn field_pos(&self, files: &Files, field: &str) -> Pos {
        let documents = files.documents(&self.file).unwrap_or_default();
        let Some(mut node) = documents.first() else { return Pos::NONE };
        let (mut pos, mut rest) = (Pos::NONE, Some(field));
        while let Some(all) = rest {
            // A key of labels may have dots itself.
            let whole = node.as_map().filter(|_| all.contains('.'));
            let is_whole = |entry: &&Entry| entry.key.text() == Some(all);
            if let Some(entry) = whole.and_then(|map| map.iter().find(is_whole)) {
                return entry.key.pos();
            }
            let part = all.split(['.', '[']).next().unwrap_or_default();
            rest = all.get(part.len() + 1..);
            let next = match (node, part.strip_suffix(']')) {
                (Node::Seq { items, .. }, Some(i)) => {
                    i.parse().ok().and_then(|i: usize| items.get(i)).map(|item| (item.pos(), item))
                }
                (Node::Map { map, .. }, None) => {
                    // Of several the last counts.
                    let is_it = |key: &str| fold(key).eq(fold(part));
                    let entry = map.iter().rev().find(|e| e.key.text().is_some_and(is_it));
                    entry.map(|e| (e.key.pos(), &e.value))
                }
                _ => None,
            };
            let Some((at, inner)) = next else { break };
            (pos, node) = (at, inner);
        }
        pos
    }

    /// Returns the path of the field with the generator entry at a place, such as `secretGenerator[1]`.
    pub(crate) fn generator_field(&self, pos: Pos) -> String {
        self.generator_fields().remove(&pos).unwrap_or_else(|| GENERATORS.to_owned())
    }

    /// Returns the paths of the fields with generator entries, by the places of the entries; those of
    /// configs are not among them.
    pub(crate) fn generator_fields(&self) -> FxHashMap<Pos, String> {
        let kustomization = &self.kustomization;
        let positions = |entries: &[Located<GeneratorArgs>]| -> Vec<Pos> {
            entries.iter().map(|entry| entry.pos).collect()
        };
        let charts = kustomization.helm_charts.iter().map(|chart| chart.pos).collect();
        let mut fields = FxHashMap::default();
        for (field, entries) in [
            ("configMapGenerator", positions(&kustomization.config_map_generator)),
            ("secretGenerator", positions(&kustomization.secret_generator)),
            ("helmCharts", charts),
        ] {
            for (i, pos) in entries.into_iter().enumerate() {
                fields.entry(pos).or_insert_with(|| format!("{field}[{i}]"));
            }
        }
        fields
    }

    /// Returns the name of the kustomization file.
    pub(crate) fn file_name(&self) -> String {
        self.file.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}
