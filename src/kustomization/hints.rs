//! Where a field belongs that was written in the wrong place.

/// Keys that belong elsewhere: where they were found (an entry of that list, or the top level if
/// empty), which keys, and what to do.
const MISPLACED: &[(&str, &[&str], &str)] = &[
    (
        "",
        &["data", "spec", "stringData", "status", "template", "rules", "subjects"],
        "a resource has its own file, which is listed under `resources`",
    ),
    (
        "",
        &["literals", "files", "envs", "env", "behavior"],
        "it belongs to an entry of `configMapGenerator` or `secretGenerator`",
    ),
    (
        "",
        &["disableNameSuffixHash", "immutable", "annotations"],
        "it belongs into `generatorOptions`, or `commonAnnotations` is meant",
    ),
    ("", &["patch", "path", "target"], "it belongs to an entry of `patches`"),
    ("", &["newName", "newTag", "digest"], "it belongs to an entry of `images`"),
    ("images", &["tag", "version"], "`newTag` sets the tag"),
    ("images", &["image", "repository"], "`newName` sets the name without the tag"),
    (
        "",
        &["pairs", "includeSelectors", "includeTemplates", "fields"],
        "it belongs to an entry of `labels`",
    ),
    ("", &["source", "sourceValue", "targets"], "it belongs to an entry of `replacements`"),
    ("", &["name"], "the name of the kustomization itself belongs into `metadata`"),
    (
        "configMapGenerator",
        &["disableNameSuffixHash", "immutable", "labels", "annotations"],
        "it belongs into `options` of the entry",
    ),
    (
        "secretGenerator",
        &["disableNameSuffixHash", "immutable", "labels", "annotations"],
        "it belongs into `options` of the entry",
    ),
    (
        "patches",
        &["group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector"],
        "it belongs into `target` of the entry",
    ),
    ("patches", &["allowNameChange", "allowKindChange"], "it belongs into `options` of the entry"),
    (
        "replacements",
        &["delimiter", "index", "create", "encoding"],
        "it belongs into `options` of the source or target",
    ),
    ("replacements", &["fieldPath"], "a target has a list of `fieldPaths`, a source a `fieldPath`"),
    (
        "replacements",
        &["group", "version", "kind", "name", "namespace"],
        "it belongs into `source`, or into `select` of a target",
    ),
];

/// Returns what to do about the key `key`, which is unknown in the struct at `field`.
pub(super) fn misplaced(field: &str, key: &str) -> Option<&'static str> {
    let list = field.split('[').next().unwrap_or_default();
    MISPLACED
        .iter()
        .find(|(place, keys, _)| *place == list && keys.contains(&key))
        .map(|(_, _, hint)| *hint)
}
