//! Charts where nothing is fetched: while copies are checked, and without helm.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crate::outside::{
    ChartDefaults, ChartPull, ChartRenderer, ChartTemplate, Failure, FailureKind, FileTree,
};

/// Renders charts with another renderer if there is one that can, and fetches none.
#[derive(Debug)]
pub(super) struct NoFetch {
    renderer: Option<Arc<dyn ChartRenderer>>,
    /// Why nothing is fetched.
    why: &'static str,
    /// Whether the renderer could be started.
    can_render: OnceLock<bool>,
    left_out: AtomicBool,
}

impl NoFetch {
    /// Returns what renders with `renderer`, if that can be started; else charts come to nothing.
    pub(super) fn to_check(renderer: Option<Arc<dyn ChartRenderer>>) -> NoFetch {
        let why = "it has no copy, and nothing is fetched to check";
        NoFetch { renderer, why, can_render: OnceLock::new(), left_out: AtomicBool::new(false) }
    }

    /// Returns what lets charts come to nothing.
    pub(super) fn without_helm() -> NoFetch {
        let why = "charts are fetched only with --enable-helm";
        NoFetch { why, ..NoFetch::to_check(None) }
    }

    /// Returns `true` if a chart came to nothing.
    pub(super) fn has_left_out(&self) -> bool {
        self.left_out.load(Ordering::Relaxed)
    }
}

impl ChartRenderer for NoFetch {
    fn version(&self) -> Result<String, Failure> {
        let said = self.renderer.as_ref().and_then(|renderer| renderer.version().ok());
        _ = self.can_render.set(said.is_some());
        Ok(said.unwrap_or_else(|| "v4.0.0".to_owned()))
    }

    fn pull(&self, _: &ChartPull) -> Result<FileTree, Failure> {
        Err(Failure::new(FailureKind::Refused, self.why))
    }

    fn template(&self, template: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        match self.renderer.as_ref().filter(|_| self.can_render.get() == Some(&true)) {
            Some(renderer) => renderer.template(template),
            None => {
                self.left_out.store(true, Ordering::Relaxed);
                Ok(Vec::new())
            }
        }
    }

    fn defaults(&self) -> ChartDefaults {
        self.renderer.as_ref().map(ChartRenderer::defaults).unwrap_or_default()
    }

    fn command(&self) -> String {
        self.renderer.as_ref().map_or_else(|| "helm".to_owned(), ChartRenderer::command)
    }
}
