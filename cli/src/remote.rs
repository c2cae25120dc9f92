//! The flags for remote bases and files.

use std::ffi::OsString;
use std::sync::{Arc, OnceLock};

use clap::{ArgAction, Args};
use kustom::Builder;
use kustom::outside::RemoteSource;
use kustom_host::remote::{Allowed, Remote};

use crate::bounds::{self, LimitArgs, only_directory};
use crate::waiting;

/// The flags for remote trees and files.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct RemoteArgs {
    /// Allow remote bases and files: from any public host, or only from PLACE, such as github.com/acme;
    /// may be repeated. Loopback and private addresses and file:// must be named
    #[arg(long, env = "KUSTOM_ALLOW_REMOTE", hide_env_values = true, action = ArgAction::Append,
          value_name = "PLACE", value_delimiter = ',', num_args = 0..=1, require_equals = true,
          default_missing_value = ANY)]
    allow_remote: Vec<String>,

    /// Made when it is first asked for, so that all that a command builds is fetched once.
    #[arg(skip)]
    source: OnceLock<Option<Arc<dyn RemoteSource>>>,
}

/// What stands for all public hosts.
const ANY: &str = "*";

impl RemoteArgs {
    /// Returns the builder with what the flags allow, or why that cannot be.
    pub(crate) fn apply(&self, builder: Builder, limits: &LimitArgs) -> Result<Builder, String> {
        let allowed = self.allowed()?;
        Ok(self.with(allowed, builder, limits))
    }

    /// As [`apply`](Self::apply); if nothing is said of it, any public host is allowed.
    pub(crate) fn apply_to_fetch(
        &self,
        builder: Builder,
        limits: &LimitArgs,
    ) -> Result<Builder, String> {
        let is_said = self.allow_remote.iter().any(|place| !place.trim().is_empty());
        if is_said || !self.allowed()?.is_nothing() {
            return self.apply(builder, limits);
        }
        let remotes = RemoteArgs::default();
        Ok(remotes.with(Allowed::nothing().public(), builder, limits))
    }

    fn with(&self, allowed: Allowed, builder: Builder, limits: &LimitArgs) -> Builder {
        let source = || {
            let remote = Remote::new(allowed.clone())
                .limits(limits.fetch())
                .cancel(bounds::cancel())
                .scratch(bounds::scratch())
                .progress(waiting::Waiting);
            Arc::new(remote) as Arc<dyn RemoteSource>
        };
        let source = self.source.get_or_init(|| (!allowed.is_nothing()).then(source));
        match source {
            Some(source) => builder.remotes(Arc::clone(source)),
            None => builder,
        }
    }

    /// Returns `true` if the flags allow nothing.
    pub(crate) fn is_nothing(&self) -> bool {
        self.allowed().is_ok_and(|allowed| allowed.is_nothing())
    }

    /// Returns `true` if the flag stands on the command line, and not only in the environment.
    pub(crate) fn is_asked_for() -> bool {
        std::env::args_os().any(|word| {
            word.to_str().is_some_and(|word| word.split('=').next() == Some("--allow-remote"))
        })
    }

    /// Returns the places as they were named.
    pub(crate) fn places(&self) -> &[String] {
        &self.allow_remote
    }

    fn allowed(&self) -> Result<Allowed, String> {
        if let Some(place) = apart(std::env::args_os()) {
            return Err(format!(
                "there is no directory '{place}'; a place stands behind `=`: --allow-remote={place}"
            ));
        }
        let mut allowed = Allowed::nothing();
        if let Some(root) = only_directory() {
            allowed = allowed.files_below(root);
        }
        for place in &self.allow_remote {
            allowed = match place.trim().to_ascii_lowercase().as_str() {
                ANY | "1" | "true" | "on" | "yes" => allowed.public(),
                "" | "0" | "false" | "off" | "no" => allowed,
                _ => allowed.place(place).map_err(|e| format!("--allow-remote: {e}"))?,
            };
        }
        Ok(allowed)
    }
}

/// Returns the place that follows `--allow-remote` as an argument of its own, if it cannot be anything else.
fn apart(arguments: impl Iterator<Item = OsString>) -> Option<String> {
    let arguments = arguments.map(|argument| argument.to_string_lossy().into_owned());
    let mut arguments = arguments.skip_while(|argument| argument != "--allow-remote").skip(1);
    let next = arguments.next().filter(|next| !next.starts_with(['-', '.', '/']))?;
    let host = next.split('/').next().unwrap_or_default();
    let is_host = host == "localhost" || host.contains('.');
    // An address is what is to be built.
    let is_place = is_host && next.matches('/').count() < 2 && !next.contains("://");
    let is_free = !std::path::Path::new(&next).exists();
    (is_place && is_free && Allowed::nothing().place(&next).is_ok()).then_some(next)
}
