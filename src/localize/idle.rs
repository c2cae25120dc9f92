//! Functions and plugins that do not run.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::outside::{
    Failure, FailureKind, Function, FunctionCall, FunctionOutput, FunctionRunner, PluginKind,
};
use crate::schema::Schema;

/// Passes over all functions and plugins, and notes whether there were any: their configurations are read, and what
/// they would do is left out.
#[derive(Debug, Default)]
pub(super) struct Idle {
    met: AtomicBool,
}

impl Idle {
    /// Returns `true` if there was a function or a plugin.
    pub(super) fn has_met_any(&self) -> bool {
        self.met.load(Ordering::Relaxed)
    }
}

impl FunctionRunner for Idle {
    fn run(&self, _: &FunctionCall<'_>) -> Result<FunctionOutput, Failure> {
        Err(Failure::new(FailureKind::Refused, "functions are not run here"))
    }

    fn passes_over(&self, _: &Function) -> bool {
        self.met.store(true, Ordering::Relaxed);
        true
    }

    fn plugin(&self, plugin: &PluginKind) -> Result<PathBuf, Failure> {
        let PluginKind { group, version, kind } = plugin;
        let api_version = match group.as_str() {
            "" => version.clone(),
            group => format!("{group}/{version}"),
        };
        // A manifest in the wrong list is no plugin.
        match Schema::builtin().resource(&api_version, kind) {
            Some(_) => Err(Failure::new(
                FailureKind::Missing,
                format!("unable to find plugin root for '{kind}'"),
            )),
            None => Ok(PathBuf::from(kind)),
        }
    }
}
