//! What the table of warnings says of a kind.

use std::fmt;

use super::warning_kind::{Facts, TABLE, WarningKind};

impl WarningKind {
    /// Returns all kinds, in the order of the table.
    pub fn all() -> impl Iterator<Item = WarningKind> {
        TABLE.iter().map(|(kind, _)| *kind)
    }

    /// Returns the kind with this identifier.
    pub fn from_id(id: &str) -> Option<WarningKind> {
        TABLE.iter().find(|(_, facts)| facts.id == id).map(|(kind, _)| *kind)
    }

    /// Returns the identifier, such as `unused-patch`; it does not change between versions.
    pub fn as_str(self) -> &'static str {
        self.facts().id
    }

    /// Returns one sentence on what such warnings are about.
    pub fn looks_at(self) -> &'static str {
        self.facts().looks_at
    }

    /// Returns some lines that bring such a warning.
    pub fn example(self) -> &'static str {
        self.facts().example
    }

    /// Returns what to do about such a warning.
    pub fn remedy(self) -> &'static str {
        self.facts().remedy
    }

    /// Returns `true` if only [`Builder::lint`](crate::Builder::lint) brings such warnings; upstream has
    /// none of them.
    pub fn is_lint(self) -> bool {
        !matches!(self, WarningKind::DeprecatedField | WarningKind::Vars | WarningKind::Ignored)
    }

    fn facts(self) -> &'static Facts {
        // The table is in the order of the enum, which a test compares.
        &TABLE[self as usize].1
    }
}

/// Writes the identifier.
impl fmt::Display for WarningKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_says_everything() {
        for (i, kind) in WarningKind::all().enumerate() {
            assert_eq!(kind as usize, i);
            assert_eq!(WarningKind::from_id(kind.as_str()), Some(kind));
            for text in [kind.looks_at(), kind.remedy()] {
                assert!(text.ends_with('.') && !text.contains('\n'), "{text}");
            }
            assert!(!kind.example().is_empty());
        }
        assert_eq!(WarningKind::from_id("nothing"), None);
    }
}
