//! What scripts, pipelines and texts for people name: such files have a purpose, though no kustomization lists them.

use std::path::{Component, Path, PathBuf};

use rustc_hash::FxHashMap;

use crate::checks::files::gitops;
use crate::checks::files::listing::list_with_hidden;
use crate::load::{FileKind, Files, KUSTOMIZATION_NAMES};

/// How many files and folders of a repository are looked at.
const MOST: usize = 20_000;

/// From how many kustomizations on a name says what a file is for.
const MANY: usize = 3;

/// The longest text that is read.
const LONGEST: usize = 1 << 20;

/// The files that a repository names outside of its manifests.
#[derive(Debug, Default)]
pub(crate) struct Mentions {
    /// Whether the repository was read.
    is_read: bool,
    /// Whether the repository has more files than are looked at.
    is_cut: bool,
    /// The paths by their file names, each with the folder of the text that has it.
    words: FxHashMap<String, Vec<(PathBuf, String)>>,
    /// How many kustomizations list a file of a name.
    listed: FxHashMap<String, usize>,
    /// How many files there are of a name.
    there: FxHashMap<String, usize>,
}

impl Mentions {
    /// Returns `true` if a text of the repository names a file; it is read when the first is asked for.
    pub(crate) fn has(&mut self, files: &Files, file: &Path) -> bool {
        let (Some(folder), Some(name)) = (file.parent(), file.file_name().and_then(|n| n.to_str()))
        else {
            return false;
        };
        self.read(files, folder);
        // A name that many kustomizations list may stand for any of their files.
        let is_common = self.is_cut || self.listed.contains_key(name);
        let words = self.words.get(name).map(Vec::as_slice).unwrap_or_default();
        words.iter().any(|(of, word)| match word.rsplit_once('/') {
            Some((way, _)) if !is_bare(way) => leads_to(way, folder),
            _ => {
                !is_common || folder == of || folder.parent() == Some(of) || of.starts_with(folder)
            }
        })
    }

    /// Returns `true` if nearly all files of this name are listed by a kustomization.
    pub(crate) fn is_expected(&mut self, files: &Files, file: &Path) -> bool {
        if let Some(folder) = file.parent() {
            self.read(files, folder);
        }
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let count = |of: &FxHashMap<String, usize>| of.get(name).copied().unwrap_or_default();
        let (listed, there) = (count(&self.listed), count(&self.there));
        listed >= MANY && listed * 5 >= there * 4
    }

    fn read(&mut self, files: &Files, folder: &Path) {
        if std::mem::replace(&mut self.is_read, true) {
            return;
        }
        let is_root = |folder: &&Path| files.fs().kind(&folder.join(".git")).is_ok();
        let root = folder.ancestors().find(is_root).map(Path::to_path_buf);
        let root = root.unwrap_or_else(|| gitops::likely_root(files, folder));
        let (mut left, mut looked_at) = (vec![(root, false)], 0);
        while let Some((folder, is_hidden)) = left.pop() {
            for name in list_with_hidden(files, &folder) {
                looked_at += 1;
                if looked_at > MOST {
                    self.is_cut = true;
                    return;
                }
                let path = folder.join(&name);
                let is_hidden = is_hidden || name.starts_with('.');
                match files.fs().kind(&path) {
                    Ok(FileKind::Directory) => left.push((path, is_hidden)),
                    Ok(FileKind::File) if KUSTOMIZATION_NAMES.contains(&name.as_str()) => {
                        self.add_kustomization(&files.text(&path).unwrap_or_default());
                    }
                    Ok(FileKind::File) if is_text(&name, is_hidden) => {
                        self.add(&folder, &files.text(&path).unwrap_or_default());
                    }
                    Ok(FileKind::File) => *self.there.entry(name).or_default() += 1,
                    _ => {}
                }
            }
        }
    }

    /// Adds the paths of manifests that a text names.
    fn add(&mut self, folder: &Path, text: &str) {
        if text.len() > LONGEST {
            return;
        }
        for word in words(text) {
            let name = word.rsplit('/').next().unwrap_or(word);
            self.words
                .entry(name.to_owned())
                .or_default()
                .push((folder.to_path_buf(), word.to_owned()));
        }
    }

    /// Counts the files that a kustomization lists.
    fn add_kustomization(&mut self, text: &str) {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        for name in lines.flat_map(words).filter_map(|word| word.rsplit('/').next()) {
            *self.listed.entry(name.to_owned()).or_default() += 1;
        }
    }
}

/// Returns the words of a text that may be paths of manifests.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || "/-_.${}*".contains(c);
    let words = text.split(move |c| !is_part(c)).map(|word| word.trim_end_matches('.'));
    words.filter(|word| [".yaml", ".yml", ".json"].iter().any(|end| word.ends_with(end)))
}

/// Returns `true` for scripts, build files, pipelines and texts for people.
fn is_text(name: &str, is_hidden: bool) -> bool {
    const ENDS: &[&str] = &[
        ".bash", ".go", ".js", ".just", ".md", ".mk", ".ps1", ".py", ".rb", ".rst", ".sh", ".tf",
        ".toml", ".ts", ".txt", ".adoc",
    ];
    const NAMES: &[&str] = &["Dockerfile", "Jenkinsfile", "Makefile", "Tiltfile", "justfile"];
    let lower = name.to_ascii_lowercase();
    ENDS.iter().any(|end| lower.ends_with(end))
        || NAMES.contains(&name)
        || (is_hidden || lower.contains("task") || lower.contains("skaffold"))
            && (lower.ends_with(".yaml") || lower.ends_with(".yml"))
}

/// Returns `true` for the folders of a path that say nothing: `.`, `..` and variables.
fn is_bare(way: &str) -> bool {
    way.split('/').all(is_open)
}

fn is_open(part: &str) -> bool {
    matches!(part, "" | "." | "..") || part.contains(['$', '*', '{'])
}

/// Returns `true` if folders are the last of a path; variables stand for any.
fn leads_to(way: &str, folder: &Path) -> bool {
    let parts: Vec<&str> =
        way.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
    let mut there = folder.components().rev();
    parts.iter().rev().all(|part| match there.next() {
        Some(Component::Normal(name)) => is_variable(part) || fits(part, name.to_str()),
        _ => false,
    })
}

fn is_variable(part: &str) -> bool {
    part.starts_with('$') && !part.contains('-')
}

/// Returns `true` if a name is the one of a path, in which variables stand for anything.
fn fits(part: &str, name: Option<&str>) -> bool {
    let Some(name) = name else { return false };
    match part.split_once(['$', '*']) {
        None => part == name,
        Some((start, rest)) => {
            let end = rest.rsplit(['}', '*']).next().unwrap_or_default();
            let end = if rest.contains(['}', '*']) { end } else { "" };
            name.starts_with(start) && name.ends_with(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_texts_lead_to_files() {
        let is = |way: &str, folder: &str| leads_to(way, Path::new(folder));
        assert!(is(
            "../ack-${type}-controller/overlays/alpha",
            "/r/ack-ec2-controller/overlays/alpha"
        ));
        assert!(is("$DIR/overlays", "/r/web/overlays") && is("./web", "/r/web"));
        assert!(!is("../ack-${type}-controller/overlays", "/r/other/overlays"));
        assert!(!is("api/overlays", "/r/web/overlays"));
    }

    #[test]
    fn texts_are_cut_into_words() {
        let found: Vec<&str> = words("apply `./a/b.yaml`, then c.yml. (d.json) e.yamlx").collect();
        assert_eq!(found, ["./a/b.yaml", "c.yml", "d.json"]);
    }
}
