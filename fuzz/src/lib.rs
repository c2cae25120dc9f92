//! What is fuzzed: one function for each target, which panics if something does not hold.
//!
//! The functions know nothing of libFuzzer, so the same can be [replayed](../src/bin/replay.rs) by any
//! compiler.

#![allow(missing_docs)]

mod applications;
mod packed;
mod tree;

use std::path::PathBuf;
use std::thread;

use kustom::diff::{self, Options};
use kustom::edit::{Edit, LabelPlace, List, PairField, Rewritten, UpdateOutcome};
use kustom::yaml::{self, Pos};
use kustom::{Build, Builder, Error, ErrorKind, FileSystem, Limits, MemoryFs};
use serde_json::{Map, Value};

pub use applications::{applications, templates};
pub use packed::pack;
pub use tree::{Choices, Tree};

/// All targets by name.
pub const TARGETS: [(&str, fn(&[u8])); 13] = [
    ("applications", applications),
    ("diff", diff),
    ("edit", edit),
    ("explain", explain),
    ("files", files),
    ("json_patch", json_patch),
    ("live", live),
    ("merge", merge),
    ("patterns", patterns),
    ("replacements", replacements),
    ("templates", templates),
    ("trees", trees),
    ("yaml", yaml),
];

/// The stack of a careful caller.
const STACK: usize = if cfg!(debug_assertions) { 2 << 20 } else { 256 << 10 };

/// Limits below which every input is looked at quickly.
fn limits() -> Limits {
    let mut limits = Limits::untrusted();
    limits.output_bytes = 1 << 20;
    limits.made_bytes = 1 << 20;
    limits.pattern_work = 1_000_000;
    limits.step_resources = 20_000;
    limits.kustomizations = 200;
    limits
}

/// Text → tree → text is stable: what is printed is read again as the same, and printed alike.
pub fn yaml(data: &[u8]) {
    let read_below = |depth, text: &[u8]| {
        yaml::read_stream(text, Pos(1), &yaml::Limits { depth, nodes: 10_000 })
    };
    // Brackets are counted apart from indentation, which is what they are printed as.
    let read = |text: &[u8]| read_below(1_000, text);
    let Ok(documents) = read_below(100, data) else { return };
    // An object is a mapping. A scalar alone would stand at the margin, where its lines may end the document.
    for document in documents.iter().filter(|document| document.as_map().is_some()) {
        let mut text = String::new();
        if yaml::print(document, &mut text).is_err() {
            continue;
        }
        // Odd: a key `<<` loses its quotes (case resources/annotations-merge-key-in-quotes), and is a merge then.
        if text.contains("<<:") {
            continue;
        }
        let again = read(text.as_bytes()).unwrap_or_else(|e| panic!("{e:?}:\n{text}"));
        let mut printed = String::new();
        for document in &again {
            yaml::print(document, &mut printed).unwrap_or_else(|e| panic!("{e:?}:\n{text}"));
        }
        // One round may still change: `1e6` is read as another number than it is printed as.
        let third = read(printed.as_bytes()).unwrap_or_else(|e| panic!("{e:?}:\n{printed}"));
        let mut fixed = String::new();
        for document in &third {
            yaml::print(document, &mut fixed).unwrap_or_else(|e| panic!("{e:?}:\n{printed}"));
        }
        assert_eq!(printed, fixed, "from {text:?}");
    }
}

/// A build of any tree ends within its limits, on a small stack, and always in the same way.
pub fn trees(data: &[u8]) {
    let tree = Tree::from_bytes(data);
    always_the_same(&tree.files());
}

/// The same of files with any content: a build ends within its limits, and always in the same way.
pub fn files(data: &[u8]) {
    always_the_same(&packed::unpack(data));
}

/// A command changes what it says it changes, once, and what comes out can be read again.
pub fn edit(data: &[u8]) {
    let Some((command, data)) = data.split_first() else { return };
    let files = packed::unpack(data);
    let Some(first) = edited(&files, *command) else { return };
    let (name, before, rewritten) = first;
    let mut spliced = before.clone();
    for splice in rewritten.splices.iter().rev() {
        spliced.replace_range(splice.range.clone(), &splice.text);
    }
    assert_eq!(spliced, rewritten.text, "{command}: {before:?}");
    let mut files = files;
    files.insert(&name, rewritten.text.clone());
    let (_, _, again) = edited(&files, *command).unwrap_or_else(|| {
        panic!("{command}: refused the second time: {before:?} {:?}", rewritten.text)
    });
    assert_eq!(again.text, rewritten.text, "{command}: twice is not once: {before:?}");
}

/// Runs a command on a kustomization file: its path, what it held, what it is to hold.
fn edited(files: &MemoryFs, command: u8) -> Option<(PathBuf, String, Rewritten)> {
    let mut edit = Edit::open(files.clone(), tree::TARGET).ok()?;
    let before = String::from_utf8(files.read(edit.file()).ok()?).ok()?;
    match command % 10 {
        0 => edit.set_name_prefix("p-"),
        1 => edit.set_name_suffix("-s"),
        2 => edit.set_namespace("0x1"),
        3 => edit.replace_images(&["nginx=shop/web:1.10".parse().ok()?]).ok()?,
        4 => {
            let image = "a@sha256:0".parse().ok()?;
            if edit.update_image(&image) == UpdateOutcome::Missing {
                edit.add_image(&image);
            }
        }
        5 => edit.set_replicas(&["web=3"]).ok()?,
        6 => edit.set_pairs(PairField::Labels, &["a:on"]).ok()?,
        7 => edit.add_pairs(PairField::Annotations, LabelPlace::Common, &["a/b:1"], true).ok()?,
        8 => edit.add_unverified(List::Resources, &["new.yaml"]),
        _ => edit.set_build_metadata(&["originAnnotations"]).ok()?,
    }
    let rewritten = edit.finish().ok()?;
    Some((edit.file().to_path_buf(), before, rewritten))
}

/// The history of every field of what a build makes can be told, and changes nothing.
pub fn explain(data: &[u8]) {
    let tree = Tree::from_bytes(data);
    let builder = Builder::new().file_system(tree.files()).limits(limits());
    let (built, traced) = (builder.build(tree::TARGET), builder.explain(tree::TARGET));
    match (built, traced) {
        (Ok(build), Ok(trace)) => {
            for resource in build.resources() {
                let name = format!("{}/{}", resource.kind(), resource.name());
                let namespace = Some(resource.namespace()).filter(|n| !n.is_empty());
                let Ok(object) = trace.object(&name, namespace) else { continue };
                for field in object.fields() {
                    _ = object.history_of(&field);
                }
            }
        }
        (Err(one), Err(other)) => assert_eq!(one.kind(), other.kind(), "{tree:?}"),
        (built, traced) => panic!("{built:?} and {:?}: {tree:?}", traced.err()),
    }
}

/// A strategic merge into an object of an unknown kind is RFC 7386: maps are merged, the rest replaced.
pub fn merge(data: &[u8]) {
    let mut choices = Choices::new(data);
    let (target, patch) = (tree::value(&mut choices, 3), tree::value(&mut choices, 3));
    let (target, mut patch) = (object(target), object(patch));
    let kustomization = "resources: [object.json]\npatches: [{path: patch.json}]\n";
    let built = of_object(kustomization, &target, &[("patch.json", &patch.to_string())]);
    let Ok(build) = built else { return };
    if holds_directive(&patch) || holds_directive(&target) {
        return;
    }
    let mut expected = target.clone();
    if let Some(patch) = patch.as_object_mut() {
        merge_into(&mut expected, &Value::Object(patch.clone()));
    }
    let found = build.resources()[0].to_value().expect("it is JSON");
    // Upstream drops what is empty after a merge; what is left has to agree.
    assert_eq!(pruned(&found), pruned(&expected), "{target} + {patch}");
}

/// A JSON patch leaves an object that can be printed and read, or is refused.
pub fn json_patch(data: &[u8]) {
    let mut choices = Choices::new(data);
    let target = object(tree::value(&mut choices, 3));
    let patch = tree::json_patch(&mut choices);
    let kustomization = "resources: [object.json]\n\
                         patches: [{path: patch.json, target: {kind: Thing}}]\n";
    if let Ok(build) = of_object(kustomization, &target, &[("patch.json", &patch)]) {
        read_again(&build);
    }
}

/// Replacements with any paths leave objects that can be printed and read, or are refused.
pub fn replacements(data: &[u8]) {
    let mut choices = Choices::new(data);
    let target = object(tree::value(&mut choices, 3));
    let replacement = tree::replacement(&mut choices);
    let kustomization = format!("resources: [object.json]\nreplacements:\n{replacement}");
    if let Ok(build) = of_object(&kustomization, &target, &[]) {
        read_again(&build);
    }
}

/// A pattern of a target finds what the crate regex finds.
pub fn patterns(data: &[u8]) {
    let mut choices = Choices::new(data);
    let (pattern, name) = (tree::pattern(&mut choices), tree::subject(&mut choices));
    let mut files = MemoryFs::new();
    let text = |text: &str| Value::String(text.to_owned()).to_string();
    let (quoted, named) = (text(&pattern), text(&name));
    files.insert(
        "/app/kustomization.yaml",
        format!(
            "resources: [object.yaml]\npatches:\n- target: {{name: {quoted}}}\n  \
             patch: '[{{\"op\": \"add\", \"path\": \"/found\", \"value\": \"yes\"}}]'\n"
        ),
    );
    files.insert(
        "/app/object.yaml",
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {named}}}\n"),
    );
    let builder = Builder::new().file_system(files).limits(limits());
    let Ok(build) = builder.build(tree::TARGET) else { return };
    let found = build.as_yaml().contains("found: \"yes\"");
    // Upstream's classes are those of ASCII. What only one of the two knows is of no interest here.
    let ascii = ["\\w", "\\d", "\\b"]
        .iter()
        .fold(pattern.clone(), |text, class| text.replace(class, &format!("(?-u:{class})")));
    if let Ok(other) = regex::Regex::new(&format!("^(?:{ascii})$")) {
        let expected = pattern.is_empty() || other.is_match(&name);
        assert_eq!(found, expected, "{pattern:?} in {name:?}");
    }
}

/// What a difference says makes the one side of the other.
pub fn diff(data: &[u8]) {
    let mut choices = Choices::new(data);
    let mut side = || {
        let objects: Vec<String> = (0..choices.below(3))
            .map(|_| {
                let mut object = object(tree::value(&mut choices, 3));
                object["metadata"]["name"] = Value::from(["a", "b"][choices.below(2)]);
                object.to_string()
            })
            .collect();
        diff::read(objects.join("\n---\n").as_bytes())
    };
    let (Ok(before), Ok(after)) = (side(), side()) else { return };
    let options = Options::default();
    let Ok(found) = diff::compare(&before, &after, &options) else { return };
    let back = diff::compare(&after, &before, &options).expect("the other way round");
    assert_eq!(found.is_empty(), back.is_empty());
    let Ok(applied) = found.apply(&before) else { return };
    let left = diff::compare(&applied, &after, &options).expect("of what it made");
    assert!(left.is_empty(), "{left:?} is left of {found:?}");
}

/// Any two texts can be read as objects, as a cluster answers with them, and compared in both directions.
pub fn live(data: &[u8]) {
    let border = data.iter().position(|byte| *byte == 0xff).unwrap_or(data.len());
    let (one, other) = data.split_at(border);
    let Ok(one) = diff::read(one) else { return };
    let other = diff::read(other.get(1..).unwrap_or_default()).unwrap_or_else(|_| one.clone());
    for options in [Options::new(), Options::new().live(true)] {
        if let Ok(same) = diff::compare(&one, &one, &options) {
            assert!(same.is_empty(), "{same:?} in {one:?}");
        }
        let (there, back) =
            (diff::compare(&one, &other, &options), diff::compare(&other, &one, &options));
        assert_eq!(there.is_ok(), back.is_ok());
        if let Ok(found) = there {
            let report = diff::Report::new(vec![diff::RootReport::new("a", found)]);
            _ = diff::render::markdown(&report, 4000);
            _ = diff::render::unified(&report);
            _ = diff::render::html(&report);
        }
    }
}

/// Checks that a build of `files` ends as it did before, and within its limits.
fn always_the_same(files: &MemoryFs) {
    let one = on_small_stack(files);
    let other = on_small_stack(files);
    assert_eq!(one, other, "{files:?}");
    if let Ok(text) = one {
        assert!(text.len() <= 1 << 20, "{} bytes", text.len());
    }
}

/// Builds a tree on a small stack, with its error as a text.
fn on_small_stack(files: &MemoryFs) -> Result<String, String> {
    let tree = files.clone();
    let work = move || {
        let build = Builder::new().file_system(tree).limits(limits()).build(tree::TARGET);
        build.map(|build| build.to_yaml()).map_err(|e| {
            assert!(!e.message().is_empty() && e.message().len() <= 8 << 10, "{e}");
            e.to_string()
        })
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread");
    thread.join().unwrap_or_else(|_| panic!("it panicked: {files:?}"))
}

/// Builds a kustomization with one object.
fn of_object(kustomization: &str, object: &Value, more: &[(&str, &str)]) -> Result<Build, Error> {
    let mut files = MemoryFs::new();
    files.insert("/app/kustomization.yaml", kustomization);
    files.insert("/app/object.json", object.to_string());
    for (name, text) in more {
        files.insert(format!("/app/{name}"), *text);
    }
    Builder::new().file_system(files).limits(limits()).build(tree::TARGET)
}

/// Returns a value with whole numbers as such: `1.0` of JSON is printed as `1`.
fn whole(value: Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15 => {
                Value::from(float as i64)
            }
            _ => Value::Number(number),
        },
        Value::Array(all) => all.into_iter().map(whole).collect(),
        Value::Object(all) => all.into_iter().map(|(key, value)| (key, whole(value))).collect(),
        other => other,
    }
}

/// Checks that what was built is read as it was printed.
fn read_again(build: &Build) {
    match diff::read(build.as_yaml().as_bytes()) {
        Ok(read) => {
            let values = |all: &[kustom::Resource]| -> Vec<Value> {
                all.iter().filter_map(|resource| resource.to_value().ok().map(whole)).collect()
            };
            assert_eq!(values(&read), values(build.resources()), "{build}");
        }
        // A patch may take away what an object is known by.
        Err(e) => assert_ne!(e.kind(), ErrorKind::Syntax, "{e}: {build}"),
    }
}

/// Makes an object of an unknown kind of a value.
fn object(value: Value) -> Value {
    let mut map = Map::new();
    map.insert("apiVersion".to_owned(), "example.com/v1".into());
    map.insert("kind".to_owned(), "Thing".into());
    map.insert("metadata".to_owned(), serde_json::json!({"name": "a"}));
    map.insert("spec".to_owned(), value);
    Value::Object(map)
}

fn merge_into(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(map) = target.as_object_mut() else { return };
    for (key, value) in patch {
        if value.is_null() {
            map.remove(key);
        } else {
            merge_into(map.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

/// Returns a value without nulls and empty maps, which merges take or leave by rules of their own, and with
/// scalars as texts, for they may inherit quotes.
fn pruned(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Object(map) => {
            let entries: Map<String, Value> =
                map.iter().filter_map(|(k, v)| Some((k.clone(), pruned(v)?))).collect();
            (!entries.is_empty()).then_some(Value::Object(entries))
        }
        Value::Bool(_) | Value::Number(_) => Some(Value::String(value.to_string())),
        other => Some(other.clone()),
    }
}

fn holds_directive(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.iter().any(|(k, v)| k.starts_with('$') || holds_directive(v)),
        Value::Array(items) => items.iter().any(holds_directive),
        _ => false,
    }
}
