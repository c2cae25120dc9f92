//! The flags for what lies outside of the tree: charts, functions, remote trees.

use clap::{ArgAction, Args};
use kustom::Builder;

use crate::remote::RemoteArgs;

/// The flags of all commands that render; names and meanings are those of `kustomize build`.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct OutsideArgs {
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,

    /// Allow helm charts (not yet supported)
    #[arg(long, help_heading = "Not yet supported")]
    pub(crate) enable_helm: bool,

    /// The helm program (not yet supported)
    #[arg(long, value_name = "PROGRAM", help_heading = "Not yet supported")]
    pub(crate) helm_command: Option<String>,

    /// Kubernetes API versions that helm charts may ask for (not yet supported)
    #[arg(long, action = ArgAction::Append, value_name = "VERSION", help_heading = "Not yet supported")]
    pub(crate) helm_api_versions: Vec<String>,

    /// Kubernetes version that helm charts may ask for (not yet supported)
    #[arg(long, value_name = "VERSION", help_heading = "Not yet supported")]
    pub(crate) helm_kube_version: Option<String>,

    /// Debug output of helm (not yet supported)
    #[arg(long, help_heading = "Not yet supported")]
    pub(crate) helm_debug: bool,

    /// Allow exec plugins and functions (not yet supported)
    #[arg(long, help_heading = "Not yet supported")]
    pub(crate) enable_alpha_plugins: bool,

    /// Allow functions that are programs (not yet supported)
    #[arg(long, help_heading = "Not yet supported")]
    pub(crate) enable_exec: bool,

    /// Allow functions to use the network (not yet supported)
    #[arg(long, help_heading = "Not yet supported")]
    pub(crate) network: bool,

    /// The network of function containers (not yet supported)
    #[arg(long, value_name = "NAME", help_heading = "Not yet supported")]
    pub(crate) network_name: Option<String>,

    /// Mounts of function containers (not yet supported)
    #[arg(long, action = ArgAction::Append, value_name = "MOUNT", help_heading = "Not yet supported")]
    pub(crate) mount: Vec<String>,

    /// Environment of functions (not yet supported)
    #[arg(short, long, action = ArgAction::Append, value_name = "NAME=VALUE", help_heading = "Not yet supported")]
    pub(crate) env: Vec<String>,

    /// Run functions as the current user (not yet supported)
    #[arg(long, help_heading = "Not yet supported")]
    pub(crate) as_current_user: bool,
}

impl OutsideArgs {
    /// Returns the builder with what the flags allow, or why that cannot be.
    pub(crate) fn apply(&self, builder: Builder) -> Result<Builder, String> {
        match self.unsupported() {
            None => self.remote.apply(builder),
            Some(flag) => Err(format!(
                "{flag} is not supported yet: kustom starts no helm, no plugins and no functions"
            )),
        }
    }

    /// As [`apply`](Self::apply), for what fetches by its nature: if no place is named, any public host is
    /// allowed.
    pub(crate) fn apply_to_fetch(&self, builder: Builder) -> Result<Builder, String> {
        self.remote.apply_to_fetch(self.apply(builder)?)
    }

    /// Returns the first flag given that is known but does nothing yet.
    fn unsupported(&self) -> Option<&'static str> {
        [
            (self.enable_helm, "--enable-helm"),
            (self.helm_command.is_some(), "--helm-command"),
            (!self.helm_api_versions.is_empty(), "--helm-api-versions"),
            (self.helm_kube_version.is_some(), "--helm-kube-version"),
            (self.helm_debug, "--helm-debug"),
            (self.enable_alpha_plugins, "--enable-alpha-plugins"),
            (self.enable_exec, "--enable-exec"),
            (self.network, "--network"),
            (self.network_name.is_some(), "--network-name"),
            (!self.mount.is_empty(), "--mount"),
            (!self.env.is_empty(), "--env"),
            (self.as_current_user, "--as-current-user"),
        ]
        .into_iter()
        .find_map(|(given, flag)| given.then_some(flag))
    }
}
