//! Hints that who raises an error gives: what they are called, and what they look at.
//!
//! The words of the hint stand where the error is made, for only there all is known; here each gets its
//! identifier and its entry in the table.

use super::Hint;
use super::scene::{Finding, Scene};

/// Declares hints: an error has a hint, one of these words in its message, and the last ones in its hint.
macro_rules! raised {
    ($($id:literal $looks_at:literal says $words:expr, $hint:literal, example: $example:literal, remedy: $remedy:literal)*) => {
        pub(super) static HINTS: &[Hint] = &[$(Hint {
            id: $id,
            looks_at: $looks_at,
            example: $example,
            remedy: $remedy,
            find: |scene| given(scene, &$words, $hint),
        },)*];
    };
}

raised! {
    "type-of-config-map" "An entry of `configMapGenerator` has a `type`."
        says ["unknown field \"type\""], "secretGenerator",
        example: "configMapGenerator:\n- {name: a, type: Opaque}",
        remedy: "Only an entry of `secretGenerator` has one."
    "misspelled-field" "A field of a kustomization, or of an entry of it, is not known."
        says ["unknown field \""], "",
        example: "namePrefx: dev-",
        remedy: "Use the field that the hint names."
    "text-without-quotes" "A text is a number, bool or date for YAML, and must be text."
        says ["of type string"], "in quotes:",
        example: "images:\n- {name: web, newTag: 1.10}",
        remedy: "Put it into quotes."
    "number-in-quotes" "A number or bool is in quotes, and must be none."
        says ["of type int", "of type bool", "of type int64"], "without quotes",
        example: "replicas:\n- {name: web, count: \"3\"}",
        remedy: "Take the quotes away."
    "other-shape" "A field has a list where a mapping is wanted, or the like."
        says ["cannot unmarshal"], "",
        example: "replacements:\n- source: {kind: Service, name: web}\n  targets: {select: {kind: Deployment}}",
        remedy: "Write it in the shape that the hint names."
    "kind-of-kustomization" "`kind` or `apiVersion` of a kustomization file is not that of one."
        says ["kind should be", "apiVersion for", "apiVersion should be"], "",
        example: "kind: kustomization",
        remedy: "Write `kind: Kustomization` and `apiVersion: kustomize.config.k8s.io/v1beta1`, `kind: Component` with `v1alpha1`, or leave both out."
    "empty-kustomization" "A kustomization file has nothing in it."
        says ["kustomization.yaml is empty"], "",
        example: "# resources: []",
        remedy: "List files and folders under `resources`."
    "nothing-beside" "A file or folder is not there, and its folder has nothing else."
        says ["no such file or directory"], "a path counts from",
        example: "resources:\n- deployment.yaml # the folder has no other file",
        remedy: "Make the file, or correct the path: it counts from the folder of the file that names it."
    "ambiguous-path" "A path has dots where they mean nothing, mostly as two entries were written as one."
        says ["is ambiguous: resolves to"], "",
        example: "resources:\n- ../base ..service.yaml",
        remedy: "Put each entry on a line of its own that starts with `- `."
    "object-without-version" "An object whose name is referred to has a null `apiVersion`."
        says ["node-referrerOriginal 'APIVersion' mismatch"], "",
        example: "apiVersion:\nkind: ConfigMap",
        remedy: "Give it a version, such as `v1`."
    "comment-between-brackets" "A comment stands in what is printed between brackets, where upstream cannot print it."
        says ["failed to convert result to YAML"], "between brackets",
        example: "data: # a comment\n  {}",
        remedy: "Put the comment elsewhere."
    "no-kustomization" "A folder has no kustomization file."
        says ["unable to find one of"], "",
        example: "resources:\n- manifests # a folder of plain files",
        remedy: "Add a kustomization.yaml there that lists its files."
    "outside-of-root" "A file lies outside of the folder of the kustomization that names it."
        says ["security; file"], "",
        example: "resources:\n- ../service.yaml",
        remedy: "Move the file below the kustomization, refer to a base instead, or allow it with --load-restrictor LoadRestrictionsNone."
    "folder-as-file" "A folder is named where a file is wanted."
        says ["must resolve to a file", "is a directory"], "name a file",
        example: "configMapGenerator:\n- {name: conf, files: [conf]}",
        remedy: "Name a file: folders are not read."
    "file-as-folder" "A file is named where the folder of a kustomization is wanted."
        says ["file is not directory", "must be a directory"], "",
        example: "components:\n- tls.yaml",
        remedy: "Name the folder of a kustomization.yaml; a file is listed under `resources`."
    "empty-entry" "A list of paths has an empty entry."
        says ["cannot be empty", "empty path"], "",
        example: "resources:\n- service.yaml\n-",
        remedy: "Remove the entry."
    "cycle" "A base refers back to what refers to it, or lies above it."
        says ["cycle detected"], "",
        example: "resources:\n- ../.. # in base/overlays/dev, and base lists overlays/dev",
        remedy: "Remove one of the two references: a base knows nothing of its overlays."
    "remote-not-allowed" "Something is fetched from elsewhere, which was not allowed."
        says ["is remote", "is not allowed", "is elsewhere", "allow-remote"], "--allow-remote",
        example: "resources:\n- https://github.com/acme/infra//web?ref=v1",
        remedy: "Allow it with --allow-remote, or make copies with `kustom vendor`."
    "reached-twice" "An object comes into the build in two ways."
        says ["already registered id"], "reached in two ways",
        example: "resources: [web, db] # both list ../common",
        remedy: "Name what defines it only once, or make what both ways share a component."
    "object-twice" "Two objects have the same kind, name and namespace."
        says ["already registered id"], "",
        example: "resources: [web.yaml, patch.yaml] # both have the Deployment web",
        remedy: "Rename one of the two, drop one of them, or list the second under `patches`."
    "namespaces-become-one" "`namespace` gives two objects the same name in one namespace."
        says ["namespace transformation produces ID conflict"], "",
        example: "namespace: shop # and a ConfigMap in `one` and another in `two`",
        remedy: "Rename one of them."
    "component-as-resource" "`resources` names a component."
        says ["expected kind != 'Component'"], "",
        example: "resources:\n- ../components/tls",
        remedy: "List it under `components`."
    "resource-as-component" "`components` names a kustomization that is no component."
        says ["expected kind 'Component'"], "",
        example: "components:\n- ../base",
        remedy: "List it under `resources`, or make it a component."
    "patch-without-match" "A patch names an object that is not there."
        says ["no matches for Id"], "",
        example: "patches:\n- path: patch.yaml # of the Deployment `wbe`",
        remedy: "Write apiVersion, kind, name and namespace as the object has them before this layer changes them."
    "patch-with-several-matches" "A patch names several objects."
        says ["multiple matches for Id"], "",
        example: "patches:\n- path: patch.yaml # the Service `web` is in two namespaces",
        remedy: "Give the entry a `target`."
    "patch-of-nothing" "An entry of `patches` has neither `path` nor `patch`, or both."
        says ["must specify one of patch and path", "can't be set at the same time", "empty file path and empty jsonOp", "or jsonOp, not both"], "",
        example: "patches:\n- target: {kind: Deployment}",
        remedy: "Set `path` to a file, or `patch` to the patch itself."
    "json-patch-without-target" "A JSON patch has no target."
        says ["must specify a target for JSON patch", "must specify the target name"], "",
        example: "patches:\n- path: operations.yaml",
        remedy: "Add `target` with the kind and name of the object."
    "empty-patch" "A patch has nothing in it."
        says ["patch appears to be empty"], "",
        example: "patchesStrategicMerge:\n- empty.yaml",
        remedy: "Remove the entry, or write the patch."
    "no-json" "A patch that starts with `[` is no JSON."
        says ["invalid character"], "",
        example: "patch: \"[{op: remove, path: /spec}],\"",
        remedy: "Put keys and texts into double quotes, and no comma after the last element."
    "target-of-several-patches" "An entry has a target and a file with several patches."
        says ["multiple patches", "Multiple Strategic-Merge Patches"], "",
        example: "patches:\n- path: two-documents.yaml\n  target: {kind: Deployment}",
        remedy: "Leave `target` out, or make an entry for each patch."
    "pattern" "A target is no regular expression."
        says ["error parsing regexp"], "",
        example: "target: {name: \"*-web\"}",
        remedy: "Names and the like are regular expressions: `.*` is any text."
    "unknown-directive" "`$patch` has a word that it does not know."
        says ["unknown patch strategy"], "",
        example: "$patch: remove",
        remedy: "It may be `merge`, `replace` or `delete`."
    "patch-of-another-shape" "A patch has a mapping where the object has a list, or the like."
        says ["wrong node kind"], "the resource has",
        example: "containers: {name: web}",
        remedy: "Write the field in the shape that the object has."
    "var-without-object" "A var names an object that is not there."
        says ["cannot be mapped to a field"], "",
        example: "vars:\n- name: HOST\n  objref: {apiVersion: v1, kind: Service, name: wbe}",
        remedy: "Write apiVersion, kind and name as the object has them."
    "var-without-field" "A var names a field that its object does not have."
        says ["not found in corresponding resource"], "",
        example: "vars:\n- name: HOST\n  objref: {apiVersion: v1, kind: Service, name: web}\n  fieldref: {fieldPath: spec.host}",
        remedy: "`fieldref.fieldPath` leads to a field of that object."
    "var-twice" "Two vars have one name."
        says ["already encountered"], "",
        example: "vars:\n- {name: HOST, objref: {kind: Service, name: a, apiVersion: v1}}\n- {name: HOST, objref: {kind: Service, name: b, apiVersion: v1}}",
        remedy: "Names of vars are unique over all files of the build."
    "var-of-several" "A var names several objects."
        says ["unable to disambiguate"], "",
        example: "vars:\n- name: HOST\n  objref: {apiVersion: v1, kind: Service, name: web} # in two namespaces",
        remedy: "Give `objref` a namespace."
    "source-not-there" "The source of a replacement is not there."
        says ["nothing selected by"], "",
        example: "replacements:\n- source: {kind: Configmap, name: settings}",
        remedy: "Write kind, name and namespace as the object has them."
    "several-sources" "The source of a replacement is several objects."
        says ["multiple matches for selector"], "",
        example: "replacements:\n- source: {kind: ConfigMap}",
        remedy: "Give `source` a kind, name and namespace, so that only one fits."
    "source-without-field" "The source of a replacement does not have the field."
        says ["is missing for replacement source"], "",
        example: "replacements:\n- source: {kind: ConfigMap, name: settings, fieldPath: data.HSOT}",
        remedy: "Correct `fieldPath`."
    "index-of-part" "`index` of a replacement is past the parts of the value."
        says ["options.index"], "",
        example: "options: {delimiter: \":\", index: 3} # of `web:1`",
        remedy: "Parts count from 0."
    "incomplete-replacement" "A replacement has no source or targets, or a target no `select`."
        says ["must specify a source and at least one target", "must specify resources to select"], "",
        example: "replacements:\n- targets: [{fieldPaths: [spec.replicas]}]",
        remedy: "An entry has a `source` with `kind`, `name` and `fieldPath`, and `targets` with `select` and `fieldPaths`."
    "nothing-to-merge" "A generator merges with or replaces an object that is not there."
        says ["does not exist; cannot merge or replace"], "",
        example: "configMapGenerator:\n- {name: confg, behavior: merge}",
        remedy: "Write the name, kind and namespace of the object in the base."
    "generated-twice" "A generator makes an object that is there already."
        says ["can not use behavior", "cannot use behavior"], "",
        example: "configMapGenerator:\n- {name: settings} # the base has it too",
        remedy: "Give the entry `behavior: merge` or `behavior: replace`."
    "generator-without-name" "An entry of a generator has no name."
        says ["must have a name"], "",
        example: "configMapGenerator:\n- literals: [A=b]",
        remedy: "Give it a `name`."
    "literal-without-equals" "A literal has no equals sign."
        says ["expected key=value"], "",
        example: "literals:\n- DEBUG",
        remedy: "Write it as KEY=value."
    "generated-key-twice" "An entry of a generator makes one key twice."
        says ["illegally repeats the key"], "",
        example: "literals:\n- A=b\n- A=c",
        remedy: "Keep one of the two, over literals, files and envs of the entry."
    "misspelled-built-in" "A config has a kind that is no built-in generator or transformer."
        says ["unable to load builtin"], "",
        example: "apiVersion: builtin\nkind: LabelsTransformer",
        remedy: "Use the kind that the hint names."
    "plugins-not-allowed" "A config is for a function in a container or a plugin, which was not allowed."
        says ["external plugins disabled"], "",
        example: "apiVersion: acme.io/v1\nkind: SealedThings",
        remedy: "--enable-alpha-plugins allows it; built-in configs have `apiVersion: builtin`."
    "openapi-version" "`openapi` names a version that is not built in."
        says ["OpenAPI version is not built in"], "",
        example: "openapi: {version: v1.30.0}",
        remedy: "Leave it out, or name a file under `path`."
    "sort-options" "`sortOptions` has lists without the order that uses them."
        says ["legacySortOptions"], "",
        example: "sortOptions:\n  order: fifo\n  legacySortOptions: {orderFirst: [Namespace]}",
        remedy: "Write `order: legacy`, or leave the lists out."
    "ambiguous-reference" "A reference could mean several objects."
        says ["found multiple possible referrals"], "",
        example: "serviceAccountName: web # two bases have one, with different prefixes",
        remedy: "Give the objects different names, or refer to one by its full new name."
}

/// Returns the hint that an error was raised with, if message and hint have these words.
fn given(scene: &Scene<'_>, words: &[&str], in_hint: &str) -> Option<Finding> {
    let hint = scene.error.hint_text().filter(|hint| hint.contains(in_hint))?;
    words.iter().any(|words| scene.says(words)).then(|| Finding::new(hint))
}
