//! `kustom edit remove`

use clap::{Args, Subcommand};
use kustom::edit::{Edit, GeneratorKind, List, PairField};

use super::add::PatchFlags;
use super::{Refusal, Switch, filled, parts};

/// The arguments of `edit remove`.
#[derive(Debug, Args)]
pub(super) struct RemoveArgs {
    #[command(subcommand)]
    command: RemoveCommand,
}

#[derive(Debug, Subcommand)]
enum RemoveCommand {
    /// Remove entries of the resources
    Resource(Patterns),
    /// Remove components
    Component(Patterns),
    /// Remove transformers
    Transformer(Patterns),
    /// Remove a patch
    Patch(PatchFlags),
    /// Remove common labels
    Label(Keys),
    /// Remove common annotations
    Annotation(Keys),
    /// Remove ConfigMaps that are generated
    Configmap(Names),
    /// Remove Secrets that are generated
    Secret(Names),
    /// Remove from what the build says about itself
    Buildmetadata {
        /// originAnnotations, transformerAnnotations, managedByLabel; several divided by commas
        #[arg(value_name = "OPTIONS")]
        options: String,
    },
}

#[derive(Debug, Args)]
struct Patterns {
    /// Patterns of entries
    #[arg(value_name = "PATTERN", required = true)]
    patterns: Vec<String>,
}

#[derive(Debug, Args)]
struct Keys {
    /// Keys, divided by commas
    #[arg(value_name = "KEYS")]
    keys: String,

    /// No error if one is not there
    #[arg(short, long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "false", hide_default_value = true)]
    ignore_non_existence: Switch,
}

#[derive(Debug, Args)]
struct Names {
    /// Names of entries, divided by commas
    #[arg(value_name = "NAMES")]
    names: String,

    /// The namespace of the entries
    #[arg(long, default_value = "", hide_default_value = true)]
    namespace: String,
}

impl RemoveArgs {
    pub(super) fn apply(&self, edit: &mut Edit) -> Result<(), Refusal> {
        Ok(match &self.command {
            RemoveCommand::Resource(args) => edit.remove_entries(List::Resources, &args.patterns),
            RemoveCommand::Component(args) => edit.remove_entries(List::Components, &args.patterns),
            RemoveCommand::Transformer(args) => {
                edit.remove_entries(List::Transformers, &args.patterns)
            }
            RemoveCommand::Patch(flags) => edit.remove_patch(&flags.patch()),
            RemoveCommand::Label(args) => args.apply(edit, PairField::Labels),
            RemoveCommand::Annotation(args) => args.apply(edit, PairField::Annotations),
            RemoveCommand::Configmap(args) => args.apply(edit, GeneratorKind::ConfigMap),
            RemoveCommand::Secret(args) => args.apply(edit, GeneratorKind::Secret),
            RemoveCommand::Buildmetadata { options } => edit.remove_build_metadata(&parts(options)),
        }?)
    }
}

impl Keys {
    fn apply(&self, edit: &mut Edit, field: PairField) -> kustom::Result<()> {
        edit.remove_pairs(field, &parts(&self.keys), self.ignore_non_existence.0)
    }
}

impl Names {
    fn apply(&self, edit: &mut Edit, kind: GeneratorKind) -> kustom::Result<()> {
        edit.remove_generators(kind, &parts(&self.names), filled(&self.namespace).as_deref())
    }
}
