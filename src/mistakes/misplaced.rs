//! Fields of a kustomization that were written in the wrong place.

use super::Mistake;
use super::scene::{Finding, Scene, between};
use crate::diagnostics::{ErrorKind, Hint};

/// Declares hints: in an entry of these lists, or in a field of it (or beside the lists, if empty), one of these
/// keys is unknown.
macro_rules! misplaced {
    ($($id:literal $looks_at:literal in $lists:expr, $keys:expr, example: $example:literal, hint: $hint:literal, remedy: $remedy:literal)*) => {
        pub(super) static MISTAKES: &[Mistake] = &[$(Mistake {
            hint: Hint { id: $id, looks_at: $looks_at, example: $example, remedy: $remedy },
            find: |scene| is_misplaced(scene, &$lists, &$keys).then(|| Finding::new($hint)),
        },)*];
    };
}

misplaced! {
    "chart-repository" "A chart names its repository in another field than `repo`."
        in ["helmCharts"],
        ["repository", "repoURL", "repoUrl", "url"],
        example: "helmCharts:\n- {name: redis, repoURL: https://charts.example.com}",
        hint: "`repo` is the address of the repository",
        remedy: "`repo` is the address of the repository."
    "chart-values" "A chart has `values`."
        in ["helmCharts"],
        ["values", "valuesObject", "set", "setValues", "parameters"],
        example: "helmCharts:\n- {name: redis, values: {replicas: 2}}",
        hint: "values stand under `valuesInline`; `valuesFile` is one file, and `additionalValuesFiles` a list of more",
        remedy: "Values stand under `valuesInline`; `valuesFile` is one file, and `additionalValuesFiles` a list of more."
    "chart-values-files" "A chart has a list of files with values in another field than `additionalValuesFiles`."
        in ["helmCharts"],
        ["valuesFiles", "valueFiles", "valueFile"],
        example: "helmCharts:\n- {name: redis, valueFiles: [prod.yaml]}",
        hint: "`valuesFile` is one file, and `additionalValuesFiles` a list of more",
        remedy: "`valuesFile` is one file, and `additionalValuesFiles` a list of more."
    "chart-name-and-version" "A chart is named, or its version given, in another field than `name`, `version` and `releaseName`."
        in ["helmCharts"],
        ["chart", "targetRevision", "chartVersion", "release"],
        example: "helmCharts:\n- {chart: redis, targetRevision: 1.2.0}",
        hint: "`name` is the chart, `version` its version, and `releaseName` the name of the release",
        remedy: "`name` is the chart, `version` its version, and `releaseName` the name of the release."
    "object-fields-at-top" "A kustomization has fields of a Kubernetes object."
        in [""],
        ["data", "spec", "stringData", "status", "template", "rules", "subjects"],
        example: "data:\n  LOG_LEVEL: debug",
        hint: "a resource has its own file, which is listed under `resources`",
        remedy: "A resource has its own file, which is listed under `resources`."
    "generator-fields-at-top" "Fields of a generator stand beside the lists."
        in [""],
        ["literals", "files", "envs", "env", "behavior"],
        example: "literals:\n- A=b",
        hint: "it belongs to an entry of `configMapGenerator` or `secretGenerator`",
        remedy: "It belongs to an entry of `configMapGenerator` or `secretGenerator`."
    "options-at-top" "Options of generators stand beside the lists."
        in [""],
        ["disableNameSuffixHash", "immutable", "annotations"],
        example: "disableNameSuffixHash: true",
        hint: "it belongs under `generatorOptions`, or `commonAnnotations` is meant",
        remedy: "It belongs under `generatorOptions`, or `commonAnnotations` is meant."
    "patch-fields-at-top" "Fields of a patch stand beside the lists."
        in [""],
        ["patch", "path", "target"],
        example: "path: patch.yaml",
        hint: "it belongs to an entry of `patches`",
        remedy: "It belongs to an entry of `patches`."
    "image-fields-at-top" "Fields of an image stand beside the lists."
        in [""],
        ["newName", "newTag", "digest"],
        example: "newTag: '2'",
        hint: "it belongs to an entry of `images`",
        remedy: "It belongs to an entry of `images`."
    "image-tag" "An image has a field `tag`."
        in ["images"],
        ["tag", "version"],
        example: "images:\n- {name: web, tag: '2'}",
        hint: "`newTag` sets the tag",
        remedy: "`newTag` sets the tag."
    "image-repository" "An image is named by another field than `name`."
        in ["images"],
        ["image", "repository"],
        example: "images:\n- {repository: web, newTag: '2'}",
        hint: "`name` is the image that is there, without the tag; `newName` is the name that takes its place",
        remedy: "`name` is the image that is there, without the tag; `newName` is the name that takes its place."
    "label-field-specs" "An entry of `labels` has `fieldSpecs`."
        in ["labels"],
        ["fieldSpecs", "fieldspecs"],
        example: "labels:\n- pairs: {a: b}\n  fieldSpecs: []",
        hint: "an entry has `fields`, a list of field specs, and `includeSelectors`",
        remedy: "An entry has `fields`, a list of field specs, and `includeSelectors`."
    "label-fields-at-top" "Fields of a label stand beside the lists."
        in [""],
        ["pairs", "includeSelectors", "includeTemplates", "fields"],
        example: "pairs: {a: b}",
        hint: "it belongs to an entry of `labels`",
        remedy: "It belongs to an entry of `labels`."
    "replacement-fields-at-top" "Fields of a replacement stand beside the lists."
        in [""],
        ["source", "sourceValue", "targets"],
        example: "targets: []",
        hint: "it belongs to an entry of `replacements`",
        remedy: "It belongs to an entry of `replacements`."
    "name-at-top" "A kustomization has a field `name`."
        in [""],
        ["name"],
        example: "name: prod",
        hint: "the name of the kustomization itself belongs under `metadata`",
        remedy: "The name of the kustomization itself belongs under `metadata`."
    "generator-options-in-entry" "Options of a generator stand in its entry."
        in ["configMapGenerator", "secretGenerator"],
        ["disableNameSuffixHash", "immutable", "labels", "annotations"],
        example: "configMapGenerator:\n- name: settings\n  disableNameSuffixHash: true",
        hint: "it belongs under `options` of the entry",
        remedy: "It belongs under `options` of the entry."
    "entry-fields-in-options" "Fields of a generator stand in the `options` of its entry."
        in ["configMapGenerator.options", "secretGenerator.options"],
        ["name", "namespace", "behavior", "type", "files", "literals", "envs", "env", "options"],
        example: "configMapGenerator:\n- name: settings\n  options:\n    disableNameSuffixHash: true\n    behavior: merge",
        hint: "it belongs to the entry itself: indent it less, like `options`",
        remedy: "It belongs to the entry itself, beside `options`: indent it less."
    "entry-fields-in-generator-options" "Fields of a generator stand in `generatorOptions`, which is for all generators."
        in ["generatorOptions"],
        ["name", "namespace", "behavior", "type", "files", "literals", "envs", "env"],
        example: "generatorOptions:\n  disableNameSuffixHash: true\n  behavior: merge",
        hint: "it belongs to each entry of `configMapGenerator` or `secretGenerator` that it is for",
        remedy: "It belongs to each entry of `configMapGenerator` or `secretGenerator` that it is for."
    "patch-fields-in-target" "Fields of a patch stand in its `target` or `options`."
        in ["patches.target", "patches.options", "patchesJson6902.target"],
        ["path", "patch", "target", "options"],
        example: "patches:\n- target:\n    kind: Deployment\n    path: patch.yaml",
        hint: "it belongs to the entry itself, beside `target`: indent it less",
        remedy: "It belongs to the entry itself, beside `target`: indent it less."
    "target-fields-in-select" "Fields of the target of a replacement stand in its `select`, `reject` or `options`."
        in [
            "replacements.targets.select",
            "replacements.targets.reject",
            "replacements.targets.options",
        ],
        ["fieldPaths", "select", "reject", "options"],
        example: "targets:\n- select:\n    kind: Deployment\n    fieldPaths: [spec.replicas]",
        hint: "it belongs to the target itself, beside `select`: indent it less",
        remedy: "It belongs to the target itself, beside `select`: indent it less."
    "target-fields-in-patch" "The target of a patch stands in its entry."
        in ["patches"],
        ["group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector"],
        example: "patches:\n- kind: Deployment\n  path: patch.yaml",
        hint: "it belongs under `target` of the entry",
        remedy: "It belongs under `target` of the entry."
    "options-in-patch" "Options of a patch stand in its entry."
        in ["patches"],
        ["allowNameChange", "allowKindChange"],
        example: "patches:\n- path: patch.yaml\n  allowNameChange: true",
        hint: "it belongs under `options` of the entry",
        remedy: "It belongs under `options` of the entry."
    "api-version-in-target" "A target has an `apiVersion`."
        in ["patches", "patchesJson6902", "replacements"],
        ["apiVersion"],
        example: "patches:\n- target: {apiVersion: apps/v1, kind: Deployment}\n  path: patch.yaml",
        hint: "there is no apiVersion here but `group` and `version`, each by itself: `apps/v1` is `group: apps` and `version: v1`, and `v1` is `version: v1` alone",
        remedy: "There is no apiVersion here but `group` and `version`, each by itself: `apps/v1` is `group: apps` and `version: v1`, and `v1` is `version: v1` alone."
    "generator-commands" "A generator has `commands`."
        in ["configMapGenerator", "secretGenerator"],
        ["commands"],
        example: "secretGenerator:\n- name: token\n  commands: {token: cat token}",
        hint: "no commands are run: put what the command prints into a file, and name it under `files` or `envs`",
        remedy: "No commands are run: put what the command prints into a file, and name it under `files` or `envs`."
    "env-file-field" "A generator names its env files in another field than `envs`."
        in ["configMapGenerator", "secretGenerator"],
        ["envFile", "envFiles", "env_file", "fromEnvFile", "envfrom", "fromFile"],
        example: "configMapGenerator:\n- name: settings\n  envFile: app.env",
        hint: "`envs` is a list of env files",
        remedy: "`envs` is a list of env files."
    "generator-data" "A generator has `data`, as a ConfigMap has."
        in ["configMapGenerator", "secretGenerator"],
        ["data", "binaryData", "stringData"],
        example: "configMapGenerator:\n- name: settings\n  data: {A: b}",
        hint: "write `literals`, a list of texts such as `- KEY=value`, or `files` for whole files",
        remedy: "Write `literals`, a list of texts such as `- KEY=value`, or `files` for whole files."
    "replacement-options" "Options of a replacement stand beside its source or in its target."
        in ["replacements"],
        ["delimiter", "index", "create", "encoding"],
        example: "replacements:\n- source: {kind: Service, name: web, delimiter: '.'}",
        hint: "it belongs under `options` of the source or target",
        remedy: "It belongs under `options` of the source or target."
    "field-path-in-target" "A target of a replacement has `fieldPath`."
        in ["replacements"],
        ["fieldPath"],
        example: "targets:\n- select: {kind: Deployment}\n  fieldPath: spec.replicas",
        hint: "a target has a list of `fieldPaths`, a source a `fieldPath`",
        remedy: "A target has a list of `fieldPaths`, a source a `fieldPath`."
    "source-fields-in-replacement" "A replacement names an object outside of its source and targets."
        in ["replacements"],
        ["group", "version", "kind", "name", "namespace"],
        example: "replacements:\n- kind: Service\n  name: web",
        hint: "it belongs under `source`, or under `select` of a target",
        remedy: "It belongs under `source`, or under `select` of a target."
}

/// Returns `true` if one of the keys is unknown in an entry of one of the lists.
fn is_misplaced(scene: &Scene<'_>, lists: &[&str], keys: &[&str]) -> bool {
    let key = || between(scene.error.message(), "unknown field \"", "\"");
    let field = scene.field();
    let list = field.split('[').next().unwrap_or_default();
    // Such as `replacements.targets.select`.
    let part = |text: &str| text.split('[').next().unwrap_or_default().to_owned();
    let below = field.split('.').map(part).collect::<Vec<_>>().join(".");
    scene.is(ErrorKind::Kustomization)
        && (lists.contains(&list) || lists.contains(&below.as_str()))
        && key().is_some_and(|key| keys.contains(&key))
}
