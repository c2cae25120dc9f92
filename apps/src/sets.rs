//! The ApplicationSets of files, and which parts of each cannot be evaluated offline.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;

use crate::application::{self, Application};
use crate::clusters::Cluster;
use crate::generators;

/// An ApplicationSet of a file.
#[derive(Debug)]
pub(crate) struct Set {
    object: Arc<Json>,
    file: PathBuf,
    /// The generators of which nobody here knows what they find, each with the kind that is to blame.
    unseen: Vec<(Json, &'static str)>,
}

impl Set {
    pub(crate) fn new(object: Arc<Json>, file: &Path, clusters: &[Cluster]) -> Set {
        let all = object.pointer("/spec/generators").and_then(Json::as_array);
        let unseen = all.into_iter().flatten().filter_map(|generator| {
            Some((generator.clone(), generators::unseen(generator, !clusters.is_empty())?))
        });
        let unseen = unseen.collect();
        Set { object, file: file.to_path_buf(), unseen }
    }

    pub(crate) fn object(&self) -> &Json {
        &self.object
    }

    /// Returns the kind of a generator that may make Applications which are not seen here, though those of another side
    /// are: one that is there as well hides the same on both.
    pub(crate) fn hides(&self, other: Option<&Set>) -> Option<&'static str> {
        let is_there = |generator: &Json| {
            other.is_some_and(|other| other.unseen.iter().any(|(own, _)| own == generator))
        };
        let (_, kind) = self.unseen.iter().find(|(generator, _)| !is_there(generator))?;
        Some(kind)
    }
}

/// The ApplicationSets of all files.
#[derive(Debug, Default)]
pub(crate) struct Sets(BTreeMap<[String; 2], Vec<Set>>);

impl Sets {
    pub(crate) fn push(&mut self, set: Set) {
        let key = application::key_of_set(&set.object).map(str::to_owned);
        self.0.entry(key).or_default().push(set);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns those that have the name and namespace of a set.
    pub(crate) fn like(&self, set: &Json) -> &[Set] {
        let key = application::key_of_set(set).map(str::to_owned);
        self.0.get(&key).map_or(&[], Vec::as_slice)
    }
}

/// Returns the ApplicationSet of an Application of another side as it is on this one: that of the same file, or one
/// that has moved to a file where there was none.
pub(crate) fn counterpart<'s>(
    application: &Application,
    here: &'s Sets,
    there: &Sets,
) -> Option<&'s Set> {
    let own = application.set()?;
    let file = &application.origin().file;
    let there = there.like(own);
    let is_new = |set: &&Set| !there.iter().any(|other| other.file == set.file);
    let mut same = here.like(own).iter();
    same.clone().find(|set| set.file == *file).or_else(|| same.find(is_new))
}
