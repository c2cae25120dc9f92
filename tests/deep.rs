//! Inputs that nest as deep as upstream allows, built by callers with little stack.

use std::thread;

use kustom::{Build, Builder, Error, ErrorKind, Limits, MemoryFs};

/// The stacks that a caller may have: what SECURITY.md promises, and what threads mostly have.
const STACKS: [usize; 2] = [256 << 10, 2 << 20];

/// Builds a kustomization of one file on threads with small stacks, and drops the result there.
fn build(kustomization: &str, file: &str) -> Result<String, Error> {
    let mut files = MemoryFs::new();
    files.insert("/app/kustomization.yaml", kustomization);
    files.insert("/app/object.yaml", file);
    let mut limits = Limits::default();
    limits.nodes = 100_000;
    let mut results = STACKS.map(|stack| {
        let files = files.clone();
        let build = move || Builder::new().limits(limits).file_system(files).build("/app");
        let work = move || build().map(|build: Build| build.to_string());
        let thread = thread::Builder::new().stack_size(stack).spawn(work).expect("a thread");
        Some(thread.join().expect("no stack overflow"))
    });
    let [small, large] = &mut results;
    let (small, large) = (small.take().expect("a result"), large.take().expect("a result"));
    assert!(small.as_ref().ok() == large.as_ref().ok(), "stacks make a difference");
    small
}

const RESOURCES: &str = "resources: [object.yaml]\n";
const OBJECT: &str = "apiVersion: v1\nkind: Foo\nmetadata:\n  name: a\n";

#[test]
fn nested_sequences() {
    for depth in [60, 65, 500, 9_990] {
        let file = format!("{OBJECT}spec: {}{}\n", "[".repeat(depth), "]".repeat(depth));
        let printed = format!("{OBJECT}spec:\n{}[]\n", "- ".repeat(depth - 1));
        assert!(build(RESOURCES, &file).unwrap() == printed, "{depth} levels");
    }
}

#[test]
fn every_step_runs_on_nested_mappings() {
    let kustomization = format!(
        "{RESOURCES}namespace: ns\nnamePrefix: p-\nlabels: [{{pairs: {{a: b}}, includeSelectors: true}}]\n\
         images: [{{name: x, newTag: t}}]\n\
         patches: [{{target: {{kind: Foo}}, patch: '[{{\"op\": \"add\", \"path\": \"/x\", \"value\": 1}}]'}},\
         {{patch: '{{apiVersion: v1, kind: Foo, metadata: {{name: a}}, y: 2}}'}}]\n"
    );
    for depth in [30, 62, 5_000] {
        let file = format!("{OBJECT}spec: {}1{}\n", "{a: ".repeat(depth), "}".repeat(depth));
        let built = build(&kustomization, &file).unwrap();
        assert!(built.starts_with("apiVersion: v1\nkind: Foo\nmetadata:\n"), "{depth} levels");
        // One is a label, one the end of `metadata:`.
        assert_eq!(built.matches("a:").count(), depth + 2, "{depth} levels");
    }
}

#[test]
fn indentation_counts_as_well() {
    let lines: String = (0..300).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    let printed: String = (0..300).map(|i| format!("{}a:\n", "  ".repeat(i))).collect();
    let built =
        build(RESOURCES, &format!("{OBJECT}spec:\n{}", lines.replace("a:", " a:"))).unwrap();
    assert_eq!(
        built,
        format!(
            "{OBJECT}spec:\n{}",
            printed.replace("a:", "  a:").trim_end().to_owned() + " null\n"
        )
    );
}

#[test]
fn what_is_too_deep_is_refused() {
    let file = format!("{OBJECT}spec: {}{}\n", "[".repeat(10_001), "]".repeat(10_001));
    assert_eq!(build(RESOURCES, &file).unwrap_err().kind(), ErrorKind::Limit);
}

#[test]
fn nothing_grows_without_end() {
    // Each operation puts an object into itself.
    let copy =
        "- {op: copy, from: /spec, path: /spec/x}\n    - {op: copy, from: /spec, path: /spec/y}\n";
    let patch = format!("{RESOURCES}patches:\n- target: {{kind: Foo}}\n  patch: |\n");
    let patch = patch + &format!("    {copy}").repeat(40);
    let file = format!("{OBJECT}spec: {{c: d}}\n");
    assert_eq!(build(&patch, &file).unwrap_err().kind(), ErrorKind::Limit);

    let replacement = "- source: {kind: Foo, fieldPath: spec}\n  targets:\n  - select: {kind: Foo}\n    \
                       fieldPaths: [spec.a, spec.b]\n    options: {create: true}\n";
    let replacements = format!("{RESOURCES}replacements:\n{}", replacement.repeat(40));
    assert_eq!(build(&replacements, &file).unwrap_err().kind(), ErrorKind::Limit);
}
