//! Lists of files and directories: `add` and `remove resource`, `component`, `transformer` …

use std::path::Path;

use rustc_hash::FxHashSet;

use super::{Edit, invalid};
use crate::diagnostics::Result;
use crate::diagnostics::hints::EDIT_NOTHING_THERE;
use crate::load::glob;
use crate::load::{FileSystem, KUSTOMIZATION_NAMES, RepoUrl};
use crate::yaml::Node;

/// A field that lists files or directories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum List {
    /// `resources`
    Resources,
    /// `components`
    Components,
    /// `transformers`
    Transformers,
    /// `generators`
    Generators,
    /// `configurations`
    Configurations,
}

impl List {
    fn field(self) -> &'static str {
        match self {
            List::Resources => "resources",
            List::Components => "components",
            List::Transformers => "transformers",
            List::Generators => "generators",
            List::Configurations => "configurations",
        }
    }

    fn thing(self) -> &'static str {
        let field = self.field();
        &field[..field.len() - 1]
    }

    /// Returns `true` if an entry can be a directory, so that one that is not there is an error.
    fn has_roots(self) -> bool {
        matches!(self, List::Resources | List::Components)
    }
}

impl List {
    /// Returns `true` if nothing in a directory matches the pattern, and that is no error: upstream does
    /// not look at the kustomization then.
    pub fn finds_nothing(self, fs: &dyn FileSystem, dir: impl AsRef<Path>, pattern: &str) -> bool {
        let Ok(dir) = fs.absolute(dir.as_ref()) else { return false };
        !self.has_roots() && glob::glob(fs, &dir, pattern).is_ok_and(|found| found.is_empty())
    }
}

impl Edit {
    /// Adds the files and directories that match the patterns, and remote ones. What is in the list
    /// already is noted and left out.
    ///
    /// # Errors
    /// If a pattern is none; if nothing matches one for `resources` or `components`, and it is no root
    /// that can be loaded.
    pub fn add_entries<S: AsRef<str>>(&mut self, list: List, patterns: &[S]) -> Result<()> {
        if patterns.is_empty() {
            return Err(invalid(format!("must specify a {} file", list.thing())));
        }
        let mut entries = Vec::new();
        for pattern in patterns {
            self.expand(list, pattern.as_ref(), &mut entries)?;
        }
        self.add_texts(list, &entries);
        Ok(())
    }

    /// Adds entries as they are given, whether there is anything or not.
    pub fn add_unverified<S: AsRef<str>>(&mut self, list: List, entries: &[S]) {
        let entries: Vec<String> = entries.iter().map(|entry| entry.as_ref().to_owned()).collect();
        self.add_texts(list, &entries);
    }

    /// Adds directories to `resources`.
    ///
    /// # Errors
    /// If one does not exist, or is there already.
    pub fn add_bases<S: AsRef<str>>(&mut self, directories: &[S]) -> Result<()> {
        let paths: Vec<String> = directories.iter().map(|path| path.as_ref().to_owned()).collect();
        self.move_list("bases", "resources");
        let mut there: FxHashSet<&str> = self.texts("resources").into_iter().collect();
        for path in &paths {
            if path.is_empty() || self.fs.kind(&self.path(path)).is_err() {
                return Err(invalid(format!("{path} does not exist")));
            }
            if !there.insert(path) {
                return Err(invalid(format!("base {path} already in kustomization file")));
            }
        }
        self.append("resources", paths.into_iter().map(Node::str));
        Ok(())
    }

    /// Removes the entries that match the patterns; whether there are such files does not matter.
    ///
    /// # Errors
    /// If a pattern is none.
    pub fn remove_entries<S: AsRef<str>>(&mut self, list: List, patterns: &[S]) -> Result<()> {
        if patterns.is_empty() {
            return Err(invalid(format!("must specify a {} file", list.thing())));
        }
        let fields: &[&str] = match list {
            List::Resources => &["resources", "bases"],
            _ => &[list.field()],
        };
        let entries: Vec<&str> = fields.iter().flat_map(|field| self.texts(field)).collect();
        let there: FxHashSet<&str> = entries.iter().copied().collect();
        let mut going: FxHashSet<String> = FxHashSet::default();
        let mut missing = Vec::new();
        for pattern in patterns.iter().map(AsRef::as_ref) {
            let mut found = there.contains(pattern);
            if found {
                going.insert(pattern.to_owned());
            }
            // Where nothing is listed, a pattern may be none.
            if !glob::is_literal(pattern) && !entries.is_empty() {
                let parsed = glob::Pattern::parse(pattern)
                    .map_err(|_| invalid(format!("syntax error in pattern {pattern:?}")))?;
                for entry in entries.iter().filter(|entry| parsed.matches(entry)) {
                    going.insert((*entry).to_owned());
                    found = true;
                }
            }
            if !found {
                missing.push(pattern);
            }
        }
        for pattern in missing {
            let thing = list.thing();
            self.note(format_args!("{thing} {pattern} is not in the kustomization file"));
        }
        for field in fields {
            self.remove_items(field, |item| item.text().is_some_and(|text| going.contains(text)));
        }
        Ok(())
    }

    /// Returns what matches a pattern.
    ///
    /// # Errors
    /// If the pattern is none, or something has a name that no text can say.
    pub(super) fn matching(&self, pattern: &str) -> Result<Vec<String>> {
        let found = glob::glob(&*self.fs, &self.dir, pattern)
            .map_err(|_| invalid(format!("syntax error in pattern {pattern:?}")))?;
        let is_lost = |name: &&String| {
            name.contains(char::REPLACEMENT_CHARACTER) && self.fs.kind(&self.path(name)).is_err()
        };
        match found.iter().find(is_lost) {
            Some(name) => Err(invalid(format!(
                "{pattern} matches {name}, whose name is no UTF-8 and cannot be listed: rename it"
            ))),
            None => Ok(found),
        }
    }

    /// Finds what a pattern of an argument means.
    fn expand(&mut self, list: List, pattern: &str, entries: &mut Vec<String>) -> Result<()> {
        let found = self.matching(pattern)?;
        if !found.is_empty() {
            entries.extend(found);
            return Ok(());
        }
        if !list.has_roots() {
            self.note(format_args!("{pattern} has no match"));
            return Ok(());
        }
        if RepoUrl::parse(pattern).is_some() {
            entries.push(pattern.to_owned());
            return Ok(());
        }
        if pattern.is_empty() {
            let hint = "take out the comma too many, or set the variable that is empty";
            return Err(invalid(format!("an empty path is no {}", list.thing()))
                .hint(EDIT_NOTHING_THERE.with(hint.to_owned())));
        }
        let error = invalid(format!("{pattern} has no match"));
        Err(match self.near(pattern) {
            Some(near) => error.hint(EDIT_NOTHING_THERE.with(format!("did you mean {near}?"))),
            None if list == List::Resources => error.hint(&EDIT_NOTHING_THERE),
            None => error.hint(
                EDIT_NOTHING_THERE
                    .with("write it as a path from the folder of the kustomization".to_owned()),
            ),
        })
    }

    /// Returns what is there under a name that is nearly that one.
    fn near(&self, entry: &str) -> Option<String> {
        let (parent, name) = entry.rsplit_once('/').unwrap_or(("", entry));
        let names = self.fs.list(&self.path(parent)).ok()?;
        let near = crate::yaml::nearest(names.iter().map(String::as_str), name)?;
        Some(if parent.is_empty() { near.to_owned() } else { format!("{parent}/{near}") })
    }

    fn add_texts(&mut self, list: List, entries: &[String]) {
        if list == List::Resources {
            // The build puts `bases` behind `resources`; what is added comes behind both.
            let there: FxHashSet<&str> = self.texts("resources").into_iter().collect();
            let is_new = |entry: &String| !there.contains(entry.as_str());
            if !self.texts("bases").is_empty() && entries.iter().any(is_new) {
                self.move_list("bases", "resources");
            }
        }
        let field = list.field();
        let mut new: Vec<&str> = Vec::new();
        let mut notes = Vec::new();
        let mut there: FxHashSet<&str> = self.texts(field).into_iter().collect();
        for entry in entries {
            if KUSTOMIZATION_NAMES.contains(&entry.as_str()) && list.has_roots() {
                continue;
            }
            if there.insert(entry) {
                new.push(entry);
            } else {
                let thing = list.thing();
                notes.push(format!("{thing} {entry} already in kustomization file"));
            }
        }
        let new: Vec<Node> = new.into_iter().map(Node::str).collect();
        self.notes.append(&mut notes);
        if !new.is_empty() {
            self.append(field, new);
        }
    }
}
