//! Fields that their type does not have: where they belong, and directives of merges.

use crate::schema::TypeRef;
use crate::yaml::nearest;

/// Fields that have what a kind is about.
const PLACES: &[(&str, &[&str])] = &[
    ("spec", &["spec"]),
    ("spec.template.spec", &["spec", "template", "spec"]),
    ("spec.jobTemplate.spec.template.spec", &["spec", "jobTemplate", "spec", "template", "spec"]),
    ("metadata", &["metadata"]),
];

/// Returns where a field belongs that stands in a mapping of the type `of`, in an object of the type `top`;
/// `near_top` says that the mapping is that object, or right in it.
pub(super) fn belongs(
    top: TypeRef<'_>,
    of: TypeRef<'_>,
    key: &str,
    near_top: bool,
) -> Option<String> {
    let at = |path: &[&str]| path.iter().try_fold(top, |of, step| of.field(step));
    let has = |of: TypeRef<'_>| of.has_fields() && of.field(key).is_some();
    let inner = PLACES.iter().find(|(_, path)| near_top && at(path).is_some_and(has));
    if let Some((place, _)) = inner {
        return Some(format!("it belongs to `{place}`: indent it"));
    }
    let container = of.field("containers").and_then(TypeRef::element);
    if container.is_some_and(has) {
        return Some(
            "it belongs to a container: put it into its element of `containers`".to_owned(),
        );
    }
    let is_container = of.field("imagePullPolicy").is_some();
    let pods = PLACES.iter().filter_map(|(_, path)| at(path));
    let pod = pods.filter(|of| of.field("containers").is_some()).find(|of| has(*of));
    (is_container && pod.is_some())
        .then(|| "it belongs to the pod: put it beside `containers`".to_owned())
}

/// Returns what to do about a directive that is left; nothing for what only starts like one.
pub(super) fn directive(name: &str) -> Option<String> {
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
