//! How much a comparison, or the report of it, may take.
//!
//! The counts are of what the objects are, not of clocks. Whoever finds what is only nicer to read asks and does without
//! if there is nothing left: then an object was removed and another added, and each line of two texts differs. What
//! cannot be found at all any more is an error.

use std::cell::Cell;
use std::mem::size_of;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use super::path::PathStep;
use crate::diagnostics::Result;
use crate::limits::{self, Limit, Limits, Stop};
use crate::yaml::Node;

/// What each byte costs of a text that is looked at, in comparisons, where Secrets are looked for in it.
pub(super) const SEARCHED_BYTE: u64 = 4;
/// What a value costs that is looked at.
pub(super) const VALUE: u64 = 16;
/// What a value costs that becomes JSON once more.
pub(super) const CONVERTED: u64 = 128;

/// What is left of the work and the memory that there are.
#[derive(Debug)]
pub(super) struct Budget {
    most: [u64; 2],
    work: Cell<u64>,
    bytes: Cell<u64>,
    spare: Cell<u64>,
    exceeded: Cell<Option<Limit>>,
    call: Option<Call>,
}

/// What all comparisons of a call have taken together.
#[derive(Clone, Debug)]
pub(super) struct Call {
    most: u64,
    spent: Arc<AtomicU64>,
    /// What was spent of a quarter of that for what can be made again.
    spare: Arc<AtomicU64>,
}

impl Call {
    pub(super) fn new(limits: &Limits) -> Call {
        Call { most: limits.call_bytes, spent: Arc::default(), spare: Arc::default() }
    }

    /// Spends some bytes; returns `false` if there is no room for them.
    fn hold(&self, bytes: u64) -> bool {
        let before = self.spent.fetch_add(bytes, Ordering::Relaxed);
        // What was refused stays spent: a call that has met its limit has none left.
        before.saturating_add(bytes) <= self.most
    }

    fn has_room(&self, bytes: u64) -> bool {
        let before = self.spare.fetch_add(bytes, Ordering::Relaxed);
        before.saturating_add(bytes) <= self.most / 4
    }

    /// Checks that there was room for all.
    pub(super) fn check(&self) -> Result<()> {
        match self.spent.load(Ordering::Relaxed) <= self.most {
            true => Ok(()),
            false => Err(Stop::Exceeded(Limit::CallBytes, self.most).into()),
        }
    }
}

impl Budget {
    /// Returns a budget of which nothing is spent.
    pub(super) fn new(limits: &Limits) -> Budget {
        let most = [limits.comparisons, limits.diff_bytes];
        let [work, bytes] = most.map(Cell::new);
        let spare = Cell::new(limits.diff_bytes / 4);
        Budget { most, work, bytes, spare, exceeded: Cell::new(None), call: None }
    }

    /// Returns a budget for a text of a report on some roots, for what it shows that is not in the differences: half of
    /// the work that finding them may take, and a quarter of the room.
    pub(super) fn of_text(limits: &Limits, roots: usize) -> Budget {
        let comparisons = (limits.comparisons / 2).saturating_mul(roots.max(1) as u64);
        Budget::new(&Limits { comparisons, diff_bytes: limits.diff_bytes / 4, ..*limits })
    }

    /// Returns a budget that is one of several.
    pub(super) fn of_call(limits: &Limits, call: Option<&Call>) -> Budget {
        Budget { call: call.cloned(), ..Budget::new(limits) }
    }

    /// Returns as much as is left, for what may be done without and is not kept.
    pub(super) fn again(&self) -> Budget {
        let [work, bytes] = [&self.work, &self.bytes].map(|left| Cell::new(left.get()));
        let (spare, exceeded) = (Cell::new(0), Cell::new(None));
        Budget { most: self.most, work, bytes, spare, exceeded, call: None }
    }

    /// Spends work; returns `false` if there is not so much left.
    pub(super) fn work(&self, amount: u64) -> bool {
        self.spend(&self.work, Limit::Comparisons, amount)
    }

    /// Spends what is about to be kept; returns `false` if there is no room for it.
    pub(super) fn hold(&self, bytes: u64) -> bool {
        if !self.spend(&self.bytes, Limit::DiffBytes, bytes) {
            return false;
        }
        let has_room = self.call.as_ref().is_none_or(|call| call.hold(bytes));
        if !has_room {
            self.exceeded.set(Some(Limit::CallBytes));
        }
        has_room
    }

    /// Returns `true` if there is room for what can be made again, a quarter of that for the rest. It does not matter for
    /// what is refused in which order it is asked for.
    pub(super) fn has_spare_room(&self, bytes: u64) -> bool {
        let left = self.spare.get().checked_sub(bytes);
        let has_room = left.is_some() && self.call.as_ref().is_none_or(|call| call.has_room(bytes));
        self.spare.set(left.filter(|_| has_room).unwrap_or(self.spare.get()));
        has_room
    }

    fn spend(&self, left: &Cell<u64>, limit: Limit, amount: u64) -> bool {
        match left.get().checked_sub(amount) {
            Some(rest) => {
                left.set(rest);
                true
            }
            None => {
                // From here on nothing is done that costs anything.
                left.set(0);
                self.exceeded.set(self.exceeded.get().or(Some(limit)));
                false
            }
        }
    }

    /// Returns `true` if there was not enough.
    pub(super) fn is_exceeded(&self) -> bool {
        self.exceeded.get().is_some()
    }

    /// Checks that there was enough.
    pub(super) fn check(&self) -> Result<()> {
        let [work, bytes] = self.most;
        match self.exceeded.get() {
            None => Ok(()),
            Some(Limit::Comparisons) => Err(Stop::Exceeded(Limit::Comparisons, work).into()),
            Some(Limit::CallBytes) => self.call.as_ref().map_or(Ok(()), Call::check),
            Some(_) => Err(Stop::Exceeded(Limit::DiffBytes, bytes).into()),
        }
    }
}

/// The smallest block that is allocated.
const BLOCK: u64 = 32;
/// An entry of a map beside its key: maps of many are half full.
const ENTRY: u64 = 100;
/// A map of few entries.
const SMALL_MAP: u64 = 640;
/// A change of a field beside its path and its values, with the room that its list has left.
const CHANGE: u64 = 160;

/// Returns what a text takes in memory, about.
fn text(length: usize) -> u64 {
    (length as u64 + 16).max(BLOCK)
}

fn map(length: usize) -> u64 {
    (ENTRY * length as u64).max(if length == 0 { 0 } else { SMALL_MAP })
}

/// Returns what a value takes in memory beside its place, about.
pub(super) fn size(value: &Value) -> u64 {
    match value {
        Value::String(it) => text(it.len()),
        Value::Array(items) => {
            let place = size_of::<Value>() as u64 * items.len() as u64 + BLOCK;
            items.iter().map(size).fold(place, u64::saturating_add)
        }
        Value::Object(it) => {
            let entries = it.iter().map(|(key, value)| text(key.len()).saturating_add(size(value)));
            entries.fold(map(it.len()), u64::saturating_add)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// What there is to look at in a tree.
#[derive(Clone, Copy, Default)]
pub(super) struct Extent {
    pub(super) values: u64,
    /// The length of all texts.
    pub(super) texts: u64,
}

impl Extent {
    /// Measures a tree.
    pub(super) fn of(node: &Node) -> Extent {
        let mut all = Extent::default();
        let mut waiting = vec![node];
        while let Some(node) = waiting.pop() {
            all.values = all.values.saturating_add(1);
            match node {
                Node::Scalar { text, .. } => {
                    all.texts = all.texts.saturating_add(text.len() as u64);
                }
                Node::Seq { items, .. } => waiting.extend(items.iter()),
                Node::Map { map, .. } => waiting.extend(map.iter().map(|entry| &entry.value)),
            }
        }
        all
    }
}

/// Returns what a tree takes that nobody else keeps, about.
pub(super) fn size_of_tree(node: &Node) -> u64 {
    let Extent { values, texts } = Extent::of(node);
    values.saturating_mul(2 * limits::ENTRY).saturating_add(texts)
}

/// Returns what a change takes, without the values, about.
pub(super) fn size_of_change(steps: &[PathStep]) -> u64 {
    let place = size_of::<PathStep>() as u64 * steps.len() as u64;
    let sizes = steps.iter().map(|step| match step {
        PathStep::Field(name) => text(name.len()),
        PathStep::Key { key, .. } => {
            let entries =
                key.iter().map(|(key, value)| text(key.len()).saturating_add(size(value)));
            entries.fold(map(key.len()), u64::saturating_add)
        }
        PathStep::Index { .. } => 0,
    });
    sizes.fold(CHANGE + place, u64::saturating_add)
}
