//! The command line: all commands, with the flags of each.

use std::ffi::OsString;
use std::path::Path;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use kustom::text::visible_line;

use crate::affected::AffectedArgs;
use crate::apps::AppsArgs;
use crate::deferred::{AsGo, Deferred};
use crate::deps::DepsArgs;
use crate::diff::DiffArgs;
use crate::edit::{CreateArgs, EditArgs, SetArgs};
use crate::explain::ExplainArgs;
use crate::flags::BuildArgs;
use crate::images::ImagesArgs;
use crate::lint::LintArgs;
use crate::localize::LocalizeArgs;
use crate::promote::PromoteArgs;
use crate::report::ErrorFormat;
use crate::vendor::VendorArgs;
use crate::verify::VerifyArgs;
use crate::version::{VERSION, VersionArgs};

/// Renders Kustomize overlays byte for byte as `kustomize build` does.
#[derive(Debug, Parser)]
#[command(
    name = "kustom",
    version = VERSION,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 success, 1 refused, not written or different, 2 wrong usage; for diff: \
                  0 no differences, 1 differences, 2 error.\nData goes to stdout, everything else to \
                  stderr."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// How to write errors and warnings to stderr
    #[arg(long, global = true, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) error_format: ErrorFormat,

    /// Explain a kind of warning, with an example and the remedy; without KIND, list all kinds
    #[arg(long, global = true, value_name = "KIND", num_args = 0..=1, default_missing_value = "")]
    pub(crate) explain_warning: Option<String>,

    /// Upstream's flag for its own traces, which there are none of here
    #[arg(long, global = true, hide = true, num_args = 0..=1, require_equals = true,
          default_missing_value = "true")]
    pub(crate) stack_trace: Option<String>,

    /// Ignore the repository's kustom.toml
    #[arg(long, global = true)]
    pub(crate) no_config: bool,
}

impl Cli {
    /// Parses the words of a command line.
    ///
    /// # Errors
    /// If they are not understood, or ask for help. What an error repeats of them is fit to be shown.
    pub(crate) fn of(words: &[OsString]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(words).map_err(|error| {
            let shown: Vec<String> = words
                .iter()
                .map(|word| visible_line(&word.to_string_lossy()).into_owned())
                .collect();
            if !error.use_stderr() || words.iter().zip(&shown).all(|(word, shown)| word == &**shown)
            {
                return error;
            }
            // The same mistake, with these words, says all that is to be said.
            match Cli::try_parse_from(shown) {
                Err(same) if same.kind() == error.kind() => same,
                _ => {
                    let message = error.to_string();
                    let message = message.trim_start_matches("error: ").trim_end();
                    Cli::command().error(error.kind(), visible_line(message))
                }
            }
        })
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Render a kustomization
    Build(Deferred<Box<BuildArgs>>),
    /// Compare what kustomizations render: two directories or files, two revisions, or a cluster
    Diff(Deferred<DiffArgs>),
    /// Report what is lost, has no effect or is probably a mistake in all kustomizations
    Lint(Deferred<LintArgs>),
    /// Compare kustom with another kustomize on every kustomization below some directories
    Verify(Deferred<VerifyArgs>),
    /// List every file that a build reads, and the paths it probed and did not find
    Deps(Deferred<DepsArgs>),
    /// List the kustomizations whose output a change may touch
    Affected(Deferred<AffectedArgs>),
    /// Show where a value in the output came from
    Explain(Deferred<ExplainArgs>),
    /// Copy remote bases, files and charts into the tree, and pin them in kustom.lock
    Vendor(Deferred<VendorArgs>),
    /// List the Applications that Argo CD would generate from ApplicationSets
    Apps(Deferred<AppsArgs>),
    /// Change a kustomization file as `kustomize edit` does, and leave the rest of it untouched
    Edit(Deferred<AsGo<EditArgs>>),
    /// Set tags and digests of images in kustomization files
    Set(Deferred<SetArgs>),
    /// Show which version of each image each app runs in each environment
    Images(Deferred<ImagesArgs>),
    /// Copy tags and digests of images from one environment to another
    Promote(Deferred<PromoteArgs>),
    /// Write a new kustomization file
    #[command(alias = "init")]
    Create(Deferred<AsGo<CreateArgs>>),
    /// Copy a kustomization with every file it uses
    Localize(Deferred<LocalizeArgs>),
    /// Print the version, and the kustomize version that it matches
    Version(Deferred<VersionArgs>),
    /// Print a completion script for a shell
    Completion {
        /// The shell
        shell: Shell,
    },
}

/// Reads flags as if they were given to `build`.
///
/// # Errors
/// If they are not flags of `build`, with the message that clap has for that.
pub(crate) fn build_flags(flags: &[OsString]) -> Result<BuildArgs, String> {
    let words = ["kustom", "build"].map(OsString::from);
    let parsed = Cli::try_parse_from(words.into_iter().chain(flags.iter().cloned()));
    match parsed.map_err(|e| e.to_string().trim_start_matches("error: ").to_owned())?.command {
        Some(Command::Build(Deferred(args)))
            if args.dirs == [Path::new(".")] && args.output.is_none() =>
        {
            Ok(*args)
        }
        _ => Err("only flags that change the output may follow --".to_owned()),
    }
}
