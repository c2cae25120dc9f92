//! Places that are allowed by name: `HOST[:PORT][/PATH]`.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::address::Address;

/// A host, or a part of what it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    host: String,
    port: Option<u16>,
    /// The parts of the path; everything below them is meant.
    path: Vec<String>,
}

impl Place {
    /// Reads `github.com/acme`, `*.example.com`, `127.0.0.1:8080`, an address with a scheme or
    /// `file:///srv/git`.
    pub(super) fn parse(text: &str) -> Option<Place> {
        let text = text.trim();
        let text = text.strip_suffix('*').filter(|rest| rest.ends_with('/')).unwrap_or(text);
        let with_scheme = match text.contains("://") || is_scp(text) {
            true => text.to_owned(),
            false => format!("https://{text}"),
        };
        let Address { host, port, path, .. } = Address::parse(&with_scheme)?;
        // Behind two slashes stands what is meant of the tree, and not where that is.
        let path = path.split("//").next().unwrap_or_default().to_owned();
        let stars = host.matches('*').count();
        // A network such as `10.0.0.0/8` would be taken for a path.
        let is_network = host.parse::<IpAddr>().is_ok() && path.parse::<u8>().is_ok();
        if is_network || text.starts_with('-') || stars > usize::from(host.starts_with("*.")) {
            return None;
        }
        Some(Place { host, port, path: parts(&path)? })
    }

    /// Returns `true` if an address leads into the place.
    pub(super) fn has(&self, address: &Address) -> bool {
        self.has_host(address) && self.has_path(&address.path)
    }

    /// Returns `true` if an address leads to the host of the place.
    pub(super) fn has_host(&self, address: &Address) -> bool {
        let is_host = match self.host.strip_prefix('*') {
            Some(domain) => address.host.ends_with(domain),
            None => self.host == address.host,
        };
        let is_port = self.port.is_none() || self.port == address.known_port();
        is_host && is_port
    }

    /// Returns `true` if a path of this machine, links resolved, lies in the place.
    pub(super) fn has_local(&self, real: &Path) -> bool {
        let mut place: PathBuf = Path::new("/").join(self.path.join("/"));
        if !self.path.is_empty() && place.symlink_metadata().is_err() {
            // So does git.
            place.as_mut_os_string().push(".git");
        }
        self.host.is_empty() && real.starts_with(place.canonicalize().unwrap_or(place))
    }

    fn has_path(&self, path: &str) -> bool {
        if self.path.is_empty() {
            return true;
        }
        let Some(parts) = parts(path) else { return false };
        let (Some((last, above)), Some(named)) =
            (self.path.split_last(), parts.get(self.path.len() - 1))
        else {
            return false;
        };
        // A repository has two names; a folder of them has one, as has all that lies below a repository.
        let is_repository = parts.len() == self.path.len();
        let is_last = last == named || (is_repository && without_git(last) == without_git(named));
        is_last && parts.starts_with(above)
    }
}

/// Returns the name of a repository without the `.git` that hosts put at its end or leave out.
fn without_git(name: &str) -> &str {
    name.strip_suffix(".git").filter(|name| !name.is_empty()).unwrap_or(name)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        self.path.iter().try_for_each(|part| write!(f, "/{part}"))
    }
}

fn is_scp(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(host, path)| host.contains('@') && !host.contains('/') && !path.is_empty())
}

/// Returns the parts of a path; nothing if it goes up, or hides parts.
fn parts(path: &str) -> Option<Vec<String>> {
    let parts = path.split('/').filter(|part| !part.is_empty() && *part != ".");
    let is_plain = |part: &str| part != ".." && !part.contains(['%', '\\']);
    let mut out = Vec::new();
    for part in parts {
        if !is_plain(part) {
            return None;
        }
        out.push(part.to_owned());
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(place: &str, address: &str) -> bool {
        Place::parse(place).expect(place).has(&Address::parse(address).expect(address))
    }

    #[test]
    fn a_place_is_a_host_or_part_of_one() {
        for (place, address) in [
            ("github.com", "https://github.com/acme/infra"),
            ("GitHub.com/acme", "https://github.com/acme/infra"),
            ("github.com/acme/*", "git@github.com:acme/infra.git"),
            ("github.com/acme/infra", "git@github.com:acme/infra.git"),
            ("https://github.com/acme/", "ssh://git@github.com/acme/infra"),
            ("git@github.com:acme", "https://github.com/acme/infra"),
            ("*.example.com", "https://git.example.com/a/b"),
            ("127.0.0.1", "http://127.0.0.1:8080/a"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080/a"),
            ("github.com:443", "https://github.com/acme/infra"),
            ("github.com", "https://github.com:443/acme/infra"),
            ("github.com:22", "git@github.com:acme/infra"),
            ("github.com/acme/infra//base", "https://github.com/acme/infra"),
            ("https://github.com/acme/infra//base?ref=v1", "https://github.com/acme/infra.git"),
            ("[::1]", "http://[::1]:8080/a"),
            ("github.com/acme/infra.git", "https://github.com/acme/infra"),
            ("github.com/acme/infra.git", "https://github.com/acme/infra.git"),
            ("git@github.com:acme/infra.git", "ssh://git@github.com/acme/infra/"),
            ("github.com/acme/infra.git//base", "git@github.com:acme/infra"),
            ("file:///srv/git", "file:///srv/git/a.git"),
        ] {
            assert!(has(place, address), "{place} {address}");
        }
        for (place, address) in [
            ("github.com/acme", "https://github.com/acme2/infra"),
            ("github.com/acme", "https://github.com/acme/../evil/infra"),
            ("github.com/acme", "https://github.com/acme/%2e%2e/evil"),
            ("github.com/acme", "https://github.com/acme.git/infra"),
            ("github.com/acme.git", "https://github.com/acme/infra"),
            ("github.com/acme/infra.git", "https://github.com/acme/infra.git.git"),
            ("github.com/acme/infra.git", "https://github.com/acme/infrax.git"),
            ("github.com/acme/.git", "https://github.com/acme/"),
            ("github.com/acme/infra.git", "https://github.com/acme"),
            ("github.com/acme/infra.git", "https://github.com/acme.git/infra"),
            ("github.com", "https://github.com.evil.example/a"),
            ("github.com", "https://notgithub.com/a"),
            ("*.example.com", "https://example.com/a/b"),
            ("127.0.0.1:8080", "http://127.0.0.1:9090/a"),
            ("127.0.0.1:8080", "http://127.0.0.1/a"),
            ("github.com:443", "http://github.com/acme/infra"),
            ("github.com:443", "git@github.com:acme/infra"),
            ("file:///srv/git", "file:///srv/other"),
        ] {
            assert!(!has(place, address), "{place} {address}");
        }
        for text in ["", "-x", "a*b", "*.*.com", "host:port", "https://", "10.0.0.0/8", "fd00::/8"]
        {
            assert_eq!(Place::parse(text), None, "{text}");
        }
    }
}
