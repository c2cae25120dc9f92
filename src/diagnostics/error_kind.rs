//! The classes of errors.

use std::fmt;

/// The class of an [`Error`](crate::Error). More kinds may be added.
///
/// ```
/// use kustom::{Builder, ErrorKind, Limits, MemoryFs};
///
/// let files = MemoryFs::from_iter([("/app/kustomization.yaml", "resources: [gone.yaml]\n")]);
/// let builder = Builder::new().file_system(files).limits(Limits::untrusted());
/// match builder.build("/app") {
///     Ok(build) => print!("{build}"),
///     Err(error) => match error.kind() {
///         // Later it may succeed.
///         ErrorKind::Fetch | ErrorKind::Cancelled => println!("try again: {error}"),
///         // A switch or a program is missing here; the kustomization may be right.
///         ErrorKind::External | ErrorKind::Lock => println!("cannot be rendered here: {error}"),
///         ErrorKind::Limit => println!("too large ({:?}): {error}", error.limit()),
///         _ => println!("wrong: {error}"),
///     },
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file or directory is missing or cannot be read.
    Load,
    /// A file lies outside of the directory that it may be loaded from.
    Restricted,
    /// Kustomizations refer to each other in a circle.
    Cycle,
    /// Text that is not YAML or JSON.
    Syntax,
    /// A kustomization file has an unknown field, a wrong type, kind or version.
    Kustomization,
    /// A document is not a Kubernetes object.
    Resource,
    /// Two resources have the same id.
    Conflict,
    /// A generator is wrong or does not fit what it merges with.
    Generator,
    /// A patch is wrong or does not find its target.
    Patch,
    /// A transformer is wrong or cannot do its work on a resource.
    Transformer,
    /// A reference has several possible referrals, or a replacement or var none.
    Reference,
    /// A value that cannot be printed.
    Render,
    /// Something that needs the network, helm or a foreign program, which was not allowed.
    External,
    /// Something that is elsewhere could not be fetched.
    Fetch,
    /// `kustom.lock` cannot be read, does not list what is used, or lists a copy that is missing or was
    /// changed.
    Lock,
    /// A limit on nesting, size or number was reached; [`Error::limit`](crate::Error::limit) tells which.
    Limit,
    /// The caller stopped the build; see [`Cancel`](crate::Cancel).
    Cancelled,
    /// An option has a value that is not known.
    Option,
}

impl ErrorKind {
    const ALL: [ErrorKind; 18] = [
        ErrorKind::Load,
        ErrorKind::Restricted,
        ErrorKind::Cycle,
        ErrorKind::Syntax,
        ErrorKind::Kustomization,
        ErrorKind::Resource,
        ErrorKind::Conflict,
        ErrorKind::Generator,
        ErrorKind::Patch,
        ErrorKind::Transformer,
        ErrorKind::Reference,
        ErrorKind::Render,
        ErrorKind::External,
        ErrorKind::Fetch,
        ErrorKind::Lock,
        ErrorKind::Limit,
        ErrorKind::Cancelled,
        ErrorKind::Option,
    ];

    /// Returns all classes.
    pub fn all() -> impl Iterator<Item = ErrorKind> {
        ErrorKind::ALL.into_iter()
    }

    /// Returns the name of the class, for programs; it does not change between versions.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorKind::Load => "load",
            ErrorKind::Restricted => "restricted",
            ErrorKind::Cycle => "cycle",
            ErrorKind::Syntax => "syntax",
            ErrorKind::Kustomization => "kustomization",
            ErrorKind::Resource => "resource",
            ErrorKind::Conflict => "conflict",
            ErrorKind::Generator => "generator",
            ErrorKind::Patch => "patch",
            ErrorKind::Transformer => "transformer",
            ErrorKind::Reference => "reference",
            ErrorKind::Render => "render",
            ErrorKind::External => "external",
            ErrorKind::Fetch => "fetch",
            ErrorKind::Lock => "lock",
            ErrorKind::Limit => "limit",
            ErrorKind::Cancelled => "cancelled",
            ErrorKind::Option => "option",
        }
    }
}

/// Writes [`as_str`](ErrorKind::as_str).
impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
