//! Builds the tree of a document from its events: aliases become copies, merge keys are applied.

use std::borrow::Cow;

use ecow::{EcoString, EcoVec};
use rustc_hash::FxHashMap;

use super::error::{Fault, Scan};
use super::event::{Event, EventKind};
use super::merge::{self, MergeValue};
use super::options::{Limits, Merges};
use super::parser::Parser;
use super::token::Mark;

use crate::limits::Limit;
use crate::yaml::{Mapping, Marks, Node, Pos, Tag};

/// How much deeper a tree may be than its limit says: a mapping and an indented sequence count as one
/// level of block indentation, and flow and block levels are counted apart.
const DEPTH_FACTOR: usize = 4;

/// A document, and what is wrong with its aliases and merge keys.
///
/// Upstream follows them after it has read everything, so syntax errors come first.
pub(super) struct Document {
    pub(super) root: Node,
    pub(super) late_error: Option<Box<Fault>>,
    /// How many nodes its aliases stand for.
    pub(super) copied: usize,
}

/// Reads the first document that `parser` finds.
pub(super) fn compose(
    parser: &mut Parser<'_>,
    at: Pos,
    merges: Merges,
    limits: &Limits,
) -> Scan<Option<Document>> {
    if !parser.has_document()? {
        return Ok(None);
    }
    let mut composer = Composer {
        at,
        merges,
        limits,
        open: Vec::new(),
        anchors: FxHashMap::default(),
        copied: 0,
        root: Built::default(),
        late_error: None,
    };
    loop {
        let event = parser.next()?;
        if matches!(event.kind, EventKind::DocumentEnd) {
            break;
        }
        composer.accept(event)?;
    }
    let late_error = composer.late_error.map(|(_, fault)| fault);
    Ok(Some(Document { root: composer.root.node, late_error, copied: composer.copied }))
}

struct Composer<'t, 'l> {
    at: Pos,
    merges: Merges,
    limits: &'l Limits,
    open: Vec<Frame<'t>>,
    anchors: FxHashMap<&'t str, Anchored>,
    /// How many nodes the aliases added.
    copied: usize,
    root: Built,
    /// The error of the mapping that starts first, by its offset.
    late_error: Option<(usize, Box<Fault>)>,
}

/// A collection that is not complete.
struct Frame<'t> {
    content: Content,
    flow: bool,
    start: Mark,
    anchor: Option<&'t str>,
    /// The greatest height of the children so far.
    height: usize,
    /// The number of nodes in the children so far.
    size: usize,
}

enum Content {
    Sequence {
        items: EcoVec<Node>,
        /// The positions of the items that were aliases.
        aliases: Vec<usize>,
    },
    Mapping {
        map: Mapping,
        key: Option<Node>,
        merges: Vec<MergeValue>,
    },
}

/// A complete node.
#[derive(Clone, Default)]
struct Built {
    node: Node,
    height: usize,
    size: usize,
    is_alias: bool,
}

enum Anchored {
    /// The collection that starts at this offset and is not complete.
    Open(usize),
    Done(Built),
}

impl<'t> Composer<'t, '_> {
    fn accept(&mut self, event: Event<'t>) -> Scan<()> {
        let Event { kind, anchor, tag_name, start, .. } = event;
        match kind {
            EventKind::DocumentEnd => Ok(()),
            EventKind::Alias(name) => self.alias(name, start),
            EventKind::Scalar { text, style, tag } => {
                let text = match text {
                    Cow::Borrowed(text) => EcoString::from(text),
                    Cow::Owned(text) => EcoString::from(text),
                };
                let tag = match tag_name.as_deref() {
                    // Odd: in YAML 1.1 it makes a string (case kustomization/non-specific-tag).
                    Some(b"!") if self.merges == Merges::Plain => Tag::Str,
                    _ => tag,
                };
                let tagged = tag_name.as_deref().is_some_and(|name| name != b"!");
                let pos = self.at.offset(start.offset);
                let marks = if tagged { Marks::TAGGED } else { Marks::NONE };
                let node = Node::Scalar { style, tag, marks, pos, text };
                let built = Built { node, height: 1, size: 1, is_alias: false };
                if let Some(name) = anchor {
                    self.anchors.insert(name, Anchored::Done(built.clone()));
                }
                self.attach(built, Vec::new());
                Ok(())
            }
            EventKind::SequenceStart { flow } => {
                let content = Content::Sequence { items: EcoVec::new(), aliases: Vec::new() };
                self.open(content, flow, start, anchor)
            }
            EventKind::MappingStart { flow } => {
                let (map, merges) = (Mapping::new(), Vec::new());
                self.open(Content::Mapping { map, key: None, merges }, flow, start, anchor)
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => {
                self.close();
                Ok(())
            }
        }
    }

    fn alias(&mut self, name: &'t str, start: Mark) -> Scan<()> {
        let built = match self.anchors.get(name) {
            Some(Anchored::Done(built)) => built,
            Some(Anchored::Open(start)) if self.merges_into(*start) => {
                // Odd: to merge a mapping with itself is allowed (case yaml/merge-with-itself).
                let node = Node::map(Mapping::new());
                self.attach(Built { node, is_alias: true, ..Built::default() }, Vec::new());
                return Ok(());
            }
            Some(Anchored::Open(_)) => {
                // Upstream notices only when it has read everything.
                let message = format!("anchor '{name}' value contains itself");
                self.late_error.get_or_insert_with(|| (0, Fault::compose(start, message)));
                self.attach(Built::default(), Vec::new());
                return Ok(());
            }
            None => {
                let message = format!("unknown anchor '{name}' referenced");
                return Err(Fault::compose(start, message));
            }
        };
        if self.merges == Merges::Values && self.is_value_of_maps() {
            let node = Node::unresolved_alias(self.at.offset(start.offset));
            self.attach(Built { node, height: 1, size: 1, is_alias: false }, Vec::new());
            return Ok(());
        }
        self.copied = self.copied.saturating_add(built.size);
        if self.copied > self.limits.nodes {
            let message = format!("aliases stand for more than {} nodes", self.limits.nodes);
            return Err(Fault::compose(start, message).of_limit(Limit::Nodes));
        }
        self.check_depth(built.height, start)?;
        let built = Built { is_alias: true, ..built.clone() };
        self.attach(built, Vec::new());
        Ok(())
    }

    /// Returns `true` if the innermost collection starts at `start` and waits for the value of a merge key.
    fn merges_into(&self, start: usize) -> bool {
        self.open.last().is_some_and(|frame| match &frame.content {
            Content::Mapping { key: Some(key), .. } => {
                frame.start.offset == start && merge::is_merge_key(key)
            }
            _ => false,
        })
    }

    /// Returns `true` if what comes next is a value of a map, and no list is around it.
    fn is_value_of_maps(&self) -> bool {
        let is_map = |frame: &Frame<'_>| matches!(frame.content, Content::Mapping { .. });
        let is_value =
            |frame: &Frame<'_>| matches!(frame.content, Content::Mapping { key: Some(_), .. });
        self.open.last().is_some_and(is_value) && self.open.iter().all(is_map)
    }

    fn check_depth(&self, height: usize, start: Mark) -> Scan<()> {
        let max = self.limits.depth.saturating_mul(DEPTH_FACTOR);
        if self.open.len().saturating_add(height) <= max {
            return Ok(());
        }
        let message = format!("exceeded max depth of {max}");
        Err(Fault::compose(start, message).of_limit(Limit::Nesting))
    }

    fn open(
        &mut self,
        content: Content,
        flow: bool,
        start: Mark,
        anchor: Option<&'t str>,
    ) -> Scan<()> {
        self.check_depth(1, start)?;
        if let Some(name) = anchor {
            self.anchors.insert(name, Anchored::Open(start.offset));
        }
        self.open.push(Frame { content, flow, start, anchor, height: 0, size: 0 });
        Ok(())
    }

    fn close(&mut self) {
        let Some(frame) = self.open.pop() else { return };
        let Frame { content, flow, start, anchor, height, size } = frame;
        let pos = self.at.offset(start.offset);
        let (node, aliases) = match content {
            Content::Sequence { items, aliases } => (Node::Seq { flow, pos, items }, aliases),
            Content::Mapping { map, merges, .. } => {
                let map = merge::apply(map, &merges, self.merges).unwrap_or_else(|message| {
                    let is_first = self.late_error.as_ref().is_none_or(|(o, _)| start.offset < *o);
                    if is_first {
                        let fault = match self.merges {
                            Merges::Resource | Merges::Values => Fault::merge(start, message),
                            Merges::Plain => Fault::compose(start, message),
                        };
                        self.late_error = Some((start.offset, fault));
                    }
                    Mapping::new()
                });
                (Node::Map { flow, pos, map }, Vec::new())
            }
        };
        let built = Built { node, height: height + 1, size: size + 1, is_alias: false };
        if let Some(name) = anchor
            // It may have been defined anew inside.
            && matches!(self.anchors.get(name), Some(Anchored::Open(o)) if *o == start.offset)
        {
            self.anchors.insert(name, Anchored::Done(built.clone()));
        }
        self.attach(built, aliases);
    }

    /// Puts a complete node into the innermost open collection.
    fn attach(&mut self, built: Built, aliases: Vec<usize>) {
        let Some(frame) = self.open.last_mut() else {
            self.root = built;
            return;
        };
        frame.height = frame.height.max(built.height);
        frame.size = frame.size.saturating_add(built.size);
        match &mut frame.content {
            Content::Sequence { items, aliases } => {
                if built.is_alias {
                    aliases.push(items.len());
                }
                items.push(built.node);
            }
            Content::Mapping { key: key @ None, .. } => *key = Some(built.node),
            Content::Mapping { map, key, merges } => {
                let key = key.take().unwrap_or_default();
                if merge::is_merge_key(&key) && !built.node.is_unresolved_alias() {
                    let entry = map.len();
                    merges.push(MergeValue { entry, is_alias: built.is_alias, aliases });
                }
                map.push(key, built.node);
            }
        }
    }
}
