//! The clusters that Argo CD knows, from a file.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kustom::document::Reading;
use serde_json::Value as Json;

use crate::application::Application;
use crate::document;

/// The label by which Argo CD knows the Secret of a cluster.
pub(crate) const SECRET_TYPE: &str = "argocd.argoproj.io/secret-type";

/// The address of the cluster that Argo CD runs in.
pub(crate) const IN_CLUSTER: &str = "https://kubernetes.default.svc";

/// Its name.
pub(crate) const IN_CLUSTER_NAME: &str = "in-cluster";

/// A cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// The address of its API server.
    pub server: String,
    /// The project it belongs to; empty for none.
    pub project: String,
    /// The labels of its Secret.
    pub labels: BTreeMap<String, String>,
    /// The annotations of its Secret.
    pub annotations: BTreeMap<String, String>,
}

impl Cluster {
    /// Reads a file of clusters: Secrets as Argo CD stores them, or a list below `clusters:`. They are
    /// sorted by name.
    ///
    /// ```
    /// let text = b"clusters: [{name: dev, server: 'https://dev.example.com', labels: {env: dev}}]";
    /// let clusters = kustom_apps::Cluster::read_all(text)?;
    /// assert_eq!(clusters[0].labels["env"], "dev");
    /// # Ok::<(), String>(())
    /// ```
    ///
    /// # Errors
    /// If it is no YAML, or a cluster has no name or server.
    pub fn read_all(bytes: &[u8]) -> Result<Vec<Cluster>, String> {
        Cluster::read_all_within(bytes, &Reading::default())
    }

    /// As [`read_all`](Self::read_all), of a file that is read together with others.
    ///
    /// # Errors
    /// As `read_all`, and if the aliases of all stand for too much.
    pub fn read_all_within(bytes: &[u8], reading: &Reading) -> Result<Vec<Cluster>, String> {
        let mut clusters = Vec::new();
        for document in document::documents_within(bytes, reading)? {
            collect(document.value(), &mut clusters)?;
        }
        clusters.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(clusters)
    }
}

impl Cluster {
    /// Returns `true` if it is the one that an Application goes to, by its name or its address.
    pub(crate) fn is_that_of(&self, application: &Application) -> bool {
        match application.cluster_name() {
            "" => address(&self.server) == address(application.server()),
            name => self.name == name,
        }
    }
}

/// Returns an address as Argo CD compares it.
pub(crate) fn address(server: &str) -> &str {
    server.trim_end_matches('/')
}

/// Returns `true` if an Application goes to the cluster that Argo CD runs in, which need not be named.
pub(crate) fn is_own(application: &Application) -> bool {
    match application.cluster_name() {
        "" => address(application.server()) == IN_CLUSTER,
        name => name == IN_CLUSTER_NAME,
    }
}

fn collect(json: &Json, clusters: &mut Vec<Cluster>) -> Result<(), String> {
    if let Some(list) = json.get("clusters").filter(|_| json.get("kind").is_none()) {
        let list = list.as_array().ok_or("`clusters` is not a list")?;
        for item in list {
            let mut labels = texts(item.get("labels"))?;
            labels.entry(SECRET_TYPE.to_owned()).or_insert_with(|| "cluster".to_owned());
            let text =
                |key: &str| item.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
            let annotations = texts(item.get("annotations"))?;
            let (name, server, project) = (text("name"), text("server"), text("project"));
            clusters.push(checked(Cluster { name, server, project, labels, annotations })?);
        }
        return Ok(());
    }
    match json.get("kind").and_then(Json::as_str) {
        Some("Secret") => {}
        Some(kind) if kind.ends_with("List") => {
            for item in json.get("items").and_then(Json::as_array).into_iter().flatten() {
                collect(item, clusters)?;
            }
            return Ok(());
        }
        _ => return Ok(()),
    }
    let metadata = json.get("metadata").unwrap_or(&Json::Null);
    let labels = texts(metadata.get("labels"))?;
    if labels.get(SECRET_TYPE).map(String::as_str) != Some("cluster") {
        return Ok(());
    }
    let secret = metadata.get("name").and_then(Json::as_str).unwrap_or_default();
    let data = |key: &str| -> Result<String, String> {
        if let Some(text) = json.pointer(&format!("/stringData/{key}")).and_then(Json::as_str) {
            return Ok(text.to_owned());
        }
        let Some(text) = json.pointer(&format!("/data/{key}")).and_then(Json::as_str) else {
            return Ok(String::new());
        };
        let text: String = text.split_whitespace().collect();
        let bytes = STANDARD.decode(text);
        let bytes = bytes.map_err(|_| format!("Secret {secret}: data.{key} is not base64"))?;
        String::from_utf8(bytes).map_err(|_| format!("Secret {secret}: data.{key} is not UTF-8"))
    };
    let (name, server, project) = (data("name")?, data("server")?, data("project")?);
    let annotations = texts(metadata.get("annotations"))?;
    clusters.push(checked(Cluster { name, server, project, labels, annotations })?);
    Ok(())
}

fn checked(cluster: Cluster) -> Result<Cluster, String> {
    match (cluster.name.as_str(), cluster.server.as_str()) {
        ("", server) => Err(format!("a cluster has no `name` (server {server:?})")),
        (name, "") => Err(format!("the cluster {name:?} has no `server`")),
        _ => Ok(cluster),
    }
}

fn texts(json: Option<&Json>) -> Result<BTreeMap<String, String>, String> {
    match json {
        None | Some(Json::Null) => Ok(BTreeMap::new()),
        Some(Json::Object(members)) => members
            .iter()
            .map(|(key, value)| match value {
                Json::String(text) => Ok((key.clone(), text.clone())),
                _ => Err(format!("the value of the label or annotation `{key}` is no string")),
            })
            .collect(),
        Some(_) => Err("labels and annotations must be maps".to_owned()),
    }
}
