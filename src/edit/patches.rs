//! `add patch` and `remove patch`

use super::{Edit, fields, invalid};
use crate::diagnostics::Result;
use crate::yaml::{Mapping, Node, from_value, same};

/// A patch: a file or a text, and what it applies to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PatchArg {
    /// The file.
    pub path: Option<String>,
    /// The text.
    pub patch: Option<String>,
    /// What it applies to.
    pub target: PatchTarget,
}

/// What a patch applies to; what is not given does not restrict it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PatchTarget {
    /// Pattern of the group.
    pub group: Option<String>,
    /// Pattern of the version.
    pub version: Option<String>,
    /// Pattern of the kind.
    pub kind: Option<String>,
    /// Pattern of the name.
    pub name: Option<String>,
    /// Pattern of the namespace.
    pub namespace: Option<String>,
    /// Selector of labels.
    pub label_selector: Option<String>,
    /// Selector of annotations.
    pub annotation_selector: Option<String>,
}

impl Edit {
    /// Adds a patch; the same one with the same target is noted and not added again. The file need not
    /// exist.
    ///
    /// # Errors
    /// Unless exactly one of file and text is given.
    pub fn add_patch(&mut self, patch: &PatchArg) -> Result<()> {
        let entry = patch.entry()?;
        if self.items("patches").iter().any(|item| is_same_patch(item, &entry)) {
            let shown = patch.shown();
            self.note(format_args!("patch {shown} already in kustomization file"));
            return Ok(());
        }
        self.append("patches", [Node::map(entry)]);
        Ok(())
    }

    /// Appends an entry to `patches`, as it is and whatever is there already.
    pub fn append_patch(&mut self, entry: &serde_json::Value) {
        self.append("patches", [from_value(entry)]);
    }

    /// Removes the patch with this file or text and this target; that there is none is noted.
    ///
    /// # Errors
    /// If both file and text are given.
    pub fn remove_patch(&mut self, patch: &PatchArg) -> Result<()> {
        if patch.path.is_some() && patch.patch.is_some() {
            return Err(both());
        }
        let entry = patch.mapping();
        if self.remove_items("patches", |item| is_same_patch(item, &entry)) == 0 {
            let shown = patch.shown();
            self.note(format_args!("patch {shown} doesn't exist in kustomization file"));
        }
        Ok(())
    }
}

fn both() -> crate::Error {
    invalid("patch and path can't be set at the same time")
}

impl PatchArg {
    fn entry(&self) -> Result<Mapping> {
        match (&self.path, &self.patch) {
            (Some(_), Some(_)) => Err(both()),
            (None, None) => Err(invalid("must provide either patch or path")),
            _ => Ok(self.mapping()),
        }
    }

    fn mapping(&self) -> Mapping {
        let PatchArg { path, patch, target } = self;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (path, patch) = (text(path), text(patch));
        let mut entry = fields::mapping([("patch", patch.as_str()), ("path", path.as_str())]);
        let target = target.mapping();
        if !target.is_empty() {
            entry.set("target", Node::map(target));
        }
        entry
    }

    fn shown(&self) -> String {
        match &self.path {
            Some(path) => path.clone(),
            None => "given as text".to_owned(),
        }
    }
}

impl PatchTarget {
    fn mapping(&self) -> Mapping {
        let parts = [
            ("annotationSelector", &self.annotation_selector),
            ("group", &self.group),
            ("kind", &self.kind),
            ("labelSelector", &self.label_selector),
            ("name", &self.name),
            ("namespace", &self.namespace),
            ("version", &self.version),
        ];
        fields::mapping(parts.map(|(field, part)| (field, part.as_deref().unwrap_or_default())))
    }
}

/// Returns `true` if an entry of `patches` has that file or text and that target. One with options, or with
/// an empty target, is another patch to upstream, whatever they say.
fn is_same_patch(item: &Node, entry: &Mapping) -> bool {
    let Some(item) = item.as_map() else { return false };
    let same_text = |field| fields::text(item, field) == fields::text(entry, field);
    let target = |map: &Mapping| -> Mapping {
        let target = fields::get(map, "target").and_then(Node::as_map);
        target.into_iter().flatten().filter(|e| e.value.text() != Some("")).cloned().collect()
    };
    let same_target = same(&Node::map(target(item)), &Node::map(target(entry)));
    let has = |map, field| fields::get(map, field).is_some_and(|node| !node.is_null());
    let is_plain = !has(item, "options") && has(item, "target") == has(entry, "target");
    same_text("path") && same_text("patch") && same_target && is_plain
}
