//! `kustom.lock` as it is read.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::lock::{
    ChartKey, Kept, LOCK_FILE, Lock, LockedChart, LockedFile, LockedTree, TreeKey, VERSION,
};
use super::places::{among, below};
use crate::diagnostics::{Error, ErrorKind, Location, Result, hints};
use crate::yaml::{self, DecodeMode, Limits, Merges, Pos};

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    copies: String,
    #[serde(default)]
    trees: Vec<WrittenTree>,
    #[serde(default)]
    files: Vec<WrittenFile>,
    #[serde(default)]
    charts: Vec<WrittenChart>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTree {
    repository: String,
    r#ref: Option<String>,
    submodules: Option<bool>,
    commit: String,
    hash: String,
    path: String,
    #[serde(default)]
    whole: bool,
    #[serde(default)]
    programs: Vec<String>,
    #[serde(default)]
    files: Vec<String>,
    urls: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFile {
    url: String,
    hash: String,
    path: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenChart {
    name: String,
    repo: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    devel: bool,
    resolved: String,
    hash: String,
    path: String,
}

impl Lock {
    /// Reads a lock file that lies in `directory`.
    ///
    /// # Errors
    /// If it is no such file, or one of a later version.
    pub(crate) fn parse(bytes: &[u8], directory: &Path, limits: &Limits) -> Result<Lock> {
        let said = |why: &dyn fmt::Display| {
            let file = directory.join(LOCK_FILE);
            Error::new(ErrorKind::Lock, format!("{LOCK_FILE} cannot be read: {why}"))
                .located_in(&file)
        };
        let wrong = |why: &dyn fmt::Display| said(why).hint(&hints::UNREADABLE_LOCK);
        let text = yaml::decode(bytes).map_err(|e| wrong(&e.message))?;
        if let Some(line) = unfinished_merge(&text) {
            let place = Location { file: directory.join(LOCK_FILE), line, column: 1 };
            return Err(said(&"it has the markers of an unfinished merge")
                .moved_to(place)
                .hint(&hints::MERGE_OF_LOCK));
        }
        let tree = yaml::read_document(&text, Pos::NONE, Merges::Plain, limits);
        let tree = tree.map_err(|e| wrong(&e.message))?.ok_or_else(|| wrong(&"it is empty"))?;
        if tree.as_map().is_none() {
            return Err(wrong(&"it does not say what it lists, but is one value"));
        }
        let version = tree.get("version").and_then(|version| version.text());
        if let Some(version) = version.and_then(|text| text.parse::<u32>().ok())
            && version > VERSION
        {
            return Err(said(&format_args!("it has version {version}, and {VERSION} is known"))
                .hint(&hints::LATER_LOCK));
        }
        let written: Written =
            yaml::from_node(&tree, DecodeMode::Exact, LOCK_FILE).map_err(|e| wrong(&e.message))?;
        if written.version != VERSION {
            return Err(wrong(&format_args!("it has version {}", written.version)));
        }
        // Copies are written and removed, and who wrote the file may be a stranger.
        let stray = |what: &str, path: &str, why: &str| {
            said(&format_args!("the path '{path}' of {what} {why}")).hint(&hints::PATH_IN_LOCK)
        };
        let copies = below(&written.copies)
            .map_err(|why| stray("all copies (`copies`)", &written.copies, why))?;
        let place = |what: &dyn fmt::Display, path: &str| {
            among(path, &copies).map_err(|why| stray(&what.to_string(), path, why))
        };
        let mut lock = Lock { copies: copies.clone(), ..Lock::new(directory) };
        for tree in written.trees {
            let key = TreeKey {
                repository: tree.repository,
                reference: tree.r#ref,
                submodules: tree.submodules.unwrap_or(true),
            };
            let path = place(&key, &tree.path)?;
            if !is_commit(&tree.commit) {
                let commit = &tree.commit;
                return Err(wrong(&format_args!("the commit '{commit}' of {key} is none")));
            }
            let paths = |texts: &[String]| {
                let path = |text: &String| {
                    below(text).map_err(|why| stray(&format!("a file of {key}"), text, why))
                };
                texts.iter().map(path).collect::<Result<BTreeSet<PathBuf>>>()
            };
            let kept = match tree.whole {
                true => Kept::Whole(paths(&tree.programs)?),
                false => Kept::Files(paths(&tree.files)?),
            };
            let (commit, hash, urls) = (tree.commit, tree.hash, tree.urls);
            let tree = LockedTree { commit, hash, path, kept, urls };
            add(&mut lock.trees, key, tree, &mut lock.twice);
        }
        for file in written.files {
            let path = place(&file.url, &file.path)?;
            let locked = LockedFile { hash: file.hash, path };
            add(&mut lock.files, file.url, locked, &mut lock.twice);
        }
        for chart in written.charts {
            let WrittenChart { name, repo, version, devel, resolved, hash, path } = chart;
            let key = ChartKey { repo, name, version, devel };
            let path = place(&key, &path)?;
            if !is_version(&resolved) {
                return Err(wrong(&format_args!("the version '{resolved}' of {key} is none")));
            }
            let locked = LockedChart { resolved, hash, path };
            add(&mut lock.charts, key, locked, &mut lock.twice);
        }
        Ok(lock)
    }
}

/// Returns `true` if a text is the whole name of a commit, as git prints it.
pub(crate) fn is_commit(text: &str) -> bool {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    matches!(text.len(), 40 | 64) && text.bytes().all(is_digit)
}

/// Returns `true` if a text is one version, and not a range or an option of helm.
pub(crate) fn is_version(text: &str) -> bool {
    let is_of_version = |c: char| c.is_ascii_alphanumeric() || ".-+_".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(is_of_version)
}

/// Returns the number of the first line that git writes where two sides differ.
fn unfinished_merge(text: &str) -> Option<u32> {
    let starts = |line: &str| line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ");
    text.lines().position(starts).map(|line| line as u32 + 1)
}

/// Adds an entry, unless there is one of the same key.
fn add<K: Ord + fmt::Display, V>(
    entries: &mut BTreeMap<K, V>,
    key: K,
    value: V,
    twice: &mut Vec<String>,
) {
    match entries.entry(key) {
        Entry::Vacant(free) => _ = free.insert(value),
        Entry::Occupied(there) => twice.push(there.key().to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Lock> {
        Lock::parse(text.as_bytes(), Path::new("/repo"), &Limits::default())
    }

    fn lock() -> Lock {
        let mut lock = Lock::new(Path::new("/repo"));
        let commits = ["0123456789", "12e4000000", "abcdef0123"].map(|part| part.repeat(4));
        for (reference, commit) in [None, Some("v1"), Some("true")].into_iter().zip(commits) {
            lock.trees.insert(
                TreeKey {
                    repository: "git@github.com:acme/a b.git".into(),
                    reference: reference.map(str::to_owned),
                    submodules: reference.is_none(),
                },
                LockedTree {
                    commit,
                    hash: "sha256:00".into(),
                    path: ".kustom/vendor/x".into(),
                    kept: match reference {
                        None => Kept::Whole(["bin/run me".into()].into()),
                        Some(_) => Kept::Files(["a/kustomization.yaml".into(), "b".into()].into()),
                    },
                    urls: vec!["github.com/acme/infra//base?ref=\"v1\"&x=\u{7}".into()],
                },
            );
        }
        let file = LockedFile { hash: "sha256:00".into(), path: ".kustom/vendor/f.yaml".into() };
        lock.files.insert("https://example.com/f.yaml".into(), file);
        for (version, devel) in [("", false), ("^1.2", true)] {
            let key = ChartKey {
                repo: "oci://host/charts".into(),
                name: "web".into(),
                version: version.into(),
                devel,
            };
            let (resolved, hash) = ("1.2.3".into(), "sha256:00".into());
            lock.charts
                .insert(key, LockedChart { resolved, hash, path: ".kustom/vendor/web".into() });
        }
        lock
    }

    #[test]
    fn reads_what_it_writes() {
        assert_eq!(read(&lock().to_string()).unwrap(), lock());
        let empty = Lock::new(Path::new("/repo"));
        assert_eq!(read(&empty.to_string()).unwrap(), empty);
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, why) in [
            ("", "it is empty"),
            ("version: 2\nmore: []\n", "it has version 2, and 1 is known"),
            ("version: 1\ncopies: v\nmore: []\n", "unknown field"),
            ("version: 1\ncopies: ../v\n", "'../v' of all copies (`copies`) does not lie below"),
            ("version: 1\ncopies: .git\n", "'.git' of all copies (`copies`) leads into git's own"),
            ("a: [", "cannot be read"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    const COMMIT: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    #[test]
    fn commits_are_whole() {
        for commit in ["main", "--upload-pack=x", &COMMIT[1..], &COMMIT.to_uppercase(), "\"\""] {
            let tree = format!("{{repository: r, commit: {commit}, hash: h, path: v/r, urls: []}}");
            let error = read(&format!("version: 1\ncopies: v\ntrees: [{tree}]\n"));
            let error = error.expect_err(commit).to_string();
            assert!(error.contains(" of r is none"), "{error}");
        }
        assert!(is_commit(COMMIT) && is_commit(&"0".repeat(64)));
    }

    #[test]
    fn files_of_trees_lie_below_them() {
        for (key, path) in [("files", "../x"), ("programs", "/bin/x"), ("files", ".git/config")] {
            let whole = key == "programs";
            let tree = format!(
                "{{repository: r, commit: {COMMIT}, hash: h, path: v/r, urls: [], whole: {whole}, {key}: ['{path}']}}"
            );
            let error = read(&format!("version: 1\ncopies: v\ntrees: [{tree}]\n")).expect_err(path);
            assert!(
                error.message().contains(&format!("the path '{path}' of a file of r ")),
                "{error}"
            );
        }
    }

    #[test]
    fn versions_of_charts_are_versions() {
        for version in ["--post-renderer=x", "'>=1.0'", "'1 2'", "\"1\\n2\"", "''"] {
            let chart = format!("{{name: n, repo: r, resolved: {version}, hash: h, path: v/n}}");
            let error = read(&format!("version: 1\ncopies: v\ncharts: [{chart}]\n"));
            let error = error.expect_err(version).to_string();
            assert!(error.contains(" of chart n of r is none"), "{error}");
        }
        assert!(is_version("v1.2.3-rc.1+build_5") && is_version("2024"));
    }

    #[test]
    fn entries_lie_below_all_copies() {
        for path in ["../x", "/x", "src", "v", "vv/x", "v/../src", "v/.Git/config", ".git/config"] {
            for (entry, name) in [
                (format!("files: [{{url: u, hash: h, path: {path}}}]"), "u"),
                (
                    format!(
                        "trees: [{{repository: r, commit: {COMMIT}, hash: h, path: {path}, urls: []}}]"
                    ),
                    "r",
                ),
                (
                    format!("charts: [{{name: n, repo: r, resolved: x, hash: h, path: {path}}}]"),
                    "chart n of r",
                ),
            ] {
                let error = read(&format!("version: 1\ncopies: v\n{entry}\n")).expect_err(path);
                let words = format!("the path '{path}' of {name} ");
                assert!(error.message().contains(&words), "{error}");
                assert!(error.hint_text().is_some_and(|hint| hint.contains("remove the entry")));
            }
        }
    }
}
