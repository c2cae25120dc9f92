//! What lies outside of the file tree and a build may ask for: charts, functions, remote trees.
//!
//! A build asks for it through the traits of this module; whoever builds hands in what implements them,
//! such as the crate `kustom-host`, which starts real programs. Without, the build refuses what it would
//! need. The whole protocol is the library's: which arguments, which values, in what order, and what
//! becomes of the answer.

mod charts;
mod functions;

pub use crate::diagnostics::{Failure, FailureKind};
pub use crate::load::FileTree;
pub use crate::load::remote::{FileAnswer, FileRequest, RemoteSource, RemoteTree, TreeRequest};
pub use charts::{ChartDefaults, ChartPull, ChartRenderer, ChartTemplate, ValuesFile};
pub use functions::{
    ContainerFunction, Function, FunctionCall, FunctionOutput, FunctionRunner, Mount,
    PluginFunction, PluginKind, ProgramFunction,
};

use std::sync::Arc;

/// What a build may ask for besides remote trees and files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outside {
    /// Charts.
    pub(crate) charts: Option<Arc<dyn ChartRenderer>>,
    /// Functions and legacy plugins.
    pub(crate) functions: Option<Arc<dyn FunctionRunner>>,
}
