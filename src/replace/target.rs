//! The resources and fields that a replacement changes.

use super::embedded::{self, Texts};
use super::find::{self, Found, Visit};
use super::path::{FieldPath, Part, Search};
use super::siblings::{Siblings, plain_field};
use super::source::Value;
use super::write::{Creation, With, Writer, Written};
use crate::build_context::Context;
use crate::diagnostics::hints::TARGET_WITHOUT_SELECT;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::kustomization::{self, FieldOptions};
use crate::resource::{Resource, ResourceSet};
use crate::select::{IdPatterns, MetadataSelector, Patterns, candidates};
use crate::work;
use crate::yaml::{Node, ScalarType, scalar_type};

/// A compiled target.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Kind and name of `select` as they are written.
    written: (String, String),
    select: Select,
    reject: Vec<Select>,
    paths: Vec<FieldPath>,
    options: FieldOptions,
}

/// With so few paths, nothing is kept from one to the next.
const FEW: usize = 8;

/// What is kept while many fields of one resource are written.
#[derive(Default)]
struct Kept {
    siblings: Siblings,
    texts: Texts,
}

/// What a target did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Applied {
    /// Whether any resource is selected.
    pub(crate) selected: bool,
    /// Whether a text became empty because the value is a collection.
    pub(crate) emptied: bool,
    /// The number of a path that made a number or bool of a field that takes texts only.
    pub(crate) untexted: Option<usize>,
    /// The number of a path whose text lost its first piece to a value that hardly belongs there.
    pub(crate) misplaced: Option<usize>,
}

#[derive(Clone, Debug)]
struct Select {
    id: IdPatterns,
    metadata: MetadataSelector,
}

impl Target {
    /// Compiles a target.
    ///
    /// # Errors
    /// If it selects nothing, or a pattern is none.
    pub(crate) fn new(
        target: kustomization::TargetSelector,
        patterns: &Patterns,
    ) -> Result<Target> {
        let select = target.select.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Kustomization, "target must specify resources to select")
                .hint(&TARGET_WITHOUT_SELECT)
        })?;
        let new = |selector| Select::new(selector, patterns);
        let written = (select.kind.clone(), select.name.clone());
        let select = new(select)?;
        let reject = target.reject.iter().map(new).collect::<Result<_>>()?;
        let mut paths: Vec<_> =
            target.field_paths.iter().map(|p| FieldPath::parse(p, patterns)).collect();
        if paths.is_empty() {
            paths.push(FieldPath::parse("metadata.name", patterns));
        }
        Ok(Target { written, select, reject, paths, options: target.options.unwrap_or_default() })
    }

    /// Returns the patterns of kind and name that it selects, as they are written.
    pub(crate) fn written(&self) -> (&str, &str) {
        (&self.written.0, &self.written.1)
    }

    /// Returns the number of parts of the longest path.
    pub(crate) fn longest_path(&self) -> usize {
        self.paths.iter().map(|path| path.parts.len()).max().unwrap_or_default()
    }

    /// Returns the path and the name of an element that a `[name=...]` of the path selects by a part of its
    /// name, if there is any.
    pub(crate) fn partly_matched(&self, resources: &ResourceSet) -> Option<(&str, String)> {
        let has_elements =
            |path: &&FieldPath| path.parts.iter().any(|part| matches!(part, Part::Element { .. }));
        let paths: Vec<&FieldPath> = self.paths.iter().filter(has_elements).collect();
        if paths.is_empty() {
            return None;
        }
        let Select { id, metadata } = &self.select;
        candidates(id, metadata, resources).into_iter().find_map(|slot| {
            let resource = resources.get(slot)?;
            if !self.selects(resource).ok()? {
                return None;
            }
            paths.iter().find_map(|path| {
                Some((path.text.as_str(), partly_matched(&resource.node, &path.parts)?))
            })
        })
    }

    /// Puts a value into all fields.
    ///
    /// # Errors
    /// If a selected resource has no such field, or it cannot take the value.
    pub(crate) fn apply(
        &self,
        cx: &Context,
        value: &mut Value<'_>,
        resources: &mut ResourceSet,
        admit: &mut dyn FnMut(&Node) -> Result<()>,
    ) -> Result<Applied> {
        let schema = &cx.schema;
        let changes_id = self.changes_id();
        let create = self.options.create.then(|| value.node.kind());
        let mut applied = Applied::default();
        if resources.len() > 0 {
            // Upstream asks every resource, before it looks at its id.
            self.select.metadata.check()?;
            if self.select.metadata.is_any() {
                self.reject.iter().try_for_each(|reject| reject.metadata.check())?;
            }
        }
        let Select { id, metadata } = &self.select;
        // Odd: upstream keeps its notes in a map there (case replacements/null-annotations).
        let notes = |path: &FieldPath| path.text.starts_with("metadata.annotations.");
        // Whatever is found by a kind has or had it.
        let is_everything = id.is_kind_alone() && metadata.is_any() && self.reject.is_empty();
        for slot in candidates(id, metadata, resources) {
            let Some(resource) = resources.get(slot) else { continue };
            if !is_everything && !self.selects(resource)? {
                continue;
            }
            applied.selected = true;
            let mut kept = (self.paths.len() > FEW).then(Kept::default);
            let write = |resource: &mut Resource| {
                let done = self.paths.iter().enumerate().try_for_each(|(i, path)| {
                    cx.account.check()?;
                    let is_noted = resource.history.has_notes() && notes(path);
                    if let Some(kept) = &mut kept {
                        if value.slot != Some(slot)
                            && !is_noted
                            && kept.texts.write(
                                &mut resource.node,
                                (i, path),
                                create,
                                self.with(cx, &value.node),
                            )?
                        {
                            return Ok(());
                        }
                        self.finish(&mut kept.texts, resource, &value.node, cx)?;
                    }
                    if self.options.create && value.is_around(slot, path) {
                        // Odd: the value has the new field, still empty, in it (case
                        // replacements/target-created-in-source).
                        kept = kept.take().map(|_| Kept::default());
                        if is_noted {
                            resource.show_annotations();
                        }
                        let create = Some(value.node.kind());
                        // What is wrong with the path is said below.
                        let mut search = find::Search { create, visit: &mut Creation };
                        let _ = search.walk(&mut resource.node, &path.parts, false);
                        value.refresh(slot, &resource.node, admit)?;
                    }
                    let siblings = kept.as_mut().map(|kept| &mut kept.siblings);
                    let written =
                        self.write(cx, &value.node, resource, path, siblings, is_noted)?;
                    applied.emptied |= written.emptied;
                    if written.misplaced {
                        applied.misplaced.get_or_insert(i);
                    }
                    if written.created
                        && cx.lint.is_some()
                        && self.takes_text(path)
                        && !is_text(&value.node)
                    {
                        applied.untexted.get_or_insert(i);
                    }
                    resource.write_through();
                    value.refresh(slot, &resource.node, admit)
                });
                done?;
                match &mut kept {
                    Some(kept) => self.finish(&mut kept.texts, resource, &value.node, cx),
                    None => Ok(()),
                }
            };
            let done = if changes_id {
                resources.update(slot, schema, write)
            } else {
                let done = resources.get_one_mut(slot).map(write);
                resources.note_change(slot);
                done
            };
            done.unwrap_or(Ok(()))?;
        }
        Ok(applied)
    }

    fn selects(&self, resource: &Resource) -> Result<bool> {
        work::id();
        if !self.select.metadata.matches(resource)? {
            return Ok(false);
        }
        // Odd: inside one entry of reject, ids and labels are or-ed, not and-ed
        // (case replacements/reject-id-or-selector).
        for reject in &self.reject {
            if !reject.metadata.is_any() && reject.metadata.matches(resource)? {
                return Ok(false);
            }
        }
        if self.reject.iter().any(|r| !r.id.is_any() && matches_any_id(&r.id, resource)) {
            return Ok(false);
        }
        Ok(matches_any_id(&self.select.id, resource))
    }

    /// Returns a path as it is written.
    pub(crate) fn path(&self, i: usize) -> &str {
        self.paths.get(i).map_or("", |path| &path.text)
    }

    /// Returns `true` if the API server takes texts only where a path leads.
    fn takes_text(&self, path: &FieldPath) -> bool {
        let key = |part: Option<&Part>| match part {
            Some(Part::Key(key)) => key.trim().to_owned(),
            _ => String::new(),
        };
        let mut last = path.parts.iter().rev();
        let (last, one, two) = (key(last.next()), key(last.next()), key(last.next()));
        let kind = self.written.0.as_str();
        match (two.as_str(), one.as_str(), last.as_str()) {
            ("env", "", "value") | ("metadata", "labels", _) => true,
            // Those at the top become texts by themselves.
            ("metadata", "annotations", _) => path.parts.len() > 3,
            ("", "data" | "stringData", _) => matches!(kind, "ConfigMap" | "Secret"),
            _ => false,
        }
    }

    fn with<'w>(&'w self, cx: &'w Context, value: &'w Node) -> With<'w> {
        With { value, options: &self.options, cx }
    }

    /// Writes the text that is open, if there is one; one that cannot be written is changed path by path.
    fn finish(
        &self,
        texts: &mut Texts,
        resource: &mut Resource,
        value: &Node,
        cx: &Context,
    ) -> Result<()> {
        if !texts.is_open() {
            return Ok(());
        }
        let left = texts.finish(&mut resource.node, cx)?;
        for path in left.iter().filter_map(|&i| self.paths.get(i)) {
            self.write(cx, value, resource, path, None, false)?;
        }
        resource.write_through();
        Ok(())
    }

    /// Puts a value into one field; tells what came of it. An annotation of a resource that `is_noted` finds a map.
    fn write(
        &self,
        cx: &Context,
        value: &Node,
        resource: &mut Resource,
        path: &FieldPath,
        mut siblings: Option<&mut Siblings>,
        is_noted: bool,
    ) -> Result<Written> {
        let create = self.options.create.then(|| value.kind());
        let with = self.with(cx, value);
        let mut writer = Writer { with, result: Ok(()), done: Written::default() };
        let node = &mut resource.node;
        let field = match siblings.as_deref_mut() {
            Some(siblings) => siblings.field(node, &path.keys, create, &cx.account)?,
            None => plain_field(node, &path.keys).map(|field| (field, false)),
        };
        if let Some((field, created)) = field {
            writer.visit(Found { field, created })?;
            return writer.result.map(|()| writer.done);
        }
        if is_noted {
            resource.show_annotations();
        }
        let node = &mut resource.node;
        if embedded::write(node, &path.parts, create, with)? {
            return Ok(Written::default());
        }
        let unable = || {
            let find = if self.options.create { "find or create" } else { "find" };
            format!("unable to {find} field {:?} in replacement target", path.text)
        };
        if let Some(siblings) = siblings {
            siblings.forget();
        }
        let mut search = find::Search { create, visit: &mut writer };
        let found = search.walk(node, &path.parts, false).map_err(|e| e.context(unable()))?;
        if !found {
            return Err(Error::new(ErrorKind::Reference, unable())
                .related("in the resource at", node.pos()));
        }
        writer.result.map(|()| writer.done)
    }

    /// Returns `true` if a path leads to something that ids consist of.
    fn changes_id(&self) -> bool {
        let leads_there = |path: &FieldPath| match path.parts.as_slice() {
            [Part::Key(first), Part::Key(second), ..] if first.trim() == "metadata" => {
                matches!(second.trim(), "name" | "namespace")
            }
            [Part::Key(first), ..] => matches!(first.trim(), "metadata" | "kind" | "apiVersion"),
            _ => false,
        };
        self.paths.iter().any(leads_there)
    }
}

impl Select {
    fn new(selector: &kustomization::Selector, patterns: &Patterns) -> Result<Select> {
        Ok(Select {
            id: IdPatterns::new(selector, patterns)
                .map_err(|e| e.context("error creating target selector"))?,
            metadata: MetadataSelector::new(selector),
        })
    }
}

/// Returns `true` unless a value is a number or bool.
fn is_text(value: &Node) -> bool {
    !matches!(scalar_type(value), Some(ScalarType::Int | ScalarType::Float | ScalarType::Bool))
}

/// Returns `true` if one of a resource's ids matches all patterns.
///
/// Odd: the namespace of the current id is taken as written, that of a former one as effective
/// (case replacements/select-namespace-default).
fn matches_any_id(id: &IdPatterns, resource: &Resource) -> bool {
    let is_version = id.group.is_any() && id.version.is_any() || {
        let current = resource.gvk_ref();
        id.group.matches(current.group) && id.version.matches(current.version)
    };
    if !is_version {
        return false;
    }
    // What nobody asks for is not looked up.
    let is_current = id.kind.matches(resource.kind())
        && (id.name.is_any() || id.name.matches(resource.name()))
        && (id.namespace.is_any() || id.namespace.matches(resource.namespace()));
    is_current
        || resource.history.previous.iter().any(|former| {
            id.kind.matches(&former.kind)
                && id.name.matches(&former.name)
                && id.namespace.matches(&former.namespace)
        })
}

/// Returns the value of the first element on the way that has the text of the path as a part only, where the
/// path was not written as a pattern.
fn partly_matched(node: &Node, parts: &[Part]) -> Option<String> {
    let (part, rest) = parts.split_first()?;
    let items = || node.as_seq().into_iter().flatten();
    match part {
        Part::Key(key) => partly_matched(node.get(key)?, rest),
        Part::Index { index, .. } => {
            partly_matched(node.as_seq()?.get(usize::try_from(*index).ok()?)?, rest)
        }
        Part::Every => items().find_map(|item| partly_matched(item, rest)),
        Part::Element { key, value, pattern } if !key.is_empty() => items().find_map(|item| {
            let text = item.get(key).and_then(Node::text)?;
            match pattern {
                Search::Regex(_) => None,
                _ if text == value => partly_matched(item, rest),
                _ => text.contains(value.as_str()).then(|| text.to_owned()),
            }
        }),
        Part::Element { .. } | Part::Unclear => None,
    }
}
