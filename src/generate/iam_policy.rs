//! Makes a service account that acts as one of the cloud's.

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::resource::Resource;
use crate::yaml::{Mapping, Node, Pos};

/// The config of an `IAMPolicyGenerator`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct IamPolicyArgs {
    /// The cloud; only `gke` is known.
    pub(crate) cloud: String,
    /// The account in the cluster.
    pub(crate) kubernetes_service: KubernetesService,
    /// The account in the cloud.
    pub(crate) service_account: ServiceAccount,
}

/// An account in the cluster.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct KubernetesService {
    /// Its name.
    pub(crate) name: String,
    /// Its namespace.
    pub(crate) namespace: String,
}

/// An account in the cloud.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ServiceAccount {
    /// Its name.
    pub(crate) name: String,
    /// Its project.
    pub(crate) project_id: String,
}

/// Makes the service account.
///
/// # Errors
/// If the cloud is not known.
pub(crate) fn iam_policy(args: &IamPolicyArgs, at: Pos) -> Result<Resource> {
    if args.cloud != "gke" {
        let message = format!("cloud provider {} not supported yet", args.cloud);
        return Err(Error::new(ErrorKind::Generator, message).at(at));
    }
    let string = |text: &str| Node::str(text).at(at);
    let mut annotations = Mapping::new();
    let ServiceAccount { name, project_id } = &args.service_account;
    annotations.push(
        Node::plain("iam.gke.io/gcp-service-account"),
        string(&format!("{name}@{project_id}.iam.gserviceaccount.com")),
    );
    let mut metadata = Mapping::new();
    metadata.push(Node::plain("annotations"), Node::map(annotations));
    // As text that is read again: an empty name is none, and a number stays one.
    metadata.push(Node::plain("name"), Node::plain(args.kubernetes_service.name.as_str()).at(at));
    let namespace = args.kubernetes_service.namespace.as_str();
    if !namespace.is_empty() {
        metadata.push(Node::plain("namespace"), Node::plain(namespace).at(at));
    }
    let mut object = Mapping::new();
    object.push(Node::plain("apiVersion"), string("v1"));
    object.push(Node::plain("kind"), string("ServiceAccount"));
    object.push(Node::plain("metadata"), Node::map(metadata).at(at));
    Ok(Resource::new(Node::map(object).at(at)))
}
