//! The house rules that a compiler does not know: layers, circles, cited cases, sizes, links.
//!
//! The order of the layers is read from the tables of ARCHITECTURE.md, so that what it says is so.

#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods)]

mod docs;
mod layers;
mod quirks;
mod source;
mod words;

use std::path::Path;

use layers::{Crate, circles, declared_circles};

/// The crates of the repository, as the headings of ARCHITECTURE.md name them.
const CRATES: [&str; 4] = ["src", "host/src", "apps/src", "cli/src"];

/// The most lines of a file.
const MOST_LINES: usize = 500;

#[test]
fn modules_import_only_what_stands_before_them() {
    let mut wrong = Vec::new();
    for root in CRATES {
        let order = docs::layers(root);
        assert!(!order.is_empty(), "ARCHITECTURE.md has no table of the modules of {root}");
        let place = |module: &str| order.iter().position(|name| name == module);
        let library = Crate::read(root);
        for module in library.rooms() {
            if place(&module).is_none() {
                wrong.push(format!("{root}: `{module}` stands in no table of ARCHITECTURE.md"));
            }
        }
        let rooms = library.rooms();
        for module in order.iter().filter(|name| !rooms.contains(*name)) {
            wrong.push(format!("{root}: there is no `{module}`, but it stands in a table"));
        }
        for (file, imported) in library.edges() {
            let (Some(from), Some(to)) = (file.first(), imported.first()) else { continue };
            if from != to && place(from) <= place(to) {
                let path = library.path(&file);
                wrong.push(format!("{path}: `{from}` stands before `{to}`, which it imports"));
            }
        }
    }
    assert!(wrong.is_empty(), "against the order of ARCHITECTURE.md:\n{}", wrong.join("\n"));
}

#[test]
fn files_of_a_folder_form_no_circle() {
    let mut wrong = Vec::new();
    for root in CRATES {
        let library = Crate::read(root);
        for folder in library.folders() {
            let found = circles(&library.units(&folder));
            let declared = declared_circles(library.text(&folder));
            let shown = |circle: &Vec<String>| format!("{root}/{}: {circle:?}", folder.join("/"));
            wrong.extend(found.iter().filter(|c| !declared.contains(c)).map(shown));
            let is_gone = |c: &&Vec<String>| !found.contains(c);
            wrong.extend(declared.iter().filter(is_gone).map(|c| shown(c) + " is none any more"));
        }
    }
    assert!(
        wrong.is_empty(),
        "open these circles, or say `// Circle: a, b: why` in the mod.rs:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn quirks_name_golden_cases() {
    let wrong: Vec<String> = source::files(Path::new("src"))
        .iter()
        .flat_map(|(path, text)| quirks::faults(path, text))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Folders whose comments are not looked at yet.
const UNSWEPT: [&str; 3] = ["src/diff", "src/edit", "src/vendor"];

#[test]
fn comments_are_plain_english() {
    let wrong: Vec<String> = source::files(Path::new("src"))
        .iter()
        .filter(|(path, _)| !UNSWEPT.iter().any(|folder| path.starts_with(folder)))
        .flat_map(|(path, text)| words::faults(path, text))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_short() {
    let long: Vec<String> = source::files(Path::new("."))
        .iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "split what has more than {MOST_LINES} lines:\n{}", long.join("\n"));
}

#[test]
fn documents_have_no_dead_links() {
    let dead: Vec<String> = docs::all().iter().flat_map(docs::Document::dead_links).collect();
    assert!(dead.is_empty(), "dead links:\n{}", dead.join("\n"));
}

#[test]
fn the_book_has_all_pages() {
    let summary = std::fs::read_to_string("docs/SUMMARY.md").unwrap();
    let mut missing = Vec::new();
    for folder in ["docs", "docs/spec"] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let page = path.strip_prefix("docs").unwrap().to_string_lossy().into_owned();
            let is_page = page.ends_with(".md") && page != "SUMMARY.md";
            if is_page && !summary.contains(&format!("({page})")) {
                missing.push(page);
            }
        }
    }
    assert!(missing.is_empty(), "not in docs/SUMMARY.md: {missing:?}");
}
