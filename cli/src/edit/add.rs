//! `kustom edit add`

use clap::{Args, Subcommand};
use kustom::DiskFs;
use kustom::edit::{
    Edit, GeneratorKind, LabelPlace, List, NewSources, PairField, PatchArg, PatchTarget,
};

use super::{Refusal, Switch, filled, parts};

/// The arguments of `edit add`.
#[derive(Debug, Args)]
pub(super) struct AddArgs {
    #[command(subcommand)]
    command: AddCommand,
}

#[derive(Debug, Subcommand)]
enum AddCommand {
    /// Add files, directories or remote roots to the resources
    Resource {
        /// Patterns of files and directories, or URLs
        #[arg(value_name = "PATTERN", required = true)]
        patterns: Vec<String>,

        /// Add the arguments as they are, whether there is anything or not
        #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
              default_value = "false", hide_default_value = true, hide_possible_values = true)]
        no_verify: Switch,
    },
    /// Add components
    Component {
        /// Patterns of directories, or URLs
        #[arg(value_name = "PATTERN", required = true)]
        patterns: Vec<String>,
    },
    /// Add directories to the resources
    Base {
        /// Directories, divided by commas
        #[arg(value_name = "DIRS")]
        dirs: String,
    },
    /// Add a patch
    Patch(PatchFlags),
    /// Add to a ConfigMap that is generated, or a new one
    Configmap {
        #[command(flatten)]
        flags: GeneratorFlags,

        /// What is done with a ConfigMap of that name in a base: create, merge or replace
        #[arg(long, default_value = "", hide_default_value = true)]
        behavior: String,
    },
    /// Add to a Secret that is generated, or a new one
    Secret {
        #[command(flatten)]
        flags: GeneratorFlags,

        /// The type of a new Secret
        #[arg(long = "type", value_name = "TYPE", default_value = "Opaque")]
        secret_type: String,
    },
    /// Add labels
    Label {
        /// KEY:VALUE
        #[arg(value_name = "LABEL", required = true)]
        pairs: Vec<String>,

        /// Over labels that are there
        #[arg(short, long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
              default_value = "false", hide_default_value = true)]
        force: Switch,

        /// Not in selectors: into `labels` instead of `commonLabels`
        #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
              default_value = "false", hide_default_value = true)]
        without_selector: Switch,

        /// In pod templates as well; needs --without-selector
        #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
              default_value = "false", hide_default_value = true)]
        include_templates: Switch,
    },
    /// Add common annotations
    Annotation {
        /// KEY:VALUE
        #[arg(value_name = "ANNOTATION", required = true)]
        pairs: Vec<String>,

        /// Over annotations that are there
        #[arg(short, long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
              default_value = "false", hide_default_value = true)]
        force: Switch,
    },
    /// Add transformers
    Transformer(Patterns),
    /// Add generators
    Generator(Patterns),
    /// Add transformer configurations
    Configuration(Patterns),
    /// Add to what the build says about itself
    Buildmetadata {
        /// originAnnotations, transformerAnnotations, managedByLabel; several divided by commas
        #[arg(value_name = "OPTIONS")]
        options: String,
    },
}

#[derive(Debug, Args)]
struct Patterns {
    /// Patterns of files
    #[arg(value_name = "PATTERN", required = true)]
    patterns: Vec<String>,
}

/// The flags of a patch.
#[derive(Debug, Args)]
pub(super) struct PatchFlags {
    /// The file of the patch
    #[arg(long)]
    path: Option<String>,

    /// The text of the patch
    #[arg(long, value_name = "TEXT")]
    patch: Option<String>,

    /// Pattern of the group of the target
    #[arg(long, default_value = "", hide_default_value = true)]
    group: String,

    /// Pattern of the version of the target
    #[arg(long, default_value = "", hide_default_value = true)]
    version: String,

    /// Pattern of the kind of the target
    #[arg(long, default_value = "", hide_default_value = true)]
    kind: String,

    /// Pattern of the name of the target
    #[arg(long, default_value = "", hide_default_value = true)]
    name: String,

    /// Pattern of the namespace of the target
    #[arg(long, default_value = "", hide_default_value = true)]
    namespace: String,

    /// Selector of the labels of the target
    #[arg(long, value_name = "SELECTOR", default_value = "", hide_default_value = true)]
    label_selector: String,

    /// Selector of the annotations of the target
    #[arg(long, value_name = "SELECTOR", default_value = "", hide_default_value = true)]
    annotation_selector: String,

    /// Upstream ignores other arguments
    #[arg(hide = true)]
    ignored: Vec<String>,
}

impl PatchFlags {
    pub(super) fn patch(&self) -> PatchArg {
        let mut target = PatchTarget::default();
        target.group = filled(&self.group);
        target.version = filled(&self.version);
        target.kind = filled(&self.kind);
        target.name = filled(&self.name);
        target.namespace = filled(&self.namespace);
        target.label_selector = filled(&self.label_selector);
        target.annotation_selector = filled(&self.annotation_selector);
        let given = |text: &Option<String>| text.as_deref().and_then(filled);
        let mut patch = PatchArg::default();
        (patch.path, patch.patch, patch.target) = (given(&self.path), given(&self.patch), target);
        patch
    }
}

/// The flags of both kinds of generator.
#[derive(Debug, Args)]
struct GeneratorFlags {
    /// The name of the entry
    name: String,

    /// A pair
    #[arg(long, value_name = "KEY=VALUE")]
    from_literal: Vec<String>,

    /// Files, each under its own name or a key
    #[arg(long, value_name = "[KEY=]PATTERN")]
    from_file: Vec<String>,

    /// A file of pairs
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    from_env_file: String,

    /// The namespace of the entry
    #[arg(long, default_value = "", hide_default_value = true)]
    namespace: String,

    /// No content hash after the name
    #[arg(long = "disableNameSuffixHash", num_args = 0..=1, require_equals = true,
          default_missing_value = "true", default_value = "false", hide_default_value = true)]
    disable_name_suffix_hash: Switch,
}

impl GeneratorFlags {
    fn apply(
        &self,
        edit: &mut Edit,
        kind: GeneratorKind,
        rest: impl FnOnce(&mut NewSources) -> kustom::Result<()>,
    ) -> Result<(), Refusal> {
        let has_others = !self.from_literal.is_empty() || !self.from_file.is_empty();
        let env_file = filled(&self.from_env_file);
        match (env_file.is_some(), has_others) {
            (true, true) => {
                let message = "from-env-file cannot be combined with from-file or from-literal";
                return Err(Refusal::Flags(message));
            }
            (false, false) => {
                let message = "at least from-env-file, or from-file or from-literal must be set";
                return Err(Refusal::Flags(message));
            }
            _ => {}
        }
        let mut sources = NewSources::default();
        sources.namespace = filled(&self.namespace);
        sources.literals.clone_from(&self.from_literal);
        let files = self.from_file.iter().flat_map(|list| parts(list));
        sources.files = files.map(str::to_owned).collect();
        sources.env_file = env_file;
        sources.disable_name_suffix_hash = self.disable_name_suffix_hash.0;
        rest(&mut sources)?;
        Ok(edit.add_generator(kind, &self.name, &sources)?)
    }
}

impl AddArgs {
    /// Returns what is wrong with flags that do not go together.
    pub(super) fn misuse(&self) -> Option<&'static str> {
        let include_templates = match &self.command {
            AddCommand::Label { include_templates, without_selector, .. } => {
                include_templates.0 && !without_selector.0
            }
            _ => false,
        };
        include_templates.then_some("--include-templates needs --without-selector")
    }

    /// Returns `true` if no file matches and that is no error, so that the kustomization is not looked at,
    /// not even for whether it is there.
    pub(super) fn finds_nothing(&self) -> bool {
        let (list, patterns) = match &self.command {
            AddCommand::Transformer(args) => (List::Transformers, &args.patterns),
            AddCommand::Generator(args) => (List::Generators, &args.patterns),
            AddCommand::Configuration(args) => (List::Configurations, &args.patterns),
            _ => return false,
        };
        patterns.iter().all(|pattern| list.finds_nothing(&DiskFs, ".", pattern))
    }

    pub(super) fn apply(&self, edit: &mut Edit) -> Result<(), Refusal> {
        let changed = match &self.command {
            AddCommand::Resource { patterns, no_verify: Switch(true) } => {
                edit.add_unverified(List::Resources, patterns);
                Ok(())
            }
            AddCommand::Resource { patterns, .. } => edit.add_entries(List::Resources, patterns),
            AddCommand::Component { patterns } => edit.add_entries(List::Components, patterns),
            AddCommand::Base { dirs } => edit.add_bases(&parts(dirs)),
            AddCommand::Patch(flags) => edit.add_patch(&flags.patch()),
            AddCommand::Configmap { flags, behavior } => {
                let rest = |sources: &mut NewSources| {
                    let given = filled(behavior);
                    sources.behavior = given.map(|behavior| behavior.parse()).transpose()?;
                    Ok(())
                };
                return flags.apply(edit, GeneratorKind::ConfigMap, rest);
            }
            AddCommand::Secret { flags, secret_type } => {
                let rest = |sources: &mut NewSources| {
                    sources.secret_type = filled(secret_type);
                    Ok(())
                };
                return flags.apply(edit, GeneratorKind::Secret, rest);
            }
            AddCommand::Label { pairs, force, without_selector, include_templates } => {
                let place = match (without_selector.0, include_templates.0) {
                    (false, false) => LabelPlace::Common,
                    (true, false) => LabelPlace::Metadata,
                    (_, true) => LabelPlace::Templates,
                };
                edit.add_pairs(PairField::Labels, place, pairs, force.0)
            }
            AddCommand::Annotation { pairs, force } => {
                edit.add_pairs(PairField::Annotations, LabelPlace::Common, pairs, force.0)
            }
            AddCommand::Transformer(args) => edit.add_entries(List::Transformers, &args.patterns),
            AddCommand::Generator(args) => edit.add_entries(List::Generators, &args.patterns),
            AddCommand::Configuration(args) => {
                edit.add_entries(List::Configurations, &args.patterns)
            }
            AddCommand::Buildmetadata { options } => edit.add_build_metadata(&parts(options)),
        };
        Ok(changed?)
    }
}
