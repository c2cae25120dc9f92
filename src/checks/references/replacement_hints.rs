//! The hint on how to make a reference follow a renamed object.

use crate::checks::objects::current_name;
use crate::resource::Resource;

/// Returns the hint for a reference in `by` that keeps a former name of `meant`. `fields` is its field as a field spec
/// has it, if the whole text is the name.
pub(in crate::checks) fn hint(by: &Resource, meant: &Resource, fields: Option<&str>) -> String {
    let kind = meant.kind();
    let history = &meant.history;
    // A hash is another one with the next change.
    let (now, without) = match history.needs_hash {
        true => {
            (current_name(meant), " and `options: {disableNameSuffixHash: true}` on the generator")
        }
        false => (meant.name(), ""),
    };
    // Only the hash distinguishes the names.
    let is_hashed = history.is_generated
        && history.needs_hash
        && history.previous.first().is_some_and(|first| first.name == current_name(meant));
    const KEEP: &str =
        "keep the name, with `options: {disableNameSuffixHash: true}` on the generator";
    let Some(path) = fields else {
        return match is_hashed {
            true => format!(
                "{KEEP}, or let a replacement copy the new one: no step looks inside of a text"
            ),
            false => format!(
                "write `{now}` there in this overlay{without}, or let a replacement copy it: no step looks inside of a text"
            ),
        };
    };
    let first = if is_hashed { KEEP } else { "set the field with a replacement" };
    format!(
        "{first}, or let it follow the name, with `configurations: [names.yaml]` in the kustomization and this in \
         names.yaml:\n\
         nameReference:\n\
         - kind: {kind}\n  \
           fieldSpecs:\n  \
           - {{path: {path}, kind: {}}}",
        by.kind()
    )
}
