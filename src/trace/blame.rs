//! Which text made a step do what it did.
//!
//! A value that was read from a file still has its place there. One that a transformer put together
//! has not; then the entry of the kustomization that asked for the step, and the patches that it names,
//! are read again and searched for the scalar that explains the new text.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::Trace;
use super::change::{Change, is_place};
use super::event::Event;
use super::object::Object;
use super::path::{FieldPath, child, parse};
use crate::build::StepKind;
use crate::build::layer::Layer;
use crate::build::recorder::Step;
use crate::document::NodeView;
use crate::resource::annotations::{LOCAL_CONFIG, ORIGIN, TRANSFORMATIONS};
use crate::yaml::{self, Node, Pos};

/// Finds causes for the changes of one object.
pub(super) struct Blame<'a> {
    pub(super) trace: &'a Trace,
    object: Object<'a>,
    /// How many values were followed to get here.
    pub(super) depth: usize,
    names: OnceCell<Vec<&'a str>>,
    /// The trees to search, by layer, field and position.
    roots: RefCell<FxHashMap<(usize, String, Pos), Rc<Roots>>>,
}

/// What a step was made from.
#[derive(Default)]
pub(super) struct Roots {
    /// The field of the kustomization, or the config.
    pub(super) field: Option<Node>,
    /// The patches that it names or holds.
    pub(super) patches: Vec<Node>,
}

/// What made a step do something.
#[derive(Default)]
struct Cause {
    pos: Pos,
    layer: Option<usize>,
    entry: Option<String>,
}

/// Values that follow others are followed so far.
const FARTHEST: usize = 3;

/// How well a scalar explains a change, and how much of it.
type Rank = (u8, usize);

impl<'a> Blame<'a> {
    pub(super) fn new(trace: &'a Trace, object: Object<'a>, depth: usize) -> Blame<'a> {
        Blame { trace, object, depth, names: OnceCell::new(), roots: RefCell::default() }
    }

    /// Returns the event of a change; `tree` is the whole resource after it.
    pub(super) fn event(
        &self,
        number: usize,
        path: FieldPath,
        change: &Change,
        tree: Option<&Node>,
    ) -> Option<Event> {
        let step = self.trace.recorder.steps.get(number)?;
        let mut event = Event {
            number,
            step: step.kind,
            kustomization: None,
            entry: None,
            config: step
                .config
                .as_ref()
                .and_then(|config| config.get("kind")?.text())
                .map(str::to_owned),
            path,
            before: change.before.as_ref().map(NodeView::of),
            after: change.after.as_ref().map(NodeView::of),
            location: None,
            follows: None,
        };
        let followed = match step.kind {
            _ if self.depth >= FARTHEST => false,
            StepKind::NameReference => self.follow_name(&mut event, change, tree),
            StepKind::Transformer => self.follow_source(step, &mut event),
            _ => false,
        };
        if followed {
            return Some(event);
        }
        let cause = match step.kind {
            StepKind::Resource | StepKind::Generator | StepKind::Transformer => {
                self.cause(step, &event.path, change)
            }
            StepKind::Hash => self.cause_of_hash(),
            StepKind::Vars => self.cause_of_var(change),
            StepKind::LocalConfig => self.cause_of_removal(),
            StepKind::Finish => self.cause_of_note(&event.path),
            StepKind::NameReference => Cause::default(),
        };
        // What was only respelled, or has no better place, is where it was read.
        let values = change.after.iter().chain(&change.before).map(Node::pos);
        let pos = std::iter::once(cause.pos).chain(values).find(|pos| is_place(*pos));
        event.location = pos.and_then(|pos| self.trace.locate(pos));
        let layer = cause.layer.and_then(|layer| self.layer(layer));
        event.kustomization = layer.map(|layer| self.trace.path(&layer.file));
        event.entry = cause.entry;
        Some(event)
    }

    pub(super) fn layer(&self, number: usize) -> Option<&'a Layer> {
        self.trace.recorder.layers.get(number)
    }

    /// Returns the cause of a change by a step that an entry of a kustomization asks for.
    fn cause(&self, step: &Step, path: &FieldPath, change: &Change) -> Cause {
        let mut cause =
            Cause { pos: step.pos, layer: Some(step.layer), entry: Some(step.field.clone()) };
        let old = change.before.as_ref().map_or(Pos::NONE, Node::pos);
        let new = change.after.as_ref().map_or(Pos::NONE, Node::pos);
        let is_own = is_place(new) && new != old;
        // What the step put together itself has the position of its entry.
        if is_own && new != step.pos {
            cause.pos = new;
            return cause;
        }
        if is_of_program(step) {
            return cause;
        }
        let generated = || self.generated(step, path).filter(|_| change.after.is_some());
        if let Some((pos, entry)) = self.image_entry(step, change).or_else(generated) {
            cause.pos = pos;
            cause.entry = Some(entry);
        } else if let Some((pos, inner)) = self.search(step, path, change) {
            cause.pos = pos;
            if let (Some(inner), None) = (inner, &step.config) {
                cause.entry = Some(format!("{}{inner}", step.field));
            }
        } else if is_own {
            cause.pos = new;
        } else if !cause.pos.is_some()
            && let Some(layer) = self.layer(step.layer)
        {
            cause.pos = layer.field_pos(&self.trace.files, &step.field);
        }
        cause
    }

    /// Finds the scalar that explains a change best; returns its position, and its path below the
    /// field of the kustomization if it is in there.
    fn search(
        &self,
        step: &Step,
        path: &FieldPath,
        change: &Change,
    ) -> Option<(Pos, Option<String>)> {
        let roots = self.roots(step);
        let mut best: Option<(Rank, Pos, Option<String>)> = None;
        for (i, root) in roots.field.iter().chain(&roots.patches).enumerate() {
            let whole = i == 0 && root.text().is_some();
            let mut inner = String::new();
            let root = match self.narrow(root).filter(|_| step.config.is_none()) {
                Some((i, item)) => {
                    inner = format!("[{i}]");
                    item
                }
                None => root,
            };
            each_scalar(root, None, &mut inner, &mut |key, node, inner| {
                let rank = if whole { Some((9, 0)) } else { rank(step, path, change, key, node) };
                let better = best.as_ref().is_none_or(|(known, ..)| rank > Some(*known));
                if let Some(rank) = rank.filter(|_| better && node.pos().is_some()) {
                    best = Some((rank, node.pos(), (i == 0).then(|| inner.to_owned())));
                }
            });
        }
        best.map(|(_, pos, inner)| (pos, inner))
    }

    /// Returns the one entry of `replicas` that is for this object.
    fn narrow<'n>(&self, root: &'n Node) -> Option<(usize, &'n Node)> {
        root.as_seq()?.iter().enumerate().rev().find(|(_, item)| {
            let name = item.get("name").and_then(Node::text);
            item.get("count").is_some() && name.is_some_and(|name| self.names().contains(&name))
        })
    }

    /// Returns the names that the object has had.
    fn names(&self) -> &[&'a str] {
        self.names.get_or_init(|| self.object.names())
    }

    pub(super) fn roots(&self, step: &Step) -> Rc<Roots> {
        let key = (step.layer, step.field.clone(), step.pos);
        if let Some(known) = self.roots.borrow().get(&key) {
            return Rc::clone(known);
        }
        let roots = Rc::new(self.read_roots(step));
        self.roots.borrow_mut().insert(key, Rc::clone(&roots));
        roots
    }

    /// Returns what a step was configured from.
    pub(super) fn configuration(&self, step: &Step) -> Option<Node> {
        step.config.clone().or_else(|| {
            let documents = self.trace.files.documents(&self.layer(step.layer)?.file).ok()?;
            // The old name of the field.
            let field = step.field.replace("images", "imageTags");
            let found = |path| field_at(documents.first()?, path);
            found(&step.field).or_else(|| found(&field))
        })
    }

    fn read_roots(&self, step: &Step) -> Roots {
        let files = &self.trace.files;
        let Some(layer) = self.layer(step.layer) else { return Roots::default() };
        let field = self.configuration(step);
        let mut patches = Vec::new();
        if let Some(field) = &field {
            each_scalar(field, Some(&step.field), &mut String::new(), &mut |key, node, _| {
                let text = node.text().unwrap_or_default();
                let (is_path, is_text) = match key.split('[').next().unwrap_or_default() {
                    "path" | "paths" => (true, false),
                    "patch" | "patches" | "jsonOp" => (false, true),
                    "patchesStrategicMerge" => (true, true),
                    _ => return,
                };
                let file = layer.loader.file(files, text).ok().filter(|_| is_path);
                if let Some(read) = file.and_then(|file| files.documents(&file).ok()) {
                    patches.extend(read);
                } else if is_text {
                    let pos = files.inline(node.pos(), 0, text);
                    let read = yaml::read_stream(text.as_bytes(), pos, &files.limits());
                    patches.extend(read.unwrap_or_default());
                }
            });
        }
        Roots { field, patches }
    }

    /// The hash is wanted by the generator that made the object, or by an annotation in its file.
    fn cause_of_hash(&self) -> Cause {
        match self.object.last_step(StepKind::Generator) {
            Some(step) => {
                Cause { pos: step.pos, layer: Some(step.layer), entry: Some(step.field.clone()) }
            }
            None => Cause {
                pos: self.object.trees().next().map_or(Pos::NONE, Node::pos),
                ..Cause::default()
            },
        }
    }

    fn cause_of_var(&self, change: &Change) -> Cause {
        let text = change.before.as_ref().and_then(Node::text).unwrap_or_default();
        for (number, layer) in self.trace.recorder.layers.iter().enumerate() {
            for (i, var) in layer.kustomization.vars.iter().enumerate() {
                if text.contains(&format!("$({})", var.name)) {
                    return Cause {
                        pos: var.pos,
                        layer: Some(number),
                        entry: Some(format!("vars[{i}]")),
                    };
                }
            }
        }
        Cause::default()
    }

    fn cause_of_removal(&self) -> Cause {
        let note = self.object.tree().get_path(&["metadata", "annotations", LOCAL_CONFIG]);
        Cause { pos: note.map_or(Pos::NONE, Node::pos), ..Cause::default() }
    }

    /// The notes of the build are asked for by `buildMetadata`, or by an option.
    fn cause_of_note(&self, path: &FieldPath) -> Cause {
        let wanted = match path.last_key() {
            Some(ORIGIN) => "originAnnotations",
            Some(TRANSFORMATIONS) => "transformerAnnotations",
            Some("app.kubernetes.io/managed-by") => "managedByLabel",
            _ => return Cause::default(),
        };
        let entries = self.layer(0).map(|layer| layer.kustomization.build_metadata.iter());
        let found = entries.and_then(|mut all| all.find(|entry| entry.value == wanted));
        found.map_or_else(Cause::default, |entry| Cause {
            pos: entry.pos,
            layer: Some(0),
            entry: Some("buildMetadata".to_owned()),
        })
    }
}

/// Returns `true` for a step of helm or a function: nobody knows what such a program made a value of, and the same text
/// among its values or in its config may have nothing to do with it.
fn is_of_program(step: &Step) -> bool {
    let is_builtin =
        |config: &Node| config.get("apiVersion").and_then(Node::text) == Some("builtin");
    match &step.config {
        Some(config) => !is_builtin(config),
        None => step.kind == StepKind::Generator && step.field.starts_with("helmChart"),
    }
}

/// Tells how well a scalar with this key explains a change.
fn rank(step: &Step, path: &FieldPath, change: &Change, key: &str, node: &Node) -> Option<Rank> {
    let text = node.text().filter(|text| !text.is_empty())?;
    let last = path.last_key().unwrap_or_default();
    let Some(after) = change.after.as_ref() else {
        // Patches remove by null, by a directive, or by an operation.
        let pointer = path.pointer();
        let above = |text: &str| {
            pointer.strip_prefix(text).is_some_and(|r| r.is_empty() || r.starts_with('/'))
        };
        return match text {
            _ if node.is_null() && path.has_key(key) => Some((3, usize::from(key == last))),
            _ if key == "path" && text.starts_with('/') && above(text) => Some((3, text.len())),
            "delete" if key == "$patch" => Some((2, 0)),
            _ => None,
        };
    };
    let after = after.text()?;
    let before = change.before.as_ref().and_then(Node::text).unwrap_or_default();
    // What an image is found by is not what it becomes.
    if step.field.starts_with("image") && key == "name" {
        return None;
    }
    if text == after {
        return Some((if key == last { 5 } else { 4 }, text.len()));
    }
    if text.strip_suffix(after).and_then(|start| start.strip_suffix('=')) == Some(last) {
        return Some((4, text.len()));
    }
    let is_part = after.contains(text) && !before.contains(text);
    // Where name and tag of an image change, the tag is what people look for.
    let is_tag = step.field.starts_with("image") && matches!(key, "newTag" | "digest");
    is_part.then_some((if is_tag { 3 } else { 2 }, text.len()))
}

/// Calls `visit` with the key, value and path of every scalar; elements of lists have the key of the
/// list.
fn each_scalar<'n>(
    node: &'n Node,
    key: Option<&'n str>,
    path: &mut String,
    visit: &mut dyn FnMut(&str, &Node, &str),
) {
    let length = path.len();
    match node {
        Node::Scalar { .. } => visit(key.unwrap_or_default(), node, path),
        Node::Map { map, .. } => {
            for entry in map {
                let name = entry.key.text().unwrap_or_default();
                push_key(path, name);
                each_scalar(&entry.value, Some(name), path, visit);
                path.truncate(length);
            }
        }
        Node::Seq { items, .. } => {
            for (i, item) in items.iter().enumerate() {
                path.push_str(&format!("[{i}]"));
                each_scalar(item, key, path, visit);
                path.truncate(length);
            }
        }
    }
}

/// Appends a key to a path in a kustomization.
pub(super) fn push_key(path: &mut String, key: &str) {
    if key.contains(['.', '/']) {
        path.extend(["[", key, "]"]);
    } else {
        path.extend([".", key]);
    }
}

/// Returns a field of a kustomization; case does not matter in its name.
pub(super) fn field_at(document: &Node, field: &str) -> Option<Node> {
    let (name, rest) = field.split_at(field.find('[').unwrap_or(field.len()));
    let mut entries = document.as_map()?.iter();
    let is_it = |key: &str| key.eq_ignore_ascii_case(name);
    let value = &entries.find(|entry| entry.key.text().is_some_and(is_it))?.value;
    let location = parse(value, rest).ok()?;
    location.iter().try_fold(value, |node, &i| child(node, i as usize)).cloned()
}
