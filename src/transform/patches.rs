//! `patches`, `patchesStrategicMerge`, `patchesJson6902` (docs/spec/patches-targets.md).

use std::sync::Arc;

use crate::build_context::Context;
use crate::checks;
use crate::diagnostics::hints::{PATCH_WITH_SEVERAL_MATCHES, PATCH_WITHOUT_MATCH};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::json_patch::JsonPatch;
use crate::kustomization::PatchOptions;
use crate::limits::Limit;
use crate::merge::{self, Identity, Keep, Prepared};
use crate::resource::annotations::{self, Counts, Texts};
use crate::resource::{Resource, ResourceSet, near_miss};
use crate::select::TargetSelector;
use crate::yaml::{Node, Pos, charge_tree, held_bytes};

use super::Transformer;

/// Strategic merge patches that find their resources by id.
#[derive(Debug)]
pub(crate) struct MergeById {
    /// The patches, in order.
    pub(crate) patches: Vec<Resource>,
    /// What they may change.
    pub(crate) options: PatchOptions,
    /// Whether this is `patchesStrategicMerge`, which prepares patches and checks ids afterwards.
    pub(crate) legacy: bool,
}

/// A strategic merge patch for all resources that a target selects.
#[derive(Debug)]
pub(crate) struct MergeByTarget {
    /// The patch.
    pub(crate) patch: Resource,
    /// The resources.
    pub(crate) target: TargetSelector,
    /// What it may change.
    pub(crate) options: PatchOptions,
}

/// A JSON patch for all resources that a target selects.
#[derive(Debug)]
pub(crate) struct JsonByTarget {
    /// The patch.
    pub(crate) patch: Arc<JsonPatch>,
    /// The resources.
    pub(crate) target: TargetSelector,
    /// Whether this is `patchesJson6902`, which leaves no trace of the former id.
    pub(crate) legacy: bool,
}

impl Transformer for MergeById {
    fn run(&self, cx: &Context, set: &mut ResourceSet) -> Result<()> {
        for patch in &self.patches {
            let slot = self.find(cx, set, patch)?;
            charge_tree(&patch.node, &cx.account)?;
            let form = if self.legacy {
                Form::Prepared(&mut Prepared::new(&patch.node))
            } else {
                Form::AsWritten(&patch.node)
            };
            let changed = merge_into(cx, set, slot, form, &self.options)?;
            checks::overlays::patch::no_op(cx, &patch.node, set.get(slot), changed);
        }
        if self.legacy { set.check_unique(&cx.schema) } else { Ok(()) }
    }

    fn merges(&self, _cx: &Context, _set: &ResourceSet) -> bool {
        !self.patches.is_empty()
    }

    fn may_leave_empty(&self) -> bool {
        false
    }
}

impl MergeById {
    /// Returns the slot of the one resource that has or had the patch's id.
    fn find(&self, cx: &Context, set: &ResourceSet, patch: &Resource) -> Result<usize> {
        let id = patch.id(&cx.schema);
        let found = set.find_any(&id, &cx.schema);
        if let [slot] = found.as_slice() {
            return Ok(*slot);
        }
        let count = if found.is_empty() { "no" } else { "multiple" };
        let prefix = if self.legacy {
            String::new()
        } else {
            format!("no resource matches strategic merge patch \"{id}\": ")
        };
        let error = Error::new(
            ErrorKind::Patch,
            format!(
                "{prefix}{count} matches for Id {id}; failed to find unique target for patch {id}"
            ),
        )
        .at(patch.node.pos());
        if !found.is_empty() {
            return Err(error.hint(&PATCH_WITH_SEVERAL_MATCHES));
        }
        let near = near_miss(&id, set, &cx.schema).map(|near| PATCH_WITHOUT_MATCH.with(near));
        Err(error.maybe_hint(near).hint(&PATCH_WITHOUT_MATCH))
    }
}

impl Transformer for MergeByTarget {
    fn run(&self, cx: &Context, set: &mut ResourceSet) -> Result<()> {
        let slots = select(&self.target, cx, set)?;
        let mut changed = slots.is_empty();
        let only = match slots.as_slice() {
            [slot] => Some(*slot),
            _ => None,
        };
        if !self.options.allow_name_change {
            checks::overlays::patch::ignored_name(
                cx,
                &self.patch.node,
                only.and_then(|slot| set.get(slot)),
            );
        }
        let mut patch = Prepared::new(&self.patch.node);
        let most = cx.account.left(Limit::TreeBytes);
        let bytes = held_bytes(&self.patch.node, most).unwrap_or(u64::MAX);
        for slot in slots {
            cx.account.charge(Limit::TreeBytes, bytes)?;
            changed |= merge_into(cx, set, slot, Form::Prepared(&mut patch), &self.options)?;
        }
        checks::overlays::patch::no_op(
            cx,
            &self.patch.node,
            only.and_then(|slot| set.get(slot)),
            changed,
        );
        set.check_unique(&cx.schema)
    }

    fn merges(&self, cx: &Context, set: &ResourceSet) -> bool {
        self.target.select(set, &cx.schema).is_ok_and(|slots| !slots.is_empty())
    }

    fn may_leave_empty(&self) -> bool {
        false
    }
}

/// Returns the slots of the resources that a patch is for.
fn select(target: &TargetSelector, cx: &Context, set: &ResourceSet) -> Result<Vec<usize>> {
    let slots = target.select(set, &cx.schema).map_err(|e| e.in_entry("target"))?;
    if slots.is_empty() {
        checks::overlays::patch::no_target(cx, target, set);
    }
    Ok(slots)
}

/// A patch for one resource or more.
enum Form<'a> {
    AsWritten(&'a Node),
    Prepared(&'a mut Prepared),
}

/// Merges a patch into the resource in a slot; removes the resource if nothing is left of it. Returns
/// `false` if a lint knows that nothing has changed.
fn merge_into(
    cx: &Context,
    set: &mut ResourceSet,
    slot: usize,
    form: Form<'_>,
    options: &PatchOptions,
) -> Result<bool> {
    let renames = options.allow_name_change || options.allow_kind_change;
    let Some(resource) = set.get_one_mut(slot) else { return Ok(true) };
    let prepares = matches!(form, Form::Prepared(_));
    let patch = &match form {
        Form::Prepared(patch) => patch.of(resource),
        Form::AsWritten(patch) if renames => merge::with_string_annotations(patch),
        Form::AsWritten(patch) => patch.clone(),
    };
    let audit = checks::overlays::patch::Audit::start(cx, resource, patch);
    let (before, pos) = (Identity::of(&resource.node), resource.node.pos());
    if renames {
        resource.remember_id(&cx.schema);
    }
    // Odd: upstream keeps its bookkeeping in the annotations, so a patch can wipe or forge it (cases
    // patches/strategic-annotations-null-forgets-names and patches/forged-hash-flag).
    let sees_notes = merge::wipes_annotations(patch) || annotations::mentions_notes(patch);
    let target = if sees_notes {
        annotations::materialize(resource)
    } else {
        std::mem::take(&mut resource.node)
    };
    let stable = &mut resource.history.stable_lists;
    let merged = merge::merge_again(target, patch, &cx.schema, stable, &cx.account);
    let merged = merged.map_err(|e| e.related("applied to", pos))?;
    let Some(mut merged) = merged else {
        set.remove(slot);
        return Ok(true);
    };
    let keep = Keep { kind: !options.allow_kind_change, name: !options.allow_name_change };
    before.restore(&mut merged, keep);
    if prepares {
        before.restore_version(&mut merged, patch);
    }
    if sees_notes {
        annotations::restore(resource, merged, Counts::Tree)?;
    } else {
        resource.node = merged;
    }
    resource.write_through();
    resource.history.is_merged = true;
    resource.history.answered = None;
    let changed = audit.is_none_or(|audit| audit.finish(resource, patch));
    if renames || sees_notes {
        set.update(slot, &cx.schema, |_| ());
    } else {
        set.note_change(slot);
    }
    Ok(changed)
}

impl Transformer for JsonByTarget {
    fn run(&self, cx: &Context, set: &mut ResourceSet) -> Result<()> {
        let slots = select(&self.target, cx, set)?;
        let mut changed = slots.is_empty() || cx.lint.is_none();
        let reads_notes = self.patch.looks_at(&["metadata", "annotations"], annotations::is_note);
        let texts = if reads_notes { Texts::Made } else { Texts::Empty };
        let first = slots.first().and_then(|slot| set.get(*slot));
        let object = first.map_or(Pos::NONE, |resource| resource.node.pos());
        for slot in slots {
            let patched = set.update(slot, &cx.schema, |resource| {
                if !self.legacy {
                    resource.remember_id(&cx.schema);
                }
                // Odd: patches see the bookkeeping annotations (case
                // json-patch/annotations-always-exist).
                let internal = annotations::internal(resource);
                let pos = resource.node.pos();
                let before = cx.lint.is_some().then(|| resource.node.clone());
                let patched = self
                    .patch
                    .apply(
                        &annotations::materialize_as(resource, texts),
                        &mut resource.history.settled,
                        &cx.account,
                    )
                    .map_err(|e| e.related("applied to", pos))?;
                resource.unshare();
                resource.history.answered = None;
                annotations::restore(resource, patched, Counts::History)?;
                for (key, value) in internal {
                    annotations::set(&mut resource.node, &key, value);
                }
                // Odd: all of them, whatever the patch has changed (case
                // json-patch/annotations-are-strings-from-then-on).
                annotations::make_strings(resource);
                annotations::mark_written(&mut resource.node);
                if let (Some(lint), Some(before)) = (&cx.lint, before) {
                    changed |=
                        checks::overlays::json_patch::audit(lint, &self.patch, &before, resource);
                }
                Ok::<(), Error>(())
            });
            patched.unwrap_or(Ok(()))?;
        }
        checks::overlays::json_patch::no_op(cx, &self.patch, &self.target, object, changed);
        Ok(())
    }

    fn may_leave_empty(&self) -> bool {
        false
    }
}
