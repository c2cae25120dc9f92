//! Remote trees and files: the program git, and an HTTP client.
//!
//! Git is the user's: credentials, proxies, `insteadOf` and ssh work as they do elsewhere. What a
//! repository says is not trusted: its hooks and filters do not run, its submodules are asked for only
//! where the user allowed it, and neither time nor size is without end. See [`Remote`].

// Circle: git, submodules: a submodule is fetched as its tree is, and may have submodules.
mod address;
mod allow;
mod git;
mod http;
mod limits;
mod local;
mod moved;
mod names;
mod places;
mod proxy;
mod submodules;
mod tree;
mod urls;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use kustom::Cancel;
use kustom::outside::{
    Failure, FailureKind, FileAnswer, FileRequest, RemoteSource, RemoteTree, TreeRequest,
};

pub use allow::{Allowed, PlaceError};
pub use git::VARIABLES_OF_REPOSITORY;
pub use limits::FetchLimits;

use crate::duration;
use crate::scratch::Scratch;
use crate::watch::{Fetching, Progress};

/// Fetches trees with git and files over HTTP, each once as long as it lives.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use kustom_host::remote::{Allowed, Remote};
///
/// let allowed = Allowed::nothing().place("github.com/acme")?;
/// let builder = kustom::Builder::new().remotes(Arc::new(Remote::new(allowed)));
/// let build = builder.build("overlays/prod")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Remote {
    allowed: Arc<Allowed>,
    limits: FetchLimits,
    git: git::Git,
    http: OnceLock<Arc<http::Client>>,
    cancel: Cancel,
    scratch: Scratch,
    progress: Option<Arc<dyn Progress>>,
    trees: Slots<RemoteTree>,
    files: Slots<FileAnswer>,
    /// How long it took to find out that an address is no file, by the repository that it may be.
    tried: Mutex<BTreeMap<String, Duration>>,
}

/// What was fetched.
type Slots<V> = Mutex<BTreeMap<String, Arc<Mutex<Slot<V>>>>>;

/// What came of one thing: it, or failures by the time that was given.
#[derive(Debug)]
struct Slot<V> {
    fetched: Option<V>,
    failed: BTreeMap<Duration, Failure>,
}

impl<V> Default for Slot<V> {
    fn default() -> Slot<V> {
        Slot { fetched: None, failed: BTreeMap::new() }
    }
}

impl Remote {
    /// Returns a source that may fetch what is allowed.
    pub fn new(allowed: Allowed) -> Remote {
        Remote {
            allowed: Arc::new(allowed),
            limits: FetchLimits::default(),
            git: git::Git::default(),
            http: OnceLock::new(),
            cancel: Cancel::default(),
            scratch: Scratch::new(),
            progress: None,
            trees: Mutex::default(),
            files: Mutex::default(),
            tried: Mutex::default(),
        }
    }

    /// Sets the limits.
    #[must_use]
    pub fn limits(mut self, limits: FetchLimits) -> Remote {
        self.limits = limits;
        self
    }

    /// Sets what stops fetches before their time.
    #[must_use]
    pub fn cancel(mut self, cancel: &Cancel) -> Remote {
        self.cancel = cancel.clone();
        self
    }

    /// Sets the temporary folder, for who has to be able to remove it.
    #[must_use]
    pub fn scratch(mut self, scratch: &Scratch) -> Remote {
        self.scratch = scratch.clone();
        self
    }

    /// Sets who hears of what is being fetched.
    #[must_use]
    pub fn progress(mut self, progress: impl Progress + 'static) -> Remote {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// Returns the client, which is made when it is first needed.
    fn client(&self) -> Arc<http::Client> {
        let new = || Arc::new(http::Client::new(Arc::clone(&self.allowed)));
        Arc::clone(self.http.get_or_init(new))
    }

    /// Returns how much of the time for a tree was spent on asking for it as a file.
    fn spent(&self, repository: &str) -> Result<Duration, Failure> {
        let tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = tried.get(repository).copied().unwrap_or_default();
        if spent > Duration::ZERO && spent >= self.limits.tree_time {
            let time = duration::go(self.limits.tree_time);
            let message = format!(
                "hit {time} timeout of the whole fetch: asking whether {repository} is a file took all of it"
            );
            return Err(Failure::new(FailureKind::Limit, message)
                .hint("--process-timeout allows more time"));
        }
        Ok(spent)
    }

    fn begin(&self, what: &str) -> Option<Box<dyn Fetching>> {
        self.progress.as_ref().map(|progress| progress.start(what))
    }
}

/// Returns what was fetched for a key, by `fetch` if nobody did so before, nor failed to in the same time;
/// who was stopped has not failed.
fn once<V: Clone>(
    slots: &Slots<V>,
    key: String,
    time: Duration,
    fetch: impl FnOnce() -> Result<V, Failure>,
) -> Result<V, Failure> {
    let slot = {
        let mut slots = slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(key).or_default())
    };
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    match (&slot.fetched, slot.failed.get(&time)) {
        (Some(fetched), _) => return Ok(fetched.clone()),
        (None, Some(failure)) => return Err(failure.clone()),
        (None, None) => {}
    }
    let result = fetch();
    match &result {
        Ok(fetched) => slot.fetched = Some(fetched.clone()),
        Err(failure) if failure.kind() == FailureKind::Cancelled => {}
        Err(failure) => _ = slot.failed.insert(time, failure.clone()),
    }
    result
}

impl RemoteSource for Remote {
    fn tree(&self, request: &TreeRequest) -> Result<RemoteTree, Failure> {
        self.allowed.check_repository(request.repository())?;
        let commit = request.commit().unwrap_or_default();
        let reference = request.reference().unwrap_or_default();
        let submodules = request.submodules();
        let time = request.timeout().as_nanos();
        let key = format!("{}\n{reference}\n{commit}\n{submodules}\n{time}", request.repository());
        once(&self.trees, key, request.timeout(), || {
            let what = match request.reference() {
                Some(reference) => format!("{} at {reference}", request.repository()),
                None => request.repository().to_owned(),
            };
            let _fetching = self.begin(&what);
            let limits = (&self.limits, self.spent(request.repository())?);
            let directory = self.scratch.folder("tree-")?;
            let web = || self.client();
            self.git.fetch(directory, request, &self.allowed, limits, &self.cancel, &web)
        })
    }

    fn file(&self, request: &FileRequest) -> Result<FileAnswer, Failure> {
        self.allowed.check_web(request.url())?;
        let mut limits = self.limits;
        // Of a repository, which may be a file until somebody has looked, `?timeout` is meant for that too.
        if request.url().contains("timeout=")
            && let Ok(Some(tree)) = TreeRequest::parse(request.url())
        {
            limits.file_time = limits.file_time.min(tree.timeout());
        }
        once(&self.files, request.url().to_owned(), limits.file_time, || {
            let _fetching = self.begin(request.url());
            let start = Instant::now();
            let answer = http::get(&self.client(), request.url(), limits, &self.cancel);
            if !matches!(answer, Ok(FileAnswer::Found(_)))
                && let Ok(Some(tree)) = TreeRequest::parse(request.url())
            {
                let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
                let most = tried.entry(tree.repository().to_owned()).or_default();
                *most = start.elapsed().max(*most);
            }
            answer
        })
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_is_not_led_to_private_addresses_by_public_names() {
        let mut remote = Remote::new(Allowed::nothing().public());
        remote.git.system = names::System(|_, port| {
            let public = std::net::Ipv4Addr::new(8, 8, 8, 8);
            let private = std::net::Ipv4Addr::new(10, 0, 0, 1);
            vec![(public, port).into(), (private, port).into()]
        });
        for url in [
            "https://git.example.org/a/b.git",
            "http://git.example.org:81/a/b.git",
            "ssh://git@git.example.org/a/b.git",
            "git@git.example.org:a/b.git",
        ] {
            let request = TreeRequest::parse(url).expect("a request").expect("an address");
            let failure = remote.tree(&request).unwrap_err();
            assert_eq!(failure.kind(), FailureKind::Refused, "{failure}");
            assert!(failure.message().contains("git.example.org has the address 10.0.0.1"));
        }
        // Who names a host has looked.
        let named = Allowed::nothing().place("git.example.org").expect("a place");
        let cancel = Cancel::default();
        let system = remote.git.system;
        assert_eq!(names::check("https://git.example.org/a", &named, system, &cancel), Ok(()));
    }
}
