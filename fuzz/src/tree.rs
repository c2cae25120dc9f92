//! Kustomizations and their parts, made of the bytes that a fuzzer gives.

use arbitrary::Unstructured;
use kustom::MemoryFs;
use serde_json::{Map, Value, json};

/// The folder that is built.
pub const TARGET: &str = "/app";

/// Choices, taken from bytes; when they are used up, the first of everything is chosen.
pub struct Choices<'a>(Unstructured<'a>);

impl<'a> Choices<'a> {
    pub fn new(bytes: &'a [u8]) -> Choices<'a> {
        Choices(Unstructured::new(bytes))
    }

    /// Returns a number below `most`.
    pub fn below(&mut self, most: usize) -> usize {
        self.0.int_in_range(0..=most.saturating_sub(1)).unwrap_or_default()
    }

    /// Returns one of several.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn has_more(&self) -> bool {
        !self.0.is_empty()
    }
}

/// Files of a few kustomizations; a kustomization is a list of lines, so that one can be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The files with their parts, each a whole field or a whole document.
    pub files: Vec<(String, Vec<String>)>,
}

const NAMES: &[&str] = &["a", "b", "web", "web-1", "A", "0x1", "true", "a.b", "é", "null", ""];
const KINDS: &[&str] = &[
    "ConfigMap",
    "Deployment",
    "Secret",
    "Service",
    "Namespace",
    "Thing",
    "Role",
    "List",
    "CronJob",
];
const VERSIONS: &[&str] = &["v1", "apps/v1", "example.com/v1", "batch/v1", "", "a/b/c"];
const SCALARS: &[&str] = &[
    "a",
    "1",
    "true",
    "null",
    "~",
    "''",
    "\"a\"",
    "1e6",
    "0x10",
    "on",
    "2001-01-01",
    "a: b",
    "- x",
    "$(VAR)",
    "x:y@sha256:1",
    "nginx:1",
    "{a: b}",
    "[a, b]",
    "[{name: a}]",
    "&x a",
    "*x",
    "!!str 1",
    "1.50",
    "|-\n  a\n",
];
const PATHS: &[&str] = &[
    "metadata/name",
    "spec/template/metadata/labels",
    "data/a",
    "spec",
    "a/b/c",
    "",
    "/",
    "metadata/annotations",
    "spec/template/spec/containers/image",
    "data/*",
    "spec[]/a",
];
const FIELDS: &[&str] = &[
    "metadata.name",
    "data.a",
    "spec.template.spec.containers.[name=a].image",
    "spec.replicas",
    "data.*",
    "spec.*",
    "metadata.annotations.a/b",
    "spec.-",
    "spec.0",
    "data.[a=b]",
    "",
    ".",
    "spec.template.spec.containers.*.image",
];
const POINTERS: &[&str] = &[
    "/spec",
    "/spec/a",
    "/spec/-",
    "/spec/0",
    "/spec/1",
    "/spec/a/b",
    "/metadata/name",
    "",
    "/",
    "/spec/a~1b",
    "/spec/~0",
    "/kind",
    "/spec/-1",
    "/spec/00",
];
const PIECES: &[&str] = &[
    "a", "b", ".", "[ab]", "[^a]", "(a|b)", "(?:ab)", "*", "+", "?", "{2}", "{0,3}", "|", "^", "$",
    "\\w", "\\d", "\\pL", "\\b", "(?i)", "(", ")", "[", "é", ".*", "-", "",
];

impl Tree {
    /// Makes a tree.
    pub fn from_bytes(bytes: &[u8]) -> Tree {
        let mut choices = Choices::new(bytes);
        let c = &mut choices;
        let mut files = Vec::new();
        let folders = ["/app", "/base", "/component"];
        for (i, folder) in folders.iter().enumerate() {
            let mut parts = Vec::new();
            if i == 2 {
                let head = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
                parts.push(head.to_owned());
            }
            let mut taken = Vec::new();
            let mut resources = String::from("resources:\n- objects.yaml\n");
            if i == 0 && c.below(2) == 1 {
                resources.push_str("- ../base\n");
            }
            if i != 2 || c.below(2) == 1 {
                parts.push(resources);
                taken.push("resources");
            }
            while parts.len() < 8 && c.has_more() {
                let (field, text) = field(c, i);
                if !taken.contains(&field) {
                    taken.push(field);
                    parts.push(text);
                }
            }
            files.push((format!("{folder}/kustomization.yaml"), parts));
            let objects = (0..1 + c.below(3)).map(|_| manifest(c)).collect();
            files.push((format!("{folder}/objects.yaml"), objects));
            files.push((format!("{folder}/file"), vec!["k=v\n".to_owned()]));
        }
        Tree { files }
    }

    /// Returns the content of a file.
    pub fn content(parts: &[String]) -> String {
        let documents = parts.iter().any(|part| part.starts_with("---"));
        if documents { parts.concat() } else { parts.join("") }
    }

    /// Returns the files in memory.
    pub fn files(&self) -> MemoryFs {
        let mut files = MemoryFs::new();
        for (path, parts) in &self.files {
            files.insert(path, Tree::content(parts));
        }
        files
    }
}

/// Returns a field of a kustomization.
fn field(c: &mut Choices, level: usize) -> (&'static str, String) {
    let (name, scalar) = (c.one(NAMES), c.one(SCALARS));
    match c.below(19) {
        0 => ("namePrefix", format!("namePrefix: {name}-\n")),
        1 => ("nameSuffix", format!("nameSuffix: -{name}\n")),
        2 => ("namespace", format!("namespace: {name:?}\n")),
        3 => ("commonLabels", format!("commonLabels: {{{name:?}: {scalar}}}\n")),
        4 => ("commonAnnotations", format!("commonAnnotations: {{{name:?}: {name:?}}}\n")),
        5 => {
            let selectors = c.one(&["true", "false"]);
            (
                "labels",
                format!(
                    "labels:\n- pairs: {{{name:?}: {name:?}}}\n  includeSelectors: {selectors}\n"
                ),
            )
        }
        6 => {
            let tag = c.one(&["newTag: '2'", "digest: sha256:0", "newName: b", "newTag: ''"]);
            (
                "images",
                format!("images:\n- {{name: {:?}, {tag}}}\n", c.one(&["nginx", "a", "n.*x", ""])),
            )
        }
        7 => ("replicas", format!("replicas:\n- {{name: {name:?}, count: {}}}\n", c.below(4))),
        8 => {
            let what = c.one(&["configMapGenerator", "secretGenerator"]);
            let how = c.one(&["create", "merge", "replace", ""]);
            let from =
                c.one(&["literals: [a=b, c=d]", "files: [file]", "envs: [file]", "literals: [a]"]);
            (what, format!("{what}:\n- {{name: {name:?}, behavior: {how:?}, {from}}}\n"))
        }
        9 => (
            "generatorOptions",
            format!("generatorOptions: {{disableNameSuffixHash: {}}}\n", c.one(&["true", "false"])),
        ),
        10 => {
            let target = c.one(&[
                "{kind: Deployment}",
                "{name: a.*}",
                "{labelSelector: a=b}",
                "{kind: .*}",
                "{name: '['}",
            ]);
            let patch = indented(&manifest(c));
            ("patches", format!("patches:\n- target: {target}\n  patch: |\n{patch}"))
        }
        11 => {
            let patch = indented(&json_patch(c));
            (
                "patches",
                format!("patches:\n- target: {{kind: {}}}\n  patch: |\n{patch}", c.one(KINDS)),
            )
        }
        12 => ("patches", format!("patches:\n- patch: |\n{}", indented(&manifest(c)))),
        13 => ("replacements", format!("replacements:\n{}", replacement(c))),
        14 => (
            "vars",
            format!(
                "vars:\n- name: VAR\n  objref: {{apiVersion: {:?}, kind: {}, name: {name:?}}}\n  fieldref: {{fieldpath: {:?}}}\n",
                c.one(VERSIONS),
                c.one(KINDS),
                c.one(FIELDS)
            ),
        ),
        15 if level == 0 => ("components", "components: [../component]\n".to_owned()),
        16 => (
            "transformers",
            format!(
                "transformers:\n- |-\n  apiVersion: builtin\n  kind: {}\n  metadata: {{name: x}}\n  fieldSpecs: [{{path: {:?}, create: {}}}]\n  prefix: p-\n  namespace: n\n  labels: {{a: b}}\n  annotations: {{a: b}}\n",
                c.one(&[
                    "PrefixTransformer",
                    "LabelTransformer",
                    "AnnotationsTransformer",
                    "NamespaceTransformer",
                    "ValueAddTransformer"
                ]),
                c.one(PATHS),
                c.one(&["true", "false"])
            ),
        ),
        17 => (
            "buildMetadata",
            "buildMetadata: [originAnnotations, transformerAnnotations, managedByLabel]\n"
                .to_owned(),
        ),
        _ => (
            "sortOptions",
            format!("sortOptions: {{order: {}}}\n", c.one(&["legacy", "fifo", "x"])),
        ),
    }
}

/// Returns an object as a document.
fn manifest(c: &mut Choices) -> String {
    let (kind, version, name) = (c.one(KINDS), c.one(VERSIONS), c.one(NAMES));
    let mut text =
        format!("---\napiVersion: {version:?}\nkind: {kind}\nmetadata:\n  name: {name:?}\n");
    if c.below(3) == 1 {
        text += &format!("  namespace: {:?}\n", c.one(NAMES));
    }
    if c.below(3) == 1 {
        text +=
            &format!("  labels: {{{:?}: {}}}\n", c.one(NAMES), c.one(SCALARS).replace('\n', " "));
    }
    match c.below(4) {
        0 => text += &format!("data:\n  {:?}: {}\n", c.one(NAMES), c.one(SCALARS)),
        1 => {
            text += &format!(
                "spec:\n  replicas: 1\n  template:\n    metadata: {{labels: {{a: b}}}}\n    spec:\n      containers:\n      - name: {:?}\n        image: {}\n        env: [{{name: A, value: $(VAR)}}]\n",
                c.one(NAMES),
                c.one(&["nginx", "nginx:1", "a/b:c@sha256:d", ""])
            );
        }
        2 => text += &format!("spec: {}\n", value(c, 3)),
        _ => {}
    }
    text
}

fn indented(text: &str) -> String {
    text.lines().filter(|line| *line != "---").map(|line| format!("    {line}\n")).collect()
}

/// Returns a JSON value.
pub fn value(c: &mut Choices, depth: usize) -> Value {
    match c.below(if depth == 0 { 6 } else { 9 }) {
        0 => json!("a"),
        1 => Value::Null,
        2 => json!(c.below(3)),
        3 => json!(c.one(NAMES)),
        4 => json!(true),
        5 => json!(1.5),
        6 => (0..c.below(4)).map(|_| value(c, depth - 1)).collect(),
        _ => {
            let keys = ["a", "b", "c", "name", "a/b", "$patch", "1", "~"];
            let entries: Map<String, Value> =
                (0..c.below(4)).map(|_| (c.one(&keys).to_owned(), value(c, depth - 1))).collect();
            Value::Object(entries)
        }
    }
}

/// Returns a JSON patch as a text.
pub fn json_patch(c: &mut Choices) -> String {
    let operations: Vec<Value> = (0..1 + c.below(3))
        .map(|_| {
            let op = c.one(&["add", "remove", "replace", "move", "copy", "test", "x"]);
            json!({"op": op, "path": c.one(POINTERS), "from": c.one(POINTERS), "value": value(c, 2)})
        })
        .collect();
    Value::Array(operations).to_string()
}

/// Returns an entry of `replacements`.
pub fn replacement(c: &mut Choices) -> String {
    let delimiter = c.one(&[
        "",
        "options: {delimiter: a}",
        "options: {delimiter: '.', index: 1}",
        "options: {create: true}",
    ]);
    format!(
        "- source: {{kind: {}, fieldPath: {:?}}}\n  targets:\n  - select: {{kind: {}}}\n    fieldPaths: [{:?}, {:?}]\n    {delimiter}\n",
        c.one(KINDS),
        c.one(FIELDS),
        c.one(KINDS),
        c.one(FIELDS),
        c.one(FIELDS)
    )
}

/// Returns a regular expression, or something near.
pub fn pattern(c: &mut Choices) -> String {
    (0..c.below(8)).map(|_| c.one(PIECES)).collect()
}

/// Returns a text that a pattern may match.
pub fn subject(c: &mut Choices) -> String {
    let pieces = ["a", "b", "é", "1", "-", "A"];
    (0..1 + c.below(8)).map(|_| c.one(&pieces)).collect()
}
