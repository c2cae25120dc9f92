//! Other paths in the place of those that a kustomization names; every other byte stays.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Error, ErrorKind, Result};
use crate::kustomization::names;
use crate::yaml::{Mapping, Node, Source, fold};

/// Returns a kustomization file with other entries, and which of them it had.
///
/// # Errors
/// If it cannot be changed without changing more.
pub(super) fn rewrite<'a>(
    bytes: &[u8],
    entries: &'a BTreeMap<String, String>,
) -> Result<(Vec<u8>, BTreeSet<&'a str>)> {
    let failed = |e: crate::yaml::SourceError| Error::new(ErrorKind::Kustomization, e.to_string());
    let source = Source::read(bytes).map_err(failed)?;
    let mut wanted = source.root().clone();
    let mut renamer = Renamer { entries, done: BTreeSet::new() };
    if let Some(map) = wanted.as_map_mut() {
        renamer.kustomization(map);
    }
    let rewritten = source.rewrite(&wanted).map_err(failed)?;
    Ok((rewritten.text.into_bytes(), renamer.done))
}

struct Renamer<'a> {
    entries: &'a BTreeMap<String, String>,
    done: BTreeSet<&'a str>,
}

impl Renamer<'_> {
    fn kustomization(&mut self, map: &mut Mapping) {
        for entry in map.entries_mut() {
            let Some(field) = entry.key.text() else { continue };
            if names::role_of_list(field).is_some() {
                self.items(&mut entry.value);
            } else if names::is_one_of(field, &names::WITH_PATH) {
                each(&mut entry.value, |map| self.field(map, "path"));
            } else if names::is_one_of(field, &names::CHARTS) {
                each(&mut entry.value, |map| {
                    names::CHART_FILES.iter().for_each(|field| self.field(map, field));
                });
            } else if names::is_one_of(field, &names::GENERATORS) {
                each(&mut entry.value, |map| {
                    self.field(map, "env");
                    self.field(map, "envs");
                    self.sources(map);
                });
            }
        }
    }

    fn field(&mut self, map: &mut Mapping, name: &str) {
        for entry in map.entries_mut() {
            if entry.key.text().is_some_and(|key| fold(key).eq(fold(name))) {
                self.items(&mut entry.value);
            }
        }
    }

    /// Renames a text, or the texts of a list.
    fn items(&mut self, node: &mut Node) {
        if let Some(items) = node.as_seq_mut() {
            items.make_mut().iter_mut().for_each(|item| self.text(item, str::to_owned));
        } else {
            self.text(node, str::to_owned);
        }
    }

    /// Renames the files of a generator, which keep the keys that they give.
    fn sources(&mut self, map: &mut Mapping) {
        for entry in map.entries_mut() {
            if !entry.key.text().is_some_and(|key| fold(key).eq(fold("files"))) {
                continue;
            }
            let Some(items) = entry.value.as_seq_mut() else { continue };
            for item in items.make_mut() {
                let Some(written) = item.text().map(str::to_owned) else { continue };
                match written.split_once('=') {
                    Some((key, path)) => {
                        if let Some((old, new)) = self.entries.get_key_value(path) {
                            self.done.insert(old);
                            set(item, &format!("{key}={new}"));
                        }
                    }
                    None => {
                        let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
                        self.text(item, |new| match last(new) == last(&written) {
                            true => new.to_owned(),
                            false => format!("{}={new}", last(&written)),
                        });
                    }
                }
            }
        }
    }

    fn text(&mut self, node: &mut Node, write: impl Fn(&str) -> String) {
        let found = node.text().and_then(|text| self.entries.get_key_value(text));
        if let Some((old, new)) = found {
            self.done.insert(old);
            set(node, &write(new));
        }
    }
}

/// Calls `change` for a mapping, or each of a list.
fn each(node: &mut Node, mut change: impl FnMut(&mut Mapping)) {
    if let Some(items) = node.as_seq_mut() {
        items.make_mut().iter_mut().filter_map(Node::as_map_mut).for_each(change);
    } else if let Some(map) = node.as_map_mut() {
        change(map);
    }
}

fn set(node: &mut Node, text: &str) {
    *node = Node::str(text).at(node.pos());
}
