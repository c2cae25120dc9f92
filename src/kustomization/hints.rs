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
    (
        "images",
        &["image", "repository"],
        "`name` is the image that is there, without the tag; `newName` is the name that takes its place",
    ),
    (
        "labels",
        &["fieldSpecs", "fieldspecs"],
        "an entry has `fields`, a list of field specs, and `includeSelectors`",
    ),
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
    ("patches", &["apiVersion"], GROUP_AND_VERSION),
    ("patchesJson6902", &["apiVersion"], GROUP_AND_VERSION),
    ("replacements", &["apiVersion"], GROUP_AND_VERSION),
    ("configMapGenerator", &["commands"], NO_COMMANDS),
    ("secretGenerator", &["commands"], NO_COMMANDS),
    ("configMapGenerator", ENV_FILE, "`envs` is a list of env files"),
    ("secretGenerator", ENV_FILE, "`envs` is a list of env files"),
    ("configMapGenerator", &["data", "binaryData"], LITERALS),
    ("secretGenerator", &["data", "stringData"], LITERALS),
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

const GROUP_AND_VERSION: &str = "there is no apiVersion here but `group` and `version`, each by itself: \
    `apps/v1` is `group: apps` and `version: v1`, and `v1` is `version: v1` alone";
const NO_COMMANDS: &str = "no commands are run: put what the command prints into a file, and name it under `files` or `envs`";
const ENV_FILE: &[&str] =
    &["envFile", "envFiles", "env_file", "fromEnvFile", "envfrom", "fromFile"];
const LITERALS: &str =
    "write `literals`, a list of texts such as `- KEY=value`, or `files` for whole files";

/// Returns what to do about the key `key`, which is unknown in the struct at `field`.
pub(super) fn misplaced(field: &str, key: &str) -> Option<&'static str> {
    let list = field.split('[').next().unwrap_or_default();
    MISPLACED
        .iter()
        .find(|(place, keys, _)| *place == list && keys.contains(&key))
        .map(|(_, _, hint)| *hint)
}
