//! What `source.kustomize` tells charts of the cluster: `kubeVersion` and `apiVersions`.

use std::sync::Arc;

use serde_json::Value as Json;

use kustom::Builder;
use kustom::outside::{ChartDefaults, ChartPull, ChartRenderer, ChartTemplate, Failure, FileTree};

/// The versions that charts take which name none, in the place of those that the builder has.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Versions {
    kube: String,
    apis: Vec<String>,
}

impl Versions {
    pub(super) fn of(source: &Json) -> Versions {
        let get = |key: &str| source.get("kustomize").and_then(|own| own.get(key));
        let text = |value: &Json| value.as_str().map(str::to_owned);
        let apis = get("apiVersions").and_then(Json::as_array).into_iter().flatten();
        Versions {
            kube: get("kubeVersion").and_then(text).unwrap_or_default(),
            apis: apis.filter_map(text).collect(),
        }
    }

    /// Returns a builder whose charts take these versions, if it renders charts.
    pub(super) fn apply(&self, builder: Builder) -> Builder {
        match builder.get_charts().cloned() {
            Some(inner) if *self != Versions::default() => {
                builder.charts(Arc::new(Told { inner, versions: self.clone() }))
            }
            _ => builder,
        }
    }
}

/// What renders charts, with other versions.
#[derive(Debug)]
struct Told {
    inner: Arc<dyn ChartRenderer>,
    versions: Versions,
}

impl ChartRenderer for Told {
    fn version(&self) -> Result<String, Failure> {
        self.inner.version()
    }

    fn pull(&self, pull: &ChartPull) -> Result<FileTree, Failure> {
        self.inner.pull(pull)
    }

    fn check(&self, pull: &ChartPull) -> Result<(), Failure> {
        self.inner.check(pull)
    }

    fn keep(&self, pull: &ChartPull, chart: &FileTree) -> Result<(), Failure> {
        self.inner.keep(pull, chart)
    }

    fn template(&self, template: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        self.inner.template(template)
    }

    fn defaults(&self) -> ChartDefaults {
        let mut defaults = self.inner.defaults();
        let Versions { kube, apis } = &self.versions;
        if !kube.is_empty() {
            defaults.kube_version = Some(kube.clone());
        }
        if !apis.is_empty() {
            defaults.api_versions.clone_from(apis);
        }
        defaults
    }

    fn command(&self) -> String {
        self.inner.command()
    }
}
