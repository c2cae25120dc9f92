//! `patches`, `patchesStrategicMerge`, `patchesJson6902` (docs/spec/patches-targets.md).

use crate::build_context::Context;
use crate::diagnostics::{Error, ErrorKind, Result, Warning, WarningKind};
use crate::json_patch::{self, JsonPatch};
use crate::kustomization::PatchOptions;
use crate::merge::{self, Identity, Keep};
use crate::resource::annotations::{self, Counts};
use crate::resource::{Resource, ResourceSet, near_miss};
use crate::select::TargetSelector;
use crate::yaml::{Node, Pos};

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
    pub(crate) patch: JsonPatch,
    /// The resources.
    pub(crate) target: TargetSelector,
    /// Whether this is `patchesJson6902`, which leaves no trace of the former id.
    pub(crate) legacy: bool,
}

impl Transformer for MergeById {
    fn run(&self, cx: &Context, set: &mut ResourceSet) -> Result<()> {
        for patch in &self.patches {
            let slot = self.find(cx, set, patch)?;
            merge_into(cx, set, slot, (&patch.node, self.legacy), &self.options)?;
        }
        if self.legacy { set.check_unique(&cx.schema) } else { Ok(()) }
    }

    fn merges(&self, _cx: &Context, _set: &ResourceSet) -> bool {
        !self.patches.is_empty()
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
        Err(Error::new(
            ErrorKind::Patch,
            format!(
                "{prefix}{count} matches for Id {id}; failed to find unique target for patch {id}"
            ),
        )
        .at(patch.node.pos())
        .hint(match found.is_empty() {
            true => near_miss(&id, set, &cx.schema).unwrap_or_else(|| {
                "is its file listed under `resources`? A patch needs apiVersion, kind, name and \
                 namespace of a resource of this layer or its bases, as they are before this layer \
                 changes them"
                    .to_owned()
            }),
            false => "give the entry a `target` that selects all of them, or one".to_owned(),
        }))
    }
}

impl Transformer for MergeByTarget {
    fn run(&self, cx: &Context, set: &mut ResourceSet) -> Result<()> {
        for slot in select(&self.target, cx, set)? {
            merge_into(cx, set, slot, (&self.patch.node, true), &self.options)?;
        }
        set.check_unique(&cx.schema)
    }

    fn merges(&self, cx: &Context, set: &ResourceSet) -> bool {
        self.target.select(set, &cx.schema).is_ok_and(|slots| !slots.is_empty())
    }
}

/// Returns the slots of the resources that a patch is for.
fn select(target: &TargetSelector, cx: &Context, set: &ResourceSet) -> Result<Vec<usize>> {
    let slots = target.select(set, &cx.schema).map_err(|e| e.in_entry("target"))?;
    if let Some(lint) = cx.lint.as_ref().filter(|_| slots.is_empty()) {
        let text = "the target selects no resource, so the patch does nothing";
        lint.add(
            Warning::new(WarningKind::UnusedPatch, text, Pos::NONE)
                .in_field("target")
                .hint("a target needs the kind and name that the resource has here"),
        );
    }
    Ok(slots)
}

/// Remarks on the lists of a resource that a patch takes the place of.
fn remark_replaced_lists(cx: &Context, target: &Resource, patch: &Node) {
    let Some(lint) = &cx.lint else { return };
    for list in merge::replaced_lists(&target.node, patch, &cx.schema) {
        let text = format!(
            "the patch replaces the whole list `{}` of {} {}, which has no merge key",
            list.path,
            target.kind(),
            target.name()
        );
        lint.add(
            Warning::new(WarningKind::ReplacedList, text, list.new.pos())
                .related("the list is at", list.old.pos())
                .hint("repeat the elements to keep, or change one with a JSON patch"),
        );
    }
}

/// Merges a patch, which may have to be prepared, into the resource in a slot; removes the resource if
/// nothing is left of it.
fn merge_into(
    cx: &Context,
    set: &mut ResourceSet,
    slot: usize,
    (patch, prepares): (&Node, bool),
    options: &PatchOptions,
) -> Result<()> {
    let renames = options.allow_name_change || options.allow_kind_change;
    let Some(resource) = set.get_mut(slot) else { return Ok(()) };
    let patch = &if prepares {
        merge::prepare(patch, resource)
    } else if renames {
        merge::with_string_annotations(patch)
    } else {
        patch.clone()
    };
    remark_replaced_lists(cx, resource, patch);
    let (before, pos) = (Identity::of(&resource.node), resource.node.pos());
    if renames {
        resource.remember_id(&cx.schema);
    }
    // Odd: upstream keeps its bookkeeping in the annotations, so a patch can wipe or forge it (cases
    // patches/annotations-null-forgets-names and patches/forged-hash-flag).
    let sees_notes = merge::wipes_annotations(patch) || annotations::mentions_notes(patch);
    let target = if sees_notes {
        annotations::materialize(resource)
    } else {
        std::mem::take(&mut resource.node)
    };
    let merged = merge::strategic_merge(target, patch, &cx.schema);
    let merged = merged.map_err(|e| e.related("applied to", pos))?;
    let Some(mut merged) = merged else {
        set.remove(slot);
        return Ok(());
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
    if renames || sees_notes {
        set.update(slot, &cx.schema, |_| ());
    }
    Ok(())
}

impl Transformer for JsonByTarget {
    fn run(&self, cx: &Context, set: &mut ResourceSet) -> Result<()> {
        for slot in select(&self.target, cx, set)? {
            let patched = set.update(slot, &cx.schema, |resource| {
                if !self.legacy {
                    resource.remember_id(&cx.schema);
                }
                // Odd: patches see the bookkeeping annotations (case
                // patches/json-annotations-always-exist).
                let internal = annotations::internal(resource);
                let pos = resource.node.pos();
                let patched = self
                    .patch
                    .apply(&annotations::materialize(resource), &[])
                    .map_err(|e| json_patch::with_hint(e).related("applied to", pos))?;
                resource.unshare();
                annotations::restore(resource, patched, Counts::History)?;
                for (key, value) in internal {
                    annotations::set(&mut resource.node, &key, value);
                }
                Ok::<(), Error>(())
            });
            patched.unwrap_or(Ok(()))?;
        }
        Ok(())
    }
}
