//! What comes out of an Application.

use super::manifest::Manifest;
use crate::problem::{Problem, Severity};

/// What one Application would sync.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Rendered {
    /// Its objects, in the order of its sources.
    pub manifests: Vec<Manifest>,
    /// What could not be rendered, and warnings of builds.
    pub problems: Vec<Problem>,
}

impl Rendered {
    /// Returns `true` if something could not be rendered.
    pub fn failed(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Returns all objects as one stream of YAML documents.
    pub fn to_yaml(&self) -> String {
        let texts: Vec<&str> = self.manifests.iter().map(Manifest::as_yaml).collect();
        texts.join("---\n")
    }
}
