//! What the program says of all cases of hints and warnings: the forms agree, and what only commands can
//! bring is brought. The cases are those of `testdata/hints`, where a first line `$ ARGS` is a command
//! (else the folder of the first file is built), and of `testdata/warnings`.

#![allow(clippy::unwrap_used)] // a test

use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use serde_json::Value;

use crate::{folder, kustom, testdata};

/// A case: a tree on the disk, and the command that is run in it.
struct Case {
    name: String,
    dir: PathBuf,
    args: Vec<String>,
    is_command: bool,
}

/// Returns the cases of a folder, each written to the disk below `test`.
///
/// A line `== PATH` starts a file, `\xf6` is that byte, and what starts with `#!` is a program.
fn cases(of: &str, test: &str) -> Vec<Case> {
    let top = folder(test, &[]);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(testdata().join(of)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let case = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(path).unwrap();
        let (head, tree) = text.split_at(text.find("== ").unwrap());
        let mut first = None;
        let dir = top.join(&name);
        // What the repository of the tests says of files is not about these.
        fs::create_dir_all(dir.join(".git")).unwrap();
        for part in tree.split("== ").filter(|part| !part.is_empty()) {
            let (path, content) = part.split_once('\n').unwrap();
            let path = path.trim_start_matches('/');
            first.get_or_insert(path.rsplit_once('/').map_or(".", |(folder, _)| folder));
            write(&dir.join(path), content);
        }
        let command = head.lines().find_map(|line| line.strip_prefix("$ "));
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let is_command = command.is_some();
        let mut args = match command {
            Some(command) => words(command),
            None => words(&format!("build {}", first.unwrap())),
        };
        if let Some(flags) = head.lines().find_map(|line| line.strip_prefix("-- ")) {
            match flags.strip_prefix("roots ") {
                Some(roots) => args = words(&format!("build {roots}")),
                None => args.extend(words(&format!("--{flags}"))),
            }
        }
        Case { name, dir, args, is_command }
    };
    paths.iter().map(case).collect()
}

fn write(path: &Path, content: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut bytes = Vec::new();
    for (i, piece) in content.split("\\xf6").enumerate() {
        if i > 0 {
            bytes.push(0xf6);
        }
        bytes.extend_from_slice(piece.as_bytes());
    }
    fs::write(path, bytes).unwrap();
    #[cfg(unix)]
    if content.starts_with("#!") {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

impl Case {
    /// Runs the case with more flags, and returns what stands on stderr.
    fn said(&self, flags: &[&str]) -> String {
        let args: Vec<&str> =
            self.args.iter().map(String::as_str).chain(flags.iter().copied()).collect();
        kustom(&self.dir, &args).err
    }

    /// Returns what is said as JSON, which the form for people says too.
    fn agreed(&self, flags: &[&str]) -> Vec<Value> {
        let human = self.said(flags);
        let json = self.said(&[flags, &["--error-format", "json"]].concat());
        let objects: Vec<Value> = json
            .lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|e| panic!("{}: {e}: {line}", self.name))
            })
            .collect();
        for object in &objects {
            self.has(&human, object);
        }
        // What is said of flags is about no build.
        objects.into_iter().filter(|object| object["kind"] != "deprecated-flag").collect()
    }

    /// Returns what is wrong if the last thing said is no error with the hint that the case is named after.
    fn lacks(&self, objects: &[Value]) -> Option<String> {
        let id = self.name.split("--").next().unwrap();
        let last = objects.last();
        let brought =
            last.filter(|last| last["level"] == "error").and_then(|last| last["hint_id"].as_str());
        (brought != Some(id)).then(|| format!("{} brings {last:?}", self.name))
    }

    /// Asserts that the form for people has text, places and hint of an object.
    fn has(&self, human: &str, object: &Value) {
        // Lines that are drawn as they are, whatever stands before them.
        let lines: Vec<&str> =
            human.lines().map(|line| line.trim_start_matches(['|', ' '])).collect();
        let message = object["message"].as_str().and_then(|message| message.lines().next());
        let is_told = |line: &str| lines.iter().any(|drawn| drawn.contains(line.trim()));
        // Of one mistake in many places people are told once, and the other places.
        if human.contains("and the same ") && !message.is_some_and(is_told) {
            let place = format!("{}:{}", object["file"].as_str().unwrap(), object["line"]);
            assert!(is_told(&place), "{}: {place} is missing in\n{human}", self.name);
            return;
        }
        for key in ["message", "hint"] {
            // People see what is hidden.
            let text = kustom::text::visible(object[key].as_str().unwrap_or_default());
            for line in text.lines().map(str::trim) {
                let is_there = lines.iter().any(|drawn| drawn.contains(line));
                assert!(is_there, "{}: {key} {line:?} is missing in\n{human}", self.name);
            }
        }
        let places = std::iter::once(object).chain(object["related"].as_array().unwrap());
        // Upstream's own warnings are printed as upstream prints them.
        let is_upstreams =
            ["deprecated-field", "vars", "ignored"].iter().any(|k| object["kind"] == *k);
        for place in places.filter(|place| place["file"].is_string() && !is_upstreams) {
            let shown = shown(place);
            assert!(human.contains(&shown), "{}: {shown} is missing in\n{human}", self.name);
            let label = place["label"].as_str().unwrap_or_default();
            assert!(human.contains(label), "{}: {label} is missing in\n{human}", self.name);
        }
    }

    /// Asserts that the SARIF log has all that is said as JSON, in order.
    fn logs(&self, flags: &[&str], objects: &[Value]) {
        let file = self.dir.join("log.sarif");
        let path = file.to_str().unwrap().to_owned();
        self.said(&[flags, &["--warn-format", "sarif", "--warn-output", &path]].concat());
        let log: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        fs::remove_file(&file).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), objects.len(), "{}: {results:#?}\n{objects:#?}", self.name);
        for (result, object) in results.iter().zip(objects) {
            let part = |key: &str| object[key].as_str();
            let field = part("field").map_or_else(String::new, |field| format!("{field}: "));
            let hint = part("hint").map_or_else(String::new, |hint| format!("\nhint: {hint}"));
            let text = format!("{field}{}{hint}", part("message").unwrap());
            assert_eq!(result["message"]["text"], text, "{}", self.name);
            assert_eq!((&result["ruleId"], &result["level"]), (&object["kind"], &object["level"]));
            let of = |location: &Value| {
                let physical = &location["physicalLocation"];
                let region = &physical["region"];
                let number = |key: &str| region.get(key).cloned().unwrap_or(Value::Null);
                serde_json::json!({
                    "file": physical["artifactLocation"]["uri"],
                    "line": number("startLine"),
                    "column": number("startColumn"),
                    "label": location["message"]["text"],
                })
            };
            let places = result["locations"].as_array().unwrap().iter();
            let places: Vec<String> = places
                .chain(result["relatedLocations"].as_array().unwrap())
                .map(|location| shown(&of(location)))
                .collect();
            let own = object["file"].is_string().then(|| shown(object));
            let others = object["related"].as_array().unwrap().iter().map(shown);
            assert_eq!(places, own.into_iter().chain(others).collect::<Vec<_>>(), "{}", self.name);
        }
    }
}

/// Returns a place as people are shown it.
fn shown(place: &Value) -> String {
    let mut shown = place["file"].as_str().unwrap().to_owned();
    for key in ["line", "column"] {
        if let Some(number) = place[key].as_u64() {
            shown += &format!(":{number}");
        }
    }
    shown
}

#[test]
fn all_forms_of_an_error_agree() {
    let mut wrong = Vec::new();
    for case in cases("hints", "hints-forms").iter().filter(|case| !case.is_command) {
        let objects = case.agreed(&[]);
        case.logs(&[], &objects);
        wrong.extend(case.lacks(&objects));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_forms_of_a_warning_agree() {
    let helm = folder("hints-helm", &[]).join("helm");
    let map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: made}}";
    write(&helm, &format!("#!/bin/sh\n[ \"$1\" = version ] && echo v3.15.0 || echo '{map}'\n"));
    let helm = helm.to_str().unwrap();
    let flags = ["--warn=all", "--enable-alpha-plugins", "--enable-helm", "--helm-command", helm];
    for case in cases("warnings", "hints-warnings") {
        let objects = case.agreed(&flags);
        case.logs(&flags, &objects);
        let id = case.name.split("--").next().unwrap();
        let is_brought = objects.iter().any(|object| object["kind"] == id);
        assert_eq!(is_brought, id != "quiet", "{}: {objects:#?}", case.name);
        assert!(objects.iter().all(|object| object["level"] == "warning"), "{objects:#?}");
    }
}

#[test]
fn commands_bring_the_hints_that_are_theirs() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in cases("hints", "hints-commands").iter().filter(|case| case.is_command) {
        let before = fs::read(case.dir.join("kustomization.yaml")).ok();
        let objects = case.agreed(&[]);
        assert_eq!(fs::read(case.dir.join("kustomization.yaml")).ok(), before, "{}", case.name);
        wrong.extend(case.lacks(&objects));
        count += 1;
        let dir = case.dir.to_str().unwrap();
        assert_snapshot!(format!("hint__{}", case.name), case.said(&[]).replace(dir, "DIR"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 20, "{count}");
}
