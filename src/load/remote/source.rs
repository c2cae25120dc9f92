//! The trait through which a build asks for what is elsewhere.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::diagnostics::{Failure, FailureKind};
use crate::load::FileSystem;
use crate::load::repo_url::RepoUrl;

/// Fetches what kustomizations use from elsewhere.
///
/// A build asks once for each repository and ref, and once for each file, from several threads at the
/// same time. Which URLs name what, and what may be done with it, is decided before: an implementation
/// fetches, within its own limits, or says why not. The crate `kustom-host` has one with the program
/// git and an HTTP client; for tests, trees can come from memory:
///
/// ```
/// use std::sync::Arc;
///
/// use kustom::outside::{Failure, FileAnswer, FileRequest, RemoteSource, RemoteTree, TreeRequest};
///
/// #[derive(Debug)]
/// struct InMemory;
///
/// impl RemoteSource for InMemory {
///     fn tree(&self, request: &TreeRequest) -> Result<RemoteTree, Failure> {
///         assert_eq!(request.repository(), "https://github.com/acme/infra");
///         let mut files = kustom::MemoryFs::new();
///         files.insert("/infra/base/kustomization.yaml", "resources: [map.yaml]");
///         files.insert("/infra/base/map.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
///         Ok(RemoteTree::new(Arc::new(files), "/infra", "0123456789012345678901234567890123456789"))
///     }
///
///     fn file(&self, _: &FileRequest) -> Result<FileAnswer, Failure> {
///         Ok(FileAnswer::Status(404))
///     }
/// }
///
/// let mut files = kustom::MemoryFs::new();
/// files.insert("/app/kustomization.yaml", "resources: ['github.com/acme/infra//base?ref=v1']");
/// let builder = kustom::Builder::new().file_system(files).remotes(Arc::new(InMemory));
/// assert_eq!(builder.build("/app")?.resources()[0].name(), "a");
/// # Ok::<(), kustom::Error>(())
/// ```
pub trait RemoteSource: Send + Sync + fmt::Debug {
    /// Fetches the tree of a repository at a branch, a tag or a commit.
    ///
    /// # Errors
    /// If it may not or cannot be fetched.
    fn tree(&self, request: &TreeRequest) -> Result<RemoteTree, Failure>;

    /// Fetches a file over HTTP or HTTPS; redirects are followed.
    ///
    /// # Errors
    /// If it may not be fetched, or there is no answer. An answer that is an error of the server is
    /// [`FileAnswer::Status`].
    fn file(&self, request: &FileRequest) -> Result<FileAnswer, Failure>;
}

impl<S: RemoteSource + ?Sized> RemoteSource for Arc<S> {
    fn tree(&self, request: &TreeRequest) -> Result<RemoteTree, Failure> {
        (**self).tree(request)
    }

    fn file(&self, request: &FileRequest) -> Result<FileAnswer, Failure> {
        (**self).file(request)
    }
}

/// A tree that is wanted.
///
/// Nothing in it begins with `-` or contains control characters, so that no part can pass for an option
/// of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeRequest {
    pub(crate) repository: String,
    pub(crate) reference: Option<String>,
    pub(crate) commit: Option<String>,
    pub(crate) submodules: bool,
    pub(crate) timeout: Duration,
    pub(crate) from_remote: bool,
}

impl TreeRequest {
    /// Returns what a URL such as `github.com/acme/infra//base?ref=v1` asks for, or `None` if the text
    /// is no URL of a repository.
    ///
    /// ```
    /// use kustom::outside::TreeRequest;
    ///
    /// let request = TreeRequest::parse("github.com/acme/infra//base?ref=v1")?.unwrap();
    /// assert_eq!(request.repository(), "https://github.com/acme/infra");
    /// assert_eq!(request.reference(), Some("v1"));
    /// assert!(TreeRequest::parse("github.com/acme/infra?ref=--upload-pack=x").is_err());
    /// assert!(TreeRequest::parse("../base")?.is_none());
    /// # Ok::<(), kustom::outside::Failure>(())
    /// ```
    pub fn parse(url: &str) -> Result<Option<TreeRequest>, Failure> {
        RepoUrl::parse(url).map(|url| TreeRequest::new(&url, false)).transpose()
    }

    pub(crate) fn new(url: &RepoUrl, from_remote: bool) -> Result<TreeRequest, Failure> {
        let request = TreeRequest {
            repository: url.clone_spec.clone(),
            reference: url.reference.clone(),
            commit: None,
            submodules: url.submodules,
            timeout: url.timeout,
            from_remote,
        };
        match refusal(&request) {
            Some(why) => Err(Failure::new(FailureKind::Refused, why)
                .hint("write the address and the ref as the program git takes them")),
            None => Ok(request),
        }
    }

    /// Returns the address to clone from, such as `https://github.com/acme/infra` or
    /// `git@github.com:acme/infra.git`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Returns the branch, tag or commit, or `None` for the default branch.
    pub fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }

    /// Returns the commit that the ref is known to have meant; the tree is wanted at it, wherever the ref
    /// has moved.
    pub fn commit(&self) -> Option<&str> {
        self.commit.as_deref()
    }

    /// Returns `true` if the trees of submodules are wanted too.
    pub fn submodules(&self) -> bool {
        self.submodules
    }

    /// Returns how long one step of the work may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Returns `true` if a fetched tree asks for it, and not the files of the user.
    pub fn is_from_remote(&self) -> bool {
        self.from_remote
    }
}

/// Says why a request may not be handed to a program.
fn refusal(request: &TreeRequest) -> Option<String> {
    let TreeRequest { repository, reference, from_remote, .. } = request;
    let after_scheme = repository.split_once("://").map_or(repository.as_str(), |(_, rest)| rest);
    let host = after_scheme.rsplit_once('@').map_or(after_scheme, |(_, host)| host);
    let mut parts = [repository.as_str(), after_scheme, host].into_iter();
    let is_option = |part: &str| part.starts_with('-');
    let scp_path = || repository.split_once(':').is_some_and(|(_, path)| is_option(path));
    if parts.any(is_option) || scp_path() {
        return Some(format!("'{repository}' would be taken for an option of git"));
    }
    if let Some(reference) = reference.as_deref().filter(|text| is_option(text)) {
        return Some(format!("the ref '{reference}' would be taken for an option of git"));
    }
    let texts = [Some(repository), reference.as_ref()].into_iter().flatten();
    if texts.into_iter().any(|text| text.contains(char::is_control)) {
        return Some(format!("'{}' has control characters", repository.escape_debug()));
    }
    if *from_remote && repository.starts_with("file://") {
        return Some(format!("'{repository}' is on this machine, and a fetched tree asks for it"));
    }
    None
}

/// A tree that has been fetched.
#[derive(Clone, Debug)]
pub struct RemoteTree {
    pub(crate) files: Arc<dyn FileSystem>,
    pub(crate) root: PathBuf,
    pub(crate) around: PathBuf,
    pub(crate) commit: String,
}

impl RemoteTree {
    /// Returns a tree that lies in the directory `root` of some files, at a commit: its whole name in lowercase
    /// hexadecimal digits, without which the tree has no place in a lock file.
    ///
    /// `root` is absolute, clean and has its links resolved. Whatever has to be cleaned up is when the
    /// files are dropped.
    pub fn new(
        files: Arc<dyn FileSystem>,
        root: impl Into<PathBuf>,
        commit: impl Into<String>,
    ) -> RemoteTree {
        let root = root.into();
        RemoteTree { files, around: root.clone(), root, commit: commit.into() }
    }

    /// Sets a temporary folder that the tree was put into, links resolved: also what is looked for there is none of
    /// the user's files, and is asked of those of the tree.
    #[must_use]
    pub fn in_folder(mut self, folder: impl Into<PathBuf>) -> RemoteTree {
        self.around = folder.into();
        self
    }

    /// Returns the files.
    pub fn files(&self) -> &Arc<dyn FileSystem> {
        &self.files
    }

    /// Returns the directory of the tree.
    pub fn root(&self) -> &std::path::Path {
        &self.root
    }

    /// Returns the commit, in hexadecimal.
    pub fn commit(&self) -> &str {
        &self.commit
    }
}

/// A file that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRequest {
    pub(crate) url: String,
    pub(crate) from_remote: bool,
}

impl FileRequest {
    /// Returns the request for a file at an address that begins with `http://` or `https://`.
    pub fn new(url: impl Into<String>) -> FileRequest {
        FileRequest { url: url.into(), from_remote: false }
    }

    /// Returns the address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns `true` if a fetched tree asks for it, and not the files of the user.
    pub fn is_from_remote(&self) -> bool {
        self.from_remote
    }
}

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileAnswer {
    /// The content of the file.
    Found(Vec<u8>),
    /// A status other than of success, such as 404.
    Status(u16),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(url: &str, from_remote: bool) -> Result<TreeRequest, Failure> {
        TreeRequest::new(&RepoUrl::parse(url).expect("a repository"), from_remote)
    }

    #[test]
    fn options_are_refused() {
        for url in [
            "github.com/acme/infra?ref=--upload-pack=touch",
            "github.com/acme/infra?ref=-h",
            "github.com/acme/infra?version=-h",
            "github.com/acme/infra?ref=%2Dh",
            "ssh://-oProxyCommand=x/a/b",
            "ssh://git@-oProxyCommand=x/a/b",
            "git@-oProxyCommand=x:a/b",
            "https://-x/a/b",
            "file://-x/a",
            "git@host:-x/y.git",
            "github.com/acme/infra?ref=a%0Ab",
        ] {
            let refused = asked(url, false).expect_err(url);
            assert_eq!(refused.kind(), FailureKind::Refused, "{url}");
        }
    }

    #[test]
    fn a_fetched_tree_may_not_name_this_machine() {
        assert!(asked("file:///srv/infra.git", false).is_ok());
        assert!(asked("file:///srv/infra.git", true).is_err());
    }
}
