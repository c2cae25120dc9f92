//! The table of hints: the most frequent mistakes, how they are recognized, and what to do about each.
//!
//! The code that raises an error adds the hint that it knows. Here the error is looked at once more when all is
//! known: its place, the text of the file, what the kustomization says there and what lies in the folders.
//! That costs a build that succeeds nothing. A new hint is one entry in one of the tables and one case in
//! `testdata/hints`; `docs/hints.md` is made from the tables.

// Circle: addresses, documents, fields, folders, formats, fragments, json_patches, layers, merges, misplaced, mod, operations, paths, shapes, syntax, text: the table lists entries of its type.

mod addresses;
mod documents;
mod fields;
mod folders;
mod formats;
mod fragments;
mod json_patches;
mod layers;
mod merges;
mod misplaced;
mod operations;
mod paths;
mod scene;
mod shapes;
mod syntax;
mod text;

use scene::{Finding, Scene};

use std::path::Path;
use std::sync::Arc;

use crate::diagnostics::hints::{CHART_FOLDER_TAKEN, NOT_A_PLUGIN, OBJECT_TWICE, REACHED_TWICE};
use crate::diagnostics::{Error, Hint, hints};
use crate::limits::Account;
use crate::load::{Files, MemoryFs};

/// A mistake that is recognized once the whole error is known.
#[derive(Debug)]
struct Mistake {
    hint: Hint,
    /// Recognizes it.
    find: fn(&Scene<'_>) -> Option<Finding>,
}

/// All tables; of several entries that fit an error the first counts: what is seen in the text itself comes
/// first, and what only goes by the words of the message last.
static TABLES: &[&[Mistake]] = &[
    text::MISTAKES,
    layers::MISTAKES,
    formats::MISTAKES,
    addresses::MISTAKES,
    paths::MISTAKES,
    folders::MISTAKES,
    fragments::MISTAKES,
    fields::MISTAKES,
    shapes::MISTAKES,
    misplaced::MISTAKES,
    merges::MISTAKES,
    json_patches::MISTAKES,
    operations::MISTAKES,
    documents::MISTAKES,
    syntax::MISTAKES,
];

/// Returns the mistakes that are recognized, with what to do about each.
pub fn hints() -> impl Iterator<Item = &'static Hint> {
    TABLES.iter().copied().flatten().map(|mistake| &mistake.hint).chain(hints::raised())
}

/// As [`explain`], for an error in a text that belongs to no build; its positions start at 1.
pub(crate) fn explain_text(error: Error, file: &Path, text: &[u8]) -> Error {
    let mut fs = MemoryFs::new();
    fs.insert(file, text);
    let files = Files::new(Arc::new(fs), Account::default());
    // Reading it gives its text the positions that the error has.
    match files.read(file) {
        Ok(_) => explain(error, &files),
        Err(_) => error,
    }
}

/// Adds to an error what the table knows about it. What is looked at for that is no input of the build: what fails
/// fails whatever is there.
pub(crate) fn explain(error: Error, files: &Files) -> Error {
    files.log().aside(|| explained(error, files))
}

fn explained(error: Error, files: &Files) -> Error {
    let error = reached_twice(error, files);
    // What is missing in such a folder is not misspelled; a manifest is no function, whatever lies beside it.
    if error.hint_id().is_some_and(|id| [CHART_FOLDER_TAKEN.id, NOT_A_PLUGIN.id].contains(&id)) {
        return error;
    }
    let scene = Scene::of(&error, files);
    let mut mistakes = TABLES.iter().copied().flatten();
    let found = mistakes.find_map(|mistake| Some((&mistake.hint, (mistake.find)(&scene)?)));
    match found {
        Some((hint, finding)) => {
            let error = match finding.place {
                Some(place) => error.moved_to(place),
                None => error,
            };
            let error = match finding.field {
                Some(field) => error.with_field(field),
                None => error,
            };
            let error = match finding.also {
                Some((what, place)) => error.also(what, place),
                None => error,
            };
            error.with_hint(hint.with(finding.hint))
        }
        // What a fetched tree says is there, and what is nearly called so, is none of its business.
        None if paths::leads_out(&scene) => error.without_near_name(),
        None => error,
    }
}

/// Returns the error for an object that is there already as that for one reached in two ways, if the first was read
/// from the same place: the file may have been read twice.
fn reached_twice(error: Error, files: &Files) -> Error {
    let places = || {
        let first = error.related_position("first defined at")?;
        Some((files.locate(first)?, files.locate(error.position())?))
    };
    match error.hint_id() == Some(OBJECT_TWICE.id) && places().is_some_and(|(a, b)| a == b) {
        true => error.without_related().with_hint((&REACHED_TWICE).into()),
        false => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_of_a_file_that_was_read_twice_is_reached_in_two_ways() {
        let mut fs = MemoryFs::new();
        fs.insert("/a.yaml", "kind: A");
        fs.insert("/b.yaml", "kind: A");
        let files = Files::new(Arc::new(fs), Account::default());
        let read = |path: &str| files.read(Path::new(path)).unwrap().1;
        let first = read("/a.yaml");
        let hint = |second| {
            let error = Error::new(crate::ErrorKind::Conflict, "it is there already").at(second);
            let error = error.related("first defined at", first).hint(&OBJECT_TWICE);
            explain(error, &files).hint_id()
        };
        assert_eq!(hint(read("/a.yaml")), Some(REACHED_TWICE.id));
        assert_eq!(hint(read("/b.yaml")), Some(OBJECT_TWICE.id));
    }

    #[test]
    fn identifiers_are_unique_and_texts_are_sentences() {
        let mut ids: Vec<_> = hints().map(|hint| hint.id).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        for hint in hints() {
            assert!(hint.looks_at.ends_with('.') && hint.remedy.ends_with('.'), "{}", hint.id);
            assert!(!hint.example.is_empty(), "{}", hint.id);
        }
    }
}
