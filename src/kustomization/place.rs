//! What in a kustomization asks for something.

use std::fmt;

use crate::yaml::Pos;

/// A field of the kustomization, or one entry of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) field: &'static str,
    pub(crate) index: Option<usize>,
    /// Where the entry is, if known.
    pub(crate) pos: Pos,
}

impl Place {
    /// Returns a field as a whole.
    pub(crate) fn field(field: &'static str) -> Place {
        Place { field, index: None, pos: Pos::NONE }
    }
}

/// Writes it as `patches[2]`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field)?;
        self.index.map_or(Ok(()), |i| write!(f, "[{i}]"))
    }
}
