//! Where the copies of what is elsewhere lie: `localized-files/HOST/…`, as upstream lays them out.

use std::path::{Component, Path, PathBuf};

use crate::diagnostics::hints::LOCALIZE_WITHOUT_REF;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::load::{RepoUrl, clean};

/// The directory for what was remote, beside the kustomization that names it.
const DIRECTORY: &str = "localized-files";

/// The directory of repositories on this machine, which have no host.
const FILE_SCHEME: &str = "file-schemed";

/// Returns the directory for the tree of a repository: `localized-files/HOST/ORG/REPO/REF`, with the commit that a lock
/// file has `pinned` where there is no ref.
///
/// # Errors
/// If the URL has neither, or a ref that is no path.
pub(super) fn of_repository(written: &str, url: &RepoUrl, pinned: Option<&str>) -> Result<PathBuf> {
    let Some(reference) = url.reference.as_deref().or(pinned) else {
        let message = format!("'{written}' has no ref, so its copy would stand for no version");
        return Err(Error::new(ErrorKind::Option, message).hint(&LOCALIZE_WITHOUT_REF));
    };
    let (host, repository) = match url.clone_spec.strip_prefix("file://") {
        Some(path) => (FILE_SCHEME, path),
        None => host_and_path(&url.clone_spec),
    };
    let repository = repository.trim_end_matches('/');
    let repository = repository.strip_suffix(".git").unwrap_or(repository);
    let path = Path::new(DIRECTORY).join(host);
    Ok(path.join(below(written, repository)?).join(below(written, reference)?))
}

/// Returns the place for the file behind a web address: `localized-files/HOST/PATH`.
///
/// # Errors
/// If the address has no path.
pub(super) fn of_file(written: &str) -> Result<PathBuf> {
    let address = written.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = host_and_path(address);
    Ok(Path::new(DIRECTORY).join(host).join(below(written, path)?))
}

/// Returns the name for a copy whose destination is not given.
pub(super) fn default_name(root: &Path, url: Option<(&RepoUrl, &Path)>) -> PathBuf {
    let last = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some((url, tree)) = url else { return format!("localized-{}", last(root)).into() };
    let name = if root == tree { last(Path::new(&url.clone_spec)) } else { last(root) };
    let name = name.strip_suffix(".git").unwrap_or(&name);
    let reference = url.reference.as_deref().unwrap_or_default().replace('/', "-");
    format!("localized-{name}-{reference}").into()
}

/// Splits an address such as `https://user@host:8080/path` or `git@host:path`.
fn host_and_path(address: &str) -> (&str, &str) {
    let (has_scheme, rest) = match address.split_once("://") {
        Some((_, rest)) => (true, rest),
        None => (false, address),
    };
    let end = if has_scheme { rest.find('/') } else { rest.find([':', '/']) };
    let (host, path) = rest.split_at(end.unwrap_or(rest.len()));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = match host.split_once(']') {
        Some((address, _)) => address.trim_start_matches('['),
        None => host.split(':').next().unwrap_or_default(),
    };
    (host, path.trim_start_matches([':', '/']))
}

/// Returns a path of a URL as one that leads below a directory.
fn below(written: &str, path: &str) -> Result<PathBuf> {
    let path = clean(&Path::new("/").join(path.trim_start_matches('/')));
    let parts: PathBuf =
        path.components().filter(|part| matches!(part, Component::Normal(_))).collect();
    if parts.as_os_str().is_empty() {
        let message = format!("'{written}' gives no path for its copy");
        return Err(Error::new(ErrorKind::Option, message));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_have_host_path_and_ref() {
        for (url, place) in [
            ("github.com/acme/infra//base?ref=v1", "github.com/acme/infra/v1"),
            (
                "https://git.example.com:8443/a/b/c.git//d?ref=release/1",
                "git.example.com/a/b/c/release/1",
            ),
            ("git@github.com:acme/infra.git?ref=v1", "github.com/acme/infra/v1"),
            ("ssh://git@host.example:22/acme/infra?version=v2", "host.example/acme/infra/v2"),
            ("file:///srv/git/infra.git//x?ref=a/../../b", "file-schemed/srv/git/infra/b"),
        ] {
            let parsed = RepoUrl::parse(url).unwrap();
            let found = of_repository(url, &parsed, None).unwrap();
            assert_eq!(found, Path::new(DIRECTORY).join(place), "{url}");
        }
        let no_ref = RepoUrl::parse("github.com/acme/infra").unwrap();
        assert!(of_repository("github.com/acme/infra", &no_ref, None).is_err());
        let pinned = of_repository("github.com/acme/infra", &no_ref, Some("abc")).unwrap();
        assert_eq!(pinned, Path::new("localized-files/github.com/acme/infra/abc"));
    }

    #[test]
    fn files_have_host_and_path() {
        for (url, place) in [
            ("https://example.com/a/../crds.yaml?x=1", "example.com/crds.yaml"),
            ("http://[::1]:80/../../etc/x", "::1/etc/x"),
        ] {
            assert_eq!(of_file(url).unwrap(), Path::new(DIRECTORY).join(place), "{url}");
        }
        assert!(of_file("https://example.com/").is_err());
    }
}
