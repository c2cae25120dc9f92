//! Tells listeners what is being fetched.

/// Hears of what is being fetched.
///
/// ```
/// use kustom_host::watch::{Fetching, Progress};
///
/// struct Lines;
///
/// /// Says so when it is dropped.
/// struct Line(String);
///
/// impl Fetching for Line {}
///
/// impl Drop for Line {
///     fn drop(&mut self) {
///         println!("fetched {}", self.0);
///     }
/// }
///
/// impl Progress for Lines {
///     fn start(&self, what: &str) -> Box<dyn Fetching> {
///         Box::new(Line(what.to_owned()))
///     }
/// }
///
/// let helm = kustom_host::charts::Helm::new("helm").progress(Lines);
/// ```
pub trait Progress: Send + Sync {
    /// Hears that something is being fetched, and returns what is dropped once that has ended.
    fn start(&self, what: &str) -> Box<dyn Fetching>;
}

/// Something that is being fetched, until it is dropped.
pub trait Fetching {}

impl Fetching for () {}
