//! Follows a value that a step copied from another field to where that came from.

use super::blame::Blame;
use super::change::Change;
use super::event::Event;
use super::object::Object;
use super::path::{FieldPath, child, parse};
use crate::build::StepKind;
use crate::build::recorder::Step;
use crate::fieldspec::{NameReference, TransformerConfig};
use crate::resource::Gvk;
use crate::yaml::Node;

impl<'a> Blame<'a> {
    /// Completes the event of a reference that followed the object that it names.
    pub(super) fn follow_name(
        &self,
        event: &mut Event,
        change: &Change,
        tree: Option<&Node>,
    ) -> bool {
        let Some(new) = change.after.as_ref().and_then(Node::text) else { return false };
        // A namespace goes with the name beside it.
        let part = if event.path.last_key() == Some("namespace") { "namespace" } else { "name" };
        let old = match part {
            "name" => change.before.as_ref(),
            _ => tree.and_then(|tree| {
                let (_, parent) = change.location.split_last()?;
                let node = parent.iter().try_fold(tree, |node, &i| child(node, i as usize))?;
                node.get("name")
            }),
        };
        let Some(old) = old.and_then(Node::text) else { return false };
        let had = |node: &Node, part, text| {
            node.get_path(&["metadata", part]).and_then(Node::text) == Some(text)
        };
        let candidates: Vec<Object<'_>> = self
            .trace
            .objects()
            .filter(|object| {
                had(object.tree(), part, new) && object.trees().any(|tree| had(tree, "name", old))
            })
            .collect();
        let expected = match candidates.len() {
            0 | 1 => None,
            _ => self.expected(&event.path, tree, &candidates),
        };
        let Some(followed) = expected.or(candidates.first().copied()) else { return false };
        let Some(last) = self.last_place(&followed, &FieldPath::of_keys(&["metadata", part]))
        else {
            return false;
        };
        event.location = last.location;
        event.kustomization = last.kustomization;
        event.entry = last.entry;
        event.follows = Some(followed.to_string());
        true
    }

    /// Returns that one of several objects of one name whose kind a field refers to: the kind that
    /// stands beside the name, else the one that the field specs of references know.
    fn expected(
        &self,
        path: &FieldPath,
        tree: Option<&Node>,
        candidates: &[Object<'a>],
    ) -> Option<Object<'a>> {
        let of_kind = |kind: &str| candidates.iter().find(|o| o.kind() == kind).copied();
        let tree = tree?;
        let location = path.locate(tree)?;
        let (_, parent) = location.split_last()?;
        let beside = parent.iter().try_fold(tree, |node, &i| child(node, i as usize));
        let beside = beside.filter(|_| !parent.is_empty());
        if let Some(found) = beside.and_then(|node| of_kind(node.get("kind")?.text()?)) {
            return Some(found);
        }
        let text = path.spec_text();
        let written = |field: &str| field.replace("[]", "") == text;
        let named = |key: &str| tree.get(key).and_then(Node::text).unwrap_or_default();
        let own = Gvk::parse(named("apiVersion"), named("kind"));
        let known = TransformerConfig::builtin().name_reference.references();
        let fits = |reference: &&NameReference| {
            let mut fields = reference.fields.iter();
            fields.any(|spec| own.is_selected_by(&spec.gvk) && written(spec.path.text()))
        };
        known.iter().filter(fits).find_map(|reference| of_kind(&reference.gvk.kind))
    }

    /// Completes the event of a replacement, which copied a value from another field.
    pub(super) fn follow_source(&self, step: &Step, event: &mut Event) -> bool {
        let kind = step.config.as_ref().and_then(|config| config.get("kind")?.text());
        if step.field != "replacements" && kind != Some("ReplacementTransformer") {
            return false;
        }
        let Some(after) = event.after.clone() else { return false };
        let Some(new) = after.text() else { return false };
        let roots = self.roots(step);
        let listed = roots.field.iter().flat_map(|field| match field.get("replacements") {
            Some(inner) => entries(inner),
            None => entries(field),
        });
        let in_files = roots.patches.iter().flat_map(entries);
        for (i, entry) in
            listed.map(|(i, entry)| (Some(i), entry)).chain(in_files.map(|(_, e)| (None, e)))
        {
            let Some((object, path, value)) = self.source(entry) else { continue };
            if value.is_empty() || !new.contains(value) || !has_target(entry, &event.path) {
                continue;
            }
            let Some(last) = self.last_place(&object, &path) else { continue };
            event.location = last.location;
            event.kustomization = self.layer(step.layer).map(|layer| self.trace.path(&layer.file));
            event.entry = Some(match i.filter(|_| step.config.is_none()) {
                Some(i) => format!("{}[{i}]", step.field),
                None => step.field.clone(),
            });
            event.follows = Some(format!("{object} {path}"));
            return true;
        }
        false
    }

    /// Returns the object, field and value that a replacement copies.
    fn source(&self, entry: &Node) -> Option<(Object<'a>, FieldPath, &'a str)> {
        let source = entry.get("source")?;
        let text = |key| source.get(key).and_then(Node::text).filter(|text| !text.is_empty());
        let field = text("fieldPath").unwrap_or("metadata.name").replace("\\.", ".");
        self.trace.objects().find_map(|object| {
            let fits = text("kind").is_none_or(|kind| kind == object.kind())
                && text("name").is_none_or(|name| object.names().contains(&name));
            let (tree, location) = object
                .trees()
                .rev()
                .find_map(|tree| Some((tree, parse(tree, &field).ok()?)).filter(|_| fits))?;
            let value =
                location.iter().try_fold(tree, |node, &i| child(node, i as usize))?.text()?;
            Some((object, FieldPath::at(tree, &location), part(source, value)))
        })
    }

    /// Returns the last event of a field that has a place of its own.
    fn last_place(&self, object: &Object<'a>, path: &FieldPath) -> Option<Event> {
        let history = object.history_within(path, self.depth + 1);
        // A name that is itself a reference has no better place, and neither has what was left out.
        let has_place = |e: &Event| {
            e.step != StepKind::NameReference && e.after.is_some() && e.location.is_some()
        };
        history.into_iter().rev().find(has_place)
    }
}

/// Returns the part of a value that the options of a source choose.
fn part<'v>(source: &Node, value: &'v str) -> &'v str {
    let option = |name| source.get_path(&["options", name]).and_then(Node::text);
    let Some(delimiter) = option("delimiter").filter(|text| !text.is_empty()) else { return value };
    let index = option("index").and_then(|text| text.parse().ok()).unwrap_or(0);
    value.split(delimiter).nth(index).unwrap_or(value)
}

/// Returns the elements of a list of replacements, or the one that stands alone.
fn entries(node: &Node) -> Vec<(usize, &Node)> {
    match node {
        Node::Seq { items, .. } => items.iter().enumerate().collect(),
        other => vec![(0, other)],
    }
}

/// Returns `true` if a replacement may write to a field: one of its paths ends like it.
fn has_target(entry: &Node, path: &FieldPath) -> bool {
    let Some(last) = path.last_key() else { return true };
    let targets = entry.get("targets").and_then(Node::as_seq);
    targets.into_iter().flatten().any(|target| match target.get("fieldPaths") {
        Some(Node::Seq { items, .. }) => {
            items.iter().filter_map(Node::text).any(|path| path.replace("\\.", ".").contains(last))
        }
        _ => last == "name",
    })
}
