//! What charts print, as Argo CD reads it: less strictly than a kustomization does.

use std::sync::Arc;

use kustom::Builder;
use kustom::document::Document;
use kustom::outside::{ChartDefaults, ChartPull, ChartRenderer, ChartTemplate, Failure, FileTree};

use crate::document;

/// Returns a builder that takes from charts what Argo CD takes, if it renders charts.
pub(super) fn charts(builder: Builder) -> Builder {
    match builder.get_charts().cloned() {
        Some(inner) => builder.charts(Arc::new(Lenient { inner })),
        None => builder,
    }
}

/// What renders charts, and makes right what is only wrong to a strict reader.
#[derive(Debug)]
struct Lenient {
    inner: Arc<dyn ChartRenderer>,
}

impl ChartRenderer for Lenient {
    fn version(&self) -> Result<String, Failure> {
        self.inner.version()
    }

    fn pull(&self, pull: &ChartPull) -> Result<FileTree, Failure> {
        self.inner.pull(pull)
    }

    fn template(&self, template: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        let printed = self.inner.template(template)?;
        Ok(mended(&printed).unwrap_or(printed))
    }

    fn defaults(&self) -> ChartDefaults {
        self.inner.defaults()
    }

    fn command(&self) -> String {
        self.inner.command()
    }
}

/// Returns what was printed without keys that stand twice or are no texts; nothing if there are none, or if it cannot be
/// read anyway.
fn mended(printed: &[u8]) -> Option<Vec<u8>> {
    let documents = Document::read_all(printed).ok()?;
    let is_strict = |document: &Document| document.root().to_yaml().is_ok();
    if documents.iter().all(is_strict) {
        return None;
    }
    let print = |document: &Document| document::object(document).to_yaml().ok();
    let texts = documents.iter().map(print).collect::<Option<Vec<String>>>()?;
    Some(texts.join("---\n").into_bytes())
}
