//! Flags as they could be written, for who hands them on.

use std::ffi::{OsStr, OsString};

/// The words of some flags.
#[derive(Debug, Default)]
pub(crate) struct Words(pub(crate) Vec<OsString>);

impl Words {
    /// Adds a switch that is on.
    pub(crate) fn switch(&mut self, name: &str, is_on: bool) {
        if is_on {
            self.0.push(name.into());
        }
    }

    /// Adds a flag once for each of its values.
    pub(crate) fn value<V: AsRef<OsStr>>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = V>,
    ) {
        for value in values {
            let mut word = OsString::from(name);
            word.push("=");
            word.push(value);
            self.0.push(word);
        }
    }
}
