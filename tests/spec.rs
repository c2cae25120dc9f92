//! The specification in `docs/spec`, the golden cases and the code point at each other.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_golden_case_is_linked_from_a_page() {
    let linked: BTreeSet<String> = pages().iter().flat_map(|(_, text)| cases_in(text)).collect();
    let existing: BTreeSet<String> = cases().collect();
    let forgotten: Vec<_> = existing.difference(&linked).collect();
    assert!(forgotten.is_empty(), "link them under `Cases:` in a page: {forgotten:#?}");
    let gone: Vec<_> = linked.difference(&existing).collect();
    assert!(gone.is_empty(), "linked, but not there: {gone:#?}");
}

#[test]
fn pages_and_code_name_each_other() {
    let sources = files_below(Path::new("src"));
    for (page, text) in pages() {
        let name = page.file_name().unwrap().to_string_lossy().into_owned();
        let mention = format!("docs/spec/{name}");
        let naming: Vec<String> = sources
            .iter()
            .filter(|(_, source)| source.contains(&mention))
            .map(|(path, _)| path.to_string_lossy().replace('\\', "/"))
            .map(|path| format!("[{}](../../{path})", path.trim_start_matches("src/")))
            .collect();
        assert!(!naming.is_empty(), "no source names {mention} as what it follows");
        let expected = format!("Code: {}.", naming.join(", "));
        let line = text.lines().find(|line| line.starts_with("Code: ")).unwrap_or_default();
        if std::env::var_os("UPDATE_SPEC").is_some() {
            fs::write(&page, text.replacen(line, &expected, 1)).unwrap();
        } else {
            assert_eq!(line, expected, "{name}: UPDATE_SPEC=1 writes the line anew");
        }
    }
}

/// The pages of the specification but their index, with their texts.
fn pages() -> Vec<(PathBuf, String)> {
    let mut pages: Vec<_> = fs::read_dir("docs/spec")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .filter(|path| !path.ends_with("README.md"))
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect();
    pages.sort();
    assert!(pages.len() > 10, "the pages were not found");
    pages
}

/// The golden cases that a text links to, as `FEATURE/NAME`.
fn cases_in(text: &str) -> impl Iterator<Item = String> {
    links(text).filter_map(|link| Some(link.split_once("testdata/cases/")?.1.to_owned()))
}

/// The targets of the links of a text.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0))
}

/// All golden cases, as `FEATURE/NAME`.
fn cases() -> impl Iterator<Item = String> {
    let folders = |path: &Path| {
        let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir()).collect::<Vec<_>>()
    };
    folders(Path::new("testdata/cases")).into_iter().flat_map(move |feature| {
        let of_feature = feature.file_name().unwrap().to_string_lossy().into_owned();
        folders(&feature).into_iter().map(move |case| {
            format!("{of_feature}/{}", case.file_name().unwrap().to_string_lossy())
        })
    })
}

/// The files of the library's source, with their texts.
fn files_below(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found.sort();
    found
}
