//! What is to be thought of roots that cannot be rendered.

use std::path::Path;

use kustom::roots::{self, Sameness};
use kustom::{Builder, ErrorKind, Limit};

use super::set::{Refusal, Set};
use super::side::Side;
use crate::git::{IN_SUBMODULE, NOT_CHECKED_OUT, NOT_IN_CLONE};

/// What is said of a root whose files have changed, and which can be rendered on neither side.
const CHANGED: &str = "what it reads has changed, and it cannot be rendered to compare: ";

/// Returns `true` if a side was refused because the clone does not have all of its files.
pub(super) fn lacks_objects(refusal: &Refusal) -> bool {
    refusal.trouble.message.contains(NOT_IN_CLONE)
}

/// Returns `true` if a side was refused for want of what lies outside, or may not be read there, or of room beside the
/// others of a call: elsewhere, or with another switch, it may be rendered.
fn lacks_something(refusal: &Refusal) -> bool {
    use ErrorKind::{External, Fetch, Lock, Restricted};
    matches!(refusal.error.kind(), External | Fetch | Lock | Restricted)
        // No switch makes a plugin of a manifest.
        && refusal.error.hint_id() != Some("not-a-plugin")
        || lacks_room(refusal)
        || is_not_checked_out(refusal)
}

/// Returns `true` if there was no room for a side beside the others of a call.
fn lacks_room(refusal: &Refusal) -> bool {
    refusal.error.limit() == Some(Limit::CallBytes)
}

/// Returns `true` if a side was refused because git has not checked out all of its files.
fn is_not_checked_out(refusal: &Refusal) -> bool {
    refusal.trouble.message.contains(NOT_CHECKED_OUT)
}

/// Where git has not checked out what the side after reads, says that it cannot be compared, unless neither side can
/// be and that has been said.
pub(super) fn doubt_what_is_not_checked_out(old: &Set, new: &mut Set) {
    let Set::Refused(refusal) = new else { return };
    let is_told = refusal.may_differ || matches!(old, Set::Refused(old) if lacks_something(old));
    if is_not_checked_out(refusal) && !is_told {
        refusal.trouble.message.insert_str(0, "it cannot be rendered to compare: ");
        refusal.may_differ = true;
    }
}

/// Where there was no room for one side beside the others of a call, says that they cannot be compared.
pub(super) fn doubt_what_had_no_room(old: &mut Set, new: &mut Set) {
    if let (Set::Refused(refusal), Set::Built(_)) | (Set::Built(_), Set::Refused(refusal)) =
        (old, new)
        && lacks_room(refusal)
    {
        refusal.trouble.message.insert_str(0, "it cannot be rendered to compare: ");
        refusal.may_differ = true;
    }
}

/// Where neither side can be rendered for want of what lies outside, and what the root looks at is not the same,
/// says so: nobody knows that its output is as before. Where a submodule is not here, and all is the same, lets both
/// fail in the same way, which a revision and the disk say in other words.
pub(super) fn doubt_what_changed(
    [before, after]: [&Builder; 2],
    root: &Path,
    [old, new]: [&mut Set; 2],
    same: &dyn Sameness,
) {
    let (Set::Refused(old), Set::Refused(new)) = (old, new) else { return };
    let is_in_submodule = old.trouble.message.contains(IN_SUBMODULE);
    if !(lacks_something(old) && lacks_something(new) || is_in_submodule) {
        return;
    }
    if roots::may_differ(before, after, root, same) {
        new.trouble.message.insert_str(0, CHANGED);
        new.may_differ = true;
    } else if is_in_submodule {
        new.trouble.clone_from(&old.trouble);
    }
}

/// Where a root has moved, and neither side can be rendered: says that it may differ, if that is for want of what lies
/// outside and what the root looks at is not the same; else lets both fail in the same way where they only name
/// different folders.
pub(super) fn doubt_what_moved(
    sides: [Side<'_>; 2],
    roots: [&Path; 2],
    [old, new]: [&mut Set; 2],
    same: &dyn Sameness,
) {
    let (Set::Refused(old), Set::Refused(new)) = (old, new) else { return };
    let is_in_submodule = old.trouble.message.contains(IN_SUBMODULE);
    let is_outside = lacks_something(old) && lacks_something(new) || is_in_submodule;
    let builders = sides.map(|side| side.builder);
    let is_left_out = |path: &Path| sides[1].ignored.is_some_and(|ignored| ignored.ignores(path));
    if is_outside && roots::moved_may_differ(builders, roots, same, &is_left_out) {
        new.trouble.message.insert_str(0, CHANGED);
        new.may_differ = true;
        return;
    }
    let ([before, after], [from, to]) = (builders, roots);
    let folder = |of: &Builder, root: &Path| of.get_file_system().absolute(root);
    if let (Ok(from), Ok(to)) = (folder(before, from), folder(after, to))
        && old.error.kind() == new.error.kind()
        && moved_text(old.error.message(), &from, &to) == new.error.message()
    {
        old.trouble.clone_from(&new.trouble);
    }
}

/// Returns a text with one folder in the place of another.
fn moved_text(text: &str, from: &Path, to: &Path) -> String {
    text.replace(&*from.to_string_lossy(), &to.to_string_lossy())
}

/// Returns `true` if a side was refused because it needs what is not switched on here.
pub(super) fn needs_a_switch(refusal: &Refusal) -> bool {
    const NOT_ALLOWED: [&str; 4] =
        ["charts-not-allowed", "function-config", "plugins-not-allowed", "remote-not-allowed"];
    refusal.error.hint_id().is_some_and(|hint| NOT_ALLOWED.contains(&hint))
}

/// Where only the side after needs what is not switched on here, says that it cannot be compared: the change may be
/// right, and who reviews it decides whether to switch that on.
pub(super) fn doubt_what_needs_a_switch(old: &Set, new: &mut Set) {
    let Set::Refused(new) = new else { return };
    if !needs_a_switch(new) {
        return;
    }
    let why = match old {
        // Whether its output is as before has been looked at already.
        Set::Refused(old) if lacks_something(old) => return,
        Set::Refused(_) => "it failed before, and cannot be rendered to compare now: ",
        _ => "it needs what it did not need before, and cannot be rendered to compare: ",
    };
    new.trouble.message.insert_str(0, why);
    new.may_differ = true;
}

/// Where the side before lacks a copy of what is elsewhere, and the one after can be rendered, says that they cannot be
/// compared: the network would have told what it was.
pub(super) fn doubt_what_has_no_copy(old: &mut Set, new: &Set) {
    if let (Set::Refused(old), Set::Built(_)) = (old, new)
        && old.error.hint_id() == Some("copy-missing")
    {
        let why = "what it was before cannot be rendered to compare: ";
        old.trouble.message.insert_str(0, why);
        old.may_differ = true;
    }
}
