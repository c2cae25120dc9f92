//! What steps do not find or cannot write: references, vars, replacements, namespaces, replicas.

use super::hints;

hints! { STEPS;
    NAMESPACES_BECOME_ONE "namespaces-become-one" {
        looks_at: "`namespace` gives two objects the same name in one namespace.",
        example: "namespace: shop # and a ConfigMap in `one` and another in `two`",
        remedy: "They differ in nothing but the namespace: rename one of them."
    }
    NO_REPLICAS "no-replicas" {
        looks_at: "`replicas` names an object whose kind has none, or that is not there.",
        example: "replicas:\n- {name: agent, count: 2} # a DaemonSet",
        remedy: "`replicas` takes Deployments, StatefulSets, ReplicaSets and ReplicationControllers; set other fields with a patch."
    }
    AFFIX_WITHOUT_FIELD_SPECS "affix-without-field-specs" {
        looks_at: "A config of a PrefixTransformer or SuffixTransformer has no `fieldSpecs`.",
        example: "kind: PrefixTransformer\nprefix: dev-",
        remedy: "Give the config `fieldSpecs`, as in `fieldSpecs: [{path: metadata/name}]`, or use `namePrefix` and `nameSuffix`."
    }
    AMBIGUOUS_REFERENCE "ambiguous-reference" {
        looks_at: "A reference could mean several objects.",
        example: "serviceAccountName: web # two bases have one, with different prefixes",
        remedy: "Give the objects different names, or refer to one by its full new name."
    }
    VAR_WITHOUT_OBJECT "var-without-object" {
        looks_at: "A var names an object that is not there.",
        example: "vars:\n- name: HOST\n  objref: {apiVersion: v1, kind: Service, name: wbe}",
        remedy: "Write apiVersion, kind and name as the object has them."
    }
    VAR_WITHOUT_FIELD "var-without-field" {
        looks_at: "A var names a field that its object does not have.",
        example: "vars:\n- name: HOST\n  objref: {apiVersion: v1, kind: Service, name: web}\n  fieldref: {fieldPath: spec.host}",
        remedy: "`fieldref.fieldPath` must lead to a field of that resource."
    }
    VAR_TWICE "var-twice" {
        looks_at: "Two vars have one name.",
        example: "vars:\n- {name: HOST, objref: {kind: Service, name: a, apiVersion: v1}}\n- {name: HOST, objref: {kind: Service, name: b, apiVersion: v1}}",
        remedy: "Names of vars must be unique over all files of the build."
    }
    VAR_OF_SEVERAL "var-of-several" {
        looks_at: "A var names several objects.",
        example: "vars:\n- name: HOST\n  objref: {apiVersion: v1, kind: Service, name: web} # in two namespaces",
        remedy: "Give `objref` a namespace."
    }
    SOURCE_NOT_THERE "source-not-there" {
        looks_at: "The source of a replacement is not there.",
        example: "replacements:\n- source: {kind: Configmap, name: settings}",
        remedy: "Write kind, name and namespace as the object has them."
    }
    SEVERAL_SOURCES "several-sources" {
        looks_at: "The source of a replacement is several objects.",
        example: "replacements:\n- source: {kind: ConfigMap}",
        remedy: "Give `source` a kind, name and namespace, so that only one fits."
    }
    SOURCE_WITHOUT_FIELD "source-without-field" {
        looks_at: "The source of a replacement does not have the field.",
        example: "replacements:\n- source: {kind: ConfigMap, name: settings, fieldPath: data.HSOT}",
        remedy: "The resource has no such field, or nothing is in it."
    }
    INDEX_OF_PART "index-of-part" {
        looks_at: "`index` of a replacement is past the parts of the value.",
        example: "options: {delimiter: \":\", index: 3} # of `web:1`",
        remedy: "Parts count from 0."
    }
    INCOMPLETE_REPLACEMENT "incomplete-replacement" {
        looks_at: "A replacement has no source or no targets.",
        example: "replacements:\n- targets: [{fieldPaths: [spec.replicas]}]",
        remedy: "An entry has a `source` with `kind`, `name` and `fieldPath`, or a `sourceValue`, and `targets` with `select` and `fieldPaths`."
    }
    TARGET_WITHOUT_SELECT "target-without-select" {
        looks_at: "A target of a replacement has no `select`.",
        example: "targets:\n- fieldPaths: [spec.replicas]",
        remedy: "Give the target a `select`, as in `select: {kind: Deployment, name: web}`."
    }
}
