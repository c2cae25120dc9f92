//! Replacements that select nothing, or write nothing.

use ecow::EcoString;

use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::replace::{Applied, Target};
use crate::resource::{Resource, ResourceSet};
use crate::yaml::{Pos, nearest};

/// Warns about what the targets of entry `i` did.
pub(crate) fn check(
    lint: &Lint,
    i: usize,
    targets: &[Target],
    done: &[(Applied, EcoString)],
    set: &ResourceSet,
) {
    let does_something = done.iter().any(|(applied, _)| applied.selected);
    for (n, (target, (applied, value))) in targets.iter().zip(done).enumerate() {
        let warning = if !applied.selected {
            // Lists of targets for all kinds that may be there are copied from project to project.
            let is_general = takes_what_is_there(target, set);
            if is_general && does_something {
                continue;
            }
            Warning::new(
                WarningKind::UnusedReplacement,
                "this target of the replacement selects no resource",
                Pos::NONE,
            )
            .unless_in_component(is_general)
            .hint(hint(target, set))
        } else if applied.emptied {
            Warning::new(
                WarningKind::EmptyReplacement,
                "the value is a list or mapping, so the text that it was written to is empty now",
                Pos::NONE,
            )
            .hint("let `fieldPath` name a text or number, such as `data.addresses.0`")
        } else if let Some(i) = applied.misplaced {
            let text = format!(
                "the value replaces the first piece of `{}`, where it hardly belongs, for there is no `index`",
                target.path(i)
            );
            Warning::new(WarningKind::OverwrittenValue, text, Pos::NONE).hint(
                "write the number of the piece beside `delimiter`, counted from 0: `index: 1` is the second, such as \
                 the tag behind `:`",
            )
        } else if let Some(i) = applied.untexted {
            let text = format!(
                "the replacement writes `{value}` into `{}` as a number or bool, and the API server takes a text \
                 only",
                target.path(i)
            );
            Warning::new(WarningKind::NotText, text, Pos::NONE).hint(
                "a new field gets the type of the source, while one that is there keeps its own: give the object \
                 the field with a text, such as `value: \"\"`, which the replacement then changes",
            )
        } else if let Some((path, name)) = target.partly_matched(set) {
            let text = format!("`{path}` selects the element `{name}` by a part of its name");
            Warning::new(WarningKind::PartialMatch, text, Pos::NONE).hint(
                "what stands in `[name=...]` is a regular expression that is looked for anywhere in the name: \
                 write `[name=^web$]` for the whole of it",
            )
        } else {
            continue;
        };
        lint.add(warning.in_field(format!("[{i}].targets[{n}]")));
    }
}

/// Returns `true` if a target is for all objects of a kind, however many there are, and no other kind is
/// nearly called so.
fn takes_what_is_there(target: &Target, set: &ResourceSet) -> bool {
    let (kind, name) = target.written();
    name.is_empty() && nearest(set.iter().map(Resource::kind), kind).is_none()
}

/// Returns what may have been meant by a target that selects nothing.
fn hint(target: &Target, set: &ResourceSet) -> String {
    let (kind, name) = target.written();
    let of_kind = |resource: &&Resource| kind.is_empty() || resource.kind() == kind;
    let names = || set.iter().filter(of_kind).map(Resource::name);
    if names().next().is_none() {
        return match nearest(set.iter().map(Resource::kind), kind) {
            Some(near) => format!("did you mean the kind `{near}`?"),
            None => format!("no resource of this layer or its bases has the kind `{kind}`"),
        };
    }
    match nearest(names(), name) {
        Some(near) if near != name => format!("did you mean `{near}`?"),
        _ if name.is_empty() || names().any(|other| other == name) => {
            "check group, version and namespace under `select`".to_owned()
        }
        _ => {
            let some: Vec<String> = names().take(3).map(|name| format!("`{name}`")).collect();
            format!("there is {}; a target has the name as it is before this step", some.join(", "))
        }
    }
}
