//! Applications that could not be generated: Argo CD changes none of them until they can be.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;

use crate::application::Application;
use crate::generators::NEEDS_SERVER;
use crate::problem::{Problem, Severity};

/// A file that cannot be read, or an ApplicationSet of which something fails: then nothing is made of it.
#[derive(Debug)]
pub(crate) struct Unmade {
    file: PathBuf,
    /// The set; none for a whole file.
    set: Option<Arc<Json>>,
    /// Why.
    problem: Problem,
}

impl Unmade {
    /// Returns a file that cannot be read.
    pub(crate) fn file(problem: Problem, file: &Path) -> Unmade {
        Unmade { file: file.to_path_buf(), set: None, problem }
    }

    /// Returns `true` if it is all of a file.
    pub(crate) fn is_of_file(&self, file: &Path) -> bool {
        self.set.is_none() && self.file == file
    }

    /// Returns a set that fails, with the first of its errors, if it does. What only a server could tell fails
    /// here alone.
    pub(crate) fn set(set: &Arc<Json>, problems: &[Problem], file: &Path) -> Option<Unmade> {
        let fails = |problem: &&Problem| {
            problem.severity == Severity::Error && !problem.message.ends_with(NEEDS_SERVER)
        };
        let problem = problems.iter().find(fails)?.clone();
        Some(Unmade { file: file.to_path_buf(), set: Some(Arc::clone(set)), problem })
    }

    /// Returns why an Application of another preview is not made, if that is because of this; `set` is its
    /// ApplicationSet as it is here.
    pub(crate) fn why(&self, application: &Application, set: Option<&Json>) -> Option<&Problem> {
        let is_it = match &self.set {
            None => self.file == application.origin().file,
            Some(own) => set.is_some_and(|set| set == own.as_ref()),
        };
        is_it.then_some(&self.problem)
    }
}
