//! Makes a service account that acts as one of the cloud's (docs/spec/plugins.md, section 2).

use serde::Deserialize;

use crate::diagnostics::{Error, ErrorKind, Result};
use crate::yaml::embedded;

/// The config of an `IAMPolicyGenerator`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct IamPolicyArgs {
    /// The cloud; only `gke` is known.
    #[serde(deserialize_with = "embedded")]
    pub(crate) cloud: String,
    /// The account in the cluster.
    #[serde(deserialize_with = "embedded")]
    pub(crate) kubernetes_service: KubernetesService,
    /// The account in the cloud.
    #[serde(deserialize_with = "embedded")]
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

/// Writes the service account.
///
/// Odd: as a text that is read again, so that an empty name is none, a number stays one, and ` #`
/// starts a comment (case plugins/iam-policy-is-a-text).
///
/// # Errors
/// If the cloud is not known.
pub(crate) fn iam_policy(args: &IamPolicyArgs) -> Result<String> {
    if args.cloud != "gke" {
        let message = format!("cloud provider {} not supported yet", args.cloud);
        return Err(Error::new(ErrorKind::Generator, message));
    }
    let ServiceAccount { name: account, project_id } = &args.service_account;
    let KubernetesService { name, namespace } = &args.kubernetes_service;
    let mut text = format!(
        "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  annotations:\n    \
         iam.gke.io/gcp-service-account: {account}@{project_id}.iam.gserviceaccount.com\n  \
         name: {name}\n"
    );
    if !namespace.is_empty() {
        text.push_str(&format!("  namespace: {namespace}\n"));
    }
    Ok(text)
}
