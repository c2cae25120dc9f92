//! Patches: entries, targets, and what they meet.

use super::hints;

hints! { PATCHES;
    PATCH_WITHOUT_MATCH "patch-without-match" {
        looks_at: "A patch names an object that is not there.",
        example: "patches:\n- path: patch.yaml # of the Deployment `wbe`",
        remedy: "Is its file listed under `resources`? A patch needs apiVersion, kind, name and namespace of a resource of this layer or its bases, as they are before this layer changes them."
    }
    PATCH_WITH_SEVERAL_MATCHES "patch-with-several-matches" {
        looks_at: "A patch names several objects.",
        example: "patches:\n- path: patch.yaml # the Service `web` is in two namespaces",
        remedy: "Give the entry a `target` that selects all of them, or one."
    }
    PATCH_OF_NOTHING "patch-of-nothing" {
        looks_at: "An entry of `patches` has neither `path` nor `patch`.",
        example: "patches:\n- target: {kind: Deployment}",
        remedy: "Set `path` to a file or `patch` to the patch itself."
    }
    PATCH_AND_PATH "patch-and-path" {
        looks_at: "An entry of `patches` has both `path` and `patch`.",
        example: "patches:\n- path: limits.yaml\n  patch: '{...}'",
        remedy: "Keep one of them, or make two entries."
    }
    JSON_PATCH_WITHOUT_TARGET "json-patch-without-target" {
        looks_at: "A JSON patch has no target.",
        example: "patches:\n- path: operations.yaml",
        remedy: "Add `target` with the kind and name of the resource."
    }
    TARGET_WITHOUT_NAME "target-without-name" {
        looks_at: "The target of an entry of `patchesJson6902` has no name.",
        example: "patchesJson6902:\n- target: {version: v1, kind: Service}\n  path: operations.yaml",
        remedy: "Give `target` a name, or use `patches`, which needs none."
    }
    EMPTY_PATCH "empty-patch" {
        looks_at: "A patch has nothing in it.",
        example: "patchesStrategicMerge:\n- empty.yaml",
        remedy: "Remove the entry, or write the patch."
    }
    NO_JSON "no-json" {
        looks_at: "A patch that starts with `[` is no JSON.",
        example: "patch: \"[{op: remove, path: /spec}],\"",
        remedy: "What starts with `[` is JSON: keys and text need double quotes."
    }
    LAST_COMMA "last-comma" {
        looks_at: "A patch in JSON has a comma after the last element.",
        example: "patch: '[{\"op\": \"remove\", \"path\": \"/spec/paused\"},]'",
        remedy: "Remove the comma: JSON has none after the last element."
    }
    TARGET_OF_SEVERAL_PATCHES "target-of-several-patches" {
        looks_at: "An entry has a target and a file with several patches.",
        example: "patches:\n- path: two-documents.yaml\n  target: {kind: Deployment}",
        remedy: "Leave `target` out, as each patch names its own, or make an entry for each patch."
    }
    PATTERN "pattern" {
        looks_at: "A target is no regular expression.",
        example: "target: {name: \"*-web\"}",
        remedy: "Names and the like are regular expressions: `.*` is any."
    }
    UNKNOWN_DIRECTIVE "unknown-directive" {
        looks_at: "`$patch` has a word that it does not know.",
        example: "$patch: remove",
        remedy: "`$patch` may be `merge`, `replace` or `delete`."
    }
    PATCH_OF_ANOTHER_SHAPE "patch-of-another-shape" {
        looks_at: "A patch has a mapping where the object has a list, or the like.",
        example: "containers: {name: web}",
        remedy: "Write the field in the shape that the object has."
    }
}
