//! The trees that the benches, the growth test and `generate.rs` share.
//!
//! Every tree is made from numbers alone, so that all of them see the same bytes.

#![allow(dead_code)] // each of them uses a part

use std::fmt::Write;
use std::path::{Path, PathBuf};

use kustom::MemoryFs;

/// Files, and the directories among them that are built.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Paths from the root of the tree, and texts.
    pub(crate) files: Vec<(String, String)>,
    /// What is built, in order.
    pub(crate) roots: Vec<String>,
}

/// The trees of the bench, by name.
pub(crate) const NAMES: [&str; 14] = [
    "small",
    "patched",
    "fleet-30",
    "flat-70",
    "flat-700",
    "flat-2100",
    "flat-7000",
    "chain-20",
    "components-20",
    "patches-500",
    "references-400",
    "crds-54",
    "replacements-500",
    "images-1000",
];

/// Returns the tree of a name: one of [`NAMES`], or one of these with another number.
pub(crate) fn tree(name: &str) -> Option<Tree> {
    let Some((name, count)) = name.split_once('-') else {
        return match name {
            "small" => Some(small()),
            "patched" => Some(patched()),
            _ => None,
        };
    };
    let count = count.parse().ok()?;
    Some(match name {
        "fleet" => fleet(count),
        "flat" => flat(count / 7),
        "chain" => chain(count),
        "components" => components(count),
        "patches" => patches(count),
        "references" => references(count),
        "crds" => crds(count),
        "replacements" => replacements(count),
        "images" => images(count),
        _ => return None,
    })
}

impl Tree {
    /// Adds an overlay of one service that patches its deployment.
    fn add_patched(&mut self, root: &str, base: &str, replicas: usize) {
        let mut text = overlay(base, 1, 3);
        text.push_str("patches:\n- path: patch.yaml\n");
        self.add(format!("{root}/kustomization.yaml"), text);
        self.add(
            format!("{root}/patch.yaml"),
            format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: service-0\nspec:\n  \
                 replicas: {}\n  template:\n    spec:\n      containers:\n      - name: main\n        \
                 resources:\n          limits:\n            memory: {}Mi\n",
                replicas + 1,
                256 << replicas
            ),
        );
    }

    fn add(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.files.push((path.into(), text.into()));
    }

    fn with_root(mut self, root: impl Into<String>) -> Tree {
        self.roots.push(root.into());
        self
    }

    /// Returns a file system with the files, and the paths of the roots.
    pub(crate) fn in_memory(&self) -> (MemoryFs, Vec<PathBuf>) {
        let mut files = MemoryFs::new();
        for (path, text) in &self.files {
            files.insert(path, text.as_str());
        }
        (files, self.roots.iter().map(|root| Path::new("/").join(root)).collect())
    }

    /// Writes the files below `directory` and returns the paths of the roots.
    pub(crate) fn write(&self, directory: &Path) -> std::io::Result<Vec<PathBuf>> {
        for (path, text) in &self.files {
            let path = directory.join(path);
            std::fs::create_dir_all(path.parent().unwrap_or(directory))?;
            std::fs::write(path, text)?;
        }
        Ok(self.roots.iter().map(|root| directory.join(root)).collect())
    }
}

/// One overlay of one service: 7 resources.
fn small() -> Tree {
    let mut tree = Tree::default();
    service_base(&mut tree, "base", 1);
    tree.add("overlay/kustomization.yaml", overlay("../base", 1, 3));
    tree.with_root("overlay")
}

/// As [`small`], with a strategic merge patch: for one the reference reads its schemas first.
fn patched() -> Tree {
    let mut tree = Tree::default();
    service_base(&mut tree, "base", 1);
    tree.add_patched("overlay", "../base", 0);
    tree.with_root("overlay")
}

/// `services` services with three environments each.
fn fleet(services: usize) -> Tree {
    let mut tree = Tree::default();
    for i in 0..services {
        service_base(&mut tree, &format!("apps/app-{i}/base"), 1);
        for (replicas, environment) in ["dev", "staging", "prod"].iter().enumerate() {
            let root = format!("apps/app-{i}/overlays/{environment}");
            tree.add_patched(&root, "../../base", replicas);
            tree.roots.push(root);
        }
    }
    tree
}

/// One base of `services` services, and an overlay that changes all of them.
fn flat(services: usize) -> Tree {
    let mut tree = Tree::default();
    service_base(&mut tree, "base", services);
    tree.add("overlay/kustomization.yaml", overlay("../base", services, 50));
    tree.with_root("overlay")
}

/// `overlays` overlays one on top of the other.
fn chain(overlays: usize) -> Tree {
    let mut tree = Tree::default();
    service_base(&mut tree, "layer-0", 10);
    for i in 1..=overlays {
        tree.add(
            format!("layer-{i}/kustomization.yaml"),
            format!(
                "resources:\n- ../layer-{}\nnamePrefix: l{i}-\nlabels:\n- includeSelectors: true\n  pairs:\n    \
                 layer-{i}: \"yes\"\npatches:\n- target:\n    kind: Deployment\n    name: .*service-3\n  \
                 patch: |-\n    - op: add\n      path: /metadata/annotations/layer-{i}\n      value: patched\n",
                i - 1
            ),
        );
    }
    tree.with_root(format!("layer-{overlays}"))
}

/// `count` deployments, and a patch with a target for each: merges and JSON patches in turn.
fn patches(count: usize) -> Tree {
    let mut tree = Tree::default();
    deployments(&mut tree, count);
    let mut text = "resources:\n- ../base\npatches:\n".to_owned();
    for i in 0..count {
        let _ = write!(
            text,
            "- target:\n    group: apps\n    version: v1\n    kind: Deployment\n    name: service-{i}\n"
        );
        let _ = if i % 2 == 0 {
            write!(
                text,
                "  patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata:\n      name: any\n    \
                 spec:\n      replicas: {i}\n      template:\n        spec:\n          containers:\n          \
                 - name: main\n            env:\n            - name: PATCHED\n              value: \"{i}\"\n"
            )
        } else {
            write!(
                text,
                "  patch: |-\n    - op: replace\n      path: /spec/replicas\n      value: {i}\n    \
                 - op: add\n      path: /spec/template/spec/containers/0/env/-\n      \
                 value: {{name: PATCHED, value: \"{i}\"}}\n"
            )
        };
    }
    tree.add("overlay/kustomization.yaml", text);
    tree.with_root("overlay")
}

/// Deployments that name `count` config maps and secrets, twenty each, all renamed.
fn references(count: usize) -> Tree {
    let mut tree = Tree::default();
    let mut text = String::new();
    for i in 0..count {
        let _ = write!(
            text,
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: map-{i}\ndata:\n  key: value-{i}\n---\n\
             apiVersion: v1\nkind: Secret\nmetadata:\n  name: secret-{i}\ndata:\n  key: dmFsdWU=\n---\n"
        );
    }
    for i in 0..count / 2 {
        let _ = write!(
            text,
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: user-{i}\nspec:\n  template:\n    \
             spec:\n      containers:\n      - name: main\n        image: image\n        envFrom:\n"
        );
        for j in 0..10 {
            let _ = write!(
                text,
                "        - configMapRef:\n            name: map-{}\n",
                (i * 7 + j) % count
            );
        }
        text.push_str("      volumes:\n");
        for j in 0..10 {
            let _ = write!(
                text,
                "      - name: volume-{j}\n        secret:\n          secretName: secret-{}\n",
                (i * 11 + j) % count
            );
        }
        text.push_str("---\n");
    }
    tree.add("base/all.yaml", text);
    tree.add("base/kustomization.yaml", "resources:\n- all.yaml\n");
    tree.add(
        "overlay/kustomization.yaml",
        "resources:\n- ../base\nnamePrefix: p-\nnameSuffix: -s\nnamespace: everywhere\n",
    );
    tree.with_root("overlay")
}

/// `count` definitions of about 100 KB each, with a label for all.
fn crds(count: usize) -> Tree {
    let mut tree = Tree::default();
    let mut list = "resources:\n".to_owned();
    for i in 0..count {
        let mut text = format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  \
             annotations:\n    controller-gen.kubebuilder.io/version: v0.16.5\n  name: \
             things{i}.example.com\nspec:\n  group: example.com\n  names:\n    kind: Thing{i}\n    \
             listKind: Thing{i}List\n    plural: things{i}\n    singular: thing{i}\n  scope: \
             Namespaced\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      \
             openAPIV3Schema:\n        description: Thing{i} is the Schema for the things API.\n        \
             properties:\n"
        );
        for j in 0..60 {
            let _ = write!(
                text,
                "          section{j}:\n            description: |-\n              Section {j} says how the \
                 part with this number is to be set up.\n              More info: \
                 https://example.com/docs/things/sections#section-{j}\n            properties:\n"
            );
            for k in 0..4 {
                let _ = write!(
                    text,
                    "              field{k}:\n                description: 'Field {k}: what the \
                     controller does when section {j} asks for it, which is not often.'\n                \
                     items:\n                  properties:\n                    name:\n                      \
                     description: Name of the referent; must be unique among all\n                        \
                     of the parts of this section, and is immutable.\n                      type: string\n                    \
                     weight:\n                      format: int32\n                      maximum: 100\n                      \
                     minimum: 0\n                      type: integer\n                  required:\n                  \
                     - name\n                  type: object\n                type: array\n                \
                     x-kubernetes-list-type: atomic\n"
                );
            }
            text.push_str("            type: object\n");
        }
        text.push_str("        type: object\n");
        tree.add(format!("base/crd-{i}.yaml"), text);
        let _ = writeln!(list, "- crd-{i}.yaml");
    }
    tree.add("base/kustomization.yaml", list);
    tree.add(
        "overlay/kustomization.yaml",
        "resources:\n- ../base\ncommonLabels:\n  app.kubernetes.io/part-of: things\nnamespace: things\n",
    );
    tree.with_root("overlay")
}

/// `count` deployments, and values that are put into fields of all or of many of them.
fn replacements(count: usize) -> Tree {
    let mut tree = Tree::default();
    deployments(&mut tree, count);
    let mut text = "resources:\n- ../base\n- source.yaml\nreplacements:\n".to_owned();
    for i in 0..20 {
        let target =
            if i % 2 == 0 { "kind: Deployment" } else { "kind: Deployment\n      group: apps" };
        let _ = write!(
            text,
            "- source:\n    kind: ConfigMap\n    name: source\n    fieldPath: data.key-{i}\n  targets:\n  \
             - select:\n      {target}\n    fieldPaths:\n    - spec.template.metadata.annotations.key-{i}\n    \
             - metadata.annotations.key-{i}\n    options:\n      create: true\n"
        );
    }
    let mut source =
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: source\ndata:\n".to_owned();
    for i in 0..20 {
        let _ = writeln!(source, "  key-{i}: value-{i}");
    }
    tree.add("overlay/source.yaml", source);
    tree.add("overlay/kustomization.yaml", text);
    tree.with_root("overlay")
}

/// `count` deployments and as many images.
fn images(count: usize) -> Tree {
    let mut tree = Tree::default();
    deployments(&mut tree, count);
    let mut text = "resources:\n- ../base\nimages:\n".to_owned();
    for i in 0..count {
        let _ = write!(
            text,
            "- name: registry.example.com/team/service-{i}\n  newName: mirror.example.com/service-{i}\n  \
             newTag: v2.{i}\n"
        );
    }
    tree.add("overlay/kustomization.yaml", text);
    tree.with_root("overlay")
}

/// A base and `count` components on it.
fn components(count: usize) -> Tree {
    let mut tree = Tree::default();
    service_base(&mut tree, "base", 20);
    let mut text = "resources:\n- ../base\ncomponents:\n".to_owned();
    for i in 0..count {
        let _ = writeln!(text, "- ../components/c{i}");
        tree.add(
            format!("components/c{i}/kustomization.yaml"),
            format!(
                "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources:\n- map.yaml\n\
                 patches:\n- target:\n    kind: Deployment\n  patch: |-\n    apiVersion: apps/v1\n    \
                 kind: Deployment\n    metadata:\n      name: any\n    spec:\n      template:\n        spec:\n          \
                 containers:\n          - name: main\n            env:\n            - name: COMPONENT_{i}\n              \
                 value: \"on\"\n"
            ),
        );
        tree.add(
            format!("components/c{i}/map.yaml"),
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: component-{i}\ndata:\n  a: b\n"
            ),
        );
    }
    tree.add("overlay/kustomization.yaml", text);
    tree.with_root("overlay")
}

/// Adds a base of deployments `service-0`, `service-1` and so on.
fn deployments(tree: &mut Tree, count: usize) {
    let mut all = String::new();
    for i in 0..count {
        deployment(&mut all, i);
    }
    tree.add("base/all.yaml", all);
    tree.add("base/kustomization.yaml", "resources:\n- all.yaml\n");
}

/// Adds a base of services with seven resources each: five in a file, two generated.
fn service_base(tree: &mut Tree, directory: &str, services: usize) {
    let (mut list, mut maps, mut secrets) = (String::new(), String::new(), String::new());
    for i in 0..services {
        let mut text = String::new();
        deployment(&mut text, i);
        let _ = write!(
            text,
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: service-{i}\n  labels:\n    app: \
             service-{i}\nspec:\n  selector:\n    app: service-{i}\n  ports:\n  - name: http\n    port: \
             80\n    targetPort: http\n    protocol: TCP\n---\n\
             apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: service-{i}\n  annotations:\n    \
             eks.amazonaws.com/role-arn: arn:aws:iam::123456789012:role/service-{i}\n---\n\
             apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: \
             service-{i}\nspec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    \
             name: service-{i}\n  minReplicas: 2\n  maxReplicas: 10\n  metrics:\n  - type: Resource\n    \
             resource:\n      name: cpu\n      target:\n        type: Utilization\n        \
             averageUtilization: 80\n---\n\
             apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: service-{i}\n  \
             annotations:\n    nginx.ingress.kubernetes.io/proxy-body-size: 10m\nspec:\n  \
             ingressClassName: nginx\n  rules:\n  - host: service-{i}.example.com\n    http:\n      \
             paths:\n      - path: /\n        pathType: Prefix\n        backend:\n          service:\n            \
             name: service-{i}\n            port:\n              name: http\n"
        );
        tree.add(format!("{directory}/service-{i}.yaml"), text);
        let _ = writeln!(list, "- service-{i}.yaml");
        let _ = write!(
            maps,
            "- name: service-{i}-config\n  literals:\n  - LOG_LEVEL=info\n  - LISTEN=0.0.0.0:8080\n  \
             - URL=https://service-{i}.example.com/api?x=1&y=2\n"
        );
        let _ = write!(
            secrets,
            "- name: service-{i}-secret\n  literals:\n  - PASSWORD=correct-horse-{i}\n  - TOKEN=t{i}\n"
        );
    }
    tree.add(
        format!("{directory}/kustomization.yaml"),
        format!(
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n{list}\
             configMapGenerator:\n{maps}secretGenerator:\n{secrets}"
        ),
    );
}

fn deployment(out: &mut String, i: usize) {
    let _ = write!(
        out,
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: service-{i}\n  labels:\n    app: \
         service-{i}\n    tier: backend\n  annotations:\n    description: \"Service number {i}: does its \
         part.\"\nspec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app: service-{i}\n  \
         strategy:\n    type: RollingUpdate\n    rollingUpdate:\n      maxSurge: 25%\n      \
         maxUnavailable: 0\n  template:\n    metadata:\n      labels:\n        app: service-{i}\n      \
         annotations:\n        prometheus.io/scrape: \"true\"\n        prometheus.io/port: \"9090\"\n    \
         spec:\n      serviceAccountName: service-{i}\n      securityContext:\n        runAsNonRoot: \
         true\n        runAsUser: 1000\n      containers:\n      - name: main\n        image: \
         registry.example.com/team/service-{i}:v1.{i}.0\n        args: [\"--port=8080\", \
         \"--log-format=json\"]\n        ports:\n        - name: http\n          containerPort: 8080\n        \
         - name: metrics\n          containerPort: 9090\n        env:\n        - name: POD_NAME\n          \
         valueFrom:\n            fieldRef:\n              fieldPath: metadata.name\n        - name: \
         PASSWORD\n          valueFrom:\n            secretKeyRef:\n              name: \
         service-{i}-secret\n              key: PASSWORD\n        envFrom:\n        - configMapRef:\n            \
         name: service-{i}-config\n        resources:\n          requests:\n            cpu: 100m\n            \
         memory: 128Mi\n          limits:\n            cpu: \"1\"\n            memory: 256Mi\n        \
         readinessProbe:\n          httpGet:\n            path: /healthz\n            port: http\n          \
         initialDelaySeconds: 5\n          periodSeconds: 10\n        volumeMounts:\n        - name: \
         config\n          mountPath: /etc/service\n          readOnly: true\n      volumes:\n      - name: \
         config\n        configMap:\n          name: service-{i}-config\n---\n"
    );
}

/// Returns an overlay with a namespace, prefix, labels, annotations and `images` images.
fn overlay(base: &str, services: usize, images: usize) -> String {
    let mut text = format!(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- {base}\n\
         namespace: production\nnamePrefix: prod-\nlabels:\n- includeSelectors: true\n  pairs:\n    \
         app.kubernetes.io/part-of: platform\n    environment: production\ncommonAnnotations:\n  \
         owner: platform-team\n  docs: https://wiki.example.com/platform\nimages:\n"
    );
    for i in 0..images {
        let i = i * services.div_ceil(images);
        let _ = write!(text, "- name: registry.example.com/team/service-{i}\n  newTag: v2.{i}.1\n");
    }
    text
}
