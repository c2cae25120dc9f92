//! From where may be fetched.

use std::fmt;
use std::path::{Path, PathBuf};

use kustom::outside::{Failure, FailureKind};

use super::address::Address;
use super::places::Place;

/// The places that may be fetched from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Any host that everybody can reach.
    public: bool,
    places: Vec<Place>,
    /// Where repositories of this machine may lie, links resolved, if not everywhere.
    files_below: Option<PathBuf>,
}

/// A place that is written in a way that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceError(String);

/// In what way an address is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// By name.
    Named,
    /// As a public host.
    Public,
    /// Not.
    Refused,
}

impl Allowed {
    /// Allows nothing.
    pub fn nothing() -> Allowed {
        Allowed::default()
    }

    /// Allows repositories of this machine only below a directory, also those that are named.
    #[must_use]
    pub fn files_below(mut self, directory: impl AsRef<Path>) -> Allowed {
        let directory = directory.as_ref();
        self.files_below = Some(directory.canonicalize().unwrap_or_else(|_| directory.into()));
        self
    }

    /// Also allows every public host. What is on this machine or in a private network has to be named.
    #[must_use]
    pub fn public(mut self) -> Allowed {
        self.public = true;
        self
    }

    /// Also allows a place: `HOST`, `HOST:PORT`, `HOST/PATH`, with `*.` before the host for all below it.
    ///
    /// # Errors
    /// If it is none of these.
    pub fn place(mut self, place: &str) -> Result<Allowed, PlaceError> {
        self.places.push(Place::parse(place).ok_or_else(|| PlaceError(place.to_owned()))?);
        Ok(self)
    }

    /// Returns `true` if nothing is allowed.
    pub fn is_nothing(&self) -> bool {
        !self.public && self.places.is_empty()
    }

    /// Says in what way an address is allowed.
    pub(super) fn verdict(&self, address: &Address) -> Verdict {
        if self.places.iter().any(|place| place.has(address)) {
            Verdict::Named
        } else if self.public && address.scheme != "file" && address.is_public() {
            Verdict::Public
        } else {
            Verdict::Refused
        }
    }

    /// Checks the address of a repository.
    pub(super) fn check_repository(&self, url: &str) -> Result<(), Failure> {
        let known = |address: &Address| {
            matches!(address.scheme.as_str(), "https" | "http" | "ssh" | "file")
        };
        match Address::parse(url).filter(known) {
            Some(address) => self.check(url, &address).map(drop),
            None => Err(Failure::new(
                FailureKind::Refused,
                format!("'{url}' is no address that trees are fetched from"),
            )),
        }
    }

    /// Checks the address of a submodule of a fetched tree.
    pub(super) fn check_submodule(&self, url: &str) -> Result<(), Failure> {
        let refuse = |why: &str| {
            Err(Failure::new(FailureKind::Refused, format!("submodule '{url}': {why}"))
                .hint("leave submodules out with ?submodules=false"))
        };
        if url.starts_with('-') || url.contains(char::is_control) {
            return refuse("it would be taken for an option of git");
        }
        match Address::parse(url) {
            Some(address) if address.scheme == "file" => {
                refuse("it is on this machine, and a fetched tree asks for it")
            }
            Some(_) => self.check_repository(url),
            None => refuse("it is no address that trees are fetched from"),
        }
    }

    /// Checks an address of the web.
    pub(super) fn check_web(&self, url: &str) -> Result<Verdict, Failure> {
        let is_web = |address: &Address| matches!(address.scheme.as_str(), "https" | "http");
        match Address::parse(url).filter(is_web) {
            Some(address) => self.check(url, &address),
            None => Err(Failure::new(
                FailureKind::Refused,
                format!("'{url}' is no address that files are fetched from"),
            )),
        }
    }

    fn check(&self, url: &str, address: &Address) -> Result<Verdict, Failure> {
        if let Some(root) = self.files_below.as_ref().filter(|_| address.scheme == "file") {
            let found = Path::new("/").join(&address.path).canonicalize();
            if !found.is_ok_and(|found| found.starts_with(root)) {
                let root = root.display();
                let message = format!("'{url}' is not below {root}, which is all that may be read");
                return Err(Failure::new(FailureKind::Refused, message));
            }
        }
        let verdict = self.verdict(address);
        if verdict != Verdict::Refused {
            return Ok(verdict);
        }
        // Who has named a part of a host wants another part, and not all of it.
        let is_part = |place: &&Place| address.scheme != "file" && place.has_host(address);
        let parts: Vec<String> = self.places.iter().filter(is_part).map(Place::to_string).collect();
        let of_host = format!("of its host only what lies below {} is allowed", parts.join(", "));
        let why = match (address.scheme.as_str(), address.is_public()) {
            _ if !parts.is_empty() => &*of_host,
            ("file", _) => "it is on this machine, which is not among the places that are allowed",
            (_, true) => "it is not among the places that are allowed",
            (_, false) => "its host is not a public one, and has to be named",
        };
        let host = match address.port.filter(|_| !address.is_public()) {
            _ if address.scheme == "file" => url.to_owned(),
            Some(port) => format!("{}:{port}", bracketed(&address.host)),
            None => bracketed(&address.host),
        };
        let first = address.path.split('/').find(|part| !part.is_empty());
        let place = match first.filter(|_| !parts.is_empty()) {
            Some(first) => format!("{host}/{first}"),
            None => host,
        };
        Err(Failure::new(FailureKind::Refused, format!("'{url}' is remote: {why}"))
            .hint(format!("allow it with --allow-remote={place}")))
    }
}

fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

impl fmt::Display for PlaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is no place such as github.com or github.com/acme", self.0)?;
        let bits = self.0.rsplit_once('/').map(|(_, bits)| bits.parse::<u8>());
        match bits {
            Some(Ok(_)) => f.write_str("; each host is named, and no network"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for PlaceError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_allowed_by_itself() {
        let failure = Allowed::nothing().check_repository("https://github.com/a/b").unwrap_err();
        assert_eq!(failure.kind(), FailureKind::Refused);
        assert_eq!(failure.hint_text(), Some("allow it with --allow-remote=github.com"));
    }

    #[test]
    fn another_part_of_a_host_is_named() {
        let allowed = Allowed::nothing().place("github.com/acme").unwrap();
        let failure = allowed.check_repository("https://github.com/other/x").unwrap_err();
        let words = "of its host only what lies below github.com/acme is allowed";
        assert!(failure.message().ends_with(words), "{failure}");
        assert_eq!(failure.hint_text(), Some("allow it with --allow-remote=github.com/other"));
        let failure = allowed.check_web("https://example.com/a/b.yaml").unwrap_err();
        assert_eq!(failure.hint_text(), Some("allow it with --allow-remote=example.com"));
    }

    #[test]
    fn public_hosts_are_allowed_together_and_others_by_name() {
        let public = Allowed::nothing().public();
        for url in ["https://github.com/a/b", "git@host.example:a/b"] {
            assert!(public.check_repository(url).is_ok(), "{url}");
        }
        for url in ["http://127.0.0.1:80/a/b", "git@localhost:a/b", "https://169.254.169.254/a/b"] {
            assert!(public.check_repository(url).is_err(), "{url}");
        }
        for url in ["ext::sh -c x", "git@ext::sh", "foo://host.example/a"] {
            assert!(public.check_repository(url).is_err(), "{url}");
        }
        let named = Allowed::nothing().place("127.0.0.1").unwrap();
        assert_eq!(named.check_web("http://127.0.0.1:80/a"), Ok(Verdict::Named));
        assert!(named.check_web("https://github.com/a").is_err());
        assert!(named.check_web("file:///etc/passwd").is_err());
    }

    #[test]
    fn repositories_of_this_machine_are_named() {
        let public = Allowed::nothing().public();
        let failure = public.check_repository("file:///srv/a").unwrap_err();
        assert_eq!(failure.hint_text(), Some("allow it with --allow-remote=file:///srv/a"));
        let named = public.place("file:///").unwrap();
        assert!(named.check_repository("file:///srv/a").is_ok());
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("root/a")).unwrap();
        std::fs::create_dir_all(folder.path().join("other")).unwrap();
        let rooted = named.files_below(folder.path().join("root"));
        let at = |path: &str| format!("file://{}/{path}", folder.path().display());
        assert!(rooted.check_repository(&at("root/a")).is_ok());
        for path in ["other", "root/../other", "root/missing"] {
            assert!(rooted.check_repository(&at(path)).is_err(), "{path}");
        }
    }

    #[test]
    fn submodules_stay_away_from_this_machine() {
        let public = Allowed::nothing().public();
        assert!(public.check_submodule("https://github.com/a/b").is_ok());
        for url in ["file:///srv/a", "/srv/a", "../a", "ext::sh -c x", "-x", "http://127.0.0.1/a"] {
            assert!(public.check_submodule(url).is_err(), "{url}");
        }
    }
}
