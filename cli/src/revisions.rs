//! The flags for the two revisions that are compared.

use std::path::Path;

use clap::Args;

use crate::config::Config;
use crate::git::{Repository, Revision};

/// Which revisions are compared: the same flags with the same defaults for all commands that do.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Revisions {
    /// The revision before [default: where HEAD, or --to, left the default branch]; REV... is the merge base
    /// with REV
    #[arg(long, visible_alias = "since", value_name = "REV")]
    pub(crate) from: Option<String>,

    /// The revision after [default: the work tree]
    #[arg(long, value_name = "REV")]
    pub(crate) to: Option<String>,
}

impl Revisions {
    /// Returns `true` if a flag says what is compared.
    pub(crate) fn are_given(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// Returns these, with what the configuration says where the flags say nothing.
    pub(crate) fn or_of(&self, config: &Config) -> Revisions {
        let from = self.from.as_ref().or(config.diff.from.as_ref());
        Revisions { from: from.cloned(), to: self.to.clone() }
    }

    /// Returns what of the configuration counts for a review of what has changed around a path: what it said on the
    /// side before.
    pub(crate) fn reviewed(&self, config: &Config, path: &Path) -> Config {
        let before = Repository::discover(path).and_then(|repository| {
            // What a change says of the side before does not count either, if there is another way to know it.
            self.before(&repository).or_else(|_| self.or_of(config).before(&repository))
        });
        match before {
            Ok((_, before)) => config.of_review(&before),
            Err(_) => config.clone(),
        }
    }

    /// Returns the name of the revision before, and its files.
    ///
    /// # Errors
    /// If there is none, or none is given and no default branch is known.
    pub(crate) fn before(&self, repository: &Repository) -> Result<(String, Revision), String> {
        let tip = self.to.as_deref().unwrap_or("HEAD");
        // Before the first commit all is new, as a hook sees it that runs before each.
        if self.to.is_none()
            && self.from.as_deref() == Some("HEAD")
            && let Some(nothing) = repository.unborn()
        {
            return Ok(nothing);
        }
        let name = match self.from.as_deref() {
            None => repository.merge_base(tip)?,
            Some(from) => match from.strip_suffix("...") {
                Some(branch) => repository.merge_base_of(tip, branch)?,
                None => from.to_owned(),
            },
        };
        let revision = repository.revision(&name).map_err(|message| meant(&name, message))?;
        Ok((name, revision))
    }

    /// Returns the files of the revision after; nothing for the work tree.
    ///
    /// # Errors
    /// If there is no such revision.
    pub(crate) fn after(&self, repository: &Repository) -> Result<Option<Revision>, String> {
        self.to.as_deref().map(|to| repository.revision(to)).transpose()
    }
}

/// Says how the revisions of a range are given, if a revision that is not there is one.
fn meant(name: &str, message: String) -> String {
    match name.split_once("..") {
        Some((from, to)) if !from.is_empty() && !to.is_empty() => {
            let (dots, to) = match to.strip_prefix('.') {
                Some(to) => ("...", to),
                None => ("", to),
            };
            format!("'{name}' is a range of revisions: write --from {from}{dots} --to {to}")
        }
        _ => message,
    }
}
