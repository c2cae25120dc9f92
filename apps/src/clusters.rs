//! The clusters that Argo CD knows, from a file.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kustom::document::Reading;
use kustom::text::nearest_name;
use serde_json::Value as Json;

use crate::application::Application;
use crate::document;
use crate::functions::kind;

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
    /// The labels of its Secret; none for the cluster that Argo CD runs in, if it has no Secret.
    pub labels: BTreeMap<String, String>,
    /// The annotations of its Secret.
    pub annotations: BTreeMap<String, String>,
}

impl Cluster {
    /// Reads a file of clusters: Secrets as Argo CD stores them, or a list as `argocd cluster list -o yaml` prints it,
    /// which may stand below `clusters:`. They are sorted by name. Of an empty list there is the cluster that Argo CD
    /// runs in.
    ///
    /// ```
    /// let text = b"clusters: [{name: dev, server: 'https://dev.example.com', labels: {env: dev}}]";
    /// let clusters = kustom_apps::Cluster::read_all(text)?;
    /// assert_eq!(clusters[0].labels["env"], "dev");
    /// # Ok::<(), String>(())
    /// ```
    ///
    /// # Errors
    /// If it is no YAML, or names clusters in none of these forms, or a cluster has no name or server, or a key that
    /// Argo CD does not know.
    pub fn read_all(bytes: &[u8]) -> Result<Vec<Cluster>, String> {
        Cluster::read_all_within(bytes, &Reading::default())
    }

    /// As [`read_all`](Self::read_all), of a file that is read together with others.
    ///
    /// # Errors
    /// As `read_all`, and if the aliases of all stand for too much.
    pub fn read_all_within(bytes: &[u8], reading: &Reading) -> Result<Vec<Cluster>, String> {
        let (mut clusters, mut found) = (Vec::new(), false);
        for document in document::documents_within(bytes, reading)? {
            found |= collect(document.value(), &mut clusters)?;
        }
        // Of documents that are empty, an empty list is one that somebody wrote.
        found |= clusters.is_empty() && document::read(bytes)? == Json::Array(Vec::new());
        if !found {
            return Err(format!("it names no clusters: {FORMS}"));
        }
        if clusters.is_empty() {
            // That there are no others is known, too.
            let (name, server) = (IN_CLUSTER_NAME.to_owned(), IN_CLUSTER.to_owned());
            clusters.push(Cluster { name, server, ..Cluster::default() });
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

/// What a file of clusters has to be, for errors.
const FORMS: &str = "a file of clusters is a list, as `argocd cluster list -o yaml` prints it, or one below `clusters:`, of entries \
                     with `name` and `server`, or it has the Secrets of clusters, with the label \
                     argocd.argoproj.io/secret-type: cluster";

/// The keys of an entry of a list, as Argo CD has them.
const KEYS: [&str; 13] = [
    "server",
    "name",
    "config",
    "connectionState",
    "serverVersion",
    "namespaces",
    "refreshRequestedAt",
    "info",
    "shard",
    "clusterResources",
    "project",
    "labels",
    "annotations",
];

/// The keys of lists.
const LISTS: [&str; 2] = ["clusters", "items"];

/// Reads a document; returns whether it says which clusters there are.
fn collect(json: &Json, clusters: &mut Vec<Cluster>) -> Result<bool, String> {
    let members = match json {
        Json::Null => return Ok(false),
        Json::Array(items) => return listed(items, clusters).map(|()| true),
        Json::Object(members) => members,
        other => return Err(format!("it is {}: {FORMS}", kind(other))),
    };
    let Some(of) = json.get("kind") else {
        if let Some(key) = LISTS.into_iter().find(|key| json.get(*key).is_some()) {
            if let Some(other) = members.keys().find(|other| *other != key && *other != "metadata")
            {
                return Err(format!("`{other}` stands beside `{key}`: {FORMS}"));
            }
            return listed(items(json, key)?, clusters).map(|()| true);
        }
        // As `argocd cluster get` prints it.
        if json.get("server").is_some() {
            return listed(std::slice::from_ref(json), clusters).map(|()| true);
        }
        let near = |key: &String| Some((key.clone(), nearest_name(LISTS.into_iter(), key)?));
        return Err(match members.keys().find_map(near) {
            Some((key, near)) => format!("`{key}` is no key of it, did you mean `{near}`? {FORMS}"),
            None => format!("it names no clusters: {FORMS}"),
        });
    };
    match of.as_str() {
        Some("Secret") => secret(json, clusters),
        Some("ClusterList") => listed(items(json, "items")?, clusters).map(|()| true),
        Some("List" | "SecretList") => {
            let items = items(json, "items")?;
            let mut found = items.is_empty();
            for item in items {
                // The API leaves out what they are in a list of them.
                let is_secret = of == "SecretList" && item.get("kind").is_none();
                found |= if is_secret { secret(item, clusters) } else { collect(item, clusters) }?;
            }
            Ok(found)
        }
        _ => Ok(false),
    }
}

fn items<'j>(json: &'j Json, key: &str) -> Result<&'j [Json], String> {
    let items = json.get(key).and_then(Json::as_array);
    items.map(Vec::as_slice).ok_or_else(|| format!("`{key}` is not a list: {FORMS}"))
}

/// Reads a list of clusters, or of the Secrets of some.
fn listed(items: &[Json], clusters: &mut Vec<Cluster>) -> Result<(), String> {
    for item in items {
        if item.get("kind").and_then(Json::as_str) == Some("Secret") {
            if !secret(item, clusters)? {
                return Err(format!("a Secret of the list is not that of a cluster: {FORMS}"));
            }
            continue;
        }
        let Some(members) = item.as_object() else {
            return Err(format!("a cluster is {}, not a map with `name` and `server`", kind(item)));
        };
        let text = |key: &str| match item.get(key) {
            None | Some(Json::Null) => Ok(String::new()),
            Some(Json::String(text)) => Ok(text.clone()),
            Some(other) => Err(format!("the `{key}` of a cluster is {}, not a text", kind(other))),
        };
        if let Some(unknown) = members.keys().find(|key| !KEYS.contains(&key.as_str())) {
            let near = nearest_name(KEYS.into_iter(), unknown);
            let near = near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
            let name = text("name")?;
            return Err(format!("the cluster {name:?} has the unknown key `{unknown}`{near}"));
        }
        let (mut labels, annotations) =
            (texts(item.get("labels"))?, texts(item.get("annotations"))?);
        let (name, server, project) = (text("name")?, text("server")?, text("project")?);
        // Argo CD prints its own cluster as well, which needs no Secret.
        let is_own = name == IN_CLUSTER_NAME && address(&server) == IN_CLUSTER;
        if !is_own || !labels.is_empty() || !annotations.is_empty() || !project.is_empty() {
            labels.entry(SECRET_TYPE.to_owned()).or_insert_with(|| "cluster".to_owned());
        }
        clusters.push(checked(Cluster { name, server, project, labels, annotations })?);
    }
    Ok(())
}

/// Reads a Secret; returns whether it is that of a cluster.
fn secret(json: &Json, clusters: &mut Vec<Cluster>) -> Result<bool, String> {
    let metadata = json.get("metadata").unwrap_or(&Json::Null);
    let labels = texts(metadata.get("labels"))?;
    if labels.get(SECRET_TYPE).map(String::as_str) != Some("cluster") {
        return Ok(false);
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
    Ok(true)
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
