//! The command line of `kustom edit`, which is that of `kustomize edit`.

use clap::{Args, Subcommand};

use super::add::AddArgs;
use super::fix::FixArgs;
use super::remove::RemoveArgs;
use super::set::SetCommandArgs;
use crate::boolean::boolean;

/// The arguments of `edit`.
#[derive(Debug, Args)]
#[command(
    args_override_self = true,
    after_help = "Examples:\n  \
        kustom edit set image web=registry.example.com/web:v2\n  \
        kustom edit add resource 'manifests/*.yaml'\n  \
        kustom edit remove patch --path old.yaml\n  \
        kustom edit fix\n\n\
        The commands mean what they mean in `kustomize edit`, but change only the bytes that must change: \
        comments, order, quotes and indentation stay, and the new file is parsed before it is written. \
        To set a tag and keep everything else of an image, use `kustom set image`."
)]
pub(crate) struct EditArgs {
    #[command(subcommand)]
    pub(super) command: EditCommand,
}

/// What is done to the file.
#[derive(Debug, Subcommand)]
pub(super) enum EditCommand {
    /// Set a value
    Set(SetCommandArgs),
    /// Add an entry
    Add(AddArgs),
    /// Remove an entry
    Remove(RemoveArgs),
    /// Replace deprecated fields with their successors
    Fix(FixArgs),
    /// List the built-in plugins
    AlphaListBuiltinPlugin,
}

/// A switch that may be given as `--switch=false`, too.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Switch(pub(super) bool);

impl std::str::FromStr for Switch {
    type Err = String;

    fn from_str(text: &str) -> Result<Switch, String> {
        boolean(text).map(Switch)
    }
}
