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
