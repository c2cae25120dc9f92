//! What the library says about wrong input: one test for each mistake, with the whole message.
//!
//! A tree is written as one text: a line `== PATH` starts a file. The target is the folder of the
//! first file. Set `INSTA_UPDATE=new` to see what changed messages look like.

#![allow(missing_docs)]

mod generators;
mod json_patches;
mod kustomization;
mod loading;
mod options;
mod patch_entries;
mod patches;
mod references;
mod resources;
mod transformers;

use kustom::{Builder, MemoryFs};

/// Builds a tree that must be refused and returns the message.
fn refusal(tree: &str) -> String {
    refusal_of(Builder::new(), tree)
}

/// As [`refusal`], with options.
fn refusal_of(builder: Builder, tree: &str) -> String {
    let mut files = MemoryFs::new();
    let mut target = None;
    for part in tree.trim_start().split("== ").filter(|part| !part.is_empty()) {
        let (path, content) = part.split_once('\n').unwrap_or((part, ""));
        target.get_or_insert(path.rsplit_once('/').map_or(".", |(folder, _)| folder));
        files.insert(path, content);
    }
    match builder.file_system(files).build(target.unwrap_or(".")) {
        Ok(build) => panic!("this was built:\n{build}"),
        Err(error) => {
            let has_entry = error.hint_text().is_none() || error.hint_id().is_some();
            assert!(has_entry, "this hint has no entry in a table of `src/mistakes`: {error}");
            error.to_string()
        }
    }
}
