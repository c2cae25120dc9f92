//! A resource while operations run on it: converted as far as they look into it.
//!
//! What no operation has looked into goes to JSON and back in one go at the end.

use std::cell::Cell;
use std::collections::VecDeque;
use std::mem;

use ecow::{EcoString, EcoVec};

use super::json_form::{self, Way};
use super::members::{Member, Members};
use super::pointer::{Pointer, atoi, existing, within};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::limits::{Account, Limit};
use crate::yaml::{Entry, Limits, Node, Pos, measure};

/// What is found in a value, or what is wrong with the key.
type Found<T> = std::result::Result<T, String>;

/// A resource, and what the operations may yet do to it.
pub(super) struct Document<'a> {
    pub(super) root: Value,
    /// What the operations have taken out. It is converted as well, for a value that JSON does not have is
    /// an error wherever it was.
    dropped: Vec<Value>,
    /// Says how deep the operations may make it, and how many nodes they may add or move: copies of
    /// copies grow fast.
    account: &'a Account,
}

/// A value of a document.
#[derive(Debug)]
pub(super) enum Value {
    /// A part of the resource that no operation has looked into.
    Unread {
        node: Node,
        /// Whether it is the resource itself.
        top: bool,
        /// Whether it stands in a collection in flow style.
        in_flow: bool,
    },
    /// A part of the resource that has been converted before, and would come back the same.
    Settled(Node),
    /// A value in JSON form.
    Json(Node),
    /// A map that an operation has looked into, sorted by the bytes of its keys.
    Map { pos: Pos, members: Members },
    /// A list that an operation has looked into.
    List { pos: Pos, items: VecDeque<Value> },
}

/// The way back into a tree.
struct Back<'a> {
    account: &'a Account,
    /// Whether all that comes back would do so once more, if that is asked.
    is_settled: Option<Cell<bool>>,
}

impl Document<'_> {
    /// Returns the document of a resource; what is still as in `settled` need not be converted.
    ///
    /// # Errors
    /// If the resource has a key that JSON does not have.
    pub(super) fn new<'a>(
        resource: &Node,
        settled: Option<&Node>,
        account: &'a Account,
    ) -> Result<Document<'a>> {
        let mut root = Value::Unread { node: resource.clone(), top: true, in_flow: false };
        if let Some(settled) = settled {
            root.open()?;
            let mut settled = settled.as_map().into_iter().flatten().peekable();
            // Both are sorted.
            for (name, member) in root.looked_into_mut().into_iter().flatten() {
                let name = Some(name.as_str());
                while settled.next_if(|entry| entry.key.text() < name).is_some() {}
                let entry = settled.next_if(|entry| entry.key.text() == name);
                member.value.settle(entry.map(|entry| &entry.value));
            }
        }
        Ok(Document { root, dropped: Vec::new(), account })
    }

    /// Counts what comes to stand below `pointer`.
    ///
    /// # Errors
    /// If there is no room for it.
    pub(super) fn count(&mut self, value: &Node, pointer: &Pointer) -> Result<()> {
        let room = Limits::of(self.account);
        let Some((nodes, depth)) = measure(value, room.nodes) else {
            return too_much("large", Limit::Nodes);
        };
        if depth.saturating_add(pointer.len()) > room.depth {
            return too_much("deep", Limit::Nesting);
        }
        Ok(self.account.charge(Limit::Nodes, nodes as u64)?)
    }

    /// Takes note of a value, if there is one, that is not in the document any more.
    pub(super) fn drop(&mut self, value: Option<Value>) {
        self.dropped
            .extend(value.filter(|value| !matches!(value, Value::Json(_) | Value::Settled(_))));
    }

    /// Returns the parent of what a pointer names, if there is one and it is a map or list.
    ///
    /// # Errors
    /// If a map on the way has a key that JSON does not have.
    pub(super) fn parent(&mut self, pointer: &Pointer) -> Result<Option<&mut Value>> {
        let Some(way) = pointer.way() else { return Ok(None) };
        let mut value = &mut self.root;
        for token in way {
            value.open()?;
            let next = match value {
                Value::Map { members, .. } => members.get_mut(token.as_str()).map(|m| &mut m.value),
                Value::List { items, .. } => {
                    existing(token, items.len()).ok().and_then(|i| items.get_mut(i))
                }
                _ => None,
            };
            match next {
                Some(next) => value = next,
                None => return Ok(None),
            }
        }
        value.open()?;
        Ok(matches!(value, Value::Map { .. } | Value::List { .. }).then_some(value))
    }

    /// Returns the resource as it comes back from JSON, and whether, if `settles` asks, it would come back the
    /// same once more.
    ///
    /// # Errors
    /// If it is no map any more, or had or has a value that cannot be converted.
    pub(super) fn finish(self, settles: bool) -> Result<(Node, bool)> {
        for value in self.dropped {
            value.into_json()?;
        }
        let mut root = self.root;
        root.open()?;
        if !matches!(root, Value::Map { .. }) {
            return Err(json_form::unfit(&root.into_json()?, "map[string]interface {}"));
        }
        let back = Back { account: self.account, is_settled: settles.then(|| Cell::new(true)) };
        let tree = root.into_tree(Some(&back))?;
        Ok((tree, back.is_settled.is_some_and(Cell::into_inner)))
    }
}

fn too_much(what: &str, limit: Limit) -> Result<()> {
    let message =
        format!("the JSON patch makes the resource too {what} (limit `{}`)", limit.as_str());
    Err(Error::new(ErrorKind::Limit, message).of_limit(limit))
}

impl Back<'_> {
    /// Takes note of what has come back.
    fn note(&self, is_settled: impl FnOnce() -> bool) {
        if let Some(all) = self.is_settled.as_ref().filter(|all| all.get()) {
            all.set(is_settled());
        }
    }
}

impl Value {
    /// Takes note that a part is still as it came back before, if it is.
    fn settle(&mut self, settled: Option<&Node>) {
        if let Value::Unread { node, .. } = self
            && settled.is_some_and(|settled| settled.is_identical(node))
        {
            *self = Value::Settled(mem::take(node));
        }
    }

    /// Returns the members of an open map that have been looked into.
    fn looked_into_mut(&mut self) -> Option<impl Iterator<Item = (&EcoString, &mut Member)>> {
        match self {
            Value::Map { members, .. } => Some(members.looked_into_mut()),
            _ => None,
        }
    }

    /// Makes a collection one whose members can be changed; what is inside stays as it is.
    fn open(&mut self) -> Result<()> {
        *self = match mem::replace(self, Value::Json(Node::default())) {
            Value::Unread { node: Node::Map { map, flow, pos }, top, in_flow } => {
                let in_flow = in_flow || flow;
                let member = |Entry { key, value }: &Entry| {
                    let name = json_form::name_of(key, top, in_flow)?;
                    let value = Value::Unread { node: value.clone(), top: false, in_flow };
                    Ok((name, Member { pos: key.pos(), settled_key: None, value }))
                };
                let members = map.iter().map(member).collect::<Result<Members>>()?;
                if members.looked_into() < map.len() {
                    // Which of two counts is known where whole trees are converted.
                    let node = Node::Map { map, flow, pos };
                    *self = Value::Json(json_form::convert(&node, Way::In, top, in_flow)?);
                    return self.open();
                }
                Value::Map { pos, members }
            }
            Value::Unread { node: Node::Seq { items, flow, pos }, in_flow, .. } => {
                let unread = |node| Value::Unread { node, top: false, in_flow: in_flow || flow };
                Value::List { pos, items: items.into_iter().map(unread).collect() }
            }
            Value::Settled(Node::Map { map, pos, .. }) => {
                Value::Map { pos, members: Members::settled(map) }
            }
            Value::Settled(Node::Seq { items, pos, .. }) => {
                Value::List { pos, items: items.into_iter().map(Value::Settled).collect() }
            }
            Value::Json(Node::Map { map, pos, .. }) => {
                let member = |Entry { key, value }: Entry| {
                    let value = Value::Json(value);
                    let member = Member { pos: key.pos(), settled_key: None, value };
                    (key.text().unwrap_or_default().into(), member)
                };
                Value::Map { pos, members: map.into_iter().map(member).collect() }
            }
            Value::Json(Node::Seq { items, pos, .. }) => {
                Value::List { pos, items: items.into_iter().map(Value::Json).collect() }
            }
            other => other,
        };
        Ok(())
    }

    /// Converts all of this and returns its JSON form, which shares everything with this.
    ///
    /// # Errors
    /// If it has a value or key that JSON does not have.
    pub(super) fn json(&mut self) -> Result<Node> {
        let node = mem::replace(self, Value::Json(Node::default())).into_json()?;
        *self = Value::Json(node.clone());
        Ok(node)
    }

    /// Returns the JSON form.
    ///
    /// # Errors
    /// As [`json`](Self::json).
    pub(super) fn into_json(self) -> Result<Node> {
        self.into_tree(None)
    }

    /// Returns the JSON form, or what comes back from it.
    fn into_tree(self, back: Option<&Back<'_>>) -> Result<Node> {
        let way = if back.is_some() { Way::Through } else { Way::In };
        match self {
            Value::Unread { node, top, in_flow } => {
                let node = json_form::convert(&node, way, top, in_flow)?;
                if let Some(back) = back {
                    back.note(|| json_form::is_settled(&node));
                }
                Ok(node)
            }
            Value::Settled(node) if back.is_some() => Ok(node),
            Value::Settled(node) => json_form::convert(&node, way, false, false),
            Value::Json(mut node) => {
                if let Some(back) = back {
                    json_form::into_yaml(&mut node, back.account)?;
                    back.note(|| json_form::is_settled(&node));
                }
                Ok(node)
            }
            Value::Map { pos, members } => {
                let run = |entries: &[Entry], all: &mut EcoVec<Entry>| {
                    if back.is_some() {
                        all.extend_from_slice(entries);
                        return Ok(());
                    }
                    for Entry { key, value } in entries {
                        let name = key.text().unwrap_or_default().into();
                        let value = json_form::convert(value, way, false, false)?;
                        all.push(Entry { key: json_form::key(name, way, key.pos()), value });
                    }
                    Ok(())
                };
                let entry = |name: EcoString, member: Member| {
                    let key = match (member.settled_key, back) {
                        (Some(key), Some(_)) => key,
                        (_, Some(back)) => {
                            let key = json_form::key(name.clone(), way, member.pos);
                            let again = || json_form::name_of(&key, false, false);
                            back.note(|| again().is_ok_and(|again| again == name));
                            key
                        }
                        (_, None) => json_form::key(name, way, member.pos),
                    };
                    Ok(Entry { key, value: member.value.into_tree(back)? })
                };
                Ok(Node::Map { flow: false, pos, map: members.into_map(run, entry)? })
            }
            Value::List { pos, items } => {
                let items = items.into_iter().map(|item| item.into_tree(back));
                Ok(Node::Seq { flow: false, pos, items: items.collect::<Result<_>>()? })
            }
        }
    }

    /// Returns a member, or `None` if it is missing, or an element.
    ///
    /// # Errors
    /// If there is no such element.
    pub(super) fn child(&mut self, key: &str) -> Found<Option<&mut Value>> {
        match self {
            Value::Map { members, .. } => Ok(members.get_mut(key).map(|member| &mut member.value)),
            Value::List { items, .. } => {
                let index = existing(key, items.len())?;
                Ok(items.get_mut(index))
            }
            _ => Ok(None),
        }
    }

    /// Adds the member or element that a pointer names; returns the member that was there.
    ///
    /// # Errors
    /// If there can be no such element.
    pub(super) fn add(&mut self, pointer: &Pointer, value: Value) -> Found<Option<Value>> {
        let Value::List { items, .. } = self else {
            return Ok(self.set_member(pointer, value));
        };
        let key = pointer.key();
        if key == "-" {
            items.push_back(value);
            return Ok(None);
        }
        let index = atoi(key)
            .map_err(|problem| format!("value was not a proper array index: '{key}': {problem}"))?;
        // Odd: counted from the end, -1 is behind the last element here (case json-patch/add-from-the-end).
        items.insert(within(index, items.len() + 1)?, value);
        Ok(None)
    }

    /// Replaces the element that a pointer names, or sets the member; returns what was there.
    ///
    /// # Errors
    /// If there is no such element.
    pub(super) fn set(&mut self, pointer: &Pointer, value: Value) -> Found<Option<Value>> {
        let Value::List { items, .. } = self else {
            return Ok(self.set_member(pointer, value));
        };
        let index = existing(pointer.key(), items.len())?;
        Ok(items.get_mut(index).map(|old| mem::replace(old, value)))
    }

    /// Removes a member or an element and returns it.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn remove(&mut self, key: &str) -> Found<Value> {
        let missing = || format!("Unable to remove nonexistent key: {key}: missing value");
        match self {
            Value::Map { members, .. } => {
                members.remove(key).map(|member| member.value).ok_or_else(missing)
            }
            Value::List { items, .. } => {
                items.remove(existing(key, items.len())?).ok_or_else(missing)
            }
            _ => Err("missing value".into()),
        }
    }

    /// Sets a member; a new one has its key where the pointer is written.
    fn set_member(&mut self, pointer: &Pointer, value: Value) -> Option<Value> {
        let Value::Map { members, .. } = self else { return None };
        let key = pointer.key();
        match members.get_mut(key) {
            Some(member) => Some(mem::replace(&mut member.value, value)),
            None => {
                let member = Member { pos: pointer.pos, settled_key: None, value };
                members.insert(key.into(), member);
                None
            }
        }
    }
}
