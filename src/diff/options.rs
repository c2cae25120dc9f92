//! How to compare, and how the sides call their objects.

use serde_json::Value;

use super::budget::Call;
use super::ignore::Ignore;
use crate::diagnostics::Result;
use crate::limits::Limits;

/// How many characters a content hash has.
const HASH_LENGTH: usize = 10;

/// How to compare.
///
/// ```
/// use kustom::diff::Options;
///
/// let options = Options::new().live(true).ignore(["metadata.labels.version".parse()?]);
/// # Ok::<(), kustom::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    pub(super) live: bool,
    pub(super) ignore: Vec<Ignore>,
    pub(super) names: Option<[Naming; 2]>,
    pub(super) limits: Limits,
    /// What all comparisons with these options have taken.
    pub(super) call: Option<Call>,
}

impl Default for Options {
    fn default() -> Options {
        let (limits, call) = (Limits::default(), None);
        Options { live: false, ignore: Vec::new(), names: None, limits, call }
    }
}

impl Options {
    /// Returns the options that compare everything.
    pub fn new() -> Options {
        Options::default()
    }

    /// Says whether the set before is what a cluster has; it is not by default.
    ///
    /// Then fields that the manifest does not name are no difference (unless they were applied before),
    /// nor are objects, what the server sets, and other spellings of a quantity.
    #[must_use]
    pub fn live(self, on: bool) -> Options {
        Options { live: on, ..self }
    }

    /// Adds what is not to be compared.
    #[must_use]
    pub fn ignore(mut self, rules: impl IntoIterator<Item = Ignore>) -> Options {
        self.ignore.extend(rules);
        self
    }

    /// Sets how much may differ and how much work may be done to find it: `diff_bytes` and `comparisons` for each
    /// comparison. By default [`Limits::default`] counts.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Options {
        Options { limits, ..self }
    }

    /// Sets how much may differ in all comparisons together that are made with these options and clones of them, from
    /// now on: `call_bytes` of the limits. Else each counts alone.
    #[must_use]
    pub fn together(self) -> Options {
        Options { call: Some(Call::new(&self.limits)), ..self }
    }

    /// Checks that all comparisons had room that were to count [together](Options::together).
    ///
    /// # Errors
    /// If there was none for one; then none of them counts, since which one came too late is a matter of threads.
    pub fn check(&self) -> Result<()> {
        self.call.as_ref().map_or(Ok(()), Call::check)
    }

    /// Says how each side calls its objects, if the sides are two overlays.
    ///
    /// Objects that are the same but for these are paired, and what differs by nothing else is marked
    /// ([`FieldChange::follows`](super::FieldChange::follows)).
    #[must_use]
    pub fn names(self, before: Naming, after: Naming) -> Options {
        Options { names: Some([before, after]), ..self }
    }
}

/// How an overlay calls its objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Naming {
    /// The namespace that it puts them into; empty for none.
    pub namespace: String,
    /// What it puts in front of their names.
    pub prefix: String,
    /// What it puts behind their names.
    pub suffix: String,
}

impl Naming {
    /// Returns `true` if this is the namespace of the objects; without one they go to `default`.
    pub(super) fn is_namespace(&self, value: Option<&Value>) -> bool {
        let given = |text| if text == "default" { "" } else { text };
        let text = value.map_or(Some(""), Value::as_str);
        text.map(given) == Some(given(&self.namespace))
    }

    /// Returns the naming of an overlay with this namespace, prefix and suffix.
    pub fn new(
        namespace: impl Into<String>,
        prefix: impl Into<String>,
        suffix: impl Into<String>,
    ) -> Naming {
        Naming { namespace: namespace.into(), prefix: prefix.into(), suffix: suffix.into() }
    }

    /// Returns a name without what the overlay put around it, and without a content hash.
    pub(super) fn bare<'n>(&self, name: &'n str) -> &'n str {
        let name = stem(name);
        let name = name.strip_prefix(self.prefix.as_str()).unwrap_or(name);
        name.strip_suffix(self.suffix.as_str()).unwrap_or(name)
    }
}

/// Returns a name without the content hash at its end, if it looks like one.
pub(super) fn stem(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((stem, hash))
            if !stem.is_empty()
                && hash.len() == HASH_LENGTH
                && hash.bytes().all(|b| b"gh2k456789mbcdtf".contains(&b)) =>
        {
            stem
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_told_from_names() {
        assert_eq!(stem("config-9m4h7k2tbc"), "config");
        assert_eq!(stem("config-production"), "config-production");
        assert_eq!(stem("-9m4h7k2tbc"), "-9m4h7k2tbc");
        assert_eq!(stem("config"), "config");
    }
}
