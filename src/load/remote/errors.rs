//! The errors of what comes from elsewhere.

use std::net::IpAddr;
use std::path::Path;

use super::lock::{LOCK_FILE, Lock};
use crate::diagnostics::{Error, ErrorKind, Failure, FailureKind, hints};
use crate::load::repo_url::RepoUrl;

/// Returns the error for something elsewhere that is pinned and has changed.
pub(super) fn not_what_it_was(what: &str) -> Error {
    let message = format!("{what} is not what it was when {LOCK_FILE} was written");
    Error::new(ErrorKind::Lock, message).hint(&hints::CHANGED_ELSEWHERE)
}

/// Returns the error for what a lock file does not list; `fetch` is the command that adds it.
pub(super) fn not_locked(lock: &Lock, what: &str, fetch: &str) -> Error {
    let file = lock.directory.join(LOCK_FILE);
    let error = Error::new(ErrorKind::Lock, format!("'{what}' is not in {}", file.display()));
    error.hint(hints::NOT_IN_LOCK.with(format!("run `{fetch}`, which adds it")))
}

/// Returns the error for a copy that is not there; `fetch` is the command that makes it.
pub(super) fn missing(what: &str, path: &Path, fetch: &str) -> Error {
    let path = path.display();
    let message = format!("{LOCK_FILE} lists {what}, but its copy {path} is missing");
    Error::new(ErrorKind::Lock, message)
        .hint(hints::COPY_MISSING.with(format!("run `{fetch}`, which fetches what the lock says")))
}

/// Returns the error for a copy that is not as it was; `fetch` is the command that restores it.
pub(super) fn changed(what: &str, path: &Path, fetch: &str) -> Error {
    let message = format!(
        "the copy of {what} in {} is not what {LOCK_FILE} says: it was changed on disk",
        path.display()
    );
    Error::new(ErrorKind::Lock, message).hint(hints::COPY_CHANGED.with(format!(
        "restore it with `{fetch}`; to change what comes from elsewhere, patch it in an overlay"
    )))
}

/// Returns the error for a copy in which git has changed files, or may have, as the file `attributes` of the copy
/// says; line ends are what is known for certain. `fetch` is the command that restores it.
pub(super) fn changed_by_git(
    what: &str,
    path: &Path,
    (are_line_ends, attributes): (bool, Option<&Path>),
    fetch: &str,
) -> Error {
    let says = attributes.map(|attributes| format!("as {} says", attributes.display()));
    let how = match (are_line_ends, &says) {
        (true, Some(says)) => format!("git has changed its line ends, {says}"),
        (true, None) => "git has changed its line ends".to_owned(),
        (false, says) => {
            let says = says.as_deref().unwrap_or_default();
            format!("it was changed on disk, or by git, {says}")
        }
    };
    let remedy = match attributes {
        Some(_) => format!(
            "restore it with `{fetch}`; ignore the copies in git, and run that before each build"
        ),
        None => format!(
            "restore it with `{fetch}`, which also writes the `.gitattributes` that keeps git from that: commit it"
        ),
    };
    let path = path.display();
    let message = format!("the copy of {what} in {path} is not what {LOCK_FILE} says: {how}");
    Error::new(ErrorKind::Lock, message).hint(hints::COPY_CHANGED.with(remedy))
}

/// Returns the error for a chart in the tree that is another one than the lock file says.
pub(crate) fn other_chart(what: &str, folder: &Path) -> Error {
    let message = format!("{} is not what {LOCK_FILE} says of {what}", folder.display());
    Error::new(ErrorKind::Lock, message).hint(&hints::CHART_BESIDE_LOCK)
}

/// Returns the error for a copy that has other files than the lock file lists; `fetch` is the command that writes
/// the list anew.
pub(super) fn other_files(what: &str, path: &Path, fetch: &str) -> Error {
    let path = path.display();
    let message = format!("{LOCK_FILE} lists other `files` of {what} than its copy in {path} has");
    Error::new(ErrorKind::Lock, message)
        .hint(hints::COPY_CHANGED.with(format!("`{fetch}` writes the list anew")))
}

/// Returns the error for a copy on the way to which is a link; `fetch` is the command that makes another.
pub(super) fn behind_link(what: &str, path: &Path, fetch: &str) -> Error {
    let path = path.display();
    let message = format!("the copy of {what} in {path} lies behind a link, which is not followed");
    Error::new(ErrorKind::Lock, message)
        .hint(hints::COPY_BEHIND_LINK.with(format!("remove the link, and run `{fetch}`")))
}

/// Returns the error for a file of a copy that was a program and can be started no more; `fetch` is the command
/// that restores it.
pub(super) fn not_executable(what: &str, path: &Path, fetch: &str) -> Error {
    let path = path.display();
    let message = format!(
        "the copy of {what} is not what {LOCK_FILE} says: {path} is not executable any more"
    );
    Error::new(ErrorKind::Lock, message)
        .hint(hints::COPY_CHANGED.with(format!("restore it with `{fetch}`")))
}

/// Returns the error for a function in a copy that may not have the files that it reads.
pub(crate) fn not_whole() -> Error {
    let message =
        format!("a function runs in a copy that has only what builds look at, as {LOCK_FILE} says");
    Error::new(ErrorKind::Lock, message).hint(&hints::COPY_WITHOUT_FILES)
}

/// Returns the error for an address that is tried as a repository next.
pub(super) fn is_repository() -> Error {
    Error::new(ErrorKind::Load, "URL is a git repository")
}

pub(super) fn no_network(url: &str) -> Error {
    let place = place_of(url);
    not_allowed(
        url,
        format!("allow it with {place}; `kustom vendor` makes copies that are built without"),
    )
}

/// As [`no_network`], of an address that is itself to be built, for which no lock file counts.
pub(super) fn no_network_for(argument: &str) -> Error {
    let place = place_of(argument);
    not_allowed(
        argument,
        format!(
            "allow it with {place}; to have a copy by `kustom vendor`, list it in a kustomization, and build that"
        ),
    )
}

fn not_allowed(url: &str, hint: String) -> Error {
    Error::new(ErrorKind::External, format!("'{url}' is remote, and this build has no network"))
        .hint(hints::REMOTE_NOT_ALLOWED.with(hint))
}

/// Returns the flag that allows an address.
fn place_of(url: &str) -> String {
    match host(url) {
        Some(host) if !may_be_public(host) => format!("--allow-remote={host}"),
        Some(host) => format!("--allow-remote={host}, or any public host with --allow-remote"),
        None => "--allow-remote".to_owned(),
    }
}

/// Returns `true` if a host may be one that everybody can reach: neither an address of this machine or of a private
/// network, nor a name without a dot.
fn may_be_public(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    match name.parse() {
        Ok(IpAddr::V4(ip)) => {
            !(ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified())
        }
        Ok(IpAddr::V6(ip)) => ip.segments()[0] & 0xe000 == 0x2000,
        Err(_) => name.contains('.') && !name.ends_with(".localhost"),
    }
}

/// Returns the host of an address, with its port if it names one.
fn host(url: &str) -> Option<&str> {
    let host = match url.split_once("://") {
        Some((_, rest)) => rest.split(['/', '?', '#']).next().unwrap_or_default(),
        None => url.split_once(':')?.0,
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    (!host.is_empty() && !host.starts_with('-') && host.chars().all(is_plain)).then_some(host)
}

/// Returns the error for an address that no program is handed.
pub(super) fn unsafe_address(failure: &Failure, url: &RepoUrl) -> Error {
    let error = Error::new(ErrorKind::Restricted, failure.message());
    match url.clone_spec.starts_with("file://") {
        true => error.hint(&hints::LOCAL_ADDRESS_ELSEWHERE),
        false => error.hint(&hints::ADDRESS_FOR_GIT),
    }
}

/// Returns the error for what could not be fetched.
pub(super) fn failed(failure: Failure) -> Error {
    let is_refused = failure.kind() == FailureKind::Refused;
    let kind = match failure.kind() {
        FailureKind::Refused => ErrorKind::External,
        FailureKind::Cancelled => ErrorKind::Cancelled,
        _ => ErrorKind::Fetch,
    };
    let error = Error::new(kind, failure.message());
    match failure.hint_text() {
        Some(hint) if is_refused && hint.contains("--allow-remote") => {
            error.hint(hints::REMOTE_NOT_ALLOWED.with(hint))
        }
        Some(hint) => error.hint(hints::NOT_FETCHED.with(hint)),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn hosts_are_named_as_they_are_allowed() {
        for (url, name) in [
            ("https://github.com/acme/infra", Some("github.com")),
            ("https://me:pw@git.corp:8443/acme/infra.git", Some("git.corp:8443")),
            ("http://[::1]:80/x.yaml?a#b", Some("[::1]:80")),
            ("git@git.corp:acme/infra.git", Some("git.corp")),
            ("ssh://git@git.corp/acme", Some("git.corp")),
            ("file:///etc", None),
            ("https://a b/x", None),
            ("https://-x/a", None),
        ] {
            assert_eq!(host(url), name, "{url}");
        }
    }
}
