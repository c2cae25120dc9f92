//! Notes whether a build has run a function that is a program (`exec`), which needs `--enable-exec`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kustom::outside::{
    Failure, Function, FunctionCall, FunctionOutput, FunctionRunner, PluginKind,
};
use kustom_host::functions::Functions;

/// Runs functions, and notes whether a program was among them.
#[derive(Clone, Debug)]
pub(crate) struct ProgramRuns {
    functions: Arc<Functions>,
    any: Arc<AtomicBool>,
}

impl ProgramRuns {
    pub(crate) fn new(functions: Arc<Functions>) -> ProgramRuns {
        ProgramRuns { functions, any: Arc::default() }
    }

    /// Returns `true` if a program was run.
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::SeqCst)
    }
}

impl FunctionRunner for ProgramRuns {
    fn run(&self, call: &FunctionCall<'_>) -> Result<FunctionOutput, Failure> {
        if matches!(call.function, Function::Program(_)) {
            self.any.store(true, Ordering::SeqCst);
        }
        self.functions.run(call)
    }

    fn runs_programs(&self) -> bool {
        self.functions.runs_programs()
    }

    fn reads(&self, function: &Function, root: &Path) -> Vec<PathBuf> {
        self.functions.reads(function, root)
    }

    fn plugin(&self, plugin: &PluginKind) -> Result<PathBuf, Failure> {
        self.functions.plugin(plugin)
    }
}
