//! Compares two sets of resources, object by object and field by field.
//!
//! ```text
//! compare     pairs ── mask ── (live) ── fields ── (ignore) ── follow     two sets -> Diff
//! Diff        serde: a stable JSON form; apply; mirrored
//! Report      the Diffs of several roots ── json
//! render      a Report as text: terminal, unified, markdown, html
//! ```
//!
//! Nothing here reads files, knows of git or of terminals. What counts is the value, not how it is
//! written, nor the order of documents.
//!
//! ```
//! use kustom::diff::{Options, compare, read};
//!
//! let before = read(b"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: old}}")?;
//! let after = read(b"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: new}}")?;
//! let found = compare(&before, &after, &Options::default())?;
//! assert_eq!(found.resources[0].fields[0].path.to_string(), "data.k");
//! # Ok::<(), kustom::Error>(())
//! ```

// Circle: following, mod: a step of the comparison that has a file of its own.
mod align;
mod apply;
mod as_json;
mod as_kubectl;
mod budget;
mod common;
mod conceal;
mod deep;
mod differing;
mod escapes;
mod fields;
mod following;
mod gathering;
mod hidden;
mod ignore;
mod image_fields;
mod images;
mod immutable;
#[cfg(feature = "reports")]
#[cfg(test)]
mod law_tests;
mod lines;
mod live;
mod mask;
mod mirror;
mod model;
mod object;
mod options;
mod out;
mod pairs;
mod path;
mod plain_text;
mod read;
mod redact;
mod renames;
#[cfg(feature = "reports")]
pub mod render;
mod replaced;
mod report;
mod risks;
mod side;
mod spellings;
#[cfg(feature = "reports")]
#[cfg(test)]
mod tests;
mod values;
mod versions;

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::Value;

pub use ignore::Ignore;
pub use images::ImageDiff;
pub use mask::MASK;
pub use model::{ChangeKind, Diff, FieldChange, ObjectId, ResourceDiff, Summary};
pub use object::Object;
pub use options::{Naming, Options};
pub use path::{ChangePath, PathStep};
pub use read::{read, read_within};
pub use redact::{SecretValues, redact};
pub use report::{Report, RootFailure, RootReport, SideError, Standing, json};
pub use risks::{Removals, Risk};
pub use side::Side;

use crate::diagnostics::Result;
use crate::resource::Resource;
use crate::schema::{Schema, TypeRef};
use crate::yaml;
use as_json::as_json;
use budget::{Budget, Extent, SEARCHED_BYTE, VALUE};
use deep::{DEEPEST, folded};
use differing::{differing, same};
use hidden::Hidden;
use image_fields::Images;
use mask::Secrets;
use model::Whole;
use object::{Kept, Tree};
use pairs::Pair;

/// Compares two sets of resources: builds, or what was [read].
///
/// Objects are paired by group, version, kind, namespace and name. An object whose version changed
/// is one changed object, and so is a ConfigMap or Secret whose content hash at the end of the name
/// changed; what merely follows its new name is marked ([`FieldChange::follows`]). Lists that merge
/// by key are compared by key. Values of Secrets are masked wherever they are.
///
/// # Errors
/// If an object that differs cannot be expressed in JSON, or is nested extremely deep, or more differs than the
/// [limits](Options::limits) allow.
pub fn compare<'r>(
    before: impl Into<Side<'r>>,
    after: impl Into<Side<'r>>,
    options: &Options,
) -> Result<Diff> {
    let sides: [Side<'_>; 2] = [before.into(), after.into()];
    let [before, after] = [sides[0].resources, sides[1].resources];
    let mut pairs = pairs::pairs(before, after, options);
    pairs.retain(|pair| match (pair.before, pair.after) {
        (Some(before), Some(after)) => !same(&before.node, &after.node, 0),
        (Some(_), None) => !options.live,
        _ => true,
    });
    if pairs.is_empty() {
        return Ok(Diff::default());
    }
    let both = before.iter().chain(after).map(|resource| &resource.node);
    let comparison = Comparison {
        options,
        schemas: Schemas {
            custom: sides.clone().map(|side| side.schema),
            builtin: Schema::builtin(),
        },
        sides,
        secrets: Arc::new(Secrets::of(both)),
        budget: Budget::of_call(&options.limits, options.call.as_ref()),
        new_names: following::new_names(&pairs, options),
    };
    let mut diff = Diff::default();
    for pair in pairs {
        let sides = [pair.before, pair.after];
        let masked = |text: &str| match comparison.secrets.masked(text) {
            Cow::Owned(masked) => Some(masked),
            Cow::Borrowed(_) => None,
        };
        let found = comparison.pair(pair).map_err(|e| e.concealed(&masked));
        comparison.budget.check()?;
        diff.resources.extend(found?.map(|found| {
            let images = match found.may_change_image(&comparison.sides) {
                true => Images::of(sides, &comparison.sides),
                false => Images::none(),
            };
            comparison.budget.hold(OBJECT + images.size());
            ResourceDiff { images, ..found }
        }));
        comparison.budget.check()?;
    }
    diff.sort();
    Ok(diff)
}

/// What an object that differs takes beside what differs in it, with its names, about.
const OBJECT: u64 = 600;

/// What is known of kinds: what either side brings, and the rest from Kubernetes.
struct Schemas {
    custom: [Schema; 2],
    builtin: Schema,
}

impl Schemas {
    fn resource(&self, api_version: &str, kind: &str) -> Option<TypeRef<'_>> {
        let [one, other] = &self.custom;
        match [one, other].map(|schema| schema.custom_resource(api_version, kind)) {
            // Both directions of a comparison have to find the same.
            [Some((one, a)), Some((other, b))] => {
                Some(if yaml::to_json(a).ok() <= yaml::to_json(b).ok() { one } else { other })
            }
            [one, other] => match one.or(other) {
                Some((of, _)) => Some(of),
                None => self.builtin.resource(api_version, kind),
            },
        }
    }
}

struct Comparison<'o> {
    options: &'o Options,
    sides: [Side<'o>; 2],
    schemas: Schemas,
    secrets: Arc<Secrets>,
    /// What is left of what all pairs may take.
    budget: Budget,
    /// The new names of ConfigMaps and Secrets, by the old ones.
    new_names: FxHashMap<String, String>,
}

impl Comparison<'_> {
    fn pair(&self, pair: Pair<'_>) -> Result<Option<ResourceDiff>> {
        let Some(shown) = pair.after.or(pair.before) else { return Ok(None) };
        let id = ObjectId::of(shown);
        if ignore::ignores_object(&self.options.ignore, &id) {
            return Ok(None);
        }
        if let (Some(before), Some(after)) = (pair.before, pair.after)
            && let Some(found) = self.plain_pair(before, after, &id)?
        {
            return Ok(Some(found));
        }
        if let (Some(one), None) | (None, Some(one)) = (pair.before, pair.after) {
            return self.one_side(one, pair.before.is_some()).map(Some);
        }
        let value = |resource: Option<&Resource>| resource.map(|r| self.value(r)).transpose();
        let (mut before, mut after) = (value(pair.before)?, value(pair.after)?);
        let of = self.type_of(shown);
        if let (true, Some(before), Some(after)) = (self.options.live, &mut before, &mut after) {
            live::prepare(before, after, of);
        }
        if self.secrets.is_any() {
            [&mut before, &mut after].into_iter().flatten().for_each(|o| self.secrets.hide(o));
        }
        let mut found = ResourceDiff {
            change: ChangeKind::Changed,
            before: pair.before.map(ObjectId::of),
            after: pair.after.map(ObjectId::of),
            object: None,
            fields: Vec::new(),
            whole: Whole::default(),
            images: Images::default(),
        };
        let (Some(before), Some(mut after)) = (before, after) else { return Ok(None) };
        let changes = fields::compare(&before, &after, of, &self.budget);
        self.budget.check()?;
        let all = changes.len();
        found.fields = changes
            .into_iter()
            .filter(|change| !ignore::ignores_field(&self.options.ignore, &id, &change.path))
            .collect();
        if self.options.live {
            // There it is the path that differs, not the object.
            found.fields.retain(|change| change.path.to_string() != "metadata.namespace");
        }
        if !self.options.ignore.is_empty() {
            found.fields.retain_mut(|change| !self.differs_only_in_ignored(&id, change));
        }
        if found.fields.is_empty() {
            return Ok(None);
        }
        let is_whole = found.fields.len() == all && !self.options.live;
        if found.fields.len() != all {
            after = apply::fields(&before, &found.fields)?;
        }
        self.mark_following(&before, &after, of, &mut found.fields);
        if !self.secrets.is_any() {
            let after = (after, Hidden::default());
            found.whole = Whole(self.kept(after, pair.after.filter(|_| is_whole)));
            return Ok(Some(found));
        }
        for change in &mut found.fields {
            mask::hide_both(&mut change.before, &mut change.after);
            change.strip();
        }
        let hidden = Hidden::of_value(&after);
        mask::strip(&mut after);
        let after = (after, hidden);
        found.whole = Whole(self.kept(after, pair.after.filter(|_| is_whole)));
        Ok(Some(found))
    }

    /// Returns that only one side has an object.
    fn one_side(&self, resource: &Resource, is_before: bool) -> Result<ResourceDiff> {
        let (mut object, mut hidden) = (self.value(resource)?, Hidden::default());
        if self.secrets.is_any() {
            self.secrets.hide(&mut object);
            hidden = Hidden::of_value(&object);
            mask::strip(&mut object);
        }
        let [of_before, of_after] = &self.sides;
        if if is_before { of_before } else { of_after }.is_read() {
            // Nobody else keeps it for certain.
            self.budget.hold(budget::size_of_tree(&resource.node));
        }
        let id = Some(ObjectId::of(resource));
        let (change, before, after) = match is_before {
            true => (ChangeKind::Removed, id, None),
            false => (ChangeKind::Added, None, id),
        };
        Ok(ResourceDiff {
            change,
            before,
            after,
            object: Some(self.kept((object, hidden), Some(resource))),
            fields: Vec::new(),
            whole: Whole::default(),
            images: Images::default(),
        })
    }

    /// Returns an object as it is kept: as JSON if that takes little, and else as the resource that it comes from, if it
    /// is all of that.
    fn kept(&self, (object, hidden): (Value, Hidden), resource: Option<&Resource>) -> Object {
        let bytes = budget::size(&object);
        let tree = resource.map(|resource| &resource.node);
        match tree.filter(|node| yaml::max_depth(node) <= DEEPEST) {
            Some(node) if !self.budget.has_spare_room(bytes) => {
                let own = self.secrets.is_any().then(|| Arc::clone(&self.secrets));
                Object(Kept::Tree(Box::new(Tree { node: node.clone(), own, others: None })))
            }
            Some(_) => Object(Kept::Value(object, hidden)),
            None => {
                // Whoever asks whether there was room refuses all.
                self.budget.hold(bytes);
                Object(Kept::Value(object, hidden))
            }
        }
    }

    /// Compares two objects of which nothing is hidden, ignored or renamed, by what they do not have in common;
    /// nothing if that finds no difference, or does not tell all.
    fn plain_pair(
        &self,
        before: &Resource,
        after: &Resource,
        id: &ObjectId,
    ) -> Result<Option<ResourceDiff>> {
        let is_plain = !self.options.live
            && self.options.ignore.is_empty()
            && self.new_names.is_empty()
            && !self.secrets.is_any();
        let is_deep = |resource: &Resource| yaml::max_depth(&resource.node) > DEEPEST;
        if !is_plain || is_deep(before) || is_deep(after) {
            return Ok(None);
        }
        let Some((one, other)) = differing(&before.node, &after.node) else {
            return Ok(None);
        };
        [&one, &other].into_iter().try_for_each(|node| self.charge(node))?;
        // Whatever cannot be told is told of the whole objects.
        let (Ok(one), Ok(other)) = (as_json(&one), as_json(&other)) else {
            return Ok(None);
        };
        let of = self.type_of(after);
        let mut fields = fields::compare(&one, &other, of, &self.budget);
        self.mark_following(&one, &other, of, &mut fields);
        let found = ResourceDiff {
            change: ChangeKind::Changed,
            before: Some(ObjectId::of(before)),
            after: Some(id.clone()),
            object: None,
            fields,
            whole: Whole(Object(Kept::Tree(Box::new(Tree {
                node: after.node.clone(),
                own: None,
                others: None,
            })))),
            images: Images::default(),
        };
        Ok(Some(found).filter(|found| !found.fields.is_empty()))
    }

    fn type_of(&self, resource: &Resource) -> Option<TypeRef<'_>> {
        self.schemas.resource(resource.api_version(), resource.kind())
    }

    /// Returns a resource as JSON, typed as printed; what is nested very deep is a text in it.
    fn value(&self, resource: &Resource) -> Result<Value> {
        self.charge(&resource.node)?;
        let value = match yaml::max_depth(&resource.node) > DEEPEST {
            true => as_json(&folded(&resource.node)),
            false => as_json(&resource.node),
        };
        value.map_err(|e| e.context(ObjectId::of(resource).to_string()))
    }

    /// Spends the work of looking at a tree.
    fn charge(&self, node: &yaml::Node) -> Result<()> {
        let Extent { values, texts } = Extent::of(node);
        let byte = if self.secrets.is_any() { SEARCHED_BYTE } else { 1 };
        self.budget.work(values.saturating_mul(VALUE).saturating_add(texts.saturating_mul(byte)));
        self.budget.check()
    }

    /// Returns `true` if both values of a change are the same without what is ignored below them.
    fn differs_only_in_ignored(&self, id: &ObjectId, change: &FieldChange) -> bool {
        let without = |value: &Option<Value>| {
            let mut value = value.clone();
            let mut path = change.path.clone();
            let pruned = value
                .as_mut()
                .is_some_and(|value| ignore::prune(&self.options.ignore, id, &mut path, value));
            (value, pruned)
        };
        let ((before, some), (after, more)) = (without(&change.before), without(&change.after));
        let empty = |value: &Option<Value>| match value {
            None => true,
            Some(Value::Object(map)) => map.is_empty(),
            _ => false,
        };
        (some || more) && (before == after || empty(&before) && empty(&after))
    }
}
