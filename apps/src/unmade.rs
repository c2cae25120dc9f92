//! Applications that could not be generated: Argo CD changes none of them until they can be.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::application::{self, Application};
use crate::generators::NEEDS_SERVER;
use crate::problem::{Problem, Severity};

/// A file that cannot be read, or an ApplicationSet of which something fails: then nothing is made of it.
#[derive(Debug)]
pub(crate) struct Unmade {
    file: PathBuf,
    /// Name and namespace of the set; none for a whole file.
    set: Option<[String; 2]>,
    /// Why.
    problem: Problem,
}

impl Unmade {
    /// Returns a file that cannot be read.
    pub(crate) fn file(problem: Problem, file: &Path) -> Unmade {
        Unmade { file: file.to_path_buf(), set: None, problem }
    }

    /// Returns a set that fails, with the first of its errors, if it does. What only a server could tell fails
    /// here alone.
    pub(crate) fn set(set: &Json, problems: &[Problem], file: &Path) -> Option<Unmade> {
        let fails = |problem: &&Problem| {
            problem.severity == Severity::Error && !problem.message.ends_with(NEEDS_SERVER)
        };
        let problem = problems.iter().find(fails)?.clone();
        let set = Some(application::key_of_set(set).map(str::to_owned));
        Some(Unmade { file: file.to_path_buf(), set, problem })
    }

    /// Returns why an Application of this or another preview is not made, if that is because of this.
    pub(crate) fn why(&self, application: &Application) -> Option<&Problem> {
        let is_its_set = || {
            let set = application.set().map(application::key_of_set);
            self.set.as_ref().map(|own| own.each_ref().map(String::as_str)) == set
        };
        let is_it = self.file == application.origin().file && (self.set.is_none() || is_its_set());
        is_it.then_some(&self.problem)
    }
}
