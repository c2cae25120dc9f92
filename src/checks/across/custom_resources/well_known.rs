//! The fields of custom resources that many repositories have without their definitions.

/// A way, and the fields that a mapping there may have.
type Fields = (&'static [&'static str], &'static [&'static str]);

const SPEC: &[&str] = &["spec"];

const APPLICATION: &[&str] = &[
    "destination",
    "ignoreDifferences",
    "info",
    "project",
    "revisionHistoryLimit",
    "source",
    "sourceHydrator",
    "sources",
    "syncPolicy",
];
const SYNC_POLICY: &[&str] = &["automated", "managedNamespaceMetadata", "retry", "syncOptions"];
const AUTOMATED: &[&str] = &["allowEmpty", "enabled", "prune", "selfHeal"];
const DESTINATION: &[&str] = &["name", "namespace", "server"];
const SOURCE: &[&str] = &[
    "chart",
    "directory",
    "helm",
    "kustomize",
    "name",
    "path",
    "plugin",
    "ref",
    "repoURL",
    "targetRevision",
];

static TABLE: &[(&str, &str, &[Fields])] = &[
    (
        "argoproj.io",
        "Application",
        &[
            (SPEC, APPLICATION),
            (&["spec", "syncPolicy"], SYNC_POLICY),
            (&["spec", "syncPolicy", "automated"], AUTOMATED),
            (&["spec", "destination"], DESTINATION),
            (&["spec", "source"], SOURCE),
        ],
    ),
    (
        "argoproj.io",
        "ApplicationSet",
        &[
            (
                SPEC,
                &[
                    "applyNestedSelectors",
                    "generators",
                    "goTemplate",
                    "goTemplateOptions",
                    "ignoreApplicationDifferences",
                    "preservedFields",
                    "strategy",
                    "syncPolicy",
                    "template",
                    "templatePatch",
                ],
            ),
            (&["spec", "template"], &["metadata", "spec"]),
            (&["spec", "template", "spec"], APPLICATION),
            (&["spec", "template", "spec", "syncPolicy"], SYNC_POLICY),
            (&["spec", "template", "spec", "syncPolicy", "automated"], AUTOMATED),
            (&["spec", "template", "spec", "destination"], DESTINATION),
            (&["spec", "template", "spec", "source"], SOURCE),
        ],
    ),
    (
        "argoproj.io",
        "AppProject",
        &[(
            SPEC,
            &[
                "clusterResourceBlacklist",
                "clusterResourceWhitelist",
                "description",
                "destinationServiceAccounts",
                "destinations",
                "namespaceResourceBlacklist",
                "namespaceResourceWhitelist",
                "orphanedResources",
                "permitOnlyProjectScopedClusters",
                "roles",
                "signatureKeys",
                "sourceNamespaces",
                "sourceRepos",
                "syncWindows",
            ],
        )],
    ),
    (
        "kustomize.toolkit.fluxcd.io",
        "Kustomization",
        &[(
            SPEC,
            &[
                "buildMetadata",
                "commonMetadata",
                "components",
                "decryption",
                "deletionPolicy",
                "dependsOn",
                "force",
                "healthCheckExprs",
                "healthChecks",
                "ignoreMissingComponents",
                "images",
                "interval",
                "kubeConfig",
                "namePrefix",
                "nameSuffix",
                "patches",
                "patchesJson6902",
                "patchesStrategicMerge",
                "path",
                "postBuild",
                "prune",
                "retryInterval",
                "serviceAccountName",
                "sourceRef",
                "suspend",
                "targetNamespace",
                "timeout",
                "validation",
                "wait",
            ],
        )],
    ),
    (
        "helm.toolkit.fluxcd.io",
        "HelmRelease",
        &[(
            SPEC,
            &[
                "chart",
                "chartRef",
                "commonMetadata",
                "dependsOn",
                "driftDetection",
                "healthCheckExprs",
                "install",
                "interval",
                "kubeConfig",
                "maxHistory",
                "persistentClient",
                "postRenderers",
                "releaseName",
                "rollback",
                "serviceAccountName",
                "storageNamespace",
                "suspend",
                "targetNamespace",
                "test",
                "timeout",
                "uninstall",
                "upgrade",
                "values",
                "valuesFrom",
                "waitStrategy",
            ],
        )],
    ),
    (
        "source.toolkit.fluxcd.io",
        "GitRepository",
        &[(
            SPEC,
            &[
                "accessFrom",
                "gitImplementation",
                "ignore",
                "include",
                "interval",
                "provider",
                "proxySecretRef",
                "recurseSubmodules",
                "ref",
                "secretRef",
                "serviceAccountName",
                "sparseCheckout",
                "suspend",
                "timeout",
                "url",
                "verify",
            ],
        )],
    ),
    (
        "external-secrets.io",
        "ExternalSecret",
        &[(
            SPEC,
            &["data", "dataFrom", "refreshInterval", "refreshPolicy", "secretStoreRef", "target"],
        )],
    ),
    ("cert-manager.io", "Issuer", &[(SPEC, ISSUER)]),
    ("cert-manager.io", "ClusterIssuer", &[(SPEC, ISSUER)]),
    (
        "cert-manager.io",
        "Certificate",
        &[(
            SPEC,
            &[
                "additionalOutputFormats",
                "commonName",
                "dnsNames",
                "duration",
                "emailAddresses",
                "encodeUsagesInRequest",
                "ipAddresses",
                "isCA",
                "issuerRef",
                "keystores",
                "literalSubject",
                "nameConstraints",
                "otherNames",
                "privateKey",
                "renewBefore",
                "renewBeforePercentage",
                "revisionHistoryLimit",
                "secretName",
                "secretTemplate",
                "signatureAlgorithm",
                "subject",
                "uriSANs",
                "uris",
                "usages",
            ],
        )],
    ),
    (
        "monitoring.coreos.com",
        "ServiceMonitor",
        &[(
            SPEC,
            &[
                "attachMetadata",
                "bodySizeLimit",
                "convertClassicHistogramsToNHCB",
                "endpoints",
                "fallbackScrapeProtocol",
                "jobLabel",
                "keepDroppedTargets",
                "labelLimit",
                "labelNameLengthLimit",
                "labelValueLengthLimit",
                "namespaceSelector",
                "nativeHistogramBucketLimit",
                "nativeHistogramMinBucketFactor",
                "podTargetLabels",
                "sampleLimit",
                "scrapeClass",
                "scrapeClassicHistograms",
                "scrapeNativeHistograms",
                "scrapeProtocols",
                "selector",
                "selectorMechanism",
                "serviceDiscoveryRole",
                "targetLabels",
                "targetLimit",
            ],
        )],
    ),
];

const ISSUER: &[&str] = &["acme", "ca", "selfSigned", "vault", "venafi"];

/// Returns the fields of a kind, if it is one of those.
pub(in crate::checks) fn fields(group: &str, kind: &str) -> &'static [Fields] {
    let found = TABLE.iter().find(|(of, name, _)| *of == group && *name == kind);
    found.map_or(&[], |(_, _, fields)| fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_with_their_group() {
        assert!(!fields("argoproj.io", "Application").is_empty());
        assert!(fields("app.k8s.io", "Application").is_empty());
    }
}
