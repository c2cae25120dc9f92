//! The steps that a history tells apart.

use std::fmt;

/// The class of a step of a build. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepKind {
    /// A file of `resources` was read.
    Resource,
    /// A generator made the object, or merged with or replaced it.
    Generator,
    /// A patch or another transformer ran.
    Transformer,
    /// The hash of the content was put after the name.
    Hash,
    /// A reference followed the object that it names.
    NameReference,
    /// A var was replaced by its value.
    Vars,
    /// The object was only for the build, and left out of the output.
    LocalConfig,
    /// Annotations of the build were written or taken away.
    Finish,
}

impl StepKind {
    /// Returns the name of the class, for programs; it does not change between versions.
    pub fn as_str(self) -> &'static str {
        match self {
            StepKind::Resource => "resource",
            StepKind::Generator => "generator",
            StepKind::Transformer => "transformer",
            StepKind::Hash => "hash",
            StepKind::NameReference => "name-reference",
            StepKind::Vars => "vars",
            StepKind::LocalConfig => "local-config",
            StepKind::Finish => "finish",
        }
    }
}

impl fmt::Display for StepKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
