//! An entry of `helmCharts` with its defaults, checked.

use std::path::{Path, PathBuf};

use super::values::Winner;
use crate::diagnostics::hints::CHART_WITHOUT_NAME;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::kustomization::{HelmChart, HelmGlobals};
use crate::load::join;
use crate::outside::ChartDefaults;

/// Where charts are unless the kustomization says otherwise.
const CHART_HOME: &str = "charts";

/// Returns the folder of charts as seen from the kustomization.
pub(crate) fn home(globals: &HelmGlobals) -> &str {
    if globals.chart_home.is_empty() { CHART_HOME } else { &globals.chart_home }
}

/// A chart that a kustomization asks for.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub(super) entry: HelmChart,
    pub(super) merge: Winner,
    /// The folder of helm's configuration; empty for none.
    pub(super) config_home: String,
    chart_home: String,
}

impl Chart {
    /// Checks an entry and fills in what it leaves out.
    ///
    /// # Errors
    /// If the entry has no name, a name that helm would take for an option, or an unknown way of
    /// merging values.
    pub(crate) fn new(
        entry: &HelmChart,
        globals: &HelmGlobals,
        defaults: ChartDefaults,
    ) -> Result<Chart> {
        let mut entry = entry.clone();
        // As upstream: the flags are for charts that say nothing.
        if entry.kube_version.is_empty() {
            entry.kube_version = defaults.kube_version.unwrap_or_default();
        }
        if entry.api_versions.is_empty() {
            entry.api_versions = defaults.api_versions;
        }
        entry.debug |= defaults.debug;
        let refuse = |message: String| Err(Error::new(ErrorKind::Generator, message));
        if entry.name.is_empty() {
            return refuse("chart name cannot be empty".to_owned())
                .map_err(|e| e.hint(&CHART_WITHOUT_NAME));
        }
        // None of them reaches helm as an option; a version does only together with a repository.
        for (what, text, is_told) in [
            ("chart name", &entry.name, true),
            ("releaseName", &entry.release_name, true),
            ("repo", &entry.repo, true),
            ("version", &entry.version, !entry.repo.is_empty()),
        ] {
            if text.starts_with('-') && is_told {
                return refuse(format!("{what} must not start with '-', got {text:?}"));
            }
        }
        let Some(merge) = Winner::named(&entry.values_merge) else {
            return refuse("valuesMerge must be one of [merge override replace]".to_owned());
        };
        let (chart_home, config_home) = (home(globals).to_owned(), globals.config_home.clone());
        Ok(Chart { entry, merge, config_home, chart_home })
    }

    /// Returns `true` if helm makes up the name of the release, a new one each second.
    pub(crate) fn is_unnamed(&self) -> bool {
        self.entry.release_name.is_empty() && self.entry.name_template.is_empty()
    }

    /// Returns `true` if the entry says a namespace.
    pub(crate) fn has_namespace(&self) -> bool {
        !self.entry.namespace.is_empty()
    }

    /// Returns the folder of charts as seen from the kustomization.
    pub(super) fn home(&self) -> &str {
        &self.chart_home
    }

    /// Returns the folder of the chart as seen from the kustomization.
    ///
    /// As upstream: one that a version names lies deeper, also if nothing has to be fetched.
    pub(super) fn folder(&self) -> PathBuf {
        let HelmChart { name, version, repo, .. } = &self.entry;
        let mut folder = PathBuf::from(&self.chart_home);
        if !version.is_empty() && !repo.is_empty() {
            folder.push(format!("{name}-{version}"));
        }
        folder.push(name.trim_start_matches('/'));
        folder
    }

    /// Returns the absolute path of the folder of the chart.
    pub(super) fn absolute_folder(&self, root: &Path) -> PathBuf {
        at(root, &self.folder())
    }

    /// Returns the file with values that the chart is given.
    pub(super) fn values_file(&self) -> String {
        if self.entry.values_file.is_empty() {
            return self.folder().join("values.yaml").to_string_lossy().into_owned();
        }
        self.entry.values_file.clone()
    }
}

/// Returns the folders of the tree that a chart may be made of, as seen from the kustomization.
pub(crate) fn folders(globals: &HelmGlobals, entry: &HelmChart) -> Vec<String> {
    let home = Path::new(home(globals));
    let names = [entry.name.clone(), format!("{}-{}", entry.name, entry.version)];
    let names = names.iter().filter(|_| !entry.name.is_empty());
    let charts = names.map(|name| home.join(name).to_string_lossy().into_owned());
    charts.chain(Some(globals.config_home.clone()).filter(|home| !home.is_empty())).collect()
}

/// Returns the absolute form of a path that counts from `root`.
pub(super) fn at(root: &Path, path: &Path) -> PathBuf {
    if path.is_absolute() { crate::load::clean(path) } else { join(root, &path.to_string_lossy()) }
}
