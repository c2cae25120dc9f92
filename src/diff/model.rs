//! What a comparison finds: data that can be printed, stored, turned round and applied.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::hidden::Hidden;
use super::image_fields::Images;
use super::mask;
use super::object::{Kept, Object};
use super::path::{ChangePath, PathStep};
use crate::resource::Resource;
use crate::visible::{visible_json, visible_line};

/// The differences between two sets of resources.
///
/// As JSON (through serde) it has one member, `resources`: see [`ResourceDiff`] and
/// [`FieldChange`]. Members may be added later; none is removed or changes its meaning.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Diff {
    /// The resources that differ, sorted by namespace, kind and name.
    pub resources: Vec<ResourceDiff>,
}

/// The difference between the two states of one object.
///
/// ```json
/// {
///   "change": "changed",
///   "before": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"},
///   "after": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"},
///   "fields": [{"field": "spec.replicas", "path": ["spec", "replicas"], "before": 1, "after": 2}]
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResourceDiff {
    /// What happened to it.
    pub change: ChangeKind,
    /// Its id before, unless it was added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<ObjectId>,
    /// Its id after, unless it was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ObjectId>,
    /// The whole object, if it was added or removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Object>,
    /// The fields that differ, if it was changed, in the order of their paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    /// The object after the change, for the context of a patch; it is no part of the JSON form.
    #[serde(skip)]
    pub(super) whole: Whole,
    /// Which fields name images; no part of the JSON form either.
    #[serde(skip)]
    pub(super) images: Images,
}

/// A masked object that does not count when differences are compared.
#[derive(Clone, Debug)]
pub(super) struct Whole(pub(super) Object);

impl Whole {
    /// Returns the object as JSON, typed as printed; null if that cannot be expressed.
    pub(super) fn value(&self) -> Cow<'_, Value> {
        self.0.value()
    }
}

impl Default for Whole {
    fn default() -> Whole {
        Whole(Value::Null.into())
    }
}

impl PartialEq for Whole {
    fn eq(&self, _: &Whole) -> bool {
        true
    }
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ChangeKind {
    /// Only the side before has it.
    Removed,
    /// Only the side after has it.
    Added,
    /// Both have it.
    Changed,
}

/// What names an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ObjectId {
    /// The namespace as written; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// The kind.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The group and version.
    pub api_version: String,
}

/// One field that differs.
///
/// In JSON, `field` is the path for people and `path` the one for programs (see [`PathStep`]). A side
/// without the field has no `before` or `after`; a field that is null has `null` there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
#[non_exhaustive]
pub struct FieldChange {
    /// Where it is.
    pub path: ChangePath,
    /// The value before, if there was one.
    pub before: Option<Value>,
    /// The value after, if there is one.
    pub after: Option<Value>,
    /// Whether the values are the keys of a list's common elements, in the order of each side.
    pub reordered: bool,
    /// Whether something in the values is masked. The two may then look the same and are not.
    pub masked: bool,
    /// Whether this only follows the new name of a ConfigMap or Secret whose content changed.
    pub follows: bool,
    /// What tells masked values apart; it is no part of the JSON form.
    pub(super) hidden: Hidden,
}

/// The JSON form of a [`FieldChange`].
#[derive(Clone, Serialize, Deserialize)]
struct Wire {
    #[serde(default)]
    field: String,
    path: ChangePath,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    before: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    after: Option<Value>,
    #[serde(default, skip_serializing_if = "is_false")]
    reordered: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    masked: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    follows: bool,
}

/// How many objects differ, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Summary {
    /// Objects that only the side after has.
    pub added: usize,
    /// Objects that only the side before has.
    pub removed: usize,
    /// Objects that both have, with differences of their own.
    pub changed: usize,
    /// Objects that differ only in that they follow a new name.
    pub following: usize,
}

impl Diff {
    /// Returns `true` if there are no differences.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }

    /// Counts the objects that differ.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for resource in &self.resources {
            *match resource.change {
                ChangeKind::Added => &mut summary.added,
                ChangeKind::Removed => &mut summary.removed,
                ChangeKind::Changed if resource.only_follows() => &mut summary.following,
                ChangeKind::Changed => &mut summary.changed,
            } += 1;
        }
        summary
    }

    /// Puts everything into the order of the JSON form.
    pub(super) fn sort(&mut self) {
        self.resources.sort_by(ResourceDiff::order);
        for resource in &mut self.resources {
            resource.fields.sort_by(FieldChange::order);
        }
    }
}

impl fmt::Display for Diff {
    /// Writes one line for each object that differs, `+`, `-` or `~` in front, and one for each of its
    /// fields, indented by two spaces.
    ///
    /// ```
    /// use kustom::diff::{Options, compare, read};
    ///
    /// let object = |value| format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a}}, data: {{k: {value}}}}}");
    /// let (before, after) = (read(object("old").as_bytes())?, read(object("new").as_bytes())?);
    /// let diff = compare(&before, &after, &Options::new())?;
    /// assert_eq!(diff.to_string(), "~ ConfigMap a\n  data.k: \"old\" → \"new\"\n");
    /// # Ok::<(), kustom::Error>(())
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.resources.iter().try_for_each(|resource| resource.fmt(f))
    }
}

impl fmt::Display for ResourceDiff {
    /// Writes the lines of one object, as [`Diff`] does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.change {
            ChangeKind::Removed => '-',
            ChangeKind::Added => '+',
            ChangeKind::Changed => '~',
        };
        let name = self.id().map(ObjectId::to_string).unwrap_or_default();
        writeln!(f, "{sign} {}", visible_line(&name))?;
        for field in &self.fields {
            let shown = |value: &Option<Value>| match value {
                Some(value) => visible_json(&value.to_string()).into_owned(),
                None => "(none)".to_owned(),
            };
            let path = field.path.to_string();
            let (before, after) = (shown(&field.before), shown(&field.after));
            writeln!(f, "  {}: {before} → {after}", visible_line(&path))?;
        }
        Ok(())
    }
}

impl ResourceDiff {
    /// Returns the id of the newest state.
    pub fn id(&self) -> Option<&ObjectId> {
        self.after.as_ref().or(self.before.as_ref())
    }

    /// Returns `true` if the object differs only in that it follows a new name.
    pub fn only_follows(&self) -> bool {
        self.change == ChangeKind::Changed && self.own_fields().next().is_none()
    }

    /// Returns the same with its object as JSON, for those who ask for it more than once.
    pub(super) fn in_full(&self) -> Cow<'_, ResourceDiff> {
        match self.object.as_ref().map(|object| object.0.value_and_hidden()) {
            Some((Cow::Owned(value), hidden)) => Cow::Owned(ResourceDiff {
                change: self.change,
                before: self.before.clone(),
                after: self.after.clone(),
                object: Some(Object(Kept::Value(value, hidden))),
                fields: self.fields.clone(),
                whole: Whole::default(),
                images: self.images.clone(),
            }),
            _ => Cow::Borrowed(self),
        }
    }

    /// Returns the changes that do not merely follow a new name.
    pub fn own_fields(&self) -> impl Iterator<Item = &FieldChange> {
        self.fields.iter().filter(|field| !field.follows)
    }

    fn order(&self, other: &ResourceDiff) -> Ordering {
        // A new name is not to change the place.
        fn both(r: &ResourceDiff) -> (Option<&ObjectId>, Option<&ObjectId>, ChangeKind) {
            let (one, other) = (r.before.as_ref(), r.after.as_ref());
            let ids = || one.into_iter().chain(other);
            (ids().min(), ids().max(), r.change)
        }
        both(self).cmp(&both(other))
    }
}

impl FieldChange {
    /// Returns a change of a value.
    pub(super) fn new(
        path: Vec<PathStep>,
        before: Option<Value>,
        after: Option<Value>,
    ) -> FieldChange {
        FieldChange {
            path: ChangePath(path),
            before,
            after,
            reordered: false,
            masked: false,
            follows: false,
            hidden: Hidden::default(),
        }
    }

    /// Puts the mask in the place of all tokens, and keeps what tells them apart.
    pub(super) fn strip(&mut self) {
        let hidden = Hidden::of_change(&self.path, self.before.as_ref(), self.after.as_ref());
        self.hidden = self.hidden.and(hidden);
        for value in [&mut self.before, &mut self.after].into_iter().flatten() {
            self.masked |= mask::strip(value);
        }
        mask::strip_path(&mut self.path.0);
    }

    fn order(&self, other: &FieldChange) -> Ordering {
        self.path.order(&other.path).then(self.reordered.cmp(&other.reordered))
    }
}

impl ObjectId {
    /// Returns the id of a resource, everything as written.
    pub fn of(resource: &Resource) -> ObjectId {
        ObjectId {
            namespace: resource.namespace().to_owned(),
            kind: resource.kind().to_owned(),
            name: resource.name().to_owned(),
            api_version: resource.api_version().to_owned(),
        }
    }
}

impl fmt::Display for ObjectId {
    /// Writes `Kind namespace/name`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.namespace.is_empty() { "" } else { "/" };
        write!(f, "{} {}{slash}{}", self.kind, self.namespace, self.name)
    }
}

impl Summary {
    /// Adds the counts of another comparison.
    pub(super) fn add(&mut self, other: Summary) {
        self.added += other.added;
        self.removed += other.removed;
        self.changed += other.changed;
        self.following += other.following;
    }

    /// Returns how many objects differ at all.
    pub fn total(&self) -> usize {
        self.added + self.removed + self.changed + self.following
    }
}

impl fmt::Display for Summary {
    /// Writes `2 changed, 1 added, 0 removed`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} changed, {} added, {} removed", self.changed, self.added, self.removed)?;
        match self.following {
            0 => Ok(()),
            n => write!(f, ", {n} following a new name"),
        }
    }
}

impl From<Wire> for FieldChange {
    fn from(wire: Wire) -> FieldChange {
        let Wire { path, before, after, reordered, masked, follows, .. } = wire;
        FieldChange { path, before, after, reordered, masked, follows, hidden: Hidden::default() }
    }
}

impl From<FieldChange> for Wire {
    fn from(change: FieldChange) -> Wire {
        let FieldChange { path, before, after, reordered, masked, follows, hidden: _ } = change;
        Wire { field: path.to_string(), path, before, after, reordered, masked, follows }
    }
}

/// Reads a member that is there: a null is a value, not an absence.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
fn is_false(value: &bool) -> bool {
    !*value
}
