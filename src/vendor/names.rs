//! How the copies of trees and files are named.

use std::path::{Path, PathBuf};

use crate::load::remote::{TreeKey, hash_bytes};

/// The longest name of a file or folder; file systems take some 255 bytes, and letters may be added.
const LONGEST: usize = 200;
/// The longest path of a copy.
const LONGEST_PATH: usize = 1000;

/// Returns the name of a tree among the copies, such as `github.com/acme/infra@v1`.
pub(super) fn tree_name(key: &TreeKey) -> PathBuf {
    let repository = key.repository.split_once("://").map_or(&*key.repository, |(_, rest)| rest);
    let repository = repository.rsplit_once('@').map_or(repository, |(_, rest)| rest);
    let repository = repository.trim_end_matches('/').trim_end_matches(".git");
    let mut name = names(&repository.replacen(':', "/", 1));
    let reference = key.reference.as_deref().unwrap_or("HEAD").replace('/', "-");
    let mut last = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
    last.push('@');
    last.push_str(&safe(&reference));
    if !key.submodules {
        last.push_str("-without-submodules");
    }
    name.set_file_name(short(last));
    within_limit(name)
}

/// Returns the name of a file among the copies, such as `files/example.com/a/crds.yaml`.
pub(super) fn file_name(url: &str) -> PathBuf {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let authority_end = path.find('/').unwrap_or(path.len());
    let start = path.get(..authority_end).and_then(|a| a.rfind('@')).map_or(0, |at| at + 1);
    within_limit(Path::new("files").join(names(path.get(start..).unwrap_or_default())))
}

/// Returns the first letters of a hash, which tell one entry from another.
pub(super) fn letters(key: &str) -> String {
    let hash = hash_bytes(key.as_bytes());
    hash.get("sha256:".len()..).and_then(|hash| hash.get(..8)).unwrap_or_default().to_owned()
}

/// Returns a name that is not too long: the end of a long one becomes a hash.
fn short(name: String) -> String {
    match name.get(..LONGEST) {
        Some(start) if name.len() > LONGEST => format!("{start}-{}", letters(&name)),
        _ => name,
    }
}

/// Returns a path that is not too long: of a long one the first and the last name stay.
fn within_limit(path: PathBuf) -> PathBuf {
    let text = path.to_string_lossy();
    if text.len() <= LONGEST_PATH {
        return path;
    }
    let first: PathBuf = path.components().take(1).collect();
    let last = path.file_name().unwrap_or_default().to_string_lossy();
    first.join(format!("{}-{last}", letters(&text)))
}

/// Returns a path whose parts are names that any file system takes.
fn names(text: &str) -> PathBuf {
    let parts = text.split('/').filter(|part| !part.is_empty()).map(safe);
    let path: PathBuf = parts.collect();
    if path.as_os_str().is_empty() { "unnamed".into() } else { path }
}

pub(super) fn safe(part: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "._-+@".contains(c);
    let name: String = part.chars().map(|c| if is_safe(c) { c } else { '_' }).collect();
    // No name hides, leads up or ends in what Windows drops, and none is git's own.
    short(match name.trim_end_matches('.') {
        "" => "_".to_owned(),
        name if name.starts_with('.') => format!("_{name}"),
        name => name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(repository: &str, reference: Option<&str>, submodules: bool) -> TreeKey {
        let reference = reference.map(str::to_owned);
        TreeKey { repository: repository.to_owned(), reference, submodules }
    }

    #[test]
    fn copies_have_names_that_one_recognizes() {
        for (repository, reference, name) in [
            ("https://github.com/acme/infra", Some("v1"), "github.com/acme/infra@v1"),
            ("git@github.com:acme/infra.git", None, "github.com/acme/infra@HEAD"),
            ("https://user:pw@host:8443/a/b.git", Some("feat/x"), "host/8443/a/b@feat-x"),
            ("https://host/../..//a/.git", Some("../x"), "host/_/_/a@_..-x"),
        ] {
            let found = tree_name(&key(repository, reference, true));
            assert_eq!(found, Path::new(name), "{repository}");
        }
        for (url, name) in [
            ("https://host/a/b.yaml?x=1", "files/host/a/b.yaml"),
            ("http://u:p@127.0.0.1:80/", "files/127.0.0.1_80"),
            ("http://host/.git/config", "files/host/_.git/config"),
        ] {
            assert_eq!(file_name(url), Path::new(name), "{url}");
        }
    }

    #[test]
    fn names_are_not_too_long() {
        let (long, other) = ("x".repeat(300), "x".repeat(301));
        let names = [&long, &other].map(|name| file_name(&format!("https://host/{name}")));
        assert_ne!(names[0], names[1]);
        let tree = tree_name(&key(&format!("https://host/{long}"), Some(&long), false));
        let deep = file_name(&format!("https://host/{}", "abc/".repeat(2000)));
        for path in names.iter().chain([&tree, &deep]) {
            assert!(path.iter().all(|part| part.len() < 240), "{}", path.display());
            assert!(path.as_os_str().len() < 1200, "{}", path.display());
        }
    }
}
