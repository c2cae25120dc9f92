//! Charts: what a build asks of helm.
//!
//! The arguments are upstream's, in its order; what runs helm need not know more.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::diagnostics::Failure;
use crate::load::{FileTree, hash_part, hex};

/// Renders charts: helm, or what speaks as it does.
///
/// A build asks once for the [`version`](Self::version), and once for each chart that is missing and
/// each rendering that differs from all others, possibly from several threads at once.
pub trait ChartRenderer: Send + Sync + fmt::Debug {
    /// Returns what `helm version --short` prints.
    ///
    /// # Errors
    /// If there is no helm, or it fails.
    fn version(&self) -> Result<String, Failure>;

    /// Fetches a chart and returns its files, `Chart.yaml` at the top. All that want the same chart share what
    /// comes: `shown_folder` and `may_write` are those of one of them.
    ///
    /// # Errors
    /// If it cannot be fetched, or is too large.
    fn pull(&self, pull: &ChartPull) -> Result<FileTree, Failure>;

    /// Is asked for each folder that a chart would be fetched into, before it is fetched. Unless this is overridden,
    /// it may.
    ///
    /// # Errors
    /// If it is to be written there and must not.
    fn check(&self, pull: &ChartPull) -> Result<(), Failure> {
        let _ = pull;
        Ok(())
    }

    /// Is told of each folder that a chart would be fetched into, after the chart has come, to write it there if
    /// that is wanted. Unless this is overridden, nothing is written.
    ///
    /// # Errors
    /// If it is to be written and cannot.
    fn keep(&self, pull: &ChartPull, chart: &FileTree) -> Result<(), Failure> {
        let _ = (pull, chart);
        Ok(())
    }

    /// Renders a chart and returns what `helm template` prints.
    ///
    /// # Errors
    /// If helm fails, takes too long or prints too much.
    fn template(&self, template: &ChartTemplate) -> Result<Vec<u8>, Failure>;

    /// Returns what holds for charts that do not say otherwise.
    fn defaults(&self) -> ChartDefaults {
        ChartDefaults::default()
    }

    /// Returns the command that messages name: `helm`, unless this is overridden.
    fn command(&self) -> String {
        "helm".to_owned()
    }
}

impl<R: ChartRenderer + ?Sized> ChartRenderer for Arc<R> {
    fn version(&self) -> Result<String, Failure> {
        (**self).version()
    }

    fn pull(&self, pull: &ChartPull) -> Result<FileTree, Failure> {
        (**self).pull(pull)
    }

    fn check(&self, pull: &ChartPull) -> Result<(), Failure> {
        (**self).check(pull)
    }

    fn keep(&self, pull: &ChartPull, chart: &FileTree) -> Result<(), Failure> {
        (**self).keep(pull, chart)
    }

    fn template(&self, template: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        (**self).template(template)
    }

    fn defaults(&self) -> ChartDefaults {
        (**self).defaults()
    }

    fn command(&self) -> String {
        (**self).command()
    }
}

/// What holds for charts that do not say otherwise; of `kustomize build` the flags
/// `--helm-api-versions`, `--helm-kube-version` and `--helm-debug`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChartDefaults {
    /// The versions of Kubernetes' API that the cluster has, such as `policy/v1`.
    pub api_versions: Vec<String>,
    /// The version of Kubernetes; nothing for helm's own.
    pub kube_version: Option<String>,
    /// Whether helm says more of errors.
    pub debug: bool,
}

/// A chart to fetch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct ChartPull {
    /// The chart.
    pub name: String,
    /// The repository: `https://…` or `oci://…`.
    pub repo: String,
    /// The version or range of versions; nothing for the newest.
    pub version: Option<String>,
    /// Whether versions under development count.
    pub devel: bool,
    /// The folder that upstream fetches it into, for messages.
    pub shown_folder: PathBuf,
    /// Whether that folder lies, links resolved, in the kustomization's folder of charts and where the
    /// build may read. If not, nothing is to be written there.
    pub may_write: bool,
    /// Whether the repository itself is to be asked, also for what was kept of an earlier call.
    pub is_fresh: bool,
    /// The files of helm's configuration folder, if the kustomization has one.
    pub config: Option<Arc<FileTree>>,
}

impl ChartPull {
    /// Returns the arguments of helm that put the chart into a folder of its own below `folder`.
    pub fn arguments(&self, folder: &Path) -> Vec<OsString> {
        let mut arguments: Vec<OsString> =
            vec!["pull".into(), "--untar".into(), "--untardir".into(), folder.into()];
        if self.repo.starts_with("oci://") {
            let repo = self.repo.strip_suffix('/').unwrap_or(&self.repo);
            arguments.push(format!("{repo}/{}", self.name).into());
        } else {
            arguments.extend(["--repo", &self.repo, &self.name].map(OsString::from));
        }
        if let Some(version) = &self.version {
            arguments.extend(["--version", version].map(OsString::from));
        }
        if self.devel {
            arguments.push("--devel".into());
        }
        arguments
    }

    /// Returns the request without what differs between those that want the same chart.
    pub(crate) fn shared(&self) -> ChartPull {
        ChartPull { shown_folder: PathBuf::new(), may_write: false, ..self.clone() }
    }

    /// Returns `true` if the version names one version, so that the chart is the same tomorrow.
    ///
    /// ```
    /// # use kustom::outside::ChartPull;
    /// let web = ChartPull::new("web", "https://charts.example.com");
    /// assert!(web.clone().version("1.2.3").is_exact());
    /// assert!(!web.clone().version("^1.2").is_exact());
    /// assert!(!web.is_exact());
    /// ```
    pub fn is_exact(&self) -> bool {
        let Some(version) = self.version.as_deref() else { return false };
        let version = version.strip_prefix('v').unwrap_or(version);
        let core = version.split(['-', '+']).next().unwrap_or_default();
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        core.split('.').count() == 3
            && core.split('.').all(is_number)
            && version.bytes().all(|b| b.is_ascii_alphanumeric() || b".-+_".contains(&b))
    }

    /// Returns the request for the newest version of a chart.
    pub fn new(name: impl Into<String>, repo: impl Into<String>) -> ChartPull {
        ChartPull {
            name: name.into(),
            repo: repo.into(),
            version: None,
            devel: false,
            shown_folder: PathBuf::new(),
            may_write: false,
            is_fresh: false,
            config: None,
        }
    }

    /// Sets the version or range of versions.
    #[must_use]
    pub fn version(self, version: impl Into<String>) -> ChartPull {
        ChartPull { version: Some(version.into()), ..self }
    }
}

/// A chart to render.
///
/// ```
/// use kustom::outside::{ChartTemplate, FileTree, ValuesFile};
///
/// let mut chart = FileTree::new();
/// chart.insert("Chart.yaml", &b"name: web\nversion: 1.0.0\n"[..]);
/// let mut template = ChartTemplate::new(chart, "charts/web");
/// template.release_name = Some("shop".to_owned());
/// template.values.push(ValuesFile::new("values.yaml", "replicas: 2\n"));
/// let arguments = template.arguments("web".as_ref(), &["values.yaml".into()]);
/// assert_eq!(arguments, ["template", "shop", "web", "-f", "values.yaml"]);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChartTemplate {
    /// The files of the chart.
    pub chart: Arc<FileTree>,
    /// Where the chart is, for messages; the last part names the chart's folder.
    pub shown_chart: PathBuf,
    /// The name of the release; nothing to have helm make one.
    pub release_name: Option<String>,
    /// The namespace of the release; nothing for helm's own.
    pub namespace: Option<String>,
    /// The template of the release's name.
    pub name_template: Option<String>,
    /// The values files, of which later ones win.
    pub values: Vec<ValuesFile>,
    /// The versions of Kubernetes' API that the cluster has.
    pub api_versions: Vec<String>,
    /// The version of Kubernetes; nothing for helm's own.
    pub kube_version: Option<String>,
    /// Whether the definitions below `crds/` are printed.
    pub include_crds: bool,
    /// Whether tests are left out.
    pub skip_tests: bool,
    /// Whether hooks are left out.
    pub skip_hooks: bool,
    /// Whether helm says more of errors.
    pub debug: bool,
    /// Whether versions under development count.
    pub devel: bool,
    /// The files of helm's configuration folder, if the kustomization has one.
    pub config: Option<Arc<FileTree>>,
    /// The digest of the chart's files, which is known from reading them.
    pub(crate) chart_digest: Arc<str>,
}

/// A file with values for a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValuesFile {
    /// What the file is called.
    pub name: String,
    /// What it says.
    pub content: Arc<[u8]>,
    /// Where this is from, for messages.
    pub shown: String,
}

impl ValuesFile {
    /// Returns a file, which messages call by its name.
    pub fn new(name: impl Into<String>, content: impl AsRef<[u8]>) -> ValuesFile {
        let name = name.into();
        ValuesFile { shown: name.clone(), name, content: content.as_ref().into() }
    }
}

impl ChartTemplate {
    /// Returns the request for a chart as it is, without values of its own.
    pub fn new(chart: impl Into<Arc<FileTree>>, shown_chart: impl Into<PathBuf>) -> ChartTemplate {
        let chart = chart.into();
        ChartTemplate {
            chart_digest: chart.digest().into(),
            chart,
            shown_chart: shown_chart.into(),
            release_name: None,
            namespace: None,
            name_template: None,
            values: Vec::new(),
            api_versions: Vec::new(),
            kube_version: None,
            include_crds: false,
            skip_tests: false,
            skip_hooks: false,
            debug: false,
            devel: false,
            config: None,
        }
    }

    /// Returns the arguments of helm for a chart in the folder `chart`, with its values in the files
    /// `values`, in order.
    pub fn arguments(&self, chart: &Path, values: &[PathBuf]) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec!["template".into()];
        arguments.push(match &self.release_name {
            None => "--generate-name".into(),
            Some(name) => name.into(),
        });
        arguments.push(chart.into());
        let mut option = |name: &str, value: &dyn AsRef<std::ffi::OsStr>| {
            let value = value.as_ref();
            if value.as_encoded_bytes().starts_with(b"-") {
                // Nothing from a tree is an argument that looks like an option, whoever reads them.
                let mut argument = OsString::from(format!("{name}="));
                argument.push(value);
                arguments.push(argument);
            } else {
                arguments.extend([name.into(), value.to_owned()]);
            }
        };
        if let Some(namespace) = &self.namespace {
            option("--namespace", namespace);
        }
        if let Some(name_template) = &self.name_template {
            option("--name-template", name_template);
        }
        values.iter().for_each(|file| option("-f", file));
        self.api_versions.iter().for_each(|version| option("--api-versions", version));
        if let Some(kube_version) = &self.kube_version {
            option("--kube-version", kube_version);
        }
        for (flag, is_given) in [
            ("--include-crds", self.include_crds),
            ("--skip-tests", self.skip_tests),
            ("--no-hooks", self.skip_hooks),
            ("--debug", self.debug),
            ("--devel", self.devel),
        ] {
            if is_given {
                arguments.push(flag.into());
            }
        }
        arguments
    }

    /// Returns the digest of the chart's files: 64 hexadecimal digits.
    pub fn chart_digest(&self) -> &str {
        &self.chart_digest
    }

    /// Returns the name of the chart's folder, which a generated name starts with.
    pub fn folder_name(&self) -> &Path {
        self.shown_chart.file_name().map_or(Path::new("chart"), Path::new)
    }

    /// Returns the digest of everything that the rendering depends on but helm itself: 64 hexadecimal
    /// digits. Two requests of the same digest are rendered alike.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        hash_part(&mut hash, self.chart_digest.as_bytes());
        let names: Vec<PathBuf> =
            self.values.iter().map(|file| PathBuf::from(&file.name)).collect();
        for argument in self.arguments(self.folder_name(), &names) {
            hash_part(&mut hash, argument.as_encoded_bytes());
        }
        for file in &self.values {
            hash_part(&mut hash, &file.content);
        }
        if let Some(config) = &self.config {
            hash_part(&mut hash, config.digest().as_bytes());
        }
        hex(hash)
    }
}
