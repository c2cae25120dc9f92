//! What the commands are asked for: `edit`, `explain`, `localize`, options.

use super::hints;

hints! { COMMANDS;
    EDIT_WITHOUT_FILE "edit-without-file" {
        looks_at: "A folder whose kustomization is to be changed has none.",
        example: "kustom edit set namespace shop",
        remedy: "`kustom create` makes one."
    }
    EDIT_BY_HAND "edit-by-hand" {
        looks_at: "A file is written in a way that cannot be changed without touching more than was asked for.",
        example: "resources: []\\rnamespace: shop\\r # lines end with a carriage return alone",
        remedy: "Change the file by hand; nothing was written."
    }
    EDIT_NOTHING_THERE "edit-nothing-there" {
        looks_at: "A file or folder that is to be added is not there.",
        example: "kustom edit add resource servce.yaml",
        remedy: "`kustom edit add resource --no-verify` adds it all the same."
    }
    EDIT_NO_PAIR "edit-no-pair" {
        looks_at: "A label or annotation that is to be removed is not there.",
        example: "kustom edit remove label ap",
        remedy: "With --ignore-non-existence that is no error."
    }
    EDIT_PAIR_THERE "edit-pair-there" {
        looks_at: "A label or annotation that is to be added is there.",
        example: "kustom edit add label app:web",
        remedy: "With --force the new value replaces the old one."
    }
    EDIT_NO_KEY "edit-no-key" {
        looks_at: "A key of a generator that is to be set is not there.",
        example: "kustom edit set configmap settings --from-literal=NEW=1",
        remedy: "`kustom edit add configmap` adds a key."
    }
    EDIT_NO_GENERATOR "edit-no-generator" {
        looks_at: "An entry of a generator that is to be changed is not there.",
        example: "kustom edit set configmap setings --from-literal=A=1",
        remedy: "There is one in another namespace; give it with --namespace."
    }
    FIX_LABEL_TWICE "fix-label-twice" {
        looks_at: "A label stands in `commonLabels` and in `labels`, so they cannot become one list.",
        example: "commonLabels: {app: web}\nlabels:\n- pairs: {app: shop}",
        remedy: "Take it out of one of them."
    }
    FIX_VAR "fix-var" {
        looks_at: "A var stands in a text so that no replacement can put the value there.",
        example: "command: [\"http://$(HOST)/$(HOST)\"]",
        remedy: "One character must divide it from the rest of the value, the same on both sides."
    }
    EXPLAIN_NO_OBJECT "explain-no-object" {
        looks_at: "`explain` is asked for an object that is not there.",
        example: "kustom explain . deployment/wbe",
        remedy: "Name an object of the build."
    }
    EXPLAIN_OBJECT_FORM "explain-object-form" {
        looks_at: "`explain` is asked for an object without its kind.",
        example: "kustom explain . payments-api",
        remedy: "Write it as KIND/NAME, as in `deployment/payments-api`."
    }
    EXPLAIN_SEVERAL_OBJECTS "explain-several-objects" {
        looks_at: "`explain` is asked for an object that is in several namespaces.",
        example: "kustom explain . deployment/web",
        remedy: "Say which by its namespace."
    }
    EXPLAIN_NO_FIELD "explain-no-field" {
        looks_at: "`explain` is asked for a field that the object does not have.",
        example: "kustom explain . deployment/web spec.replica",
        remedy: "Name a field of the object."
    }
    EXPLAIN_SEVERAL_FIELDS "explain-several-fields" {
        looks_at: "`explain` is asked for a field of which the object has several.",
        example: "kustom explain . deployment/web image",
        remedy: "Name one of them by its path."
    }
    LOCALIZE_SCOPE "localize-scope" {
        looks_at: "`localize` is given a scope for what lies elsewhere.",
        example: "kustom localize https://github.com/acme/infra//web?ref=v1 copy --scope .",
        remedy: "The scope of a remote target is its repository."
    }
    LOCALIZE_CONFIGURED "localize-configured" {
        looks_at: "A file is named by what the kustomization configures, so that `localize` cannot change its name.",
        example: "configurations:\n- names.yaml # in which a path leads elsewhere",
        remedy: "Copy the file, and name the copy."
    }
    LOCALIZE_SAME_PLACE "localize-same-place" {
        looks_at: "Two files from elsewhere would become one in the copy.",
        example: "resources:\n- https://example.com/a.yaml?x=1\n- https://example.com/a.yaml?x=2",
        remedy: "Their URLs differ only in what is no part of a path; copy one by hand."
    }
    LOCALIZE_WITHOUT_REF "localize-without-ref" {
        looks_at: "A remote that is to be localized has no ref, and no kustom.lock has its commit.",
        example: "resources:\n- https://github.com/acme/infra//web",
        remedy: "Add ?ref= with a tag or a commit, as upstream's localize wants it, or pin it with `kustom vendor`."
    }
    UNKNOWN_WARNING "unknown-warning" {
        looks_at: "A kind of warning is switched that there is none of.",
        example: "kustom build --warn=-unused-imge",
        remedy: "`kustom --explain-warning` lists them."
    }
    UNKNOWN_NAME "unknown-name" {
        looks_at: "An option is given a word that it does not know.",
        example: "kustom build --reorder fifo",
        remedy: "Use one of the words that the hint names."
    }
    IGNORE_RULE "ignore-rule" {
        looks_at: "A rule of what a comparison leaves out cannot be read.",
        example: "kustom diff a b --ignore Deployment:",
        remedy: "Write a kind such as 'Job' or 'Job/name', a path such as 'metadata.labels', or both: 'Deployment:spec.replicas'."
    }
}
