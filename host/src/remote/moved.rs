//! Repositories that have another address by now.
//!
//! Git follows no redirects here, for it would go wherever they lead. Where a server answers with one, our own
//! client follows it, looks at each address on the way, and git is given the last one.

use std::sync::Arc;
use std::time::Duration;

use kustom::Cancel;
use kustom::outside::Failure;

use super::address::Address;
use super::http::{self, Client};

/// What git asks a repository for first.
const FIRST: &str = "/info/refs?service=git-upload-pack";

/// Returns `true` if git was told to go elsewhere.
pub(super) fn is_told_by(said: &str) -> bool {
    said.contains("returned error: 30")
}

/// Returns the address that a repository has now, nothing if redirects lead to none.
///
/// # Errors
/// If one of the addresses on the way is not allowed, or does not answer.
pub(super) fn address(
    client: &Arc<Client>,
    repository: &str,
    time: Duration,
    cancel: &Cancel,
) -> Result<Option<String>, Failure> {
    let is_web = |address: &Address| matches!(address.scheme.as_str(), "https" | "http");
    if Address::parse(repository).is_none_or(|address| !is_web(&address)) {
        return Ok(None);
    }
    let repository = repository.trim_end_matches('/');
    let end = http::end_of(client, &format!("{repository}{FIRST}"), time, cancel)?;
    let moved = end.strip_suffix(FIRST).filter(|moved| *moved != repository);
    Ok(moved.map(|moved| with_user_of(repository, moved)))
}

/// Returns an address with the user and password of another one, if it is at the same host.
fn with_user_of(old: &str, new: &str) -> String {
    let split = |url: &str| -> Option<(String, Option<String>, String)> {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, path) = rest.split_once('/')?;
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user.to_owned()), host),
            None => (None, authority),
        };
        Some((format!("{scheme}://{host}"), user, path.to_owned()))
    };
    match (split(old), split(new)) {
        (Some((old, Some(user), _)), Some((new, None, path))) if old == new => {
            let (scheme, host) = new.split_once("://").unwrap_or_default();
            format!("{scheme}://{user}@{host}/{path}")
        }
        _ => new.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_go_to_no_other_host() {
        for (old, new, with) in [
            ("https://a:b@host/x", "https://host/x.git", "https://a:b@host/x.git"),
            ("https://a:b@host/x", "https://other/x.git", "https://other/x.git"),
            ("https://a:b@host/x", "http://host/x.git", "http://host/x.git"),
            ("https://host/x", "https://host/x.git", "https://host/x.git"),
            ("https://a@host/x", "https://c@host/x.git", "https://c@host/x.git"),
        ] {
            assert_eq!(with_user_of(old, new), with);
        }
    }
}
