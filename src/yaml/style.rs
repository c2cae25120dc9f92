//! How a scalar is written.

/// How a scalar was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    #[default]
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// What else is known of how a scalar got where it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks(u8);

impl Marks {
    /// Nothing.
    pub const NONE: Marks = Marks(0);
    /// The tag was written out, as in `!!str 5`. Whatever a merge puts into the place of such a scalar is
    /// written with its tag too, so that quotes do not decide its type.
    pub const TAGGED: Marks = Marks(1);
    /// A step has written the scalar, over what was read. Its place stays that of the latter.
    pub const WRITTEN: Marks = Marks(2);

    /// Returns these and those.
    #[must_use]
    pub fn and(self, other: Marks) -> Marks {
        Marks(self.0 | other.0)
    }

    /// Returns `true` if the tag was written out.
    pub fn is_tagged(self) -> bool {
        self.0 & Marks::TAGGED.0 != 0
    }

    /// Returns `true` if a step has written the scalar.
    pub fn is_written(self) -> bool {
        self.0 & Marks::WRITTEN.0 != 0
    }

    /// Returns these, but whether the tag was written out is as in `other`.
    #[must_use]
    pub fn with_tag_of(self, other: Marks) -> Marks {
        Marks((self.0 & !Marks::TAGGED.0) | (other.0 & Marks::TAGGED.0))
    }
}

/// The explicit tag of a scalar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tag {
    /// None (or the non-specific `!`): a plain scalar is typed by its text, any other is a string.
    #[default]
    None,
    /// None any more, because a step took it away: a plain scalar is typed by its text, also after
    /// yet another text was written.
    Cleared,
    /// `!!str`
    Str,
    /// `!!int`
    Int,
    /// `!!float`
    Float,
    /// `!!bool`
    Bool,
    /// `!!null`
    Null,
    /// `!!timestamp`
    Timestamp,
    /// `!!binary`
    Binary,
    /// `!!merge`
    Merge,
    /// Any other: the scalar counts as a string.
    Other,
}

impl Tag {
    /// Returns `true` if a plain scalar is typed by its text.
    pub fn is_implicit(self) -> bool {
        matches!(self, Tag::None | Tag::Cleared)
    }

    /// Returns how a tag of a type that is no string is written; empty for all others.
    pub fn shorthand(self) -> &'static str {
        match self {
            Tag::Int => "!!int",
            Tag::Float => "!!float",
            Tag::Bool => "!!bool",
            Tag::Null => "!!null",
            Tag::Timestamp => "!!timestamp",
            Tag::Binary => "!!binary",
            Tag::Merge => "!!merge",
            Tag::None | Tag::Cleared | Tag::Str | Tag::Other => "",
        }
    }
}
