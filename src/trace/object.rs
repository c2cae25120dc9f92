//! One resource of a traced build.

use std::fmt;

use super::Trace;
use super::blame::Blame;
use super::change::{self, Change, changes};
use super::event::Event;
use super::path::{FieldPath, child, parse, parse_every, parse_within};
use crate::build::recorder::{Snapshot, Step};
use crate::build::{Build, StepKind};
use crate::diagnostics::hints::{EXPLAIN_NO_FIELD, EXPLAIN_SEVERAL_FIELDS};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::document::NodeView;
use crate::resource::Resource;
use crate::yaml::{self, Location, Mapping, Node};

/// A resource of the output or one that a step removed, with its history.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    trace: &'a Trace,
    serial: u32,
    snapshots: &'a [Snapshot],
    /// The last tree that there was.
    node: &'a Node,
}

impl<'a> Object<'a> {
    pub(super) fn new(trace: &'a Trace, serial: u32) -> Option<Object<'a>> {
        let snapshots = trace.recorder.objects.get((serial as usize).checked_sub(1)?)?;
        let node = snapshots.iter().rev().find_map(|snapshot| snapshot.node.as_ref())?;
        Some(Object { trace, serial, snapshots, node })
    }

    /// Returns the resource, unless a step removed it.
    pub fn resource(&self) -> Option<&'a Resource> {
        self.trace.resource(self.serial)
    }

    /// Returns the tree of the resource; the last one if it was removed.
    pub fn node(&self) -> NodeView {
        NodeView::of(self.node)
    }

    pub(super) fn build(&self) -> &'a Build {
        &self.trace.build
    }

    pub(super) fn tree(&self) -> &'a Node {
        self.node
    }

    /// Returns `kind`.
    pub fn kind(&self) -> &'a str {
        text_at(self.node, &["kind"])
    }

    /// Returns `metadata.name`.
    pub fn name(&self) -> &'a str {
        text_at(self.node, &["metadata", "name"])
    }

    /// Returns `metadata.namespace`, empty if missing.
    pub fn namespace(&self) -> &'a str {
        text_at(self.node, &["metadata", "namespace"])
    }

    /// Returns the names that the resource has had, the first one first.
    pub fn names(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> =
            self.trees().map(|node| text_at(node, &["metadata", "name"])).collect();
        names.dedup();
        names
    }

    /// Returns the paths of all values that are no maps or lists, and of empty ones, in order.
    pub fn fields(&self) -> Vec<FieldPath> {
        let mut all = Vec::new();
        changes(None, Some(self.node), &mut Location::new(), &mut all);
        all.iter().map(|change| FieldPath::at(self.node, &change.location)).collect()
    }

    /// Returns the field that a text such as `spec.replicas`, `spec.containers[name=app].image`,
    /// `spec.args[0]`, `/spec/args/0` or, as kubectl has it, `{.spec.replicas}` means. It may be one that
    /// a step removed.
    ///
    /// # Errors
    /// If there is and was no such field.
    pub fn field(&self, path: &str) -> Result<FieldPath> {
        let path = bare(path);
        let trees = self.snapshots.iter().rev().filter_map(|snapshot| snapshot.node.as_ref());
        let found = trees.filter_map(|tree| Some((tree, parse(tree, path).ok()?))).next();
        if let Some((tree, location)) = found {
            return Ok(FieldPath::at(tree, &location));
        }
        if let Some(path) = self.field_by_its_end(path)? {
            return Ok(path);
        }
        let (location, rest) = match parse(self.node, path) {
            Ok(location) => return Ok(FieldPath::at(self.node, &location)),
            Err(far) => far,
        };
        let parent = FieldPath::at(self.node, &location);
        let place = if parent.is_root() { self.to_string() } else { parent.to_string() };
        let rest = rest.trim_start_matches(['.', '/']);
        let error = Error::new(ErrorKind::Option, format!("no field `{rest}` in {place}"));
        let node = location.iter().try_fold(self.node, |node, &i| child(node, i as usize));
        Err(error.hint(EXPLAIN_NO_FIELD.with(inside(node, rest))))
    }

    /// Returns the fields that a path means in which `[*]` stands for every element of a list, such as
    /// `containers[*].image`; those of the newest state that has any.
    ///
    /// # Errors
    /// If there is and was no such field.
    pub fn fields_like(&self, path: &str) -> Result<Vec<FieldPath>> {
        let trees = self.snapshots.iter().rev().filter_map(|snapshot| snapshot.node.as_ref());
        let mut found = trees.map(|tree| (tree, parse_every(tree, bare(path))));
        match found.find(|(_, locations)| !locations.is_empty()) {
            Some((tree, found)) => Ok(found.iter().map(|at| FieldPath::at(tree, at)).collect()),
            // What is wrong with the path shows in that of the first element.
            None => self.field(&path.replace("[*]", "[0]")).map(|field| vec![field]),
        }
    }

    /// Returns the one field whose path ends as a text says, as `image`, `containers[*].image` or
    /// `containers[name=app].image`.
    ///
    /// # Errors
    /// If there are several.
    fn field_by_its_end(&self, text: &str) -> Result<Option<FieldPath>> {
        if !text.starts_with(|c: char| c.is_alphabetic()) {
            return Ok(None);
        }
        let keys: Vec<&str> = text.split('.').map(|key| key.trim_end_matches("[*]")).collect();
        let is_plain = !keys.iter().any(|key| key.is_empty() || key.contains(['[', '/']));
        let end = format!("/{}", keys.join("/"));
        let ends = |path: &FieldPath| is_plain && format!("/{}", path.spec_text()).ends_with(&end);
        let mut found: Vec<FieldPath> = self.fields().into_iter().filter(ends).collect();
        if found.is_empty() {
            let within = parse_within(self.node, text);
            found = within.iter().map(|location| FieldPath::at(self.node, location)).collect();
        }
        if found.len() < 2 {
            return Ok(found.pop());
        }
        let all: Vec<String> = found.iter().map(ToString::to_string).collect();
        let error = Error::new(ErrorKind::Option, format!("several fields of {self} are `{text}`"));
        Err(error.hint(EXPLAIN_SEVERAL_FIELDS.with(format!("name one of {}", all.join(", ")))))
    }

    /// Returns what each step did to the resource, field by field, in order.
    pub fn history(&self) -> Vec<Event> {
        self.history_of(&FieldPath::default())
    }

    /// Returns what each step did to a field and what is in it, in order; a field that moved in its
    /// list is followed.
    pub fn history_of(&self, field: &FieldPath) -> Vec<Event> {
        self.history_within(field, 0)
    }

    /// Returns the history of each of several fields; faster than one after the other.
    pub fn histories_of(&self, fields: &[FieldPath]) -> Vec<Vec<Event>> {
        let blame = Blame::new(self.trace, *self, 0);
        fields.iter().map(|field| self.history_with(&blame, field)).collect()
    }

    /// As [`history_of`](Self::history_of); `depth` is how many values this one was taken to follow.
    pub(super) fn history_within(&self, field: &FieldPath, depth: usize) -> Vec<Event> {
        self.history_with(&Blame::new(self.trace, *self, depth), field)
    }

    fn history_with(&self, blame: &Blame<'_>, field: &FieldPath) -> Vec<Event> {
        let (trees, locations) = self.follow(field);
        let mut events = Vec::new();
        let mut before: Option<(&Node, &Location)> = None;
        for ((snapshot, tree), location) in self.snapshots.iter().zip(trees).zip(&locations) {
            let after = tree.zip(location.as_ref());
            let mut found = Vec::new();
            let at = |(tree, location): (&'a Node, &Location)| {
                location.iter().try_fold(tree, |node, &i| child(node, i as usize))
            };
            let mut start = after.or(before).map(|(_, l)| l.clone()).unwrap_or_default();
            changes(before.and_then(at), after.and_then(at), &mut start, &mut found);
            let roots = (before.map(|(tree, _)| tree), tree);
            let step = snapshot.step;
            for change in &found {
                let Some(mut event) = self.event(blame, step, roots, change) else { continue };
                if event.location.is_none() {
                    // It was put together by an earlier step, and only respelled.
                    let same =
                        events.iter().rev().find(|earlier: &&Event| earlier.path == event.path);
                    event.location = same.and_then(|earlier| earlier.location.clone());
                }
                events.push(event);
            }
            before = after;
        }
        events
    }

    /// Returns the tree after each step, and where the field is in it.
    fn follow(&self, field: &FieldPath) -> (Vec<Option<&'a Node>>, Vec<Option<Location>>) {
        let trees: Vec<Option<&Node>> = self.snapshots.iter().map(|s| s.node.as_ref()).collect();
        let mut locations: Vec<Option<Location>> = vec![None; trees.len()];
        let mut newer: Option<(&Node, Location)> = None;
        for (tree, found) in trees.iter().zip(&mut locations).rev() {
            let Some(tree) = *tree else { continue };
            let location = match &newer {
                None => field.locate(tree),
                Some((newer, location)) => change::trace_back(tree, newer, location),
            };
            found.clone_from(&location);
            if let Some(location) = location {
                newer = Some((tree, location));
            }
        }
        (trees, locations)
    }

    /// Makes the event of a change; `roots` are the whole trees before and after.
    fn event(
        &self,
        blame: &Blame<'_>,
        number: usize,
        roots: (Option<&Node>, Option<&Node>),
        change: &Change,
    ) -> Option<Event> {
        let root = if change.after.is_some() { roots.1 } else { roots.0.or(roots.1) };
        let path = FieldPath::at(root?, &change.location);
        // The build makes empty maps of annotations, and takes them away again.
        let is_empty = |node: &Node| node.as_map().is_some_and(Mapping::is_empty);
        let mut values = change.before.iter().chain(&change.after);
        if path.is(&["metadata", "annotations"]) && values.all(is_empty) {
            return None;
        }
        // A generator that merges makes `kind` and the like anew; of these, it decides `type`.
        let step = self.trace.recorder.steps.get(number)?;
        if let (Some(before), Some(after)) = (&change.before, &change.after)
            && before.text() == after.text()
            && step.kind == StepKind::Generator
            && step.pos == after.pos()
            && !path.is(&["type"])
        {
            return None;
        }
        blame.event(number, path, change, roots.1)
    }

    /// Returns `true` if this is or was a Secret.
    pub fn is_secret(&self) -> bool {
        self.trees().any(|tree| text_at(tree, &["kind"]) == "Secret")
    }

    /// Returns the value of a field, unless a step removed it.
    pub fn value(&self, field: &FieldPath) -> Option<NodeView> {
        let node = &self.resource()?.node;
        let location = field.locate(node)?;
        let value = location.iter().try_fold(node, |node, &i| child(node, i as usize))?;
        Some(NodeView::of(value))
    }

    /// Returns the trees in order.
    pub(super) fn trees(&self) -> impl DoubleEndedIterator<Item = &'a Node> + use<'a> {
        self.snapshots.iter().filter_map(|snapshot| snapshot.node.as_ref())
    }

    /// Returns the last step of a kind that changed the resource.
    pub(super) fn last_step(&self, kind: StepKind) -> Option<&'a Step> {
        let steps = self.snapshots.iter().rev();
        steps.filter_map(|s| self.trace.recorder.steps.get(s.step)).find(|step| step.kind == kind)
    }
}

/// Writes `Kind/name`.
impl fmt::Display for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind(), self.name())
    }
}

/// Returns a sentence on what is in a node, and what may have been meant by `missing`.
fn inside(node: Option<&Node>, missing: &str) -> String {
    match node {
        Some(Node::Map { map, .. }) => {
            let keys: Vec<&str> = map.iter().filter_map(|entry| entry.key.text()).collect();
            let end = missing.find(['.', '[', '/']).unwrap_or(missing.len());
            match yaml::nearest(keys.iter().copied(), &missing[..end]) {
                Some(near) if near != &missing[..end] => format!("did you mean `{near}`?"),
                _ => format!("it has {}", keys.join(", ")),
            }
        }
        Some(Node::Seq { items, .. }) => match super::path::name_of(items) {
            Some(name) => {
                let names = items.iter().filter_map(|item| super::path::text_of(item, name));
                let names: Vec<String> = names.map(|text| format!("[{name}={text}]")).collect();
                format!("it has {}", names.join(", "))
            }
            None => format!("it has {} elements, which count from [0]", items.len()),
        },
        _ => "it is a single value".to_owned(),
    }
}

/// Returns a path without what kubectl writes around it.
fn bare(path: &str) -> &str {
    let path = path.trim();
    let bare = path.strip_prefix('{').and_then(|path| path.strip_suffix('}')).unwrap_or(path);
    bare.strip_prefix("$.").unwrap_or(bare)
}

fn text_at<'a>(node: &'a Node, path: &[&str]) -> &'a str {
    node.get_path(path).and_then(Node::text).unwrap_or_default()
}
