//! Spells flags out again, to pass them on.

use std::ffi::{OsStr, OsString};

/// Some flags, those with a value once for each of them.
#[derive(Debug, Default)]
pub(crate) struct Words(Vec<(&'static str, Option<OsString>)>);

impl Words {
    /// Adds a switch that is on.
    pub(crate) fn switch(&mut self, name: &'static str, is_on: bool) {
        if is_on {
            self.0.push((name, None));
        }
    }

    /// Adds a flag once for each of its values.
    pub(crate) fn value<V: AsRef<OsStr>>(
        &mut self,
        name: &'static str,
        values: impl IntoIterator<Item = V>,
    ) {
        self.0.extend(values.into_iter().map(|value| (name, Some(value.as_ref().to_owned()))));
    }

    /// Adds other flags.
    pub(crate) fn extend(&mut self, others: Words) {
        self.0.extend(others.0);
    }

    /// Returns these without a flag that somebody does not know.
    pub(crate) fn without(mut self, name: &str) -> Words {
        self.0.retain(|(flag, _)| *flag != name);
        self
    }

    /// Returns a word for each flag, as clap takes all of them.
    pub(crate) fn joined(self) -> impl Iterator<Item = OsString> {
        self.0.into_iter().map(|(name, value)| {
            let mut word = OsString::from(name);
            for part in value.iter().flat_map(|value| [OsStr::new("="), value]) {
                word.push(part);
            }
            word
        })
    }

    /// Returns names and values as words of their own, as all programs take them.
    pub(crate) fn apart(self) -> impl Iterator<Item = OsString> {
        self.0
            .into_iter()
            .flat_map(|(name, value)| [Some(name.into()), value].into_iter().flatten())
    }
}
