//! Applications that could not be generated: Argo CD changes none of them until they can be.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;

use crate::application::{Application, key_of_set};
use crate::generators::NEEDS_SERVER;
use crate::problem::{Problem, Severity};

/// Files that cannot be read, and ApplicationSets of which something fails: then nothing is made of them. Each with the
/// reason.
#[derive(Debug, Default)]
pub(crate) struct Unmade {
    files: BTreeMap<PathBuf, Problem>,
    /// The sets by name and namespace.
    sets: BTreeMap<[String; 2], Vec<(Arc<Json>, Problem)>>,
}

impl Unmade {
    /// Adds a file that cannot be read.
    pub(crate) fn add_file(&mut self, problem: &Problem, file: &Path) {
        if !self.files.contains_key(file) {
            self.files.insert(file.to_path_buf(), problem.clone());
        }
    }

    /// Adds a set that fails, with the first of its errors, if it does. What only a server could tell fails here alone.
    pub(crate) fn add_set(&mut self, set: &Arc<Json>, problems: &[Problem]) {
        let fails = |problem: &&Problem| {
            problem.severity == Severity::Error && !problem.message.ends_with(NEEDS_SERVER)
        };
        if let Some(problem) = problems.iter().find(fails) {
            let all = self.sets.entry(key_of_set(set).map(str::to_owned)).or_default();
            all.push((Arc::clone(set), problem.clone()));
        }
    }

    /// Returns why an Application of another preview is not made, if that is because of these; `set` is its
    /// ApplicationSet as it is here.
    pub(crate) fn why(&self, application: &Application, set: Option<&Json>) -> Option<&Problem> {
        let of_file = self.files.get(&application.origin().file);
        let of_set = || {
            let mut same = self.sets.get(&key_of_set(set?).map(str::to_owned))?.iter();
            same.find(|(own, _)| set == Some(own)).map(|(_, problem)| problem)
        };
        of_file.or_else(of_set)
    }
}
