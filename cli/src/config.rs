//! `kustom.toml`: a repository's defaults for all commands.
//!
//! There is one, at the top of the repository (else in the working directory). What the command line says
//! wins. It cannot name programs or allow anything that leaves the tree, for who wrote it may be a
//! stranger.

use std::path::{Path, PathBuf};

use kustom::{FileSystem, WarningFilter, WarningKind};
use serde::Deserialize;

use crate::git::Revision;

/// The name of the file.
const NAME: &str = "kustom.toml";

/// What the file says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Config {
    /// Where kustomizations are looked for.
    pub(crate) search: Search,
    /// How `diff` and `affected` compare.
    pub(crate) diff: Diff,
    /// What `build --warn` tells.
    pub(crate) warnings: Warnings,
    /// What `apps` has to know.
    pub(crate) apps: Apps,
    /// Whether the file counts.
    #[serde(skip)]
    is_read: bool,
    /// What to tell a reviewer of it.
    #[serde(skip)]
    pub(crate) told: Option<String>,
}

/// What `apps` has to know.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Apps {
    /// Custom kinds without a namespace, such as `Widget.example.com`.
    pub(crate) cluster_scoped: Vec<String>,
}

/// Where kustomizations are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Search {
    /// Patterns of directories that are left out.
    pub(crate) exclude: Vec<String>,
}

/// How revisions are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Diff {
    /// The revision before.
    pub(crate) from: Option<String>,
    /// Rules of what is not compared.
    pub(crate) ignore: Vec<String>,
    /// Whether risks are a failure.
    pub(crate) fail_on: Option<FailOn>,
}

/// What `build --warn` tells.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Warnings {
    /// Kinds of warnings that are not told.
    pub(crate) ignore: Vec<String>,
}

/// What makes a comparison fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FailOn {
    /// A dangerous change
    #[serde(alias = "danger")]
    #[value(alias = "danger")]
    Risk,
}

impl Warnings {
    /// Takes the kinds that are not wanted out of a choice.
    ///
    /// # Errors
    /// If one of them is not known.
    pub(crate) fn apply(&self, filter: WarningFilter) -> Result<WarningFilter, String> {
        self.ignore.iter().try_fold(filter, |filter, id| {
            let kind = WarningKind::from_id(id);
            let kind = kind.ok_or_else(|| {
                format!("{NAME}: warnings.ignore: there is no kind of warning `{id}`")
            })?;
            Ok(filter.without(kind))
        })
    }
}

impl Config {
    /// Reads the file of the repository around the working directory; nothing is the same as an empty
    /// file.
    ///
    /// # Errors
    /// If it cannot be read or understood.
    pub(crate) fn load() -> Result<Config, String> {
        let read = Config { is_read: true, ..Config::default() };
        let Some(path) = find() else { return Ok(read) };
        let text = match crate::named_file::read_text(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(read),
            Err(e) => return Err(format!("{}: {e}", path.display())),
        };
        Ok(Config { is_read: true, ..parse(&path, &text)? })
    }

    /// Returns what counts for a review of what has changed since a revision: a change does not decide what is seen of
    /// it, so what is left out and what is a failure is as before.
    pub(crate) fn of_review(&self, before: &Revision) -> Config {
        if !self.is_read {
            return self.clone();
        }
        let path = before.top().0.join(NAME);
        let text = before.read(&path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        // What could not be understood then, left nothing out.
        let old = text.and_then(|text| parse(&path, &text).ok()).unwrap_or_default();
        if (&old.search, &old.diff) == (&self.search, &self.diff) {
            return self.clone();
        }
        let fail_on = old.diff.fail_on.or(self.diff.fail_on);
        let what = "what is left out, and what is a failure, is as before the change";
        Config {
            search: old.search,
            diff: Diff { fail_on, ..old.diff },
            told: Some(format!("{NAME} has changed: {what}")),
            ..self.clone()
        }
    }
}

fn parse(path: &Path, text: &str) -> Result<Config, String> {
    toml::from_str(text).map_err(|e| {
        let at = e.span().map_or(0, |span| span.start).min(text.len());
        let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        let message = e.message().trim();
        format!("{}:{line}: {message} (--no-config does without the file)", path.display())
    })
}

/// Returns where the file would be: at the top of the repository, else here.
fn find() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let top = here.ancestors().find(|folder| folder.join(".git").exists());
    Some(top.unwrap_or(Path::new(&here)).join(NAME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_refused() {
        let read = |text: &str| toml::from_str::<Config>(text);
        let config = read("[search]\nexclude = ['tests']\n[diff]\nfail-on = 'danger'\n").unwrap();
        assert_eq!(config.search.exclude, ["tests"]);
        assert_eq!(config.diff.fail_on, Some(FailOn::Risk));
        assert!(read("[serch]\n").is_err() && read("[diff]\nhelm-command = 'x'\n").is_err());
    }
}
