//! What objects refer to, and the remark on what is not there.

use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::yaml::{Node, Pos};

/// What an object refers to.
pub(in crate::checks) struct Referred<'a> {
    pub(in crate::checks) kind: &'a str,
    pub(in crate::checks) name: &'a Node,
    pub(in crate::checks) namespace: Option<&'a str>,
    pub(in crate::checks) by: &'a Resource,
    pub(in crate::checks) is_optional: bool,
}

/// A reference in a resource.
pub(in crate::checks) struct Reference<'a> {
    pub(in crate::checks) kind: &'a str,
    pub(in crate::checks) name: &'a str,
    /// Where the name is written.
    pub(in crate::checks) pos: Pos,
    pub(in crate::checks) namespace: Option<&'a str>,
    /// Where, such as `spec.targetRef.name`.
    pub(in crate::checks) path: &'a dyn Fn() -> String,
    /// The same in the notation of a field spec, or `None` where the name is only a part of the text.
    pub(in crate::checks) fields: &'a dyn Fn() -> Option<String>,
    pub(in crate::checks) kind_pos: Pos,
}

/// Warns about a reference that leads nowhere: `what` it says behind the kind, and the object that is meant.
pub(in crate::checks) fn dangling(
    lint: &Lint,
    reference: &Referred<'_>,
    what: &str,
    meant: (&'static str, &Resource),
    hint: &str,
) {
    dangling_at(lint, (reference, reference.name.pos()), what, meant, hint, None);
}

/// Warns about one of which another value than the name is wrong; not if the namespace `elsewhere` is in use by what
/// another root builds.
pub(in crate::checks) fn dangling_at(
    lint: &Lint,
    (reference, pos): (&Referred<'_>, Pos),
    what: &str,
    (label, meant): (&'static str, &Resource),
    hint: &str,
    elsewhere: Option<&str>,
) {
    let by = reference.by;
    let text = format!("{} {} refers to the {} {what}", by.kind(), by.name(), reference.kind);
    let warning = Warning::new(WarningKind::DanglingReference, text, pos)
        .related(label, meant.node.pos())
        .hint(hint);
    lint.add(match elsewhere {
        Some(namespace) => warning.unless_in_use(namespace),
        None => warning,
    });
}
