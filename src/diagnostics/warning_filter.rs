//! Which kinds of warnings are wanted.

use std::fmt;
use std::str::FromStr;

use crate::diagnostics::WarningKind;
use crate::diagnostics::hints::UNKNOWN_WARNING;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::yaml::nearest;

/// A choice among the kinds of warnings.
///
/// As a text it is a list such as `-unused-file,-no-op-patch` (all but these) or `unused-patch,unused-image`
/// (these alone); `all` stands for all. What upstream warns about as well is said unless it is taken out by
/// name.
///
/// ```
/// use kustom::{WarningFilter, WarningKind};
///
/// let filter: WarningFilter = "all,-unused-file".parse()?;
/// assert!(filter.has(WarningKind::UnusedPatch) && !filter.has(WarningKind::UnusedFile));
/// assert!("unusedfile".parse::<WarningFilter>().is_err());
/// # Ok::<(), kustom::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarningFilter {
    /// A bit for each kind.
    kinds: u128,
    /// Whether what only several roots together tell is left out.
    is_of_each_root: bool,
}

impl WarningFilter {
    /// Returns the choice of all kinds.
    pub fn all() -> WarningFilter {
        WarningKind::all()
            .fold(WarningFilter { kinds: 0, is_of_each_root: false }, WarningFilter::with)
    }

    /// Returns the choice of those kinds alone that upstream warns about as well.
    pub fn none() -> WarningFilter {
        let reference = WarningKind::all().filter(|kind| !kind.is_lint());
        reference.fold(WarningFilter { kinds: 0, is_of_each_root: false }, WarningFilter::with)
    }

    /// Adds a kind.
    #[must_use]
    pub fn with(self, kind: WarningKind) -> WarningFilter {
        WarningFilter { kinds: self.kinds | bit(kind), ..self }
    }

    /// Takes a kind out.
    #[must_use]
    pub fn without(self, kind: WarningKind) -> WarningFilter {
        WarningFilter { kinds: self.kinds & !bit(kind), ..self }
    }

    /// Leaves out what only the roots of a call together tell, as for a repository it is: names that none of them
    /// knows, hosts that two of them claim, values that one has of another. To look for that costs about as much as
    /// a tenth of the builds.
    #[must_use]
    pub fn of_each_root(self) -> WarningFilter {
        WarningFilter { is_of_each_root: true, ..self }
    }

    /// Returns `true` if what only several roots together tell is left out.
    pub(crate) fn is_of_each_root(&self) -> bool {
        self.is_of_each_root
    }

    /// Returns `true` if a kind is wanted.
    pub fn has(&self, kind: WarningKind) -> bool {
        self.kinds & bit(kind) != 0
    }
}

impl Default for WarningFilter {
    fn default() -> WarningFilter {
        WarningFilter::all()
    }
}

fn bit(kind: WarningKind) -> u128 {
    1 << kind as u32
}

impl FromStr for WarningFilter {
    type Err = Error;

    /// Reads a list of kinds.
    ///
    /// # Errors
    /// If one of them is not known.
    fn from_str(text: &str) -> Result<WarningFilter> {
        let items = || text.split([',', ' ']).filter(|item| !item.is_empty());
        let starts_with_less = items().next().is_none_or(|item| item.starts_with('-'));
        let start = if starts_with_less { WarningFilter::all() } else { WarningFilter::none() };
        items().try_fold(start, |filter, item| match item {
            "all" => Ok(WarningFilter::all()),
            _ => match item.strip_prefix('-') {
                Some(id) => Ok(filter.without(kind(id)?)),
                None => Ok(filter.with(kind(item)?)),
            },
        })
    }
}

fn kind(id: &str) -> Result<WarningKind> {
    WarningKind::from_id(id).ok_or_else(|| {
        let error = Error::new(ErrorKind::Option, format!("there is no kind of warning `{id}`"));
        match nearest(WarningKind::all().map(WarningKind::as_str), id) {
            Some(near) => error.hint(UNKNOWN_WARNING.with(format!("did you mean `{near}`?"))),
            None => error.hint(&UNKNOWN_WARNING),
        }
    })
}

/// Writes it as a list that can be read again.
impl fmt::Display for WarningFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("all")?;
        WarningKind::all()
            .filter(|kind| !self.has(*kind))
            .try_for_each(|kind| write!(f, ",-{kind}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_and_written() {
        assert!(WarningKind::all().count() <= 128);
        for (text, expected) in
            [("", "all"), ("-unused-file", "all,-unused-file"), ("all,-vars", "all,-vars")]
        {
            let filter: WarningFilter = text.parse().expect("a filter");
            assert_eq!(filter.to_string(), expected);
            assert_eq!(filter.to_string().parse::<WarningFilter>().ok(), Some(filter));
        }
        let only: WarningFilter = "unused-patch,unused-image".parse().expect("a filter");
        assert!(only.has(WarningKind::UnusedImage) && only.has(WarningKind::Vars));
        assert!(!only.has(WarningKind::UnusedFile));
        let error = "unused-flie".parse::<WarningFilter>().expect_err("no kind");
        assert_eq!(error.hint_text(), Some("did you mean `unused-file`?"));
    }
}
