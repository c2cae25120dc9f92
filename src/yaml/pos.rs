//! Positions of values in the texts they were read from.

/// The place of a value: an offset in the numbering of all texts of one build.
///
/// Each text that is read gets a range of numbers, so that one `u32` names file, line and column; the
/// loader's source map turns it back into them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pos(pub u32);

impl Pos {
    /// No place: made by the build, or beyond 4 GiB of input.
    pub const NONE: Pos = Pos(0);

    /// Tells whether this names a place.
    pub fn is_some(self) -> bool {
        self != Pos::NONE
    }

    /// Returns the place `bytes` further on.
    #[must_use]
    pub fn offset(self, bytes: usize) -> Pos {
        if !self.is_some() {
            return Pos::NONE;
        }
        u32::try_from(bytes).ok().and_then(|b| self.0.checked_add(b)).map_or(Pos::NONE, Pos)
    }
}
