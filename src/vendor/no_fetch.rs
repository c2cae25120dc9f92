//! Charts while copies are checked: nothing is fetched.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::outside::{
    ChartDefaults, ChartPull, ChartRenderer, ChartTemplate, Failure, FailureKind, FileTree,
};

/// Renders charts with another renderer if there is one, and fetches none.
#[derive(Debug)]
pub(super) struct NoFetch {
    renderer: Option<Arc<dyn ChartRenderer>>,
    refused: AtomicBool,
    left_out: AtomicBool,
}

impl NoFetch {
    /// Returns what renders with `renderer`; without, charts come to nothing.
    pub(super) fn new(renderer: Option<Arc<dyn ChartRenderer>>) -> NoFetch {
        NoFetch { renderer, refused: AtomicBool::new(false), left_out: AtomicBool::new(false) }
    }

    /// Returns `true` if a chart was to be fetched.
    pub(super) fn has_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    /// Returns `true` if a chart came to nothing.
    pub(super) fn has_left_out(&self) -> bool {
        self.left_out.load(Ordering::Relaxed)
    }
}

impl ChartRenderer for NoFetch {
    fn version(&self) -> Result<String, Failure> {
        match &self.renderer {
            Some(renderer) => renderer.version(),
            None => Ok("v4.0.0".to_owned()),
        }
    }

    fn pull(&self, _: &ChartPull) -> Result<FileTree, Failure> {
        self.refused.store(true, Ordering::Relaxed);
        Err(Failure::new(FailureKind::Refused, "it has no copy, and nothing is fetched to check"))
    }

    fn template(&self, template: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        match &self.renderer {
            Some(renderer) => renderer.template(template),
            None => {
                self.left_out.store(true, Ordering::Relaxed);
                Ok(Vec::new())
            }
        }
    }

    fn defaults(&self) -> ChartDefaults {
        self.renderer.as_ref().map(|renderer| renderer.defaults()).unwrap_or_default()
    }
}
