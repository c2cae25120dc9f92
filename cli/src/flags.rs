//! The flags of `build`, some of which other commands have too.

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, ValueEnum};
use kustom::{Builder, WarningFilter};

use crate::boolean::boolean;
use crate::bounds::RootArgs;
use crate::outside::OutsideArgs;
use crate::revisions::Revisions;
use crate::words::Words;

/// The variable that asks for the label as well.
const MANAGED_BY_LABEL: &str = "KUSTOMIZE_ENABLE_MANAGEDBY_LABEL";

/// The flags of `build`; names and defaults are those of `kustomize build`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    kustom build overlays/prod\n  \
    kustom build overlays/prod -o prod.yaml\n  \
    kustom build overlays/prod | kubectl apply -f -\n  \
    kustom build 'apps/*/overlays/prod' -o rendered\n  \
    kustom build . --affected --shard 1/4 -o rendered\n\n\
    Several directories are rendered together, and what they share is read and rendered once. On stdout they \
    are one stream in the order given, and nothing is printed unless all succeed. With -o, each becomes \
    PATH/DIR.yaml, all or none; an address becomes PATH/HOST/REPOSITORY/FOLDER@REF.yaml. A pattern in quotes \
    stands for the kustomizations that it matches; with --watch, also for those that appear later.")]
pub(crate) struct BuildArgs {
    /// Directories of kustomizations, or patterns that match them
    #[arg(value_name = "DIR|PATTERN", default_value = ".")]
    pub(crate) dirs: Vec<PathBuf>,

    /// Write to this file, or one file per resource into this directory (an existing one, or a path that
    /// ends with a slash); for several DIRs, one file each into this directory; - is stdout
    // An empty one is stdout, as upstream has it.
    #[arg(short, long, value_name = "PATH", value_parser = any_path())]
    pub(crate) output: Option<PathBuf>,

    /// Build only the kustomizations in or below the directories that a change touches, as `affected` lists
    /// them with the same --from and --to; with -o, each becomes PATH/DIR.yaml
    #[arg(long)]
    pub(crate) affected: bool,

    #[command(flatten)]
    pub(crate) revisions: Revisions,

    /// Build only part I of N, to split the work between jobs
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,

    /// Render again whenever a file that the output depends on changes
    #[arg(long, requires = "output", conflicts_with_all = ["affected", "shard", "timeout"])]
    pub(crate) watch: bool,

    /// Whether files outside their kustomization's directory may be loaded
    #[arg(long, value_enum, value_name = "RESTRICTOR", default_value_t = Restrictor::RootOnly)]
    pub(crate) load_restrictor: Restrictor,

    /// Order of the output; `sortOptions` in the kustomization takes precedence
    #[arg(long, value_enum, value_name = "ORDER")]
    pub(crate) reorder: Option<ReorderArg>,

    /// Label every resource with app.kubernetes.io/managed-by; KUSTOMIZE_ENABLE_MANAGEDBY_LABEL=on does the same
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    pub(crate) enable_managedby_label: Option<bool>,

    /// Warn about what is lost, has no effect or is probably a mistake: patches that match nothing,
    /// references that lead nowhere, misspelt fields ... KINDS selects: `-unused-file,-vars` leaves these
    /// out, `unused-patch,unused-image` reports only these, `all` adds what only all roots together show, as
    /// `kustom lint` does; `kustom --explain-warning` lists them
    #[arg(long, value_name = "KINDS", num_args = 0..=1, require_equals = true,
          default_missing_value = "", value_parser = build_warning_filter)]
    pub(crate) warn: Option<WarningFilter>,

    /// How to write warnings: as --error-format says, or as a SARIF log for code scanning, to stderr
    /// or to the file that --warn-output names
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) warn_format: Option<WarnFormat>,

    /// Write the SARIF log to this file
    #[arg(long, value_name = "FILE", requires = "warn_format")]
    pub(crate) warn_output: Option<PathBuf>,

    /// Like --warn, and fail if there is any warning
    #[arg(long)]
    pub(crate) strict: bool,

    #[command(flatten)]
    pub(crate) outside: OutsideArgs,

    #[command(flatten)]
    pub(crate) root: RootArgs,
}

/// Reads a path that may be empty.
pub(crate) fn any_path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// The flags that say how to render, of commands that render to find something out.
#[derive(Clone, Debug, Args)]
pub(crate) struct How {
    /// Whether files outside their kustomization's directory may be loaded [default: LoadRestrictionsRootOnly]
    #[arg(long, value_enum, value_name = "RESTRICTOR")]
    load_restrictor: Option<Restrictor>,

    #[command(flatten)]
    pub(crate) outside: OutsideArgs,
}

impl How {
    /// Returns a builder that renders so, or why there is none.
    pub(crate) fn builder(&self) -> Result<Builder, String> {
        let restrictor = self.load_restrictor.unwrap_or(Restrictor::RootOnly);
        self.outside.apply(Builder::new().load_restriction(restrictor.into()))
    }

    /// Returns `true` if nobody said from where files may be loaded.
    pub(crate) fn has_no_restrictor(&self) -> bool {
        self.load_restrictor.is_none()
    }
}

impl BuildArgs {
    /// Returns `true` if every resource gets a label: a flag that says no leaves it to the environment.
    pub(crate) fn has_managed_by_label(&self) -> bool {
        // Odd: only this one word of the environment counts (`flags_change_the_output`).
        self.enable_managedby_label == Some(true)
            || std::env::var_os(MANAGED_BY_LABEL).is_some_and(|value| value == "on")
    }

    /// Returns those that decide about the output and that kustomize has too, as they could be written.
    pub(crate) fn words(&self) -> Words {
        let mut words = Words::default();
        if matches!(self.load_restrictor, Restrictor::None) {
            words.value("--load-restrictor", name(self.load_restrictor));
        }
        words.value("--reorder", self.reorder.and_then(name));
        words.switch("--enable-managedby-label", self.has_managed_by_label());
        words.extend(self.outside.switches.words());
        words
    }
}

fn name(value: impl ValueEnum) -> Option<String> {
    value.to_possible_value().map(|value| value.get_name().to_owned())
}

/// One of several parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    /// Which one, from 0.
    index: usize,
    count: usize,
}

impl Shard {
    /// Returns what belongs to this part; all parts together have everything once.
    pub(crate) fn of<T>(self, all: Vec<T>) -> Vec<T> {
        all.into_iter().skip(self.index).step_by(self.count).collect()
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let parts = text.split_once('/').and_then(|(index, count)| {
            let index = index.parse::<usize>().ok()?.checked_sub(1)?;
            let count = count.parse().ok()?;
            (index < count).then_some(Shard { index, count })
        });
        parts.ok_or_else(|| "give I/N, where I is from 1 to N, such as 2/8".to_owned())
    }
}

/// How warnings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WarnFormat {
    /// As --error-format says
    Text,
    /// A log in the Static Analysis Results Interchange Format, version 2.1.0
    Sarif,
}

/// Reads the kinds of `--warn` of builds, which tell of all roots together what is asked for by name.
fn build_warning_filter(text: &str) -> Result<WarningFilter, String> {
    let is_named = text.trim_start().starts_with(|c: char| c.is_ascii_alphabetic());
    warning_filter(text).map(|filter| if is_named { filter } else { filter.of_each_root() })
}

/// Reads the kinds of `--warn`.
pub(crate) fn warning_filter(text: &str) -> Result<WarningFilter, String> {
    text.parse().map_err(|error: kustom::Error| match error.hint_text() {
        Some(hint) => format!("{}; {hint}", error.message()),
        None => error.message().to_owned(),
    })
}

/// From where files may be loaded.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Restrictor {
    /// Only files in or below the directory of the kustomization that names them
    // Upstream takes an empty one for this, as of a variable that is not set.
    #[value(name = "LoadRestrictionsRootOnly", alias = "")]
    RootOnly,
    /// From anywhere
    #[value(name = "LoadRestrictionsNone")]
    None,
}

/// The order of the output.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ReorderArg {
    /// Namespaces and definitions first, webhooks last
    Legacy,
    /// In the order of the kustomizations
    None,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_everything_once() {
        let part = |text: &str| text.parse::<Shard>().map(|shard| shard.of(vec![1, 2, 3, 4, 5]));
        assert_eq!(part("1/2"), Ok(vec![1, 3, 5]));
        assert_eq!(part("2/2"), Ok(vec![2, 4]));
        assert_eq!(part("7/7"), Ok(vec![]));
        for wrong in ["0/2", "3/2", "1", "a/b", "1/0", "-1/2"] {
            assert!(part(wrong).is_err(), "{wrong}");
        }
    }
}
