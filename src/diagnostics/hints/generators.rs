//! Generators of ConfigMaps and Secrets.

use super::hints;

hints! { GENERATORS;
    NOTHING_TO_MERGE "nothing-to-merge" {
        looks_at: "A generator merges with or replaces an object that is not there.",
        example: "configMapGenerator:\n- {name: confg, behavior: merge}",
        remedy: "Name and namespace must be those of a resource of this layer or its bases; to make a new one leave `behavior` out."
    }
    KIND_CHANGED "kind-changed" {
        looks_at: "A generator merges with or replaces an object whose kind a patch or a function has changed.",
        example: "patches:\n- target: {kind: ConfigMap}\n  patch: |-\n    - {op: replace, path: /kind, value: Secret}",
        remedy: "Change the object with a patch, or leave its kind as it is."
    }
    GENERATED_TWICE "generated-twice" {
        looks_at: "A generator makes an object that is there already.",
        example: "configMapGenerator:\n- {name: settings} # the base has it too",
        remedy: "Give the entry `behavior: merge` or `behavior: replace`."
    }
    GENERATOR_WITHOUT_NAME "generator-without-name" {
        looks_at: "An entry of a generator has no name.",
        example: "configMapGenerator:\n- literals: [A=b]",
        remedy: "Give the entry a `name`."
    }
    LITERAL_WITHOUT_EQUALS "literal-without-equals" {
        looks_at: "A literal has no equals sign.",
        example: "literals:\n- DEBUG",
        remedy: "Write it as KEY=value."
    }
    FILE_WITHOUT_KEY "file-without-key" {
        looks_at: "A file of a generator has an equals sign and no key before it.",
        example: "files:\n- =config/limits.yaml",
        remedy: "Write the key before the equals sign, or the path alone."
    }
    GENERATED_KEY_TWICE "generated-key-twice" {
        looks_at: "An entry of a generator makes one key twice.",
        example: "literals:\n- A=b\n- A=c",
        remedy: "Each key may come once over all literals, files and envs of an entry."
    }
}
