//! Texts that name a directory of a git repository (docs/spec/loading.md, section 6).

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::path::clean;

/// A directory of a git repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RepoUrl {
    /// What to clone.
    pub(crate) clone_spec: String,
    /// The branch, tag or commit; the default branch if none.
    pub(crate) reference: Option<String>,
    /// The directory in the repository; empty for its root.
    pub(crate) path: PathBuf,
    /// Whether submodules are wanted.
    pub(crate) submodules: bool,
    /// How long one git command may take.
    pub(crate) timeout: Duration,
}

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(27);
const SCHEMES: [&str; 4] = ["ssh://", "https://", "http://", "file://"];

/// Returns `true` if a file entry is a web address.
pub(crate) fn is_http(text: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| strip_prefix_fold(text, scheme).is_some())
}

impl RepoUrl {
    /// Returns the directory that `text` names, or `None` if it is to be taken as a local path.
    pub(crate) fn parse(text: &str) -> Option<RepoUrl> {
        if text.starts_with('/') {
            return None;
        }
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let address = strip_prefix_fold(address, "git::").unwrap_or(address);
        let scheme = SCHEMES.iter().copied().find(|s| strip_prefix_fold(address, s).is_some());
        let after_scheme = &address[scheme.map_or(0, str::len)..];
        let user = user_prefix(after_scheme);
        let rest = &after_scheme[user.len()..];
        let github =
            ["github.com/", "github.com:"].iter().find_map(|host| strip_prefix_fold(rest, host));
        if scheme.is_none() && user.is_empty() && github.is_none() {
            return None;
        }
        let (host, path) = if scheme == Some("file://") {
            ("file://".to_owned(), after_scheme)
        } else if let Some(path) = github {
            let host = if scheme == Some("ssh://") || !user.is_empty() {
                format!("{user}github.com:")
            } else {
                "https://github.com/".to_owned()
            };
            // With a scheme, what follows a colon is a port.
            let has_port =
                scheme.is_some() && rest.as_bytes().get("github.com".len()) == Some(&b':');
            (host, if has_port { path.split_once('/')?.1 } else { path })
        } else {
            let scp = scheme.is_none();
            let slash = rest.find('/');
            let colon = rest.find(':').filter(|&c| scp && slash.is_none_or(|s| c < s));
            let end = colon.or(slash)? + 1;
            (format!("{}{user}{}", scheme.unwrap_or(""), &rest[..end]), &rest[end..])
        };
        let (repo, path) = split_repo(path, scheme == Some("file://"))?;
        // It counts from the top of the tree.
        let path = path.trim_start_matches('/');
        let cleaned = if path.is_empty() { PathBuf::new() } else { clean(Path::new(path)) };
        if repo.is_empty() || cleaned.components().next() == Some(Component::ParentDir) {
            return None;
        }
        let query = Query::parse(query);
        Some(RepoUrl {
            clone_spec: format!("{host}{repo}"),
            reference: query.reference,
            path: if cleaned == Path::new(".") { PathBuf::new() } else { cleaned },
            submodules: query.submodules,
            timeout: query.timeout,
        })
    }
}

/// Splits the path of a URL into the repository and the directory in it.
fn split_repo(path: &str, is_file: bool) -> Option<(&str, &str)> {
    if let Some(at) = path.find("_git/") {
        let end = at + "_git/".len();
        let end = path[end..].find('/').map_or(path.len(), |slash| end + slash);
        return Some(path.split_at(end));
    }
    if let Some((repo, inner)) = path.split_once("//") {
        return Some((repo, inner));
    }
    if let Some(at) = path.find(".git") {
        return Some(path.split_at(at + ".git".len()));
    }
    if is_file {
        return Some((path, ""));
    }
    let first = path.find('/')?;
    let second = path[first + 1..].find('/').map_or(path.len(), |slash| first + 1 + slash);
    (second > first + 1).then(|| path.split_at(second))
}

/// Returns `user@` if the text starts with it.
fn user_prefix(text: &str) -> &str {
    let Some((user, _)) = text.split_once('@') else {
        return "";
    };
    let ok = user.starts_with(|c: char| c.is_ascii_alphabetic())
        && user.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if ok { &text[..=user.len()] } else { "" }
}

fn strip_prefix_fold<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// The units of Go's durations in seconds; of two that begin alike, the longer one comes first.
const UNITS: [(&str, f64); 8] = [
    ("ms", 1e-3),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("μs", 1e-6),
    ("ns", 1e-9),
    ("h", 3600.0),
    ("m", 60.0),
    ("s", 1.0),
];

struct Query {
    reference: Option<String>,
    submodules: bool,
    timeout: Duration,
}

impl Query {
    /// Reads a query; an error anywhere in it makes all of it the default.
    fn parse(text: &str) -> Query {
        let mut query = Query { reference: None, submodules: true, timeout: DEFAULT_TIMEOUT };
        let Some(pairs) = form_pairs(text) else {
            return query;
        };
        let first = |key: &str| {
            pairs.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
        };
        query.reference = first("ref").or_else(|| first("version")).map(str::to_owned);
        if let Some(on) = first("submodules").and_then(go_bool) {
            query.submodules = on;
        }
        if let Some(timeout) = first("timeout").and_then(timeout) {
            query.timeout = timeout;
        }
        query
    }
}

fn form_pairs(text: &str) -> Option<Vec<(String, String)>> {
    if text.contains(';') {
        return None;
    }
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((form_decode(key)?, form_decode(value)?))
        })
        .collect()
}

fn form_decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        out.push(match b {
            b'+' => b' ',
            b'%' => {
                let digit = |b: Option<u8>| char::from(b?).to_digit(16);
                let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
                (high * 16 + low) as u8
            }
            b => b,
        });
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}

fn go_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// Reads positive seconds or a Go duration such as `1m1s`.
fn timeout(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<u32>() {
        return (seconds > 0).then(|| Duration::from_secs(seconds.into()));
    }
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let (unit, seconds) = UNITS.into_iter().find(|(unit, _)| rest.starts_with(unit))?;
        total += number * seconds;
        rest = &rest[unit.len()..];
    }
    (total > 0.0).then(|| Duration::try_from_secs_f64(total).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parsed(text: &str) -> Option<(String, String)> {
        RepoUrl::parse(text).map(|u| (u.clone_spec, u.path.display().to_string()))
    }

    /// What upstream makes of URLs, recorded with a stand-in for git.
    #[test]
    fn reads_urls_as_upstream_does() {
        let vectors = include_str!("../../docs/spec/data/git-url-vectors.json");
        let vectors: serde_json::Value = serde_json::from_str(vectors).expect("JSON");
        let vectors = vectors["vectors"].as_array().expect("a list");
        assert!(vectors.len() > 100);
        let wrong = vectors.iter().filter_map(|vector| {
            let url = vector["url"].as_str().expect("a text");
            let found = RepoUrl::parse(url).map(|found| {
                let (clone, reference, path) = (&found.clone_spec, &found.reference, &found.path);
                json!([clone, reference, path, found.submodules])
            });
            let of = |key: &str| vector[key].clone();
            let is_repo = vector["git"] == true;
            let expected =
                is_repo.then(|| json!([of("clone"), of("ref"), of("path"), of("submodules")]));
            (found != expected).then(|| format!("{url}: {found:?} instead of {expected:?}\n"))
        });
        assert_eq!(wrong.collect::<String>(), "");
    }

    #[test]
    fn recognises_repositories() {
        for (text, clone, path) in [
            ("github.com/org/repo", "https://github.com/org/repo", ""),
            ("GitHub.com/org/repo/a/b?ref=v1", "https://github.com/org/repo", "a/b"),
            ("git@github.com:org/repo.git//a", "git@github.com:org/repo.git", "a"),
            ("https://gitlab.com/org/sub/repo", "https://gitlab.com/org/sub", "repo"),
            ("ssh://git@host/a.gitb/c", "ssh://git@host/a.git", "b/c"),
            ("file:///srv/repo", "file:///srv/repo", ""),
        ] {
            assert_eq!(parsed(text), Some((clone.into(), path.into())), "{text}");
        }
    }

    #[test]
    fn leaves_local_paths_alone() {
        for text in [
            "../base",
            "/abs",
            "base",
            "github.com",
            "example.com/a/b",
            "https://host/a",
            "github.com/o/r//../x",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn reads_the_query() {
        let url = RepoUrl::parse("github.com/o/r?ref=a%2Fb&submodules=false&timeout=1m1s");
        let url = url.expect("a repository");
        assert_eq!(url.reference.as_deref(), Some("a/b"));
        assert!(!url.submodules);
        assert_eq!(url.timeout, Duration::from_secs(61));
        for (text, nanoseconds) in [("1ns", 1), ("1.5us", 1500), ("2%C2%B5s", 2000)] {
            let url = RepoUrl::parse(&format!("github.com/o/r?timeout={text}"));
            let timeout = url.expect("a repository").timeout;
            assert_eq!(timeout, Duration::from_nanos(nanoseconds), "{text}");
        }
    }
}
