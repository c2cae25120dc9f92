//! From where may be fetched.

use std::fmt;
use std::path::{Path, PathBuf};

use kustom::outside::{Failure, FailureKind};

use super::address::Address;
use super::local;
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

    /// Also allows a place: `HOST`, `HOST:PORT`, `HOST/PATH`, with `*.` before the host for all below it. Where a path is
    /// that of a repository, `.git` at its end makes no difference.
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
            None if names_host_of_files(url) => Err(Failure::new(
                FailureKind::Refused,
                format!(
                    "'{url}' names a host, which git would drop to read the path on this machine"
                ),
            )
            .hint("a repository of this machine has none: file:///srv/git/app")),
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

    /// Says in what way a repository of this machine is allowed: all that git reads of it must be.
    ///
    /// # Errors
    /// If it leads out of what may be read, or of what is allowed.
    fn local_verdict(&self, url: &str, address: &Address) -> Result<Verdict, Failure> {
        let is_allowed = |path: &Path| self.places.iter().any(|place| place.has_local(path));
        if self.files_below.is_none() && is_allowed(Path::new("/")) {
            return Ok(Verdict::Named);
        }
        let path = Path::new("/").join(&address.path);
        let reads = local::read_behind(&path)?;
        let refused = |message| Failure::new(FailureKind::Refused, message);
        if let Some(root) = &self.files_below
            && (reads.is_empty() || reads.iter().any(|read| !read.starts_with(root)))
        {
            let root = root.display();
            let message = format!("'{url}' is not below {root}, which is all that may be read");
            return Err(refused(message));
        }
        let is_out = |read: &&PathBuf| !is_allowed(read);
        let top = path.canonicalize().ok().filter(|top| is_out(&top));
        match top.as_ref().or_else(|| reads.iter().find(is_out)) {
            // What is not there does no harm.
            None if reads.is_empty() => Ok(self.verdict(address)),
            None => Ok(Verdict::Named),
            Some(out) if *out == path => Ok(Verdict::Refused),
            Some(out) => {
                let out = out.display();
                let message = format!(
                    "'{url}' is remote: it leads to {out}, which is not among the places that are allowed"
                );
                Err(refused(message).hint(format!("allow it with --allow-remote=file://{out}")))
            }
        }
    }

    fn check(&self, url: &str, address: &Address) -> Result<Verdict, Failure> {
        let verdict = match address.scheme == "file" {
            true => self.local_verdict(url, address)?,
            false => self.verdict(address),
        };
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

/// Returns `true` for `file://` with anything other than a path behind it.
fn names_host_of_files(url: &str) -> bool {
    let scheme = url.split_once("://").filter(|(scheme, _)| scheme.eq_ignore_ascii_case("file"));
    scheme.is_some_and(|(_, rest)| !rest.starts_with('/'))
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
    fn a_host_does_not_stand_for_a_folder() {
        let allowed = Allowed::nothing().place("file:///srv13").unwrap();
        for url in ["file://srv13/tmp/a", "file://localhost/srv13/a", "file://%2Fsrv13/a"] {
            let failure = allowed.check_repository(url).unwrap_err();
            assert!(failure.message().contains("names a host"), "{failure}");
            assert!(Allowed::nothing().place(url).is_err(), "{url}");
            let everything = Allowed::nothing().public().place("file:///").unwrap();
            assert!(everything.check_repository(url).is_err(), "{url}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_git_reads_of_this_machine_counts() {
        use std::fs::{create_dir_all, write};
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let (mine, secret) = (top.join("mine"), top.join("secret"));
        let repository = |at: &Path| {
            create_dir_all(at.join("objects/info")).unwrap();
            create_dir_all(at.join("refs")).unwrap();
            write(at.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        };
        let in_secret = |path: &str| secret.join(path).display().to_string();
        for name in ["good.git", "a b/.git", "borrows", "within", "shares", "refs", "main"] {
            repository(&mine.join(name));
        }
        for name in [".git", "x"] {
            repository(&secret.join(name));
        }
        symlink(&mine, top.join("link")).unwrap();
        symlink("../secret", mine.join("out")).unwrap();
        symlink("good.git", mine.join("other")).unwrap();
        write(mine.join("file"), format!("gitdir: {}\n", in_secret(".git"))).unwrap();
        write(mine.join("file2.git"), "gitdir: ../secret/.git").unwrap();
        create_dir_all(mine.join("tree")).unwrap();
        write(mine.join("tree/.git"), "gitdir: ../../secret/.git\r\n").unwrap();
        create_dir_all(mine.join("own")).unwrap();
        write(mine.join("own/.git"), "gitdir: ../main\n").unwrap();
        let alternates = format!("# a\n{}\n", in_secret(".git/objects"));
        write(mine.join("borrows/objects/info/alternates"), alternates).unwrap();
        write(mine.join("within/objects/info/alternates"), "a").unwrap();
        create_dir_all(mine.join("within/objects/a/info")).unwrap();
        let alternates = "../../../../secret/.git/objects\n";
        write(mine.join("within/objects/a/info/alternates"), alternates).unwrap();
        write(mine.join("shares/commondir"), in_secret(".git")).unwrap();
        symlink(in_secret(".git/HEAD"), mine.join("refs/packed-refs")).unwrap();
        create_dir_all(mine.join("%2e%2e%2fx")).unwrap();
        let by_name = Allowed::nothing().place(&format!("file://{}", mine.display())).unwrap();
        let by_link = format!("file://{}/link", top.display());
        let by_link = Allowed::nothing().place(&by_link).unwrap();
        let below = Allowed::nothing().place("file:///").unwrap().files_below(&mine);
        for allowed in [&by_name, &by_link, &below] {
            let check = |at: &Path, path: &str| {
                allowed.check_repository(&format!("file://{}/{path}", at.display()))
            };
            for path in ["good", "good.git", "good/", "a%20b", "other", "own", "out/../mine/good"] {
                assert_eq!(check(&mine, path), Ok(()), "{path}");
            }
            assert_eq!(check(&top, "link/good"), Ok(()));
            for path in [
                "out",
                "out/",
                "file",
                "file2",
                "tree",
                "tree/.git",
                "borrows",
                "within",
                "shares",
                "refs",
                "../secret",
                "%2e%2e/secret",
                "%2e%2e%2fx",
                "own/..%2F..%2Fsecret/x",
                "out/x",
            ] {
                assert!(check(&mine, path).is_err(), "{path}");
            }
        }
        let failure = by_name.check_repository(&format!("file://{}/tree", mine.display()));
        let hint = format!("allow it with --allow-remote=file://{}", in_secret(".git"));
        assert_eq!(failure.unwrap_err().hint_text(), Some(hint.as_str()));
        // What is in one allowed place may lead to another one.
        let both = by_name.place(&format!("file://{}", secret.display())).unwrap();
        assert!(both.check_repository(&format!("file://{}/tree", mine.display())).is_ok());
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
