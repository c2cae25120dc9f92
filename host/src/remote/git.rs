//! Trees of repositories, fetched by the program git.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use kustom::Cancel;
use kustom::outside::{Failure, FailureKind, RemoteTree, TreeRequest};

use super::address::Address;
use super::allow::Allowed;
use super::http::Client;
use super::limits::FetchLimits;
use super::tree::Checkout;
use super::{moved, names, submodules};
use crate::duration;
use crate::process::{Finished, Limits, Program};
use crate::scratch::Folder;

/// The program git, with what the user has configured for it.
#[derive(Debug, Default)]
pub(super) struct Git {
    /// Once they have been looked up; a failure is not kept.
    settings: Mutex<Option<Settings>>,
    /// What knows the addresses of names.
    pub(super) system: names::System,
}

/// What is laid over the user's configuration.
#[derive(Clone, Debug, Default)]
struct Settings {
    /// Filters of the user, which a repository could ask for by its attributes, without a command.
    filters: Vec<String>,
    /// Whether the user has said how ssh is called.
    has_ssh_command: bool,
    /// What the user has said that a proxy is for: beginnings of addresses, or nothing for the whole web.
    proxies: Vec<Option<String>>,
    /// What the user has addresses begin with instead, as (written, used).
    instead: Vec<(String, String)>,
}

impl Settings {
    /// Returns the address that git uses for one, and whether its host is one of the user's: the longest beginning
    /// counts, and may have no host of its own, such as `ssh://git@`.
    fn used(&self, url: &str) -> (String, bool) {
        let rest = |(written, used): &'_ (String, String)| {
            let whole = format!("{used}{}", url.strip_prefix(written.as_str())?);
            let host = |text: &str| Address::parse(text).map(|address| address.host);
            let is_own = host(used).is_some_and(|own| host(&whole).is_some_and(|host| host == own));
            Some((written.len(), (whole, is_own)))
        };
        let used = self.instead.iter().filter_map(rest).max_by_key(|(length, _)| *length);
        used.map_or_else(|| (url.to_owned(), false), |(_, used)| used)
    }

    /// Returns `true` if the user has git reach an address through a proxy.
    fn has_proxy_for(&self, url: &str) -> bool {
        let Some(at) = Address::parse(url).filter(|at| at.scheme.starts_with("http")) else {
            return false;
        };
        self.proxies.iter().any(|base| match base.as_deref().map(Address::parse) {
            None => true,
            Some(base) => base.is_some_and(|base| {
                (base.scheme, base.host, base.port) == (at.scheme.clone(), at.host.clone(), at.port)
            }),
        })
    }
}

/// What every command is told: what a repository says runs nothing and leads nowhere else, and what a user
/// has set for work of their own changes no byte and leaves out no file.
const FIXED: [&str; 18] = [
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.autocrlf=false",
    "core.eol=lf",
    "core.safecrlf=false",
    "core.sparseCheckout=false",
    "init.templateDir=",
    "submodule.active=.",
    "init.defaultRefFormat=files",
    "core.fsmonitor=false",
    "protocol.ext.allow=never",
    "http.followRedirects=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "transfer.bundleURI=false",
    "maintenance.auto=false",
    "gc.auto=0",
    "advice.detachedHead=false",
];

/// Variables that would lead git to another repository, or to what another one says of files: git sets some for hooks.
pub const VARIABLES_OF_REPOSITORY: [&str; 12] = [
    "GIT_ATTR_SOURCE",
    "GIT_DEFAULT_REF_FORMAT",
    "GIT_TEMPLATE_DIR",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
];

/// How long git may take to say what the user has configured, whatever a URL says of its own tree.
const SETTINGS_TIME: Duration = Duration::from_secs(60);

/// The most bytes of a list of files; what has a longer one is refused.
const LIST_BYTES: usize = 64 << 20;

/// One tree under way.
pub(super) struct Work<'a> {
    git: &'a Git,
    settings: Settings,
    pub(super) allowed: &'a Allowed,
    limits: &'a FetchLimits,
    cancel: &'a Cancel,
    /// Returns the client for the web.
    web: &'a dyn Fn() -> Arc<Client>,
    /// How long one step may take.
    time: Duration,
    start: Instant,
    /// How much of the time was spent before.
    spent: Duration,
    /// The directory of the tree.
    root: std::path::PathBuf,
}

impl Git {
    /// Fetches a tree into a directory, for which some of the time is spent already.
    pub(super) fn fetch(
        &self,
        directory: Folder,
        request: &TreeRequest,
        allowed: &Allowed,
        (limits, spent): (&FetchLimits, Duration),
        cancel: &Cancel,
        web: &dyn Fn() -> Arc<Client>,
    ) -> Result<RemoteTree, Failure> {
        let root = directory.path().canonicalize().map_err(|e| on_disk("its path", &e))?;
        let mut work = Work {
            git: self,
            settings: Settings::default(),
            allowed,
            limits,
            cancel,
            web,
            time: request.timeout(),
            start: Instant::now(),
            spent,
            root: root.clone(),
        };
        work.settings = work.user_settings(&root)?;
        // Without templates there are no hooks to begin with.
        work.git(&root, &["init", "--quiet", "--template="])?;
        work.fetch_commit(&root, request)?;
        work.check_size(&root, "FETCH_HEAD")?;
        work.git(&root, &["checkout", "--quiet", "--detach", "FETCH_HEAD"])?;
        let commit = fs::read_to_string(root.join(".git/HEAD")).unwrap_or_default();
        let commit = commit.trim().to_owned();
        if commit.len() < 40 || !commit.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Failure::new(FailureKind::Failed, "git left no commit behind"));
        }
        if let Some(pinned) = request.commit().filter(|pinned| *pinned != commit) {
            return Err(Failure::new(
                FailureKind::Failed,
                format!("the commit {pinned} is not there any more, and the ref is at {commit}"),
            )
            .hint("take what is there now with `kustom vendor --update`"));
        }
        if request.submodules() {
            submodules::check_out(&work, &root, request.repository())?;
        }
        // A kustomization has no business with it.
        fs::remove_dir_all(root.join(".git")).map_err(|e| on_disk("the work of git", &e))?;
        let folder = root.parent().unwrap_or(&root).to_path_buf();
        Ok(RemoteTree::new(Arc::new(Checkout::new(directory)), root, commit).in_folder(folder))
    }
}

impl Work<'_> {
    /// Looks up what the user's configuration says that matters here; it does not change meanwhile.
    fn user_settings(&self, directory: &Path) -> Result<Settings, Failure> {
        let mut known = self.git.settings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(settings) = &*known {
            return Ok(settings.clone());
        }
        let keys = r"^(filter\..*|core\.sshcommand|http\.(.*\.)?proxy|url\..*\.insteadof)$";
        let words = ["config", "--null", "--get-regexp", keys];
        let left = self.left();
        let limits = Limits::default().time(SETTINGS_TIME.min(left));
        let found = self.program(directory, &words).run(b"", &limits);
        let found = found.map_err(|e| {
            if e.is_missing() {
                let message = format!("no 'git' program on path: {e}");
                Failure::new(FailureKind::Missing, message)
                    .hint("install git; what `kustom vendor` has copied is built without")
            } else if e.is_too_long() && left <= SETTINGS_TIME {
                self.out_of_time("'git config'")
            } else {
                e.failure()
            }
        })?;
        let mut settings = Settings::default();
        for entry in String::from_utf8_lossy(&found.stdout).split_terminator('\0') {
            let (key, value) = entry.split_once('\n').unwrap_or((entry, ""));
            settings.has_ssh_command |= key == "core.sshcommand" && !value.is_empty();
            if let Some(base) = key.strip_prefix("http.").and_then(|key| key.strip_suffix("proxy"))
                && !value.is_empty()
            {
                settings.proxies.push(base.strip_suffix('.').map(str::to_owned));
            }
            let base = key.strip_prefix("url.").and_then(|key| key.strip_suffix(".insteadof"));
            settings.instead.extend(base.map(|base| (value.to_owned(), base.to_owned())));
            if let Some(name) = key.strip_prefix("filter.").and_then(|key| key.rsplit_once('.')) {
                settings.filters.push(name.0.to_owned());
            }
        }
        settings.filters.sort();
        settings.filters.dedup();
        *known = Some(settings.clone());
        Ok(settings)
    }

    /// Fetches the commit that is wanted into `FETCH_HEAD`.
    fn fetch_commit(&self, root: &Path, request: &TreeRequest) -> Result<(), Failure> {
        let reference = request.reference().unwrap_or("HEAD");
        if let Some(commit) = request.commit() {
            match self.fetch_ref(root, request.repository(), commit) {
                Err(failure) if failure.kind() == FailureKind::Failed => {}
                done => return done,
            }
            // Some servers hand out only what refs name.
            let by_ref = self.fetch_ref(root, request.repository(), reference);
            return by_ref.map_err(|failure| match failure.message().contains(NO_REF) {
                true => Failure::new(
                    FailureKind::Failed,
                    format!(
                        "neither the commit {commit} of the lock can be had any more, nor the ref '{reference}': {}",
                        failure.message()
                    ),
                )
                .hint("name a ref that is there, and take its commit with `kustom vendor --update`"),
                false => failure,
            });
        }
        self.fetch_ref(root, request.repository(), reference)
    }

    fn fetch_ref(&self, root: &Path, repository: &str, reference: &str) -> Result<(), Failure> {
        self.check_name(repository)?;
        // Upstream fetches from the address, not from a remote.
        let fetch = |from: &str| {
            let words = ["fetch", "--quiet", "--depth=1", "--end-of-options", from, reference];
            self.git(root, &words).map(drop)
        };
        fetch(repository).or_else(|failure| match self.moved(repository, &failure)? {
            Some(moved) => fetch(&moved),
            None => Err(failure),
        })
    }

    /// Returns the address that a repository has now, if git has failed because it has moved.
    pub(super) fn moved(
        &self,
        repository: &str,
        failure: &Failure,
    ) -> Result<Option<String>, Failure> {
        if !moved::is_told_by(failure.message()) {
            return Ok(None);
        }
        let time = self.time.min(self.left());
        let (at, _) = self.settings.used(repository);
        // Where the user leads git, our own client need not be allowed to go.
        if self.allowed.check_web(&at).is_err() {
            return Ok(None);
        }
        let moved = match moved::address(&(self.web)(), &at, time, self.cancel) {
            Err(failure) if failure.kind() == FailureKind::Failed => None,
            moved => moved?,
        };
        moved.iter().try_for_each(|moved| {
            self.allowed.check_repository(moved)?;
            self.check_name(moved)
        })?;
        Ok(moved)
    }

    /// Checks that a name of a host leads to no private address, if it is git that looks it up.
    pub(super) fn check_name(&self, repository: &str) -> Result<(), Failure> {
        let (used, is_own) = self.settings.used(repository);
        // Where the user leads git instead is none of the tree's doing.
        match is_own || self.settings.has_proxy_for(&used) {
            true => Ok(()),
            false => names::check(&used, self.allowed, self.git.system, self.cancel),
        }
    }

    /// Refuses a tree that is too large before any of its files is there.
    pub(super) fn check_size(&self, directory: &Path, tree: &str) -> Result<(), Failure> {
        let limits = Limits::default().output(LIST_BYTES);
        let words = ["ls-tree", "-r", "-l", "-z", "--full-tree", tree];
        let list = self.run(directory, &words, &limits)?.stdout;
        let (mut files, mut bytes) = (0, 0_u64);
        for entry in list.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            let head = entry.split(|byte| *byte == b'\t').next().unwrap_or_default();
            let size = String::from_utf8_lossy(head);
            let size = size.split_whitespace().nth(3).and_then(|size| size.parse().ok());
            files += 1;
            bytes = bytes.saturating_add(size.unwrap_or(0_u64));
        }
        if files > self.limits.tree_files || bytes > self.limits.tree_bytes {
            let message =
                format!("the tree has {files} files with {bytes} bytes, which is too much");
            return Err(
                Failure::new(FailureKind::Limit, message).hint("--limits none lifts this limit")
            );
        }
        Ok(())
    }

    /// Runs git in a directory.
    pub(super) fn git(&self, directory: &Path, words: &[&str]) -> Result<Finished, Failure> {
        self.run(directory, words, &Limits::default())
    }

    fn run(&self, directory: &Path, words: &[&str], limits: &Limits) -> Result<Finished, Failure> {
        let shown = || format!("'git {}'", words.join(" "));
        let most = self.limits.tree_bytes;
        let objects = self.root.join(".git");
        let mut goes_on = || size_of(&objects) <= most;
        let left = self.left();
        let limits = limits.time(self.time.min(left));
        let run = self.program(directory, words).run_while(b"", &limits, &mut goes_on);
        let finished = run.map_err(|e| {
            let limit = |message| Failure::new(FailureKind::Limit, message);
            if e.is_cut_short() {
                limit(format!("{}: the repository has more than {most} bytes", shown()))
                    .hint("--limits none lifts this limit")
            } else if e.is_too_long() && left <= self.time {
                self.out_of_time(&shown())
            } else if e.is_too_long() {
                let time = duration::go(self.time);
                limit(format!("hit {time} timeout running {}", shown()))
                    .hint("give each step more time with ?timeout=2m")
            } else {
                match e.failure() {
                    cancelled if cancelled.kind() == FailureKind::Cancelled => cancelled,
                    failure => failure.with_message(format!("failed to run {}: {e}", shown())),
                }
            }
        })?;
        if finished.status.success() {
            return Ok(finished);
        }
        let said = finished.stderr_text();
        let message = format!("failed to run {}: {said}: {}", shown(), finished.ending());
        let failure = Failure::new(FailureKind::Failed, message);
        Err(match hint(&said) {
            Some(hint) => failure.hint(hint),
            None => failure,
        })
    }

    /// Returns the failure of a command for which nothing is left of the time for the whole tree.
    fn out_of_time(&self, command: &str) -> Failure {
        let time = duration::go(self.limits.tree_time);
        let message = format!("hit {time} timeout of the whole fetch running {command}");
        Failure::new(FailureKind::Limit, message).hint("--process-timeout allows more time")
    }

    /// Returns how much of the time for the whole tree is left.
    fn left(&self) -> Duration {
        self.limits.tree_time.saturating_sub(self.spent + self.start.elapsed())
    }

    fn program(&self, directory: &Path, words: &[&str]) -> Program {
        let mut program = Program::new("git").directory(directory).cancel(self.cancel);
        for setting in FIXED {
            program = program.arg("-c").arg(setting);
        }
        for filter in &self.settings.filters {
            for (key, value) in
                [("smudge", ""), ("clean", ""), ("process", ""), ("required", "false")]
            {
                program = program.arg("-c").arg(format!("filter.{filter}.{key}={value}"));
            }
        }
        for name in VARIABLES_OF_REPOSITORY {
            program = program.without_env(name);
        }
        if cfg!(unix) {
            program = program.arg("-c").arg("core.symlinks=true");
        }
        program = program.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        // Neither are the attributes of a machine those of a repository.
        program = program.env("GIT_ATTR_NOSYSTEM", "1");
        let names = ["GIT_SSH_COMMAND", "GIT_SSH"];
        if !self.settings.has_ssh_command && names.iter().all(|n| std::env::var_os(n).is_none()) {
            program = program.env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes");
        }
        program.args(words)
    }
}

/// What git says of a ref that is not there.
const NO_REF: &str = "couldn't find remote ref";

/// Returns what may help with what git has said.
fn hint(said: &str) -> Option<&'static str> {
    let has = |words: &str| said.contains(words);
    if has(NO_REF) {
        Some("name a branch, a tag or a full commit id that the repository has")
    } else if has("returned error: 30") {
        Some("the repository has moved; write its new address")
    } else if has("does not appear to be a git repository") || has("invalid gitfile format") {
        Some("no repository is there: name the folder of one, or its `.git`")
    } else if has("Could not resolve host") {
        Some(
            "nobody knows the host: is its name right, and is the network up, with its VPN or proxy?",
        )
    } else if has("Repository not found") || has("returned error: 404") || has("' not found") {
        Some(
            "the repository is not there, or is private and needs credentials that git finds without asking",
        )
    } else if has("could not read Username") || has("Authentication failed") {
        Some("a private repository needs credentials that git finds without asking")
    } else if has("Permission denied (publickey)")
        || has("Host key verification failed")
        || has("Could not read from remote repository")
    {
        Some("ssh has to connect without asking; try `ssh -T` with the host once")
    } else {
        None
    }
}

/// Returns how many bytes the files in a directory have by now.
fn size_of(directory: &Path) -> u64 {
    let mut waiting = vec![directory.to_path_buf()];
    let mut size = 0;
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(kind) if kind.is_dir() => waiting.push(entry.path()),
                Ok(kind) => size += kind.len(),
                // It has just been moved.
                Err(_) => {}
            }
        }
    }
    size
}

fn on_disk(what: &str, error: &io::Error) -> Failure {
    Failure::new(FailureKind::Failed, format!("{what} for a fetched tree: {error}"))
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn what_a_user_sets_for_one_host_is_not_for_others() {
        let base = |base: &str| Some(base.to_owned());
        let of = |proxies: Vec<Option<String>>| Settings { proxies, ..Settings::default() };
        let corp = of(vec![base("https://other.corp")]);
        assert!(corp.has_proxy_for("https://other.corp/o/r.git"));
        assert!(!corp.has_proxy_for("http://evil.example.org/o/r.git"));
        assert!(!corp.has_proxy_for("http://other.corp/o/r.git"));
        assert!(of(vec![None]).has_proxy_for("http://evil.example.org/o/r.git"));
        assert!(!of(vec![None]).has_proxy_for("ssh://git@evil.example.org/o/r.git"));
    }

    #[test]
    fn the_host_of_a_replacement_is_the_users_and_that_of_the_tree_is_not() {
        let of = |written: &str, used: &str| {
            let instead = vec![(written.to_owned(), used.to_owned())];
            Settings { instead, ..Settings::default() }.used("https://example.org/o/r.git")
        };
        let is_own = |written, used| of(written, used).1;
        assert!(is_own("https://example.org/", "git@mirror.corp:"));
        assert!(is_own("https://example.org/", "http://127.0.0.1:3000/"));
        assert!(is_own("https://example.org/", "/srv/mirror/"));
        assert!(!is_own("https://", "ssh://git@"));
        assert!(!is_own("http://other.org/", "http://127.0.0.1/"));
        assert_eq!(of("https://", "ssh://git@").0, "ssh://git@example.org/o/r.git");
    }
}
