//! `kustom edit set`

use clap::{Args, Subcommand};
use kustom::edit::{Edit, GeneratorKind, ImageArg, PairField};

use super::{Refusal, filled, parts};

/// The arguments of `edit set`.
#[derive(Debug, Args)]
pub(super) struct SetCommandArgs {
    #[command(subcommand)]
    command: SetCommand,
}

#[derive(Debug, Subcommand)]
enum SetCommand {
    /// Set new names, tags and digests of images
    #[command(after_help = "Examples:\n  \
            kustom edit set image web:v2\n  \
            kustom edit set image web=registry.example.com/web@sha256:…\n  \
            kustom edit set image 'web=*:v2'\n\n\
            The entry of the image becomes exactly what the argument says: without `=`, a new name is removed. \
            A `*` keeps the current name, tag or digest.")]
    Image {
        /// NAME=NEWNAME:TAG, NAME=NEWNAME@DIGEST, NAME=NEWNAME, NAME:TAG or NAME@DIGEST
        #[arg(value_name = "IMAGE", required = true)]
        images: Vec<String>,
    },
    /// Set the namespace; an empty one removes the field
    Namespace {
        /// The namespace
        #[arg(value_name = "NAMESPACE")]
        value: String,
    },
    /// Set the prefix of all names
    Nameprefix {
        /// The prefix; behind `--` if it begins with a dash
        #[arg(value_name = "PREFIX")]
        value: String,
    },
    /// Set the suffix of all names
    Namesuffix {
        /// The suffix; behind `--` if it begins with a dash
        #[arg(value_name = "SUFFIX")]
        value: String,
    },
    /// Set common labels
    Label {
        /// KEY:VALUE
        #[arg(value_name = "LABEL", required = true)]
        pairs: Vec<String>,
    },
    /// Set common annotations
    Annotation {
        /// KEY:VALUE
        #[arg(value_name = "ANNOTATION", required = true)]
        pairs: Vec<String>,
    },
    /// Set numbers of replicas
    Replicas {
        /// NAME=COUNT
        #[arg(value_name = "REPLICA", required = true)]
        replicas: Vec<String>,
    },
    /// Set which metadata the build adds
    Buildmetadata {
        /// originAnnotations, transformerAnnotations, managedByLabel; several divided by commas
        #[arg(value_name = "OPTIONS")]
        options: String,
    },
    /// Set literals or the namespace of a generated ConfigMap
    Configmap(SetGeneratorArgs),
    /// Set literals or the namespace of a generated Secret
    Secret(SetGeneratorArgs),
}

#[derive(Debug, Args)]
struct SetGeneratorArgs {
    /// The name of the entry
    name: String,

    /// A literal that is there, with its new value
    #[arg(long, value_name = "KEY=VALUE")]
    from_literal: Vec<String>,

    /// The namespace of the entry
    #[arg(long, default_value = "", hide_default_value = true)]
    namespace: String,

    /// The namespace that it is to have
    #[arg(long, value_name = "NAMESPACE", default_value = "", hide_default_value = true)]
    new_namespace: String,
}

impl SetCommandArgs {
    pub(super) fn apply(&self, edit: &mut Edit) -> Result<(), Refusal> {
        match &self.command {
            SetCommand::Image { images } => {
                let images = images
                    .iter()
                    .map(|image| image.parse())
                    .collect::<kustom::Result<Vec<ImageArg>>>()?;
                Ok(edit.replace_images(&images)?)
            }
            SetCommand::Namespace { value } => {
                edit.set_namespace(value);
                Ok(())
            }
            SetCommand::Nameprefix { value } => {
                edit.set_name_prefix(value);
                Ok(())
            }
            SetCommand::Namesuffix { value } => {
                edit.set_name_suffix(value);
                Ok(())
            }
            SetCommand::Label { pairs } => Ok(edit.set_pairs(PairField::Labels, pairs)?),
            SetCommand::Annotation { pairs } => Ok(edit.set_pairs(PairField::Annotations, pairs)?),
            SetCommand::Replicas { replicas } => Ok(edit.set_replicas(replicas)?),
            SetCommand::Buildmetadata { options } => Ok(edit.set_build_metadata(&parts(options))?),
            SetCommand::Configmap(args) => args.apply(edit, GeneratorKind::ConfigMap),
            SetCommand::Secret(args) => args.apply(edit, GeneratorKind::Secret),
        }
    }
}

impl SetGeneratorArgs {
    fn apply(&self, edit: &mut Edit, kind: GeneratorKind) -> Result<(), Refusal> {
        let SetGeneratorArgs { name, from_literal, namespace, new_namespace } = self;
        let (namespace, new_namespace) = (filled(namespace), filled(new_namespace));
        if from_literal.is_empty() && new_namespace.is_none() {
            let message = "at least one of [--from-literal, --new-namespace] must be specified";
            return Err(Refusal::Flags(message));
        }
        let (namespace, new_namespace) = (namespace.as_deref(), new_namespace.as_deref());
        Ok(edit.set_generator(kind, name, namespace, from_literal, new_namespace)?)
    }
}
