//! What embedders rely on beside the bytes: names that are read back, and causes that can be told apart.

#![allow(clippy::unwrap_used)] // a test

use std::error::Error as _;
use std::fmt::{Debug, Display};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use kustom::{Builder, ErrorKind, FileKind, FileSystem, LoadRestriction, MemoryFs, Reorder};

fn is_read_back<T: Display + Debug + PartialEq + FromStr<Err = kustom::Error>>(value: T) {
    let text = value.to_string();
    assert_eq!(text.parse::<T>().unwrap(), value);
    let error = format!("no {text}").parse::<T>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Option);
    assert!(error.hint_text().unwrap().contains(&text), "{error}");
}

#[test]
fn names_are_read_back() {
    ErrorKind::all().for_each(is_read_back);
    [Reorder::Unspecified, Reorder::Legacy, Reorder::None].into_iter().for_each(is_read_back);
    [LoadRestriction::RootOnly, LoadRestriction::None].into_iter().for_each(is_read_back);
}

#[test]
fn all_kinds_of_errors_have_a_name_of_their_own() {
    let mut names: Vec<&str> = ErrorKind::all().map(ErrorKind::as_str).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

const MAP: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n";

fn files() -> MemoryFs {
    MemoryFs::from_iter([("kustomization.yaml", "resources: [map.yaml]\n"), ("map.yaml", MAP)])
}

#[test]
fn files_in_memory_come_and_go() {
    let mut files = files();
    assert_eq!(files.remove("map.yaml").unwrap(), MAP.as_bytes());
    assert_eq!(files.remove("/map.yaml"), None);
    let error = Builder::new().file_system(files.clone()).build("/").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Load);
    files.extend([(PathBuf::from("/map.yaml"), MAP)]);
    let build = Builder::new().file_system(files).build("/").unwrap();
    assert_eq!((&build).into_iter().count(), 1);
    assert_eq!(build.to_yaml(), build.clone().into_yaml());
}

/// Files that a server has, which asks for one of them to wait.
#[derive(Debug)]
struct Busy(MemoryFs);

impl FileSystem for Busy {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        self.0.kind(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.canonicalize(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path.ends_with("map.yaml") {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "slow down"));
        }
        self.0.read(path)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.absolute(path)
    }
}

fn cause(error: &kustom::Error) -> io::ErrorKind {
    error.source().unwrap().downcast_ref::<io::Error>().unwrap().kind()
}

#[test]
fn the_error_of_the_file_system_is_the_source() {
    let error = Builder::new().file_system(Busy(files())).build("/").unwrap_err();
    assert_eq!(cause(&error), io::ErrorKind::TimedOut, "{error}");
    let mut without = files();
    without.remove("map.yaml");
    let error = Builder::new().file_system(without).build("/").unwrap_err();
    assert_eq!(cause(&error), io::ErrorKind::NotFound, "{error}");
    let error = Builder::new().file_system(files()).build("/elsewhere").unwrap_err();
    assert_eq!(cause(&error), io::ErrorKind::NotFound, "{error}");
}

#[test]
fn a_program_that_returns_the_error_shows_the_message() {
    let error = Builder::new().file_system(MemoryFs::new()).build("/elsewhere").unwrap_err();
    assert_eq!(format!("{error:?}"), error.to_string());
}

#[test]
fn an_object_that_does_not_fit_a_type_is_named_with_its_field() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "it is only read")]
    struct Object {
        spec: Spec,
    }
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "it is only read")]
    struct Spec {
        ports: Vec<Port>,
    }
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "it is only read")]
    struct Port {
        port: u16,
    }
    let text = "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: b}\n\
                spec:\n  ports:\n  - port: 80\n  - port: eighty\n";
    let files = MemoryFs::from_iter([
        ("kustomization.yaml", "resources: [service.yaml]\n"),
        ("service.yaml", text),
    ]);
    let build = Builder::new().file_system(files).build("/").unwrap();
    let error = build.resources()[0].deserialize::<Object>().unwrap_err();
    assert_eq!(error.field(), Some("spec.ports[1].port"));
    assert!(error.message().starts_with("Service b/a: spec.ports[1].port: "), "{error}");
}

#[test]
fn a_report_of_another_version_is_refused() {
    use kustom::diff::{Diff, Report, RootReport, json};

    let report = Report::new(vec![RootReport::new("prod", Diff::default())]);
    let text = json(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
    let newer = text.replacen("\"version\": 1", "\"version\": 2", 1);
    let error = serde_json::from_str::<Report>(&newer).unwrap_err().to_string();
    assert!(error.contains("version 2") && error.contains("only 1 can be read"), "{error}");
}
