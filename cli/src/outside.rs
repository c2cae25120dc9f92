//! The flags for charts, functions and remote trees.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgAction, Args};
use kustom::Builder;
use kustom::outside::ChartDefaults;
use kustom::text::visible;
use kustom_host::cache::Cache;
use kustom_host::charts::Helm;
use kustom_host::functions::{Functions, parse_mount};

use crate::boolean::boolean;
use crate::bounds::{self, BoundsArgs, LimitArgs};
use crate::output;
use crate::remote::RemoteArgs;
use crate::waiting;
use crate::words::Words;

/// The heading that the flags have in the help.
const HEADING: &str = "Charts and functions (off by default)";

/// The flags of all commands that render.
#[derive(Clone, Debug, Args)]
pub(crate) struct OutsideArgs {
    #[command(flatten)]
    pub(crate) switches: Switches,

    // The heading of a part is that of all flags behind it.
    #[command(flatten)]
    pub(crate) bounds: BoundsArgs,
}

/// What of the outside is switched on; names and meanings are those of `kustomize build`.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = HEADING)]
pub(crate) struct Switches {
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,

    /// Render helm charts, and fetch those that are missing
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, hide_possible_values = true,
          default_value_t = false, default_missing_value = "true", hide_default_value = true,
          action = ArgAction::Set, value_parser = boolean, overrides_with = "enable_helm")]
    pub(crate) enable_helm: bool,

    /// The helm program: a path, or a name that is looked up in PATH
    // An empty one fails when a chart is rendered, as upstream's does.
    #[arg(long, value_name = "PROGRAM", default_value = "helm", overrides_with = "helm_command")]
    pub(crate) helm_command: String,

    /// A Kubernetes API version for charts that name none (repeatable)
    #[arg(long, action = ArgAction::Append, value_name = "VERSION")]
    pub(crate) helm_api_versions: Vec<String>,

    /// The Kubernetes version for charts that name none
    #[arg(long, value_name = "VERSION", overrides_with = "helm_kube_version")]
    pub(crate) helm_kube_version: Option<String>,

    /// Make helm print more details about errors
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, hide_possible_values = true,
          default_value_t = false, default_missing_value = "true", hide_default_value = true,
          action = ArgAction::Set, value_parser = boolean, overrides_with = "helm_debug")]
    pub(crate) helm_debug: bool,

    /// Write fetched charts into the tree, as kustomize does
    #[arg(long)]
    pub(crate) helm_write_charts: bool,

    /// Run functions in containers and legacy exec plugins; includes --enable-helm
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, hide_possible_values = true,
          default_value_t = false, default_missing_value = "true", hide_default_value = true,
          action = ArgAction::Set, value_parser = boolean, overrides_with = "enable_alpha_plugins")]
    pub(crate) enable_alpha_plugins: bool,

    /// With --enable-alpha-plugins, also run functions that are programs
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, hide_possible_values = true,
          default_value_t = false, default_missing_value = "true", hide_default_value = true,
          action = ArgAction::Set, value_parser = boolean, overrides_with = "enable_exec")]
    pub(crate) enable_exec: bool,

    /// Let functions that ask for it use the network
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, hide_possible_values = true,
          default_value_t = false, default_missing_value = "true", hide_default_value = true,
          action = ArgAction::Set, value_parser = boolean, overrides_with = "network")]
    pub(crate) network: bool,

    /// The program that runs containers: docker, podman, nerdctl, or a path
    #[arg(
        long,
        value_name = "PROGRAM",
        default_value = "docker",
        overrides_with = "container_command",
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub(crate) container_command: String,

    /// Accepted and ignored, as kustomize does: the network of function containers
    #[arg(long, value_name = "NAME", overrides_with = "network_name")]
    pub(crate) network_name: Option<String>,

    /// A mount for function containers: type=bind,src=PATH,dst=PATH[,rw=true] (repeatable)
    #[arg(long, action = ArgAction::Append, value_name = "MOUNT")]
    pub(crate) mount: Vec<String>,

    /// An environment variable for functions; NAME alone passes on its current value (repeatable)
    #[arg(short, long, action = ArgAction::Append, value_name = "NAME[=VALUE]")]
    pub(crate) env: Vec<String>,

    /// Run function containers as the current user instead of nobody
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, hide_possible_values = true,
          default_value_t = false, default_missing_value = "true", hide_default_value = true,
          action = ArgAction::Set, value_parser = boolean, overrides_with = "as_current_user")]
    pub(crate) as_current_user: bool,

    /// Cache fetched charts of exact versions, and rendered charts, in this directory
    #[arg(
        long,
        value_name = "DIR",
        env = "KUSTOM_CACHE_DIR",
        hide_env_values = true,
        overrides_with = "cache_dir"
    )]
    pub(crate) cache_dir: Option<PathBuf>,

    /// Made when it is first asked for, so that all that a command builds is asked for once.
    #[arg(skip)]
    helm: OnceLock<Arc<Helm>>,
}

impl OutsideArgs {
    /// Returns the builder with what the flags allow, or why that cannot be.
    pub(crate) fn apply(&self, builder: Builder) -> Result<Builder, String> {
        self.switches.apply(self.bounds.apply(builder), &self.bounds.limits)
    }

    /// Returns what runs functions, if that is allowed, or why that cannot be.
    pub(crate) fn functions(&self) -> Result<Option<Functions>, String> {
        let is_on = self.switches.enable_alpha_plugins;
        is_on.then(|| self.switches.functions(&self.bounds.limits)).transpose()
    }

    /// As [`apply`](Self::apply), for what fetches by its nature: if no place is named, any public host
    /// is allowed.
    pub(crate) fn apply_to_fetch(&self, builder: Builder) -> Result<Builder, String> {
        self.switches.remote.apply_to_fetch(self.apply(builder)?, &self.bounds.limits)
    }
}

impl Switches {
    /// Returns the builder with what is switched on, or why that cannot be.
    fn apply(&self, builder: Builder, limits: &LimitArgs) -> Result<Builder, String> {
        let mut builder = self.remote.apply(builder, limits)?;
        if self.enable_helm || self.enable_alpha_plugins {
            let helm = self.helm.get_or_init(|| Arc::new(self.helm(limits)));
            builder = builder.charts(Arc::<Helm>::clone(helm));
        }
        if self.enable_alpha_plugins {
            builder = builder.functions(Arc::new(self.functions(limits)?));
        }
        Ok(builder)
    }

    /// Returns those that kustomize has too, as they could be written.
    pub(crate) fn words(&self) -> Words {
        let mut words = Words::default();
        words.switch("--enable-helm", self.enable_helm);
        words.value("--helm-command", Some(&self.helm_command).filter(|_| self.enable_helm));
        words.value("--helm-api-versions", &self.helm_api_versions);
        words.value("--helm-kube-version", &self.helm_kube_version);
        words.switch("--helm-debug", self.helm_debug);
        words.switch("--enable-alpha-plugins", self.enable_alpha_plugins);
        words.switch("--enable-exec", self.enable_exec);
        words.switch("--network", self.network);
        words.value("--network-name", &self.network_name);
        words.value("--mount", &self.mount);
        words.value("--env", &self.env);
        words.switch("--as-current-user", self.as_current_user);
        words
    }

    /// Returns the others, as they could be written.
    pub(crate) fn own_words(&self) -> Words {
        let mut words = Words::default();
        words.value("--allow-remote", self.remote.places());
        words.switch("--helm-write-charts", self.helm_write_charts);
        words.value("--container-command", [&self.container_command]);
        words.value("--cache-dir", &self.cache_dir);
        words
    }

    fn helm(&self, limits: &LimitArgs) -> Helm {
        let mut defaults = ChartDefaults::default();
        defaults.api_versions.clone_from(&self.helm_api_versions);
        defaults.kube_version.clone_from(&self.helm_kube_version);
        defaults.debug = self.helm_debug;
        let helm = Helm::new(&self.helm_command)
            .defaults(defaults)
            .limits(limits.process())
            .cancel(bounds::cancel())
            .scratch(bounds::scratch())
            .progress(waiting::Waiting)
            .write_charts(self.helm_write_charts);
        match &self.cache_dir {
            Some(folder) => helm.cache(Cache::new(folder)),
            None => helm,
        }
    }

    fn functions(&self, limits: &LimitArgs) -> Result<Functions, String> {
        let mounts: Result<Vec<_>, String> =
            self.mount.iter().map(|text| parse_mount(text)).collect();
        Ok(Functions::new(&self.container_command)
            .programs(self.enable_exec)
            .network(self.network)
            .as_current_user(self.as_current_user)
            .mounts(mounts.map_err(|e| format!("--mount: {e}"))?)
            .envs(self.env.clone())
            .limits(limits.process())
            .cancel(bounds::cancel())
            .scratch(bounds::scratch())
            .show(|said| output::note(&visible(said))))
    }
}
