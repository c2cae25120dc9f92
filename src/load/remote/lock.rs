//! `kustom.lock`: what the kustomizations below its directory use from elsewhere, at which commit.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::places::{among, below};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::load::repo_url::RepoUrl;
use crate::yaml::{self, DecodeMode, Limits, Merges, Pos};

/// The name of the file.
pub(crate) const LOCK_FILE: &str = "kustom.lock";

/// The only version of the format.
const VERSION: u32 = 1;

/// The content of a lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lock {
    /// The directory that it lies in; paths count from there.
    pub(crate) directory: PathBuf,
    /// The directory of all copies.
    pub(crate) copies: PathBuf,
    pub(crate) trees: BTreeMap<TreeKey, LockedTree>,
    /// By their URLs.
    pub(crate) files: BTreeMap<String, LockedFile>,
    pub(crate) charts: BTreeMap<ChartKey, LockedChart>,
}

/// What makes two URLs name the same tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TreeKey {
    pub(crate) repository: String,
    pub(crate) reference: Option<String>,
    pub(crate) submodules: bool,
}

/// A tree of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LockedTree {
    /// The commit that the ref meant.
    pub(crate) commit: String,
    /// The hash of the vendored files.
    pub(crate) hash: String,
    /// Their directory.
    pub(crate) path: PathBuf,
    /// The URLs that name it, as written, in order.
    pub(crate) urls: Vec<String>,
}

/// A file behind a web address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LockedFile {
    /// The hash of its content.
    pub(crate) hash: String,
    /// The vendored copy.
    pub(crate) path: PathBuf,
}

/// What makes two entries of kustomizations name the same chart.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ChartKey {
    pub(crate) repo: String,
    pub(crate) name: String,
    /// The version or range of versions; empty for the newest.
    pub(crate) version: String,
    /// Whether versions under development count.
    pub(crate) devel: bool,
}

/// A chart of a repository of charts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LockedChart {
    /// The version that was found.
    pub(crate) resolved: String,
    /// The hash of the chart's files.
    pub(crate) hash: String,
    /// Their directory.
    pub(crate) path: PathBuf,
}

impl fmt::Display for ChartKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chart {} of {}", self.name, self.repo)?;
        if self.version.is_empty() { Ok(()) } else { write!(f, " at {}", self.version) }
    }
}

impl TreeKey {
    /// Returns the key of the tree that a URL names.
    pub(crate) fn of(url: &RepoUrl) -> TreeKey {
        TreeKey {
            repository: url.clone_spec.clone(),
            reference: url.reference.clone(),
            submodules: url.submodules,
        }
    }
}

impl fmt::Display for TreeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repository)?;
        match &self.reference {
            Some(reference) => write!(f, " at {reference}"),
            None => Ok(()),
        }
    }
}

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
    /// Returns a lock file that lists nothing.
    pub(crate) fn new(directory: &Path) -> Lock {
        Lock {
            directory: directory.to_path_buf(),
            copies: Path::new(".kustom").join("vendor"),
            trees: BTreeMap::new(),
            files: BTreeMap::new(),
            charts: BTreeMap::new(),
        }
    }

    /// Returns the paths of all copies.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        let trees = self.trees.values().map(|tree| &tree.path);
        let files = self.files.values().map(|file| &file.path);
        trees.chain(files).chain(self.charts.values().map(|chart| &chart.path))
    }

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
        let wrong = |why: &dyn fmt::Display| {
            said(why)
                .hint("`kustom vendor` writes this file; take an older one from version control")
        };
        let text = yaml::decode(bytes).map_err(|e| wrong(&e.message))?;
        let tree = yaml::read_document(&text, Pos::NONE, Merges::Plain, limits);
        let tree = tree.map_err(|e| wrong(&e.message))?.ok_or_else(|| wrong(&"it is empty"))?;
        let version = tree.get("version").and_then(|version| version.text());
        if let Some(version) = version.and_then(|text| text.parse::<u32>().ok())
            && version > VERSION
        {
            return Err(said(&format_args!("it has version {version}, and {VERSION} is known"))
                .hint("install a newer kustom"));
        }
        let written: Written =
            yaml::from_node(&tree, DecodeMode::Exact, LOCK_FILE).map_err(|e| wrong(&e.message))?;
        if written.version != VERSION {
            return Err(wrong(&format_args!("it has version {}", written.version)));
        }
        // Copies are written and removed, and who wrote the file may be a stranger.
        let stray = |what: &str, path: &str, why: &str| {
            said(&format_args!("the path '{path}' of {what} {why}")).hint(
                "`kustom vendor` writes no such path; take an older file from version control, or remove \
                 the entry and run `kustom vendor`",
            )
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
            lock.trees.entry(key).or_insert(LockedTree {
                commit: tree.commit,
                hash: tree.hash,
                path,
                urls: tree.urls,
            });
        }
        for file in written.files {
            let path = place(&file.url, &file.path)?;
            lock.files.entry(file.url).or_insert(LockedFile { hash: file.hash, path });
        }
        for chart in written.charts {
            let WrittenChart { name, repo, version, devel, resolved, hash, path } = chart;
            let key = ChartKey { repo, name, version, devel };
            let path = place(&key, &path)?;
            lock.charts.entry(key).or_insert(LockedChart { resolved, hash, path });
        }
        Ok(lock)
    }
}

impl fmt::Display for Lock {
    /// Writes the text of the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "# Written by `kustom vendor`: what is used from elsewhere, and where its copy is.\n",
        )?;
        writeln!(f, "version: {VERSION}")?;
        writeln!(f, "copies: {}", Scalar(&super::digest::slashed(&self.copies)))?;
        for (i, (key, tree)) in self.trees.iter().enumerate() {
            if i == 0 {
                f.write_str("trees:\n")?;
            }
            writeln!(f, "- repository: {}", Scalar(&key.repository))?;
            if let Some(reference) = &key.reference {
                writeln!(f, "  ref: {}", Scalar(reference))?;
            }
            if !key.submodules {
                f.write_str("  submodules: false\n")?;
            }
            writeln!(f, "  commit: {}", Scalar(&tree.commit))?;
            writeln!(f, "  hash: {}", Scalar(&tree.hash))?;
            writeln!(f, "  path: {}", Scalar(&super::digest::slashed(&tree.path)))?;
            f.write_str("  urls:\n")?;
            for url in &tree.urls {
                writeln!(f, "  - {}", Scalar(url))?;
            }
        }
        for (i, (url, file)) in self.files.iter().enumerate() {
            if i == 0 {
                f.write_str("files:\n")?;
            }
            writeln!(f, "- url: {}", Scalar(url))?;
            writeln!(f, "  hash: {}", Scalar(&file.hash))?;
            writeln!(f, "  path: {}", Scalar(&super::digest::slashed(&file.path)))?;
        }
        for (i, (key, chart)) in self.charts.iter().enumerate() {
            if i == 0 {
                f.write_str("charts:\n")?;
            }
            writeln!(f, "- name: {}", Scalar(&key.name))?;
            writeln!(f, "  repo: {}", Scalar(&key.repo))?;
            if !key.version.is_empty() {
                writeln!(f, "  version: {}", Scalar(&key.version))?;
            }
            if key.devel {
                f.write_str("  devel: true\n")?;
            }
            writeln!(f, "  resolved: {}", Scalar(&chart.resolved))?;
            writeln!(f, "  hash: {}", Scalar(&chart.hash))?;
            writeln!(f, "  path: {}", Scalar(&super::digest::slashed(&chart.path)))?;
        }
        Ok(())
    }
}

/// A text as a scalar: plain if nobody could take it for anything else.
struct Scalar<'a>(&'a str);

impl fmt::Display for Scalar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_safe = |c: char| c.is_ascii_alphanumeric() || "./_-:@+%?=&,~".contains(c);
        let is_word = |word: &&str| self.0.eq_ignore_ascii_case(word);
        let is_plain = self.0.starts_with(|c: char| c.is_ascii_alphabetic() || c == '.')
            && self.0.chars().all(is_safe)
            && !self.0.ends_with(':')
            && self.0.len() > 1
            && !["true", "false", "null", "yes", "no", "on", "off", ".inf", ".nan"]
                .iter()
                .any(is_word);
        if is_plain {
            return f.write_str(self.0);
        }
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
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
        for (reference, commit) in [(None, "0123"), (Some("v1"), "12e4"), (Some("true"), "ab:")] {
            lock.trees.insert(
                TreeKey {
                    repository: "git@github.com:acme/a b.git".into(),
                    reference: reference.map(str::to_owned),
                    submodules: reference.is_none(),
                },
                LockedTree {
                    commit: commit.into(),
                    hash: "sha256:00".into(),
                    path: ".kustom/vendor/x".into(),
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

    #[test]
    fn entries_lie_below_all_copies() {
        for path in ["../x", "/x", "src", "v", "vv/x", "v/../src", "v/.Git/config", ".git/config"] {
            for (entry, name) in [
                (format!("files: [{{url: u, hash: h, path: {path}}}]"), "u"),
                (
                    format!(
                        "trees: [{{repository: r, commit: c, hash: h, path: {path}, urls: []}}]"
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
