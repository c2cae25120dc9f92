//! What `set image` says of what it changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use kustom::edit::ImageChange;
use kustom::text::visible_line;
use serde_json::{Value, json};

use super::plain;

/// Changes of one kustomization.
pub(super) struct Changed {
    pub(super) dir: String,
    pub(super) file: PathBuf,
    /// The new text; nothing if it stays.
    pub(super) text: Option<String>,
    pub(super) images: Vec<ImageChange>,
    /// The images that nothing here uses, and what may have been meant.
    pub(super) unused: BTreeMap<String, Option<String>>,
    /// Whether the directory was named, and is not one of many that a pattern stands for.
    pub(super) is_named: bool,
}

impl Changed {
    /// Returns what changed, for people.
    pub(super) fn shown(&self) -> String {
        let file = plain(&self.file);
        let line = |image: &ImageChange| {
            let place = image.line.map_or(file.clone(), |line| format!("{file}:{line}"));
            let (name, (old, new)) = (&image.name, sides(image));
            match old {
                _ if image.is_unchanged() => format!("{place}: {name}: {new} (unchanged)\n"),
                Some(old) => format!("{place}: {name}: {old} -> {new}\n"),
                None => format!("{place}: {name}: new: {new}\n"),
            }
        };
        self.images.iter().map(line).collect()
    }
}

/// Returns what changed, for bots.
pub(super) fn json_of(all: &[Changed]) -> Value {
    let image = |changed: &Changed, image: &ImageChange| {
        json!({
            "file": plain(&changed.file),
            "line": image.line,
            "name": image.name,
            "old": image.old,
            "new": image.new,
            "oldName": image.old_name,
            "newName": image.new_name,
            "changed": !image.is_unchanged(),
            "used": true,
        })
    };
    let unused = |changed: &Changed, name: &str| {
        json!({
            "file": plain(&changed.file),
            "line": null,
            "name": name,
            "old": null,
            "new": null,
            "oldName": null,
            "newName": null,
            "changed": false,
            "used": false,
        })
    };
    let images = all.iter().flat_map(|changed| {
        let unused_here = changed.unused.keys().filter(|_| changed.is_named);
        let set = changed.images.iter().map(move |i| image(changed, i));
        set.chain(unused_here.map(move |name| unused(changed, name)))
    });
    json!(images.collect::<Vec<_>>())
}

/// Returns what an entry says before, if it was there, and after the change: the version, with the new name if
/// that changes or says it all.
fn sides(image: &ImageChange) -> (Option<String>, String) {
    let ImageChange { old, new, old_name, new_name, .. } = image;
    let is_named =
        old_name != new_name || new.is_empty() && old.as_deref().is_none_or(str::is_empty);
    let side = |name: &str, version: &str| match (name, version) {
        (name, version) if !is_named || name.is_empty() && !version.is_empty() => match version {
            "" => "(no tag)".to_owned(),
            version => version.to_owned(),
        },
        ("", _) => "(no tag)".to_owned(),
        (name, "") => name.to_owned(),
        (name, version) if version.starts_with('@') => format!("{name}{version}"),
        (name, version) => format!("{name}:{version}"),
    };
    (old.as_ref().map(|old| side(old_name, old)), side(new_name, new))
}

/// Returns one line that says what changed.
pub(super) fn message_of(all: &[Changed]) -> String {
    let (mut parts, mut said) = (Vec::new(), BTreeSet::new());
    let mut dirs: Vec<&str> = Vec::new();
    for changed in all.iter().filter(|changed| changed.text.is_some()) {
        dirs.push(&changed.dir);
        for image in changed.images.iter().filter(|image| !image.is_unchanged()) {
            let (_, new) = sides(image);
            let part = format!("{} to {}", image.name, new.trim_start_matches('@'));
            if said.insert(part.clone()) {
                parts.push(part);
            }
        }
    }
    let message = match (parts.as_slice(), dirs.as_slice()) {
        ([], _) => "Nothing to set".to_owned(),
        (parts, [dir]) => format!("Set {} in {dir}", parts.join(", ")),
        (parts, dirs) => format!("Set {} in {} kustomizations", parts.join(", "), dirs.len()),
    };
    // A name with a line break would begin a line of its own in the log.
    format!("{}\n", visible_line(&message))
}
