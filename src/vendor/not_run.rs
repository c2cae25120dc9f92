//! Functions that need not run to know what comes from elsewhere.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::builder::Builder;
use crate::outside::{
    Failure, FailureKind, Function, FunctionCall, FunctionOutput, FunctionRunner, PluginKind,
};

/// Runs no function: what they would make is left out.
#[derive(Debug, Default)]
pub(super) struct NotRun {
    left_out: AtomicBool,
}

impl NotRun {
    /// Returns a builder that leaves functions out, unless it has a runner.
    pub(super) fn without_functions(builder: &Builder) -> (Builder, Arc<NotRun>) {
        let not_run = Arc::<NotRun>::default();
        let builder = match builder.runs_functions() {
            true => builder.clone(),
            false => builder.clone().functions(Arc::<NotRun>::clone(&not_run)),
        };
        (builder, not_run)
    }

    /// Returns `true` if a function was left out.
    pub(super) fn has_left_out(&self) -> bool {
        self.left_out.load(Ordering::Relaxed)
    }
}

impl FunctionRunner for NotRun {
    fn run(&self, _: &FunctionCall<'_>) -> Result<FunctionOutput, Failure> {
        Err(Failure::new(FailureKind::Refused, "no function is run"))
    }

    fn passes_over(&self, _: &Function) -> bool {
        self.left_out.store(true, Ordering::Relaxed);
        true
    }

    fn plugin(&self, plugin: &PluginKind) -> Result<PathBuf, Failure> {
        Ok(PathBuf::from(&plugin.kind))
    }
}
