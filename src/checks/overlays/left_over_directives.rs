//! Directives of merges that stay in the output.

use crate::checks::positions::place_of_entry;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::yaml::{Entry, nearest};

/// Warns about a directive that is left, at a place.
pub(in crate::checks) fn left_over(
    lint: &Lint,
    entry: &Entry,
    key: &str,
    place: impl FnOnce() -> String,
) {
    let name = key.split('/').next().unwrap_or(key);
    let Some(hint) = hint(name) else { return };
    let place = place();
    // Many a custom resource has a patch in it, for which the directive is.
    if place.split(['.', '[']).any(|part| matches!(part, "patch" | "patches")) {
        return;
    }
    let text = format!("{place} stays in the output");
    lint.add(Warning::new(WarningKind::LeftOverDirective, text, place_of_entry(entry)).hint(hint));
}

/// Returns what to do about a directive that is left, or `None` for what only starts like one.
fn hint(name: &str) -> Option<String> {
    let hint = match name {
        "$patch" => {
            "it works in mappings and in lists with a merge key only; to change another list, repeat it or use \
             a JSON patch"
        }
        "$retainKeys" => "kustomize does not know it; set what is to go to null in the patch",
        "$deleteFromPrimitiveList" | "$setElementOrder" => {
            "kustomize does not know it; repeat the whole list, or use a JSON patch"
        }
        _ => {
            let known = ["$patch", "$retainKeys", "$deleteFromPrimitiveList", "$setElementOrder"];
            let near = nearest(known.into_iter(), name)?;
            return Some(format!("did you mean `{near}`?"));
        }
    };
    Some(hint.to_owned())
}
