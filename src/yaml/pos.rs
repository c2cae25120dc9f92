//! Positions of values in the texts they were read from.

/// The place of a value: an offset in the numbering of all texts of one build.
///
/// Each text that is read gets a range of numbers, so that one `u32` names file, line and column; the
/// loader's source map turns it back into them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pos(pub u32);

impl Pos {
    /// No place: made by the build, or beyond 2 GiB of input.
    pub const NONE: Pos = Pos(0);

    /// The first number that is no place but a mark of a shared scalar.
    const SHARED: u32 = 1 << 31;

    /// Returns a mark that stands for a place: this scalar is number `n` of those that several places
    /// of a tree share.
    pub(crate) fn shared(n: usize) -> Pos {
        u32::try_from(n)
            .ok()
            .filter(|&n| n < Pos::SHARED)
            .map_or(Pos::NONE, |n| Pos(Pos::SHARED | n))
    }

    /// Returns the number of a shared scalar, if this is such a mark.
    pub(crate) fn shared_number(self) -> Option<usize> {
        (self.0 >= Pos::SHARED).then_some((self.0 & !Pos::SHARED) as usize)
    }

    /// Returns `true` if this names a place.
    pub fn is_some(self) -> bool {
        self != Pos::NONE
    }

    /// Returns how many bytes this is behind `start`.
    pub(crate) fn since(self, start: Pos) -> usize {
        usize::try_from(self.0.saturating_sub(start.0)).unwrap_or_default()
    }

    /// Returns the place `bytes` further on.
    #[must_use]
    pub fn offset(self, bytes: usize) -> Pos {
        if !self.is_some() {
            return Pos::NONE;
        }
        let sum = u32::try_from(bytes).ok().and_then(|b| self.0.checked_add(b));
        sum.filter(|&sum| sum < Pos::SHARED).map_or(Pos::NONE, Pos)
    }
}
