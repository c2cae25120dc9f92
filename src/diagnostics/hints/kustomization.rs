//! The kustomization file itself, and configs: fields, shapes, kinds.

use super::hints;

hints! { KUSTOMIZATION;
    TYPE_OF_CONFIG_MAP "type-of-config-map" {
        looks_at: "An entry of `configMapGenerator` has a `type`.",
        example: "configMapGenerator:\n- {name: a, type: Opaque}",
        remedy: "Only an entry of `secretGenerator` has a `type`."
    }
    MISSPELLED_FIELD "misspelled-field" {
        looks_at: "A field of a kustomization, or of an entry of it, is not known.",
        example: "namePrefx: dev-",
        remedy: "Use the field that the hint names."
    }
    TEXT_WITHOUT_QUOTES "text-without-quotes" {
        looks_at: "A text is a number, bool or date for YAML, and must be text.",
        example: "images:\n- {name: web, newTag: 1.10}",
        remedy: "Put it into quotes."
    }
    NUMBER_IN_QUOTES "number-in-quotes" {
        looks_at: "A number or bool is in quotes, and must be none.",
        example: "replicas:\n- {name: web, count: \"3\"}",
        remedy: "Write it without quotes."
    }
    OTHER_SHAPE "other-shape" {
        looks_at: "A field has a list where a mapping is wanted, or the like.",
        example: "replacements:\n- source: {kind: Service, name: web}\n  targets: {select: {kind: Deployment}}",
        remedy: "Write it in the shape that the hint names."
    }
    KIND_OF_KUSTOMIZATION "kind-of-kustomization" {
        looks_at: "`kind` or `apiVersion` of a kustomization file is not that of one.",
        example: "kind: kustomization",
        remedy: "Write `kind: Kustomization` and `apiVersion: kustomize.config.k8s.io/v1beta1`, `kind: Component` with `v1alpha1`, or leave both out."
    }
    EMPTY_KUSTOMIZATION "empty-kustomization" {
        looks_at: "A kustomization file has nothing in it.",
        example: "# resources: []",
        remedy: "List files and folders under `resources`."
    }
    COMPONENT_AS_RESOURCE "component-as-resource" {
        looks_at: "`resources` names a component.",
        example: "resources:\n- ../components/tls",
        remedy: "List it under `components` instead of `resources`."
    }
    RESOURCE_AS_COMPONENT "resource-as-component" {
        looks_at: "`components` names a kustomization that is no component.",
        example: "components:\n- ../base",
        remedy: "List it under `resources`, or make it a component: apiVersion kustomize.config.k8s.io/v1alpha1, kind Component."
    }
    MISSPELLED_BUILT_IN "misspelled-built-in" {
        looks_at: "A config has a kind that is no built-in generator or transformer.",
        example: "apiVersion: builtin\nkind: LabelsTransformer",
        remedy: "Use the kind that the hint names."
    }
    OTHER_ROLE "other-role" {
        looks_at: "A generator is listed as a transformer, or the other way round.",
        example: "transformers:\n- secrets.yaml # kind: SecretGenerator",
        remedy: "List generators under `generators` and transformers under `transformers`."
    }
    PLUGINS_NOT_ALLOWED "plugins-not-allowed" {
        looks_at: "A config is for a function in a container or a plugin, which was not allowed.",
        example: "apiVersion: acme.io/v1\nkind: SealedThings",
        remedy: "--enable-alpha-plugins runs functions in containers and legacy plugins; built-in ones have `apiVersion: builtin`."
    }
    NOT_A_PLUGIN "not-a-plugin" {
        looks_at: "A list of configs has an ordinary manifest, or a built-in step whose `apiVersion` is not `builtin`.",
        example: "transformers:\n- deployment.yaml # apiVersion: apps/v1, kind: Deployment",
        remedy: "List manifests under `resources`; built-in steps have `apiVersion: builtin`."
    }
    MISMATCHED_ANNOTATIONS "mismatched-annotations" {
        looks_at: "An object has the old and the new annotation of functions, such as both for its path, with different values.",
        example: "annotations:\n  config.kubernetes.io/path: a.yaml\n  internal.config.kubernetes.io/path: b.yaml",
        remedy: "Remove one of the two annotations."
    }
    OPENAPI_VERSION "openapi-version" {
        looks_at: "`openapi` names a version that is not built in.",
        example: "openapi: {version: v1.30.0}",
        remedy: "Leave it out, or name a file under `path`."
    }
    SORT_OPTIONS "sort-options" {
        looks_at: "`sortOptions` has lists without the order that uses them.",
        example: "sortOptions:\n  order: fifo\n  legacySortOptions: {orderFirst: [Namespace]}",
        remedy: "Write `order: legacy`, or leave the lists out."
    }
}
